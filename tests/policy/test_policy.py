from datetime import timedelta

import pytest
from msgspec.structs import replace

from bot.model import (
    Action,
    Budget,
    Change,
    ChangeAnswer,
    Culprit,
    History,
    Job,
    Kind,
    Mark,
    Recipient,
    Thread,
    TrackerRef,
    Trust,
    UpstreamAnswer,
    normalized,
)
from bot.policy import decide, independent, standing
from tests.render import builders

NOW = builders.NOW
CHANGE = Change(id="acme/forge#5", url="https://github.com/acme/forge/pull/5")
JOB = Job(key="k", source="github", project="acme/forge", name="test", change=CHANGE, trust=Trust.TRUSTED)
TWICE = (builders.seen("acme/forge", change="c#1"), builders.seen("acme/other", change="c#2"))
OPEN_BUDGET = Budget(writes_left=100, opens_left_in_run=3, shadow=False, may_open=True)
APP = Recipient(name="github.com/acme", channel="app")
FRAME = builders.frame(
    "/v/site-packages/anvil/core.py", 3, "run", "strike()", owner="anvil", module="anvil.core", verified=True
)


def judgement(**changes):
    frames = changes.pop("frames", (FRAME,))
    return builders.judgement(builders.judged(frames=frames, **changes))


def decided(
    one=None, *, job=JOB, occurrences=TWICE, recipient=APP, budget=OPEN_BUDGET, now=NOW, threads=(), marks=(), **options
):
    history = History(bug="b", occurrences=occurrences, threads=threads, marks=marks)
    return decide(one or judgement(), job, history, recipient, budget, now, **options)


def test_a_machine_opens_when_everything_is_there():
    answer = decided()
    assert answer.upstream is UpstreamAnswer.OPEN, answer.upstream_reason
    assert answer.change is ChangeAnswer.ADVISE


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"budget": replace(OPEN_BUDGET, may_open=False)}, "does not let a machine open"),
        ({"one": judgement(confidence=0.9)}, "below 0.95"),
        ({"occurrences": TWICE[:1]}, "one independent trusted job"),
        ({"occurrences": tuple(replace(row, private=True) for row in TWICE)}, "only private projects"),
        ({"recipient": Recipient(name="github.com/acme")}, "no channel but a prefilled link"),
        ({"recipient": None}, "no channel but a prefilled link"),
        ({"recipient": replace(APP, draft_only="AI reports are closed unread")}, "AI reports are closed unread"),
        ({"one": judgement(tracker=TrackerRef(url=builders.TRACKER))}, "only the package's own metadata"),
        ({"one": judgement(tracker=None)}, "no tracker is known"),
        ({"one": judgement(security="crash in native code")}, "never opened in public"),
        ({"one": judgement(frames=(replace(FRAME, verified=None),))}, "compared with the released files"),
    ],
)
def test_whatever_is_missing_a_human_signs(changes, reason):
    answer = decided(changes.pop("one", None), **changes)
    assert answer.upstream is UpstreamAnswer.DRAFT
    assert reason in answer.upstream_reason


@pytest.mark.parametrize(
    ("changes", "answer", "reason"),
    [
        ({"budget": replace(OPEN_BUDGET, stopped=True)}, UpstreamAnswer.HOLD, "switch"),
        ({"budget": replace(OPEN_BUDGET, writes_left=0)}, UpstreamAnswer.HOLD, "writes"),
        ({"budget": replace(OPEN_BUDGET, opens_left_in_run=0)}, UpstreamAnswer.HOLD, "breaker"),
        ({"recipient": replace(APP, opened_today=1)}, UpstreamAnswer.HOLD, "recipient and day"),
        ({"recipient": replace(APP, refused="opt-out file")}, UpstreamAnswer.NOTHING, "opt-out file"),
        ({"one": judgement(action=Action.ALREADY_FIXED, fixed_in="2.1")}, UpstreamAnswer.NOTHING, "fixed in 2.1"),
        ({"one": judgement(kind=Kind.PROJECT, culprit=None)}, UpstreamAnswer.NOTHING, "project"),
        ({"one": judgement(confidence=0.5)}, UpstreamAnswer.HOLD, "too low"),
        ({"one": judgement(frames=(replace(FRAME, verified=False),))}, UpstreamAnswer.HOLD, "forged"),
    ],
)
def test_when_in_doubt_hold(changes, answer, reason):
    said = decided(changes.pop("one", None), **changes)
    assert said.upstream is answer
    assert reason in said.upstream_reason


def test_untrusted_jobs_never_reach_upstream():
    job = replace(JOB, trust=Trust.UNTRUSTED)
    forks = tuple(replace(row, trust=Trust.UNTRUSTED) for row in TWICE)
    answer = decided(job=job, occurrences=forks)
    assert answer.upstream is UpstreamAnswer.NOTHING
    assert answer.change is ChangeAnswer.ADVISE


def test_the_repository_s_own_project_file_corroborates_its_tracker():
    claimed = judgement(tracker=TrackerRef(url=builders.TRACKER))
    culprit = claimed.verdict.culprit.distribution
    assert decided(claimed, recipient=replace(APP, makes=culprit)).upstream is UpstreamAnswer.OPEN
    assert decided(claimed, recipient=replace(APP, makes="another")).upstream is UpstreamAnswer.DRAFT


@pytest.mark.parametrize("word", ["hold", "stop", "not-upstream", "not-ours", "ignore", "needs-info"])
def test_people_are_obeyed_and_can_take_it_back(word):
    marks = (Mark(word=word, actor="jane", at=NOW),)
    assert decided(marks=marks).upstream in {UpstreamAnswer.HOLD, UpstreamAnswer.NOTHING}
    opposite = {"hold": "resume", "stop": "start", "ignore": "unignore"}.get(word, "undo")
    assert decided(marks=(*marks, Mark(word=opposite))).upstream is UpstreamAnswer.OPEN


