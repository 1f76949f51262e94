"""pytest's short summary: the tests' ids as pytest names them, and failures that were printed nowhere else."""

from __future__ import annotations

from typing import ClassVar

from bot.extract.ledger import Ledger
from bot.extract.needles import Needle, Pattern
from bot.extract.prefixes import Prefix, unstamped
from bot.extract.pytest_errors import typed
from bot.extract.pytest_rules import SECTION
from bot.extract.quoting import unquoted, within
from bot.extract.tape import Tape
from bot.extract.text import View
from bot.patterns import pattern

_ROW = pattern(r"(?P<kind>FAIL(?:ED)?|ERROR|SUBFAIL(?:ED)?(?:\([^)]*\)|\[.*?\])?)\s+(?P<rest>\S.*)$")


_SUMMARY = pattern(r"={3,} (?:short|rerun) test summary info ={3,}\s*$")


class PytestSummary:
    """The short summary: the tests' ids as pytest names them, and failures that were printed nowhere else."""

    needles: ClassVar[tuple[bytes, ...]] = (b" short test summary info ", b" rerun test summary info ")

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read the rows up to the closing rule."""
        line = tape.text(number) or ""
        found = _SUMMARY.search(line)
        if found is not None:
            view = View(tape, Prefix(line[: found.start()]))
        else:
            quoted = unquoted(tape, number)
            found = _SUMMARY.search((quoted.text(number) or "") if quoted else "")
            if quoted is None or found is None:
                return number
            view = within(quoted, found.string[: found.start()])
        at = number + 1
        row: tuple[str, list[str], int] | None = None
        while True:
            text = view.text(at)
            if text is None or text.startswith(("!!!", "===")) or SECTION.match(text):
                break
            begun = _ROW.match(_plain(text))
            if begun or text.startswith(("SKIPPED [", "SKIP [", "XFAIL ", "XPASS ", "PASSED ", "RERUN ")):
                _flush(row, ledger)
                row = (begun["kind"], [begun["rest"]], at) if begun else None
                tape.read_to = at
            elif row is not None and len(row[1]) < 60:
                row[1].append(text)
            at += 1
        _flush(row, ledger)
        return at


_WORKERS = pattern(r"(?:\[gw\d+\] (?:\[\s*\d+%\] )?|\[\s*\d+%\] )(?P<kind>FAILED|ERROR) (?P<node>[^\s:]+\.\w+::\S.*)$")
_BEGUN = pattern(r"[^\s:]+\.\w+::\S")
_LONG = 2_000
"""Characters of a line that says how a test ended."""


def _ended(text: str) -> tuple[str, str] | None:
    """How a test ended, and its id: `a.py::test_b <- base.py FAILED  [ 12%]`."""
    text = text.rstrip()
    if text.endswith("]"):
        text = text[: text.rfind("[")].rstrip()
    node, _, kind = text.rpartition(" ")
    if kind not in {"FAILED", "ERROR"} or _BEGUN.match(node) is None:
        return None
    return kind, _plainly(node)


def _plainly(node: str) -> str:
    return node.partition(" <- ")[0].rstrip()


class PytestLive:
    """What a verbose run says as a test ends: its id, where no summary gives it, and all there is where a run is cut off."""

    needles: ClassVar[tuple[Needle, ...]] = (
        Pattern(rb"::.* (?:FAILED|ERROR)", b"a.py::test_b FAILED"),
        Pattern(rb"\] (?:FAILED|ERROR) [^ ]+::", b"[gw0] [ 12%] FAILED a.py::test_b"),
        Pattern(rb"(?:FAILED|ERROR) +\[ *\d+%\]", b"FAILED      [ 12%]"),
    )

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Take the line."""
        line = tape.text(number) or ""
        if len(line) > _LONG:
            return number
        found = _WORKERS.search(line)
        said = (found["kind"], _plainly(found["node"])) if found is not None else _ended(unstamped(line).lstrip())
        if said is None:
            return _late(tape, number, unstamped(line).lstrip(), ledger)
        ledger.live(*said, number)
        return number + 1


_OUTCOME = pattern(r"(?P<kind>FAILED|ERROR)\s+\[\s*\d+%\]\s*$")
_PRINTED = 100
"""Lines that a test may print between its id and its outcome."""


def _late(tape: Tape, number: int, line: str, ledger: Ledger) -> int:
    """An outcome that stands below what the test printed: its id is above that."""
    outcome = _OUTCOME.match(line)
    if outcome is None:
        return number
    for back in range(1, _PRINTED):
        above = tape.behind(number - back)
        if above is None:
            break
        text = unstamped(above).lstrip() if "::" in above and len(above) < _LONG else ""
        if _BEGUN.match(text):
            if _ended(text) is None:
                ledger.live(outcome["kind"], _plainly(text), number)
            break
    return number + 1


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
    test, _, said = _divided(lines[0].replace("::()::", "::"))  # before pytest 4 a class' instance was part of it
    exception, message, notes = typed("\n".join([said, *lines[1:]]).strip()) if said else ("", "", ())
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
