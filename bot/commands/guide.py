"""The help that is posted and the page in the docs, both made from the table."""

from __future__ import annotations

from collections.abc import Iterable

from bot.commands.parse import Parsed
from bot.commands.table import PREFIX, TABLE, Audience, Who, Word

_WHO = {
    Who.ANYBODY: "anybody",
    Who.READ: "whoever can read the project",
    Who.TRIAGE: "triage and up",
    Who.WRITE: "write and up",
}


def help_text(audience: Audience | str) -> str:
    """The commands for one audience as a Markdown list. No line of it begins with a slash."""
    rows = [row for row in TABLE if audience in row.audience]
    return "\n".join(f"- `{row.usage}`: {row.does} ({_WHO[row.who]})" for row in rows)


def unknown_text(unknown: Iterable[Parsed], audience: Audience | str) -> str:
    """What is answered to words that are none, or that lack their argument: what was meant, and the list."""
    lines = [_taught(parsed) for parsed in unknown]
    return "\n".join([*lines, "", "What can be said here:", "", help_text(audience)])


def _taught(parsed: Parsed) -> str:
    if parsed.known:
        return f"`{parsed.word}`: {parsed.problem}."
    shown = "".join(char for char in parsed.word if char.isalnum() or char in "-_")
    meant = f" Was `{PREFIX} {parsed.near}` meant?" if parsed.near else ""
    return f"There is no command `{shown or '?'}`.{meant}"


def manual() -> str:
    """The page `docs/commands.md`."""
    return _TOP + "\n".join(_section(audience, title) for audience, title in _SECTIONS) + _BOTTOM


_SECTIONS = (
    (Audience.CHANGE, "On a change"),
    (Audience.UPSTREAM, "In a thread upstream"),
)


def _section(audience: Audience, title: str) -> str:
    rows = "\n".join(_row(row) for row in TABLE if audience in row.audience)
    head = "| command | what it does | taken back by | who may |\n| --- | --- | --- | --- |"
    return f"## {title}\n\n{head}\n{rows}\n"


def _row(row: Word) -> str:
    opposite = f"`{row.opposite}`" if row.opposite else ""
    who = _WHO[row.who] + (f": {row.why}" if row.why else "")
    return f"| `{row.usage}` | {row.does} | {opposite} | {who} |"


_TOP = """# Commands

<!-- Made from bot/commands/table.py; a test keeps it current. -->

The same words work on GitHub (pull-request comments, review comments, reviews, issues) and on Gerrit (reply box,
inline comments). A command begins a line or stands in a list item. Several may stand in one comment; quoted lines,
code, hidden text and what an e-mail client quotes are not read. Case and punctuation do not matter, `/upstream` is
`/upriver`, and `/upriver` alone is `/upriver help`. An edited comment is read again.

"""

_BOTTOM = """
## How a permission is found

| level | on GitHub, in your own repositories | on GitHub, elsewhere | on Gerrit (each can be set, see `gerrit.md`) |
| --- | --- | --- | --- |
| owner | admin | `author_association` OWNER | |
| maintain | maintain | | member of a configured group |
| write | write | MEMBER, COLLABORATOR | gave a configured vote on the change |
| triage | triage | | the change's owner |
| read | read | | everybody else who can comment |
| none | no access | everybody else | |

The forge is asked; what a comment claims does not count. Machines, Upriver itself among them, are not obeyed.
Every command is recorded with who said it and when. It is acknowledged at once where the forge can (a reaction on
GitHub) and answered once, in the thread in which it was said; the answer is edited rather than repeated where the
forge can. In a thread upstream, `stop` and `not-ours` count from anybody; other words of people without a permission
there are refused without an answer. Launchpad can't be asked for permissions: in its threads those two count, quietly,
and nothing else does.
"""
