"""Callables that reject a library's call: the project's own, a plug-in's, an override."""

from __future__ import annotations

import re

from bot.classify import importnames
from bot.classify.claims import Claim, Want
from bot.classify.differences import newer
from bot.classify.inquiry.behaviour import look_when_it_came, when_it_came
from bot.classify.inquiry.definers import definer_of
from bot.classify.inquiry.notebook import CANDIDATES, SHORT, TELLING, Found, Notebook, line_probe, made_for, named_in
from bot.classify.ownership import THIRD_PARTY, owned, path_in_wheel
from bot.classify.scene import Scene
from bot.facts import DefinedAs, Defines, HasParameter, HasText, Held, Holds, Probe
from bot.model import DistributionName, Frame, OwnedFrame


def _plugged_in(scene: Scene, claim: Claim, book: Notebook) -> tuple[str, ...]:
    """Installed plug-ins of the asker that define the class whose method it calls.

    Older interpreters name a method without its class: then a printed line has to name the plug-in.
    """
    method = (claim.of or "").rsplit(".", 1)[-1]
    text = f"def {method}("
    if scene.asking is None or len(text) < TELLING or not scene.differences.of(scene.asking):
        return ()
    lines = " ".join(row.frame.source or "" for row in scene.way).lower()
    found = []
    for name in _dependents(scene, book, scene.asking):
        version = scene.ground.version(name) or ""
        if claim.owner and "." in (claim.of or ""):
            its_own = book.ask(Defines(distribution=DistributionName(name), version=version, name=claim.owner))
        else:
            walked = book.walk(name, HasText(text=text), version) if named_in(name, lines) else None
            its_own = walked is not None and walked.at
        found += [name] if its_own else []
    return tuple(found)


_DEPENDENTS = 24
"""So many installed distributions are asked whether they require another: those with a name alike first."""


def _dependents(scene: Scene, book: Notebook, distribution: str) -> tuple[str, ...]:
    """Installed distributions that require another one, be it in an extra."""
    words = {word for word in distribution.split("-") if len(word) > SHORT}
    rows = [name for name in scene.ground.installed if name != distribution and not scene.ground.is_project(name)]
    rows.sort(key=lambda name: not any(word in name for word in words))
    return tuple(name for name in rows[:_DEPENDENTS] if made_for(scene, book, name, distribution))


def own_callable(scene: Scene, claim: Claim, book: Notebook, found: Found) -> None:
    """The callable that rejects the call is defined by no distribution that the failure met: it is the project's.

    A library that calls back otherwise since a release is the trigger, never to blame by itself.
    """
    if scene.asking is None or scene.at_import:
        return
    plugged = _plugged_in(scene, claim, book)
    if plugged and overridden(scene, book, found, plugged[0]):
        return
    if plugged or book.open:
        return
    found.basis, found.symbol = "callback", None
    version = scene.asking_version
    if version and (scene.differences.of(scene.asking) or not scene.differences.known):
        look_when_it_came(scene, book, found, scene.asking, version)
    found.raiser = scene.asking


def hook_refused(scene: Scene, claim: Claim, book: Notebook, found: Found) -> None:
    """A plug-in's function declares a parameter that the hook does not have: did the hook's release lose it? Whose plug-in
    it is the message says, by a name or a file.
    """
    found.symbol = f"{claim.of}({claim.name})"
    definer = definer_of(scene, claim.of or "", book)
    if definer is not None:
        distribution, module = definer
        found.definer = found.provider = distribution
        found.provider_version = scene.ground.version(distribution)
        probe: Probe = HasParameter(module=module, name=claim.of or "", parameter=claim.name)
        if not claim.name:
            probe = DefinedAs(module=module, name=claim.of or "", version=found.provider_version or "")
        good = scene.differences.good(distribution)
        found.api = book.walk(distribution, probe, found.provider_version, good)
    found.basis = "api"
    owner = _plugin(scene, claim.path or "")
    if owner is not None and owner != found.provider:
        found.culprit, found.culprit_version = owner, scene.ground.version(owner)
    elif not claim.name:
        found.api = (
            None  # which parameter it is is not said: that the hook changed tells nothing of the project's function
        )


