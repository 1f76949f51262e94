"""Tables: `pip list`, conda's plans and lists, mamba's transactions. A heading begins one, its rows follow."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod

from bot.extract.environment.ledger import Ledger
from bot.extract.environment.names import NAME, Named, distribution, is_version
from bot.extract.environment.statement import Rule, Said, Session, Table
from bot.extract.prefixes import Prefix
from bot.model import DistributionName

_BLANKS = 3
"""Blank lines in a row after which a table is over."""


class _Rows(ABC):
    """What all tables share: their prefix, and when they end."""

    def __init__(self, before: str) -> None:
        self._prefix = Prefix(before)
        self._blank = 0

    def row(self, ledger: Ledger, line: int, text: str) -> bool:
        inner = self._prefix.strip(text)
        if inner is None:
            return False
        if not inner.strip() or set(inner.strip()) <= set("-─━ #"):
            self._blank += 1
            return self._blank <= _BLANKS
        self._blank = 0
        return self._take(ledger, line, inner)

    @abstractmethod
    def _take(self, ledger: Ledger, line: int, inner: str) -> bool:
        """Take one row; False where it is none of the table's, which ends it."""


def _named(name: str, version: str) -> Named | None:
    known = distribution(name)
    return (known, version) if known is not None and is_version(version) else None


class _PipList(_Rows):
    """`Package  Version  [Editable project location]  [Installer]`."""

    def __init__(self, before: str, heading: str) -> None:
        super().__init__(before)
        self._located = re.search(r"(?:Editable project )?[Ll]ocation", heading)

    def _take(self, ledger: Ledger, line: int, inner: str) -> bool:
        cells = inner.split()
        named = _named(cells[0], cells[1]) if 2 <= len(cells) <= 6 else None
        if named is None or inner[0].isspace():
            return False
        located = self._located is not None and len(cells) > 2 and re.match(r"[/\\]|\w:[/\\]", cells[2])
        ledger.say(named, line, "list", url="file:" if located else None)
        return True


class _CondaList(_Rows):
    """`# Name  Version  Build  Channel`."""

    def _take(self, ledger: Ledger, line: int, inner: str) -> bool:
        cells = inner.split()
        if inner[0].isspace() or not 2 <= len(cells) <= 5:
            return False
        _conda(ledger, _named(cells[0], cells[1]), line)
        return True


class _MambaPlan(_Rows):
    """`  + numpy  1.26.4  py311h64a7726_0  conda-forge/linux-64  8MB`, between headings, until its summary."""

    def _take(self, ledger: Ledger, line: int, inner: str) -> bool:
        stripped = inner.strip()
        if not inner[0].isspace() or stripped.startswith("Summary"):
            return False
        found = re.match(rf"([+~o-])\s+({NAME})\s+(\S+)", stripped, re.ASCII)
        named = _named(found[2], found[3]) if found else None
        if found is not None and named is not None:
            if found[1] != "-":
                _conda(ledger, named, line)
            elif ledger.version(named[0]) == named[1]:
                ledger.withdraw(named[0], line)
        return True


class _CondaPlan(_Rows):
    """`  numpy  conda-forge/linux-64::numpy-1.26.4-py311h64a7726_0` or `  numpy: 1.26.4-py311_0 conda-forge`."""

    def __init__(self, before: str, *, removed: bool) -> None:
        super().__init__(before)
        self._removed = removed

    def _take(self, ledger: Ledger, line: int, inner: str) -> bool:
        if not inner[0].isspace():
            return False
        cells = inner.split("-->")
        name = inner.split(maxsplit=1)[0].rstrip(":")
        named = _build(name, cells[-1] if len(cells) > 1 else inner.strip()[len(name) :].lstrip(": "))
        if self._removed:
            known = distribution(name) if named else _removed_name(name)
            if known is not None:
                ledger.withdraw(known, line)
        else:
            _conda(ledger, named, line)
        return True


def _build(name: str, cell: str) -> Named | None:
    """The version in `channel::name-version-build`, `version-build` or `version`."""
    words = cell.split()
    if not words:
        return None
    last = words[0].rsplit("::", 1)[-1].rsplit(":", 1)[-1]
    if last.startswith(name + "-"):
        last = last[len(name) + 1 :]
    version = last.split("-")[0]
    return _named(name, version)


def _removed_name(cell: str) -> DistributionName | None:
    return distribution(cell.rsplit("-", 2)[0]) if cell.count("-") >= 2 else None


def _conda(ledger: Ledger, named: Named | None, line: int) -> None:
    if named is None:
        return
    if named[0] == "python":
        ledger.python(named[1], line)
    elif not named[0].startswith("_"):
        ledger.say(named, line, "conda")


def _package(_ledger: Ledger, _session: Session, said: Said) -> Table | None:
    heading = said.rest.split()
    if heading[:1] != ["Version"]:
        return None
    if heading[1:2] == ["Build"]:
        return _MambaPlan("" if not said.before.strip() else said.before.rstrip() + " ")
    return _PipList(said.before, said.rest)


def _conda_list(_ledger: Ledger, _session: Session, said: Said) -> Table | None:
    return _CondaList(said.before) if said.rest.split()[:1] == ["Version"] else None


def _plan(_ledger: Ledger, _session: Session, said: Said) -> Table | None:
    if "The following" not in said.before:
        return None
    before = said.before[: said.before.index("The following")]
    return _CondaPlan(before, removed=said.rest.startswith("REMOVED"))


def _superseded(_ledger: Ledger, _session: Session, said: Said) -> Table | None:
    return _plan(_ledger, _session, said) if said.rest[:4].isupper() else None


RULES = (
    Rule("Package ", _package),
    Rule("# Name ", _conda_list),
    Rule("packages will be ", _superseded),
)
KEYS = tuple(rule.key for rule in RULES)
