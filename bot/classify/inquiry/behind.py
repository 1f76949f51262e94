"""What lies behind a third party that did not change: the release that came in a new series since the green run."""

from __future__ import annotations

from bot.classify.differences import Change, required_names
from bot.classify.inquiry.notebook import Notebook, applying, named_in, new_major, requirements_of
from bot.classify.ownership import PROJECT, THIRD_PARTY, VENDORED
from bot.classify.scene import CPYTHON, Scene

_LEADING = 3
"""So many of the third parties that the project's call led through are asked what they require."""


def behind(scene: Scene, book: Notebook) -> tuple[str, Change] | None:
    """The unchanged third party that the project called, and what it is built upon that came in a new series: further in
    among the frames, or by its requirements where one stands out.
    """
    owners = _called(scene)
    if not scene.differences.known or not owners or scene.raised_by_project or scene.sandwiched is not None:
        return None
    for at, name in enumerate(owners):
        if not scene.differences.unchanged(name):
            change = scene.differences.of(name)
            return (owners[at - 1], change) if at and change is not None and change.new_series else None
    for name in owners[:_LEADING]:
        change = _stands_out(scene, book, name)
        if change is not None:
            return name, change
    return None


def _called(scene: Scene) -> list[str]:
    """The distributions below the project's last frame, outermost first."""
    rows = list(scene.way)
    last = max((at for at, row in enumerate(rows) if row.role == PROJECT), default=len(rows))
    below = [str(row.distribution) for row in rows[last + 1 :] if row.role in {THIRD_PARTY, VENDORED}]
    return list(dict.fromkeys(below))


def _stands_out(scene: Scene, book: Notebook, name: str) -> Change | None:
    """The one requirement that came in a new series; of several the one with a new major, or that the lines name."""
    rows = applying(scene, requirements_of(scene, name, scene.ground.version(name), book))
    changes = [scene.differences.of(required) for required in required_names(rows)]
    moved = [one for one in changes if one is not None and one.before and one.after and one.new_series]
    moved = [one for one in moved if one.distribution != CPYTHON]
    grown = [one for one in moved if new_major(scene, one.distribution)]
    text = " ".join(row.frame.source or "" for row in scene.telling).lower()
    named = [one for one in moved if named_in(one.distribution, text)]
    return next((rows[0] for rows in (moved, grown, named) if len(rows) == 1), None)
