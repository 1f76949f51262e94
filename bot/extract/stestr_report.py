"""stestr's and subunit-trace's output: a status line and "Captured …" blocks, live and again at the end."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar

from bot.extract import cpython
from bot.extract.forms import EXCEPTION, HEADER, SENTENCES, is_header, looks_like_type, parted
from bot.extract.found import Found
from bot.extract.ledger import Ledger
from bot.extract.needles import Needle, Pattern
from bot.extract.prefixes import Prefix
from bot.extract.tape import Tape
from bot.extract.text import Indented, Stretch, View
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


_SECTION = 1_000_000
"""Lines of a section that are read as such: of each test its id and the dashes below."""


def _section(view: View, number: int, ledger: Ledger) -> int:
    """Every failed test: its id, dashes, what was captured."""
    view.singly = _SECTION
    at = number
    while (line := view.text(at)) is not None:
        if line.startswith("====") and at > number + 1:
            break
        following = view.text(at + 1) or ""
        if line.strip() and not line.startswith((" ", "=", "-", "~")) and _DASHES.match(following):
            view.tape.read_to = at
            at = view.tape.again(("stestr", view.prefix.key), _below(view.prefix), view.tape, at, ledger)
            continue
        at += 1
    return at


def _below(prefix: Prefix) -> Callable[[Tape, int, Ledger], int]:
    """Reads one test of the section, from its id on."""

    def reads(tape: Tape, number: int, ledger: Ledger) -> int:
        view = View(tape, prefix)
        return _attachments(view, number + 2, (view.text(number) or "").strip(), number, ledger)

    return reads


def _attachments(view: View, number: int, test: str, first: int, ledger: Ledger) -> int:
    """Read the captured blocks of one test; the number of the line after them."""
    at = number
    told = False
    pending: Found | None = None
    while (line := view.text(at)) is not None:
        captured = _CAPTURED.match(line)
        if captured is None:
            if line.strip():
                more = _more(view, at) if at > number else None
                if more is None:
                    break
                at = more
                continue
            at += 1
            continue
        begin = at + 1 + bool(_TILDES.match(view.text(at + 1) or ""))
        if _hangs(view, begin):
            end = _hung(_Hanging(view, begin), begin)
            lines = [view.text(n) or "" for n in range(begin, end)]
            lines[0] = lines[0].removeprefix(_INDENT)
        else:
            end, lines = _indented(view, begin)
        inside = Stretch(lines, begin)
        if captured["what"].startswith("Captured traceback"):
            found = _failure(view.tape, inside, (begin, end), test, first)
            if found is not None and not told:
                pending, told = found, True
            elif found is not None:
                ledger.tested(found)
        else:
            _quoted(inside, begin, test, ledger)
        at = end
    if pending is not None:
        ledger.tested(pending)
    elif at > number:
        part = Raised(exception="", span=(first, at - 1))
        ledger.tested(Found(chain=(part,), span=(first, at - 1), dialect="stestr", test=test, phase=Phase.CALL))
    return max(at, number)


_UNINDENTED = 60
"""Lines of an attachment that stand at the line's begin, as do all but the first of one that is printed hanging."""


def _more(view: View, number: int) -> int | None:
    """The next attachment of the same test, past lines of one that is no traceback."""
    for at in range(number, number + _UNINDENTED):
        line = view.text(at)
        if line is None or _OTHER.match(line):
            return None
        if _CAPTURED.match(line) and _TILDES.match(view.text(at + 1) or ""):
            return at
    return None


_GAP = 12
"""Blank lines in a row that may be part of a block."""
_KEPT = 20_000
"""Lines of a block that are looked at."""


def _indented(view: View, number: int) -> tuple[int, list[str]]:
    """The line after a captured block (the first that is neither blank nor indented), and its lines without indent."""
    at = last = number
    lines: list[str] = []
    while page := view.page(at):
        for line in page:
            if line is None:
                view.text(at)
                return last, lines[: last - number]
            if line.startswith(_INDENT) and not line.isspace():
                lines.append(line[_WIDTH:])
                last = at = at + 1
                continue
            if not line.strip():
                if at - last >= _GAP:
                    view.text(at)
                    return last, lines[: last - number]
                lines.append(line.removeprefix(_INDENT))
            elif line.strip() in SENTENCES:
                lines.append(line)
                last = at + 1
            else:
                linked = _linked(view, at)
                if linked is None:
                    return last, lines[: last - number]
                lines += [view.text(n) or "" for n in range(at, linked)]
                at = linked
                break
            at += 1
        view.text(at - 1)
        if at - number > _KEPT:
            del lines[_KEPT:]
            view.tape.read_to = max(view.tape.read_to, at - 1)
    return last, lines[: last - number]


