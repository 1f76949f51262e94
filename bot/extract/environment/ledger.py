"""What has been said so far of interpreter and distributions; who says it last and best wins.

Three ranks of statement. *Installed*: an installer or a listing says that it is there. *Named*: something names
a version that will be there if all goes well (a download, a pin that is echoed, a plug-in's banner). *Built with*:
it is said inside an isolated build, of an environment that is thrown away. A statement replaces one of its own
rank or lower, so the last word wins, and a download that was never installed never hides what is installed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum

from bot.extract.environment.names import Named
from bot.model import DistributionName, Environment, Installed

MOST = 5_000
"""Distributions kept; no environment has as many, a hostile log may."""


class Rank(IntEnum):
    """How much a statement is worth."""

    BUILT_WITH = 0
    NAMED = 1
    LISTED = 2
    INSTALLED = 3


_Row = tuple[Rank, int, str, str, bool, str | None]
"""Rank, line, version, how it was said, whether it is the checkout, and the URL it came from."""


class Ledger:
    """The statements that stand."""

    def __init__(self) -> None:
        self._rows: dict[DistributionName, _Row] = {}
        self._gone: dict[DistributionName, int] = {}
        self._python: tuple[Rank, str, int] | None = None
        self._platform: tuple[Rank, str] | None = None

    def say(self, named: Named, line: int, how: str, rank: Rank = Rank.INSTALLED, url: str | None = None) -> None:
        """A distribution is there in a version. Statements may come in any order; the later line counts."""
        name, version = named
        if line <= self._gone.get(name, -1):
            return
        old = self._rows.get(name)
        local, kept = (False, None) if url is None else _origin(url)
        if old is None:
            if len(self._rows) >= MOST:
                return
        elif old[0] > rank or (old[0] == rank and old[1] > line):
            return
        elif url is None and old[2] == version:
            local, kept = old[4], old[5]
        self._rows[name] = (rank, line, version, how, local, kept)

    def withdraw(self, name: DistributionName, line: int) -> None:
        """A distribution was uninstalled."""
        if line > self._gone.get(name, -1) and len(self._gone) < MOST:
            self._gone[name] = line
        old = self._rows.get(name)
        if old is not None and old[1] <= line:
            del self._rows[name]

    def call_local(self, name: DistributionName) -> None:
        """A distribution that is known comes from the checkout."""
        old = self._rows.get(name)
        if old is not None:
            self._rows[name] = (*old[:4], True, old[5])

    def version(self, name: DistributionName) -> str | None:
        """The version that stands."""
        old = self._rows.get(name)
        return old[2] if old else None

    def python(self, version: str, line: int, rank: Rank = Rank.INSTALLED) -> None:
        """The interpreter is known; a less exact version does not replace a more exact one of the same series."""
        if self._python is not None:
            known_rank, known, at = self._python
            if known_rank > rank or (known.startswith(version) and known != version):
                return
            if known_rank == rank and at > line and not (version.startswith(known) and known != version):
                return
        self._python = (rank, version, line)

    def platform(self, name: str, rank: Rank = Rank.INSTALLED) -> None:
        """The platform is known."""
        if self._platform is None or self._platform[0] <= rank:
            self._platform = (rank, name)

    @property
    def said(self) -> bool:
        """Whether anything was said."""
        return bool(self._rows or self._python or self._platform)

    def names(self) -> Iterator[DistributionName]:
        """The distributions that are known."""
        return iter(self._rows)

    def environment(self) -> Environment:
        """All that stands, as a value."""
        rows = [
            Installed(name=name, version=version, line=line, how=how, local=local, url=url)
            for name, (_, line, version, how, local, url) in sorted(self._rows.items())
        ]
        return Environment(
            python=self._python[1] if self._python else None,
            python_line=self._python[2] if self._python else None,
            platform=self._platform[1] if self._platform else None,
            installed=tuple(rows),
        )


def _origin(url: str | None) -> tuple[bool, str | None]:
    """Whether a source is the checkout, and the URL worth keeping."""
    if url is None:
        return False, None
    remote = url.startswith(("git+", "hg+", "svn+", "bzr+", "http:", "https:", "ssh:", "git:")) and not (
        url.startswith(("git+file:", "hg+file:"))
    )
    return (False, url[:500]) if remote else (True, None)


def merged(log: Environment, others: Iterable[Environment]) -> Environment:
    """The log's environment, completed by what artifacts say of what it leaves open."""
    rows = {row.name: row for row in log.installed}
    python, line, platform = log.python, log.python_line, log.platform
    for other in others:
        for row in other.installed:
            rows.setdefault(row.name, row)
        if python is None:
            python, line = other.python, None
        platform = platform or other.platform
    ordered = tuple(sorted(rows.values(), key=lambda row: row.name))
    return Environment(python=python, python_line=line, platform=platform, installed=ordered)
