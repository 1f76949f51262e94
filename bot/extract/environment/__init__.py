"""Where the job ran: interpreter, platform and installed distributions, each with the line that says so.

A listener beside the dialects. Rules are literals, each with a small reader of its line; the literal that stands
first on a line decides, except that a pin (`name==1`) is read wherever no rule's literal is. A heading may begin a
table, whose rows are then asked for one by one.

Logs print most of this over and over, so what is printed often is not read line by line. uv's lists are cut out of a
window as a whole (`lists`). Of the interpreter's banners only a window's last one is read. What is weak (a download, an
echoed pin), and counts only where nobody says better, is read at the end, in the last windows that have any (`late`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import ClassVar

from bot.extract.environment import interpreter, late, pins, pip, tables, tools
from bot.extract.environment.late import Late
from bot.extract.environment.ledger import Ledger, Rank, merged
from bot.extract.environment.lists import Lists
from bot.extract.environment.spans import Spans
from bot.extract.environment.statement import Said, Session, Table
from bot.extract.prefixes import unstamped
from bot.model import Environment, Span
from bot.patterns import pattern

__all__ = ["EnvironmentListener", "merged"]

_LINES = (*pip.RULES, *pins.RULES, *tools.RULES, *tables.RULES)
_TELLERS = {rule.key: rule.tell for rule in (*_LINES, *interpreter.RULES, *late.RULES)}
_KEY = pattern("|".join(re.escape(key) for key in sorted(_TELLERS, key=len, reverse=True)))
_BANNERS = {rule.key.encode(): rule for rule in interpreter.RULES}
_LONGEST = 200_000
"""Characters of a line that are looked at; the longest of pip's and tox' lines have a tenth."""
_TRIES = 12
"""Lines of a window, from its end, in which a banner is looked for."""


class EnvironmentListener:
    """Reads the environment from single lines and whole windows."""

    needles: ClassVar[tuple[bytes, ...]] = (
        *(needle.encode() for rule in _LINES for needle in rule.needles or (rule.key,)),
        *(needle.encode() for needle in pip.MORE_NEEDLES),
    )
    marks: ClassVar[tuple[bytes, ...]] = (*Lists.marks, *_BANNERS, *Late.marks)

    def __init__(self) -> None:
        self._ledger = Ledger()
        self._late = Late()
        self._lists = Lists()
        self._session = Session(late=self._late, lists=self._lists)
        self._table: Table | None = None

    @property
    def open(self) -> bool:
        """Whether a list goes on at the end of a window."""
        return self._lists.open

    def sweep(self, window: bytes, first: int, count: int, marks: frozenset[bytes]) -> None:
        """Take a window."""
        if self._lists.open or not marks.isdisjoint(Lists.marks):
            self._lists.sweep(window, first, self._ledger)
        if not marks.isdisjoint(Late.marks):
            self._late.keep(window, first)
        banners = marks & _BANNERS.keys()
        if banners:
            self._banners(window, first + count, banners)

    def _banners(self, window: bytes, after: int, keys: frozenset[bytes]) -> None:
        """Of each kind of banner a window's last one, in the order in which they stand."""
        last = sorted(filter(None, (self._last(window, key) for key in keys)), key=lambda row: row[0])
        for at, said in last:
            line = after - window.count(b"\n", at) - (not window.endswith(b"\n"))
            _BANNERS[said.key.encode()].tell(self._ledger, self._session, Said(line, said.text, said.key, said.at))

    def _last(self, window: bytes, key: bytes) -> tuple[int, Said] | None:
        at = len(window)
        for _ in range(_TRIES):
            at = window.rfind(key, 0, at)
            if at < 0:
                return None
            start, end = window.rfind(b"\n", 0, at) + 1, window.find(b"\n", at)
            text = unstamped(window[start : end if end >= 0 else len(window)][:_LONGEST].decode("utf-8", "replace"))
            said = Said(0, text.rstrip(), key.decode(), text.find(key.decode()))
            if said.at >= 0 and interpreter.means(_BANNERS[key], said):
                return at, said
        return None

    def feed(self, line: int, text: str) -> bool:
        """Take a line; whether the next one is wanted too, as the row of a table."""
        text = text[:_LONGEST]
        if self._table is not None and self._table.row(self._ledger, line, text):
            return True
        self._table = self._said(line, text.rstrip())
        return self._table is not None

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
        self._lists.settle(self._ledger, failing)
        self._late.settle(self._ledger, self._said_late, failing)
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
