"""What happens on the stand-in: each verb changes the world and sends the webhooks that GitHub would send.

Tests and the demonstration play through these; the API's own handlers use them for what they write.
"""

from __future__ import annotations

import hashlib
import io
import secrets
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.standin.hooks import announce, emit
from bot.standin.records import (
    App,
    Artifact,
    CheckRun,
    Comment,
    FileChange,
    Installation,
    Issue,
    Pull,
    Reaction,
    Repository,
    Run,
    Status,
    Token,
    WorkflowJob,
)
from bot.standin.shapes import Shapes, when
from bot.standin.world import World

EMPTY = "0" * 40

# ------------------------------------------------------------------------------------------ accounts and apps


def organisation(world: World, login: str, members: Iterable[str] = ()) -> None:
    """Make an organisation."""
    account = world.user(login)
    account.kind = "Organization"
    account.members |= set(members)


def make_app(
    world: World, manifest: Mapping[str, Any], owner: str = "operators", key: rsa.RSAPrivateKey | None = None
) -> App:
    """Register an App from a manifest, as the manifest flow does; its key is made here where none is given."""
    name = str(manifest.get("name") or "Upriver")
    hook = manifest.get("hook_attributes") or {}
    if not manifest.get("url"):
        raise ValueError("url is missing")
    key = key or rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    number = world.new_id()
    slug = "-".join(name.lower().split())
    taken = {row.slug for row in world.apps.values()}
    app = App(
        id=number,
        slug=slug if slug not in taken else f"{slug}-{number}",
        name=name,
        owner=owner,
        private_key=private.decode(),
        public_key=public.decode(),
        webhook_url=str(hook.get("url", "")),
        webhook_secret=secrets.token_hex(20),
        client_id=f"Iv1.{secrets.token_hex(8)}",
        client_secret=secrets.token_hex(20),
        permissions={**(manifest.get("default_permissions") or {}), "metadata": "read"},
        events=tuple(manifest.get("default_events") or ()),
        created_at=world.now(),
    )
    world.apps[app.id] = app
    world.user(app.bot)
    world.user(owner)
    return app


def install(world: World, app: App, account: str, repositories: Sequence[str] | None = None) -> Installation:
    """Install an App on an account, on some repositories or on all."""
    chosen = None if repositories is None else {world.repository(f"{account}/{name}").id for name in repositories}
    row = Installation(
        id=world.new_id(),
        app=app.id,
        account=account,
        repositories=chosen,
        permissions=dict(app.permissions),
        created_at=world.now(),
    )
    world.installations[row.id] = row
    shapes = Shapes(world)
    names = [
        {"id": repo.id, "node_id": "", "name": repo.name, "full_name": repo.full_name, "private": repo.private}
        for repo in world.covered(row)
    ]
    body = {"action": "created", "installation": shapes.installation(row), "repositories": names}
    emit(world, app, "installation", {**body, "sender": shapes.user(account)}, row)
    return row


def uninstall(world: World, row: Installation) -> None:
    """Remove an installation; its tokens die with it."""
    shapes = Shapes(world)
    body = {"action": "deleted", "installation": shapes.installation(row), "repositories": []}
    emit(world, world.apps[row.app], "installation", {**body, "sender": shapes.user(row.account)}, row)
    del world.installations[row.id]


def suspend(world: World, row: Installation, *, suspended: bool = True) -> None:
    """Suspend an installation, or take it back."""
    row.suspended_at = world.now() if suspended else None
    shapes = Shapes(world)
    body = {"action": "suspend" if suspended else "unsuspend", "installation": shapes.installation(row)}
    emit(world, world.apps[row.app], "installation", {**body, "sender": shapes.user(row.account)}, row)


def personal_token(world: World, login: str, *scopes: str, fine_grained: bool = False) -> str:
    """A personal access token: classic with scopes, or fine-grained."""
    text = ("github_pat_" if fine_grained else "ghp_") + secrets.token_hex(18)
    kind = "fine-grained" if fine_grained else "classic"
    world.user(login)
    world.tokens[text] = Token(text=text, kind=kind, login=login, scopes=frozenset(scopes))
    return text


def sign_in(world: World, app: App, login: str) -> str:
    """An App's user token for somebody who signed in."""
    text = f"ghu_{secrets.token_hex(18)}"
    world.user(login)
    until = world.now() + timedelta(hours=8)
    world.tokens[text] = Token(text=text, kind="user", login=login, app=app.id, expires_at=until)
    return text


# ------------------------------------------------------------------------------------------ repositories


