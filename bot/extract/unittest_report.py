"""unittest's report and its relatives': testtools.run, nose2, Django's runner, stestr's and trial's."""

from __future__ import annotations

import re
from typing import ClassVar

from msgspec.structs import replace

from bot.extract import cpython
from bot.extract.forms import EXCEPTION, HEADER, is_header, looks_like_type, raised
from bot.extract.found import Found
from bot.extract.ledger import Ledger
from bot.extract.needles import Needle, Pattern
from bot.extract.prefixes import Prefix
from bot.extract.tape import Tape
from bot.extract.text import Indented, Stretch, Text, View
from bot.model import Phase, Raised, Totals
from bot.patterns import pattern

_HEAD = pattern(r"(?P<kind>ERROR|FAIL|UNEXPECTED SUCCESS)(?: \[[\d.]+s\])?: (?P<test>\S.*)$")
_AFTER = pattern(r"Ran \d+ tests? in [\d.]+ ?s\s*$|Slowest test durations\s*$")
_RULE = pattern(r"={60,}\s*$")
_DASHES = pattern(r"-{60,}\s*$")
_COUNTED = pattern(r"(?:Ran \d+ tests? in |FAILED \(|OK$|OK \()")
_FAILED_TO_LOAD = pattern(
    r"_FailedTest|ModuleImportFailure|LoadTestsFailure|Failure: (?:ImportError|ModuleNotFoundError|SyntaxError)\b"
)
_QUOTED = pattern(r"[\w.]*_StringException: (?P<rest>\S.*)$")
"""What crosses subunit's stream is a text, and so the exception that Python names is none."""
_OUTPUT = pattern(r"(?:Stdout|Stderr|-+ >> begin captured .*|[\w.:'-]*(?:log|stdout|stderr)[\w:'-]*: \{\{\{):?\s*$")


class UnittestReport:
    """The blocks that a text result prints at the end: a rule, `ERROR: test`, dashes, a traceback."""

    needles: ClassVar[tuple[Needle, ...]] = (
        b"ERROR: ",
        b"FAIL: ",
        b"UNEXPECTED SUCCESS: ",
        Pattern(rb"(?:ERROR|FAIL) \[[0-9.]+s\]: ", b"ERROR [0.001s]: test_a (m.C)"),
    )

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read the block at a hit where a rule stands above it."""
        line = tape.text(number) or ""
        found = re.search(r"(?:ERROR|FAIL|UNEXPECTED SUCCESS)(?: \[[\d.]+s\])?: \S", line)
        above = tape.behind(number - 1)
        if found is None or above is None:
            return number
        view = View(tape, Prefix(line[: found.start()]))
        rule = view.behind(number - 1)
        if rule is None or not _RULE.match(rule):
            return number
        head = _HEAD.match(view.text(number) or "")
        return number if head is None else _block(view, number, head, ledger)


def _block(view: View, number: int, head: re.Match[str], ledger: Ledger) -> int:
    if head["kind"] == "UNEXPECTED SUCCESS":
        return _surprises(view, number, ledger)
    at = number + 1
    described = 0
    while (line := view.text(at)) is not None and not _DASHES.match(line):
        described += 1
        at += 1
        if described > 6 or _RULE.match(line):
            return number
    end, lines = _lines(view, at + 1)
    section = Stretch(lines, at + 1)
    parts, extra, uncertain = _said(section, at + 1, ledger, head["test"])
    test = head["test"].rstrip()
    phase = Phase.SETUP if test.startswith(("setUpClass ", "setUpModule ")) else Phase.CALL
    if test.startswith(("tearDownClass ", "tearDownModule ")):
        phase = Phase.TEARDOWN
    if _FAILED_TO_LOAD.search(test):
        phase = Phase.COLLECT
    ledger.tested(
        Found(
            chain=parts,
            span=(number - 1, end - 1),
            dialect="unittest",
            test=test,
            phase=phase,
            extra=extra,
            uncertain=uncertain,
        )
    )
    view.tape.read_to = end
    return end


def _surprises(view: View, number: int, ledger: Ledger) -> int:
    """Tests that passed and should not have: their names stand below one rule, and nothing else."""
    at = number
    while (head := _HEAD.match(view.text(at) or "")) is not None and head["kind"] == "UNEXPECTED SUCCESS":
        part = Raised(exception="", span=(at, at))
        test = head["test"].rstrip()
        ledger.tested(Found(chain=(part,), span=(at, at), dialect="unittest", test=test, phase=Phase.CALL))
        at += 1
    return at


_KEPT = 20_000
"""Lines of a block that are looked at; its end is found all the same."""


def _lines(view: View, number: int) -> tuple[int, list[str]]:
    """The line after a block (the next rule, or the dashes above the count), and the block's lines."""
    lines: list[str] = []
    while (line := view.text(number)) is not None:
        if line.startswith("=") and _RULE.match(line):
            break
        if line.startswith(("Ran ", "Slowest ")) and _AFTER.match(line):
            break
        if line.startswith("-") and _DASHES.match(line) and _COUNTED.match(view.text(number + 1) or ""):
            break
        number += 1
        if len(lines) < _KEPT:
            quoted = _QUOTED.match(line)
            lines.append(quoted["rest"] if quoted else line)
        elif number % 500 == 0:
            view.tape.read_to = number
    return number, lines


