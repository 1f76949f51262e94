"""What the ledger promises, on both databases."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from bot.fingerprint import fingerprint
from bot.model import (
    ChangeAnswer,
    Command,
    Culprit,
    Decision,
    Delivery,
    Judgement,
    Mark,
    Report,
    Thread,
    Trust,
    UpstreamAnswer,
    normalized,
)
from bot.pipeline.records import Buried
from bot.ports import Posted, Region
from bot.store import open_store
from bot.store.tables import KEPT_JUDGED
from tests.store.examples import JOB, THEN, analysis, judged, occurrence


class Clock:
    def __init__(self) -> None:
        self.now = THEN

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def store(database_url, clock):
    made = await open_store(database_url, clock)
    yield made
    await made.database.close()


def other(number: int = 2, **values):
    return replace(JOB, key=f"github:github.example/acme/shop/{number}", **values)


async def see(store, row, job=JOB, like=None, **seen):
    await store.add_job(job)
    printed = fingerprint(row)
    judgement = Judgement(verdict=row.verdict, failures=(row,))
    return await store.see(printed, judgement, occurrence(job.key, **seen), like)


def decision(upstream: UpstreamAnswer, thread: str | None = None) -> Decision:
    return Decision(
        change=ChangeAnswer.ADVISE, change_reason="sure", upstream=upstream, upstream_reason="why", thread=thread
    )


REPORT = Report(
    title="It breaks", body="text", tracker="https://t.example/issues", fingerprint="2026-11:a", prefilled="l"
)

# ---------------------------------------------------------------------------------------------- deliveries, jobs


async def test_a_delivery_is_recorded_once_with_what_became_of_it(store):
    delivery = Delivery(id="d", source="github", event="check_run", payload=b"", received_at=THEN)
    for _ in range(2):
        await store.start_delivery(delivery, "job", JOB.key)
    await store.finish_delivery("github", "d", "job")
    async with store.database.reading() as connection:
        rows = (await connection.execute(text("SELECT id, state FROM deliveries"))).all()
    assert rows == [("d", "job")]
    assert await store.last_delivery() == THEN


async def test_counts_add_up_from_every_replica_at_once(store):
    key = ("2026-11-20", "github", "push", "nothing failed")
    await asyncio.gather(*(store.count_deliveries({key: 3}) for _ in range(8)))
    async with store.database.reading() as connection:
        assert await connection.scalar(text("SELECT times FROM delivery_counts")) == 24


async def test_one_job_added_many_times_at_once_is_new_once(store):
    assert sorted(await asyncio.gather(*(store.add_job(JOB) for _ in range(6)))) == [False] * 5 + [True]
    completed = replace(JOB, private=True, trust=Trust.UNTRUSTED)
    await store.complete_job(completed)
    assert (await store.job(JOB.key)).job == completed
    assert await store.job("no such job") is None


async def test_an_analysis_comes_back_as_it_went_in(store):
    await store.add_job(JOB)
    made = replace(analysis(), regions=(Region(failure=0, first=3, lines=("a", "b")),))
    await store.save_analysis(JOB.key, made)
    kept = await store.analysis(JOB.key)
    assert kept.judgement == made.judgement
    assert kept.fingerprint == made.fingerprint
    assert kept.reading == replace(made.reading, failures=())
    record = await store.job(JOB.key)
    assert (record.state, record.fingerprint) == ("analysed", str(made.fingerprint))


async def test_of_a_thousand_failures_the_roots_are_kept_and_all_are_counted(store):
    await store.add_job(JOB)
    root = judged()
    plain = replace(root, failure=replace(root.failure, root=False))
    judgement = Judgement(verdict=root.verdict, failures=(plain,) * 999 + (root,))
    made = replace(analysis(), judgement=judgement, regions=(Region(failure=999, first=9, lines=("x",)),))
    await store.save_analysis(JOB.key, made)
    kept = await store.analysis(JOB.key)
    assert len(kept.judgement.failures) == KEPT_JUDGED
    assert kept.judgement.root is not None
    async with store.database.reading() as connection:
        assert await connection.scalar(text("SELECT failures_total FROM analyses")) == 1_000
        (region,) = (await connection.execute(text("SELECT regions FROM analyses"))).one()
    assert f'"failure": {KEPT_JUDGED - 1}' in (region if isinstance(region, str) else json.dumps(region))


async def test_text_that_databases_refuse_is_stored_all_the_same(store):
    await store.add_job(replace(JOB, name="a\x00b\ud800c"))
    await store.save_analysis(JOB.key, analysis(judged(message="nul \x00 and half a pair \udfff")))
    assert "\x00" not in (await store.job(JOB.key)).job.name
    assert "half a pair" in (await store.analysis(JOB.key)).judgement.root.failure.message


async def test_instants_come_back_aware_and_in_utc(store, clock):
    clock.now = datetime(2026, 11, 20, 23, 30, tzinfo=UTC) + timedelta(microseconds=7)
    await store.add_job(JOB)
    assert (await store.job(JOB.key)).received_at == clock.now


async def test_expired_material_is_named_to_whoever_holds_it(store, clock):
    await store.add_job(JOB)
    await store.spooled(JOB.key, "folder", "me")
    clock.now += timedelta(days=20)
    assert await store.expired_spools(clock.now - timedelta(days=14), "another") == []
    assert await store.expired_spools(clock.now - timedelta(days=14), "me") == [(JOB.key, "folder")]
    await store.forget_spool(JOB.key)
    assert await store.expired_spools(clock.now, "me") == []


# ---------------------------------------------------------------------------------------------- bugs


async def test_one_fingerprint_seen_at_once_by_many_jobs_is_one_bug(store):
    rows = [see(store, judged(), other(number), project=f"p{number}") for number in range(6)]
    assert len(set(await asyncio.gather(*rows))) == 1
    history = await store.history(str(fingerprint(judged())))
    assert {row.project for row in history.occurrences} == {f"p{number}" for number in range(6)}


async def test_seeing_is_idempotent(store):
    key = await see(store, judged())
    assert await see(store, judged()) == key
    assert len((await store.history(key)).occurrences) == 1


async def test_a_new_fingerprint_joins_the_bug_that_it_is_like(store):
    key = await see(store, judged("it broke here"))
    assert await see(store, judged("it broke there"), other(), like=key) == key
    assert await see(store, judged("it broke there"), other(3)) == key, "from now on without being told"
    bug = await store.bug(key)
    assert len(bug.fingerprints) == 2
    assert str(bug.fingerprint) == key
    family = await store.family(bug.fingerprint.family)
    assert [row[0] for row in family] == [key, key]
    assert family[0][2] != ""


async def test_the_surest_judgement_of_a_public_job_is_shown(store):
    key = await see(store, judged(confidence=0.9), private=True, job=replace(JOB, private=True))
    await see(store, judged(confidence=0.7), other(2))
    assert (await store.bug(key)).judgement.verdict.confidence == 0.7, "a public one, though less sure"
    await see(store, judged(confidence=0.95), other(3))
    assert (await store.bug(key)).job == other(3).key
    await see(store, judged(confidence=0.99), other(4, private=True), private=True)
    assert (await store.bug(key)).job == other(3).key


async def test_a_merge_moves_everything_and_can_be_taken_back(store):
    one = await see(store, judged("one thing broke"))
    two = await see(store, judged("quite another matter"), other())
    await store.adopt(two, Thread(url="https://t.example/1", tracker="https://t.example"))
    await store.merge(two, one, "ann")
    assert (await store.bug(two)).key == one
    assert await store.bug_of(two) == one
    history = await store.history(one)
    assert len(history.occurrences) == 2
    assert [row.url for row in history.threads] == ["https://t.example/1"]
    assert await see(store, judged("quite another matter"), other(3)) == one, "remembered"
    assert await store.unmerge(one, "ann") == [two]
    assert await store.bug_of(two) == two
    assert len((await store.history(two)).occurrences) == 2
    assert await store.apart(two) == {one}


async def test_a_split_is_remembered_and_outranks_likeness(store):
    key = await see(store, judged("it broke here"))
    await see(store, judged("it broke there"), other(), like=key)
    printed = str(fingerprint(judged("it broke there")))
    assert await store.split(printed, "ann") == printed
    assert await see(store, judged("it broke there"), other(3)) == printed
    assert await store.apart(printed) == {key}
    assert len((await store.history(printed)).occurrences) == 2
    assert len((await store.history(key)).occurrences) == 1


async def test_marks_stand_until_lifted_or_over_and_once_for_each_cause(store, clock):
    key = await see(store, judged())
    for _ in range(2):
        await store.mark(key, Mark(word="hold", actor="ann"), "command 1")
    await store.mark("acme/shop#12", Mark(word="stop", argument="acme/shop#12"), scope="change")
    await store.mark(f"acme/shop {key}", Mark(word="ignore", until=clock.now + timedelta(days=1)), scope="here")
    words = [row.word for row in (await store.history(key, "acme/shop#12", "acme/shop")).marks]
    assert words == ["hold", "stop", "ignore"]
    assert [row.word for row in (await store.history(key, "acme/shop#13", "acme/web")).marks] == ["hold"]
    clock.now += timedelta(days=2)
    assert [row.word for row in (await store.history(key, None, "acme/shop")).marks] == ["hold"]
    assert [row.word for row in await store.lift(key, ("hold",), "bob")] == ["hold"]
    assert await store.marks(key) == []
    assert await store.lift(key, ("hold",), "bob") == []


async def test_drafts_without_a_thread_are_watched_and_held_ones_decided_again(store, clock):
    key = await see(store, judged())
    await store.decide_bug(key, decision(UpstreamAnswer.DRAFT), drafted=True)
    assert await store.drafted_bugs(clock.now - timedelta(days=1)) == [key]
    assert (await store.history(key)).drafted
    assert await store.held_bugs(THEN - timedelta(days=1)) == []
    await store.decide_bug(key, decision(UpstreamAnswer.HOLD))
    assert await store.held_bugs(THEN - timedelta(days=1)) == [key]
    await store.adopt(key, Thread(url="https://t.example/1", tracker="https://t.example"))
    assert await store.drafted_bugs(clock.now - timedelta(days=1)) == []


# ---------------------------------------------------------------------------------------------- publishing


async def test_an_intent_is_first_for_one_only(store):
    found = await asyncio.gather(*(store.intend("open", "bug") for _ in range(6)))
    assert sorted(row.tries for row in found) == [1, 2, 2, 2, 2, 2]
    assert (await store.pending("open", "bug")).result is None
    await store.finish_intent("open", "bug", "url")
    assert await store.pending("open", "bug") is None
    assert (await store.intend("open", "bug")).result == "url"


async def test_an_intent_given_up_gives_its_budget_back(store, clock):
    limits = {"hourly": 1, "opens": 1}
    assert (await store.spend("open", "r", "t", "bug", **limits)).granted
    await store.intend("open", "bug")
    assert not (await store.spend("open", "r", "t", "another", **limits)).granted
    await store.drop_intent("open", "bug")
    assert (await store.spend("open", "r", "t", "another", **limits)).granted
    assert (await store.intend("open", "bug")).tries == 1


async def test_budgets_hold_however_many_spend_at_once(store, clock):
    spent = await asyncio.gather(
        *(store.spend("comment", "r", f"t{number}", "c", hourly=5, opens=9) for number in range(12))
    )
    assert sum(row.granted for row in spent) == 5
    refused = next(row for row in spent if not row.granted)
    assert 0 < refused.retry_after <= 3_600
    assert await store.written(since=clock.now - timedelta(hours=1), recipient="r") == 5
    clock.now += timedelta(minutes=61)
    assert (await store.spend("comment", "r", "later", "c", hourly=5, opens=9)).granted


async def test_the_same_cause_is_spent_once(store, clock):
    for _ in range(3):
        assert (await store.spend("advice", "r", "t", "same", hourly=2, opens=9)).granted
    assert await store.written(since=clock.now - timedelta(hours=1)) == 1


async def test_new_threads_have_a_limit_of_their_own(store):
    for number in range(2):
        assert (await store.spend("open", "r", f"t{number}", "c", hourly=99, opens=2)).granted
    refused = await store.spend("open", "r", "t9", "c", hourly=99, opens=2)
    assert (refused.granted, refused.retry_after) == (False, 0.0)
    assert (await store.spend("edit", "r", "t9", "c", hourly=99, opens=2)).granted


async def test_a_thread_stays_with_its_first_bug_and_is_followed_in_turn(store, clock):
    one, two = await see(store, judged("one thing broke")), await see(store, judged("quite another matter"), other())
    thread = Thread(url="https://t.example/o/r/issues/7", tracker="https://t.example/o/r/issues")
    await store.adopt(one, thread, how="opened", recipient="o")
    await store.adopt(two, thread)
    assert (await store.thread(thread.url)).bug == one
    assert (await store.thread_at("o/r#7")).thread.url == thread.url
    assert await store.thread_at("o/r#70") is None
    assert await store.thread_at("_/r#7") is None
    assert await store.thread_at("nothing") is None
    assert [row.thread.url for row in await store.threads_due(clock.now)] == [thread.url]
    await store.update_thread(thread.url, checked_at=clock.now, state="closed")
    assert await store.threads_due(clock.now) == []
    assert await store.threads_opened(clock.now - timedelta(days=1)) == [], "closed ones need no looking after"


async def test_a_posted_text_is_not_overwritten_by_a_later_draft(store):
    key = await see(store, judged())
    await store.put_report(key, "open", "t", REPORT, state="draft", reason="a")
    await store.put_report(key, "open", "t", replace(REPORT, body="newer"), state="held", reason="b")
    assert (await store.report(key, "open", "t")).report.body == "newer"
    await store.posted_report(key, "open", "t", "https://t.example/1", "as posted")
    await store.put_report(key, "open", "t", replace(REPORT, body="later"), state="draft", reason="c")
    kept = await store.report(key, "open", "t")
    assert (kept.state, kept.report.body, kept.posted_url) == ("posted", "as posted", "https://t.example/1")


async def test_people_mark_what_the_quiet_start_would_have_posted(store):
    key = await see(store, judged())
    number = await store.put_report(key, "open", "t", REPORT, state="shadow", reason="a")
    await store.judge_text("reports", number, right=False, actor="ann")
    await store.put_advice(JOB, key, "body", state="shadow")
    await store.judge_text("advice", "acme/shop#12", right=True, actor="ann")
    async with store.database.reading() as connection:
        assert (await connection.execute(text("SELECT judged_right, judged_by FROM reports"))).one() == (0, "ann")
        assert (await connection.execute(text("SELECT judged_right, judged_by FROM advice"))).one() == (1, "ann")


async def test_a_refusal_is_remembered_with_its_first_reason(store):
    assert await store.consent("o") == (None, None)
    await store.refuse("o", by="policy", draft_only="no bots please")
    await store.refuse("o", by="ann", refused="stop")
    await store.refuse("o", by="bob", refused="again")
    assert await store.consent("o") == ("stop", "no bots please")
    await store.permit("o")
    assert await store.consent("o") == (None, None)


async def test_a_closed_channel_is_worth_another_try_after_a_while(store, clock):
    await store.close_channel("o", "app", "403")
    assert await store.closed_channels("o", clock.now - timedelta(days=30)) == {"app"}
    clock.now += timedelta(days=31)
    assert await store.closed_channels("o", clock.now - timedelta(days=30)) == frozenset()


async def test_old_rows_go_and_what_a_bug_is_made_of_stays(store, clock):
    key = await see(store, judged())
    await see(store, judged(confidence=0.5), other())
    for job in (JOB, other()):
        await store.set_job(job.key, "done")
    for kind in ("open", "advice"):
        await store.intend(kind, "k")
        await store.finish_intent(kind, "k", "url")
    await store.spend("open", "r", "t", "k", hourly=9, opens=9)
    clock.now += timedelta(days=400)
    assert await store.delete_old(clock.now - timedelta(days=1)) == 3
    assert await store.job(other().key) is None
    assert await store.job(JOB.key) is not None
    assert len((await store.history(key)).occurrences) == 2
    assert (await store.intend("open", "k")).result == "url"


# ---------------------------------------------------------------------------------------------- the house


async def test_a_command_is_recorded_once_with_who_and_what_came_of_it(store):
    command = Command(word="hold", actor="ann", source="github", where="9", place="acme/shop#12", written_at=THEN)
    assert await store.add_command("id", command)
    assert not await store.add_command("id", command)
    await store.finish_command("id", state="obeyed", permission="write", outcome="Noted.", bug=None)
    kept = await store.command("id")
    assert (kept.command, kept.state, kept.outcome) == (command, "obeyed", "Noted.")


async def test_our_answer_is_remembered(store):
    assert await store.reply("github", "9") is None
    for body in ("one", "two"):
        await store.put_reply("github", "9", Posted(id="77", url="u", body=body))
    assert await store.reply("github", "9") == Posted(id="77", url="u", body="two")


async def test_buried_work_is_counted_replayed_and_settled(store):
    work = Buried(
        id="job/1",
        workflow="job",
        refers="1",
        step="fetch",
        error="permanent",
        message="no",
        arguments=[{"a": 1}],
        at=THEN,
    )
    await store.bury(work)
    await store.replayed("job/1", "ann")
    for _ in range(2):
        await store.bury(replace(work, times=2))
    kept = await store.buried("job/1")
    assert (kept.times, kept.arguments) == (2, [{"a": 1}])
    assert len(await store.unsettled()) == 1
    await store.settle("job/1")
    assert await store.unsettled() == []


async def test_a_sweep_is_due_for_one_replica_in_each_interval(store, clock):
    assert sum(await asyncio.gather(*(store.due("watch", 60) for _ in range(5)))) == 1
    clock.now += timedelta(seconds=61)
    assert sum(await asyncio.gather(*(store.due("watch", 60) for _ in range(5)))) == 1


async def test_settings_and_cursors_hold_any_json(store):
    for value in ({"a": [1, None]}, False, None):
        await store.set_setting("shadow", value, "ann")
        assert await store.setting("shadow") == value
        await store.set_cursor("gerrit", value)
        assert await store.cursor("gerrit") == value


async def test_silent_replicas_are_named_by_the_databases_clock(store, clock):
    await store.beat("a", "1")
    assert await store.silent_replicas(5) == []
    async with store.database.writing() as connection:
        await connection.execute(
            text(
                "UPDATE replicas SET at = '2000-01-01 00:00:00+00:00'"
                if not store.database.sqlite
                else "UPDATE replicas SET at = '2000-01-01 00:00:00'"
            )
        )
    assert await store.silent_replicas(5) == ["a"]
    assert [await store.took_over("w") for _ in range(3)] == [1, 2, 3]
    await store.forget_replica("a")
    assert await store.silent_replicas(5) == []


async def test_uninstalling_leaves_other_peoples_rows(store):
    shared = await see(store, judged("one thing broke"), replace(JOB, installation="9"))
    await store.save_analysis(JOB.key, analysis(judged("one thing broke")))
    theirs = other(2, installation="8")
    await see(store, judged("one thing broke"), theirs, project="b")
    await store.save_analysis(theirs.key, analysis(judged("one thing broke")))
    alone = await see(store, judged("quite another matter"), other(3, installation="9"))
    told = await see(
        store, judged("a third", culprit=Culprit(distribution=normalized("x"))), other(4, installation="9")
    )
    await store.adopt(told, Thread(url="https://t.example/1", tracker="https://t.example"))
    await store.put_report(alone, "open", "t", REPORT, state="draft", reason="a")
    assert await store.forget_installation("github", "9") == 3
    assert (await store.bug(shared)).job == theirs.key
    assert await store.bug(alone) is None
    kept = await store.bug(told)
    assert kept.judgement.failures == ()
    assert kept.culprit == "x"