def repository(world: World, full_name: str, **settings: Any) -> Repository:
    """Make a repository."""
    owner, name = full_name.split("/")
    row = Repository(id=world.new_id(), owner=owner, name=name, created_at=world.now(), **settings)
    world.user(owner)
    for login in row.collaborators:
        world.user(login)
    world.repositories[row.id] = row
    return row


def rename(world: World, repo: Repository, full_name: str) -> None:
    """Rename or transfer a repository: the old name redirects."""
    world.moved[repo.full_name.lower()] = repo.id
    repo.owner, repo.name = full_name.split("/")
    world.user(repo.owner)


def push(world: World, repo: Repository, branch: str = "") -> str:
    """A new commit on a branch."""
    sha = world.new_sha()
    repo.commits[sha] = branch or repo.default_branch
    return sha


def open_pull(
    world: World,
    repo: Repository,
    login: str,
    title: str = "A change",
    *,
    fork: bool = False,
    changes: Sequence[FileChange] = (),
    branch: str = "change",
    body: str = "",
) -> Issue:
    """Open a pull request, from a fork where said."""
    head = repo
    if fork:
        name = f"{login}/{repo.name}"
        head = world.find(name) or repository(world, name, fork_of=repo.id, private=repo.private)
    number = world.issue_numbers(repo)
    sha = world.new_sha()
    if not fork:
        repo.commits[sha] = branch
    pull = Pull(
        head_repository=head.id,
        head_owner=head.owner,
        head_ref=branch,
        head_sha=sha,
        base_ref=repo.default_branch,
        base_sha=world.new_sha(),
        changes=list(changes),
    )
    row = Issue(
        id=world.new_id(),
        number=number,
        title=title,
        body=body,
        user=world.user(login).login,
        pull=pull,
        created_at=world.now(),
        updated_at=world.now(),
    )
    repo.issues[number] = row
    return row


# ------------------------------------------------------------------------------------------ jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A job to be played."""

    name: str = "test"
    conclusion: str = "failure"
    log: bytes = b""
    steps: Sequence[tuple[str, str]] = (("Set up job", "success"), ("Run tests", "failure"))
    log_late: int = 0
    log_expired: bool = False
    ended: datetime | None = None
    """When it ended; None: now. A job of the past is judged by what was known then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What a run runs for."""

    pull: Issue | None = None
    branch: str = ""
    event: str = ""
    sha: str = ""
    actor: str = ""
    workflow: str = "CI"
    path: str = ".github/workflows/ci.yml"
    took: timedelta = field(default=timedelta(minutes=3))


def finish_run(
    world: World,
    repo: Repository,
    jobs: Sequence[Played],
    trigger: Trigger | None = None,
    *,
    artifacts: Mapping[str, Mapping[str, bytes]] | None = None,
    events: Sequence[str] = (),
    rerun: Run | None = None,
) -> Run:
    """Let a workflow run finish and send what GitHub sends: check_run and workflow_job a job, workflow_run at the end.

    `events` narrows what is sent; `rerun` makes it the next attempt of that run, with new job ids.
    """
    given = trigger or Trigger()
    run = _again(world, rerun) if rerun else _new_run(world, repo, given)
    for played in jobs:
        run.jobs.append(_job(world, run, played, given.took))
    failed = any(played.conclusion not in {"success", "skipped", "neutral"} for played in jobs)
    run.conclusion = "failure" if failed else "success"
    for name, files in (artifacts or {}).items():
        content = zipped(files)
        made = world.now()
        run.artifacts.append(Artifact(id=world.new_id(), name=name, content=content, run=run.id, created_at=made))
    _announce_run(world, repo, run, events or ("check_run", "workflow_job", "workflow_run"))
    return run


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of some files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _again(world: World, run: Run) -> Run:
    run.attempt += 1
    run.updated_at = world.now()
    return run


def _new_run(world: World, repo: Repository, given: Trigger) -> Run:
    pull = given.pull.pull if given.pull else None
    sha = pull.head_sha if pull else given.sha or push(world, repo, given.branch)
    number = sum(1 for run in repo.runs.values() if run.path == given.path) + 1
    actor = given.actor or (given.pull.user if given.pull else repo.owner)
    run = Run(
        id=world.new_id(),
        workflow=int(hashlib.sha256(f"{repo.id}{given.path}".encode()).hexdigest()[:6], 16),
        name=given.workflow,
        path=given.path,
        number=number,
        event=given.event or ("pull_request" if pull else "push"),
        attempt=1,
        conclusion=None,
        head_branch=pull.head_ref if pull else given.branch or repo.default_branch,
        head_sha=sha,
        head_repository=pull.head_repository if pull else repo.id,
        actor=world.user(actor).login,
        created_at=world.now() - given.took,
        updated_at=world.now(),
    )
    repo.runs[run.id] = run
    return run


