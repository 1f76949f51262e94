"""The API of repositories, their contents and people, Actions, checks and statuses."""

from __future__ import annotations

from bot.standin.answers import Answer, Call, failed
from bot.standin.records import Issue, Repository, Run, WorkflowJob


def get_repository(call: Call, repo: Repository) -> Answer:
    """`GET /repos/{owner}/{repo}`."""
    return Answer(data=call.shapes.repository(repo, call.viewer.login))


def content(call: Call, repo: Repository) -> Answer:
    """`GET /repos/{owner}/{repo}/contents/{path}`: a file or a folder."""
    path = call.params["path"].strip("/")
    if path in repo.files:
        return Answer(data=call.shapes.content(repo, path, repo.files[path]))
    prefix = f"{path}/" if path else ""
    inside = [name.removeprefix(prefix) for name in repo.files if name.startswith(prefix)]
    if not inside:
        raise failed(404, "Not Found")
    names = {name.split("/")[0]: "dir" if "/" in name else "file" for name in inside}
    return Answer(data=call.shapes.directory(repo, path, names))


def permission(call: Call, repo: Repository) -> Answer:
    """`GET /repos/{owner}/{repo}/collaborators/{username}/permission`: strangers may `read` what is public."""
    login = call.params["username"]
    if login.lower() not in call.world.users:
        raise failed(404, f"{login} is not a user")
    role = call.world.role(repo, login)
    coarse = {"maintain": "write", "triage": "read"}.get(role, role)
    user = {**call.shapes.user(login), "role_name": role}
    return Answer(data={"permission": coarse, "role_name": role, "user": user})


def pulls_of_commit(call: Call, repo: Repository) -> Answer:
    """`GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls`."""
    sha = call.params["commit_sha"]
    rows = [row for row in repo.issues.values() if row.pull and row.pull.head_sha == sha]
    if not rows and sha not in repo.commits and not any(run.head_sha == sha for run in repo.runs.values()):
        raise failed(422, f"No commit found for SHA: {sha}", errors=[])
    return call.page([call.shapes.pull(repo, row) for row in rows])


# ------------------------------------------------------------------------------------------ Actions


def _job(call: Call, repo: Repository) -> tuple[Run, WorkflowJob]:
    found = repo.jobs().get(int(call.params["job_id"]))
    if found is None:
        raise failed(404, "Not Found")
    return found


def get_job(call: Call, repo: Repository) -> Answer:
    """`GET /repos/{owner}/{repo}/actions/jobs/{job_id}`."""
    run, job = _job(call, repo)
    return Answer(data=call.shapes.job(repo, run, job))


def job_log(call: Call, repo: Repository) -> Answer:
    """`GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs`: a link that lives one minute."""
    _, job = _job(call, repo)
    if call.viewer.kind == "anonymous":
        raise failed(403, "Must have admin rights to Repository.")
    if job.log_expired:
        raise failed(410, "Server Error: Gone")
    misses, job.log_late = job.log_late, 0
    link = call.world.blob(job.log, "text/plain", misses=misses)
    return Answer(status=302, headers={"Location": link}, empty=True)


def _run(call: Call, repo: Repository) -> Run:
    run = repo.runs.get(int(call.params["run_id"]))
    if run is None:
        raise failed(404, "Not Found")
    return run


def get_run(call: Call, repo: Repository) -> Answer:
    """`GET /repos/{owner}/{repo}/actions/runs/{run_id}`."""
    return Answer(data=call.shapes.run(repo, _run(call, repo)))


def run_jobs(call: Call, repo: Repository) -> Answer:
    """`GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs`: of the newest attempt, or of all."""
    run = _run(call, repo)
    everything = call.query.get("filter") == "all"
    jobs = [row for row in run.jobs if everything or row.attempt == run.attempt]
    return call.page([call.shapes.job(repo, run, row) for row in jobs], "jobs")


