"""Which failures are one Bug: exact fingerprint, then the static fact, then likeness within the culprit's own bugs.

Likeness joins only within one family (same culprit, type and place): there the message's words decide. Everything
looser is left to people, since a wrong merge costs a maintainer more than a second thread that is linked later.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct, field

from bot.fingerprint.digest import fingerprint, telling
from bot.fingerprint.template import template, words
from bot.model import Fingerprint, Judged

ALIKE = 0.8
"""Measured on twins: precision 1.00 at recall 0.93 (0.93 and 0.95 at 0.6)."""


class _Group(Struct):
    key: str
    digests: set[str] = field(default_factory=set)
    words: list[frozenset[str]] = field(default_factory=list)


def alike(one: frozenset[str], other: frozenset[str]) -> float:
    """The Jaccard likeness of two templates' words; 1.0 for two empty ones."""
    return len(one & other) / len(one | other) if one or other else 1.0


class Grouper:
    """Groups failures as they come. The key of a group is its first member's fingerprint and never changes."""

    def __init__(self, known: Iterable[tuple[str, Fingerprint, str]] = ()) -> None:
        """Start from groups that are known already: (key, fingerprint, message template) rows."""
        self._by_digest: dict[str, _Group] = {}
        self._by_family: dict[str, list[_Group]] = {}
        for key, printed, text in known:
            self._enter(self._by_digest.get(str(printed)) or _Group(key), printed, words(text))

    def add(self, judged: Judged) -> str | None:
        """The key of the group that the failure belongs to; None where it has no fingerprint."""
        printed = fingerprint(judged)
        if printed is None:
            return None
        part, _ = telling(judged)
        said = words(template(part.exception, part.message))
        group = self._by_digest.get(str(printed)) or self._like(printed, said) or _Group(str(printed))
        self._enter(group, printed, said)
        return group.key

    def _like(self, printed: Fingerprint, said: frozenset[str]) -> _Group | None:
        """The family's group whose words are most alike, where they are alike enough."""
        if any(part.name == "symbol" and part.counts for part in printed.parts):
            return None  # a static fact is exact: another one is another defect
        scored = [
            (max(alike(said, old) for old in group.words), number, group)
            for number, group in enumerate(self._by_family.get(printed.family, ()))
        ]
        best = max(scored, default=(0.0, 0, None))
        return best[2] if best[0] >= ALIKE else None

    def _enter(self, group: _Group, printed: Fingerprint, said: frozenset[str]) -> None:
        self._by_digest[str(printed)] = group
        if group not in (family := self._by_family.setdefault(printed.family, [])):
            family.append(group)
        if said not in group.words:
            group.words.append(said)
        group.digests.add(str(printed))
