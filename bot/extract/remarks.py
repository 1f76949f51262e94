"""Lines outside tracebacks that say that something went wrong."""

from __future__ import annotations

from collections import deque
from typing import ClassVar

from bot.model import Remark

_KEPT = 100


class RemarkListener:
    """Error lines, warnings and step commands: the first and the last of each kind."""

    needles: ClassVar[tuple[bytes, ...]] = (
        b"rror:", b"ERROR", b"atal:", b"FATAL", b"##[error]", b"##[group]Run ", b"Killed", b"o space left",
        b"cause: ", b"WARNING: ", b"not found", b"error in ",
    )  # fmt: skip
    """`cause: ` is how uv prints why; a warning of pip's often says why the error after it came."""

    def __init__(self) -> None:
        self._first: dict[str, list[Remark]] = {}
        self._last: dict[str, deque[Remark]] = {}

    def feed(self, line: int, text: str) -> bool:
        """Take a line."""
        bare = text.lstrip()
        kind = "command" if bare.startswith("##[group]Run ") else "warning" if bare.startswith("WARNING: ") else "error"
        remark = Remark(text=text.strip()[:500], line=line, kind=kind)
        first = self._first.setdefault(kind, [])
        if len(first) < _KEPT:
            first.append(remark)
        else:
            self._last.setdefault(kind, deque(maxlen=_KEPT)).append(remark)
        return False

    def result(self) -> tuple[Remark, ...]:
        """The remarks in the order of the log."""
        rows = [remark for rows in self._first.values() for remark in rows]
        rows += [remark for later in self._last.values() for remark in later]
        return tuple(sorted(rows, key=lambda remark: remark.line))
