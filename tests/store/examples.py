"""Values to store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.fingerprint import fingerprint
from bot.model import (
    Action,
    Change,
    Culprit,
    Evidence,
    Failure,
    Frame,
    Job,
    Judged,
    Judgement,
    Kind,
    Occurrence,
    OwnedFrame,
    Raised,
    Reading,
    TrackerRef,
    Trigger,
    Trust,
    Verdict,
    normalized,
)
from bot.ports import Analysis

THEN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

JOB = Job(
    key="github:github.example/acme/shop/1",
    source="github",
    project="acme/shop",
    name="tests (3.12)",
    url="https://github.example/acme/shop/actions/runs/1/job/1",
    change=Change(id="acme/shop#12", url="https://github.example/acme/shop/pull/12", revision="c0ffee", author="ann"),
    revision="c0ffee",
    branch="main",
    finished_at=THEN,
    trust=Trust.TRUSTED,
    installation="77",
)


def judged(message: str = "cannot import name 'url_quote' from 'werkzeug.urls'", symbol: str | None = None, **verdict):
    said = {
        "kind": Kind.UPSTREAM,
        "confidence": 0.97,
        "culprit": Culprit(distribution=normalized("flask"), version="2.2.2"),
        "trigger": Trigger(distribution=normalized("werkzeug"), last_good="2.3.8", first_bad="3.0.0"),
        "action": Action.REPORT,
        "tracker": TrackerRef(url="https://github.example/pallets/flask/issues", corroborated=True),
        "evidence": (Evidence(rule="removed-name", supports=Kind.UPSTREAM, weight=3.0, says="it was removed"),),
        "summary": "Flask imports a name that Werkzeug 3.0.0 removed.",
        **verdict,
    }
    frame = Frame(
        file="/x/site-packages/flask/app.py", line=10, function="<module>", source="from werkzeug.urls import url_quote"
    )
    failure = Failure(
        chain=(Raised(exception="ImportError", message=message, frames=(frame,), span=(3, 9)),), root=True, span=(3, 9)
    )
    owner = said["culprit"].distribution if said["culprit"] else None
    owned = OwnedFrame(frame=frame, distribution=owner, role="third-party", module="flask.app", verified=True)
    return Judged(failure=failure, verdict=Verdict(**said), owned=((owned,),), symbol=symbol)


def analysis(row: Judged | None = None, *, more: int = 0) -> Analysis:
    row = row or judged()
    return Analysis(
        reading=Reading(failures=(row.failure,), failures_total=1 + more, bytes=100, lines=20),
        judgement=Judgement(verdict=row.verdict, failures=(row,) * (1 + more)),
        fingerprint=fingerprint(row),
        seconds=0.1,
    )


def occurrence(job: str, *, hours: int = 0, **values) -> Occurrence:
    said = {
        "job": job,
        "project": "acme/shop",
        "change": "acme/shop#12",
        "attempt": 1,
        "trust": Trust.TRUSTED,
        "private": False,
        "at": THEN + timedelta(hours=hours),
        "versions": (("flask", "2.2.2"), ("python", "3.12.1")),
        **values,
    }
    return Occurrence(**said)
