"""pytest's report: failures and errors in every `--tb` style, the summary, the counts.

Theory of operation
-------------------
A rule of `=` opens a section; in `FAILURES` and `ERRORS` a rule of `_` with a title opens a test's report, and a rule
of `-` its captured output. `Report` is fed the lines of one test's report and builds the chain: in the long style
an exception's `E` lines come before the line that says where it was raised, in the short style after the frames; in
the native style there is a traceback as CPython prints it. `--tb=line` gives one line a failure, without titles.

What a summary row says ("FAILED tests/a.py::test_b - KeyError: 'c'") completes the report of the same test; rows
without one (`--tb=no`) are failures of their own. That join is `bot.extract.ledger`'s.
"""

from __future__ import annotations

import re
from typing import ClassVar

from msgspec.structs import replace

from bot.extract import cpython
from bot.extract.chunk import PAGE
from bot.extract.forms import CAUSE, CONTEXT, EXCEPTION, HEADER, SENTENCES, is_header, looks_like_type, parted
from bot.extract.found import Found
from bot.extract.ledger import Ledger
from bot.extract.prefixes import Prefix
from bot.extract.tape import Tape
from bot.extract.text import View
from bot.model import Frame, Phase, Raised, Relation
from bot.patterns import pattern

_SECTION = pattern(
    r"={3,} (?P<title>.+?) ={3,}\s*$|=* ?(?P<total>\d+ (?:failed|passed|error|skipped|deselected|warning|xfailed|xpassed).*? in [\d.:s ()hm]+(?:econds)?) ?=*$"
)
_TITLE = pattern(r"_{3,} (?P<title>.+?) _{3,}\s*$|_{1,2} (?P<long>\S.*?) _{1,2}\s*$")
_CAPTURED = pattern(
    r"-{3,} (?P<title>(?:Captured|live log|pytest-|generated|Live)\b.*?|.*\b(?:stdout|stderr|log)\b.*?) -{3,}\s*$"
)
_PLACE = pattern(
    r"(?P<file>(?:[A-Za-z]:[\\/])?[^\s:](?:[^:\n]*[^\s:])?|<[^<>]+>):(?P<line>\d+): ?(?P<rest>in .*|[^\W\d][\w.]*(?:\.<locals>\.\w+)?|)\s*$"
)
_LINE_STYLE = pattern(
    r"(?P<file>(?:/|[A-Za-z]:[\\/]|[\w.-]+[\\/])?[^\s:][^:\n]*|<[^<>]+>):(?P<line>\d+): (?P<message>\S.*)$"
)
_SEPARATOR = pattern(r"(?:_ ){5,}_?\s*$")
_DEF = pattern(r"\s*(?:>\s*)?(?:async )?def (?P<name>\w+)\(")
_AT = pattern(r"ERROR at (?P<phase>setup|teardown) of (?P<name>.*)$")
_COLLECTING = pattern(r"ERROR collecting (?P<name>.*)$")
_ROW = pattern(r"(?P<kind>FAILED|ERROR|SUBFAIL(?:ED)?(?:\([^)]*\)|\[.*?\])?)\s+(?P<rest>\S.*)$")
_ASSERT = pattern(r"(?:assert\b|AssertionError\b)")
_HYPOTHESIS = pattern(r"(?:Falsifying example|Failing test case|Explanation)\b")
_WANTED = pattern(r"file (?P<file>.+), line (?P<line>\d+)\s*$")
"""Where a test stands that asks for a fixture that is not there."""
_CRASHED = pattern(r"worker '(?P<worker>gw\d+)' crashed while running '(?P<test>.+)'\s*$")


