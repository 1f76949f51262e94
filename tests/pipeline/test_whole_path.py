"""From a delivery to what stands upstream and on the change."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from bot.errors import Permanent
from tests.pipeline.house import house

pytestmark = pytest.mark.slow  # DBOS finds a new queue within a second, and each test has its own

A = {"key": "1", "name": "lib breaks name", "project": "org/a", "change": "1"}
B = {"key": "2", "name": "lib breaks name", "project": "org/b", "change": "2"}
EVENTS = ("workflow_job", "check_run", "workflow_run", "status")


@pytest.fixture
async def home(tmp_path):
    async with house(tmp_path, tmp_path / "upriver.db") as made:
        yield made


async def rows(home, query):
    async with home.store.database.reading() as connection:
        return (await connection.execute(text(query))).all()


async def test_one_job_is_advised_and_drafted_the_second_opens(home):
    await home.jobs(A)
    assert [row["change"] for row in home.forge.advice] == ["org/a#1"]
    assert "open the prepared report" in home.forge.advice[0]["body"]
    assert home.forge.issues == []
    await home.jobs(B)
    assert [row["tracker"] for row in home.forge.issues] == ["http://forge/lib/issues"]
    url = home.forge.issues[0]["url"]
    assert [url in row["body"] for row in home.forge.advice] == [True, True], "the first change hears of it too"
    assert [row.state for row in await rows(home, "SELECT state FROM jobs")] == ["done"] * 2


async def test_delivered_five_times_at_once_by_four_events_and_again(tmp_path, database_url):
    async with house(tmp_path, database_url) as home:
        await home.jobs(A)
        storm = [{"id": f"{event}-{number}", "event": event, "job": B} for event in EVENTS for number in range(5)]
        await home.deliver(*storm, *[dict(row) for row in storm])
        await home.idle()
        await home.deliver(*[{"id": f"{event}-0", "event": event, "job": B} for event in EVENTS])
        await home.idle()
        assert len(home.forge.issues) == 1
        assert len([row for row in home.forge.advice if row["change"] == "org/b#2"]) == 1
        assert len(await rows(home, "SELECT id FROM deliveries")) == 1 + 20
        assert {row.state for row in await rows(home, "SELECT state FROM deliveries")} == {"job"}
        await home.pipeline.flush()
        (count,) = await rows(home, "SELECT sum(times) FROM delivery_counts WHERE outcome = 'accepted'")
        assert count[0] == 1 + 40 + 4


async def test_what_announces_nothing_is_counted_and_leaves_no_row(home):
    assert await home.deliver({"id": "9", "event": "push"}, {"id": "10", "event": "push"}) == ["nothing failed"] * 2
    await home.pipeline.flush()
    assert await rows(home, "SELECT event, outcome, times FROM delivery_counts") == [("push", "nothing failed", 2)]
    assert await rows(home, "SELECT * FROM deliveries") == []


async def test_an_untrusted_job_is_advised_and_leaves_nothing_upstream(home):
    await home.jobs({**A, "trust": "untrusted"}, {**B, "trust": "untrusted"})
    assert len(home.forge.advice) == 2
    assert home.forge.issues == []
    assert await rows(home, "SELECT * FROM bugs") == []
    assert await rows(home, "SELECT * FROM occurrences") == []
    assert await rows(home, "SELECT * FROM reports") == []


async def test_an_untrusted_job_that_shows_a_known_bug_adds_no_sighting(home):
    await home.jobs(A, {**B, "trust": "untrusted"})
    assert len(await rows(home, "SELECT * FROM occurrences")) == 1
    assert home.forge.issues == []
    assert (await rows(home, "SELECT bug FROM jobs WHERE project = 'org/b'"))[0][0] is not None


async def test_quiet_start_shows_and_posts_nothing(tmp_path):
    async with house(tmp_path, tmp_path / "upriver.db", shadow=True) as home:
        await home.jobs(A, B)
        assert await home.say("explain", place="org/a#1") == ""
        assert home.forge.issues == home.forge.advice == home.forge.replies == []
        assert await rows(home, "SELECT state, kind FROM reports") == [("shadow", "open")]
        assert [row[0] for row in await rows(home, "SELECT state FROM advice")] == ["shadow", "shadow"]
        assert home.forge.calls.keys() <= {"world", "standing"}


async def test_quiet_start_ends_by_a_setting_and_the_next_job_posts(tmp_path):
    async with house(tmp_path, tmp_path / "upriver.db", shadow=True) as home:
        await home.jobs(A)
        await home.store.set_setting("shadow", False, "ann")
        await home.jobs(B)
        assert len(home.forge.issues) == 1
        assert [row["change"] for row in home.forge.advice] == ["org/b#2"]


async def test_the_switch_stops_all_writing(home):
    await home.store.set_setting("stop", True, "ann")
    await home.jobs(A, B)
    assert home.forge.issues == home.forge.advice == []
    assert {row[0] for row in await rows(home, "SELECT decision FROM jobs")} != {None}


async def test_a_tracker_that_is_closed_to_us_is_a_draft_for_a_human(home):
    home.forge.broken["standing"] = [404, 404]
    await home.jobs(A)
    assert await home.store.unsettled() == []
    assert len(home.forge.advice) == 1
    assert await rows(home, "SELECT state FROM reports") == [("draft",)]


async def test_a_refused_channel_ends_in_a_draft_and_is_remembered(home):
    await home.jobs(A)
    home.forge.broken["open"] = [403]
    await home.jobs(B)
    assert home.forge.issues == []
    assert home.forge.calls["open"] == 1
    assert await rows(home, "SELECT recipient, channel FROM channels") == [("lib", "app")]
    assert await rows(home, "SELECT state FROM reports") == [("draft",)]
    assert "open the prepared report" in home.forge.advice[1]["body"]
    await home.jobs({**B, "key": "3", "change": "3"})
    assert home.forge.calls["open"] == 1, "a refused channel is not tried again"


@pytest.mark.parametrize("spent", [False, True])
async def test_an_intent_that_came_to_nothing_is_settled_and_costs_nothing(home, spent):
    await home.jobs(A)
    ((bug,),) = await rows(home, "SELECT key FROM bugs")
    await home.store.intend("open", bug)  # as a process that was killed right there left it
    if spent:
        await home.store.spend("open", "lib", "http://forge/lib/issues", bug, hourly=99, opens=99)
    await home.jobs(B)
    assert len(home.forge.issues) == 1
    assert await home.store.pending("open", bug) is None


async def test_what_fails_for_a_while_is_tried_again(home):
    home.forge.broken["advise"] = [502, 503]
    await home.jobs(A)
    assert len(home.forge.advice) == 1


async def test_advice_does_not_wait_for_a_tracker_that_is_away(home):
    home.forge.broken["standing"] = [500] * 100
    await home.jobs(A)
    assert len(home.forge.advice) == 1
    (work,) = await home.store.unsettled()
    assert (work.workflow, work.step, work.error) == ("publish", "upstream", "exhausted")
    assert (await home.store.job("github:forge/1")).state == "buried"


async def test_buried_work_is_replayed_and_settled(home):
    home.forge.broken["standing"] = [500] * 8
    await home.jobs(A)
    (work,) = await home.store.unsettled()
    await home.pipeline.replay(work.id, "ann")
    await home.idle()
    assert await home.store.unsettled() == []
    assert (await home.store.job("github:forge/1")).state == "done"
    with pytest.raises(Permanent):
        await home.pipeline.replay("nothing", "ann")


async def test_a_job_that_the_analyst_gives_up_is_buried_with_the_reason(home):
    await home.jobs({**A, "name": "bomb"})
    (work,) = await home.store.unsettled()
    assert (work.step, work.error) == ("analyse", "permanent")
    assert "more than 120 s" in work.message
    assert home.counted("buried", workflow="job") == 1


@pytest.mark.parametrize(("key", "name", "state"), [("expired", "x", "gone"), ("1", "unreadable", "unreadable")])
async def test_a_log_that_is_gone_or_none_ends_quietly(home, key, name, state):
    await home.jobs({**A, "key": key, "name": name})
    (job,) = await rows(home, "SELECT state, reason FROM jobs")
    assert job.state == state
    assert job.reason
    assert await home.store.unsettled() == []
    assert home.forge.advice == []


async def test_a_matrix_of_failing_jobs_is_one_comment(home):
    await home.deliver(
        *(
            {"id": str(number), "job": {**A, "key": str(number), "name": f"lib{number % 2} breaks x"}}
            for number in range(6)
        )
    )
    await home.idle()
    assert len(home.forge.advice) == 1
    body = home.forge.advice[0]["body"]
    assert "`lib0`" in body
    assert "`lib1`" in body
    assert body.count("<!-- upriver:advice -->") == 1


async def test_a_slow_job_of_an_older_commit_says_nothing_any_more(home):
    await home.jobs({**A, "revision": "abc"}, {**A, "key": "old", "name": "zlib breaks x", "revision": "older"})
    assert "zlib" not in home.forge.advice[0]["body"]


async def test_a_comment_that_a_human_deleted_stays_deleted(home):
    await home.jobs(A)
    home.forge.advice.clear()
    await home.jobs({**A, "key": "3"})
    assert home.forge.advice == []
    assert (await home.store.advice("org/a#1")).state == "removed"


async def test_nothing_new_is_no_edit(home):
    await home.jobs(A)
    before = home.forge.calls["advise"]
    await home.pipeline.work.engine.submit("advice", "advise", "advise/again", "github:forge/1", key="org/a#1")
    await home.idle()
    assert home.forge.calls["advise"] == before
    assert home.forge.calls["advice_on"] > 1


async def test_the_breaker_holds_what_is_more_than_a_handful_at_once(tmp_path):
    async with house(tmp_path, tmp_path / "upriver.db", opens_in_a_row=2) as home:
        for number in range(4):
            name = f"lib{number} breaks x"
            await home.jobs({**A, "key": f"{number}a", "name": name}, {**B, "key": f"{number}b", "name": name})
        assert len(home.forge.issues) == 2
        held = [row for row in await rows(home, "SELECT decision FROM bugs") if "breaker" in str(row[0])]
        assert len(held) == 2
        home.later = timedelta(hours=2)
        await home.pipeline.sweeps.held()
        await home.idle()
        assert len(home.forge.issues) == 4, "an hour later there is room again, and what was held is decided again"


async def test_the_hours_budget_makes_writes_wait_not_fail(tmp_path):
    async with house(tmp_path, tmp_path / "upriver.db", writes_per_hour=1) as home:
        await home.jobs(A)
        home.forge.broken.clear()
        assert len(home.forge.advice) == 1
        await home.deliver({"id": "2", "job": B})
        for _ in range(100):
            await asyncio.sleep(0.05)
            if (await rows(home, "SELECT count(*) FROM jobs WHERE state IN ('decided', 'done')"))[0][0] == 2:
                break
        assert home.forge.issues == []
        assert len(home.forge.advice) == 1
        assert await home.pipeline.work.engine.busy() > 0, "it waits"


async def test_an_issue_that_a_person_opened_from_the_draft_is_adopted(home):
    await home.jobs(A)
    draft = (await home.store.report("x", "open", "x")) or (await rows(home, "SELECT body FROM reports"))[0]
    await home.forge.do_open("http://forge/lib/issues", "It breaks", draft.body, "x")
    home.forge.issues[0]["by_human"] = True
    await home.pipeline.sweeps.watch()
    await home.idle()
    (thread,) = await rows(home, "SELECT url, how, by_human FROM threads")
    assert thread.url == home.forge.issues[0]["url"]
    assert thread.how == "adopted"
    assert thread.url in home.forge.advice[0]["body"]
    await home.jobs(B)
    assert len(home.forge.issues) == 1


async def test_the_report_lists_who_met_it_edited_in_place(home):
    await home.jobs(A, B, {**A, "key": "3", "project": "org/c", "change": "3"})
    (issue,) = home.forge.issues
    assert all(name in issue["body"] for name in ("org/a", "org/b", "org/c"))
    assert issue["edits"] == 1
    assert home.forge.comments == []


async def test_private_projects_are_counted_and_never_named(home):
    await home.jobs(
        A, {**B, "private": True}, {**A, "key": "3", "project": "org/secret", "change": "3", "private": True}
    )
    assert "org/a" in home.forge.issues[0]["body"]
    assert "org/b" not in home.forge.issues[0]["body"]
    assert "org/secret" not in home.forge.issues[0]["body"]


async def test_what_only_private_projects_met_is_a_draft(home):
    await home.jobs({**A, "private": True}, {**B, "private": True})
    assert home.forge.issues == []
    (decision,) = await rows(home, "SELECT decision FROM bugs")
    assert "only private projects" in str(decision[0])[:400]
    assert await rows(home, "SELECT state FROM reports") == [("draft",)]


async def test_one_thread_a_recipient_and_day_then_the_next(home):
    await home.jobs(A, B, {**A, "key": "3", "name": "lib breaks other"}, {**B, "key": "4", "name": "lib breaks other"})
    assert len(home.forge.issues) == 1
    await home.pipeline.sweeps.held()
    await home.idle()
    assert len(home.forge.issues) == 1
    home.later = timedelta(hours=25)
    await home.pipeline.sweeps.held()
    await home.idle()
    assert len(home.forge.issues) == 2


async def test_a_closed_thread_is_followed_and_never_opened_again(home):
    await home.jobs(A, B)
    home.forge.issues[0] |= {"state": "closed", "closed_as": "not_planned"}
    await home.pipeline.sweeps.follow()
    (thread,) = await rows(home, "SELECT state, outcome, closed_as FROM threads")
    assert thread == ("refused", "refused", "not_planned")
    home.later = timedelta(days=3)
    await home.jobs({**B, "key": "4", "change": "4"})
    assert len(home.forge.issues) == 1


async def test_missed_deliveries_are_caught_up_once(home):
    from tests.pipeline.fakes import delivery

    home.source.missed = [delivery("m1", job=A), delivery("m1", job=A)]
    await home.pipeline.sweeps.catch_up()
    await home.pipeline.sweeps.catch_up()
    await home.idle()
    assert len(await rows(home, "SELECT * FROM jobs")) == 1
    assert datetime.fromisoformat(await home.store.cursor("catch-up/github")) <= datetime.now(UTC)


async def test_two_issues_of_ours_are_reconciled(home):
    await home.jobs(A, B)
    await home.forge.do_open("http://forge/lib/issues", "again", home.forge.issues[0]["body"], "x")
    await home.pipeline.sweeps.reconcile()
    await home.pipeline.sweeps.reconcile()
    assert "duplicate of" in home.forge.issues[1]["body"]
    assert home.forge.issues[1]["edits"] == 1
    assert "duplicate of" not in home.forge.issues[0]["body"]


async def test_logs_expire_from_disk_and_from_the_ledger(home, tmp_path):
    await home.jobs(A)
    folder = next((tmp_path / "spool").iterdir())
    await home.pipeline.sweeps.spool()
    assert folder.exists()
    home.later = timedelta(days=15)
    await home.pipeline.sweeps.spool()
    assert not folder.exists()
    assert (await home.store.job("github:forge/1")).spool is None


async def test_old_rows_go_and_bugs_stay(home):
    await home.jobs(A, {**B, "name": "unreadable"})
    home.later = timedelta(days=401)
    await home.pipeline.sweeps.rows()
    assert await rows(home, "SELECT * FROM deliveries") == []
    assert [row.key for row in await rows(home, "SELECT key FROM jobs")] == ["github:forge/1"]
    assert len(await rows(home, "SELECT * FROM bugs")) == 1


async def test_uninstalling_deletes_what_was_read_and_keeps_what_others_met(home, tmp_path):
    mine = {"installation": "9"}
    await home.jobs({**A, **mine}, B, {**A, **mine, "key": "3", "name": "zlib breaks name", "change": "3"})
    assert len(await rows(home, "SELECT * FROM bugs")) == 2
    await home.deliver({"id": "gone", "event": "installation", "removed": "9"})
    await home.idle()
    assert [row.key for row in await rows(home, "SELECT key FROM jobs")] == ["github:forge/2"]
    assert [row.job for row in await rows(home, "SELECT job FROM analyses")] == ["github:forge/2"]
    assert [row.change_id for row in await rows(home, "SELECT change_id FROM advice")] == ["org/b#2"]
    assert await rows(home, "SELECT job, culprit FROM bugs") == [("github:forge/2", "lib")]
    assert await rows(home, "SELECT state FROM deliveries WHERE id = 'gone'") == [("removed",)]
    assert len(list((tmp_path / "spool").iterdir())) == 1


async def test_a_material_that_another_replica_fetched_is_fetched_again(home, tmp_path):
    import shutil

    durable = home.pipeline.work.durable
    after = durable._after

    def lose(step, moment):
        if (step, moment) == ("fetch", "recorded"):
            shutil.rmtree(tmp_path / "spool")
        after(step, moment)

    durable._after = lose
    await home.jobs(A)
    assert (await home.store.job("github:forge/1")).state == "done"
