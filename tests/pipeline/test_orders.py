"""What people say to Upriver, from the comment to the effect and back again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.commands import TABLE, Audience
from bot.pipeline.orders import Orders
from tests.pipeline.house import house

pytestmark = pytest.mark.slow  # each test has its own engine

A = {"key": "1", "name": "lib breaks name", "project": "org/a", "change": "1"}
B = {"key": "2", "name": "lib breaks name", "project": "org/b", "change": "2"}
OTHER = {"key": "3", "name": "lib breaks other", "project": "org/b", "change": "3"}
HERE = "org/a#1"


@pytest.fixture
async def home(tmp_path):
    async with house(tmp_path, tmp_path / "upriver.db") as made:
        yield made


async def rows(home, query):
    async with home.store.database.reading() as connection:
        return (await connection.execute(text(query))).all()


async def test_each_word_is_known_to_the_pipeline(home):
    assert Orders(home.pipeline.work).words == {row.word for row in TABLE}


async def test_help_lists_the_words_of_its_audience_once(home):
    await home.jobs(A)
    answer = await home.say("help", place=HERE, by="read")
    assert all(f"`{row.usage}`" in answer for row in TABLE if Audience.CHANGE in row.audience)
    assert "fixed-in" not in answer
    assert len(home.forge.replies) == 1


async def test_a_stranger_is_refused_with_the_reason_and_nothing_changes(home):
    await home.jobs(A)
    answer = await home.say("hold", place=HERE, by="read")
    assert "needs at least triage" in answer
    assert await rows(home, "SELECT * FROM marks") == []
    ((state, permission, actor),) = await rows(home, "SELECT state, permission, actor FROM commands")
    assert (state, permission, actor) == ("refused", "read", "ann")


@pytest.mark.parametrize("machine", ["bot", "self"])
async def test_machines_are_not_obeyed_and_not_answered(home, machine):
    await home.jobs(A)
    assert await home.say("stop", place=HERE, by=machine) == ""
    assert home.forge.replies == []
    assert await rows(home, "SELECT * FROM marks") == []


async def test_an_unknown_word_is_answered_with_what_was_meant(home):
    await home.jobs(A)
    answer = await home.say("explian", place=HERE)
    assert "explain" in answer


async def test_hold_keeps_the_report_back_and_resume_lets_it_go(home):
    await home.jobs(A)
    assert "Noted: hold" in await home.say("hold", place=HERE)
    await home.jobs(B)
    assert home.forge.issues == []
    assert "Ended: hold" in await home.say("resume", place=HERE, where="c2")
    assert len(home.forge.issues) == 1, "it is decided again, and by now there are two sightings"


async def test_not_upstream_takes_the_advice_back_in_place_and_undo_gives_it_again(home):
    await home.jobs(A)
    await home.say("not-upstream", place=HERE)
    assert len(home.forge.advice) == 1
    assert "takes back what it said here" in home.forge.advice[0]["body"]
    assert "not-upstream" in await home.say("undo", place=HERE, where="c2")
    assert "Not your change" in home.forge.advice[0]["body"]


async def test_file_sends_the_draft_in_the_persons_name(home):
    await home.jobs(A)
    answer = await home.say("file", place=HERE)
    assert len(home.forge.issues) == 1
    assert home.forge.issues[0]["url"] in answer


async def test_file_without_a_channel_is_answered_with_the_link(home):
    await home.jobs(A)
    await home.store.close_channel("lib", "app", "403")
    answer = await home.say("file", place=HERE)
    assert home.forge.issues == []
    assert "Open the prepared report" in answer


async def test_filed_follows_what_a_person_opened_and_opens_nothing(home):
    await home.jobs(A)
    made = await home.forge.do_open("http://forge/lib/issues", "By hand", "no fingerprint", "x")
    answer = await home.say(f"filed {made['url']}", place=HERE)
    assert made["url"] in answer
    await home.jobs(B)
    assert len(home.forge.issues) == 1
    assert made["url"] in home.forge.advice[1]["body"]
    assert await rows(home, "SELECT how, by_human FROM threads") == [("filed", 1)]
    await home.say("undo", place=HERE, where="c2")
    assert await rows(home, "SELECT * FROM threads WHERE how = 'filed'") == []


async def test_filed_at_an_address_that_is_not_there_is_refused(home):
    await home.jobs(A)
    assert "is gone" in await home.say("filed http://forge/lib/issues/99", place=HERE)
    assert "no tracker that is known" in await home.say("filed https://elsewhere.example/1", place=HERE, where="c2")
    assert await rows(home, "SELECT * FROM threads") == []


async def test_dup_joins_two_bugs_and_undup_parts_them(home):
    await home.jobs(A, B)
    url = home.forge.issues[0]["url"]
    await home.jobs(OTHER)
    await home.say(f"dup {url}", place="org/b#3")
    merged = await rows(home, "SELECT key, merged_into FROM bugs WHERE merged_into IS NOT NULL")
    assert len(merged) == 1
    assert url in next(row["body"] for row in home.forge.advice if row["change"] == "org/b#3")
    assert len(await rows(home, "SELECT DISTINCT bug FROM occurrences")) == 1
    assert "Parted" in await home.say("undup", place="org/b#3", where="c2")
    assert len(await rows(home, "SELECT DISTINCT bug FROM occurrences")) == 2
    assert await rows(home, "SELECT * FROM bugs WHERE merged_into IS NOT NULL") == []


async def test_ignore_is_silent_there_for_its_days_only(home):
    await home.jobs(A)
    await home.say("ignore 7", place=HERE)
    await home.jobs({**A, "key": "5", "change": "5"}, B)
    assert {row["change"] for row in home.forge.advice} == {HERE, "org/b#2"}
    home.later = timedelta(days=8)
    await home.jobs({**A, "key": "6", "change": "6"})
    assert "org/a#6" in {row["change"] for row in home.forge.advice}


async def test_stop_on_a_change_is_for_that_change_and_from_anybody(home):
    await home.jobs(A)
    await home.say("stop", place=HERE, by="none")
    await home.jobs({**A, "key": "3", "name": "zlib breaks name"}, {**A, "key": "4", "change": "4"})
    assert "zlib" not in home.forge.advice[0]["body"]
    assert {row["change"] for row in home.forge.advice} == {HERE, "org/a#4"}


async def test_stop_by_a_maintainer_upstream_is_for_good_and_for_every_bug(home):
    await home.jobs(A, B)
    url = home.forge.issues[0]["url"]
    answer = await home.say("stop", place=url, by="owner")
    assert "Nothing more is said" in answer
    home.later = timedelta(days=2)
    await home.jobs(OTHER, {**OTHER, "key": "7", "project": "org/c"})
    assert len(home.forge.issues) == 1
    assert (await home.store.consent("lib"))[0] is not None


async def test_not_ours_from_anybody_silences_the_thread(home):
    await home.jobs(A, B)
    url = home.forge.issues[0]["url"]
    assert "Withdrawn" in await home.say("not-ours", place=url, by="none")
    assert await rows(home, "SELECT state, outcome FROM threads") == [("refused", "refused")]
    home.later = timedelta(days=2)
    await home.jobs({**A, "key": "8", "project": "org/d"})
    assert len(home.forge.issues) == 1
    assert home.forge.comments == []
    await home.pipeline.sweeps.follow()
    assert await rows(home, "SELECT state FROM threads") == [("refused",)], "an open issue does not overrule it"


async def test_fixed_in_is_noted_from_upstreams_people_only(home):
    await home.jobs(A, B)
    url = home.forge.issues[0]["url"]
    assert "needs at least triage" in await home.say("fixed-in 2.0", place=url, by="read")
    assert "2.0" in await home.say("fixed-in 2.0", place=url, by="write", where="c2")
    assert await rows(home, "SELECT fixed_in, outcome FROM threads") == [("2.0", "confirmed")]


async def test_needs_info_is_answered_with_what_there_is(home):
    await home.jobs(A, B)
    assert "Fingerprint" in await home.say("needs-info", place=home.forge.issues[0]["url"])


async def test_commands_in_a_polled_thread_are_heeded_once(home):
    await home.jobs(A, B)
    url = home.forge.issues[0]["url"]
    await home.forge.do_comment(url, "/upriver status")
    for _ in range(2):
        home.later += timedelta(hours=1)
        await home.pipeline.sweeps.follow()
        await home.idle()
    assert await rows(home, "SELECT word, place FROM commands") == [("status", url)]


async def test_on_a_tracker_that_knows_no_permissions_what_anybody_may_is_heard(home, monkeypatch):
    """Launchpad's threads: `stop` counts from anybody, and nothing else counts from anybody at all."""
    await home.jobs(A, B)
    url = home.forge.issues[0]["url"]
    monkeypatch.setattr(home.pipeline.work.trackers[0], "name", "launchpad", raising=False)
    await home.forge.do_comment(url, "/upriver stop\n/upriver fixed-in 2.0\n/upriver status")
    home.later += timedelta(hours=1)
    await home.pipeline.sweeps.follow()
    await home.idle()
    assert await rows(home, "SELECT word, state, permission FROM commands") == [("stop", "obeyed", "none")]
    assert home.forge.replies == []


