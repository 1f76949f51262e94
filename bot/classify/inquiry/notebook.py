"""What an inquiry asks, notes and finds."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct, field

from bot.classify import importnames
from bot.classify.differences import Change, required_names, requires, version_of
from bot.classify.ownership import path_in_wheel
from bot.classify.scene import Scene
from bot.classify.stdlib import Removal
from bot.facts import (
    Defines,
    HasLine,
    Held,
    Holds,
    Metadata,
    Probe,
    Question,
    Release,
    Releases,
    TrackerOf,
    Walk,
    Walked,
)
from bot.model import DistributionName, OwnedFrame, TrackerRef, Trigger

if TYPE_CHECKING:
    from packaging.requirements import Requirement


CANDIDATES = 8
"""So many distributions are asked whether they define a class; each costs its release's files."""


SHORT = 2
"""A word of so many letters says nothing of a distribution's name."""


TELLING = 12
"""A text of fewer letters stands in too many files to tell anything."""


STEPS = 10
"""So many direct requirements are followed one step further."""


LOOKED_AT = 3
"""So many of the culprit's frames are tried for the statement that passes a parameter."""


class Notebook:
    """Takes answers from the Facts and notes the questions that are still open."""

    def __init__(self, scene: Scene) -> None:
        self._facts = scene.facts
        self.open: dict[Question, None] = {}
        self.unknown: dict[str, None] = {}

    def ask(self, question: Question) -> object | None:
        """The answer where it is known; an unasked question is noted, an unanswerable one is remembered with why."""
        fact = self._facts.get(question)
        if fact is None:
            self.open[question] = None
            return None
        if not fact.known:
            self.unknown[_unknown(question, fact.reason)] = None
            return None
        return fact.answer

    def walk(self, distribution: str, probe: Probe, around: str | None, good: str | None = None) -> Walked | None:
        """How a probe's answer varies over the releases."""
        if around is None:
            return None
        answer = self.ask(
            Walk(
                distribution=DistributionName(distribution),
                probe=probe,
                around=around,
                good=good if good != around else None,
            )
        )
        return answer if isinstance(answer, Walked) else None


def _unknown(question: Question, reason: str) -> str:
    about = {
        Walk: "how its releases differ",
        Metadata: "what its metadata says",
        Releases: "its releases",
        Holds: "whether the release holds the printed line",
        TrackerOf: "where its bug reports belong",
        Defines: "what it defines",
    }.get(type(question), "its import names")
    return f"{question.distribution}: {about} is not known ({reason or 'no reason given'})"


class Found(Struct, kw_only=True, dict=True):
    """What an inquiry amounts to."""

    provider: str | None = None
    provider_version: str | None = None
    culprit: str | None = None
    """The distribution that would have to change if the failure is upstream's."""
    culprit_version: str | None = None
    basis: str = ""
    """What makes it the culprit: api, stdlib, undeclared, regression, behaviour, inside, build, native, slip, abi."""
    symbol: str | None = None
    removal: Removal | None = None
    api: Walked | None = None
    """The probe for what is missing, over the provider's releases."""
    still: Walked | None = None
    """The probe for the offending code, over the culprit's releases."""
    came: Walked | None = None
    """The innermost third-party line over its own distribution's releases: when it came."""
    came_outside: Walked | None = None
    """The same for another of its lines on the way there, where the innermost is old: the way itself is new."""
    text: tuple[str, Walked] | None = None
    """The message's constant part over the releases of the distribution that is thought to have written it."""
    caller: str | None = None
    """The third-party distribution that called into the one that raised; None where the project did."""
    raiser: str | None = None
    """The distribution whose code raised, where it differs from the asker."""
    mentioned: str | None = None
    """A changed distribution that the asker's line mentions or the asker requires."""
    declared: str = ""
    """How the culprit declares the missing distribution: always, extra, never; empty where not known."""
    held: Held | None = None
    trigger: Trigger | None = None
    tracker: TrackerRef | None = None
    definer: str | None = None
    """The distribution that defines the class or function that the message names."""
    uploaded: datetime | None = None
    releases: tuple[Release, ...] = ()
    open: tuple[Question, ...] = ()
    unknown: tuple[str, ...] = ()
    requirement: str | None = None
    dropped: str | None = None
    """The changed distribution whose green release still required (and so brought) what is missing."""
    rewritten: bool = False
    """The offending file went as a whole with a new major release: the code was rewritten, which is no fix of it."""
    handed_over: bool = False
    """What the failing line works on is the result of a call whose function changed."""
    made_by_caller: bool = False
    """A third party that is as it was handed over only what it made itself, and trips over a line that is new."""
    moved_with: Change | None = None
    """The changed requirement of a third party that fails by itself: while it is imported, or as a tool."""
    behind: tuple[str, Change] | None = None
    """An unchanged third party that the project called, and what came in a new series behind it."""
    forbidden_in: str | None = None
    """The culprit's newest release, where that rules the provider's installed version out: it mends nothing and needs
    no report.
    """
    declared_in: str | None = None
    """The culprit's first later release that requires what the installed one imports undeclared."""
    required: tuple[str, ...] = ()
    """What the culprit requires, extras aside."""
    conflict: str | None = None
    """What the culprit requires and the installed set does not keep: `importlib-metadata<5, and 5.0.0 is installed`."""
    by_data: bool = False
    """What is missing was named by data (a setting, an argument), not by the line that looked it up."""
    passed_through: bool = False
    """The refused keyword stands in no line of the third party: it hands on what it was given."""
    torn: bool = False
    """The file that failed has more lines than the installed release's, or reads as another release has it: two of them
    lie in one place.
    """
    optional: bool = False
    """What is missing is imported by a part of the culprit that can be left alone: an integration, not its root."""
    notes: dict[str, str] = field(default_factory=dict)


