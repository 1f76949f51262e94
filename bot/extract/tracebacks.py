"""Tracebacks wherever they stand in a log: the prefix is learned, the lines before say what they are."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar

from bot.extract import cpython, ipython_plain
from bot.extract.forms import EXCEPTION, FRAME, HEADER, looks_like_type
from bot.extract.found import Found
from bot.extract.ledger import Ledger
from bot.extract.prefixes import NONE, Prefix, is_stamp, masked, unstamped
from bot.extract.tape import Tape
from bot.extract.text import View
from bot.model import Phase
from bot.patterns import pattern

_FRAME_AT = pattern(r'  File(?: (?:"|&quot;)|$)|  \[Previous line')
_GROUP = pattern(r"\+ Exception Group Traceback \(most recent call last\):$")


class Tracebacks:
    """CPython's blocks, chained and grouped."""

    needles: ClassVar[tuple[bytes, ...]] = (
        b"Traceback (most recent call last):",
        b"Traceback with variables (most recent call last):",
        b"+-+----------------",
    )

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read the block at a hit."""
        line = tape.text(number)
        if line is None:
            return number
        located = _place(tape, number, line)
        if located is None:
            return number
        view, first = located
        read = cpython.chain(view, first)
        if not read.parts or not (read.parts[-1].frames or read.parts[-1].exception):
            return number
        before = _before(view, tape, first)
        end = max(first + 1, number + 1)
        if read.uncertain is None or all(view.text(at) is not None for at in range(first, read.end)):
            end = max(read.end, end)
        else:
            tape.taken.update(at for at in range(first, read.end) if view.text(at) is not None)
        imported = _FAILED_IMPORT.match(before[0]) if before else None
        internal = "INTERNALERROR>" in view.prefix.text
        report = ledger.tested if imported or internal else ledger.loose
        report(
            Found(
                test=imported["module"] if imported else None,
                phase=Phase.COLLECT if imported else Phase.OUTSIDE,
                dialect="unittest" if imported else "pytest-internal" if internal else "python",
                chain=tuple(read.parts),
                span=(first, read.end - 1),
                before=before,
                writer=view.prefix.key,
                uncertain=read.uncertain,
                why=handled_by(before),
                logged=any(is_record(text) for text in before[:1]),
            )
        )
        return end


def _place(tape: Tape, number: int, line: str) -> tuple[View, int] | None:
    """The view in which the block reads plainly, and its first line."""
    column = line.find(HEADER)
    if column < 0:
        return _with_variables(tape, number, line) or _headless(tape, number, line)
    grouped = _GROUP.search(line.rstrip())
    if grouped:
        prefix = Prefix(line[: grouped.start() - 2]) if grouped.start() > 2 else NONE
        return View(tape, prefix, _unescaping() if "File &quot;" in (tape.text(number + 1) or "") else None), number
    following = _frame_below(tape, number)
    if following is None:
        head = line[:column]
        return _squeezed(tape, number, head) or _celled(tape, number, head) or _without_frames(tape, number, head)
    text, at = following
    head, below = line[:column], text[:at]
    prefix = Prefix(head if masked(head) == masked(below) else below)
    transform = _unescaping() if "File &quot;" in text else None
    view: View = View(tape, prefix, transform)
    if prefix.text is not head and view.text(number) != HEADER:
        view = Headed(tape, prefix, transform, number)
    return _remote(view, number)


def _with_variables(tape: Tape, number: int, line: str) -> tuple[View, int] | None:
    """A block below another header; it tells the variables of each frame."""
    column = line.find("Traceback with variables (")
    return (Headed(tape, Prefix(line[:column]), None, number), number) if column >= 0 else None


def _squeezed(tape: Tape, number: int, head: str) -> tuple[View, int] | None:
    """A block whose indentation somebody lost: a tracker, a mail, a page."""
    prefix = Prefix(head)
    below = prefix.strip(tape.text(number + 1) or "")
    return (View(tape, prefix, _spaced), number) if below and FRAME.match(below.strip()) else None


def _celled(tape: Tape, number: int, head: str) -> tuple[View, int] | None:
    """A block whose places IPython wrote."""
    view = View(tape, Prefix(head), ipython_plain.plainly)
    below = view.prefix.strip(tape.text(number + 1) or "")
    return (view, number) if below and ipython_plain.is_place(below) else None


def _spaced(line: str) -> str:
    """A line as CPython indents it, as far as it can be told."""
    text = line.strip()
    if FRAME.match(text):
        return f"  {text}"
    return f"    {text}" if text and line[0].isspace() else line


def _unescaping() -> Callable[[str], str]:
    from html import unescape  # whose table of names few logs need

    return unescape


class Headed(View):
    """A view in which one line is a header, whatever precedes it there (`ERROR:root:Traceback …`)."""

    __slots__ = ("_header",)

    def __init__(self, tape: Tape, prefix: Prefix, transform: object, header: int) -> None:
        del transform
        super().__init__(tape, prefix)
        self._header = header

    def text(self, number: int) -> str | None:
        """A line, or the header."""
        return HEADER if number == self._header else super().text(number)


def _frame_below(tape: Tape, number: int) -> tuple[str, int] | None:
    """The first frame's line below a header, and the column where the frame's indentation begins."""
    for ahead in range(1, 12):
        text = tape.text(number + ahead)
        if text is None or HEADER in text:
            return None
        found = _FRAME_AT.search(text)
        if found:
            return text, found.start()
    return None


def _without_frames(tape: Tape, number: int, head: str) -> tuple[View, int] | None:
    """A header right above an exception: believed where the prefix is a stamp and the next line names a type."""
    view = View(tape, Prefix(head))
    if unstamped(head).strip():
        return None
    line = view.text(number + 1) or ""
    found = EXCEPTION.match(line)
    return (view, number) if found and looks_like_type(found["type"]) else None


def _headless(tape: Tape, number: int, line: str) -> tuple[View, int] | None:
    """A group that was raised without a traceback: its members' frame is the first sign, its margin is above."""
    column = line.find("+-+---")
    if column < 2:
        return None
    prefix = Prefix(line[: column - 2])
    view = View(tape, prefix)
    first = number
    while (text := view.behind(first - 1)) is not None and text.startswith("  | "):
        first -= 1
    if first == number or first <= tape.read_to - 1 or first in tape.taken:
        return None
    return view, first


