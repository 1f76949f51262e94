"""What must hold for any bytes: a Reading or a refusal, in time, and nothing in it that is not in the text."""

from __future__ import annotations

import io
import re
import time

from bot.errors import Unreadable
from bot.extract import read
from bot.extract.source import _ANSI, _CSI
from bot.model import Frame, Reading

SECONDS_PER_MB = 1.0
SLACK = 2.0
"""Seconds that an input may take whatever its size: other processes run on this machine too."""


def examine(data: bytes, *, timed: bool = True) -> Reading | None:
    """Read, and assert what must hold; None where the input is refused."""
    began = time.process_time()
    try:
        seen = read(io.BytesIO(data))
    except Unreadable:
        return None
    took = time.process_time() - began
    assert not timed or took < SLACK + SECONDS_PER_MB * len(data) / (1 << 20), f"{took:.1f} s for {len(data)} bytes"
    plain(data, seen)
    return seen


def plain(data: bytes, seen: Reading) -> None:
    """Every frame's words stand in the text, and every number within it."""
    if data[:4] in {b"PK\x03\x04", b"\x28\xb5\x2f\xfd"} or data[:2] == b"\x1f\x8b":
        return
    assert len(seen.failures) <= 1_000
    assert seen.failures_total >= len(seen.failures)
    assert sum(one.root for one in seen.failures) <= len(seen.failures)
    chains = [one.chain for one in seen.failures] + [one.chain for one in seen.handled]
    frames = [frame for chain in chains for part in chain for frame in part.frames]
    if not frames:
        return
    text = _text(data)
    for frame in frames:
        assert 0 < frame.at <= seen.lines, frame
        assert _stands(frame, text), frame


def _text(data: bytes) -> str:
    """The input as a reader would see it, in every way in which a word may be written in it."""
    shown = _CSI.sub(b"", _ANSI.sub(b"", data.replace(b"\0", b"")))
    texts = [shown.decode("utf-8", "replace"), shown.decode("latin-1")]
    texts += [data.decode(encoding, "replace") for encoding in ("utf-16-le", "utf-16-be", "utf-32")]
    joined = "\n".join(texts)
    # rich wraps a place at its box's edge, anywhere
    return joined + re.sub(r"[^\S\n]*[│|]?\s*\n\s*[│|]?\s*", "", joined)


def _stands(frame: Frame, text: str) -> bool:
    words = re.findall(r"[A-Za-z0-9_]+", frame.file)
    return all(word in text for word in words[:8])
