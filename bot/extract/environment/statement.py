"""The form of a rule: a literal that begins a statement, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct, field

from bot.extract.environment.ledger import Ledger
from bot.model import DistributionName


class Session(Struct):
    """What one run of pip has said so far, between its first line and its last."""

    collected: frozenset[DistributionName] = frozenset()
    """What pip collected from an index, as far as it is near."""
    sources: list[str] = field(default_factory=list)
    """Paths and URLs that stand for a distribution not yet named."""
    urls: dict[DistributionName, str] = field(default_factory=dict)
    build_indent: int = 0
    """How far the output of an isolated build's own pip is indented; 0 outside of one."""
    freeze_line: int = -1_000
    """Where a `pip freeze` was last announced."""
    plugins: list[tuple[int, str]] = field(default_factory=list)
    """What stands behind pytest's `plugins: `, by line: names that are whole only for who knows what is installed."""


class Said(Struct, frozen=True):
    """One line with a statement's key in it."""

    line: int
    text: str
    key: str
    at: int
    """Where the key begins."""

    @property
    def rest(self) -> str:
        """What follows the key."""
        return self.text[self.at + len(self.key) :]

    @property
    def before(self) -> str:
        """What stands before the key."""
        return self.text[: self.at]

    @property
    def indent(self) -> int:
        """How far the key is indented; 0 where anything but blanks stands before it."""
        return self.at if not self.before.strip() else 0


class Table(Protocol):
    """Reads the lines after a heading until one is none of its own."""

    def row(self, ledger: Ledger, line: int, text: str) -> bool:
        """Take a line; whether the table goes on."""
        ...


Teller = Callable[[Ledger, Session, Said], Table | None]


class Rule(Struct, frozen=True):
    """A literal, and who reads the line that has it."""

    key: str
    tell: Teller
    needles: tuple[str, ...] = ()
    """Longer literals that are looked for instead of the key, which is too common by itself."""