async def test_blame_never_goes_to_a_tracker_that_nobody_looked_up(home):
    await home.jobs(A)
    await home.say("blame otherlib", place=HERE)
    await home.jobs(B)
    assert home.forge.issues == []
    assert "`otherlib`" in home.forge.advice[0]["body"]
    reports = {row.target: row.body for row in await rows(home, "SELECT target, body FROM reports")}
    assert "otherlib" in reports[""]


async def test_retry_judges_again(home):
    await home.jobs({**A, "name": "unreadable"})
    assert "Judged again" in await home.say("retry", place=HERE)
    assert (await home.store.job("github:forge/1")).state == "unreadable"


async def test_an_edited_comment_is_understood_and_its_answer_edited(home):
    await home.jobs(A)
    await home.say("hold", place=HERE, revision="1")
    answer = await home.say("hold; status", place=HERE, revision="2")
    assert len(home.forge.replies) == 1
    assert "Noted: hold" in answer
    assert "Seen in 1 trusted" in answer
    assert len(await rows(home, "SELECT * FROM marks")) == 1, "what stood there before is not done twice"


async def test_several_commands_are_one_answer(home):
    await home.jobs(A)
    answer = await home.say("explain; pin; status", place=HERE)
    assert "Verdict upstream" in answer
    assert "No way round" in answer
    assert "Seen in" in answer


async def test_a_command_where_nothing_failed_says_so(home):
    assert "none is known here" in await home.say("hold", place="org/z#9")
    assert "No failing job" in await home.say("status", place="org/z#9", where="c2")


async def test_the_reply_is_found_again_after_a_crash_between(home):
    await home.jobs(A)
    await home.forge.do_reply("c1", "an earlier try's", None)
    await home.store.intend("reply", "github/c1")
    await home.say("status", place=HERE)
    assert len(home.forge.replies) == 1
    assert "Seen in" in home.forge.replies[0]["body"]