def new_major(scene: Scene, distribution: str) -> bool:
    """Whether a distribution's change is a new major version; dates are none."""
    change = scene.differences.changed[distribution]
    before, after = version_of(change.before), version_of(change.after)
    return before is not None and after is not None and before.major < after.major < 1900


def applying(scene: Scene, rows: tuple[Requirement, ...] | None) -> list[Requirement]:
    """The requirements whose markers hold for the running series, extras aside."""
    environment = {
        "python_version": scene.python or "3",
        "python_full_version": f"{scene.python or '3'}.0",
        "extra": "",
    }
    return [row for row in rows or () if row.marker is None or row.marker.evaluate(environment)]


def requirements_of(
    scene: Scene, distribution: str, version: str | None, book: Notebook
) -> tuple[Requirement, ...] | None:
    """What a release requires; None where that is not known (yet)."""
    if book.ask(Metadata(distribution=DistributionName(distribution), version=version)) is None:
        return None
    return requires(scene.facts, distribution, version)


def newest_release(book: Notebook, distribution: str) -> str | None:
    """The newest final release as of then."""
    rows = book.ask(Releases(distribution=DistributionName(distribution)))
    if not isinstance(rows, tuple):
        return None
    usable = [
        (version, row.version)
        for row in rows
        if not row.yanked and not row.prerelease and (version := version_of(row.version)) is not None
    ]
    return max(usable)[1] if usable else None


def made_for(scene: Scene, book: Notebook, one: str, other: str) -> bool:
    """Whether a distribution is made to work with another: it requires it, be it in an extra."""
    rows = requirements_of(scene, one, scene.ground.version(one), book) or ()
    return other in required_names(rows)


def named_in(distribution: str, text: str) -> bool:
    """Whether a text, in small letters, names a distribution by an import name."""
    return any(len(name) > 2 and name.lower() in text for name in importnames.import_names_of(distribution))


def inverted(walked: Walked | None) -> Walked | None:
    """A walk for what is missing as a walk for the defect: `at` True means that the defect is there."""
    if walked is None or walked.at is None:
        return None
    newest = None if walked.newest_at is None else not walked.newest_at
    return Walked(
        at=not walked.at,
        last_other=walked.last_other,
        first_same=walked.first_same,
        changed=walked.changed,
        next_other=walked.next_other,
        newest=walked.newest,
        newest_at=newest,
        looked=walked.looked,
    )


def line_probe(row: OwnedFrame, *, mentions: str | None, text: str | None = None) -> HasLine:
    """The probe for a frame's line, in its file and function."""
    function = row.frame.function
    named = function if function and re.fullmatch(r"[A-Za-z_]\w*", function) else None
    return HasLine(
        file=path_in_wheel(row) or "", text=(text or row.frame.source or "").strip(), function=named, mentions=mentions
    )


def blame(scene: Scene, found: Found, basis: str) -> None:
    """Name the asker as who would have to change, where a third party asked."""
    found.basis = basis
    if scene.asking is not None:
        found.culprit, found.culprit_version = scene.asking, scene.asking_version
