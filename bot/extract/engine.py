"""How a log is walked: one pass over bytes, state machines only where a needle was hit.

Theory of operation
-------------------
`source` turns any input into windows of clean bytes (UTF-8, `\n` line ends, no ANSI codes, no NULs); the number of
line ends is never changed, so line numbers are the served log's. `engine` scans each window once with hyperscan for
the needles of every dialect and listener. A needle is a bytes literal that cannot span lines.

- A *dialect* is started with a cursor that stands on the line of the hit; it reads on from there as far as its
  text goes, and what it has read is not scanned for others.
- A *listener* is given single lines. `feed(line, text)` gets the line's number and its text without the CI's stamp,
  and answers whether it wants the next line as well, whatever that holds (a table, a list). Lines that a dialect
  has consumed are not offered.

Listeners hold no more than they need to answer; a log may have a billion lines.
"""

from __future__ import annotations

from typing import ClassVar, Protocol


class Listener(Protocol):
    """Something that is told of single lines: the environment's reader, remarks, totals."""

    needles: ClassVar[tuple[bytes, ...]]
    """Bytes literals (case matters); a line with any of them is fed once, in the order of the log."""

    def feed(self, line: int, text: str) -> bool:
        """Take a line; whether the next one is wanted too, even without a needle."""
        ...
