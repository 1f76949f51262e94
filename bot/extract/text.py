"""Numbered lines as dialects read them: without what was printed in front, one by one or in bulk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from bot.extract.chunk import PAGE
from bot.extract.prefixes import NONE, Prefix
from bot.extract.tape import Tape


class Text(Protocol):
    """Numbered lines that a dialect reads."""

    def text(self, number: int, /) -> str | None:
        """A line without its prefix; None past the end and where another writer's prefix stands."""
        ...

    def behind(self, number: int, /) -> str | None:
        """A line that was read already, without its prefix."""
        ...

    def calm(self, number: int, lines: int, /) -> bool:
        """Whether it is known that no sentence that links tracebacks stands on so many lines from one on."""
        ...

    def run(self, number: int, size: int = ..., /) -> str:
        """A line and those that follow it, as far as they are in hand; empty where they are not."""
        ...

    def ended(self, number: int, /) -> bool:
        """Whether there is no such line."""
        ...

    def at(self, number: int, /) -> int:
        """The served log's number of a line."""
        ...

    @property
    def writer(self) -> str:
        """What tells this writer from another."""
        ...


_SINGLY = 4
_ENOUGH = 24
"""Lines that are left of a page when a run is still taken from it."""


_PREFIXES = 16
"""Prefixes without which a page is kept."""
_NOTHING: tuple[int, Sequence[str | None]] = 0, ()


class View:
    """A tape's lines as they were before a prefix was put in front of them."""

    __slots__ = ("_asked", "_before", "_first", "_lines", "prefix", "singly", "tape", "transform")

    def __init__(self, tape: Tape, prefix: Prefix = NONE, transform: Callable[[str], str | None] | None = None) -> None:
        self.tape = tape
        self.singly = _SINGLY
        """How often lines are asked for one by one, before pages are taken: most hits begin nothing."""
        self.prefix = prefix
        self.transform = transform
        self._asked = 0
        self._first = 0
        self._lines: Sequence[str | None] = ()
        self._before: tuple[int, Sequence[str | None]] = 0, ()

    def text(self, number: int) -> str | None:
        """A line without the prefix; None past the end and where another prefix stands."""
        tape = self.tape
        tape.high = max(tape.high, number)
        index = number - self._first
        if 0 <= index < len(self._lines):
            return self._lines[index]
        return self._elsewhere(number)

    def _elsewhere(self, number: int) -> str | None:
        first, lines = self._before
        if 0 <= number - first < len(lines):
            return lines[number - first]
        if self.transform is None and self._shared(number):
            return self._lines[number - self._first]
        self._asked += 1
        if self._asked <= self.singly:
            line = self.tape.text(number)
            return None if line is None else self._bare(line)
        return self._lines[0] if self._turn(number, PAGE) else None

    def _shared(self, number: int) -> bool:
        """Whether somebody else has taken the page with a line."""
        first, lines = self.tape.pages.get(self.prefix.mask, _NOTHING)
        if not 0 <= number - first < len(lines):
            return False
        self._before = self._first, self._lines
        self._first, self._lines = first, lines
        return True

    def _turn(self, number: int, size: int) -> bool:
        """Take a page; whether there is one. The page before is kept, since readers look ahead and come back."""
        page = self.tape.page(number, size)
        if page is None:
            return False
        self._before = self._first, self._lines
        lines = self.prefix.lines(page)
        transform = self.transform
        if transform is not None:
            lines = [None if line is None else transform(line) for line in lines]
        self._first, self._lines = number, lines
        if transform is None and len(page) <= 4 * size:
            if len(self.tape.pages) > _PREFIXES:
                self.tape.pages.clear()
            self.tape.pages[self.prefix.mask] = number, lines
        return True

    def page(self, number: int, size: int = PAGE) -> Sequence[str | None]:
        """A line and those after it; empty past the end. They count as looked at when `text` is asked for them."""
        index = number - self._first
        if not 0 <= index < len(self._lines) and not self._shared(number) and not self._turn(number, size):
            return ()
        return self._lines[number - self._first :]

    def calm(self, number: int, lines: int) -> bool:
        """Whether it is known that no sentence that links tracebacks stands on so many lines from one on."""
        return self.tape.calm(number, lines)

    def run(self, number: int, size: int = PAGE) -> str:
        """A line and those after it that are this writer's, some `size` characters of them, each with its end.

        They count as looked at only when `text` is asked for them.
        """
        index = number - self._first
        left = len(self._lines) - index
        if not (index >= 0 and left >= _ENOUGH and size <= PAGE) and not self._turn(number, size):
            return ""
        return _joined(self._lines[number - self._first :])

    def _bare(self, line: str) -> str | None:
        bare = self.prefix.strip(line)
        return bare if self.transform is None or bare is None else self.transform(bare)

    def behind(self, number: int) -> str | None:
        """A line that was read already, without the prefix."""
        line = self.tape.behind(number)
        return None if line is None else self._bare(line)

    def ended(self, number: int) -> bool:
        """Whether the log has no such line."""
        return self.tape.text(number) is None

    def at(self, number: int) -> int:
        """A tape's numbers are the log's."""
        return number

    @property
    def writer(self) -> str:
        """The prefix with its digits masked."""
        return self.prefix.key


