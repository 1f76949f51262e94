"""How to see the failure again, from what the log says: not run by Upriver until a Proof says otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.model import Environment, Judged, OwnedFrame, Phase

NOT_RUN = "Not run by Upriver: put together from the job's log."


def install_line(judged: Judged, environment: Environment) -> str:
    """`pip install` of the releases that the failure touches, pinned as the log has them; empty where none is known."""
    names = _involved(judged)
    pins = [
        f"{row.name}=={row.version}"
        for row in environment.installed
        if row.name in names and not row.local and not row.url
    ]
    verdict = judged.verdict
    known = {pin.split("==", 1)[0] for pin in pins}
    for name, version in (
        (verdict.culprit.distribution, verdict.culprit.version) if verdict.culprit else ("", None),
        (verdict.trigger.distribution, verdict.trigger.first_bad) if verdict.trigger else ("", None),
    ):
        if name and version and name not in known and name != "cpython":
            pins.append(f"{name}=={version}")
    return "python -m pip install " + " ".join(f'"{pin}"' for pin in sorted(pins)) if pins else ""


def command(judged: Judged) -> str:
    """The one-line import where importing is what fails, else what the log says was run; empty where neither is known."""
    failing = _import_of(judged)
    if failing:
        return f'python -c "import {failing}"'
    return ""


def _import_of(judged: Judged) -> str:
    """The culprit's module whose import fails, where every frame from it down runs at import."""
    owner = judged.verdict.culprit.distribution if judged.verdict.culprit else None
    for frames in judged.owned:
        inside = [row for row in frames if row.distribution == owner]
        if inside and _runs_at_import(frames[frames.index(inside[0]) :]) and inside[0].module:
            module = re.sub(r"\.__init__$", "", inside[0].module)
            if re.fullmatch(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", module):
                return module
    return ""


def _runs_at_import(frames: Iterable[OwnedFrame]) -> bool:
    return all(row.frame.function == "<module>" or row.role in {"stdlib", "generated", "harness"} for row in frames)


def _involved(judged: Judged) -> frozenset[str]:
    verdict = judged.verdict
    owners = {
        row.distribution for frames in judged.owned for row in frames if row.distribution and row.role == "third-party"
    }
    named = {part.distribution for part in (verdict.culprit, verdict.trigger) if part}
    return frozenset(filter(None, owners | named))


def where_it_failed(judged: Judged) -> str:
    """The phase in words."""
    return {
        Phase.COLLECT: "while the tests were collected",
        Phase.SETUP: "in a test's set-up",
        Phase.CALL: "in a test",
        Phase.TEARDOWN: "in a test's tear-down",
        Phase.INSTALL: "while the dependencies were installed",
        Phase.BUILD: "while a distribution was built",
        Phase.OUTSIDE: "in a program that the job ran",
    }[judged.failure.phase]
