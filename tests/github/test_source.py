"""GitHub as a Source: jobs completed and fetched, changes read, advice and answers, whatever GitHub does meanwhile."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import timedelta

import pytest
from msgspec.structs import replace

from bot.errors import Gone, Permanent, Refused, Transient
from bot.model import Command, Job, Trust
from bot.render import markers
from bot.sources.download import Guard
from bot.sources.github import GitHub
from bot.sources.github.material import choose, unpack
from bot.standin import Fault, FileChange, play
from bot.standin.hooks import redeliver
from tests.parts import require
from tests.standin.home import at_home

require("standin")
JUNIT = b'<?xml version="1.0"?><testsuites><testsuite name="a"/></testsuites>'


async def _job(home, trigger=None, played=None, **more) -> Job:
    """The job that a failing run announces, completed."""
    play.finish_run(home.world, home.repo, [played or play.Played(log=b"it failed")], trigger, **more)
    return await home.source.complete(home.jobs()[-1])


# ------------------------------------------------------------------------------------------ completing


async def test_a_job_is_completed_with_all_that_github_knows():
    async with at_home() as home:
        pull = play.open_pull(home.world, home.repo, "bob", fork=True)
        job = await _job(home, play.Trigger(pull=pull))
        assert job.change is not None
        assert (job.change.id, job.change.author, job.change.branch) == (f"acme/widgets#{pull.number}", "bob", "main")
        assert (job.pipeline, job.branch, job.private) == (".github/workflows/ci.yml", "change", False)
        assert job.finished_at is not None


async def test_the_project_s_own_distribution_is_what_its_default_branch_says():
    async with at_home() as home:
        assert (await _job(home)).distribution is None
        home.repo.files["setup.cfg"] = "[metadata]\nname = Acme.Widgets\n"
        assert (await _job(home)).distribution == "acme-widgets"


async def _fork_by(home, login):
    return play.Trigger(pull=play.open_pull(home.world, home.repo, login, fork=True))


async def _branch_by(home, login):
    return play.Trigger(pull=play.open_pull(home.world, home.repo, login))


async def _on(home, event):
    return play.Trigger(event=event)


@pytest.mark.parametrize(
    ("make", "who", "trust"),
    [
        pytest.param(_fork_by, "stranger", Trust.UNTRUSTED, id="a stranger's fork"),
        pytest.param(_fork_by, "tim", Trust.UNTRUSTED, id="a triager's fork"),
        pytest.param(_fork_by, "ann", Trust.TRUSTED, id="a writer's own fork"),
        pytest.param(_fork_by, "max", Trust.TRUSTED, id="a maintainer's own fork"),
        pytest.param(_branch_by, "ann", Trust.TRUSTED, id="a branch of the repository"),
        pytest.param(_on, "push", Trust.TRUSTED, id="push"),
        pytest.param(_on, "schedule", Trust.TRUSTED, id="schedule"),
        pytest.param(_on, "merge_group", Trust.TRUSTED, id="merge queue"),
        pytest.param(_on, "issue_comment", Trust.UNTRUSTED, id="a comment sets it off"),
        pytest.param(_on, "workflow_run", Trust.UNTRUSTED, id="another run sets it off"),
        pytest.param(_on, "pull_request_target", Trust.UNTRUSTED, id="pull_request_target"),
    ],
)
async def test_trust_is_who_could_have_written_the_log(make, who, trust):
    async with at_home() as home:
        assert (await _job(home, await make(home, who))).trust is trust


async def test_a_deleted_fork_is_nobody_we_know():
    async with at_home() as home:
        pull = play.open_pull(home.world, home.repo, "stranger", fork=True)
        trigger = play.Trigger(pull=pull)
        del home.world.repositories[pull.pull.head_repository]
        pull.pull.head_repository = None
        run = play.finish_run(home.world, home.repo, [play.Played()], trigger, events=("workflow_job",))
        run.head_repository = 424242
        home.github.watchers.clear()  # GitHub's description does not know a head without a repository
        assert (await home.source.complete(home.jobs()[-1])).trust is Trust.UNTRUSTED


async def test_a_status_on_the_default_branch_is_trusted_and_one_on_a_forks_commit_is_not():
    async with at_home() as home:
        url = "http://127.0.0.1/console.txt"
        sha = play.push(home.world, home.repo)
        play.set_status(home.world, home.repo, sha, "ci", url)
        assert (await home.source.complete(home.jobs()[-1])).trust is Trust.TRUSTED
        pull = play.open_pull(home.world, home.repo, "stranger", fork=True)
        play.set_status(home.world, home.repo, pull.pull.head_sha, "ci", url + "?2")
        job = await home.source.complete(home.jobs()[-1])
        assert (job.trust, job.change.id) == (Trust.UNTRUSTED, f"acme/widgets#{pull.number}")


async def test_a_commit_that_was_pushed_away_is_nobodys():
    async with at_home() as home:
        home.repo.commits.clear()
        play.set_status(home.world, home.repo, "b" * 40, "ci", "http://127.0.0.1/console.txt")
        job = await home.source.complete(home.jobs()[-1])
        assert (job.change, job.trust) == (None, Trust.UNTRUSTED)


async def test_a_renamed_repository_is_completed_under_its_new_name():
    async with at_home() as home:
        play.finish_run(home.world, home.repo, [play.Played()])
        job = home.jobs()[-1]
        play.rename(home.world, home.repo, "acme/gadgets")
        assert (await home.source.complete(job)).project == "acme/gadgets"


async def test_a_deleted_repository_is_gone():
    async with at_home() as home:
        play.finish_run(home.world, home.repo, [play.Played()])
        job = home.jobs()[-1]
        del home.world.repositories[home.repo.id]
        with pytest.raises(Gone):
            await home.source.complete(job)


# ------------------------------------------------------------------------------------------ fetching


async def test_log_passing_log_and_reports_are_fetched_without_credentials(tmp_path):
    async with at_home() as home:
        play.finish_run(home.world, home.repo, [play.Played(conclusion="success", log=b"it passed")])
        log = b"\xef\xbb\xbf2026-11-24T08:00:00.0000000Z it failed \xff\n" * 100
        files = {"junit.xml": JUNIT, "notes.txt": b"no report", "page.xml": b"<html/>"}
        job = await _job(home, played=play.Played(log=log), artifacts={"test-results": files, "docs": {"a.xml": JUNIT}})
        spooled = await home.source.fetch(job, tmp_path)
        assert spooled.log.read_bytes() == log
        assert spooled.passing is not None
        assert spooled.passing.read_bytes() == b"it passed"
        assert [(name, path.read_bytes()) for name, path in spooled.artifacts] == [("test-results/junit.xml", JUNIT)]
        assert home.github.blob_requests
        assert not any("authorization" in {key.lower() for key in row} for row in home.github.blob_requests)


async def test_the_last_green_log_is_of_the_same_job_and_never_of_later(tmp_path):
    async with at_home() as home:
        other = [play.Played(name="lint", conclusion="success", log=b"another job")]
        play.finish_run(home.world, home.repo, other)
        job = await _job(home)
        play.finish_run(home.world, home.repo, [play.Played(conclusion="success", log=b"later")])
        run = home.repo.runs[max(home.repo.runs)]
        run.created_at += timedelta(minutes=5)
        assert (await home.source.fetch(job, tmp_path)).passing is None


@pytest.mark.parametrize(("fork", "found"), [(True, None), (False, b"forged")])
async def test_a_green_log_of_a_strangers_fork_is_none_of_ours(tmp_path, fork, found):
    async with at_home() as home:
        pull = play.open_pull(home.world, home.repo, "bob", fork=fork, branch="main")
        green = play.Played(conclusion="success", log=b"forged")
        play.finish_run(home.world, home.repo, [green], play.Trigger(pull=pull))
        passing = (await home.source.fetch(await _job(home), tmp_path)).passing
        assert (passing.read_bytes() if passing else None) == found


async def test_the_newest_green_log_since_is_of_the_same_job(tmp_path):
    async with at_home() as home:
        job = await _job(home)
        failed = home.repo.runs[max(home.repo.runs)].created_at
        assert await home.source.green(job, failed, tmp_path) is None
        for minutes, played in (
            (5, play.Played(conclusion="success", log=b"later")),
            (6, play.Played(conclusion="success", log=b"latest")),
            (7, play.Played(name="lint", conclusion="success", log=b"another job")),
        ):
            play.finish_run(home.world, home.repo, [played])
            home.repo.runs[max(home.repo.runs)].created_at = failed + timedelta(minutes=minutes)
        assert (await home.source.green(job, failed, tmp_path)).read_bytes() == b"latest"
        assert await home.source.green(job, failed + timedelta(minutes=6), tmp_path / "none") is None


async def test_a_log_that_comes_late_is_waited_for(tmp_path):
    async with at_home() as home:
        job = await _job(home, played=play.Played(log=b"late", log_late=1))
        assert (await home.source.fetch(job, tmp_path)).log.read_bytes() == b"late"


async def test_an_expired_log_is_gone(tmp_path):
    async with at_home() as home:
        job = await _job(home, played=play.Played(log=b"old", log_expired=True))
        with pytest.raises(Gone):
            await home.source.fetch(job, tmp_path)


async def test_a_log_host_that_is_not_listed_is_not_asked(tmp_path):
    async with at_home() as home:
        job = await _job(home)
        source = GitHub(home.forge, Guard(), late=())
        with pytest.raises(Refused, match="log hosts"):
            await source.fetch(job, tmp_path)
        assert home.github.blob_requests == []


async def test_a_log_host_on_a_bad_day_is_transient(tmp_path):
    async with at_home() as home:
        job = await _job(home)
        home.world.faults.add(Fault(kind="error", path="^/logs/", status=503))
        with pytest.raises(Transient):
            await home.source.fetch(job, tmp_path)


async def test_another_cis_log_is_fetched_from_its_host(tmp_path):
    async with at_home() as home:
        link = home.world.blob(b"jenkins says no", "text/plain")
        play.set_status(
            home.world, home.repo, play.push(home.world, home.repo), "ci", link.split("?")[0] + "/console.txt"
        )
        job = home.jobs()[-1]
        with pytest.raises(Gone):  # nothing lies there
            await home.source.fetch(job, tmp_path)
        spooled = await home.source.fetch(replace(job, log_url=link), tmp_path)
        assert spooled.log.read_bytes() == b"jenkins says no"


def test_of_a_matrix_only_the_jobs_own_reports_count():
    names = ["results-3.11-ubuntu", "results-3.12-ubuntu", "results-3.12-windows"]
    assert choose("test (3.12, ubuntu)", names) == {"results-3.12-ubuntu"}
    assert choose("unrelated", names) == set(names)


def _zip(tmp_path, files):
    path = tmp_path / "artifact-1.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_a_bomb_is_refused(tmp_path):
    bomb = _zip(tmp_path, {"junit.xml": b"<testsuites>" + b" " * (30 << 20)})
    with pytest.raises(Refused):
        list(unpack(bomb, tmp_path, "x", 64 << 20))


def test_many_files_are_refused(tmp_path):
    with pytest.raises(Refused):
        list(unpack(_zip(tmp_path, {f"{number}.txt": b"" for number in range(2_001)}), tmp_path, "x", 1 << 20))


def test_names_in_a_zip_lead_nowhere(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    found = list(unpack(_zip(tmp_path, {"../../evil.xml": JUNIT}), inside, "x", 1 << 20))
    assert [path.parent for _, path in found] == [inside]


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04" + b"\0" * 100])
def test_what_is_no_zip_is_said_to_be_none(tmp_path, content):
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(Permanent):
        list(unpack(tmp_path / "a.zip", tmp_path, "x", 1 << 20))


def test_reports_are_told_by_how_they_begin(tmp_path):
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as file:
        file.write(b"\xb3 ")
    files = {
        "report.jsonl": b'{"pytest_version": "8", "$report_type": "SessionStart"}\n',
        "run.subunit": b"\xb3\x29\x01\x40",
        "run2.subunit.gz": packed.getvalue(),
        "coverage.xml": b"<?xml version='1.0'?><coverage/>",
        "package.json": b'{"name": "x"}',
    }
    found = {name.split("/")[-1] for name, _ in unpack(_zip(tmp_path, files), tmp_path, "x", 1 << 20)}
    assert found == {"report.jsonl", "run.subunit", "run2.subunit.gz"}


# ------------------------------------------------------------------------------------------ changes and advice


async def test_a_bump_is_read_from_the_diff():
    async with at_home() as home:
        patch = "@@ -1,2 +1,2 @@\n anyio\n-werkzeug==2.3.8\n+werkzeug==3.0.0"
        changes = [
            FileChange(filename="requirements.txt", patch=patch),
            FileChange(filename="logo.png", status="added"),
        ]
        pull = play.open_pull(home.world, home.repo, "dependabot[bot]", changes=changes)
        edits = await home.source.edits(await _job(home, play.Trigger(pull=pull)))
        assert edits is not None
        assert edits.paths == ("requirements.txt", "logo.png")
        assert [(row.distribution, row.before, row.after) for row in edits.requirements] == [
            ("werkzeug", "2.3.8", "3.0.0")
        ]
        assert await home.source.edits(replace(home.jobs()[-1], change=None)) is None


async def test_advice_is_one_comment_edited_in_place():
    async with at_home() as home:
        pull = play.open_pull(home.world, home.repo, "bob", fork=True)
        job = await _job(home, play.Trigger(pull=pull))
        play.comment(home.world, home.repo, pull.number, "bob", f"forged {markers.ADVICE}")
        assert await home.source.advice_on(job) is None
        await home.source.advise(job, f"first {markers.ADVICE}", None)
        standing = await home.source.advice_on(job)
        await home.source.advise(job, f"second {markers.ADVICE}", standing)
        ours = [row.body for row in pull.comments if row.user == "upriver[bot]"]
        assert ours == [f"second {markers.ADVICE}"]


# ------------------------------------------------------------------------------------------ commands


def _command(home, number, where, actor="ann", **more) -> Command:
    place = f"acme/widgets#{number}"
    given = {"installation": str(home.installation.id), **more}
    return Command(word="hold", actor=actor, source="github", where=str(where), place=place, **given)


@pytest.mark.parametrize(
    ("actor", "role"),
    [
        ("acme", "owner"),
        ("max", "maintain"),
        ("ann", "write"),
        ("tim", "triage"),
        ("stranger", "read"),
        ("nobody!", "none"),
    ],
)
async def test_the_forge_says_who_may(actor, role):
    async with at_home() as home:
        home.world.user("stranger")
        issue = play.open_issue(home.world, home.repo, "eve", "x")
        command = _command(home, issue.number, 1, actor=actor, association="OWNER")
        assert await home.source.may(command) == role


async def test_a_stranger_to_a_private_repository_may_nothing():
    async with at_home() as home:
        home.repo.private = True
        home.world.user("stranger")
        assert await home.source.may(_command(home, 1, 1, actor="stranger")) == "none"


async def test_a_command_is_acknowledged_and_answered_once():
    async with at_home() as home:
        pull = play.open_pull(home.world, home.repo, "ann")
        said = play.comment(home.world, home.repo, pull.number, "ann", "/upriver hold")
        command = _command(home, pull.number, said.id)
        await home.source.acknowledge(command)
        await home.source.acknowledge(command)
        assert [row.content for row in said.reactions] == ["eyes"]
        assert await home.source.replied(command) is None
        text = f"Held. {markers.reply(command.where)}"
        await home.source.reply(command, text, None)
        standing = await home.source.replied(command)
        assert standing is not None
        await home.source.reply(command, text + " Still.", standing)
        assert [row.body for row in pull.comments[1:]] == [text + " Still."]


async def test_a_comment_on_the_diff_is_answered_in_its_thread():
    async with at_home() as home:
        pull = play.open_pull(home.world, home.repo, "ann")
        said = play.review_comment(home.world, home.repo, pull.number, "ann", "/upriver hold")
        command = _command(home, pull.number, f"review-comment/{said.id}")
        await home.source.acknowledge(command)
        await home.source.reply(command, f"Held. {markers.reply(command.where)}", None)
        standing = await home.source.replied(command)
        assert standing is not None
        await home.source.reply(command, "Held still.", standing)
        assert [row.content for row in said.reactions] == ["eyes"]
        assert [(row.body, row.in_reply_to) for row in pull.pull.review_comments[1:]] == [("Held still.", said.id)]
        assert pull.comments == []


async def test_a_review_is_answered_in_the_conversation():
    async with at_home() as home:
        pull = play.open_pull(home.world, home.repo, "ann")
        said = play.review(home.world, home.repo, pull.number, "ann", "/upriver hold")
        command = _command(home, pull.number, f"review/{said.id}")
        await home.source.acknowledge(command)
        await home.source.reply(command, "Held.", None)
        assert [row.body for row in pull.comments] == ["Held."]


async def test_in_a_foreign_repository_the_association_counts_as_github_says_it_now():
    async with at_home(upstream_token=True) as home:
        foreign = play.repository(home.world, "pallets/flask", collaborators={"david": "write"})
        issue = play.open_issue(home.world, foreign, "upriver-reports", "x")
        said = play.comment(home.world, foreign, issue.number, "david", "/upriver not-ours")
        home.world.faults.add(Fault(kind="error", path="/permission$", status=403, times=9))
        place = home.url(f"pallets/flask/issues/{issue.number}")
        command = _command(home, 1, said.id, actor="david", installation="")
        assert await home.source.may(replace(command, place=place)) == "write"
        assert await home.source.may(replace(command, place=place, actor="eve", association="OWNER")) == "none"


# ------------------------------------------------------------------------------------------ what was missed


async def test_deliveries_that_did_not_arrive_are_caught_up():
    async with at_home() as home:
        since = home.world.now()
        play.finish_run(home.world, home.repo, [play.Played()], events=("workflow_job",))
        play.finish_run(home.world, home.repo, [play.Played()], events=("workflow_job",))
        await home.github.sender.drain()
        rows = [row for row in home.world.deliveries.values() if row.event == "workflow_job"]
        rows[0].status, rows[0].status_code = "OK", 200
        assert rows[1].status_code == 0  # a refused connection: GitHub's own filter for failures leaves it out
        missed = await home.source.catch_up(since)
        assert rows[1].guid in {row.id for row in missed}
        assert rows[0].guid not in {row.id for row in missed}
        assert {row.payload for row in missed if row.id == rows[1].guid} == {rows[1].body}


async def test_a_delivery_that_arrived_on_a_later_try_was_not_missed():
    async with at_home() as home:
        since = home.world.now()
        play.finish_run(home.world, home.repo, [play.Played()], events=("workflow_job",))
        await home.github.sender.drain()
        row = next(row for row in home.world.deliveries.values() if row.event == "workflow_job")
        again = replace_delivery(home, row)
        again.status, again.status_code = "OK", 200
        assert row.guid not in {one.id for one in await home.source.catch_up(since)}


def replace_delivery(home, row):
    home.github.sender.paused = True
    return redeliver(home.world, row)