_SHORT = 60
"""Characters of a line, more or less."""


def _joined(lines: Sequence[str | None]) -> str:
    """Lines up to the first that is not there, each with its end."""
    if None in lines:
        lines = lines[: lines.index(None)]
    return "\n".join((*lines, "")) if lines else ""  # type: ignore[arg-type]  # it holds no None any more


class Stretch:
    """Lines that were taken out of a view, with their numbers; there is nothing before and after them."""

    __slots__ = ("_first", "_lines")

    def __init__(self, lines: Sequence[str], first: int) -> None:
        self._lines, self._first = lines, first

    def lines(self, first: int, end: int | None = None) -> Sequence[str]:
        """The lines from one to before another."""
        return self._lines[max(0, first - self._first) : None if end is None else max(0, end - self._first)]

    def part(self, first: int, end: int) -> Stretch:
        """The lines from one to before another, alone."""
        return Stretch(self.lines(first, end), first)

    def text(self, number: int) -> str | None:
        """A line."""
        index = number - self._first
        return self._lines[index] if 0 <= index < len(self._lines) else None

    behind = text

    def calm(self, number: int, lines: int) -> bool:
        """Whether it is known that no sentence that links tracebacks stands on so many lines from one on."""
        del number, lines
        return False

    def run(self, number: int, size: int = PAGE) -> str:
        """A line and some that follow it, up to one that is not there."""
        index = max(0, number - self._first)
        return _joined(self._lines[index : index + size // _SHORT])

    def ended(self, number: int) -> bool:
        """Whether there is no such line."""
        return not 0 <= number - self._first < len(self._lines)

    def at(self, number: int) -> int:
        """The numbers are the log's."""
        return number

    @property
    def writer(self) -> str:
        """A stretch has one writer."""
        return ""


class Indented:
    """Lines that have one prefix more."""

    __slots__ = ("_prefix", "_text", "at", "calm", "ended")

    def __init__(self, text: Text, prefix: str) -> None:
        self._text, self._prefix = text, Prefix(prefix)
        self.ended, self.at, self.calm = text.ended, text.at, text.calm

    def text(self, number: int) -> str | None:
        """A line."""
        line = self._text.text(number)
        return None if line is None else self._prefix.strip(line)

    behind = text

    def run(self, number: int, size: int = PAGE) -> str:
        """A line and some that follow it."""
        run = self._text.run(number, size)
        return _joined(self._prefix.lines(run[:-1])) if run else ""

    @property
    def writer(self) -> str:
        """It is known already whose lines they are."""
        return ""


class Lines:
    """Lines that were printed inside one line of the log (JSON): all of them have its number."""

    __slots__ = ("_at", "_lines", "writer")

    def __init__(self, lines: list[str], at: int, writer: str = "") -> None:
        self._lines = lines
        self._at = at
        self.writer = writer

    def text(self, number: int) -> str | None:
        """A line, numbered from 0."""
        return self._lines[number] if 0 <= number < len(self._lines) else None

    behind = text

    def calm(self, number: int, lines: int) -> bool:
        """Whether it is known that no sentence that links tracebacks stands on so many lines from one on."""
        del number, lines
        return False

    def run(self, number: int, size: int = PAGE) -> str:
        """A line and some that follow it."""
        index = max(0, number)
        return _joined(self._lines[index : index + size // _SHORT])

    def ended(self, number: int) -> bool:
        """Whether there is no such line."""
        return not 0 <= number < len(self._lines)

    def at(self, number: int) -> int:
        """Wherever in the line it is."""
        del number
        return self._at