def _job(world: World, run: Run, played: Played, took: timedelta) -> WorkflowJob:
    return WorkflowJob(
        id=world.new_id(),
        run=run.id,
        attempt=run.attempt,
        name=played.name,
        conclusion=played.conclusion,
        log=played.log,
        started_at=(played.ended or world.now()) - took,
        completed_at=played.ended or world.now(),
        steps=list(played.steps),
        log_late=played.log_late,
        log_expired=played.log_expired,
    )


def _announce_run(world: World, repo: Repository, run: Run, events: Sequence[str]) -> None:
    shapes = Shapes(world)
    actor = run.actor
    for job in run.jobs:
        if job.attempt != run.attempt:
            continue
        if "check_run" in events:
            check = shapes.actions_check(repo, run, job)
            check["check_suite"] = shapes.suite(repo, check)
            announce(world, repo, "check_run", {"action": "completed", "check_run": check}, actor)
        if "workflow_job" in events:
            body = {"action": "completed", "workflow_job": shapes.job(repo, run, job)}
            announce(world, repo, "workflow_job", body, actor)
    if "workflow_run" in events:
        body = {"action": "completed", "workflow_run": shapes.run(repo, run), "workflow": _workflow(world, repo, run)}
        announce(world, repo, "workflow_run", body, actor)


def _workflow(world: World, repo: Repository, run: Run) -> dict[str, Any]:
    at = f"{world.api}/repos/{repo.full_name}/actions/workflows/{run.workflow}"
    page = f"{world.web}/{repo.full_name}/blob/{repo.default_branch}/{run.path}"
    made = when(repo.created_at)
    row = {"id": run.workflow, "node_id": "", "name": run.name, "path": run.path, "state": "active"}
    return {
        **row,
        "created_at": made,
        "updated_at": made,
        "url": at,
        "html_url": page,
        "badge_url": f"{page}/badge.svg",
    }


def finish_check(
    world: World,
    repo: Repository,
    sha: str,
    name: str,
    app_slug: str,
    details_url: str,
    conclusion: str = "failure",
    **output: Any,
) -> CheckRun:
    """Let another App finish a check run."""
    row = CheckRun(
        id=world.new_id(),
        name=name,
        app_slug=app_slug,
        head_sha=sha,
        conclusion=conclusion,
        details_url=details_url,
        started_at=world.now() - timedelta(minutes=3),
        completed_at=world.now(),
        **output,
    )
    repo.checks[row.id] = row
    shapes = Shapes(world)
    check = shapes.check(repo, row)
    check["check_suite"] = shapes.suite(repo, check)
    announce(world, repo, "check_run", {"action": "completed", "check_run": check}, app_slug)
    return row


def set_status(
    world: World,
    repo: Repository,
    sha: str,
    context: str,
    target_url: str | None,
    state: str = "failure",
    creator: str = "ci",
) -> Status:
    """Let a CI set a commit status."""
    row = Status(
        id=world.new_id(),
        sha=sha,
        state=state,
        context=context,
        target_url=target_url,
        description="Build finished.",
        creator=world.user(creator).login,
        created_at=world.now(),
    )
    repo.statuses.append(row)
    branches = [
        {
            "name": name,
            "commit": {"sha": of, "url": f"{world.api}/repos/{repo.full_name}/commits/{of}"},
            "protected": False,
        }
        for of, name in repo.commits.items()
        if of == sha
    ]
    announce(world, repo, "status", _status_event(world, repo, row, branches), creator)
    return row


def _status_event(world: World, repo: Repository, row: Status, branches: list[dict[str, Any]]) -> dict[str, Any]:
    made = when(row.created_at)
    at = f"{world.api}/repos/{repo.full_name}"
    page = f"{world.web}/{repo.full_name}"
    person = {"name": row.creator, "email": f"{row.creator}@users.example.org", "date": made}
    commit: dict[str, Any] = {
        "sha": row.sha,
        "node_id": "",
        "commit": {
            "author": person,
            "committer": person,
            "message": "A change",
            "tree": {"sha": row.sha, "url": f"{at}/git/trees/{row.sha}"},
            "url": f"{at}/git/commits/{row.sha}",
            "comment_count": 0,
            "verification": {
                "verified": False,
                "reason": "unsigned",
                "signature": None,
                "payload": None,
                "verified_at": None,
            },
        },
        "url": f"{at}/commits/{row.sha}",
        "html_url": f"{page}/commit/{row.sha}",
        "comments_url": f"{at}/commits/{row.sha}/comments",
        "author": None,
        "committer": None,
        "parents": [],
    }
    fields = {name: getattr(row, name) for name in ("id", "sha", "state", "context", "target_url", "description")}
    return {
        **fields,
        "name": repo.full_name,
        "avatar_url": None,
        "commit": commit,
        "branches": branches,
        "created_at": made,
        "updated_at": made,
    }


