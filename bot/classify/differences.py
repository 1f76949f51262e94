"""What differs between the last green run and this one: distributions, interpreter, platform; and what depends on what.

That something changed is no evidence until it meets the failure: most green-to-red pairs differ in a dozen innocent
releases. What did *not* change is evidence at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct, field

from bot.classify import stdlib
from bot.facts import Facts, Metadata, ReleaseMetadata
from bot.model import Case, DistributionName, Environment, normalized

if TYPE_CHECKING:  # packaging takes a while to import, and many logs need none of it
    from packaging.requirements import Requirement
    from packaging.version import Version


class Change(Struct, frozen=True, kw_only=True):
    """A distribution (or `cpython`) whose version differs; None on the side where it was not there or not said."""

    distribution: str
    before: str | None
    after: str | None

    @property
    def upgraded(self) -> bool:
        """Whether the red run has a later version than the green one."""
        return newer(self.after, self.before)

    @property
    def new_series(self) -> bool:
        """Whether it came, went, or differs by more than a patch release."""
        before, after = version_of(self.before), version_of(self.after)
        return before is None or after is None or before.release[:2] != after.release[:2]


class Differences(Struct, frozen=True, kw_only=True):
    """The installed sets compared."""

    known: bool = False
    """Whether the green run's installed set is known well enough to say that something did not change."""
    changed: dict[str, Change] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    python_before: str | None = None
    python_after: str | None = None

    def of(self, distribution: str | None) -> Change | None:
        """The change of a distribution, or None."""
        return self.changed.get(distribution or "")

    def unchanged(self, distribution: str | None) -> bool:
        """Whether both runs are known to have had the same version."""
        name = distribution or ""
        if name == "cpython":
            return self.known and self.python_before is not None and self.python_before == self.python_after
        return self.known and name in self.before and self.before[name] == self.after.get(name)

    def good(self, distribution: str | None) -> str | None:
        """The version in the green run, where it differs."""
        change = self.of(distribution)
        return change.before if change else None


def differences(case: Case) -> Differences:
    """Compare the last green run with this one; the change's own requirement edits are differences too."""
    after = _versions(case.reading.environment)
    before = _versions(case.passing.environment) if case.passing else {}
    changed = {
        name: Change(distribution=name, before=before.get(name), after=after.get(name))
        for name in sorted({*before, *after})
        if before and after and before.get(name) != after.get(name)
    }
    for edit in case.edits.requirements if case.edits else ():
        name = str(edit.distribution)
        if name not in changed and edit.before != edit.after:
            changed[name] = Change(
                distribution=name, before=_pinned(edit.before), after=after.get(name) or _pinned(edit.after)
            )
    python_before = stdlib.series(case.passing.environment.python) if case.passing else None
    python_after = stdlib.series(case.reading.environment.python)
    if python_before and python_after and python_before != python_after:
        changed["cpython"] = Change(distribution="cpython", before=python_before, after=python_after)
    return Differences(
        known=bool(before) and bool(after) and len(before.keys() & after.keys()) * 2 >= min(len(before), len(after)),
        changed=changed,
        before=before,
        after=after,
        python_before=python_before,
        python_after=python_after,
    )


def _versions(environment: Environment) -> dict[str, str]:
    return {str(row.name): row.version for row in environment.installed}


def _pinned(text: str | None) -> str | None:
    """The version in an edited requirement: `==2.3.8`, `2.3.8`."""
    return text.strip().lstrip("=~^<>! ").split(",")[0].strip() or None if text else None


def version_of(text: str | None) -> Version | None:
    """A PEP 440 version, or None."""
    from packaging.version import InvalidVersion, Version

    try:
        return Version(text) if text else None
    except InvalidVersion:
        return None


def newer(one: str | None, other: str | None) -> bool:
    """Whether a version is later than another; False where either can't be compared."""
    first, second = version_of(one), version_of(other)
    return first is not None and second is not None and first > second


@lru_cache(maxsize=4096)
def requirement(text: str) -> Requirement | None:
    """A requirement, or None where it is malformed. Parsed once: many failures ask for one release's."""
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        return Requirement(text)
    except InvalidRequirement:
        return None


def requires(facts: Facts, distribution: str, version: str | None) -> tuple[Requirement, ...]:
    """What a release requires, as its metadata says; empty where that is not known."""
    answer = facts.known(Metadata(distribution=DistributionName(distribution), version=version))
    if not isinstance(answer, ReleaseMetadata):
        return ()
    return tuple(filter(None, map(requirement, answer.requires)))


def required_names(rows: Iterable[Requirement]) -> tuple[str, ...]:
    """The distributions that requirements name, extras' ones last."""
    ordered = sorted(rows, key=lambda row: bool(row.marker and "extra" in str(row.marker)))
    return tuple(dict.fromkeys(normalized(row.name) for row in ordered))
