"""One test's report in pytest's every `--tb` style.

`Report` is fed the lines and builds the chain: in the long style an exception's `E` lines come before the line that
says where it was raised, in the short style after the frames; in the native style there is a traceback as CPython
prints it. A rule of `-` opens what the test printed.
"""

from __future__ import annotations

from msgspec.structs import replace

from bot.extract import cpython, ipython_report
from bot.extract.chunk import PAGE
from bot.extract.forms import CAUSE, CONTEXT, HEADER, SENTENCES, is_header
from bot.extract.found import Found
from bot.extract.ledger import Ledger
from bot.extract.prefixes import Prefix
from bot.extract.pytest_errors import dedented, explained, is_place
from bot.extract.pytest_rules import CAPTURED, SECTION, is_separator, title
from bot.extract.text import View
from bot.model import Frame, Phase, Raised, Relation
from bot.patterns import pattern

PLACE = pattern(
    r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:](?:[^:\n]*[^\s:])?|<[^<>]+>):(?P<line>\d+): ?(?P<rest>in .*|[^\W\d][\w.]*(?:\.<locals>\.\w+)?|)\s*$"
)
_EXAMPLE = ("Expected", "Got:", "Differences (")
_DEF = pattern(r"\s*(?:>\s*)?(?:async )?def (?P<name>\w+)\(")
AT = pattern(r"ERROR at (?P<phase>setup|teardown) of (?P<name>.*)$")
_COLLECTING = pattern(r"ERROR collecting (?P<name>.*)$")
_WANTED = pattern(r"file (?P<file>.+), line (?P<line>\d+)\s*$")
"""Where a test stands that asks for a fixture that is not there."""
_CHECK = pattern(r"(?P<file>[^\s:]+):(?P<line>\d+) in (?P<function>\w+)\(\)(?: -> (?P<source>.*))?$")
"""Where an assertion stands that failed without ending its test."""
_CRASHED = pattern(r"worker '(?P<worker>gw\d+)' crashed while running '(?P<test>.+)'\s*$")


def whole(text: str) -> int | None:
    """A line's number; None where it is absurd."""
    return int(text) if len(text) < 10 else None


