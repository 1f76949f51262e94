"""Logs of any size, made of the corpus' own: clean, dense, and mixed at a given density; the same for the same seed."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench.corpus import ROOT, unpacked
from bot.extract.needles import Hits
from bot.extract.reading import _NEEDLES

CACHE = ROOT / ".cache" / "bench"
_HEADER = b"Traceback (most recent call last):"


def clean(size: int) -> Path:
    """The corpus' passing logs, repeated to a size."""
    return _made(f"clean-{size}", size, lambda: _repeated(_named("passing.log")))


def dense(size: int) -> Path:
    """The corpus' failing logs, repeated to a size."""
    return _made(f"dense-{size}", size, lambda: _repeated(_named("failing.log")))


def varied(size: int, name: str) -> Path:
    """The corpus' logs of a name repeated to a size, with other times and line numbers in each round.

    So nothing repeats but what repeats within one log: no reader gains by remembering what it read a round ago.
    """
    return _made(f"varied-{name}-{size}", size, lambda: _rounds(_named(f"{name}.log")))


def quiet(size: int) -> Path:
    """What of the corpus' passing logs says nothing: the lines on which no needle is found, varied as `varied` is.

    What is read of such a log is only that there is nothing to read; so it shows what the search itself costs.
    """
    wanted = zlib.crc32(b"\n".join(_NEEDLES.examples))
    return _made(f"quiet-{wanted:x}-{size}", size, lambda: _rounds([b"".join(map(_unsaid, _named("passing.log")))]))


def _unsaid(log: bytes) -> bytes:
    return b"".join(row for row in log.splitlines(keepends=True) if not _said(_NEEDLES.scan(row)))


def _said(hits: Hits) -> bool:
    return bool(hits.loud or hits.quiet or hits.swept or hits.marks)


def mixed(size: int, density: int, seed: int = 1) -> Path:
    """The passing logs with so many tracebacks of the failing ones strewn in per megabyte."""
    return _made(f"mixed-{density}-{seed}-{size}", size, lambda: _strewn(density, seed))


def _named(name: str) -> list[bytes]:
    folders = [unpacked("cases"), unpacked("negatives")]
    paths = sorted(path for folder in folders for path in folder.glob(f"*/{name}"))
    return [data if data.endswith(b"\n") else data + b"\n" for data in (path.read_bytes() for path in paths)]


def _made(name: str, size: int, source) -> Path:  # noqa: ANN001  # a callable that gives pieces
    path = CACHE / f"{name}.log"
    if path.exists() and path.stat().st_size == size:
        return path
    CACHE.mkdir(parents=True, exist_ok=True)
    written = 0
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        for piece in source():
            written += file.write(piece[: size - written])
            if written >= size:
                break
    partial.replace(path)
    return path


def _repeated(pieces: list[bytes]) -> Iterator[bytes]:
    while True:
        yield from pieces


_TIME = re.compile(rb"(\d\d:\d\d:\d\d[.,])(\d{3,9})|(\bline )(\d{1,6})\b")


def _rounds(pieces: list[bytes]) -> Iterator[bytes]:
    turn = 0
    while True:
        for piece in pieces:
            yield _TIME.sub(partial(_later, turn), piece) if turn else piece
        turn += 1


def _later(turn: int, found: re.Match[bytes]) -> bytes:
    """A time some ticks later, a line so much further down."""
    time, fraction, line, number = found.groups()
    if line is not None:
        return line + b"%d" % (int(number) + turn)
    return time + b"%0*d" % (len(fraction), (int(fraction) + 37 * turn) % 10 ** len(fraction))


def _strewn(density: int, seed: int) -> Iterator[bytes]:
    """About `density` tracebacks a megabyte; each has a number of its own in its message, so that they are distinct."""
    chance = random.Random(seed)
    blocks = _blocks()
    lines = [line for log in _named("passing.log") for line in log.splitlines(keepends=True)]
    gap = (1 << 20) / density if density else float("inf")
    left = chance.expovariate(1 / gap) if density else gap
    number = 0
    while True:
        for line in lines:
            yield line
            left -= len(line)
            if left <= 0:
                number += 1
                yield chance.choice(blocks).replace(b"\n\0", b" %d\n" % number)
                left = chance.expovariate(1 / gap)


def _blocks() -> list[bytes]:
    """Plain tracebacks of the failing logs; a zero byte marks the end of each one's exception line."""
    found = []
    for log in _named("failing.log"):
        for start in (
            match.start() for match in re.finditer(rb"^Traceback \(most recent call last\):\n", log, re.MULTILINE)
        ):
            block = re.match(rb".*\n(?:  .*\n)+[\w.]+(?:Error|Exception): .*\n", log[start : start + 20_000])
            if block:
                found.append(block.group() + b"\0\n")
    return [block.replace(b"\n\0\n", b"\n\0") for block in found]