_WIDTH = len(_INDENT)


def _linked(view: View, number: int) -> int | None:
    """The sentence below a message's further lines, which are not indented as its first one is."""
    for at in range(number, number + 60):
        line = view.text(at)
        if line is None or _OTHER.match(line) or _CAPTURED.match(line):
            return None
        if line.strip() in SENTENCES:
            return at
    return None


class _Hanging(View):
    """A captured block of which only the first line is indented, as `stestr last` and failed imports print it."""

    __slots__ = ("_begin",)

    def __init__(self, view: View, begin: int) -> None:
        super().__init__(view.tape, view.prefix, view.transform)
        self._begin = begin

    def text(self, number: int) -> str | None:
        """A line of the block."""
        line = super().text(number)
        return line.removeprefix(_INDENT) if line is not None and number == self._begin else line

    @property
    def writer(self) -> str:
        """One block has one writer."""
        return ""


def _hangs(view: View, number: int) -> bool:
    """Whether a block's second line stands further to the left than its first."""
    first, second = view.text(number), view.text(number + 1)
    if first is None or second is None or not first.startswith(_INDENT):
        return False
    return second.startswith('  File "') or is_header(second)


def _hung(inside: _Hanging, number: int) -> int:
    """The line after the traceback of such a block: its own form says where it ends."""
    for at in (number, number + 1):
        if is_header(inside.text(at) or ""):
            return max(cpython.chain(inside, at).end, at + 1)
    return number + 1


_LONG = 300
"""Lines of a traceback that is remembered."""
_MEMO = 2_000
"""Tracebacks that are remembered: each is printed twice, as the test ends and at the end of the run."""


def _failure(tape: Tape, block: Stretch, lines: tuple[int, int], test: str, first: int) -> Found | None:
    begin, end = lines
    key = hash("\n".join(block.lines(begin)))
    known = tape.memo.get(key)
    if known is None:
        known = *_traceback(block, begin, end), begin
        if end - begin <= _LONG:
            if len(tape.memo) >= _MEMO:
                tape.memo.clear()
            tape.memo[key] = known
    parts, uncertain, at = known
    if not parts:
        return None
    phase = Phase.COLLECT if test.startswith("unittest.loader._FailedTest.") else Phase.CALL
    if test.startswith(("setUpClass ", "setUpModule ")):
        phase = Phase.SETUP
    if test.startswith(("tearDownClass ", "tearDownModule ")):
        phase = Phase.TEARDOWN
    return Found(
        chain=parts,
        moved=begin - at,
        span=(first, end - 1),
        dialect="stestr",
        test=test,
        phase=phase,
        uncertain=uncertain,
    )


def _traceback(block: Stretch, begin: int, end: int) -> tuple[tuple[Raised, ...], str | None]:
    """The chain that a block prints, and what is uncertain about it."""
    parts: tuple[Raised, ...] = ()
    for at, line in enumerate(block.lines(begin), begin):
        if is_header(line):
            read = cpython.chain(block, at, whole=True)
            return tuple(read.parts), read.uncertain
        found = EXCEPTION.match(line)
        if found and looks_like_type(found["type"]) and "Failed to import" not in line:
            message, suggestion = parted(found["message"] or "")
            notes = (suggestion,) if suggestion else ()
            parts = (Raised(exception=found["type"], message=message, notes=notes, span=(at, end - 1)),)
    return parts, None


def _quoted(block: Stretch, begin: int, test: str, ledger: Ledger) -> None:
    """Tracebacks in what a failing test logged or printed."""
    end = begin
    for at, line in enumerate(block.lines(begin), begin):
        if at < end or HEADER not in line:
            continue
        column = line.find(HEADER)
        read = cpython.chain(Indented(block, line[:column]) if column else block, at)
        if read.parts and read.parts[-1].frames:
            ledger.captured(
                Found(chain=tuple(read.parts), span=(at, read.end - 1), test=test, why="captured output of a test")
            )
            end = read.end


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
