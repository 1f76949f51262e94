"""From a scene to what releases say of it: the questions worth asking, and what their answers amount to.

Asking and finding are one path: an inquiry runs over the Facts that are there, takes what is known and notes what it
would have liked to know. Run again with more Facts it gets further, so nothing is asked whose answer could not matter.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from bot.classify import claims, importnames, signatures, stdlib, syntax
from bot.classify.claims import Claim, Want
from bot.classify.differences import Change, newer, required_names, requires, version_of
from bot.classify.ownership import (
    GENERATED,
    HARNESS,
    PROJECT,
    STDLIB,
    THIRD_PARTY,
    VENDORED,
    in_overlay,
    path_in_wheel,
    slashed,
)
from bot.classify.scene import CPYTHON, OWN, Scene
from bot.classify.stdlib import Removal
from bot.facts import (
    ComesFrom,
    DefinedAs,
    Defines,
    HasFile,
    HasLine,
    HasModule,
    HasName,
    HasParameter,
    HasText,
    Held,
    Holds,
    Metadata,
    Probe,
    Question,
    Release,
    Releases,
    TopLevels,
    TrackerOf,
    Walk,
    Walked,
)
from bot.model import DistributionName, OwnedFrame, Phase, TrackerRef, Trigger, normalized
from bot.patterns import pattern

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_CANDIDATES = 8
"""So many distributions are asked whether they define a class; each costs its release's files."""

_SHORT = 2
"""A word of so many letters says nothing of a distribution's name."""
_TEXT = 12
_STEPS = 10
"""So many direct requirements are followed one step further."""


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
    """What makes it the culprit: api, stdlib, undeclared, regression, behaviour, inside, build, native."""
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
    moved_with: Change | None = None
    """The changed requirement of a third party that fails by itself: while it is imported, or as a tool."""
    required: tuple[str, ...] = ()
    """What the culprit requires, extras aside."""
    conflict: str | None = None
    """What the culprit requires and the installed set does not keep: `importlib-metadata<5, and 5.0.0 is installed`."""
    by_data: bool = False
    """What is missing was named by data (a setting, an argument), not by the line that looked it up."""
    passed_through: bool = False
    """The refused keyword stands in no line of the third party: it hands on what it was given."""
    optional: bool = False
    """What is missing is imported by a part of the culprit that can be left alone: an integration, not its root."""
    notes: dict[str, str] = field(default_factory=dict)


def inquire(scene: Scene) -> Found:
    """What is known of a scene's failure, and the questions that would tell more."""
    book = Notebook(scene)
    found = Found()
    frameless = not scene.has_frames and scene.building is not None
    if frameless and not any(hit.signature.strong for hit in signatures.in_remarks(scene.case.reading)):
        _blame(scene, found, "build")
    if scene.has_frames and not any(hit.signature.strong for hit in signatures.in_failure(scene.failure)):
        if scene.asking and scene.claim and scene.claim.of not in claims.BUILTINS | claims.MOCKS:
            _foresee(scene, book)
        _asked(scene, book, found)
    if found.culprit:
        _about_culprit(scene, book, found)
    _trigger(scene, found)
    if found.culprit and _acquitted(scene, book, found):
        found.culprit = found.culprit_version = None
    found.open, found.unknown = tuple(book.open), tuple(book.unknown)
    return found


def _acquitted(scene: Scene, book: Notebook, found: Found) -> bool:
    """Whether whoever would be blamed only does what it was told, or was never meant to run with what is installed."""
    if scene.asking is None:
        return False
    claim = scene.claim
    if claim is not None and found.basis in {"api", "stdlib", "undeclared"}:
        if scene.named_by_data and not scene.at_import and not _names_in_its_own_data(scene, claim, book):
            found.by_data = True
        elif claim.want is Want.KEYWORD:
            found.passed_through = _passed_through(scene, claim, book, found)
    found.conflict = _conflict(scene, found)
    return found.by_data or found.passed_through or found.conflict is not None


_SPELLINGS = 3
"""In so many ways a name is looked for in the files of who looked it up."""


def _names_in_its_own_data(scene: Scene, claim: Claim, book: Notebook) -> bool:
    """Whether the asker's released files spell out what its line looks up."""
    text = claim.name if claim.want is Want.MODULE else f"{claim.module}.{claim.name}"
    texts = [one for one in (text, claim.name, f'"{claim.name}"', f"'{claim.name}'") if len(one) >= _TEXT][:_SPELLINGS]
    walks = [book.walk(scene.asking or "", HasText(text=one), scene.asking_version) for one in texts]
    return any(walked is not None and walked.at for walked in walks)


def _passed_through(scene: Scene, claim: Claim, book: Notebook, found: Found) -> bool:
    """Whether no line of a third party hands over the refused keyword by its name, so that the project did.

    Said only where the released files were read: a printed line is often the first of many.
    """
    outer = [row for row in scene.way if row.role in {THIRD_PARTY, VENDORED}]
    if any(claims.passes(row.frame.source, claim.name) for row in outer) or found.still is not None:
        return False
    if any(claims.passes(row.frame.source, claim.name) for row in scene.project_frames):
        return True
    walked = None
    if found.culprit and found.culprit_version and len(claim.name) + 1 >= _TEXT:
        walked = book.walk(found.culprit, HasText(text=f"{claim.name}="), found.culprit_version)
    return walked is not None and walked.at is False


def _conflict(scene: Scene, found: Found) -> str | None:
    """The culprit's requirement that the installed set breaks, of the distributions that the failure met."""
    met = {found.provider, found.raiser, found.definer, found.mentioned}
    met |= {str(row.distribution) for row in scene.telling if row.distribution}
    for name in dict.fromkeys(filter(None, (found.culprit, scene.asking))):
        for row in _applying(scene, requires(scene.facts, name, scene.ground.version(name))):
            required = normalized(row.name)
            installed = scene.ground.version(required)
            if required not in met or required == name or installed is None or version_of(installed) is None:
                continue
            if not row.specifier.contains(installed, prereleases=True):
                return f"{name} {scene.ground.version(name)} requires {row.name}{row.specifier}, and {installed} is installed"
    return None


def _foresee(scene: Scene, book: Notebook) -> None:
    """Ask at once what is surely asked once the asker is blamed: rounds are dearer than questions."""
    name, version = DistributionName(scene.asking or ""), scene.asking_version
    book.ask(TrackerOf(distribution=name))
    book.ask(Releases(distribution=name))
    if version:
        book.ask(Metadata(distribution=name, version=version))