def _plugin(scene: Scene, plugin: str) -> str | None:
    """The installed distribution that a plug-in is of; None where it is the project's, or can't be told."""
    if "/" in plugin or "\\" in plugin:
        row = owned((Frame(file=plugin),), scene.ground)[0]
        return str(row.distribution) if row.distribution and row.role == THIRD_PARTY else None
    rows = [str(row.distribution) for row in reversed(scene.way) if row.role == THIRD_PARTY and row.distribution]
    named = importnames.distribution_of(plugin, scene.ground.installed, scene.ground.provides)
    called = [name for name in scene.ground.installed if name.endswith(f"-{plugin.replace('_', '-')}")]
    return named or (called[0] if len(called) == 1 else next(iter(rows), None))


def special_method(scene: Scene, claim: Claim, book: Notebook, found: Found) -> bool:
    """Whether an operation of the project's calls a special method of a distribution that changed, which defines it
    otherwise since the green run. Where the message names a class, the distribution has to define that, too.
    """
    method = (claim.of or "").rpartition(".")[2]
    row = scene.asker
    special = claim.want in {Want.KEYWORD, Want.ARGUMENTS} and re.fullmatch(r"__\w+__", method) is not None
    if (
        not special
        or method in _CONSTRUCTING
        or row is None
        or not scene.by_project
        or method in (row.frame.source or "")
    ):
        return False
    hits = []
    moved = [change for change in scene.differences.changed.values() if change.before and change.after]
    for change in moved[:CANDIDATES]:
        if claim.owner and "." in (claim.of or ""):
            owner = Defines(
                distribution=DistributionName(change.distribution), version=change.after or "", name=claim.owner
            )
            if not book.ask(owner):
                continue
        probe = DefinedAs(module="*", name=method, version=change.after or "")
        walked = book.walk(change.distribution, probe, change.after, change.before)
        if walked is not None and walked.at and walked.last_other and newer(walked.first_same, change.before):
            hits.append((change, walked))
    if len(hits) != 1 or book.open:
        return False
    change, found.came = hits[0]
    found.symbol, found.basis = method, "special"
    found.culprit, found.culprit_version = change.distribution, change.after
    found.raiser, found.provider, found.provider_version = change.distribution, change.distribution, change.after
    return True


_CONSTRUCTING = frozenset(["__init__", "__new__", "__call__", "__init_subclass__"])
"""Methods that a line calls without naming them: what it hands over is its own choice."""


def overridden(scene: Scene, book: Notebook, found: Found, definer: str) -> bool:
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
    if row is None or version is None:
        return False
    if not made_for(scene, book, definer, caller) and not _imports(scene, book, definer, caller):
        return False
    text = row.frame.source or printed_line(book, caller, version, row)
    good = scene.differences.good(caller)
    found.came = when_it_came(book, caller, row, version, good) if row.frame.source else None
    if found.came is None and text:
        found.came = book.walk(caller, line_probe(row, mentions=None, text=text), version, good)
    if found.came is None or not found.came.at or not found.came.last_other:
        return False
    if good and not newer(found.came.first_same, good):
        return False
    found.raiser, found.provider, found.provider_version = caller, caller, version
    found.culprit, found.culprit_version, found.basis = definer, scene.ground.version(definer), "override"
    return True


def _imports(scene: Scene, book: Notebook, one: str, other: str) -> bool:
    """Whether a distribution's files import another, which its metadata does not require."""
    for name in importnames.import_names_of(other)[:1]:
        for text in (f"from {name}", f"import {name}"):
            walked = book.walk(one, HasText(text=text), scene.ground.version(one)) if len(text) >= TELLING else None
            if walked is not None and walked.at:
                return True
    return False


def printed_line(book: Notebook, distribution: str, version: str, row: OwnedFrame) -> str | None:
    """The source line of a frame that prints none, as the release has it."""
    path = path_in_wheel(row)
    if path is None or row.frame.line is None:
        return None
    held = book.ask(
        Holds(distribution=DistributionName(distribution), version=version, path=path, line=row.frame.line, source=None)
    )
    return held.actual if isinstance(held, Held) else None
