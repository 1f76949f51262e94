"""Values of the model for tests of what is made from them."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.model import (
    Action,
    Culprit,
    Environment,
    Evidence,
    Failure,
    Frame,
    Installed,
    Judged,
    Judgement,
    Kind,
    Occurrence,
    OwnedFrame,
    Phase,
    Raised,
    Reading,
    TrackerRef,
    Trigger,
    Trust,
    Verdict,
    WayRound,
    normalized,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TRACKER = "https://github.com/acme/anvil/issues"


def frame(file, line=1, function="<module>", source="import x", owner=None, role=None, module=None, verified=True):
    return OwnedFrame(
        frame=Frame(file=file, line=line, function=function, source=source, at=line),
        distribution=normalized(owner) if owner else None,
        role=role or ("third-party" if owner else "project"),
        module=module,
        verified=verified if owner else None,
    )


def verdict(**changes):
    given = {
        "kind": Kind.UPSTREAM,
        "confidence": 0.97,
        "culprit": Culprit(distribution=normalized("anvil"), version="2.0"),
        "trigger": Trigger(distribution=normalized("hammer"), last_good="1.4", first_bad="2.0", published=NOW),
        "action": Action.REPORT,
        "tracker": TrackerRef(url=TRACKER, corroborated=True, why="provenance"),
        "evidence": (
            Evidence(rule="name-gone", supports=Kind.UPSTREAM, weight=2.5, says="hammer 2.0 took strike away", line=3),
        ),
        "would_change": ("a green run with hammer 2.0",),
        "way_round": WayRound(constraint="hammer<2", says="until anvil has a release for it"),
        "summary": "Not your change. hammer 2.0 took strike away; anvil 2.0 still imports it.",
    }
    return Verdict(**(given | changes))


def judged(
    *,
    message="cannot import name 'strike' from 'hammer'",
    symbol="hammer.strike",
    exception="ImportError",
    frames=None,
    **changes,
):
    owned = frames or (
        frame("/home/alice/src/forge/test_forge.py", 3, source="import anvil  # SECRET_PROJECT_LINE"),
        frame(
            "/venv/lib/python3.12/site-packages/anvil/__init__.py",
            7,
            source="from hammer import strike",
            owner="anvil",
            module="anvil",
        ),
    )
    raised = Raised(exception=exception, message=message, frames=tuple(row.frame for row in owned), span=(10, 20))
    failure = Failure(chain=(raised,), test="test_forge.py", phase=Phase.COLLECT, root=True, span=(10, 20))
    return Judged(failure=failure, verdict=verdict(**changes), owned=(tuple(owned),), symbol=symbol)


def judgement(one=None):
    one = one or judged()
    return Judgement(verdict=one.verdict, failures=(one,))


def environment():
    rows = [("anvil", "2.0", False), ("hammer", "2.0", False), ("forge", "0.1", True)]
    return Environment(
        python="3.12.1",
        platform="linux",
        installed=tuple(Installed(name=normalized(n), version=v, line=1, how="pip", local=own) for n, v, own in rows),
    )


def reading(one):
    return Reading(failures=(one.failure,), failures_total=1, environment=environment(), bytes=10, lines=30)


def seen(project, *, private=False, trust=Trust.TRUSTED, change="c#1", attempt=1, at=NOW, version="2.0"):
    return Occurrence(
        job=f"job-{project}-{change}-{attempt}-{at:%H%M}",
        project=project,
        change=change,
        attempt=attempt,
        trust=trust,
        private=private,
        at=at,
        url=f"https://github.com/{project}/actions/runs/1",
        versions=(("anvil", version),),
    )