def _asked(scene: Scene, book: Notebook, found: Found) -> None:
    """Follow what the message claims; where it claims nothing that can be checked, what changed."""
    _whose_names(scene, book)
    claim = scene.claim
    if claim is not None and claim.want in {Want.MODULE, Want.NAME}:
        _missing_name(scene, claim, book, found)
    elif claim is not None and claim.want in {Want.MEMBER, Want.KEYWORD, Want.ARGUMENTS, Want.PROTOCOL}:
        _missing_member(scene, claim, book, found)
    if not found.basis and _stdlib_caller(scene) and scene.explicit:
        _stdlib_refuses(scene, found)
    if not found.basis and scene.kind in {"SyntaxError", "IndentationError", "TabError"}:
        _unparsable(scene, found)
    if not found.basis and scene.building and scene.asking == scene.building:
        _blame(scene, found, "build")
    if not found.basis:
        _behaviour(scene, book, found)


_LISTED = 3
"""A log that lists so many distributions lists them all, near enough."""


def _whose_names(scene: Scene, book: Notebook) -> None:
    """Ask what the project's own distribution provides where frames belong to none that is installed.

    An import name need not resemble the distribution's, and a project that is tested as it is installed looks like a
    third party.
    """
    project, installed = scene.ground.project, scene.ground.installed
    strange = any(
        row.distribution and row.role == THIRD_PARTY and str(row.distribution) not in installed for row in scene.way
    )
    if project and strange and len(installed) >= _LISTED and project in installed:
        book.ask(TopLevels(distribution=project))
    for row in scene.way[-_LISTED:] if len(installed) >= _LISTED else ():
        if row.role != THIRD_PARTY or row.distribution is None or row.distribution in installed:
            continue
        top = (row.module or "").split(".", 1)[0].lower()
        for name in difflib.get_close_matches(top, [one for one in installed if one != project], n=2, cutoff=0.5):
            book.ask(TopLevels(distribution=DistributionName(name), version=installed[name]))


def _unparsable(scene: Scene, found: Found) -> None:
    """A third party's released file does not parse on the running interpreter."""
    row = scene.frames[-1] if scene.frames else None
    if row is None or row.distribution is None or row.role not in {THIRD_PARTY, VENDORED}:
        return
    found.removal = syntax.written_for(row.frame.source, scene.python)
    found.culprit, found.culprit_version = str(row.distribution), scene.ground.version(row.distribution)
    found.provider, found.basis = CPYTHON, "syntax"


# ---------------------------------------------------------------------------------------------- modules and names


def _missing_name(scene: Scene, claim: Claim, book: Notebook, found: Found) -> None:
    """A module, or a name of a module, that its provider does not have."""
    module = claim.name if claim.want is Want.MODULE else claim.module
    found.symbol = claim.name if claim.want is Want.MODULE else ".".join(filter(None, [claim.module, claim.name]))
    found.provider = scene.provider
    if found.provider == OWN:
        return
    if found.provider == CPYTHON and module:
        found.removal = (
            stdlib.missing_module(module, scene.python)
            if claim.want is Want.MODULE
            else stdlib.missing_name(module, claim.name, scene.python)
        )
        if found.removal:
            _blame(scene, found, "stdlib")
        return
    if found.provider is None:
        if claim.want is Want.MODULE:
            _not_installed(scene, claim, book, found)
        else:
            _unplaced(scene, claim, book, found)
        return
    found.provider_version = scene.ground.version(found.provider)
    probe: Probe = (
        HasModule(module=claim.name)
        if claim.want is Want.MODULE
        else HasName(module=module or "", name=claim.name, bound=scene.kind == "AttributeError")
    )
    found.api = book.walk(found.provider, probe, found.provider_version, scene.differences.good(found.provider))
    if scene.by_project and found.api is not None and found.api.at and claim.want is Want.NAME:
        _broken_inside(scene, found.provider, book, found)
        return
    _blame(scene, found, "api")


def _broken_inside(scene: Scene, provider: str, book: Notebook, found: Found) -> None:
    """The project asks rightly for a name that the release does have: its import broke further in, and that was
    swallowed. Who, among what the provider requires, met a distribution that changed?
    """
    changed = {name for name, change in scene.differences.changed.items() if change.after}
    if not changed or scene.differences.of(provider):
        return
    direct = [
        name
        for name in required_names(
            _applying(scene, _requirements(scene, provider, scene.ground.version(provider), book))
        )
        if name in scene.ground.installed
    ]
    met = [(provider, name) for name in direct if name in changed]
    # Only a new major version is likely to break an import; anything smaller is one innocent change of many.
    for name in direct[:_STEPS]:
        rows = _applying(scene, _requirements(scene, name, scene.ground.version(name), book))
        met += [(name, one) for one in required_names(rows) if one in changed]
    met = [pair for pair in met if _major(scene, pair[1])]
    if met and not book.open:
        _hidden(scene, found, *met[0])


def _major(scene: Scene, distribution: str) -> bool:
    """Whether a distribution's change is a new major version; dates are none."""
    change = scene.differences.changed[distribution]
    before, after = version_of(change.before), version_of(change.after)
    return before is not None and after is not None and before.major < after.major < 1900


def _hidden(scene: Scene, found: Found, culprit: str, trigger: str) -> None:
    found.basis, found.culprit, found.culprit_version = "hidden", culprit, scene.ground.version(culprit)
    found.provider, found.provider_version = trigger, scene.ground.version(trigger)


def _applying(scene: Scene, rows: tuple[Requirement, ...] | None) -> list[Requirement]:
    """The requirements whose markers hold for the running series, extras aside."""
    environment = {
        "python_version": scene.python or "3",
        "python_full_version": f"{scene.python or '3'}.0",
        "extra": "",
    }
    return [row for row in rows or () if row.marker is None or row.marker.evaluate(environment)]


_DEVELOPERS = pattern(
    r"""extra == ['"](?:tests?|testing|dev(?:el(?:op(?:ment)?)?)?|docs?|lint(?:ing)?|ci|benchmarks?)['"]"""
)
"""Extras that who develops a distribution installs: what its root imports is not declared by being in one."""


def _not_installed(scene: Scene, claim: Claim, book: Notebook, found: Found) -> None:
    """A module that no installed distribution provides: one not installed, or the project's own that is missing."""
    if scene.asking is None:
        return
    found.removal = _first_choice(scene)
    if found.removal is not None:
        found.provider, found.symbol = CPYTHON, found.removal.symbol
        _blame(scene, found, "stdlib")
        return
    wanted = str(importnames.guessed(claim.name))
    found.provider = wanted
    rows = _requirements(scene, scene.asking, scene.asking_version, book)
    if rows is not None:
        named = [row for row in rows if normalized(row.name) in importnames.candidates(claim.name)]
        always = _applying(scene, tuple(named))
        extra = [row for row in named if row.marker is not None and "extra" in str(row.marker)]
        if extra and scene.through_root and all(_DEVELOPERS.search(str(row.marker)) for row in extra):
            extra = []
        named = always or extra
        found.declared = "always" if always else "extra" if extra else "never"
        found.requirement = str((always or named)[0]) if named else None
    if found.declared == "never" and scene.differences.good(wanted):
        found.dropped = _dropped_requirement(scene, book, wanted)
    top = claim.name.split(".", 1)[0]
    if wanted not in importnames.candidates(top.replace("_", "-"))[1:] or wanted != normalized(top):
        # A distribution named otherwise, perhaps there without being listed (setuptools in a fresh environment): its
        # newest release may be the one that dropped the module.
        newest = _newest(book, wanted)
        found.api = book.walk(wanted, HasModule(module=claim.name), newest)
        found.provider_version = newest
    found.optional = not scene.through_root
    _blame(scene, found, "undeclared")


