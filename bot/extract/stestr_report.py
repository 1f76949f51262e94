"""stestr's and subunit-trace's output: a status line and "Captured …" blocks, live and again at the end."""

from __future__ import annotations

import re
from typing import ClassVar

from bot.extract import cpython
from bot.extract.cpython import EXCEPTION, HEADER, looks_like_type
from bot.extract.found import Found
from bot.extract.ledger import Ledger
from bot.extract.needles import Needle, Pattern
from bot.extract.prefixes import Prefix
from bot.extract.tape import Tape, View
from bot.model import Phase, Raised, Totals
from bot.patterns import pattern

_STATUS = pattern(r"(?:\{\d+\} )?(?P<test>\S.*?) (?:\[\d[\d.]*s\] )?\.\.\. FAILED\s*$")
_CAPTURED = pattern(r"(?P<what>Captured [\w:' -]+?):\s*$")
_TILDES = pattern(r"~{5,}\s*$")
_DASHES = pattern(r"-{5,}\s*$")
_BELOW = pattern(r"Failed \d+ tests? - output below:\s*$")
_OTHER = pattern(r"\{\d+\} \S|[=-]{5,}\s*$|Totals\b")
"""Lines with which a block of another test, or the end, begins."""
_INDENT = "    "


class StestrReport:
    """`{0} test … FAILED`, and the same once more under "Failed N tests - output below"."""

    needles: ClassVar[tuple[bytes, ...]] = (b"... FAILED", b" - output below:")

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read what was captured for one failed test, or the section that repeats them all."""
        line = tape.text(number) or ""
        below = re.search(r"Failed \d+ tests? - output below:\s*$", line)
        if below:
            return _section(View(tape, Prefix(line[: below.start()])), number + 1, ledger)
        live = re.search(r"\{\d+\} \S.* \.\.\. FAILED\s*$", line)
        if live is None:
            return number
        view = View(tape, Prefix(line[: live.start()]))
        status = _STATUS.match(line[live.start() :])
        if status is None or not _attached(view, number + 1):
            return number
        return _attachments(view, number + 1, status["test"], number, ledger)


def _attached(view: View, number: int) -> bool:
    """Whether captured output follows, past a blank line."""
    for ahead in range(3):
        text = view.text(number + ahead)
        if text is None:
            return False
        if _CAPTURED.match(text):
            return True
        if text.strip():
            return False
    return False


def _section(view: View, number: int, ledger: Ledger) -> int:
    """Every failed test: its id, dashes, what was captured."""
    at = number
    while (line := view.text(at)) is not None:
        if line.startswith("====") and at > number + 1:
            break
        following = view.text(at + 1) or ""
        if line.strip() and not line.startswith((" ", "=", "-", "~")) and _DASHES.match(following):
            view.tape.read_to = at
            at = _attachments(view, at + 2, line.strip(), at, ledger)
            continue
        at += 1
    return at


def _attachments(view: View, number: int, test: str, first: int, ledger: Ledger) -> int:
    """Read the captured blocks of one test; the number of the line after them."""
    at = number
    told = False
    pending: Found | None = None
    while (line := view.text(at)) is not None:
        captured = _CAPTURED.match(line)
        if captured is None:
            if line.strip():
                break
            at += 1
            continue
        begin = at + 1 + bool(_TILDES.match(view.text(at + 1) or ""))
        inside: _Inside = _Hanging(view, begin) if _hangs(view, begin) else _Inside(view)
        end = _hung(inside, begin) if isinstance(inside, _Hanging) else _indented(view, begin)
        if captured["what"].startswith("Captured traceback"):
            found = _traceback(inside, begin, end, test, first)
            if found is not None and not told:
                pending, told = found, True
            elif found is not None:
                ledger.tested(found)
        else:
            _quoted(inside, begin, end, test, ledger)
        at = end
    if pending is not None:
        ledger.tested(pending)
    elif at > number:
        part = Raised(exception="", span=(first, at - 1))
        ledger.tested(Found(chain=(part,), span=(first, at - 1), dialect="stestr", test=test, phase=Phase.CALL))
    return max(at, number)


def _indented(view: View, number: int) -> int:
    """The line after a captured block: the first that is neither blank nor indented."""
    at = number
    last = number
    while (line := view.text(at)) is not None:
        if not (line.startswith(_INDENT) or not line.strip() or line.strip() in cpython.SENTENCES):
            linked = _linked(view, at)
            if linked is None:
                break
            at = linked
        at += 1
        if line.strip():
            last = at
        elif at - last > 12:
            break
    return last


def _linked(view: View, number: int) -> int | None:
    """The sentence below a message's further lines, which are not indented as its first one is."""
    for at in range(number, number + 60):
        line = view.text(at)
        if line is None or _OTHER.match(line) or _CAPTURED.match(line):
            return None
        if line.strip() in cpython.SENTENCES:
            return at
    return None


class _Inside:
    """A captured block without its indentation; the sentence between two tracebacks has none."""

    __slots__ = ("view",)

    def __init__(self, view: View) -> None:
        self.view = view

    def text(self, number: int) -> str | None:
        """A line of the block."""
        line = self.view.text(number)
        return line if line is None else line.removeprefix(_INDENT)

    def behind(self, number: int) -> str | None:
        """A line of the block."""
        return self.text(number)

    def ended(self, number: int) -> bool:
        """Whether the log has no such line."""
        return self.view.ended(number)

    def at(self, number: int) -> int:
        """A tape's numbers are the log's."""
        return number

    @property
    def writer(self) -> str:
        """One block has one writer."""
        return ""


