"""Which of a test run's reports a row of its summary names.

pytest's summary gives the tests' ids; their reports have titles, of which two tests may have the same, or none at all.
So a row is joined with the first report that has its title and no row yet, and where no title fits, with one whose
exception it names; a row that says nothing but an id is told by its place in the order.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from bot.extract.found import Found
from bot.model import Phase, Raised, Totals
from bot.patterns import pattern

ROW = "pytest-summary"
"""The dialect of what only a summary's row says."""
_ORDINARY = pattern(r"(?:.*[. ])?test\w*")
"""Titles of tests that are functions; what plug-ins collect beside them has titles of its own."""
_FUNCTION = pattern(r"(?:.*[. ])?test\w*(?:\[.*\])?$")
"""As `_ORDINARY`, up to the title's end."""


class Segment(Struct):
    """A stretch of the log: up to the totals of a test run, or to the next step."""

    totals: Totals | None = None


class Entry(Struct):
    """A failure as far as it is known."""

    found: Found
    shift: int
    """Lines by which it stands further down than it says: it was found once before (`bot.extract.echoes`)."""
    segment: Segment
    order: int
    times: int = 1
    node: str | None = None
    """The test's id as the summary prints it."""
    rows: int = 0
    rank: int = 0
    run: int = 0
    """The last test run that reported it."""

    def complete(self, exception: str, message: str, notes: tuple[str, ...]) -> None:
        """What a report lacks (its end was cut), its row may say."""
        last = self.found.chain[-1]
        if last.exception or not (exception or message):
            return
        if last.message:
            first, line, rest = last.message.partition("\n")
            if exception or first == message or not first.endswith(message):
                return
            message += line + rest  # what a plug-in put before it is a place
        parts = (*self.found.chain[:-1], replace(last, exception=exception, message=message, notes=notes))
        self.found = replace(self.found, chain=parts)


class Reports:
    """The reports of a test run that its summary may name."""

    def __init__(self, run: int = 1) -> None:
        self.run = run
        self._all: list[Entry] = []
        self._by_title: dict[str, list[Entry]] = {}

    @property
    def any(self) -> bool:
        """Whether there are any."""
        return bool(self._all)

    def add(self, entry: Entry) -> None:
        """The run reports a failure, perhaps one that it or another run reported before."""
        if entry.run == self.run:
            return
        entry.run = self.run
        self._all.append(entry)
        if entry.found.test:
            self._by_title.setdefault(entry.found.test, []).append(entry)

    def named(self, kind: str, test: str, exception: str, message: str) -> Entry | None:
        """The report that a row belongs to."""
        fitting = self._titled(kind, test)
        if not fitting:
            fitting = [
                entry
                for entry in self._all
                if entry.found.test is None and not entry.rows and _agree(entry.found.chain[-1], exception, message)
            ]
            if not (exception or message):  # all that is known is that both stand in one order
                return next(iter(fitting or self._titled_oddly(kind)), None)
        if not fitting and message:
            fitting = self._agreeing(kind, exception, message)
        path = test.split("::", 1)[0]
        return next((entry for entry in fitting if in_file(entry.found, path)), next(iter(fitting), None))

    def _titled(self, kind: str, test: str) -> list[Entry]:
        """Reports that have the test's title."""
        titles = self._by_title
        entries = titles.get(title_of(test)) or titles.get(test) or titles.get(_base_title(test)) or []
        alike = [entry for entry in entries if _kind(entry.found) == kind]
        return [entry for entry in alike if not entry.rows] or [entry for entry in alike if entry.node == test]

    def _agreeing(self, kind: str, exception: str, message: str) -> list[Entry]:
        """Reports with titles of their own that tell of a row's exception."""
        return [
            entry
            for entry in self._all
            if not entry.rows
            and _kind(entry.found) == kind
            and entry.found.dialect != ROW
            and not _ORDINARY.match(entry.found.test or "test")
            and _agree(entry.found.chain[-1], exception, message)
        ]

    def _titled_oddly(self, kind: str) -> list[Entry]:
        """Reports of what is no function: of files that a checker looked at, whose titles are the checker's."""
        return [
            entry
            for entry in self._all
            if not entry.rows
            and _kind(entry.found) == kind
            and entry.found.dialect == "pytest"
            and not entry.found.chain[-1].exception
            and not _FUNCTION.match(entry.found.test or "test")
        ]


def _kind(found: Found) -> str:
    return "ERROR" if found.phase in {Phase.SETUP, Phase.TEARDOWN, Phase.COLLECT} else "FAILED"


def title_of(node: str) -> str:
    """The title that pytest prints for a node's report."""
    path, sep, name = node.partition("::")
    if not sep:
        return path
    head, bracket, params = name.partition("[")
    return head.replace("::", ".") + bracket + params


def _base_title(node: str) -> str:
    return "[doctest] " + node.partition("::")[2]


def _agree(raised: Raised, exception: str, message: str) -> bool:
    """Whether a summary's cut message may be this exception's."""
    said = message.split("\n", 1)[0].rstrip(". ")
    if said.startswith('File "'):  # a syntax error's first line is its place
        return raised.exception.endswith(("SyntaxError", "IndentationError", "TabError")) or raised.message == said
    return (
        not exception or exception.rsplit(".", 1)[-1] == raised.exception.rsplit(".", 1)[-1]
    ) and raised.message.startswith(said.removesuffix("..."))


def in_file(found: Found, path: str) -> bool:
    """Whether a failure has to do with a file."""
    return any(frame.file.replace("\\", "/").endswith(path) for part in found.chain for frame in part.frames[:3])