def _first_choice(scene: Scene) -> Removal | None:
    """What the interpreter dropped, where the missing module is but the fallback for it: `import audioop` came first."""
    for part in scene.failure.chain[: scene.focus]:
        earlier = claims.claim(part.exception, part.message)
        same = part.frames and scene.asker is not None and part.frames[-1].file == scene.asker.frame.file
        if earlier is not None and earlier.want is Want.MODULE and same:
            gone = stdlib.missing_module(earlier.name, scene.python)
            if gone is not None and not gone.later:
                return gone
    return None


def _dropped_requirement(scene: Scene, book: Notebook, wanted: str) -> str | None:
    """The changed distribution that required what is missing in its green release and no longer does."""
    changed = [change for change in scene.differences.changed.values() if change.before and change.after]
    for change in changed[:_STEPS]:
        if change.distribution == CPYTHON:
            continue
        before = _requirements(scene, change.distribution, change.before, book) or ()
        after = _requirements(scene, change.distribution, change.after, book)
        if after is not None and wanted in required_names(before) and wanted not in required_names(after):
            return change.distribution
    return None


def _requirements(
    scene: Scene, distribution: str, version: str | None, book: Notebook
) -> tuple[Requirement, ...] | None:
    """What a release requires; None where that is not known (yet)."""
    if book.ask(Metadata(distribution=DistributionName(distribution), version=version)) is None:
        return None
    return requires(scene.facts, distribution, version)


def _newest(book: Notebook, distribution: str) -> str | None:
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


def _unplaced(scene: Scene, claim: Claim, book: Notebook, found: Found) -> None:
    """A name of a module that no distribution is known for (compiled bindings are often called `lib`): its text is
    looked for in what the asker requires.
    """
    if scene.asking is None or len(claim.name) < _TEXT:
        return
    for name in _dependencies(scene, book)[:_CANDIDATES]:
        walked = book.walk(name, HasText(text=claim.name), scene.ground.version(name), scene.differences.good(name))
        if walked is not None and walked.at is False and walked.last_other:
            found.provider, found.provider_version, found.api = name, scene.ground.version(name), walked
            found.symbol = f"{name}:{claim.name}"
            _blame(scene, found, "api")
            return


# ---------------------------------------------------------------------------------------------- members and parameters


def _missing_member(scene: Scene, claim: Claim, book: Notebook, found: Found) -> None:
    """A member, parameter or operation that an object, class or callable does not have."""
    if claim.want is Want.KEYWORD and _refused_further_in(scene, claim, found):
        return
    name = _class_named(scene, claim)
    if name is None or name in claims.BUILTINS or name in claims.MOCKS:
        return
    of = claim.of or name
    found.symbol = f"{of}({claim.name})" if claim.want is Want.KEYWORD else f"{of}.{claim.name}"
    if _of_the_stdlib(scene, claim, name, book, found):
        return
    # A closure is as much its function's as that is anybody's: `fake_get.<locals>.get` is not `requests.get`.
    definer = _definer(scene, claim.within or name, book)
    if definer is not None:
        _defined(scene, claim, name, definer, book, found)
    elif claim.want in {Want.KEYWORD, Want.ARGUMENTS}:
        _own_callable(scene, claim, book, found)


def _of_the_stdlib(scene: Scene, claim: Claim, name: str, book: Notebook, found: Found) -> bool:
    """Whether the standard library asks more of a third party's class, or its own class lost what is asked for."""
    if _stdlib_caller(scene) and scene.stdlib_class is None:
        _stdlib_changed(scene, name, _member(claim), book, found)
        if found.basis:
            return True
    if scene.stdlib_class and not _third_party_definer(scene, name, book):
        module = scene.stdlib_class
        found.provider = CPYTHON
        found.symbol = f"{module}.{name}.{claim.name}"
        found.removal = _stdlib_member(module, name, claim, scene.python)
        if found.removal and not found.removal.later:
            _blame(scene, found, "stdlib")
            return True
    return False


def _member(claim: Claim) -> str:
    """The member that is missing; for an operation, the special method behind it."""
    return (claims.special(claim.name) or claim.name) if claim.want is Want.PROTOCOL else claim.name


def _defined(scene: Scene, claim: Claim, name: str, definer: tuple[str, str], book: Notebook, found: Found) -> None:
    """A released distribution defines what the message names: did it lose what is asked for?"""
    distribution, module = definer
    found.definer = distribution
    found.provider, found.provider_version = distribution, scene.ground.version(distribution)
    # One parameter taken away from a class and its twins is one defect: `Client(proxies)`, `AsyncClient(proxies)`.
    found.symbol = f"{distribution}({claim.name})" if claim.want is Want.KEYWORD else f"{module}.{name}.{claim.name}"
    found.api = _lost(scene, claim, name, definer, book)
    proved = found.api is not None and found.api.at is False and found.api.last_other is not None
    of_objects = claim.want in {Want.MEMBER, Want.PROTOCOL}
    if (
        not (proved and of_objects)
        and claim.want is not Want.PROTOCOL
        and _overridden(scene, book, found, distribution)
    ):
        return
    same = scene.asking == distribution or (of_objects and scene.differences.unchanged(distribution))
    if same and not proved:
        # The class is as it was in the last green run, or the asker's own: what began to ask for it is what matters.
        found.api = found.provider = found.provider_version = None
        return
    _blame(scene, found, "api")


def _lost(scene: Scene, claim: Claim, name: str, definer: tuple[str, str], book: Notebook) -> Walked | None:
    """How what is asked for varies over the definer's releases; where nothing can be named, how the definition does."""
    distribution, module = definer
    version, good = scene.ground.version(distribution), scene.differences.good(distribution)
    of = claim.of or ""
    member = _member(claim)
    if (
        claim.within
        or not claim.name
        or claim.want is Want.ARGUMENTS
        or (claim.want is Want.PROTOCOL and "__" not in member)
    ):
        whole = claim.within or (of if of.startswith(f"{name}.") else name)
        return book.walk(distribution, DefinedAs(module=module, name=whole, version=version or ""), version, good)
    probe: Probe = HasName(module=module, name=f"{name}.{member}")
    if claim.want is Want.KEYWORD:
        dotted = "." in of and not of.endswith("__init__")
        probe = HasParameter(module=module, name=of if dotted else name, parameter=claim.name)
    walked = book.walk(distribution, probe, version, good)
    if walked is None or walked.at is not False or walked.last_other is not None:
        return walked
    source = scene.asker.frame.source if scene.asker else None
    if claim.want is Want.MEMBER and claims.assigns(source, claim.name):
        slots = HasName(module=module, name=f"{name}.__slots__")
        closed = _inverted(book.walk(distribution, slots, version, good))
        if closed is not None and closed.at is False and closed.last_other:
            return closed
    return _call_changed(scene, distribution, book) or walked