def attempt_jobs(call: Call, repo: Repository) -> Answer:
    """`GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs`."""
    run = _run(call, repo)
    jobs = [row for row in run.jobs if row.attempt == int(call.params["attempt_number"])]
    return call.page([call.shapes.job(repo, run, row) for row in jobs], "jobs")


def workflow_runs(call: Call, repo: Repository) -> Answer:
    """`GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs`, newest first."""
    workflow = call.params["workflow_id"]
    rows = [
        run
        for run in sorted(repo.runs.values(), key=lambda run: run.id, reverse=True)
        if workflow in {str(run.workflow), run.path.rsplit("/", 1)[-1]} and _matches(call, run)
    ]
    return call.page([call.shapes.run(repo, row) for row in rows], "workflow_runs")


def _matches(call: Call, run: Run) -> bool:
    state = call.query.get("status")
    if state and state not in {run.conclusion, "completed" if run.conclusion else "in_progress"}:
        return False
    if call.query.get("exclude_pull_requests") == "true" and run.event == "pull_request":
        return False
    return call.query.get("branch") in {None, run.head_branch} and call.query.get("event") in {None, run.event}


def artifacts(call: Call, repo: Repository) -> Answer:
    """`GET /repos/{owner}/{repo}/actions/runs/{run_id}/artifacts`."""
    run = _run(call, repo)
    return call.page([call.shapes.artifact(repo, run, row) for row in run.artifacts], "artifacts")


def artifact(call: Call, repo: Repository) -> Answer:
    """`GET /repos/{owner}/{repo}/actions/artifacts/{artifact_id}/zip`."""
    wanted = int(call.params["artifact_id"])
    found = next((row for run in repo.runs.values() for row in run.artifacts if row.id == wanted), None)
    if found is None:
        raise failed(404, "Not Found")
    if found.expired:
        raise failed(410, "Artifact has expired")
    if call.viewer.kind == "anonymous":
        raise failed(401, "Requires authentication")
    link = call.world.blob(found.content, "application/zip")
    return Answer(status=302, headers={"Location": link}, empty=True)


# ------------------------------------------------------------------------------------------ checks and statuses


def get_check(call: Call, repo: Repository) -> Answer:
    """`GET /repos/{owner}/{repo}/check-runs/{check_run_id}`, an Actions job's too."""
    number = int(call.params["check_run_id"])
    if number in repo.checks:
        return Answer(data=call.shapes.check(repo, repo.checks[number]))
    found = repo.jobs().get(number)
    if found is None:
        raise failed(404, "Not Found")
    return Answer(data=call.shapes.actions_check(repo, *found))


def check_annotations(call: Call, repo: Repository) -> Answer:
    """`GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations`."""
    number = int(call.params["check_run_id"])
    if number in repo.jobs():
        return call.page([])
    if number not in repo.checks:
        raise failed(404, "Not Found")
    return call.page(repo.checks[number].annotations)


def statuses(call: Call, repo: Repository) -> Answer:
    """`GET /repos/{owner}/{repo}/commits/{ref}/statuses`, newest first."""
    rows = [row for row in reversed(repo.statuses) if row.sha == call.params["ref"]]
    return call.page([call.shapes.status(repo, row) for row in rows])


# ------------------------------------------------------------------------------------------ pull requests


def find_pull(call: Call, repo: Repository) -> Issue:
    """The pull request that the path names."""
    row = repo.issues.get(int(call.params["pull_number"]))
    if row is None or row.pull is None:
        raise failed(404, "Not Found")
    return row


def get_pull(call: Call, repo: Repository) -> Answer:
    """`GET /repos/{owner}/{repo}/pulls/{pull_number}`."""
    return Answer(data=call.shapes.pull(repo, find_pull(call, repo)))


def pull_files(call: Call, repo: Repository) -> Answer:
    """`GET /repos/{owner}/{repo}/pulls/{pull_number}/files`: 3,000 at most."""
    row = find_pull(call, repo)
    changes = row.pull.changes[:3000] if row.pull else []
    sha = row.pull.head_sha if row.pull else ""
    return call.page([call.shapes.change(repo, sha, change) for change in changes])
