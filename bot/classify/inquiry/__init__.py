"""From a scene to what releases say of it: the questions worth asking, and what their answers amount to.

Asking and finding are one path: an inquiry runs over the Facts that are there, takes what is known and notes what it
would have liked to know. Run again with more Facts it gets further, so nothing is asked whose answer could not matter.
"""

from __future__ import annotations

import difflib

from bot.classify import claims, signatures
from bot.classify.claims import Want
from bot.classify.inquiry.acquittal import acquitted
from bot.classify.inquiry.behaviour import follow_behaviour, native_crash
from bot.classify.inquiry.behind import behind
from bot.classify.inquiry.culprit import about_culprit
from bot.classify.inquiry.interpreter import stdlib_caller, stdlib_refuses, unparsable
from bot.classify.inquiry.members import missing_member
from bot.classify.inquiry.names import missing_name
from bot.classify.inquiry.notebook import Found, Notebook, blame
from bot.classify.inquiry.trigger import name_trigger
from bot.classify.ownership import THIRD_PARTY
from bot.classify.scene import CPYTHON, OWN, Scene
from bot.facts import Metadata, Releases, TopLevels, TrackerOf
from bot.model import DistributionName


def inquire(scene: Scene) -> Found:
    """What is known of a scene's failure, and the questions that would tell more."""
    book = Notebook(scene)
    found = Found()
    frameless = not scene.has_frames and scene.building is not None
    if frameless and not any(hit.signature.strong for hit in signatures.in_remarks(scene.case.reading)):
        blame(scene, found, "build")
    told = scene.has_frames or scene.extension is not None
    if told and not any(hit.signature.strong for hit in signatures.in_failure(scene.uncaught)):
        if scene.asking and scene.claim and scene.claim.of not in claims.BUILTINS | claims.MOCKS:
            _foresee(scene, book)
        _asked(scene, book, found)
        found.behind = behind(scene, book)
    if scene.failure.dialect.startswith("faulthandler") and not scene.has_frames:
        native_crash(scene, book, found)
    if found.culprit:
        about_culprit(scene, book, found)
    name_trigger(scene, found)
    if found.culprit and acquitted(scene, book, found):
        found.culprit = found.culprit_version = None
    found.open, found.unknown = tuple(book.open), tuple(book.unknown)
    return found


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
        missing_name(scene, claim, book, found)
    elif claim is not None and claim.want in {Want.MEMBER, Want.KEYWORD, Want.ARGUMENTS, Want.PROTOCOL}:
        missing_member(scene, claim, book, found)
    if not found.basis and stdlib_caller(scene) and scene.explicit:
        stdlib_refuses(scene, found)
    if not found.basis and scene.kind in {"SyntaxError", "IndentationError", "TabError"}:
        unparsable(scene, found)
    if not found.basis and scene.building and scene.asking == scene.building:
        blame(scene, found, "build")
    if not found.basis:
        follow_behaviour(scene, book, found)


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
    rows = scene.way[-_LISTED:]
    owners = [(row.module, row.distribution) for row in rows if row.role == THIRD_PARTY and row.distribution]
    if scene.claim is not None and scene.claim.module and scene.provider not in {None, CPYTHON, OWN}:
        owners.append((scene.claim.module, DistributionName(scene.provider or "")))
    for module, owner in owners if len(installed) >= _LISTED else ():
        if owner in installed:
            continue
        top = (module or "").split(".", 1)[0].lower()
        others = [one for one in installed if one != project]
        alike = difflib.get_close_matches(top, others, n=2, cutoff=0.5)
        parts = [one for one in others if top.strip("_") in one.split("-")]
        for name in dict.fromkeys([*parts[:_LISTED], *alike]):
            book.ask(TopLevels(distribution=DistributionName(name), version=installed[name]))


__all__ = ["Found", "Notebook", "inquire"]
