"""What stands inside the margin of an exception group's tree, read as if there were no tree."""

from __future__ import annotations

from bot.extract.forms import HEADER
from bot.extract.text import Text


class _OneByOne:
    """Lines that are looked at one by one, all of one writer."""

    __slots__ = ()

    def calm(self, number: int, lines: int) -> bool:
        """Whether it is known that no sentence that links tracebacks stands on so many lines from one on."""
        del number, lines
        return False

    def run(self, number: int, size: int = 0) -> str:
        """They are not in hand in bulk."""
        del number, size
        return ""

    @property
    def writer(self) -> str:
        """It is known already whose lines they are."""
        return ""


class Margin(_OneByOne):
    """A group's inside: the lines with its margin, without it."""

    __slots__ = ("_bar", "_indent", "view")

    def __init__(self, view: Text, indent: int) -> None:
        self.view = view
        self._indent = indent
        self._bar = " " * indent + "|"

    def text(self, number: int) -> str | None:
        """A line; None where another margin stands."""
        line = self.view.text(number)
        if line is None or not line.startswith(self._bar):
            return None
        return line[self._indent + 2 :]

    behind = text

    def ended(self, number: int) -> bool:
        """Whether there is no such line."""
        return True if self.text(number) is None else self.view.ended(number)

    def at(self, number: int) -> int:
        """The log's number of a line."""
        return self.view.at(number)


class Under(_OneByOne):
    """A margin whose header line, which has none, is let through."""

    __slots__ = ("_header", "_margin")

    def __init__(self, margin: Margin, header: int) -> None:
        self._margin = margin
        self._header = header

    def text(self, number: int) -> str | None:
        """A line, or the header."""
        return HEADER if number == self._header else self._margin.text(number)

    behind = text

    def ended(self, number: int) -> bool:
        """Whether there is no such line."""
        return number != self._header and self._margin.ended(number)

    def at(self, number: int) -> int:
        """The log's number of a line."""
        return self._margin.at(number)