class Report:
    """One test's report."""

    def __init__(self, view: View, title: str | None, number: int, *, errors: bool) -> None:
        self._view = view
        self.captured = False
        self.line_style = title is None
        """Whether it has no title, and its place stands at its end."""
        self._first = number
        self._phase, self._name = _phase(title or "", errors=errors)
        self._parts: list[Raised] = []
        self._frames: list[Frame] = []
        self._e: list[str] = []
        self._e_first = 0
        self._e_goes_on = False
        """Whether a message's further lines may follow, which `--tb=line` prints without an `E`."""
        self._source: str | None = None
        self._function: str | None = None
        self._wants_source = False
        self._extra: list[str] = []
        self._native = False
        self._worker_died = False
        self._got = False
        """Whether a doctest's example has begun to say what came instead."""
        self._plain: list[str] = []
        """What stands there instead of a traceback."""
        self._checks: list[Frame] = []
        """Where the first assertion failed that did not end the test."""
        self._checked = False

    @property
    def over(self) -> bool:
        """Whether nothing has begun that is not ended, so that another report may follow."""
        return bool(self._parts) and not (self._e or self._frames)

    def feed(self, line: str, number: int, ledger: Ledger) -> int:
        """Take a line; the number of the next one to be fed."""
        if line.startswith("-") and CAPTURED.match(line):
            self.captured = True
            return number + 1
        if self.captured:
            if number % 500 == 0:
                self._view.tape.read_to = number
            return self._feed_captured(line, number, ledger)
        if (line.startswith("E") and (len(line) == 1 or line[1] == " ")) or (self._e_goes_on and line[:4] == "    "):
            self._take_e(line, number)
            return number + 1
        self._e_goes_on = False
        if not line.strip():
            self._wants_source = False
        elif HEADER in line and is_header(line) and (line[0] != " " or self._got or line.lstrip()[0] == "+"):
            return self._take_native(line, number)
        elif ipython_report.is_head(line):
            parts, end = ipython_report.chain(self._view, number)
            self._parts.extend(parts)
            return max(end, number + 1)
        elif line.strip() in SENTENCES and line.strip() in {CAUSE, CONTEXT}:
            self._finish(number, crash=None)
            self._link(SENTENCES[line.strip()])
        elif line[0] in " >" or _DEF.match(line):
            self._take_source(line)
        elif is_separator(line):
            self._function = None
            self._source = None
        else:
            self._take_place(line, number)
        return number + 1

    def _take_e(self, line: str, number: int) -> None:
        if not self._e:
            self._e_first = number
        if len(self._e) < 400:
            self._e.append(line[1:] if self._e else line[1:].rstrip())
        self._wants_source = False
        self._e_goes_on = not self._frames and self._source is None

    def _take_source(self, line: str) -> None:
        if self._wants_source and self._frames and self._frames[-1].source is None:
            self._frames[-1] = replace(self._frames[-1], source=line.strip())
            return
        if line.startswith(">"):
            self._source = line[1:].strip()
        defined = _DEF.match(line)
        if defined and self._function is None:
            self._function = defined["name"]

    def _take_place(self, line: str, number: int) -> None:
        found = PLACE.match(line)
        if found is None:
            wanted = _WANTED.match(line)
            if wanted:
                defined = _DEF.match(self._view.text(number + 1) or "")
                self._frames.append(
                    Frame(
                        file=wanted["file"],
                        line=whole(wanted["line"]),
                        function=defined["name"] if defined else None,
                        source=(self._view.text(number + 1) or "").strip() or None,
                        at=number,
                    )
                )
                return
            crashed = _CRASHED.search(line)
            if crashed:
                self._name, self._worker_died = crashed["test"], True
                self._e, self._e_first = ["   " + line.strip()], number
            elif line.startswith(_EXAMPLE) and self._name.startswith("[doctest] "):
                self._got = line.startswith("Got:")
            elif not self._parts and not self._frames and len(self._plain) < 60:
                self._take_check(line, number)
                self._plain.append(line.rstrip())
            return
        rest = found["rest"]
        if self._got and self._parts and rest == "DocTestFailure":
            return  # what came instead was an exception, and is told
        if not rest and self._e and self._frames and self._frames[-1].file == found["file"]:
            return  # the place of a test that asked for a missing fixture, once more
        short = rest.startswith("in ")
        function = rest[3:].strip() if short else self._function
        self._frames.append(
            Frame(
                file=found["file"],
                line=whole(found["line"]),
                function=function,
                source=None if short else self._source,
                at=number,
            )
        )
        if len(self._frames) > 2_200:
            self._frames.pop(0)
        self._source = None
        self._wants_source = short
        if not short:
            self._function = None
            if rest and self._e:
                self._finish(number + 1, crash=rest)

    def _take_check(self, line: str, number: int) -> None:
        found = _CHECK.match(line)
        if found is None:
            self._checked = bool(self._checks)
        elif not self._checked:
            self._checks.append(
                Frame(
                    file=found["file"],
                    line=whole(found["line"]),
                    function=found["function"],
                    source=found["source"],
                    at=number,
                )
            )

    def _take_native(self, line: str, number: int) -> int:
        indent = line[: -len(line.lstrip())] if self._got else ""
        view = View(self._view.tape, Prefix(self._view.prefix.text + indent)) if indent else self._view
        read = cpython.chain(_Until(view, number), number, whole=not indent)
        if not read.parts:
            return number + 1
        shift = len(self._parts)
        self._parts.extend(replace(p, of=p.of + shift) if p.of is not None else p for p in read.parts)
        self._native = True
        return max(read.end, number + 1)

    def _finish(self, number: int, crash: str | None) -> None:
        """Close the exception at hand: its `E` lines and frames."""
        if not self._e and not self._frames:
            return
        exception, message, notes, at, extra = explained(self._e, crash, self._e_first)
        self._extra.extend(extra)
        frames = [*self._frames, at] if at is not None else self._frames
        first = min([f.at for f in frames] + ([self._e_first] if self._e else []))
        self._parts.append(
            Raised(exception=exception, message=message, frames=tuple(frames), notes=notes, span=(first, number - 1))
        )
        self._e, self._frames, self._source, self._function = [], [], None, None
        self._wants_source = False

    def _link(self, relation: Relation) -> None:
        if self._parts:
            self._parts[-1] = replace(self._parts[-1], relation=relation, of=len(self._parts))

    def _feed_captured(self, line: str, number: int, ledger: Ledger) -> int:
        if HEADER in line and line.rstrip().endswith(HEADER):
            column = line.find(HEADER)
            view = self._view
            if "File &quot;" in (view.text(number + 1) or ""):
                from html import unescape  # whose table of names few logs need

                view = View(view.tape, view.prefix, unescape)
            if column:
                view = View(view.tape, Prefix(view.prefix.text + line[:column]))
            read = cpython.chain(_Until(view, number), number)
            if read.parts and read.parts[-1].frames:
                ledger.captured(
                    Found(
                        chain=tuple(read.parts),
                        span=(number, read.end - 1),
                        test=self._name,
                        why="captured output of a test",
                    )
                )
                return max(read.end, number + 1)
        return number + 1

    @property
    def said(self) -> bool:
        """Whether anything was said of an exception."""
        return bool(self._e or self._parts or self._frames)

    def agrees(self, message: str) -> bool:
        """Whether a line names the exception at hand."""
        first = dedented(self._e)[:1]
        return bool(first) and first[0].strip() == message.strip()

    def placed(self, file: str, line: int | None, number: int) -> tuple[Raised, ...]:
        """The chain, once it is known where its last exception was raised."""
        if not self._frames and not any(is_place(text) for text in self._e[:1]):
            self._frames.append(Frame(file=file, line=line, at=number))
        self._finish(number + 1, crash=None)
        return tuple(_closed(self._parts))

    def found(self, end: int) -> list[Found]:
        """What the report says, once it is over."""
        self._finish(end, crash=None)
        parts = _closed(self._parts)
        if not parts:
            message = "\n".join(self._plain)
            parts = [Raised(exception="", message=message, frames=tuple(self._checks), span=(self._first, end - 1))]
        uncertain = None if parts[-1].exception or self._worker_died or parts[-1].message else "its end is missing"
        return [
            Found(
                chain=tuple(parts),
                span=(self._first, end - 1),
                dialect="pytest",
                test=self._name,
                phase=self._phase,
                extra="\n".join(self._extra),
                uncertain=uncertain,
            )
        ]