def test_ignoring_ends():
    mark = Mark(word="ignore", until=NOW + timedelta(days=1))
    assert decided(marks=(mark,)).change is ChangeAnswer.SILENT
    assert decided(marks=(mark,), now=NOW + timedelta(days=2)).change is ChangeAnswer.ADVISE


def test_a_stop_on_one_change_leaves_the_others_alone():
    marks = (Mark(word="stop", argument="acme/forge#5"),)
    assert decided(marks=marks).change is ChangeAnswer.SILENT
    other = replace(JOB, change=replace(CHANGE, id="acme/forge#6"))
    assert decided(job=other, marks=marks).change is ChangeAnswer.ADVISE


def test_a_persons_file_is_the_signature_but_no_channel():
    marks = (Mark(word="file", actor="jane"),)
    lone = {"occurrences": TWICE[:1], "budget": replace(OPEN_BUDGET, may_open=False), "marks": marks}
    assert decided(**lone).upstream is UpstreamAnswer.OPEN
    assert decided(**lone | {"recipient": None}).upstream is UpstreamAnswer.DRAFT


THREAD = Thread(
    url="https://github.com/acme/anvil/issues/3", tracker=builders.TRACKER, opened_at=NOW - timedelta(days=3)
)


def many(count, **changes):
    return tuple(
        replace(builders.seen(f"acme/p{number}"), at=NOW - timedelta(hours=1), **changes) for number in range(count)
    )


def test_one_bug_one_thread():
    answer = decided(threads=(THREAD,))
    assert (answer.upstream, answer.thread) == (UpstreamAnswer.NOTHING, THREAD.url)


def test_tenfold_growth_is_news_once_a_day():
    first = replace(builders.seen("acme/p"), at=NOW - timedelta(days=4))
    assert decided(threads=(THREAD,), occurrences=(first, *many(9))).upstream is UpstreamAnswer.COMMENT
    assert decided(threads=(THREAD,), occurrences=(first, *many(8))).upstream is UpstreamAnswer.NOTHING
    just = replace(THREAD, commented_at=NOW - timedelta(hours=2))
    assert decided(threads=(just,), occurrences=(first, *many(30))).upstream is UpstreamAnswer.HOLD


def test_a_regression_after_the_fix_is_news():
    fixed = replace(THREAD, state="fixed", opened_at=NOW - timedelta(days=3))
    before = replace(builders.seen("acme/p"), at=NOW - timedelta(days=4))
    assert (
        "back after the fix"
        in decided(threads=(fixed,), occurrences=(before, *many(1, versions=(("anvil", "2.5"),)))).upstream_reason
    )
    assert decided(threads=(fixed,), occurrences=(before, *many(1))).upstream is UpstreamAnswer.NOTHING


def test_in_a_thread_that_people_opened_once_is_all():
    found = replace(APP, stands=(replace(THREAD, by_human=True),))
    answer = decided(recipient=found)
    assert (answer.upstream, answer.thread) == (UpstreamAnswer.COMMENT, THREAD.url)
    joined = replace(THREAD, by_human=True, commented_at=NOW - timedelta(days=2))
    assert decided(recipient=replace(APP, stands=(joined,))).upstream is UpstreamAnswer.NOTHING
    assert decided(threads=(joined,), occurrences=many(90)).upstream is UpstreamAnswer.NOTHING
    assert decided(recipient=found, occurrences=TWICE[:1]).upstream is UpstreamAnswer.NOTHING


@pytest.mark.parametrize(
    ("one", "job", "answer"),
    [
        (judgement(kind=Kind.ENVIRONMENT, culprit=None), JOB, ChangeAnswer.ADVISE),
        (judgement(kind=Kind.PROJECT, culprit=None), JOB, ChangeAnswer.SILENT),
        (judgement(kind=Kind.NONE, culprit=None), JOB, ChangeAnswer.SILENT),
        (judgement(confidence=0.7), JOB, ChangeAnswer.SILENT),
        (judgement(), replace(JOB, change=None), ChangeAnswer.SILENT),
    ],
)
def test_when_to_be_silent(one, job, answer):
    said = decided(one, job=job)
    assert said.change is answer
    assert said.change_reason


def test_independence_is_another_change_project_day_or_a_rerun():
    one = builders.seen("acme/p", change="c#1")
    assert independent((one, replace(one, job="matrix-leg"))) == 1
    assert independent((one, replace(one, attempt=2))) == 2
    assert independent((one, replace(one, change="c#2"))) == 2
    assert independent((one, replace(one, project="acme/q"))) == 2
    nightly = replace(one, change=None)
    assert independent((nightly, replace(nightly, at=NOW + timedelta(days=1)))) == 2
    assert independent((one, replace(one, change="c#2", trust=Trust.UNTRUSTED))) == 1


def test_the_last_word_stands():
    marks = (Mark(word="hold"), Mark(word="resume"), Mark(word="hold", actor="j"))
    assert standing(History(bug="b", marks=marks), "hold", NOW).actor == "j"
    assert standing(History(bug="b", marks=marks[:2]), "hold", NOW) is None


def test_culprit_without_a_name_is_nothing_to_file():
    assert decided(judgement(culprit=None)).upstream is UpstreamAnswer.NOTHING
    assert decided(judgement(culprit=Culprit(distribution=normalized("anvil")))).upstream is UpstreamAnswer.OPEN
