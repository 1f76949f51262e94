"""Where the job ran: interpreter, platform and installed distributions, each with the line that says so.

A sweeper beside the dialects. Rules are literals, each with a small reader of its line; the literal that stands
first on a line decides, except that a pin (`name==1`) is read wherever no rule's literal is. A heading may begin a
table, whose rows are then asked for one by one.

The last word wins, so nothing has to be read before the end, and what is printed often is read once: lines with
statements are kept in blocks (`blocks`). Of the interpreter's banners only a window's
last one is read. What is weak (a download, an echoed pin), and counts only where nobody says better, is read in the last
windows that have any (`late`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import ClassVar

from bot.extract.environment import conda, interpreter, late, pins, pip, tables, tools, uv
from bot.extract.environment.blocks import Block, Blocks, Rows
from bot.extract.environment.late import Late
from bot.extract.environment.ledger import Ledger, Rank, merged
from bot.extract.environment.names import distribution
from bot.extract.environment.spans import Spans
from bot.extract.environment.statement import Rule, Said, Session, Table
from bot.extract.needles import Hits
from bot.extract.numbers import Numbers
from bot.extract.prefixes import unstamped
from bot.model import Environment, Span
from bot.patterns import pattern

__all__ = ["EnvironmentReader", "merged"]

_LINES = (*pip.RULES, *pins.RULES, *tools.RULES, *tables.RULES, *conda.RULES)
_TELLERS = {rule.key: rule.tell for rule in (*_LINES, *interpreter.RULES, *late.RULES)}
_KEY = pattern("|".join(re.escape(key) for key in sorted(_TELLERS, key=len, reverse=True)))
_BANNERS = {rule.key.encode(): rule for rule in interpreter.RULES}
_LAST = (b"Successfully installed ",)
"""With which pip has said all of an installation."""
_HEADINGS = tuple(key.encode() for key in (*tables.KEYS, *pins.ANNOUNCEMENTS))
_LONGEST = 200_000
"""Characters of a line that are looked at; the longest of pip's and tox' lines have a tenth."""
_BANNER = 4_000
"""Bytes of a banner's line."""
_TRIES = 12
"""Lines of a window, from its end, in which a banner is looked for."""


def _needles(rules: Iterable[Rule]) -> Iterator[str]:
    for rule in rules:
        yield from rule.needles or (rule.key,)


def _places(needles: Iterable[bytes]) -> frozenset[int]:
    return frozenset(map(EnvironmentReader.needles.index, needles))


class EnvironmentReader:
    """Reads the environment out of whole windows."""

    needles: ClassVar[tuple[bytes, ...]] = tuple(
        dict.fromkeys(needle.encode() for needle in (*_needles(_LINES), *pip.MORE_NEEDLES, uv.KEY))
    )
    tellers: ClassVar[tuple[bytes, ...]] = tuple(_BANNERS)
    marks: ClassVar[tuple[bytes, ...]] = Late.marks

    def __init__(self) -> None:
        self._ledger = Ledger()
        self._late = Late()
        self._blocks = Blocks(
            self._read,
            self._read_list,
            _below,
            headings=_places(_HEADINGS),
            lists=_places((uv.KEY.encode(),)),
            last=_places(_LAST),
        )
        self._session = Session()
        self._table: Table | None = None
        self._next = -1

    @property
    def open(self) -> bool:
        """Whether something goes on at the end of a window."""
        return self._blocks.open

    def sweep(self, window: bytes, numbers: Numbers, hits: Hits) -> None:
        """Take a window."""
        self._blocks.sweep(window, numbers, hits.swept)
        if hits.marks:
            self._late.keep(window, numbers, self._blocks.rows)
        if hits.told:
            self._banners(window, numbers, hits.told)

    def _banners(self, window: bytes, numbers: Numbers, hits: Sequence[tuple[int, int]]) -> None:
        """Of each kind of banner a window's last one, in the order in which they stand."""
        places: dict[str, list[int]] = {}
        for end, teller in hits:
            key = _BANNERS[self.tellers[teller]].key
            places.setdefault(key, []).append(end - len(key))
        last = sorted(filter(None, (_last(window, key, places[key]) for key in places)))
        for at, key, text in last:
            said = Said(numbers.at(at), text, key, text.find(key))
            _BANNERS[key.encode()].tell(self._ledger, self._session, said)

    def _read(self, data: bytes, block: Block, spans: Spans) -> None:
        """Read a block: the lines of its hits, and below them what their tables want."""
        if block.line != self._next:
            self._table = None
        self._session.collected = frozenset(filter(None, (distribution(name.decode()) for name in block.collected)))
        lines = _Lines(data, block.line)
        for hit in (*block.hits, len(data) + 1):
            while self._table is not None and lines.at < min(hit, len(data)):
                self._take(*lines.next(), spans)
            if lines.at < hit <= len(data):
                lines.skip_to(hit)
                self._take(*lines.next(), spans)
        self._next = block.line + data.count(b"\n") + 1

    def _read_list(self, region: bytes, line: int) -> None:
        uv.read(region, line, self._ledger, self._session)

    def _take(self, line: int, text: str, spans: Spans) -> None:
        if line in spans:
            self._table = None
        elif self._table is None or not self._table.row(self._ledger, line, text):
            self._table = self._said(line, text.rstrip())

    def _said(self, line: int, text: str) -> Table | None:
        found = _KEY.search(text)
        if found is None:
            pins.pin(self._ledger, self._session, line, text)
            return None
        said = Said(line, text, found[0], found.start())
        return _TELLERS[found[0]](self._ledger, self._session, said)

    def result(self, paths: Iterable[str] = (), spans: Sequence[Span] = ()) -> Environment:
        """What was said, but not within spans; frames' paths answer what nobody said."""
        failing = Spans(spans)
        self._blocks.settle(failing)
        self._late.settle(self._ledger, self._said_late, failing)
        interpreter.name_plugins(self._ledger, self._session)
        environment = self._ledger.environment()
        if environment.python is not None and environment.platform is not None:
            return environment
        for path in paths:
            seen = interpreter.of_path(path)
            if seen.python is not None:
                self._ledger.python(seen.python, 0, Rank.BUILT_WITH)
            if seen.platform is not None:
                self._ledger.platform(seen.platform, Rank.BUILT_WITH)
        return self._ledger.environment()

    def _said_late(self, line: int, text: str) -> None:
        self._said(line, text[:_LONGEST].rstrip())


