"""Plain words for a verdict: what a careful engineer would say, and what would change the mind."""

from __future__ import annotations

from bot.classify.inquiry import Found
from bot.classify.rules import Look
from bot.classify.scene import CPYTHON, Scene
from bot.model import Action, Culprit, Evidence, Kind, Trigger, WayRound


def summary(
    look: Look,
    kind: Kind,
    *,
    culprit: Culprit | None,
    trigger: Trigger | None,
    action: Action,
    fixed_in: str | None,
    way: WayRound | None,
    evidence: tuple[Evidence, ...],
) -> str:
    """The explanation in a few sentences."""
    if kind is Kind.UPSTREAM and culprit and look.scene and look.found:
        rows = _upstream(look.scene, look.found, culprit, trigger, action, fixed_in)
    elif kind is Kind.PROJECT and look.scene and look.found:
        rows = _project(look.scene, trigger, evidence)
    elif kind is Kind.ENVIRONMENT:
        told = next((row.says for row in evidence if row.supports is Kind.ENVIRONMENT and row.weight > 0), "")
        rows = [
            f"The machine or its set-up, not the code: {told}." if told else "The machine or its set-up, not the code."
        ]
    else:
        rows = [_none(look)]
    if way is not None:
        rows.append(f"Way round: {f'`{way.constraint}`: {way.says}' if way.constraint else way.says}.")
    if trigger and look.scene and (green := _green(look.scene, str(trigger.distribution))):
        rows.append(green)
    return " ".join(rows)


def _green(scene: Scene, name: str) -> str:
    had = scene.differences.python_before if name == CPYTHON else scene.differences.before.get(name)
    return f"The last green run had {'Python ' if name == CPYTHON else ''}{had}." if had else ""


def _release(trigger: Trigger, scene: Scene) -> str:
    """`importlib-metadata` 5.0.0, published two days before this run,"""
    if trigger.distribution == CPYTHON:
        return f"Python {trigger.first_bad}"
    when = ""
    if trigger.published is not None:
        days = (scene.case.as_of - trigger.published).days if scene.case.as_of else None
        when = (
            f", published {_days(days)} before this run,"
            if days is not None and 0 <= days <= 60
            else f", published on {trigger.published:%Y-%m-%d},"
        )
    return f"`{trigger.distribution}` {trigger.first_bad or ''}{when}".strip()


def _days(count: int) -> str:
    return "less than a day" if count == 0 else "one day" if count == 1 else f"{count} days"


def _upstream(
    scene: Scene, found: Found, culprit: Culprit, trigger: Trigger | None, action: Action, fixed_in: str | None
) -> list[str]:
    name = f"`{culprit.distribution}` {culprit.version or ''}".strip()
    rows = ["Not your change."]
    asker = scene.asker
    where = f" in `{asker.frame.file.rsplit('site-packages/', 1)[-1]}`" if asker else ""
    if trigger and found.basis in {"api", "undeclared", "stdlib"}:
        verb = (
            "asks more of"
            if found.basis == "stdlib" and found.definer
            else "no longer has"
            if trigger.distribution == CPYTHON
            else "took away"
        )
        if found.api is not None and found.api.at:
            verb = "changed, so that there is no"
        if found.handed_over:
            verb = "changed what is returned by"
        rows.append(
            f"{_release(trigger, scene)} {verb} `{found.symbol}`; {name}{_newest(found, culprit)} still relies on it{where}."
        )
    elif trigger and found.basis == "behaviour":
        rows.append(f"Since {_release(trigger, scene)} it refuses or does otherwise what {name} asks of it{where}.")
    elif trigger and found.basis == "override":
        rows.append(f"{_release(trigger, scene)} calls what {name} overrides in another way; {name} does not take it.")
    elif trigger and found.basis == "regression":
        rows.append(f"{_release(trigger, scene)} brought the line that fails{where}.")
    elif found.basis == "slip" and found.api is not None:
        rows.append(f"{name} lacks `{found.symbol}`, which {found.api.last_other} has: {found.notes['slip']}.")
    elif trigger and found.basis == "abi":
        rows.append(f"{name} was built for a release before {_release(trigger, scene)} and does not fit it.")
    elif found.basis == "undeclared":
        rows.append(
            f"{name} imports `{found.symbol}`{where}, which nothing installed provides and it does not require."
        )
    else:
        rows.append(f"{name} fails{where}: {scene.kind}: {scene.message[:160]}")
        if found.moved_with is not None:
            rows.append(
                f"It is built upon `{found.moved_with.distribution}`, which is new there: {found.moved_with.after}."
            )
    if action is Action.ALREADY_FIXED:
        rows.append(f"`{culprit.distribution}` {fixed_in} no longer does, so there is nothing to report: upgrade.")
    return rows


def _newest(found: Found, culprit: Culprit) -> str:
    still = found.still
    return (
        ", its newest release then," if still is not None and still.newest and still.newest == culprit.version else ""
    )


def _project(scene: Scene, trigger: Trigger | None, evidence: tuple[Evidence, ...]) -> list[str]:
    told = next((row.says for row in evidence if row.supports is Kind.PROJECT and row.weight > 0), "")
    rows = [f"This project's own: {told}." if told else "This project's own, as far as the log shows."]
    if trigger:
        rows.append(
            f"What set it off is {_release(trigger, scene)} ({trigger.last_good or '?'} still had it otherwise)."
        )
    return rows


def _none(look: Look) -> str:
    reading = look.case.reading
    totals = f" {reading.totals[-1].runner} counted {reading.totals[-1].passed} passed." if reading.totals else ""
    handled = f" {reading.handled_total} tracebacks are printed, all handled." if reading.handled_total else ""
    return f"No Python failure is printed.{totals}{handled}"


def would_change(look: Look, kind: Kind, trigger: Trigger | None) -> tuple[str, ...]:
    """What would change the verdict."""
    if look.scene is None or look.found is None:
        return ("a traceback or failing test in a part of the log that was cut off",)
    scene, found = look.scene, look.found
    rows: list[str] = []
    if kind is Kind.UPSTREAM:
        if trigger and trigger.distribution != CPYTHON:
            rows.append(
                f"a red run with {trigger.distribution} {trigger.last_good or 'from before'} and all else equal"
            )
        if scene.project_frames and not scene.at_import:
            rows.append("the project passing something that it did not pass in the last green run")
        if found.held is None or found.held.matches is not True:
            rows.append(f"an installed {found.culprit} that is patched or not the released one")
    elif kind is Kind.PROJECT:
        if not scene.differences.known:
            rows.append("the last green run's log, with a release in between that meets this failure")
        if found.behind is not None:
            name, change = found.behind
            rows.append(
                f"a green run with {change.distribution} {change.before} and all else equal, which would make it {name}'s"
            )
        rows.append("the same failure in an unrelated project")
    elif kind is Kind.ENVIRONMENT:
        rows.append("the same failure on another machine, or again on a re-run")
    return tuple(rows)