def _said(section: Stretch, number: int, ledger: Ledger, test: str) -> tuple[tuple[Raised, ...], str, str | None]:
    """The chain that a block prints; tracebacks in output that it quotes are handled."""
    at = number
    details: list[int] = []
    while (line := section.text(at)) is not None:
        if _DETAIL.match(line):
            details.append(at)
            at = _past_detail(section, at)
            continue
        if is_header(line):
            read = cpython.chain(_result(section, at), at, whole=True)
            if read.parts:
                for detail in details:
                    _captured(section.part(detail, _past_detail(section, detail)), detail, ledger, test)
                _captured(section, read.end, ledger, test)
                return tuple(read.parts), "", read.uncertain
        at += 1
    for detail in details:
        inner = section.part(detail + 1, _past_detail(section, detail) - 1)
        if is_header(section.text(detail + 1) or ""):
            return _said(inner, detail + 1, ledger, test)
    return (_without_traceback(section, number),), "", None


_DETAIL = pattern(r"[\w.:' -]+: \{\{\{\s*$")


def _past_detail(section: Stretch, number: int) -> int:
    """The line after an attachment that testtools prints in triple braces."""
    at = number + 1
    while (line := section.text(at)) is not None:
        at += 1
        if line.rstrip() == "}}}":
            break
    return at


def _result(section: Stretch, first: int) -> Stretch:
    """A block up to the output that the result quotes after the traceback (`Stdout:`)."""
    rest = section.lines(first)
    quoted = (at for at, line in enumerate(rest) if line[:1] in "S->'\"p" and at and _OUTPUT.match(line))
    return Stretch(rest[: next(quoted, None)], first)


def _captured(section: Stretch, number: int, ledger: Ledger, test: str) -> None:
    """Tracebacks in the output that a block quotes."""
    at = number
    while (line := section.text(at)) is not None:
        if line.rstrip().endswith(HEADER):
            column = line.find(HEADER)
            view: Text = section if not column else Indented(section, line[:column])
            read = cpython.chain(view, at)
            if read.parts and read.parts[-1].frames:
                ledger.captured(
                    Found(chain=tuple(read.parts), span=(at, read.end - 1), test=test, why="captured output of a test")
                )
                at = max(read.end, at + 1)
                continue
        at += 1