def _last(window: bytes, key: str, places: Sequence[int]) -> tuple[int, str, str] | None:
    """Where a window's last banner of a kind is, and its text."""
    for at in places[: -_TRIES - 1 : -1]:
        start, end = window.rfind(b"\n", 0, at) + 1, window.find(b"\n", at)
        line = window[start : min(end if end >= 0 else len(window), start + _BANNER)]
        text = _banner(key, line)
        if text is not None:
            return at, key, text
    return None


@lru_cache(maxsize=512)
def _banner(key: str, line: bytes) -> str | None:
    """The text of a line that says something by a banner's rule, and does not only have its literal."""
    text = _shown(line).rstrip()
    at = text.find(key)
    return text if at >= 0 and interpreter.means(_BANNERS[key.encode()], Said(0, text, key, at)) else None


def _below(window: bytes, at: int, needle: int) -> Rows | None:
    """What belongs to the line of a heading."""
    key = EnvironmentReader.needles[needle].decode()
    if key in pins.ANNOUNCEMENTS:
        return pins.BELOW
    if key == uv.KEY:
        return uv.below(window, at)
    start, end = window.rfind(b"\n", 0, at) + 1, window.find(b"\n", at)
    text = _shown(window[start : end if end >= 0 else len(window)]).rstrip()
    table = _TELLERS[key](Ledger(), Session(), Said(0, text, key, text.find(key)))
    return None if table is None else _Below(table)


class _Below:
    """The rows that a table takes."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._ledger = Ledger()

    def end(self, window: bytes, at: int) -> int:
        """Where they end."""
        lines = _Lines(window, 0, at)
        last = at
        while lines.at < len(window):
            _, text = lines.next()
            if not self._table.row(self._ledger, 0, text):
                return last
            last = lines.at - 1
        return last


class _Lines:
    """The lines of a block, one by one."""

    __slots__ = ("_counted", "_data", "_number", "at")

    def __init__(self, data: bytes, number: int, at: int = 0) -> None:
        self._data, self._number, self._counted = data, number, at
        self.at = at
        """Where the next one begins."""

    def skip_to(self, place: int) -> None:
        """Go on with the line of a place."""
        self.at = self._data.rfind(b"\n", 0, place) + 1

    def next(self) -> tuple[int, str]:
        """The next line's number, and its text without the CI's stamp."""
        data, at, number = self._data, self.at, self._number
        if at != self._counted:
            number += data.count(b"\n", self._counted, at)
        end = data.find(b"\n", at)
        end = end if end >= 0 else len(data)
        self.at = self._counted = end + 1
        self._number = number + 1
        return number, _shown(data[at:end])


def _shown(line: bytes) -> str:
    """A line's text without the CI's stamp; of a line that a terminal overwrites the last stretch."""
    text = line[:_LONGEST].decode("utf-8", "replace")
    if "\r" in text:
        text = next((part for part in reversed(text.split("\r")) if part.strip()), "")
    return unstamped(text)
