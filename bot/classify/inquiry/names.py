"""A module, or a name of a module, that is not there."""

from __future__ import annotations

from bot.classify import claims, importnames, stdlib
from bot.classify.claims import Claim, Want
from bot.classify.differences import required_names
from bot.classify.inquiry.definers import dependencies_of
from bot.classify.inquiry.interpreter import stdlib_asks
from bot.classify.inquiry.notebook import (
    CANDIDATES,
    STEPS,
    TELLING,
    Found,
    Notebook,
    applying,
    blame,
    new_major,
    newest_release,
    requirements_of,
)
from bot.classify.scene import CPYTHON, OWN, Scene
from bot.classify.stdlib import Removal
from bot.facts import HasModule, HasName, HasText, Probe, Releases, TopLevels
from bot.model import DistributionName, normalized
from bot.patterns import pattern


def missing_name(scene: Scene, claim: Claim, book: Notebook, found: Found) -> None:
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
            blame(scene, found, "stdlib")
        return
    if found.provider is None:
        if claim.want is Want.MODULE:
            _not_installed(scene, claim, book, found)
        else:
            _unplaced(scene, claim, book, found)
        return
    found.provider_version = scene.ground.version(found.provider)
    if claim.want is Want.NAME and stdlib_asks(scene, found.provider, found):
        return
    probe: Probe = (
        HasModule(module=claim.name)
        if claim.want is Want.MODULE
        else HasName(module=module or "", name=claim.name, bound=scene.kind == "AttributeError")
    )
    found.api = book.walk(found.provider, probe, found.provider_version, scene.differences.good(found.provider))
    if scene.by_project and found.api is not None and found.api.at and claim.want is Want.NAME:
        _broken_inside(scene, found.provider, book, found)
        return
    if scene.by_project and _taken_back(scene, claim, book, found):
        return
    blame(scene, found, "api")


def _taken_back(scene: Scene, claim: Claim, book: Notebook, found: Found) -> bool:
    """Whether the release that is installed alone lacks what is asked for: the one before had it, and it was withdrawn,
    holds no module at all, or a later one has it again. It is no API's removal, it is a release that went wrong.
    """
    walked, name = found.api, DistributionName(found.provider or "")
    if walked is None or walked.at is not False or not walked.last_other or name not in scene.ground.installed:
        return False
    releases = book.ask(Releases(distribution=name))
    rows = releases if isinstance(releases, tuple) else ()
    # Where what stands now lacks it too, it was removed on purpose, whatever else was wrong with this release.
    withdrawn = walked.newest_at is True and any(row.yanked for row in rows if row.version == found.provider_version)
    empty = False
    if claim.want is Want.MODULE and "." not in claim.name:
        empty = book.ask(TopLevels(distribution=name, version=found.provider_version)) == ()
    again = walked.next_other is not None and walked.newest_at is True
    if not (withdrawn or empty or again):
        return False
    found.culprit, found.culprit_version, found.basis = str(name), found.provider_version, "slip"
    found.notes["slip"] = (
        "it was withdrawn"
        if withdrawn
        else "it holds no module at all"
        if empty
        else f"{walked.next_other} has it again"
    )
    return True


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
            applying(scene, requirements_of(scene, provider, scene.ground.version(provider), book))
        )
        if name in scene.ground.installed
    ]
    met = [(provider, name) for name in direct if name in changed]
    # Only a new major version is likely to break an import; anything smaller is one innocent change of many.
    for name in direct[:STEPS]:
        rows = applying(scene, requirements_of(scene, name, scene.ground.version(name), book))
        met += [(name, one) for one in required_names(rows) if one in changed]
    met = [pair for pair in met if new_major(scene, pair[1])]
    if met and not book.open:
        _hidden(scene, found, *met[0])


def _hidden(scene: Scene, found: Found, culprit: str, trigger: str) -> None:
    found.basis, found.culprit, found.culprit_version = "hidden", culprit, scene.ground.version(culprit)
    found.provider, found.provider_version = trigger, scene.ground.version(trigger)


_DEVELOPERS = pattern(
    r"""extra == ['"](?:tests?|testing|dev(?:el(?:op(?:ment)?)?)?|docs?|lint(?:ing)?|ci|benchmarks?)['"]"""
)
"""Extras that who develops a distribution installs: what its root imports is not declared by being in one."""


def _not_installed(scene: Scene, claim: Claim, book: Notebook, found: Found) -> None:
    """A module that no installed distribution provides: one not installed, or the project's own that is missing."""
    if scene.asking is None:
        wanted = str(importnames.guessed(claim.name))
        if scene.by_project and scene.differences.good(wanted):
            found.dropped = _dropped_requirement(scene, book, wanted)
        return
    found.removal = _first_choice(scene)
    if found.removal is not None:
        found.provider, found.symbol = CPYTHON, found.removal.symbol
        blame(scene, found, "stdlib")
        return
    wanted = str(importnames.guessed(claim.name))
    found.provider = wanted
    rows = requirements_of(scene, scene.asking, scene.asking_version, book)
    if rows is not None:
        named = [row for row in rows if normalized(row.name) in importnames.candidates(claim.name)]
        always = applying(scene, tuple(named))
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
        newest = newest_release(book, wanted)
        found.api = book.walk(wanted, HasModule(module=claim.name), newest)
        found.provider_version = newest
    found.optional = not scene.through_root
    blame(scene, found, "undeclared")


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
    for change in changed[:STEPS]:
        if change.distribution == CPYTHON:
            continue
        before = requirements_of(scene, change.distribution, change.before, book) or ()
        after = requirements_of(scene, change.distribution, change.after, book)
        gone = after is not None and wanted not in required_names(applying(scene, after))
        if gone and wanted in required_names(applying(scene, before)):
            return change.distribution
    return None


def _unplaced(scene: Scene, claim: Claim, book: Notebook, found: Found) -> None:
    """A name of a module that no distribution is known for (compiled bindings are often called `lib`): its text is
    looked for in what the asker requires.
    """
    if scene.asking is None or len(claim.name) < TELLING:
        return
    for name in dependencies_of(scene, book)[:CANDIDATES]:
        walked = book.walk(name, HasText(text=claim.name), scene.ground.version(name), scene.differences.good(name))
        if walked is not None and walked.at is False and walked.last_other:
            found.provider, found.provider_version, found.api = name, scene.ground.version(name), walked
            found.symbol = f"{name}:{claim.name}"
            blame(scene, found, "api")
            return
