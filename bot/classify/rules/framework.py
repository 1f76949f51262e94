"""What a rule is: a small function that looks at one failure and says what it saw, or nothing.

A rule claims one thing for (or against) one kind of verdict. How much it weighs is fitted (`bench/weights.py`), never
written here; `strength` names the group of rules whose fitted weight it leans on where the corpus hardly shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import cached_property

from msgspec import Struct

from bot.classify import signatures
from bot.classify.claims import Want
from bot.classify.differences import version_of
from bot.classify.inquiry import Found
from bot.classify.scene import CPYTHON, OWN, Scene
from bot.classify.signatures import Hit
from bot.model import Case, Failure, Kind
from bot.patterns import pattern


class Strength(StrEnum):
    """Groups of rules that are believed alike until the data says otherwise."""

    DECISIVE = "decisive"
    STRONG = "strong"
    FAIR = "fair"
    WEAK = "weak"


class Way(StrEnum):
    """Ways in which a rule knows what it claims. Two rules that know it in the same way are one witness."""

    RELEASES = "releases"
    """Released files, read at more than one version; the tables of the standard library."""
    GREEN_RUN = "green-run"
    """What the last green run had."""
    MANNER = "manner"
    """How it was raised, at which time and by whom, as the log shows it."""
    RELEASED_LINE = "released-line"
    """The printed line equals the released one."""
    METADATA = "metadata"
    MACHINE = "machine"
    DIFF = "diff"


class Look(Struct, frozen=True, kw_only=True, dict=True):
    """What rules look at: a job, and one of its failures with what was found out about it (None for a job without)."""

    case: Case
    scene: Scene | None = None
    found: Found | None = None

    @cached_property
    def hits(self) -> tuple[Hit, ...]:
        """Environment signatures in the failure itself."""
        return tuple(signatures.in_failure(self.scene.uncaught)) if self.scene else ()

    @cached_property
    def remarks(self) -> tuple[Hit, ...]:
        """Environment signatures in what the log prints outside failures."""
        return tuple(signatures.in_remarks(self.case.reading))


class Saw(Struct, frozen=True, kw_only=True):
    """What a rule saw: one sentence that quotes it, the log's line, and where a Fact behind it comes from."""

    says: str
    line: int | None = None
    source: str = ""


class Rule(Struct, frozen=True, kw_only=True):
    """A rule with its place in the order and its claim."""

    name: str
    supports: Kind
    strength: Strength
    against: bool
    see: Callable[[Look], Saw | None]
    ways: frozenset[Way]
    """How it knows; two rules support each other where these differ."""

    @property
    def claim(self) -> str:
        """What the rule claims and why: its function's docstring."""
        return (self.see.__doc__ or "").strip()


def rule(
    supports: Kind, strength: Strength, *ways: Way, against: bool = False
) -> Callable[[Callable[[Look], Saw | None]], Rule]:
    """Make a rule of a function: its name is the function's with dashes, its docstring the claim."""

    def made(see: Callable[[Look], Saw | None]) -> Rule:
        return Rule(
            name=getattr(see, "__name__", "rule").replace("_", "-"),
            supports=supports,
            strength=strength,
            against=against,
            see=see,
            ways=frozenset(ways),
        )

    return made


def may_be_a_stand_in(look: Look) -> bool:
    """Whether the module that lacks an attribute may be another that was put in its place: the message names no file,
    nobody could look whether the release has the name, and that came with no more than a patch since the green run.
    """
    if look.scene is None or look.found is None or look.scene.kind != "AttributeError" or look.found.api is not None:
        return False
    claim, provider = look.scene.claim, look.scene.provider
    if claim is None or claim.want is not Want.NAME or claim.path or provider in {None, CPYTHON, OWN}:
        return False
    change = look.scene.differences.of(provider)
    before, after = (version_of(change.before), version_of(change.after)) if change else (None, None)
    return before is None or after is None or before.release[:2] == after.release[:2]


_NEVER_THERE = pattern(r"\.(?:invalid|test|example|localhost|local)\b|\blocalhost\b")


def captured_outage(look: Look) -> Hit | None:
    """A name that could not be resolved, told by a traceback in what a failing test's own output holds."""
    if look.scene is None or look.scene.kind != "AssertionError":
        return None
    first, last = look.scene.failure.span
    for row in look.case.reading.handled:
        inside = first <= row.span[0] <= last
        if inside and not any(_NEVER_THERE.search(part.message.lower()) for part in row.chain):
            hits = signatures.in_failure(Failure(chain=row.chain, span=row.span))
            found = next((hit for hit in hits if hit.signature.name == "name-resolution"), None)
            if found is not None:
                return found
    return None


def frame_line(look: Look) -> int | None:
    """The log's line of the frame that asked, or of the failure."""
    if look.scene is None:
        return None
    asker = look.scene.asker
    return (asker.frame.at if asker and asker.frame.at else look.scene.raised.span[1]) or None


def message_line(look: Look) -> int | None:
    """The log's line on which the exception's message ends."""
    return (look.scene.raised.span[1] or None) if look.scene else None
