"""Jobs in a few words: frames by owner, installed sets, answers of an index."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.classify.judging import judging
from bot.classify.rules import Look
from bot.facts import Fact, Facts, Question, Walk, Walked
from bot.model import (
    Case,
    Edits,
    Ending,
    EndKind,
    Environment,
    Failure,
    Frame,
    Installed,
    Phase,
    Raised,
    Reading,
    Relation,
    Remark,
    Totals,
    normalized,
)

ROOTS = {
    "own": "/home/runner/work/shop/shop/",
    "site": "/opt/hostedtoolcache/Python/3.11.7/x64/lib/python3.11/site-packages/",
    "std": "/opt/hostedtoolcache/Python/3.11.7/x64/lib/python3.11/",
    "std313": "/opt/hostedtoolcache/Python/3.13.0/x64/lib/python3.13/",
    "build": "/tmp/pip-build-env-ab12/overlay/lib/python3.11/site-packages/",
    "raw": "",
}
AS_OF = datetime(2023, 10, 10, tzinfo=UTC)


def frame(text: str, number: int) -> Frame:
    """`own cart.py total | x.get()`: root, file, function, source."""
    place, _, source = text.partition(" | ")
    root, file, function = place.split(" ", 2)
    return Frame(file=ROOTS[root] + file, line=number + 1, function=function, source=source or None, at=number + 10)


def raised(exception: str, message: str, *frames: str, relation: Relation | None = None) -> Raised:
    """One exception."""
    return Raised(
        exception=exception,
        message=message,
        frames=tuple(frame(text, number) for number, text in enumerate(frames)),
        relation=relation,
        span=(5, 40),
    )


def failure(*chain: Raised, phase: Phase = Phase.CALL, dialect: str = "pytest", root: bool = True) -> Failure:
    """A failure, the outermost exception last."""
    return Failure(chain=chain, phase=phase, dialect=dialect, root=root, span=(5, 40), test="tests/test_a.py::test_a")


def environment(python: str | None, versions: dict[str, str], local: tuple[str, ...] = ()) -> Environment:
    """An installed set."""
    rows = [
        Installed(name=normalized(name), version=version, line=1, how="uv", local=name in local)
        for name, version in sorted(versions.items())
    ]
    return Environment(python=python, installed=tuple(rows))


class Answers(Facts):
    """Facts by the kind of question or probe and the distribution: `{("HasName", "werkzeug"): Walked(…)}`; a function is
    asked with the probe.
    """

    __slots__ = ("_answers",)

    def __init__(self, answers: dict[tuple[str, str], object]) -> None:
        super().__init__()
        self._answers = answers

    def get(self, question: Question) -> Fact[object] | None:
        kind = type(question.probe).__name__ if isinstance(question, Walk) else type(question).__name__
        answer = self._answers.get((kind, str(question.distribution)))
        if callable(answer):
            answer = answer(question.probe if isinstance(question, Walk) else question)
        return Fact(
            question=question,
            answer=answer,
            known=answer is not None,
            reason="" if answer is not None else "not in this test",
            source="index",
        )

    def known(self, question: Question) -> object | None:
        fact = self.get(question)
        return fact.answer if fact is not None and fact.known else None

    def __contains__(self, question: object) -> bool:
        return True


def gone(last: str, first: str, *, changed: datetime | None = None) -> Walked:
    """A walk that says: it was there in `last` and is gone since `first`."""
    return Walked(at=False, last_other=last, first_same=first, changed=changed, newest=first, newest_at=False)


def there(
    *, since: str | None = None, before: str | None = None, until: str | None = None, newest: str | None = None
) -> Walked:
    """A walk that says: it is there (since a release, after another, until one that lacks it)."""
    return Walked(
        at=True, first_same=since, last_other=before, next_other=until, newest=newest, newest_at=until is None
    )


def case_of(
    *failures: Failure,
    installed: dict[str, str] | None = None,
    green: dict[str, str] | None = None,
    python: str | None = "3.11.7",
    green_python: str | None = "3.11.7",
    project: str | None = "shop",
    remarks: tuple[Remark, ...] = (),
    ending: Ending | None = None,
    edits: Edits | None = None,
    totals: tuple[Totals, ...] = (),
    local: tuple[str, ...] = (),
) -> Case:
    """A job."""
    return Case(
        reading=Reading(
            failures=failures,
            failures_total=len(failures),
            environment=environment(python, installed or {}, local),
            remarks=remarks,
            ending=ending or Ending(kind=EndKind.EXIT_CODE, code=1),
            totals=totals,
        ),
        passing=Reading(environment=environment(green_python, green)) if green is not None else None,
        project=normalized(project) if project else None,
        as_of=AS_OF,
        edits=edits,
    )


def look(*failures: Failure, answers: dict[tuple[str, str], object] | None = None, **job: object) -> Look:
    """What the rules look at for a job's root failure."""
    return judging(case_of(*failures, **job), Answers(answers or {})).look  # type: ignore[arg-type]


def remark(text: str, line: int = 20, kind: str = "error") -> Remark:
    """A line outside failures."""
    return Remark(text=text, line=line, kind=kind)
