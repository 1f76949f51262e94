"""The sections `FAILURES` and `ERRORS` of pytest, and reports that stand outside of any.

A rule of `=` opens a section; in it a rule of `_` with a title opens a test's report, which `pytest_report` reads.
`--tb=line` gives one line a failure, without titles; newer pytest prints what `E` lines would say above it.

What a summary row says ("FAILED tests/a.py::test_b - KeyError: 'c'") completes the report of the same test; rows
without one (`--tb=no`) are failures of their own. That join is `bot.extract.ledger`'s.
"""

from __future__ import annotations

import re
from typing import ClassVar

from msgspec.structs import replace

from bot.extract.forms import HEADER
from bot.extract.found import Found
from bot.extract.ledger import Ledger
from bot.extract.needles import Needle, Pattern
from bot.extract.prefixes import Prefix
from bot.extract.pytest_errors import typed
from bot.extract.pytest_report import AT, PLACE, Report, whole
from bot.extract.pytest_rules import CAPTURED, Rules, is_section, title
from bot.extract.quoting import unquoted, within
from bot.extract.tape import Tape
from bot.extract.text import View
from bot.model import Frame, Phase, Raised
from bot.patterns import pattern

_LINE_STYLE = pattern(
    r"(?P<file>(?:/|[A-Za-z]:[\\/]|[\w.-]+[\\/])?[^\s:][^:\n]*|<[^<>]+>):(?P<line>\d+): (?P<message> *\S.*)$"
)
_STRICT = "[XPASS(strict)]"


class PytestReport:
    """The sections `FAILURES` and `ERRORS`, and past that of failures that were expected."""

    needles: ClassVar[tuple[bytes, ...]] = (b"== FAILURES ==", b"== ERRORS ==", b"== XFAILURES ==")

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read a section up to the rule that opens another one."""
        line = tape.text(number) or ""
        found = re.search(r"={3,} (?P<title>X?FAILURES|ERRORS) ={3,}\s*$", line)
        if found is not None:
            view = View(tape, Prefix(line[: found.start()]))
        else:
            quoted = unquoted(tape, number)
            text = (quoted.text(number) or "") if quoted else ""
            found = re.search(r"={3,} (?P<title>X?FAILURES|ERRORS) ={3,}\s*$", text)
            if quoted is None or found is None:
                return number
            view = within(quoted, text[: found.start()])
        rules = Rules(found.group())
        view = _read_as_page(view, number + 1)
        section = _Section(view, ledger, rules, errors=found["title"] == "ERRORS")
        section.expected = found["title"] == "XFAILURES"
        return section.read(number + 1)


_POINTED = 80
"""Lines of a section among which a statement is pointed at."""


def _read_as_page(view: View, number: int) -> View:
    """The lines as they were before somebody made a page of them, where the first statement is pointed at by `&gt;`."""
    for at in range(number, number + _POINTED):
        line = view.text(at)
        if line is None or line.startswith((">  ", "E  ", "===")):
            break
        if line.startswith("&gt;  "):
            from html import unescape  # whose table of names few logs need

            return within(view, "", unescape)
    return view


_AHEAD = 300
"""Lines below a count that are looked at to know whether a test printed it."""


class PytestInstant:
    """Reports without a section: printed as the tests fail, or the section's rule is missing from the log."""

    needles: ClassVar[tuple[Needle, ...]] = (Pattern(rb"__ [^_ ].* __", b"___ test_a ___"),)

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read from a title on, where a report follows."""
        line = tape.text(number) or ""
        found = re.search(r"_{3,} \S.* _{3,}\s*$", line) if len(line) < _LONG else None
        if found is None:
            return number
        view = View(tape, Prefix(line[: found.start()]))
        rule = line[found.start() :]
        if not _TEST.search(title(rule) or "") or not _reports(view, number + 1):
            return number
        return _Section(view, ledger, Rules(rule), errors=AT.match(title(rule) or "") is not None, loose=True).read(
            number
        )


class PytestDebugged:
    """A report without a title, as `--pdb` prints it before it opens the debugger."""

    needles: ClassVar[tuple[bytes, ...]] = (b">> traceback >>",)

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read up to the debugger's rule."""
        line = tape.text(number) or ""
        found = re.search(r">{3,} traceback >{3,}\s*$", line)
        if found is None:
            return number
        view = View(tape, Prefix(line[: found.start()]))
        report = Report(view, "", number, errors=False)
        at = number + 1
        while at - number < _DEBUGGED and (text := view.text(at)) is not None and not text.startswith(">>>"):
            at = report.feed(text, at, ledger)
        for one in report.found(at):
            if one.chain[-1].exception:
                ledger.tested(replace(one, test=None))
        return at


