"""The further lines of an exception's message: where it ends is the one thing that a traceback does not say."""

from __future__ import annotations

from bot.extract.forms import FRAME, RECORD, SENTENCES
from bot.extract.links import linked
from bot.extract.text import Text

FENCES = ('"""', "'''")
"""What stands around a traceback that another process printed into a message."""


def further(view: Text, number: int, *, whole: bool, remote: bool) -> tuple[list[str], int]:
    """The message's further lines and the number of the line after them."""
    line = view.text(number)
    if remote and line is not None and line.strip() in FENCES:
        return _quoted(view, number)
    if whole:
        return _all(view, number)
    linked_at = linked(view, number)
    lines: list[str] = []
    at = number
    while (line := view.text(at)) is not None and len(lines) < 200:
        if linked_at is not None:
            if at >= linked_at:
                break
        elif not _belongs(line, lines):
            break
        lines.append(line.rstrip())
        at += 1
    while lines and not lines[-1]:
        lines.pop()
        at -= 1
    return lines, at


def _quoted(view: Text, number: int) -> tuple[list[str], int]:
    """A remote traceback: everything between the triple quotes is the message."""
    fence = (view.text(number) or "").strip()
    lines = [fence]
    at = number + 1
    while (line := view.text(at)) is not None and len(lines) < 2_000:
        lines.append(line.rstrip())
        at += 1
        if line.strip() == fence:
            break
    return lines, at


def _all(view: Text, number: int) -> tuple[list[str], int]:
    """Everything up to the end of the view or the sentence that links to the next traceback."""
    lines: list[str] = []
    at = number
    while (line := view.text(at)) is not None:
        if line.strip() in SENTENCES:
            break
        if len(lines) < 400:
            lines.append(line.rstrip())
        at += 1
    while lines and not lines[-1]:
        lines.pop()
    return lines, at


def _belongs(line: str, lines: list[str]) -> bool:
    """Whether a line after the exception plainly goes on with its message."""
    if not line.strip() or len(lines) > 60:
        return False
    if line.startswith(("  ", "\t")) and not FRAME.match(line):
        return True
    return line.startswith(
        ("[SQL: ", "[parameters: ", "(Background on this error", "- ", "+ ", "? ")
    ) and not RECORD.match(line)
