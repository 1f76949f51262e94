"""Where the job ran: interpreter, platform and installed distributions, each with the line that says so.

A listener beside the dialects. Rules are literals, each with a small reader of its line; the literal that stands
first on a line decides, except that a pin (`name==1`) is read wherever no rule's literal is. A heading may begin a
table, whose rows are then asked for one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import ClassVar

from bot.extract.environment import interpreter, pins, pip, tables, tools
from bot.extract.environment.ledger import Ledger, Rank, merged
from bot.extract.environment.statement import Said, Session, Table
from bot.model import Environment

__all__ = ["EnvironmentListener", "merged"]

_RULES = (*pip.RULES, *pins.RULES, *tools.RULES, *tables.RULES, *interpreter.RULES)
_TELLERS = {rule.key: rule.tell for rule in _RULES}
_KEY = re.compile("|".join(re.escape(key) for key in sorted(_TELLERS, key=len, reverse=True)))
_LONGEST = 200_000
"""Characters of a line that are looked at; the longest of pip's and tox' lines have a tenth."""


class EnvironmentListener:
    """Reads the environment from single lines."""

    needles: ClassVar[tuple[bytes, ...]] = tuple(key.encode() for key in (*_TELLERS, *pins.DIGITS))

    def __init__(self) -> None:
        self._ledger = Ledger()
        self._session = Session()
        self._table: Table | None = None

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

    def result(self, paths: Iterable[str] = ()) -> Environment:
        """What was said; frames' paths answer what nobody said."""
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