class PytestReport:
    """The sections `FAILURES` and `ERRORS`."""

    needles: ClassVar[tuple[bytes, ...]] = (b"== FAILURES ==", b"== ERRORS ==")

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read a section up to the rule that opens another one."""
        line = tape.text(number) or ""
        found = re.search(r"={3,} (?:FAILURES|ERRORS) ={3,}\s*$", line)
        if found is None:
            return number
        view = View(tape, Prefix(line[: found.start()]))
        return _Section(view, ledger, errors="ERRORS" in line).read(number + 1)


class _Section:
    """One section, report by report."""

    def __init__(self, view: View, ledger: Ledger, *, errors: bool) -> None:
        self._view, self._ledger, self._errors = view, ledger, errors

    def read(self, number: int) -> int:
        report: Report | None = None
        foreign = 0
        while True:
            line = self._view.text(number)
            if line is None:
                if self._view.ended(number) or foreign > 200:
                    break
                foreign += 1
                number += 1
                continue
            if (line[:1] == "=" or line[:1].isdigit()) and _SECTION.match(line) and not _inside(report, line):
                break
            if line.startswith(("!!!", "<Function ", "mainloop caught")):
                break
            title = _title(line)
            if title is not None:
                self._close(report, number)
                self._view.tape.read_to = number
                report = Report(self._view, title, number, errors=self._errors)
                number += 1
                continue
            if report is None:
                number = self._untitled(line, number)
                continue
            number = report.feed(line, number, self._ledger)
        self._close(report, number)
        return number

    def _close(self, report: Report | None, number: int) -> None:
        if report is not None:
            for found in report.found(number):
                self._ledger.tested(found)

    def _untitled(self, line: str, number: int) -> int:
        """`--tb=line`: a place and the exception, one line a failure."""
        found = _LINE_STYLE.match(line)
        if found is None:
            return number + 1
        exception, message, note = _typed(found["message"])
        frame = Frame(file=found["file"], line=_int(found["line"]), at=number)
        part = Raised(exception=exception, message=message, frames=(frame,), notes=note, span=(number, number))
        self._ledger.tested(
            Found(chain=(part,), span=(number, number), dialect="pytest-line", phase=Phase.CALL, test=None)
        )
        return number + 1


def _inside(report: Report | None, line: str) -> bool:
    """Whether a rule of `=` is printed by a test itself (captured unittest output), not by pytest."""
    found = _SECTION.match(line)
    return (
        report is not None
        and report.captured
        and found is not None
        and found["title"] is not None
        and not _KNOWN.match(found["title"])
    )


_KNOWN = pattern(
    r"FAILURES|ERRORS|PASSES|XFAILURES|XPASSES|short test summary info|warnings summary|slowest |\d+ (?:failed|passed|error|skipped|deselected|warning|xfail|xpass)|"
    r"no tests ran|test session starts|rerun test summary|tests coverage|inline snapshot|memory|benchmark|Hypothesis|SKIPPED|.*summary"
)


def _title(line: str) -> str | None:
    if not line.startswith("_") or _SEPARATOR.match(line):
        return None
    found = _TITLE.match(line)
    if found is None:
        return None
    return found["title"] or found["long"]


def _int(text: str) -> int | None:
    return int(text) if len(text) < 10 else None


def _typed(text: str) -> tuple[str, str, tuple[str, ...]]:
    """Exception and message of what an `E` line or a summary row says."""
    if _ASSERT.match(text) and not text.startswith("AssertionError"):
        return "AssertionError", text, ()
    found = EXCEPTION.match(text.split("\n", 1)[0])
    if found is None or not (looks_like_type(found["type"]) or "." in found["type"] or found["message"] is None):
        return "", text, ()
    rest = text.split("\n", 1)
    message = (found["message"] or "") + ("\n" + rest[1] if len(rest) > 1 else "")
    message, suggestion = parted(message)
    return found["type"], message, (suggestion,) if suggestion else ()


class Report:
    """One test's report."""

    def __init__(self, view: View, title: str, number: int, *, errors: bool) -> None:
        self._view = view
        self.captured = False
        self._first = number
        self._phase, self._name = _phase(title, errors=errors)
        self._parts: list[Raised] = []
        self._frames: list[Frame] = []
        self._e: list[str] = []
        self._e_first = 0
        self._source: str | None = None
        self._function: str | None = None
        self._wants_source = False
        self._extra: list[str] = []
        self._native = False
        self._worker_died = False

    def feed(self, line: str, number: int, ledger: Ledger) -> int:
        """Take a line; the number of the next one to be fed."""
        if line.startswith("-") and _CAPTURED.match(line):
            self.captured = True
            return number + 1
        if self.captured:
            if number % 500 == 0:
                self._view.tape.read_to = number
            return self._feed_captured(line, number, ledger)
        if line.startswith("E") and (len(line) == 1 or line[1] == " "):
            self._take_e(line, number)
        elif not line.strip():
            self._wants_source = False
        elif HEADER in line and is_header(line):
            return self._take_native(number)
        elif line.strip() in SENTENCES and line.strip() in {CAUSE, CONTEXT}:
            self._finish(number, crash=None)
            self._link(SENTENCES[line.strip()])
        elif line[0] in " >":
            self._take_source(line)
        elif _SEPARATOR.match(line):
            self._function = None
            self._source = None
        else:
            self._take_place(line, number)
        return number + 1

    def _take_e(self, line: str, number: int) -> None:
        if not self._e:
            self._e_first = number
        if len(self._e) < 400:
            self._e.append(line[1:])
        self._wants_source = False

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
        found = _PLACE.match(line)
        if found is None:
            wanted = _WANTED.match(line)
            if wanted:
                defined = _DEF.match(self._view.text(number + 1) or "")
                self._frames.append(
                    Frame(
                        file=wanted["file"],
                        line=_int(wanted["line"]),
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
            return
        rest = found["rest"]
        if not rest and self._e and self._frames and self._frames[-1].file == found["file"]:
            return  # the place of a test that asked for a missing fixture, once more
        short = rest.startswith("in ")
        function = rest[3:].strip() if short else self._function
        self._frames.append(
            Frame(
                file=found["file"],
                line=_int(found["line"]),
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

    def _take_native(self, number: int) -> int:
        read = cpython.chain(_Until(self._view, number), number, whole=True)
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
        exception, message, notes, at, extra = _explained(self._e, crash, self._e_first)
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
            view = self._view if not column else View(self._view.tape, Prefix(self._view.prefix.text + line[:column]))
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

    def found(self, end: int) -> list[Found]:
        """What the report says, once it is over."""
        self._finish(end, crash=None)
        parts = _closed(self._parts)
        if not parts:
            parts = [Raised(exception="", span=(self._first, end - 1))]
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
    if found := _AT.match(title):
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
        return _CAPTURED.match(line) is not None
    if line[:1] == "_":
        return _title(line) is not None
    return line[:1] == "=" and _SECTION.match(line) is not None


_E_FRAME = pattern(r'\s*File "(?P<file>[^"\n]*)", line (?P<line>\d+)\s*$')


def _explained(
    e: list[str], crash: str | None, first: int
) -> tuple[str, str, tuple[str, ...], Frame | None, list[str]]:
    """Exception, message, notes, a syntax error's own frame, and what helps to reproduce, from `E` lines."""
    lines = _dedented(e)
    if not lines:
        return crash or "", "", (), None, []
    at = _E_FRAME.match(lines[0])
    if at is not None:
        return _syntax(lines, at, first)
    extra = _reproducer(lines)
    exception, message, notes = _typed("\n".join(lines))
    if not exception and crash and crash.rsplit(".", 1)[-1] != "Failed":
        exception = crash
    elif (
        crash and exception and exception.rsplit(".", 1)[-1] != crash.rsplit(".", 1)[-1] and not _same(lines[0], crash)
    ):
        exception, message, notes = crash, "\n".join(lines), ()
    elif not exception and crash:
        exception = crash
    return exception, message.rstrip(), notes, None, extra


def _same(line: str, crash: str) -> bool:
    return line.startswith(crash) or f".{crash}" in line.split(":", 1)[0]


def _dedented(e: list[str]) -> list[str]:
    """`E` lines without the indentation of the statement that raised."""
    if not e:
        return []
    width = min((len(line) - len(line.lstrip()) for line in e[:1]), default=0)
    frame = _E_FRAME.match(e[0])
    if frame:
        width = min(len(line) - len(line.lstrip()) for line in e if line.strip())
    return [line[width:] if not line[:width].strip() else line.lstrip() for line in e]


def _syntax(
    lines: list[str], at: re.Match[str], first: int
) -> tuple[str, str, tuple[str, ...], Frame | None, list[str]]:
    source = None
    for index, line in enumerate(lines[1:], start=1):
        found = EXCEPTION.match(line)
        if found and looks_like_type(found["type"]):
            message, suggestion = parted("\n".join([found["message"] or "", *lines[index + 1 :]]))
            frame = Frame(file=at["file"], line=_int(at["line"]), source=source, at=first)
            return found["type"], message, (suggestion,) if suggestion else (), frame, []
        if source is None and line.strip().strip("^~ "):
            source = line.strip()
    return "", "\n".join(lines), (), None, []


def _reproducer(lines: list[str]) -> list[str]:
    """Hypothesis' failing example, which is the way to see the failure again."""
    for index, line in enumerate(lines):
        if _HYPOTHESIS.match(line.strip()):
            return [text.rstrip() for text in lines[index : index + 40]]
    return []


# ------------------------------------------------------------------------------------------------------ summary


class PytestSummary:
    """The short summary: the tests' ids as pytest names them, and failures that were printed nowhere else."""

    needles: ClassVar[tuple[bytes, ...]] = (b" short test summary info ",)

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read the rows up to the closing rule."""
        line = tape.text(number) or ""
        found = re.search(r"={3,} short test summary info ={3,}\s*$", line)
        if found is None:
            return number
        view = View(tape, Prefix(line[: found.start()]))
        at = number + 1
        row: tuple[str, list[str], int] | None = None
        while True:
            text = view.text(at)
            if text is None or text.startswith(("!!!", "===")) or _SECTION.match(text):
                break
            begun = _ROW.match(_plain(text))
            if begun or text.startswith(("SKIPPED [", "XFAIL ", "XPASS ", "PASSED ", "RERUN ")):
                _flush(row, ledger)
                row = (begun["kind"], [begun["rest"]], at) if begun else None
                tape.read_to = at
            elif row is not None and len(row[1]) < 60:
                row[1].append(text)
            at += 1
        _flush(row, ledger)
        return at


_SUBTEST = pattern(
    r"(?:SUBFAIL(?:ED)?(?P<after>(?:\[[^\]]*\])? ?(?:\([^)]*\))?)|(?P<before>(?:\[[^\]]*\])? ?(?:\([^)]*\))?) SUBFAIL) "
    r"(?P<rest>\S+::\S.*)$"
)


def _plain(text: str) -> str:
    """A subtest's row as a test's: its description stands behind the test's id, as in its report's title."""
    found = _SUBTEST.match(text) if "SUBFAIL" in text else None
    if found is None:
        return text
    test, dash, said = _divided(found["rest"])
    said_of = (found["after"] or found["before"] or "").strip()
    return f"FAILED {test} {said_of}".rstrip() + dash + said


def _flush(row: tuple[str, list[str], int] | None, ledger: Ledger) -> None:
    if row is None:
        return
    kind, lines, number = row
    test, _, said = _divided(lines[0])
    exception, message, notes = _typed("\n".join([said, *lines[1:]]).rstrip()) if said else ("", "", ())
    ledger.row("ERROR" if kind == "ERROR" else "FAILED", test, exception, message, notes, number)


def _divided(rest: str) -> tuple[str, str, str]:
    """Test id and message of a row; a parameter may hold ` - ` itself, inside brackets."""
    depth = 0
    for index, char in enumerate(rest):
        if char == "[":
            depth += 1
        elif char == "]" and depth:
            depth -= 1
        elif char == " " and depth == 0 and rest.startswith(" - ", index):
            return rest[:index].rstrip(), " - ", rest[index + 3 :]
    head, dash, tail = rest.partition(" - ")
    return (head.rstrip(), dash, tail) if depth else (rest.rstrip(), "", "")
