"""Comment texts made by Zuul's own reporters, driven with the least that they look at.

`zuul.reporter.BaseReporter` imports the standard library only. The GitHub reporter's line format lives in a module
that imports all of Zuul, so its two methods are taken out of its source and compiled alone.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace as Stub
from typing import Any

from tests.parts import require

LIMIT = 16056


@dataclass
class Job:
    name: str
    result: str = "SUCCESS"
    seconds: int | None = 392
    voting: bool = True
    url: str | None = ""
    error: str | None = None
    success_message: str | None = None
    failure_message: str | None = None
    uuid: str = "0123456789abcdef0123456789abcdef"


@dataclass(frozen=True)
class Change:
    url: str


@dataclass
class Item:
    """What a reporter asks of a queue item."""

    jobs: list[Job]
    pipeline: str = "check"
    root: str = "https://zuul.example.org/t/acme/"
    failure_message: str = (
        "Build failed (check pipeline).  For information on how to proceed, see\nhttps://docs.example.org/x"
    )
    warnings: list[str] = field(default_factory=list)
    debug: list[str] = field(default_factory=list)
    footer: str = ""
    changes: int = 1

    def stub(self) -> Any:
        pipeline = Stub(
            name=self.pipeline,
            failure_message=self.failure_message,
            success_message=f"Build succeeded ({self.pipeline} pipeline).",
            start_message="Starting {pipeline.name} jobs.\n{item_url}",
            dequeue_message="Build canceled.",
            merge_conflict_message="Merge Failed.\n\nThis change or one of its cross-repo dependencies was unable to be merged.",
            no_jobs_message="No jobs ran.",
            enqueue_message="Enqueued.",
            footer_message=self.footer,
            getSafeAttributes=lambda: Stub(name=self.pipeline),
        )
        builds = {job.name: job for job in self.jobs}
        return Stub(
            changes=[Change(f"https://review.example.org/{n}") for n in range(self.changes)],
            dequeued_needing_change=None,
            dequeued_missing_requirements=False,
            manager=Stub(pipeline=pipeline),
            didMergerFail=lambda: False,
            getConfigErrors=lambda **_: [],
            formatItemUrl=lambda: f"{self.root}buildset/{'f' * 32}" if self.root else None,
            getJobs=lambda: [
                Stub(name=job.name, voting=job.voting, success_message=job.success_message) for job in self.jobs
            ],
            formatJobResult=lambda job: _formatted(builds[job.name], self.root),
            current_build_set=Stub(
                has_blocking_errors=False,
                warning_messages=self.warnings,
                debug_messages=self.debug,
                result="FAILURE",
                getBuild=lambda job: Stub(
                    error_detail=builds[job.name].error,
                    start_time=None if builds[job.name].seconds is None else 1000.0,
                    end_time=None if builds[job.name].seconds is None else 1000.0 + (builds[job.name].seconds or 0),
                ),
            ),
        )


def _formatted(job: Job, root: str) -> tuple[str, str | None]:
    result = job.success_message if job.result == "SUCCESS" else job.failure_message
    return result or job.result, f"{root}build/{job.uuid}" if job.url == "" else job.url


def _module() -> Any:
    at = str(require("zuul"))
    if at not in sys.path:
        sys.path.append(at)
    import zuul.reporter

    return zuul.reporter


def _reporter() -> Any:
    base = _module().BaseReporter

    class Reporter(base):
        def report(self, item, phase1=True, phase2=True):
            raise NotImplementedError

    return Reporter(None, Stub(sched=Stub(config=None)))


def gerrit_text(item: Item, action: str = "failure") -> str:
    """As `GerritReporter._reportChange` would send it: whole, short, or cut."""
    reporter, stub = _reporter(), item.stub()
    text = reporter._formatItemReport(stub, change=stub.changes[0], action=action)
    if len(text.encode()) >= LIMIT:
        text = reporter._formatItemReport(stub, change=stub.changes[0], action=action, short=True)
    if len(text.encode()) >= LIMIT:
        text = f"{text[: LIMIT - 20]}... (truncated)"
    return text


def github_text(item: Item, action: str = "failure") -> str:
    """As `GithubReporter.addPullComment` would send it."""
    _module()
    source = (Path(sys.modules["zuul"].__path__[0]) / "driver" / "github" / "githubreporter.py").read_text()
    owner = next(node for node in ast.parse(source).body if isinstance(node, ast.ClassDef))
    wanted = [node for node in owner.body if getattr(node, "name", "") in {"_formatJobResult", "_formatItemReportJobs"}]
    found: dict[str, Any] = {}
    exec(compile(ast.Module(body=wanted, type_ignores=[]), "githubreporter", "exec"), found)
    reporter, stub = _reporter(), item.stub()
    type(reporter)._formatJobResult = found["_formatJobResult"]
    type(reporter)._formatItemReportJobs = found["_formatItemReportJobs"]
    return reporter._formatItemReport(stub, change=stub.changes[0], action=action)