def _refused_further_in(scene: Scene, claim: Claim, found: Found) -> bool:
    """A line hands a keyword over by name, and another distribution passes it on to where it is refused.

    The callable is not known by name there; that its distribution changed is what there is to go by.
    """
    asker, inner = scene.asker, scene.innermost
    if asker is None or inner is None or asker is inner or inner.distribution is None or inner.role != THIRD_PARTY:
        return False
    owner = str(inner.distribution)
    if owner == scene.asking:
        return False
    found.provider, found.provider_version = owner, scene.ground.version(owner)
    found.symbol = f"{owner}({claim.name})"
    _blame(scene, found, "api")
    return True


def _plugged_in(scene: Scene, claim: Claim, book: Notebook) -> tuple[str, ...]:
    """Installed plug-ins of the asker that define the class whose method it calls.

    Older interpreters name a method without its class: then a printed line has to name the plug-in.
    """
    method = (claim.of or "").rsplit(".", 1)[-1]
    text = f"def {method}("
    if scene.asking is None or len(text) < _TEXT or not scene.differences.of(scene.asking):
        return ()
    lines = " ".join(row.frame.source or "" for row in scene.way).lower()
    found = []
    for name in _dependents(scene, book, scene.asking):
        version = scene.ground.version(name) or ""
        if claim.owner and "." in (claim.of or ""):
            its_own = book.ask(Defines(distribution=DistributionName(name), version=version, name=claim.owner))
        else:
            walked = book.walk(name, HasText(text=text), version) if _in_text(name, lines) else None
            its_own = walked is not None and walked.at
        found += [name] if its_own else []
    return tuple(found)


_DEPENDENTS = 24
"""So many installed distributions are asked whether they require another: those with a name alike first."""


def _dependents(scene: Scene, book: Notebook, distribution: str) -> tuple[str, ...]:
    """Installed distributions that require another one, be it in an extra."""
    words = {word for word in distribution.split("-") if len(word) > _SHORT}
    rows = [name for name in scene.ground.installed if name != distribution and not scene.ground.is_project(name)]
    rows.sort(key=lambda name: not any(word in name for word in words))
    return tuple(name for name in rows[:_DEPENDENTS] if _knows(scene, book, name, distribution))


def _own_callable(scene: Scene, claim: Claim, book: Notebook, found: Found) -> None:
    """The callable that rejects the call is defined by no distribution that the failure met: it is the project's.

    A library that calls back otherwise since a release is the trigger, never to blame by itself.
    """
    if scene.asking is None or scene.at_import:
        return
    plugged = _plugged_in(scene, claim, book)
    if plugged and _overridden(scene, book, found, plugged[0]):
        return
    if plugged or book.open:
        return
    found.basis, found.symbol = "callback", None
    version = scene.asking_version
    if version and (scene.differences.of(scene.asking) or not scene.differences.known):
        _came(scene, book, found, scene.asking, version)
    found.raiser = scene.asking


def _overridden(scene: Scene, book: Notebook, found: Found, definer: str) -> bool:
    """One third party calls a method of another's (a subclass', a plug-in's) in a way that is new: the one that
    overrides has to follow, the caller's release is the trigger.
    """
    caller = scene.asking
    if caller is None or caller == definer or scene.differences.of(definer):
        return False
    if found.api is not None and found.api.at is False and found.api.last_other:
        return False
    change = scene.differences.of(caller)
    if change is None and scene.differences.known:
        return False
    row, version = scene.asker, scene.asking_version
    if row is None or version is None or not _knows(scene, book, definer, caller):
        return False
    text = row.frame.source or _printed(book, caller, version, row)
    good = scene.differences.good(caller)
    found.came = book.walk(caller, _line_probe(row, mentions=None, text=text), version, good) if text else None
    if found.came is None or not found.came.at or not found.came.last_other:
        return False
    if good and not newer(found.came.first_same, good):
        return False
    found.raiser, found.provider, found.provider_version = caller, caller, version
    found.culprit, found.culprit_version, found.basis = definer, scene.ground.version(definer), "override"
    return True


def _knows(scene: Scene, book: Notebook, one: str, other: str) -> bool:
    """Whether a distribution is made to work with another: it requires it, be it in an extra."""
    rows = _requirements(scene, one, scene.ground.version(one), book) or ()
    return other in required_names(rows)


def _printed(book: Notebook, distribution: str, version: str, row: OwnedFrame) -> str | None:
    """The source line of a frame that prints none, as the release has it."""
    path = path_in_wheel(row)
    if path is None or row.frame.line is None:
        return None
    held = book.ask(
        Holds(distribution=DistributionName(distribution), version=version, path=path, line=row.frame.line, source=None)
    )
    return held.actual if isinstance(held, Held) else None


def _class_named(scene: Scene, claim: Claim) -> str | None:
    """The class or function that the message names, or that the line calls where the message does not say it."""
    name = claim.owner
    if name and name not in {"__init__", "__new__", "__call__", "<lambda>"}:
        return name
    asked = scene.asker
    names = [dotted.rsplit(".", 1)[-1] for dotted in claims.called(asked.frame.source if asked else None)]
    return next((name for name in names if name[:1].isupper()), None)


def _stdlib_member(module: str, name: str, claim: Claim, python: str | None) -> Removal | None:
    """When a class of the standard library lost a member, or was itself replaced by another of the same use."""
    gone = stdlib.missing_name(module, f"{name}.{claim.name}", python)
    for base in ("RawConfigParser", "_GenericAlias") if gone is None else ():
        gone = gone or stdlib.missing_name(module, f"{base}.{claim.name}", python)
    return gone or stdlib.class_changed(module, name, python)


def _third_party_definer(scene: Scene, name: str, book: Notebook) -> bool:
    """Whether a distribution that backports the standard library's module is installed and defines the class too."""
    module = (scene.stdlib_class or "").split(".", 1)[0]
    backports = [
        dist
        for dist in scene.ground.installed
        if dist.replace("-", "_").startswith(((scene.stdlib_class or "-").replace(".", "_"), f"backports_{module}"))
    ]
    asked = scene.asker.frame.source or "" if scene.asker else ""
    for dist in backports[:1]:
        if any(name_ in asked for name_ in importnames.import_names_of(dist)) or scene.differences.of(dist):
            return True
        version = scene.ground.version(dist)
        if version and book.ask(Defines(distribution=DistributionName(dist), version=version, name=name)):
            return stdlib.has_module(scene.stdlib_class or "", scene.python or "") is not True
    return False


