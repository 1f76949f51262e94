"""The one table of the words that people may say to Upriver.

Help, documentation, parsing and authorisation are made from it: a new word is one row here and its effect in policy.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

PREFIX = "/upriver"
ALIASES = ("/upriver", "/upstream")
"""What a command may begin with; the first is the one that is taught."""


class Audience(StrEnum):
    """Whose people are speaking: those of the failing change, or those of the library in its own thread."""

    CHANGE = "change"
    UPSTREAM = "upstream"


class Who(StrEnum):
    """The least permission that a word needs, from the loosest."""

    ANYBODY = "anybody"
    """Whoever can write there, since the word only makes Upriver quieter in that thread."""
    READ = "read"
    """Whoever can read the project: the word only asks."""
    TRIAGE = "triage"
    """Whoever looks after reports or this change: the word steers what happens here."""
    WRITE = "write"
    """Whoever could merge: the word decides what is said elsewhere in the project's name."""


class Argument(StrEnum):
    """What may stand after a word."""

    NONE = ""
    URL = "URL"
    DISTRIBUTION = "DIST"
    DAYS = "[DAYS]"
    VERSION = "VERSION"


class Word(Struct, frozen=True, kw_only=True):
    """One row: a word, what it does, what takes it back and who may say it."""

    word: str
    does: str
    who: Who
    audience: tuple[Audience, ...] = (Audience.CHANGE,)
    argument: Argument = Argument.NONE
    opposite: str | None = None
    why: str = ""
    """Why exactly these people may, where that is not plain."""

    @property
    def usage(self) -> str:
        """How it is written."""
        return f"{PREFIX} {self.word} {self.argument}".rstrip()


CHANGE = (Audience.CHANGE,)
UPSTREAM = (Audience.UPSTREAM,)
BOTH = (Audience.CHANGE, Audience.UPSTREAM)

TABLE: tuple[Word, ...] = (
    Word(word="help", does="Lists these commands.", who=Who.READ, audience=BOTH),
    Word(
        word="explain",
        does="Shows the whole evidence: what was seen, in which line, and what would change the verdict.",
        who=Who.READ,
    ),
    Word(
        word="status",
        does="Says how the bug stands: where it was seen, whether it is reported, and what is waited for.",
        who=Who.READ,
        audience=BOTH,
    ),
    Word(word="pin", does="Prints the constraint that gets round the bug.", who=Who.READ),
    Word(
        word="file",
        does="Sends the drafted report. From everybody else it is answered with the link that does it by hand.",
        who=Who.WRITE,
        opposite="hold",
        why="the report goes out in the project's name",
    ),
    Word(
        word="filed",
        does="Says that the bug is reported at that address; Upriver follows it and opens nothing else.",
        who=Who.WRITE,
        argument=Argument.URL,
        opposite="undo",
        why="it decides where everybody else is sent",
    ),
    Word(word="hold", does="Keeps the report back until `resume`.", who=Who.TRIAGE, opposite="resume"),
    Word(word="resume", does="Ends `hold`.", who=Who.TRIAGE, opposite="hold"),
    Word(
        word="not-upstream",
        does="Says that the fault is this project's own: no advice and no report for this bug.",
        who=Who.WRITE,
        opposite="undo",
        why="it outranks the machine for every change that meets the bug",
    ),
    Word(
        word="blame",
        does="Names the distribution that has to change, and judges again with that.",
        who=Who.WRITE,
        argument=Argument.DISTRIBUTION,
        opposite="undo",
        why="it decides whom the report goes to",
    ),
    Word(
        word="undo",
        does="Takes back the last word of those that have no opposite of their own in this table.",
        who=Who.WRITE,
        audience=BOTH,
        why="what it takes back needs as much",
    ),
    Word(
        word="dup",
        does="Says that the bug is the one reported at that address.",
        who=Who.WRITE,
        argument=Argument.URL,
        opposite="undup",
        why="it joins what other people see",
    ),
    Word(word="undup", does="Parts what `dup` joined.", who=Who.WRITE, opposite="dup"),
    Word(
        word="ignore",
        does="Says nothing about this bug here for so many days; without a number, for good.",
        who=Who.TRIAGE,
        argument=Argument.DAYS,
        opposite="unignore",
    ),
    Word(word="unignore", does="Ends `ignore`.", who=Who.TRIAGE, opposite="ignore"),
    Word(
        word="retry",
        does="Judges the job again, with what is known by now.",
        who=Who.TRIAGE,
        why="it costs a fetch and a judgement",
    ),
    Word(
        word="stop",
        does="Upriver says nothing more in this thread.",
        who=Who.ANYBODY,
        audience=BOTH,
        opposite="start",
        why="quiet is the safe direction",
    ),
    Word(
        word="start",
        does="Ends `stop`.",
        who=Who.WRITE,
        audience=BOTH,
        opposite="stop",
        why="not everybody may make it louder again",
    ),
    Word(
        word="fixed-in",
        does="Says which release has the fix; waiting changes are told when it is out.",
        who=Who.TRIAGE,
        audience=UPSTREAM,
        argument=Argument.VERSION,
        opposite="undo",
    ),
    Word(
        word="not-ours",
        does="Says that the fault is not this library's; Upriver withdraws and says nothing more in this thread.",
        who=Who.ANYBODY,
        audience=UPSTREAM,
        opposite="undo",
        why="quiet is the safe direction",
    ),
    Word(
        word="needs-info",
        does="Asks for more; Upriver adds what it has, once.",
        who=Who.TRIAGE,
        audience=UPSTREAM,
    ),
)

_BY_WORD = {row.word: row for row in TABLE}
_LOOSE = {row.word.replace("-", ""): row for row in TABLE}


def word(text: str) -> Word | None:
    """The row of a word in any spelling: case, `not_upstream`, `notupstream`; None where there is none."""
    lower = text.lower()
    return _BY_WORD.get(lower) or _LOOSE.get(lower.replace("-", "").replace("_", ""))
