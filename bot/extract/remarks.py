"""Lines outside tracebacks that say that something went wrong, and the commands of steps."""

from __future__ import annotations

from collections import deque
from typing import ClassVar

from bot.extract.needles import Needle
from bot.extract.numbers import Numbers
from bot.extract.prefixes import unstamped
from bot.model import Remark

_KEPT = 100
COMMAND = b"##[group]Run "


class RemarkListener:
    """Error lines, warnings and step commands: the first and the last of each kind."""

    needles: ClassVar[tuple[Needle, ...]] = (
        b"rror:", b"ERROR", b"atal:", b"FATAL", b"##[error]", b"Killed", b"o space left",
        b"cause: ", b"WARNING: ", b"not found", b"error in ",
    )  # fmt: skip
    """`cause: ` is how uv prints why; a warning of pip's often says why the error after it came."""
    collects: ClassVar[Needle] = COMMAND

    def __init__(self) -> None:
        self._first: dict[str, list[Remark]] = {}
        self._last: dict[str, deque[Remark]] = {}
        self._held: tuple[bytes, Numbers, list[int]] = b"", Numbers(b"", 0), []

    def feed(self, line: int, text: str) -> bool:
        """Take a line."""
        kind = "warning" if text.lstrip().startswith("WARNING: ") else "error"
        self._take(Remark(text=text.strip()[:500], line=line, kind=kind))
        return False

    def _take(self, remark: Remark) -> None:
        first = self._first.setdefault(remark.kind, [])
        if len(first) < _KEPT:
            first.append(remark)
        else:
            self._last.setdefault(remark.kind, deque(maxlen=_KEPT)).append(remark)

    def collect(self, window: bytes, numbers: Numbers, offsets: list[int]) -> None:
        """Take a window with commands: where the first ones are known, it waits whether there are enough later ones."""
        if len(self._first.get("command", ())) < _KEPT:
            self._commands(window, numbers, offsets)
            return
        if len(offsets) < _KEPT:
            self._commands(*self._held)
        self._held = window, numbers, offsets[-_KEPT:]

    def _commands(self, window: bytes, numbers: Numbers, offsets: list[int]) -> None:
        end = 0
        for offset in offsets:
            if offset <= end:
                continue  # a line may repeat it a million times
            start = window.rfind(b"\n", end, offset) + 1 or end
            end = window.find(b"\n", offset)
            end = end if end >= 0 else len(window)
            line = window[start : min(end, start + _LONGEST)].decode("utf-8", "replace")
            text = unstamped(line).strip()[:500]
            if text.startswith("##[group]Run "):
                self._take(Remark(text=text, line=numbers.at(offset), kind="command"))

    def result(self) -> tuple[Remark, ...]:
        """The remarks in the order of the log."""
        self._commands(*self._held)
        rows = [remark for rows in self._first.values() for remark in rows]
        rows += [remark for later in self._last.values() for remark in later]
        return tuple(sorted(rows, key=lambda remark: remark.line))


_LONGEST = 2_000
"""Bytes of a command's line that are looked at."""
