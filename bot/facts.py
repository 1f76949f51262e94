"""Questions that classify asks, and the Facts that answer them.

A question is a value: equal questions are the same question, so answers can be cached and the pure part can ask
again at no cost. An answer that could not be had is a Fact too (`known` is False and `reason` says why): a verdict
repeats it, it never silently changes.

Every question to an index is asked as of an instant (`Case.as_of`); the asker does not name it, gather does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Generic, TypeVar

from msgspec import Struct

from bot.model import DistributionName

# ---------------------------------------------------------------------------------------------- probes


class HasModule(Struct, frozen=True, kw_only=True):
    """Does the release hold this module (or package)?"""

    module: str


class HasName(Struct, frozen=True, kw_only=True):
    """Does the module define, import or re-export this name? `name` may be dotted: `Client.get`.

    `f().get` asks for an attribute of what `f` returns, `*.get` for one of any class of the module or package.
    """

    module: str
    name: str
    bound: bool = False
    """Whether importing the module has to bind it: a submodule that nothing imports is no attribute yet."""


class HasParameter(Struct, frozen=True, kw_only=True):
    """Does the callable take this parameter (by name), or any (`**kwargs`)?"""

    module: str
    name: str
    """Dotted within the module; `Client` means its `__init__` or `__new__`."""
    parameter: str


class HasLine(Struct, frozen=True, kw_only=True):
    """Does the file, where it is or where its module moved to, still have this source line (stripped), in this
    function where one is given?
    """

    file: str
    """Path inside the wheel: `kombu/utils/compat.py`."""
    text: str
    function: str | None = None
    mentions: str | None = None
    """Where given, the whole statement that begins with `text` must also mention this identifier (as a name, attribute,
    imported name, keyword or string), outside `try` blocks that catch the error: a call over many lines that no longer
    passes `proxies`, an import list that no longer names `triu`, do not count as still there.
    """


class HasText(Struct, frozen=True, kw_only=True):
    """Does any file of the release (source, data or compiled, read as bytes) hold this literal text, of 12 characters or
    more? An error message's constant part is asked for so: the first release that holds it is the one that began to
    refuse.
    """

    text: str


class DefinedAs(Struct, frozen=True, kw_only=True):
    """Is the function or class defined as it is in `version`: same signature, annotations and body, comments,
    docstrings and layout apart? The last release that differs is the last one before the definition changed.

    Module `*`: every function of this name that the release's own modules (its tests' apart) define, taken together.
    """

    module: str
    name: str
    version: str


class StandsAs(Struct, frozen=True, kw_only=True):
    """Does the statement at a line of `version` still stand as it does there: the same statement, or with `mentions` any
    that asks the same module for that name, in the same function or class, under no more conditions, loops and `try`
    blocks, its imported names from where they come from there? A fix seldom takes a line away; it puts a condition
    before it, another import above it, or gives it something else to work on.
    """

    file: str
    """Path inside the wheel; where it moved, the file that took its name counts."""
    line: int
    version: str
    text: str | None = None
    """What the line read where it was printed; nothing is told where `version` has another line there."""
    mentions: str | None = None


class HasEntryPoint(Struct, frozen=True, kw_only=True):
    """Does the release declare this entry point?"""

    group: str
    name: str


class HasFile(Struct, frozen=True, kw_only=True):
    """Does the release ship this file? `*.so` asks for any compiled module, whatever the platform calls it."""

    file: str


Probe = HasModule | HasName | HasParameter | HasLine | HasText | DefinedAs | StandsAs | HasEntryPoint | HasFile


# ---------------------------------------------------------------------------------------------- questions


class Releases(Struct, frozen=True, kw_only=True):
    """Which releases had a distribution as of then? Answered by `tuple[Release, ...]`, oldest version first."""

    distribution: DistributionName


class Metadata(Struct, frozen=True, kw_only=True):
    """What does a release's metadata say? Answered by `ReleaseMetadata`. Version None: the newest as of then."""

    distribution: DistributionName
    version: str | None = None


class Holds(Struct, frozen=True, kw_only=True):
    """Does this release hold the file that a frame names, and does the frame's line read as printed? `Held`."""

    distribution: DistributionName
    version: str
    path: str
    """As it would stand in RECORD: relative to site-packages, forward slashes."""
    line: int | None = None
    source: str | None = None


class TopLevels(Struct, frozen=True, kw_only=True):
    """Which top-level import names does a release provide? Answered by `tuple[str, ...]`."""

    distribution: DistributionName
    version: str | None = None


class Walk(Struct, frozen=True, kw_only=True):
    """How does the answer to a probe vary over a distribution's releases? Answered by `Walked`.

    `around` is the installed version, `good` a version known or believed to answer otherwise (the last green one).
    """

    distribution: DistributionName
    probe: Probe
    around: str
    good: str | None = None


class Defines(Struct, frozen=True, kw_only=True):
    """Which modules of this release define a class or function of this name at their top level? Answered by
    `tuple[str, ...]`, dotted module names; empty where none does (or only compiled code could).
    """

    distribution: DistributionName
    version: str
    name: str