def _definer(scene: Scene, name: str, book: Notebook) -> tuple[str, str] | None:
    """The distribution and module that define a class or function, among those that the failure could have met."""
    answers = []
    for candidate in _candidates(scene, book, name)[:_CANDIDATES]:
        version = scene.ground.version(candidate)
        if version is not None:
            # All are asked at once: rounds are dearer than one look too many.
            question = Defines(distribution=DistributionName(candidate), version=version, name=name)
            answers.append((candidate, book.ask(question)))
    for candidate, modules in [*answers, *_told_before(scene, name)]:
        if isinstance(modules, tuple) and modules:
            return candidate, min((str(module) for module in modules), key=lambda text: (text.count("test"), len(text)))
    return None


def _told_before(scene: Scene, name: str) -> list[tuple[str, object]]:
    """Answers of earlier rounds: with more known other candidates come first, and what was found stays found."""
    return [
        (str(fact.question.distribution), fact.answer)
        for fact in scene.facts
        if isinstance(fact.question, Defines) and fact.question.name == name and fact.known
    ]


def _candidates(scene: Scene, book: Notebook, name: str) -> tuple[str, ...]:
    """Distributions that may define what a message names, the likeliest first."""
    dependencies = _dependencies(scene, book)
    owners = [str(row.distribution) for row in reversed(scene.telling) if row.distribution]
    changed = [dist for dist in scene.differences.changed if dist in scene.ground.installed]
    text = f"{scene.asker.frame.source or ''} {name}".lower() if scene.asker else name.lower()
    named = [dist for dist in dict.fromkeys([*dependencies, *owners, *changed]) if _in_text(dist, text)]
    met = [dist for dist in changed if dist in dependencies or dist in owners]
    alike = [dist for dist in scene.ground.installed if _named_after(name, dist)]
    grown = [dist for dist in changed if _major(scene, dist)]
    rows = dict.fromkeys([*named, *met, *owners, *alike, *grown, *dependencies, *changed])
    return tuple(row for row in rows if not scene.ground.is_project(row))


def _named_after(name: str, distribution: str) -> bool:
    """Whether a class is called after a distribution: `VCRHTTPResponse` after `vcrpy`, `DockerClient` after `docker`."""
    stem = distribution.split("-", 1)[0].removeprefix("py").removesuffix("py")
    return len(stem) > _SHORT and name.lower().startswith(stem)


def _in_text(distribution: str, text: str) -> bool:
    return any(len(name) > 2 and name.lower() in text for name in importnames.import_names_of(distribution))


def _dependencies(scene: Scene, book: Notebook) -> tuple[str, ...]:
    """What the asker requires and is installed, what changed first."""
    if scene.asking is None:
        return ()
    rows = _requirements(scene, scene.asking, scene.asking_version, book) or ()
    names = [name for name in required_names(rows) if name in scene.ground.installed]
    text = " ".join(row.frame.source or "" for row in scene.telling[-3:]).lower()
    return tuple(
        sorted(
            names, key=lambda name: (scene.differences.of(name) is None, not _in_text(name, text), names.index(name))
        )
    )


def _call_changed(scene: Scene, distribution: str, book: Notebook) -> Walked | None:
    """When the function that the asker's line calls was last defined otherwise: what it returns may have changed."""
    names = importnames.import_names_of(distribution)
    for dotted in claims.called(scene.asker.frame.source if scene.asker else None):
        module, _, function = dotted.rpartition(".")
        if module and any(module == name or module.startswith(f"{name}.") for name in names):
            version = scene.ground.version(distribution)
            walked = book.walk(
                distribution,
                DefinedAs(module=module, name=function, version=version or ""),
                version,
                scene.differences.good(distribution),
            )
            if walked is not None and walked.last_other:
                return walked
    return None


# ---------------------------------------------------------------------------------------------- the interpreter


def _stdlib_caller(scene: Scene) -> bool:
    return scene.innermost is not None and scene.innermost.role == STDLIB


def _stdlib_changed(scene: Scene, name: str, member: str, book: Notebook, found: Found) -> None:
    """The standard library began to ask more of an object whose class a third party wrote."""
    row = scene.innermost
    if row is None or row.module is None or row.frame.source is None:
        return
    path = slashed(row.frame.file)
    file = re.sub(r"^.*?/(?:python|pypy)\d\.\d+t?/", "", path)
    came = stdlib.line_came(file, row.frame.source, scene.python)
    if came is None:
        return
    found.removal = came
    for candidate in _by_subject(scene, book, row.module, name):
        version = scene.ground.version(candidate) or _newest(book, candidate)
        modules = version and book.ask(Defines(distribution=DistributionName(candidate), version=version, name=name))
        if isinstance(modules, tuple) and modules:
            found.definer = found.culprit = candidate
            found.culprit_version = version
            if scene.ground.version(candidate) is None:
                found.notes["culprit-version"] = "newest"
            found.provider, found.basis = CPYTHON, "stdlib"
            found.symbol = f"{modules[0]}.{name}.{member}"
            found.still = _inverted(
                book.walk(candidate, HasName(module=str(modules[0]), name=f"{name}.{member}"), version)
            )
            return


_DROPPED = pattern(r"\b(?:as of|since) (?:python )?3\.\d+|\bremoved\b|\bno longer\b", re.IGNORECASE)


def _stdlib_refuses(scene: Scene, found: Found) -> None:
    """The standard library refuses, on a line that came with a series, what it says was removed."""
    row = scene.innermost
    if row is None or row.frame.source is None or scene.kind not in {"TypeError", "AttributeError", "RuntimeError"}:
        return
    if not _DROPPED.search(scene.message):
        return
    file = re.sub(r"^.*?/(?:python|pypy)\d\.\d+t?/", "", slashed(row.frame.file))
    named = re.search(r"\b(?:as of|since) (?:python )?3\.(\d+)", scene.message, re.IGNORECASE)
    if named and int(named[1]) > 0:
        found.removal = Removal(
            symbol=f"{row.module}.{row.frame.function}", last_good=f"3.{int(named[1]) - 1}", first_bad=f"3.{named[1]}"
        )
    else:
        found.removal = stdlib.line_came(file, row.frame.source, scene.python)
    if found.removal is not None:
        found.provider, found.symbol = CPYTHON, found.removal.symbol
        _blame(scene, found, "stdlib")


def _inverted(walked: Walked | None) -> Walked | None:
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