def _without_traceback(section: Stretch, number: int) -> Raised:
    """A block without a traceback: its first line that names a type."""
    at = number
    while (line := section.text(at)) is not None:
        found = EXCEPTION.match(line)
        if found and (looks_like_type(found["type"]) or ("." in found["type"] and found["message"] is None)):
            rest: list[str] = []
            while (more := section.text(at + 1 + len(rest))) is not None and more.strip() and len(rest) < 60:
                rest.append(more.rstrip())
            said = "\n".join([found["message"] or "", *rest])
            return raised(found["type"], said, (), (section.at(at), section.at(at)))
        at += 1
    return Raised(exception="", message=(section.text(number) or "").strip()[:300], span=(section.at(number),) * 2)


# ---------------------------------------------------------------------------------------------------- counts

_RAN = pattern(r"Ran (?P<number>\d+) tests?(?: in [\d.]+s)?")
_RESULT = pattern(r"(?P<word>OK|FAILED)(?: \((?P<counts>[^)]*)\))?\s*$")


class UnittestTotals:
    """`Ran 3 tests in 0.1s` and, below, `FAILED (failures=1)`."""

    needles: ClassVar[tuple[Needle, ...]] = (
        Pattern(rb"Ran \d+ tests? in [\d.]", b"Ran 3 tests in 0.1s"),
        Pattern(rb"Ran \d+ tests with \d+ failure", b"Ran 3 tests with 1 failures"),
    )
    lasting: ClassVar[bool] = True

    def matters(self, ledger: Ledger) -> bool:
        """Where something was found since the last counts, and as long as all are kept."""
        return ledger.counting

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read the count and the result below it."""
        line = tape.text(number) or ""
        layer = _LAYER.search(line)
        if layer is not None:
            ledger.totals(_totals(int(layer["number"][:9]), layer["counts"], number))
            return number + 1
        found = _RAN.search(line)
        if found is None or not re.search(r"Ran \d+ tests? in [\d.]+ ?s", line):
            return number
        view = View(tape, Prefix(line[: found.start()]))
        for ahead in range(1, 5):
            text = view.text(number + ahead)
            if text is None:
                break
            result = _RESULT.match(text)
            if result:
                ledger.totals(_counted(int(found["number"][:9]), result, number + ahead))
                return number + ahead
        return number


def _counted(ran: int, result: re.Match[str], number: int) -> Totals:
    totals = _totals(ran, result["counts"] or "", number)
    if result["word"] == "FAILED" and not totals.failed and not totals.errors:
        return replace(totals, failed=max(1, totals.expected))
    return totals


def _totals(ran: int, counts: str, number: int) -> Totals:
    """From `failures=1, expected failures=2` or `1 failures, 2 errors`, in whatever way a runner writes the names."""
    amounts: dict[str, int] = {}
    for first, name, value in _AMOUNT.findall(counts[:_COUNTS]):
        if not (first or value):
            continue
        word = _CAMEL.sub(" ", name or "").replace("_", " ").strip().lower()
        amounts[_ALIASES.get(word, word)] = int((first or value)[:9])
    failed, errors = amounts.get("failures", 0), amounts.get("errors", 0)
    expected = amounts.get("expected failures", 0) + amounts.get("unexpected successes", 0)
    skipped = amounts.get("skipped", 0)
    return Totals(
        runner="unittest",
        failed=failed,
        errors=errors,
        passed=amounts.get("passes", max(0, ran - failed - errors - skipped - expected)),
        skipped=skipped,
        expected=expected,
        line=number,
    )


_COUNTS = 300
"""Characters of a result's counts."""
_AMOUNT = pattern(r"(?:(\d+) )?([A-Za-z_ ]+?)(?:=(\d+)|(?=,| and |$))")
_CAMEL = pattern(r"(?<=[a-z])(?=[A-Z])")
_ALIASES = {"failure": "failures", "error": "errors", "skip": "skipped", "skips": "skipped"}
_LAYER = pattern(
    r"Ran (?P<number>\d+) tests with (?P<counts>\d+ failures?, \d+ errors?(?: and \d+ skipped)?) in [\d.]+ seconds"
)