class ComesFrom(Struct, frozen=True, kw_only=True):
    """Which calls gave what a statement of a release works on? Answered by `tuple[str, ...]`, dotted from the top level:
    `jwt.encode` for `token.decode()` after `token = jwt.encode(…)`. Empty where anything else may be worked on, such as
    what the function was called with.
    """

    distribution: DistributionName
    version: str
    path: str
    line: int
    attribute: str | None = None
    """The attribute that was looked for: then only what it was looked for on counts."""


class MadeHere(Struct, frozen=True, kw_only=True):
    """Is everything that a statement of a release works on and hands over its own: constants, what the module holds, what
    calls return that were given nothing else? Answered by `bool`; False where anything is what the function was called
    with, or is of its object, or was read from outside, or can't be told.
    """

    distribution: DistributionName
    version: str
    path: str
    line: int
    callers: tuple[tuple[str, int], ...] = ()
    """The calls of the same release that led there, innermost first: path and line. What an argument was given there
    counts.
    """
    strictly: bool = False
    """Whether what methods of the function's own object return is taken to be what the object was made with."""


class TrackerOf(Struct, frozen=True, kw_only=True):
    """Where do a distribution's bug reports belong? Answered by `model.TrackerRef`."""

    distribution: DistributionName


Question = Releases | Metadata | Holds | TopLevels | Walk | Defines | ComesFrom | MadeHere | TrackerOf


# ---------------------------------------------------------------------------------------------- answers


class Release(Struct, frozen=True, kw_only=True):
    """One release as the index lists it."""

    version: str
    uploaded: datetime | None
    """Of its first file; None where the index does not say."""
    yanked: bool = False
    prerelease: bool = False
    requires_python: str | None = None


class ReleaseMetadata(Struct, frozen=True, kw_only=True):
    """A release's own claims (core metadata). They are claims: policy asks for corroboration."""

    version: str
    requires: tuple[str, ...] = ()
    """Requires-Dist as written."""
    requires_python: str | None = None
    urls: tuple[tuple[str, str], ...] = ()
    """(label, URL): Project-URL rows, then Home-page and Download-URL under those labels."""
    summary: str = ""


class Held(Struct, frozen=True, kw_only=True):
    """What a release's files say of one frame."""

    file: bool
    """Whether the release holds the file at all."""
    matches: bool | None = None
    """Whether the file's line reads as the frame's source; None where either is missing."""
    actual: str | None = None
    """What the line reads, stripped."""
    elsewhere: tuple[int, ...] = ()
    """Other lines of the file that read as the frame's source (it moved: another version, or patched)."""


class Walked(Struct, frozen=True, kw_only=True):
    """A probe's answers over releases, as far as looked. Versions are given as the index spells them."""

    at: bool | None
    """The answer at `around`; None where that release can't be read."""
    last_other: str | None = None
    """The newest release before `around` that answers otherwise (last good, where `around` is bad) ..."""
    first_same: str | None = None
    """... and the first one after it that answers as `around` does (first bad)."""
    changed: datetime | None = None
    """When `first_same` was published."""
    deprecated_in: str | None = None
    """The first release seen before the change that warns of it, where one was noticed."""
    next_other: str | None = None
    """The first release after `around` that answers otherwise (fixed in, where `around` is bad)."""
    newest: str | None = None
    newest_at: bool | None = None
    """The answer at the newest release (no pre-release, not yanked) as of then."""
    looked: tuple[str, ...] = ()
    moved_to: str | None = None
    """Where the module or name stands since, where the same name was found elsewhere in the distribution."""


AnswerT = TypeVar("AnswerT")


class Fact(Struct, Generic[AnswerT], frozen=True, kw_only=True):
    """What is known of a question, or that it could not be known."""

    question: Question
    answer: AnswerT | None
    known: bool
    reason: str = ""
    """Why it is not known ("offline and not in the cache", "the index answered 503"); empty where it is."""
    source: str = ""
    """index, cache, static data."""
    at: datetime | None = None


class Facts:
    """An immutable set of Facts by question."""

    __slots__ = ("_by_question",)

    def __init__(self, facts: Iterable[Fact[object]] = ()) -> None:
        self._by_question: Mapping[Question, Fact[object]] = {fact.question: fact for fact in facts}

    def get(self, question: Question) -> Fact[object] | None:
        """The Fact for a question, or None where it was not asked yet."""
        return self._by_question.get(question)

    def known(self, question: Question) -> object | None:
        """The answer where it is known, else None."""
        fact = self._by_question.get(question)
        return fact.answer if fact is not None and fact.known else None

    def with_(self, facts: Iterable[Fact[object]]) -> Facts:
        """These facts and those."""
        return Facts([*self._by_question.values(), *facts])

    def __contains__(self, question: object) -> bool:
        return question in self._by_question

    def __iter__(self) -> Iterator[Fact[object]]:
        return iter(self._by_question.values())

    def __len__(self) -> int:
        return len(self._by_question)
