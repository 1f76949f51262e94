"""The log's own lines around its first failures, for the page that shows one: a second pass over the input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from bot.extract.source import windows
from bot.model import Judged
from bot.ports import Region

AROUND = 3
MOST_LINES = 120
MOST_REGIONS = 5
WIDEST = 2_000
"""Characters of a line that are kept."""


def regions(stream: BinaryIO, failures: Sequence[Judged]) -> tuple[Region, ...]:
    """The regions of the first failures, roots first; the log is read again from its beginning."""
    order = sorted(range(len(failures)), key=lambda number: not failures[number].failure.root)[:MOST_REGIONS]
    spans = {number: _stretch(failures[number].failure.span) for number in order if failures[number].failure.span[0]}
    if not spans:
        return ()
    wanted = {line for first, last in spans.values() for line in range(first, last + 1)}
    lines = _lines(stream, wanted)
    return tuple(
        Region(
            failure=number,
            first=first,
            lines=tuple(lines.get(line, "") for line in range(first, last + 1) if line in lines),
        )
        for number, (first, last) in spans.items()
    )


def _stretch(span: tuple[int, int]) -> tuple[int, int]:
    """The lines to show of a span: all of it with some around, the end where it is long (there the exception is)."""
    first, last = max(1, span[0] - AROUND), span[1] + AROUND
    return max(first, last - MOST_LINES + 1), last


def _lines(stream: BinaryIO, wanted: set[int]) -> dict[int, str]:
    number, last, found = 0, max(wanted), {}
    for window in windows(stream):
        for line in window.splitlines():
            number += 1
            if number in wanted:
                found[number] = line[: WIDEST * 4].decode("utf-8", "replace")[:WIDEST]
            if number >= last:
                return found
    return found