def _remote(view: View, number: int) -> tuple[View, int]:
    """A remote traceback begins two lines earlier: `pool.RemoteTraceback:` and three quotes."""
    if (view.behind(number - 1) or "").strip() in {'"""', "'''"}:
        found = EXCEPTION.match(view.behind(number - 2) or "")
        if found and found["message"] == "":
            return view, number - 2
    return view, number


# ------------------------------------------------------------------------------------------ what stands before it

_FAILED_IMPORT = pattern(r"(?:ImportError: )?Failed to import test module: (?P<module>\S+)\s*$")
_IGNORED = pattern(
    r"^(?:Exception ignored (?:in|on|while)\b|Error in atexit|--- Logging error ---|Error in sys\.excepthook|"
    r"Exception ignored in sys\.unraisablehook|\(trapped\) )"
)
_RECORD = pattern(
    r"""^(?:
        \[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d | \d\d:\d\d:\d\d(?:[.,]\d+)?\s
      | (?:DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|EXCEPTION|FATAL)\b
      | \[(?:DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|[EWICD])\b
      | [EWICD]\s?\d{4}\s
      | \[[\w/: .-]+\]\s.*\b(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)\b
      | .*\s(?:DEBUG|INFO|WARNING|ERROR|CRITICAL|EXCEPTION)(?::|\s-|\s\[|\s\|)
    )""",
    re.VERBOSE,
)


def is_record(text: str) -> bool:
    """Whether a line looks like a log's record."""
    return _RECORD.match(text) is not None


def handled_by(before: tuple[str, ...]) -> str | None:
    """What the line before a block says of its having been handled."""
    if before and _IGNORED.match(before[0]):
        return f"the line before it says so: {before[0][:120]}"
    return None


def _before(view: View, tape: Tape, number: int) -> tuple[str, ...]:
    """Up to four lines before a block, nearest first, without prefix or stamp."""
    lines: list[str] = []
    for back in range(1, 9):
        raw = tape.behind(number - back)
        if raw is None:
            break
        text = view.behind(number - back)
        if text is None:
            if not is_stamp(view.prefix.text):
                continue
            text = unstamped(raw)
        if text.strip():
            lines.append(text.rstrip())
            if len(lines) == 4:
                break
    return tuple(lines)