class _Hanging(_Inside):
    """A captured block of which only the first line is indented, as `stestr last` and failed imports print it."""

    __slots__ = ("_begin",)

    def __init__(self, view: View, begin: int) -> None:
        super().__init__(view)
        self._begin = begin

    def text(self, number: int) -> str | None:
        """A line of the block."""
        line = self.view.text(number)
        return line.removeprefix(_INDENT) if line is not None and number == self._begin else line


def _hangs(view: View, number: int) -> bool:
    """Whether a block's second line stands further to the left than its first."""
    first, second = view.text(number), view.text(number + 1)
    if first is None or second is None or not first.startswith(_INDENT):
        return False
    return second.startswith('  File "') or cpython.is_header(second)


def _hung(inside: _Hanging, number: int) -> int:
    """The line after the traceback of such a block: its own form says where it ends."""
    for at in (number, number + 1):
        if cpython.is_header(inside.text(at) or ""):
            return max(cpython.chain(inside, at).end, at + 1)
    return number + 1


class _Block:
    """The lines of a captured block."""

    __slots__ = ("_end", "_view")

    def __init__(self, view: _Inside | View, end: int) -> None:
        self._view, self._end = view, end

    def text(self, number: int) -> str | None:
        return self._view.text(number) if number < self._end else None

    def behind(self, number: int) -> str | None:
        return self.text(number)

    def ended(self, number: int) -> bool:
        return number >= self._end

    def at(self, number: int) -> int:
        return number

    @property
    def writer(self) -> str:
        return ""


def _traceback(view: _Inside, begin: int, end: int, test: str, first: int) -> Found | None:
    block = _Block(view, end)
    parts: tuple[Raised, ...] = ()
    uncertain = None
    for at in range(begin, end):
        line = block.text(at)
        if line is None:
            continue
        if cpython.is_header(line):
            read = cpython.chain(block, at, whole=True)
            parts, uncertain = tuple(read.parts), read.uncertain
            break
        found = EXCEPTION.match(line)
        if found and looks_like_type(found["type"]) and "Failed to import" not in line:
            message, suggestion = cpython.parted(found["message"] or "")
            parts = (
                Raised(
                    exception=found["type"],
                    message=message,
                    notes=(suggestion,) if suggestion else (),
                    span=(at, end - 1),
                ),
            )
    if not parts:
        return None
    phase = Phase.COLLECT if test.startswith("unittest.loader._FailedTest.") else Phase.CALL
    if test.startswith(("setUpClass ", "setUpModule ")):
        phase = Phase.SETUP
    if test.startswith(("tearDownClass ", "tearDownModule ")):
        phase = Phase.TEARDOWN
    return Found(
        chain=parts,
        span=(first, end - 1),
        dialect="stestr",
        test=test,
        phase=phase,
        uncertain=uncertain,
    )


def _quoted(view: _Inside, begin: int, end: int, test: str, ledger: Ledger) -> None:
    """Tracebacks in what a failing test logged or printed."""
    block = _Block(view, end)
    at = begin
    while at < end:
        line = block.text(at)
        if line is not None and HEADER in line:
            column = line.find(HEADER)
            outer = view.view
            inner = _Block(View(outer.tape, Prefix(outer.prefix.text + _INDENT + line[:column])), end)
            read = cpython.chain(inner, at)
            if read.parts and read.parts[-1].frames:
                ledger.captured(
                    Found(chain=tuple(read.parts), span=(at, read.end - 1), test=test, why="captured output of a test")
                )
                at = max(read.end, at + 1)
                continue
        at += 1


_COUNT = pattern(r"\s-\s(?P<name>Passed|Skipped|Expected Fail|Unexpected Success|Failed): (?P<number>\d+)\s*$")


class StestrTotals:
    """`Ran: 40 tests in 4.4 sec.` with its list of counts."""

    needles: ClassVar[tuple[Needle, ...]] = (Pattern(rb"Ran: \d+ tests? in ", b"Ran: 40 tests in 4.4 sec."),)
    lasting: ClassVar[bool] = True

    def matters(self, ledger: Ledger) -> bool:
        """Where something was found since the last counts, and as long as all are kept."""
        return ledger.counting

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read the counts below the line."""
        line = tape.text(number) or ""
        found = re.search(r"Ran: \d+ tests? in ", line)
        if found is None:
            return number
        view = View(tape, Prefix(line[: found.start()]))
        counts: dict[str, int] = {}
        at = number + 1
        while (text := view.text(at)) is not None and (row := _COUNT.match(text)):
            counts[row["name"]] = int(row["number"][:9])
            at += 1
        if not counts:
            return number
        ledger.totals(
            Totals(
                runner="stestr",
                failed=counts.get("Failed", 0),
                passed=counts.get("Passed", 0),
                skipped=counts.get("Skipped", 0),
                expected=counts.get("Expected Fail", 0) + counts.get("Unexpected Success", 0),
                line=number,
            )
        )
        return at
