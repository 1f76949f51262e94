"""What the change's author can do today: a constraint that the resolver takes and that avoids the defect."""

from __future__ import annotations

from bot.classify.differences import requires, version_of
from bot.classify.inquiry import Found
from bot.classify.scene import CPYTHON, Scene
from bot.model import Action, Culprit, Trigger, WayRound, normalized


def way_round(
    scene: Scene, found: Found, *, culprit: Culprit, trigger: Trigger | None, action: Action, fixed_in: str | None
) -> WayRound | None:
    """The way round for a failure that is upstream's."""
    name = str(culprit.distribution)
    if action is Action.ALREADY_FIXED and fixed_in and _installable(scene, found, fixed_in):
        return WayRound(
            constraint=f"{name}>={fixed_in}",
            says=f"{name} {fixed_in} no longer has it; upgrade to it or a later release",
        )
    if trigger is None:
        return None
    if trigger.distribution == CPYTHON:
        upgrade = f", or upgrade to {name}>={fixed_in}" if fixed_in else ""
        return WayRound(constraint="", says=f"run this job on Python {trigger.last_good}{upgrade}")
    if trigger.first_bad is None:
        return None
    return _pin(scene, name, culprit, trigger)


def project_way_round(trigger: Trigger | None) -> WayRound | None:
    """The way round where the project has to change itself and the trigger is known: stay below it for now."""
    if trigger is None or trigger.first_bad is None:
        return None
    if trigger.distribution == CPYTHON:
        return WayRound(constraint="", says=f"run on Python {trigger.last_good} until the code is changed")
    return WayRound(
        constraint=below(str(trigger.distribution), trigger.first_bad), says="until the project's own code is changed"
    )


def _pin(scene: Scene, name: str, culprit: Culprit, trigger: Trigger) -> WayRound:
    """Hold the trigger back, if what requires it allows a release from before."""
    constraint = below(str(trigger.distribution), trigger.first_bad or "")
    blocked = [
        row
        for row in requires(scene.facts, name, culprit.version)
        if normalized(row.name) == trigger.distribution
        and (row.marker is None or "extra" not in str(row.marker))
        and trigger.last_good
        and not row.specifier.contains(trigger.last_good, prereleases=True)
    ]
    if blocked:
        return WayRound(
            constraint="",
            says=f"{name} {culprit.version or ''} requires {blocked[0]}, so holding {trigger.distribution} back needs an"
            f" older {name} too",
        )
    held = f" (the last release without it is {trigger.last_good})" if trigger.last_good else ""
    return WayRound(constraint=constraint, says=f"hold {trigger.distribution} back{held}")


def below(distribution: str, first_bad: str) -> str:
    """`importlib-metadata<5` for 5.0.0, `httpx<0.28` for 0.28.0, `pyasn1<0.6.1` for 0.6.1."""
    version = version_of(first_bad)
    if version is None or version.is_prerelease or version.is_postrelease:
        return f"{distribution}<{first_bad}"
    parts = list(version.release)
    while len(parts) > 1 and parts[-1] == 0:
        parts.pop()
    return f"{distribution}<{f'{version.epoch}!' if version.epoch else ''}{'.'.join(map(str, parts))}"


def _installable(scene: Scene, found: Found, version: str) -> bool:
    """Whether the job's interpreter may install a release."""
    wanted = next((row.requires_python for row in found.releases if row.version == version), None)
    running = version_of(scene.case.reading.environment.python) or version_of(scene.python)
    if not wanted or running is None:
        return True
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(wanted).contains(running, prereleases=True)
    except InvalidSpecifier:
        return True
