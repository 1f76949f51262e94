"""The release, or interpreter, whose arrival made it fail."""

from __future__ import annotations

from bot.classify.differences import Change, newer
from bot.classify.inquiry.notebook import Found, named_in, new_major
from bot.classify.ownership import PROJECT, STDLIB
from bot.classify.scene import CPYTHON, OWN, Scene
from bot.facts import Walked
from bot.model import DistributionName, Trigger


def name_trigger(scene: Scene, found: Found) -> None:
    """The release, or interpreter, whose arrival made it fail."""
    moved = scene.differences.of(CPYTHON)
    unproved = found.api is None or found.api.last_other is None
    if (
        found.removal is None
        and moved
        and unproved
        and found.basis in {"inside", "build", "api", "undeclared", "stdlib"}
        and found.culprit
        and (found.provider == CPYTHON or not scene.differences.of(found.provider))
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
        found.moved_with = requirement_moved(scene, found)
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
        found.trigger = _installer(scene, found) or _interpreter(scene)
        return
    change, began = scene.differences.of(name), scene.differences.of(found.culprit)
    if found.basis == "api" and scene.differences.unchanged(name) and began and began.before and began.after:
        # Who should have it is as it was: a new release of who asks began to.
        found.trigger = Trigger(
            distribution=DistributionName(began.distribution), last_good=began.before, first_bad=began.after
        )
        return
    if walked is not None and walked.last_other and scene.differences.unchanged(name):
        return
    if walked is not None and walked.last_other and not (change and newer(change.before, walked.last_other)):
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


_OF_THE_LANGUAGE = frozenset(
    ["TypeError", "AttributeError", "ImportError", "ModuleNotFoundError", "SyntaxError", "NameError", "RuntimeError"]
)
"""What an interpreter of another series says of code that it no longer takes."""


def _interpreter(scene: Scene) -> Trigger | None:
    """The interpreter, where it is another than in the green run and refuses by itself, or by its standard library, what the
    project's own code does.
    """
    moved = scene.differences.of(CPYTHON)
    inner = scene.innermost
    if moved is None or inner is None or scene.kind not in _OF_THE_LANGUAGE or inner.role not in {PROJECT, STDLIB}:
        return None
    return Trigger(distribution=DistributionName(CPYTHON), last_good=moved.before, first_bad=moved.after)


def _installer(scene: Scene, found: Found) -> Trigger | None:
    """What installs or builds, where it is another release than in the green run and no code of the project is near."""
    tools = [change for name in ("pip", "setuptools", "wheel") if (change := scene.differences.of(name))]
    moved = [change for change in tools if change.before and change.after]
    if found.basis != "build" or len(moved) != 1:
        return None
    return Trigger(
        distribution=DistributionName(moved[0].distribution), last_good=moved[0].before, first_bad=moved[0].after
    )


def requirement_moved(scene: Scene, found: Found) -> Change | None:
    """The changed distribution that a third party which can't be imported any more requires; None where several could be it."""
    moved = [change for name in found.required if (change := scene.differences.of(name)) and change.after]
    grown = [change for change in moved if new_major(scene, change.distribution)]
    text = " ".join(row.frame.source or "" for row in scene.telling).lower()
    named = [change for change in moved if named_in(change.distribution, text)]
    return next((rows[0] for rows in (moved, grown, named) if len(rows) == 1), None)


def _telling_walk(found: Found) -> Walked | None:
    """The walk that dates the trigger."""
    if found.basis in {"api", "undeclared", "slip", "abi"}:
        return found.api
    if found.basis in {"override", "callback", "special"}:
        return found.came
    if found.basis in {"behaviour", "regression", "detour", "inside"} or not found.basis:
        if found.text is not None and found.text[1].last_other:
            return found.text[1]
        if found.basis in {"regression", "detour"} and (found.came_outside or found.came) is not None:
            return found.came_outside or found.came
        return found.text[1] if found.text else None
    return None