def _by_subject(scene: Scene, book: Notebook, module: str, name: str) -> tuple[str, ...]:
    """Installed distributions by how much their name has to do with a module and a class: `oslo-log` with `logging`.

    Where the log lists none, what the project's own releases require is taken for installed.
    """
    subject = module.split(".", 1)[0].lower()
    words = {word.lower() for word in re.findall(r"[A-Z]?[a-z]+", name) if len(word) > 2}
    owners = {str(row.distribution) for part in scene.chain for row in part if row.distribution}

    def related(distribution: str) -> int:
        tokens = set(distribution.split("-"))
        return (
            4 * any(len(token) > 2 and (subject.startswith(token) or token.startswith(subject)) for token in tokens)
            + 2 * bool(tokens & words)
            + 3 * (distribution in owners)
            + 2 * (scene.differences.of(distribution) is not None)
        )

    here: Iterable[str] = scene.ground.installed
    if len(scene.ground.installed) < 3 and scene.ground.project:
        here = [*here, *required_names(_requirements(scene, scene.ground.project, None, book) or ())]
    ranked = sorted(dict.fromkeys(here), key=lambda one: (-related(one), one))
    return tuple(one for one in ranked if related(one) and not scene.ground.is_project(one))[: _CANDIDATES + 2]


# ---------------------------------------------------------------------------------------------- behaviour


def _behaviour(scene: Scene, book: Notebook, found: Found) -> None:
    """No claim that can be checked: who raised, who called it, and whether that code is new in what changed."""
    inner = _inner_third_party(scene)
    if inner is None or inner.distribution is None:
        return
    owner = str(inner.distribution)
    if _handed_over(scene, inner, book, found):
        return
    found.raiser = owner
    found.caller = _caller_of(scene, owner)
    version = scene.ground.version(owner) or (_newest(book, owner) if in_overlay(inner) else None)
    change = scene.differences.of(owner)
    may_have_changed = change is not None or (not scene.differences.known) or in_overlay(inner) or version is None
    if may_have_changed and version:
        _came(scene, book, found, owner, version)
    literal = constant_part(scene.raised.message)
    native = _native_callee(scene, inner)
    if literal and scene.explicit and inner is scene.innermost and may_have_changed and version:
        _text(book, found, owner, literal, version, scene.differences.good(owner))
    for name in native if literal and not scene.explicit else ():
        if found.text is None:
            _text(book, found, name, literal, scene.ground.version(name), scene.differences.good(name))
    if native:
        found.mentioned = native[0]
    _blame_behaviour(scene, found, owner, version)
    between = _changed_on_the_way(scene, owner)
    if between is not None and found.basis == "inside":
        _passed_on(scene, book, found, between)


def _handed_over(scene: Scene, row: OwnedFrame, book: Notebook, found: Found) -> bool:
    """What the failing line works on was given by a call of a distribution that changed, and whose function did: what it
    returns is another thing now. Nothing that the project passed is worked on there.
    """
    owner, path = str(row.distribution), path_in_wheel(row)
    version = scene.ground.version(owner)
    moved = [name for name, change in scene.differences.changed.items() if change.after and name != owner]
    if (
        not moved
        or scene.explicit
        or row is not scene.innermost
        or path is None
        or row.frame.line is None
        or not version
    ):
        return False
    attribute = scene.claim.name if scene.claim is not None and scene.claim.want is Want.MEMBER else None
    made_by = book.ask(
        ComesFrom(
            distribution=DistributionName(owner), version=version, path=path, line=row.frame.line, attribute=attribute
        )
    )
    for dotted in made_by if isinstance(made_by, tuple) else ():
        module, _, name = str(dotted).rpartition(".")
        giver = importnames.distribution_of(module, scene.ground.installed, scene.ground.provides)
        if giver is None or giver not in moved:
            continue
        at, good = scene.ground.version(giver), scene.differences.good(giver)
        walked = book.walk(giver, DefinedAs(module=module, name=name, version=at or ""), at, good)
        if walked is not None and walked.at and walked.last_other and newer(walked.first_same, good):
            found.provider, found.provider_version, found.api = giver, at, walked
            found.symbol, found.handed_over = str(dotted), True
            _blame(scene, found, "api")
            return True
    return False


def _passed_on(scene: Scene, book: Notebook, found: Found, between: str) -> None:
    """The raiser is as it was, but a distribution that changed leads to it by a way that is new."""
    version = scene.ground.version(between)
    _came(scene, book, found, between, version or "")
    walked = found.came_outside or found.came
    good = scene.differences.good(between)
    if walked is None or not walked.at or not walked.first_same or not good or not newer(walked.first_same, good):
        return
    caller = _caller_of_stretch(scene, between)
    if caller is None:
        # The project itself called it: what it passed is the better explanation.
        return
    if not _new_function(scene, book, between, good):
        return
    found.raiser, found.basis, found.came, found.came_outside = between, "detour", None, walked
    found.provider, found.provider_version = between, version
    found.culprit = caller
    found.culprit_version = scene.ground.version(found.culprit)


def _new_function(scene: Scene, book: Notebook, owner: str, good: str) -> bool:
    """Whether a function on the owner's way there came since the green run: reworded lines lead nowhere else."""
    rows = [row for row in reversed(scene.way) if row.distribution == owner and row.frame.function]
    for row in {row.frame.function: row for row in reversed(rows)}.values():
        text = f"def {row.frame.function}("
        came = book.walk(owner, HasText(text=text), scene.ground.version(owner), good) if len(text) >= _TEXT else None
        if came is not None and came.at and newer(came.first_same, good):
            return True
    return False


def _caller_of_stretch(scene: Scene, owner: str) -> str | None:
    """The third party that called into a distribution's stretch of frames; None where the project did."""
    inside = False
    for row in reversed(scene.way):
        if row.distribution == owner:
            inside = True
        elif inside and row.role == PROJECT:
            return None
        elif inside and row.distribution and row.role in {THIRD_PARTY, VENDORED}:
            return str(row.distribution)
    return None


def _came(scene: Scene, book: Notebook, found: Found, owner: str, version: str) -> None:
    """When the innermost third-party line came, or, where it is old, another line on its distribution's way there."""
    good = scene.differences.good(owner)
    rows = [row for row in reversed(scene.telling) if row.distribution == owner and row.frame.source]
    places = list({(row.frame.file, row.frame.function): row for row in reversed(rows)}.values())[::-1]
    for number, row in enumerate(places[: _LOOKED_AT + 1 if good else 1]):
        walked = book.walk(owner, _line_probe(row, mentions=None), version, good)
        if number == 0:
            found.came = walked
        if walked is None or not walked.at:
            return
        if good and walked.first_same and newer(walked.first_same, good):
            found.came_outside = walked if number else None
            return


def _text(book: Notebook, found: Found, owner: str, literal: str | None, version: str | None, good: str | None) -> None:
    walked = book.walk(owner, HasText(text=literal or ""), version, good)
    if walked is not None and walked.at and not (walked.last_other and _reworded(book, owner, literal or "", walked)):
        found.text = (owner, walked)