# ------------------------------------------------------------------------------------------ what people write


def open_issue(
    world: World,
    repo: Repository,
    login: str,
    title: str,
    body: str = "",
    *,
    labels: Sequence[str] = (),
    app: int | None = None,
    at: datetime | None = None,
) -> Issue:
    """Open an issue."""
    made = at or world.now()
    row = Issue(
        id=world.new_id(),
        number=world.issue_numbers(repo),
        title=title,
        body=body,
        user=world.user(login).login,
        labels=list(labels),
        app=app,
        created_at=made,
        updated_at=made,
    )
    repo.issues[row.number] = row
    announce(world, repo, "issues", {"action": "opened", "issue": Shapes(world).issue(repo, row)}, login)
    return row


def set_state(world: World, repo: Repository, row: Issue, state: str, reason: str | None = None, by: str = "") -> None:
    """Close or reopen an issue."""
    row.state, row.updated_at = state, world.now()
    row.closed_at = world.now() if state == "closed" else None
    row.state_reason = (reason or "completed") if state == "closed" else "reopened"
    action = "closed" if state == "closed" else "reopened"
    announce(world, repo, "issues", {"action": action, "issue": Shapes(world).issue(repo, row)}, by or repo.owner)


def merge(world: World, repo: Repository, row: Issue) -> None:
    """Merge a pull request."""
    if row.pull is None:
        raise ValueError(f"{repo.full_name}#{row.number} is no pull request")
    row.state, row.pull.merged_at, row.closed_at = "closed", world.now(), world.now()


def comment(world: World, repo: Repository, number: int, login: str, body: str, *, app: int | None = None) -> Comment:
    """Comment on an issue or in a pull request's conversation."""
    issue = repo.issues[number]
    row = Comment(
        id=world.new_id(),
        user=world.user(login).login,
        body=body,
        number=number,
        created_at=world.now(),
        updated_at=world.now(),
        app=app,
    )
    issue.comments.append(row)
    issue.updated_at = world.now()
    _announce_comment(world, repo, issue, row, "created")
    return row


def edit_comment(world: World, repo: Repository, issue: Issue, row: Comment, body: str) -> None:
    """Edit a comment."""
    before, row.body, row.updated_at = row.body, body, world.now()
    issue.updated_at = world.now()
    _announce_comment(world, repo, issue, row, "edited", {"changes": {"body": {"from": before}}})


def _announce_comment(
    world: World, repo: Repository, issue: Issue, row: Comment, action: str, more: Mapping[str, Any] | None = None
) -> None:
    shapes = Shapes(world)
    body = {"action": action, "issue": shapes.issue(repo, issue), "comment": shapes.comment(repo, issue, row)}
    announce(world, repo, "issue_comment", {**body, **(more or {})}, row.user)


def review(world: World, repo: Repository, number: int, login: str, body: str) -> Comment:
    """Submit a review."""
    issue = repo.issues[number]
    row = Comment(
        id=world.new_id(),
        user=world.user(login).login,
        body=body,
        number=number,
        created_at=world.now(),
        updated_at=world.now(),
    )
    shapes = Shapes(world)
    shape = {"action": "submitted", "review": shapes.review(repo, issue, row), "pull_request": shapes.pull(repo, issue)}
    announce(world, repo, "pull_request_review", shape, login)
    return row


def review_comment(
    world: World,
    repo: Repository,
    number: int,
    login: str,
    body: str,
    *,
    path: str = "setup.py",
    in_reply_to: int | None = None,
) -> Comment:
    """Comment on a pull request's diff."""
    issue = repo.issues[number]
    if issue.pull is None:
        raise ValueError(f"{repo.full_name}#{number} is no pull request")
    row = Comment(
        id=world.new_id(),
        user=world.user(login).login,
        body=body,
        number=number,
        path=path,
        review=world.new_id(),
        in_reply_to=in_reply_to,
        created_at=world.now(),
        updated_at=world.now(),
    )
    issue.pull.review_comments.append(row)
    shapes = Shapes(world)
    shape = {"comment": shapes.review_comment(repo, issue, row), "pull_request": shapes.pull(repo, issue)}
    announce(world, repo, "pull_request_review_comment", {"action": "created", **shape}, login)
    return row


def react(world: World, row: Comment, login: str, content: str) -> Reaction:
    """React to a comment."""
    made = Reaction(id=world.new_id(), user=login, content=content, created_at=world.now())
    row.reactions.append(made)
    return made
