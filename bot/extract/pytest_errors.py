"""What pytest's `E` lines say: type, message and notes, a syntax error's place, hypothesis' example."""

from __future__ import annotations

import re

from bot.extract.forms import EXCEPTION, looks_like_type, parted
from bot.model import Frame
from bot.patterns import pattern

_ASSERT = pattern(r"(?:assert\b|AssertionError\b)")
_HYPOTHESIS = pattern(r"(?:Falsifying example|Failing test case|Explanation)\b")


def typed(text: str) -> tuple[str, str, tuple[str, ...]]:
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


_E_FRAME = pattern(r'\s*File "(?P<file>[^"\n]*)", line (?P<line>\d+)\s*$')


def is_place(text: str) -> bool:
    """Whether a line says where a syntax error stands."""
    return _E_FRAME.match(text) is not None


def explained(e: list[str], crash: str | None, first: int) -> tuple[str, str, tuple[str, ...], Frame | None, list[str]]:
    """Exception, message, notes, a syntax error's own frame, and what helps to reproduce, from `E` lines."""
    lines = dedented(e)
    if not lines:
        return crash or "", "", (), None, []
    at = _E_FRAME.match(lines[0])
    if at is not None:
        return _syntax(lines, at, first)
    extra = _reproducer(lines)
    exception, message, notes = typed("\n".join(lines))
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


def dedented(e: list[str]) -> list[str]:
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
            frame = Frame(file=at["file"], line=int(at["line"][:9]), source=source, at=first)
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