def _reworded(book: Notebook, owner: str, literal: str, walked: Walked) -> bool:
    """Whether half of a message stood in the release before it too: then it only says otherwise what it said."""
    words = literal.split()
    halves = [" ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])]
    for half in halves:
        if len(half) < _TEXT or half.count(" ") < 1:
            continue
        part = book.walk(owner, HasText(text=half), walked.first_same, walked.last_other)
        if part is None or (part.at and part.first_same != walked.first_same):
            return True
    return False


def _inner_third_party(scene: Scene) -> OwnedFrame | None:
    """The innermost third-party frame, where no project frame is further in."""
    for row in reversed(scene.telling):
        if row.role in {THIRD_PARTY, VENDORED} or (row.role == HARNESS and row.distribution and scene.asking):
            return row
        if row.role == PROJECT:
            return None
    return None


def _caller_of(scene: Scene, owner: str) -> str | None:
    """The third-party distribution that called into the owner's innermost stretch of frames."""
    for row in reversed(scene.way):
        if row.role == PROJECT:
            return None
        if row.distribution and str(row.distribution) != owner and row.role in {THIRD_PARTY, VENDORED}:
            return str(row.distribution)
    return None


def _native_callee(scene: Scene, inner: OwnedFrame) -> tuple[str, ...]:
    """Changed distributions that the innermost line calls into without a frame of their own: compiled code."""
    names = {
        part.lower().lstrip("_") for dotted in claims.identifiers(inner.frame.source) for part in dotted.split(".")
    }
    hits = []
    for dist in scene.differences.changed:
        if dist == str(inner.distribution) or dist not in scene.ground.installed:
            continue
        imports = {name.split(".", 1)[0].lower().lstrip("_") for name in importnames.import_names_of(dist)}
        if imports & names:
            hits.append(dist)
    return tuple(hits)


def constant_part(message: str) -> str | None:
    """The longest part of a message's first line that looks constant: what stands in the source as a literal."""
    line = message[:1_000].split("\n", 1)[0]
    parts = re.split(r"'[^']*'|\"[^\"]*\"|`[^`]*`|\(e\.g\..*|[<\[{(][^>\]})]*[>\]})]|\S*\d\S*|\S*/\S*|:\s", line)
    best = max((part.strip(" .,:;()") for part in parts), key=len, default="")
    return best if len(best) >= _TEXT and best.count(" ") >= 2 else None


def _line_probe(row: OwnedFrame, *, mentions: str | None, text: str | None = None) -> HasLine:
    function = row.frame.function
    named = function if function and re.fullmatch(r"[A-Za-z_]\w*", function) else None
    return HasLine(
        file=path_in_wheel(row) or "", text=(text or row.frame.source or "").strip(), function=named, mentions=mentions
    )


def _blame_behaviour(scene: Scene, found: Found, owner: str, version: str | None) -> None:
    """Who would have to change, if it is upstream's: the caller where the raiser refuses on purpose, else the raiser."""
    change = scene.differences.of(owner)
    refused_new = found.text is not None and found.text[0] == owner and found.text[1].last_other is not None
    found.provider, found.provider_version = owner, version
    old = (
        found.came is not None and found.came.at and not newer(found.came.first_same, change.before if change else None)
    )
    met_at_import = scene.at_import and change is not None and old and found.came_outside is None
    if found.caller and ((scene.explicit and (change or refused_new)) or met_at_import):
        found.culprit, found.culprit_version = found.caller, scene.ground.version(found.caller)
        found.basis = "behaviour"
    elif found.mentioned:
        found.culprit, found.culprit_version = owner, version
        found.provider, found.provider_version = found.mentioned, scene.ground.version(found.mentioned)
        found.basis = "behaviour"
    elif change is not None:
        found.culprit, found.culprit_version, found.basis = owner, version, "regression"
    else:
        found.culprit, found.culprit_version, found.basis = owner, version, "inside"


def _changed_on_the_way(scene: Scene, owner: str) -> str | None:
    """A distribution between the raiser and the project that changed, where the raiser did not."""
    if scene.differences.of(owner):
        return None
    for row in reversed(scene.way):
        if row.role == PROJECT:
            return None
        name = str(row.distribution) if row.distribution and row.role in {THIRD_PARTY, VENDORED} else None
        if name and name != owner and scene.differences.of(name):
            return name
    return None


# ---------------------------------------------------------------------------------------------- the culprit


def _blame(scene: Scene, found: Found, basis: str) -> None:
    """Name the asker as who would have to change, where a third party asked."""
    found.basis = basis
    if scene.asking is not None:
        found.culprit, found.culprit_version = scene.asking, scene.asking_version


def _about_culprit(scene: Scene, book: Notebook, found: Found) -> None:
    """Is the offending code in the culprit's newest release, where do its reports belong, what does it require."""
    name = DistributionName(found.culprit or "")
    tracker = book.ask(TrackerOf(distribution=name))
    found.tracker = tracker if isinstance(tracker, TrackerRef) else None
    releases = book.ask(Releases(distribution=name))
    found.releases = releases if isinstance(releases, tuple) else ()
    if found.culprit_version is None and found.releases:
        found.culprit_version = _newest(book, str(name))
        found.notes["culprit-version"] = "newest"
    rows = _requirements(scene, str(name), found.culprit_version, book)
    found.required = required_names(_applying(scene, rows))
    if found.provider not in {None, CPYTHON, OWN, found.culprit}:
        book.ask(Releases(distribution=DistributionName(found.provider or "")))
    offending = _offending(scene, found)
    if not offending or found.culprit_version is None:
        return
    held = _held(book, found, offending[0])
    if found.still is None:
        _still(scene, book, found, offending, held)
    found.rewritten = _rewritten(book, found, offending[0])


_LOOKED_AT = 3
"""So many of the culprit's frames are tried for the statement that passes a parameter."""


def _still(scene: Scene, book: Notebook, found: Found, rows: list[OwnedFrame], held: Held | None) -> None:
    """Whether the offending code still stands in later releases.

    For a name, the line that asks for it. For a parameter, the statement that names it, which may be an outer frame's.
    For a member of an object, the line, or the function around it: what the object is may be decided further up.
    """
    name, claim = str(found.culprit), scene.claim
    good = scene.differences.good(name)
    want = claim.want if claim else None
    mentions = claim.name if claim and want in {Want.NAME, Want.KEYWORD} else None
    if claim and want is Want.MODULE:
        mentions = claim.name.rsplit(".", 1)[-1]
    walks = []
    for row in rows[: _LOOKED_AT if want is Want.KEYWORD else 1]:
        text = row.frame.source or (held.actual if held and row is rows[0] else None)
        if text:
            walks.append(book.walk(name, _line_probe(row, mentions=mentions, text=text), found.culprit_version, good))
    found.still = next((walked for walked in walks if walked is not None and walked.at), None)
    if found.still is None and found.notes.get("culprit-version"):
        # The version was taken to be the newest, which no longer has the code: the one installed is older.
        gone = next(
            (walked for walked in walks if walked is not None and walked.at is False and walked.last_other), None
        )
        if gone is not None:
            found.still = replace(gone, at=True, next_other=gone.first_same, newest_at=False)
            found.notes["culprit-version"] = "older"
    _around(scene, book, found, rows[0], walks)
    if found.still is None and claim and want is Want.KEYWORD and len(claim.name) * 2 + 1 >= _TEXT:
        # No printed line names the parameter: if nothing passes it on by its own name any more, it went. That something
        # still does tells nothing.
        walked = book.walk(name, HasText(text=f"{claim.name}={claim.name}"), found.culprit_version, good)
        found.still = walked if walked is not None and walked.at and walked.next_other else None


def _around(scene: Scene, book: Notebook, found: Found, row: OwnedFrame, walks: list[Walked | None]) -> None:
    """Where the line alone does not tell: whether the function around it was redefined in a later release."""
    want = scene.claim.want if scene.claim else None
    function = row.frame.function or ""
    if row.module is None or re.fullmatch(r"[A-Za-z_]\w*", function) is None:
        return
    unsure = found.still is None and any(walked is not None and walked.at is False for walked in walks)
    decided_further_up = want in {Want.MEMBER, Want.PROTOCOL, Want.ARGUMENTS} and found.still is not None
    if not unsure and not (decided_further_up and found.still and not found.still.next_other):
        return
    name, version = str(found.culprit), found.culprit_version
    probe = DefinedAs(module=row.module, name=function, version=version or "")
    around = book.walk(name, probe, version, scene.differences.good(name))
    if around is not None and around.at and around.next_other and around.newest_at is False:
        found.still = around


def _rewritten(book: Notebook, found: Found, row: OwnedFrame) -> bool:
    """Whether the release that seems to fix it dropped the whole file in a new major version, before the trigger came.

    Such a rewrite was no answer to this defect: who has to stay on the older major gets nothing from it, and its
    maintainers still want to know.
    """
    fixing = version_of(found.still.next_other) if found.still else None
    at, path = version_of(found.culprit_version), path_in_wheel(row)
    if fixing is None or at is None or path is None or fixing.major == at.major or found.removal is not None:
        return False
    walked = book.walk(found.culprit or "", HasFile(file=path), found.culprit_version)
    if walked is None or not walked.at or walked.next_other != (found.still.next_other if found.still else None):
        return False
    out = next((release.uploaded for release in found.releases if release.version == walked.next_other), None)
    came = found.api.changed if found.api is not None else None
    return out is not None and came is not None and out < came


def _held(book: Notebook, found: Found, row: OwnedFrame) -> Held | None:
    """What the culprit's release has on the offending line."""
    path = path_in_wheel(row)
    if path is None or found.culprit_version is None or found.notes.get("culprit-version"):
        return None
    held = book.ask(
        Holds(
            distribution=DistributionName(found.culprit or ""),
            version=found.culprit_version,
            path=path,
            line=row.frame.line,
            source=row.frame.source,
        )
    )
    found.held = held if isinstance(held, Held) else None
    return found.held


def _offending(scene: Scene, found: Found) -> list[OwnedFrame]:
    """The culprit's frames, nearest to the failure first."""
    return [row for row in reversed(scene.telling) if row.distribution == found.culprit and row.role != GENERATED]


# ---------------------------------------------------------------------------------------------- the trigger


def _trigger(scene: Scene, found: Found) -> None:
    """The release, or interpreter, whose arrival made it fail."""
    moved = scene.differences.of(CPYTHON)
    unproved = found.api is None or found.api.last_other is None
    if (
        found.removal is None
        and moved
        and unproved
        and found.basis in {"inside", "build", "api", "undeclared"}
        and found.culprit
        and not scene.differences.of(found.provider)
    ):
        found.trigger = Trigger(distribution=DistributionName(CPYTHON), last_good=moved.before, first_bad=moved.after)
        return
    if found.removal is not None:
        found.trigger = Trigger(
            distribution=DistributionName(CPYTHON), last_good=found.removal.last_good, first_bad=found.removal.first_bad
        )
        return
    if found.dropped is not None:
        dropped = scene.differences.changed[found.dropped]
        found.trigger = Trigger(
            distribution=DistributionName(found.dropped), last_good=dropped.before, first_bad=dropped.after
        )
        return
    if found.basis == "inside" and found.culprit and (scene.at_import or scene.tool):
        found.moved_with = _requirement_moved(scene, found)
    if found.moved_with is not None:
        found.trigger = Trigger(
            distribution=DistributionName(found.moved_with.distribution),
            last_good=found.moved_with.before,
            first_bad=found.moved_with.after,
        )
        return
    walked = _telling_walk(found)
    own = walked is not None and any(walked is one for one in (found.came, found.came_outside))
    name = found.raiser if own else found.provider
    if found.text is not None and walked is found.text[1]:
        name = found.text[0]
    if name in {None, OWN, CPYTHON}:
        return
    change = scene.differences.of(name)
    if walked is not None and walked.last_other:
        found.trigger = Trigger(
            distribution=DistributionName(name or ""),
            last_good=walked.last_other,
            first_bad=walked.first_same,
            published=walked.changed,
        )
    elif change is not None and (found.culprit or walked is not None):
        found.trigger = Trigger(
            distribution=DistributionName(name or ""), last_good=change.before, first_bad=change.after
        )


def _requirement_moved(scene: Scene, found: Found) -> Change | None:
    """The changed distribution that a third party which can't be imported any more requires; None where several could be it."""
    moved = [change for name in found.required if (change := scene.differences.of(name)) and change.after]
    grown = [change for change in moved if _major(scene, change.distribution)]
    text = " ".join(row.frame.source or "" for row in scene.telling).lower()
    named = [change for change in moved if _in_text(change.distribution, text)]
    return next((rows[0] for rows in (moved, grown, named) if len(rows) == 1), None)


def _telling_walk(found: Found) -> Walked | None:
    """The walk that dates the trigger."""
    if found.basis in {"api", "undeclared"}:
        return found.api
    if found.basis in {"override", "callback"}:
        return found.came
    if found.basis in {"behaviour", "regression", "detour", "inside"} or not found.basis:
        if found.text is not None and found.text[1].last_other:
            return found.text[1]
        if found.basis in {"regression", "detour"} and (found.came_outside or found.came) is not None:
            return found.came_outside or found.came
        return found.text[1] if found.text else None
    return None


def distinct(scenes: Iterable[Scene]) -> list[Scene]:
    """One scene for each defect that the failures show: same type, message and asker."""
    seen: dict[tuple[object, ...], Scene] = {}
    for scene in scenes:
        asker = scene.asker
        key = (
            scene.kind,
            scene.claim or scene.message[:120],
            (asker.frame.file, asker.frame.function) if asker else None,
        )
        seen.setdefault(key, scene)
    return list(seen.values())


__all__ = ["Found", "Notebook", "Phase", "constant_part", "distinct", "inquire", "newer"]