_DEBUGGED = 20_000
_TEST = pattern(r"(?i)test|\bERROR (?:at|collecting) ")
"""What is in titles of reports; tox and others draw such rules, too."""
_LONG = 2_000
"""Characters of a title, and of a line of progress."""
_NEAR = 200
"""Lines of a report within which an `E` line stands, or where it was raised."""


def _reports(view: View, number: int) -> bool:
    for at in range(number, number + _NEAR):
        line = view.text(at)
        if line is None or title(line) is not None or is_section(line) or CAPTURED.match(line):
            return False  # what passed has nothing but what it printed
        if line.startswith("E  ") or (PLACE.match(line) and " " not in line[:40].strip()) or line.rstrip() == HEADER:
            return True
    return False


_PROGRESS = pattern(r"\S+\.py(?:::\S.*)? [.FEsxXR]*(?:\s+\[\s*\d+%\])?\s*$|\[gw\d+\] ")


_REDRAWN = pattern(r"Results \([\d.hms ]+\):\s*$|\s{3,}Summary of Failures\s*$")
"""What plug-ins that draw pytest's output anew print below the reports, without any rule."""


class _Section:
    """One section, report by report."""

    def __init__(self, view: View, ledger: Ledger, rules: Rules, *, errors: bool, loose: bool = False) -> None:
        self._view, self._ledger, self._rules, self._errors = view, ledger, rules, errors
        self.expected = False
        self._loose = loose
        """Whether a run's progress may go on below a report."""

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
            captured = report is not None and report.captured
            if self._closes(line, number, captured=captured):
                break
            if (
                self._loose
                and len(line) < _LONG
                and _PROGRESS.match(line)
                and (captured or report is None or report.over)
            ):
                break
            title = self._title(line, report)
            if title is not None:
                self._close(report, number)
                report = self._begin(title, number)
                number += 1
                continue
            if report is None or report.line_style:
                if self._placed(report, line, number) or self._passed(report, line, number):
                    report = None
                    number += 1
                    continue
                report = report or Report(self._view, None, number, errors=self._errors)
            number = report.feed(line, number, self._ledger)
        self._close(report, number)
        return number

    def _closes(self, line: str, number: int, *, captured: bool) -> bool:
        if line.startswith(("<Function ", "mainloop caught")) or (line[:1] in "R " and _REDRAWN.match(line)):
            return True
        if not self._rules.closes(line, captured=captured):
            return False
        if not captured or not line[:1].isdigit():
            return True
        return not self._rules.goes_on(map(self._view.text, range(number + 1, number + _AHEAD)))

    def _title(self, line: str, report: Report | None) -> str | None:
        title = self._rules.title(line, captured=report is not None and report.captured)
        if title is None and line[:1] == " " and (report is None or report.over):
            return self._rules.wide_title(line)
        return title

    def _begin(self, title: str, number: int) -> Report:
        self._view.tape.read_to = number
        self._rules.begin()
        return Report(self._view, title, number, errors=self._errors)

    def _close(self, report: Report | None, number: int) -> None:
        if report is not None and not report.line_style and not self.expected:
            for found in report.found(number):
                self._ledger.tested(found)

    def _placed(self, report: Report | None, line: str, number: int) -> bool:
        """`--tb=line`: a place and the exception, one line a failure, below what `E` lines said of it."""
        found = _LINE_STYLE.match(line)
        if found is None:
            return False
        if report is not None and (report.said or report.captured):
            if not report.agrees(found["message"]):
                return False
            told = report.placed(found["file"], whole(found["line"]), number)
        else:
            exception, message, note = typed(found["message"].strip())
            frame = Frame(file=found["file"], line=whole(found["line"]), at=number)
            told = (Raised(exception=exception, message=message, frames=(frame,), notes=note, span=(number, number)),)
        first = min(part.span[0] for part in told)
        self._view.tape.read_to = number
        self._rules.begin()
        self._ledger.tested(Found(chain=told, span=(first, number), dialect="pytest-line", phase=Phase.CALL, test=None))
        return True

    def _passed(self, report: Report | None, line: str, number: int) -> bool:
        """`--tb=line`: a test that was to fail and passed has no place; newer pytest says it twice."""
        if report is not None or not line.startswith(_STRICT):
            return False
        if self._view.behind(number - 1) != line:
            part = Raised(exception="", message=line.rstrip(), span=(number, number))
            self._ledger.tested(Found(chain=(part,), span=(number, number), dialect="pytest-line", phase=Phase.CALL))
        return True