def _closed(parts: list[Raised]) -> list[Raised]:
    """The chain with nothing left open at its end."""
    if parts and parts[-1].relation is not None:
        parts[-1] = replace(parts[-1], relation=None, of=None)
    return [part if part.relation is None or part.of is not None else replace(part, relation=None) for part in parts]


def _phase(title: str, *, errors: bool) -> tuple[Phase, str]:
    if found := AT.match(title):
        return (Phase.SETUP if found["phase"] == "setup" else Phase.TEARDOWN), found["name"].strip()
    if found := _COLLECTING.match(title):
        return Phase.COLLECT, found["name"].strip()
    return (Phase.SETUP if errors else Phase.CALL), title.strip()


class _Until:
    """A test's report as a view that ends where the report does."""

    __slots__ = ("_first", "_view")

    def __init__(self, view: View, first: int) -> None:
        self._view, self._first = view, first

    def text(self, number: int) -> str | None:
        line = self._view.text(number)
        if line is None or (number > self._first and _ends(line)):
            return None
        return line

    def behind(self, number: int) -> str | None:
        return self._view.behind(number)

    def calm(self, number: int, lines: int) -> bool:
        return self._view.calm(number, lines)

    def run(self, number: int, size: int = PAGE) -> str:
        run = self._view.run(number, size)
        at = run.find("\n") + 1 if number <= self._first else 0
        while at < len(run):
            end = run.index("\n", at)
            if run[at] in "-_=" and _ends(run[at:end]):
                return run[:at]
            at = end + 1
        return run

    def ended(self, number: int) -> bool:
        return self._view.ended(number) or self.text(number) is None

    def at(self, number: int) -> int:
        return number

    @property
    def writer(self) -> str:
        return ""


def _ends(line: str) -> bool:
    if line[:1] == "-":
        return CAPTURED.match(line) is not None
    if line[:1] == "_":
        return title(line) is not None or line.startswith("_" * 20)
    return line[:1] == "=" and SECTION.match(line) is not None
