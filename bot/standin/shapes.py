"""Records in GitHub's words: the JSON of its answers and webhooks.

Every shape is complete by GitHub's published description; the tests hold each answer against it.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from datetime import datetime
from typing import Any

from bot.standin.records import (
    App,
    Artifact,
    CheckRun,
    Comment,
    Delivery,
    FileChange,
    Installation,
    Issue,
    Reaction,
    Repository,
    Run,
    Status,
    User,
    WorkflowJob,
)
from bot.standin.world import World

JSON = dict[str, Any]

REPOSITORY_LINKS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
USER_LINKS = {
    "events_url": "/events{/privacy}",
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "organizations_url": "/orgs",
    "received_events_url": "/received_events",
    "repos_url": "/repos",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
}
REACTIONS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")


def when(instant: datetime | None) -> str | None:
    """An instant as GitHub writes it."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ") if instant else None


def node(kind: str, number: int) -> str:
    """A GraphQL node id; opaque."""
    return base64.b64encode(f"{kind}{number}".encode()).decode()


class Shapes:
    """Builds the JSON; knows the addresses and nothing of HTTP."""

    def __init__(self, world: World) -> None:
        self.world = world

    # -------------------------------------------------------------------------------- accounts and apps

    def user(self, login: str) -> JSON:
        """`simple-user`."""
        return self.account(self.world.user(login))

    def account(self, user: User) -> JSON:
        """`simple-user` of an account."""
        at = f"{self.world.api}/users/{user.login}"
        return {
            "login": user.login,
            "id": user.id,
            "node_id": node("User", user.id),
            "avatar_url": f"{self.world.web}/avatars/{user.id}",
            "gravatar_id": "",
            "url": at,
            "html_url": f"{self.world.web}/{user.login}",
            **{name: at + rest for name, rest in USER_LINKS.items()},
            "type": user.kind,
            "site_admin": False,
        }

    def me(self, login: str) -> JSON:
        """`public-user`, as `GET /user` answers."""
        user = self.world.user(login)
        nothing = dict.fromkeys(("bio", "blog", "company", "email", "hireable", "location", "name"))
        counts = dict.fromkeys(("followers", "following", "public_gists", "public_repos"), 0)
        made = when(user.created_at)
        dates = {"created_at": made, "updated_at": made}
        return {**self.account(user), "user_view_type": "public", **nothing, **counts, **dates}

    def app(self, app: App) -> JSON:
        """`integration`."""
        return {
            "id": app.id,
            "slug": app.slug,
            "node_id": node("App", app.id),
            "client_id": app.client_id,
            "owner": self.user(app.owner),
            "name": app.name,
            "description": "",
            "external_url": f"{self.world.web}/apps/{app.slug}",
            "html_url": f"{self.world.web}/apps/{app.slug}",
            "created_at": when(app.created_at),
            "updated_at": when(app.created_at),
            "permissions": app.permissions,
            "events": list(app.events),
            "installations_count": sum(1 for row in self.world.installations.values() if row.app == app.id),
        }

    def foreign_app(self, slug: str) -> JSON:
        """`integration` of an App that is only a name here: Actions, Zuul and the like."""
        number = int(hashlib.sha256(slug.encode()).hexdigest()[:6], 16)
        made = "2019-01-01T00:00:00Z"
        return {
            "id": number,
            "slug": slug,
            "node_id": node("App", number),
            "owner": self.user(slug),
            "name": slug,
            "description": "",
            "external_url": f"{self.world.web}/apps/{slug}",
            "html_url": f"{self.world.web}/apps/{slug}",
            "created_at": made,
            "updated_at": made,
            "permissions": {"checks": "write"},
            "events": [],
        }

    def installation(self, row: Installation) -> JSON:
        """`installation`."""
        account = self.world.user(row.account)
        at = f"{self.world.api}/app/installations/{row.id}"
        return {
            "id": row.id,
            "account": self.account(account),
            "access_tokens_url": f"{at}/access_tokens",
            "repositories_url": f"{self.world.api}/installation/repositories",
            "html_url": f"{self.world.web}/settings/installations/{row.id}",
            "app_id": row.app,
            "app_slug": self.world.apps[row.app].slug,
            "target_id": account.id,
            "target_type": account.kind,
            "repository_selection": "all" if row.repositories is None else "selected",
            "permissions": row.permissions,
            "events": list(self.world.apps[row.app].events),
            "created_at": when(row.created_at),
            "updated_at": when(row.created_at),
            "single_file_name": None,
            "suspended_at": when(row.suspended_at),
            "suspended_by": self.account(account) if row.suspended_at else None,
        }

    # -------------------------------------------------------------------------------- repositories

    def repository(self, repo: Repository, viewer: str = "") -> JSON:
        """`full-repository`, which holds what the smaller shapes ask."""
        at = f"{self.world.api}/repos/{repo.full_name}"
        page = f"{self.world.web}/{repo.full_name}"
        host = self.world.web.split("//")[-1]
        open_issues = sum(1 for row in repo.issues.values() if row.state == "open")
        made = when(repo.created_at)
        shape: JSON = {
            "id": repo.id,
            "node_id": node("Repository", repo.id),
            "name": repo.name,
            "full_name": repo.full_name,
            "private": repo.private,
            "visibility": "private" if repo.private else "public",
            "owner": self.user(repo.owner),
            "html_url": page,
            "description": None,
            "fork": repo.fork_of is not None,
            "url": at,
            **{name: at + rest for name, rest in REPOSITORY_LINKS.items()},
            "git_url": f"git://{host}/{repo.full_name}.git",
            "ssh_url": f"git@{host}:{repo.full_name}.git",
            "clone_url": f"{page}.git",
            "svn_url": page,
            "mirror_url": None,
            "homepage": None,
            "language": "Python",
            "license": None,
            "default_branch": repo.default_branch,
            "archived": repo.archived,
            "disabled": repo.disabled,
            "has_issues": repo.has_issues,
            "has_projects": True,
            "has_wiki": True,
            "has_pages": False,
            "has_downloads": True,
            "has_discussions": False,
            "is_template": False,
            "topics": [],
            "open_issues": open_issues,
            "open_issues_count": open_issues,
            **dict.fromkeys(("forks", "forks_count", "stargazers_count", "watchers", "watchers_count", "size"), 0),
            "network_count": 0,
            "subscribers_count": 0,
            "allow_forking": True,
            "web_commit_signoff_required": False,
            "created_at": made,
            "updated_at": made,
            "pushed_at": made,
        }
        if viewer:
            shape["permissions"] = {
                role: self.world.at_least(repo, viewer, name)
                for role, name in (
                    ("admin", "admin"),
                    ("maintain", "maintain"),
                    ("push", "write"),
                    ("triage", "triage"),
                    ("pull", "read"),
                )
            }
        if repo.fork_of is not None and repo.fork_of in self.world.repositories:
            origin = self.repository(self.world.repositories[repo.fork_of])
            shape |= {"parent": origin, "source": origin}
        return shape

    def minimal_repository(self, repo: Repository) -> JSON:
        """`minimal-repository` and `repository`: the same without its parents."""
        shape = self.repository(repo)
        shape.pop("parent", None)
        shape.pop("source", None)
        return shape

    def content(self, repo: Repository, path: str, text: str) -> JSON:
        """`content-file`."""
        raw = text.encode()
        sha = hashlib.sha1(raw, usedforsecurity=False).hexdigest()
        at = f"{self.world.api}/repos/{repo.full_name}/contents/{path}"
        page = f"{self.world.web}/{repo.full_name}/blob/{repo.default_branch}/{path}"
        blob = f"{self.world.api}/repos/{repo.full_name}/git/blobs/{sha}"
        return {
            "type": "file",
            "encoding": "base64",
            "size": len(raw),
            "name": path.rsplit("/", 1)[-1],
            "path": path,
            "content": base64.encodebytes(raw).decode(),
            "sha": sha,
            "url": at,
            "git_url": blob,
            "html_url": page,
            "download_url": f"{self.world.web}/{repo.full_name}/raw/{repo.default_branch}/{path}",
            "_links": {"git": blob, "self": at, "html": page},
        }

    def directory(self, repo: Repository, path: str, names: dict[str, str]) -> list[JSON]:
        """`content-directory`: names with their kind (file or dir)."""
        rows = []
        for name, kind in sorted(names.items()):
            row = self.content(repo, f"{path}/{name}".strip("/"), "")
            row |= {"type": kind, "size": 0}
            del row["content"], row["encoding"]
            rows.append(row)
        return rows

    # -------------------------------------------------------------------------------- issues and pull requests

    def issue(self, repo: Repository, row: Issue) -> JSON:
        """`issue`; a pull request's issue where it is one."""
        at = f"{self.world.api}/repos/{repo.full_name}/issues/{row.number}"
        kind = "pull" if row.pull else "issues"
        page = f"{self.world.web}/{repo.full_name}/{kind}/{row.number}"
        shape: JSON = {
            "url": at,
            "repository_url": f"{self.world.api}/repos/{repo.full_name}",
            "labels_url": f"{at}/labels{{/name}}",
            "comments_url": f"{at}/comments",
            "events_url": f"{at}/events",
            "timeline_url": f"{at}/timeline",
            "html_url": page,
            "id": row.id,
            "node_id": node("Issue", row.id),
            "number": row.number,
            "title": row.title,
            "user": self.user(row.user),
            "labels": [self.label(repo, name) for name in row.labels],
            "state": row.state,
            "state_reason": row.state_reason,
            "locked": row.locked,
            "active_lock_reason": None,
            "assignee": None,
            "assignees": [],
            "milestone": None,
            "comments": len(row.comments),
            "created_at": when(row.created_at),
            "updated_at": when(row.updated_at),
            "closed_at": when(row.closed_at),
            "author_association": self.world.association(repo, row.user),
            "body": row.body,
            "performed_via_github_app": self.app(self.world.apps[row.app]) if row.app else None,
            "reactions": self.rollup(f"{at}/reactions", []),
        }
        if row.pull:
            shape["draft"] = False
            shape["pull_request"] = {
                "url": f"{self.world.api}/repos/{repo.full_name}/pulls/{row.number}",
                "html_url": page,
                "diff_url": f"{page}.diff",
                "patch_url": f"{page}.patch",
                "merged_at": when(row.pull.merged_at),
            }
        return shape

    def label(self, repo: Repository, name: str) -> JSON:
        """A label."""
        number = int(hashlib.sha256(name.encode()).hexdigest()[:6], 16)
        return {
            "id": number,
            "node_id": node("Label", number),
            "url": f"{self.world.api}/repos/{repo.full_name}/labels/{name}",
            "name": name,
            "color": "ededed",
            "default": False,
            "description": None,
        }

    def rollup(self, url: str, reactions: list[Reaction]) -> JSON:
        """`reaction-rollup`."""
        counts = Counter(row.content for row in reactions)
        return {"url": url, "total_count": len(reactions), **{name: counts[name] for name in REACTIONS}}

    def reaction(self, row: Reaction) -> JSON:
        """`reaction`."""
        return {
            "id": row.id,
            "node_id": node("Reaction", row.id),
            "user": self.user(row.user),
            "content": row.content,
            "created_at": when(row.created_at),
        }

    def comment(self, repo: Repository, issue: Issue, row: Comment) -> JSON:
        """`issue-comment`."""
        at = f"{self.world.api}/repos/{repo.full_name}/issues/comments/{row.id}"
        kind = "pull" if issue.pull else "issues"
        return {
            "url": at,
            "html_url": f"{self.world.web}/{repo.full_name}/{kind}/{issue.number}#issuecomment-{row.id}",
            "issue_url": f"{self.world.api}/repos/{repo.full_name}/issues/{issue.number}",
            "id": row.id,
            "node_id": node("IssueComment", row.id),
            "user": self.user(row.user),
            "created_at": when(row.created_at),
            "updated_at": when(row.updated_at),
            "body": row.body,
            "author_association": self.world.association(repo, row.user),
            "performed_via_github_app": self.app(self.world.apps[row.app]) if row.app else None,
            "reactions": self.rollup(f"{at}/reactions", row.reactions),
        }

    def review_comment(self, repo: Repository, issue: Issue, row: Comment) -> JSON:
        """`pull-request-review-comment`."""
        at = f"{self.world.api}/repos/{repo.full_name}/pulls/comments/{row.id}"
        page = f"{self.world.web}/{repo.full_name}/pull/{issue.number}#discussion_r{row.id}"
        pull = f"{self.world.api}/repos/{repo.full_name}/pulls/{issue.number}"
        sha = issue.pull.head_sha if issue.pull else ""
        shape: JSON = {
            "url": at,
            "pull_request_review_id": row.review,
            "id": row.id,
            "node_id": node("ReviewComment", row.id),
            "diff_hunk": "@@ -1 +1 @@",
            "path": row.path,
            "position": 1,
            "original_position": 1,
            "line": 1,
            "original_line": 1,
            "side": "RIGHT",
            "start_line": None,
            "original_start_line": None,
            "start_side": None,
            "subject_type": "line",
            "commit_id": sha,
            "original_commit_id": sha,
            "user": self.user(row.user),
            "body": row.body,
            "created_at": when(row.created_at),
            "updated_at": when(row.updated_at),
            "html_url": page,
            "pull_request_url": pull,
            "author_association": self.world.association(repo, row.user),
            "_links": {"self": {"href": at}, "html": {"href": page}, "pull_request": {"href": pull}},
            "reactions": self.rollup(f"{at}/reactions", row.reactions),
        }
        if row.in_reply_to:
            shape["in_reply_to_id"] = row.in_reply_to
        return shape

    def review(self, repo: Repository, issue: Issue, row: Comment) -> JSON:
        """A review, as webhooks carry it."""
        page = f"{self.world.web}/{repo.full_name}/pull/{issue.number}"
        pull = f"{self.world.api}/repos/{repo.full_name}/pulls/{issue.number}"
        here = f"{page}#pullrequestreview-{row.id}"
        return {
            "id": row.id,
            "node_id": node("Review", row.id),
            "user": self.user(row.user),
            "body": row.body,
            "commit_id": issue.pull.head_sha if issue.pull else "",
            "submitted_at": when(row.created_at),
            "updated_at": when(row.updated_at),
            "state": "commented",
            "html_url": here,
            "pull_request_url": pull,
            "author_association": self.world.association(repo, row.user),
            "_links": {"html": {"href": here}, "pull_request": {"href": pull}},
        }

    def pull(self, repo: Repository, row: Issue) -> JSON:
        """`pull-request`, which holds what `pull-request-simple` asks."""
        pull = row.pull
        if pull is None:
            raise ValueError(f"{repo.full_name}#{row.number} is no pull request")
        at = f"{self.world.api}/repos/{repo.full_name}/pulls/{row.number}"
        issue = f"{self.world.api}/repos/{repo.full_name}/issues/{row.number}"
        page = f"{self.world.web}/{repo.full_name}/pull/{row.number}"
        links = {
            "self": at,
            "html": page,
            "issue": issue,
            "comments": f"{issue}/comments",
            "review_comments": f"{at}/comments",
            "review_comment": f"{self.world.api}/repos/{repo.full_name}/pulls/comments{{/number}}",
            "commits": f"{at}/commits",
            "statuses": f"{self.world.api}/repos/{repo.full_name}/statuses/{pull.head_sha}",
        }
        head = self.world.repositories.get(pull.head_repository or 0)
        return {
            "url": at,
            "id": row.id,
            "node_id": node("PullRequest", row.id),
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "issue_url": issue,
            "comments_url": links["comments"],
            "commits_url": links["commits"],
            "review_comments_url": links["review_comments"],
            "review_comment_url": links["review_comment"],
            "statuses_url": links["statuses"],
            "number": row.number,
            "state": row.state,
            "locked": row.locked,
            "title": row.title,
            "user": self.user(row.user),
            "body": row.body,
            "labels": [],
            "milestone": None,
            "active_lock_reason": None,
            "created_at": when(row.created_at),
            "updated_at": when(row.updated_at),
            "closed_at": when(row.closed_at),
            "merged_at": when(pull.merged_at),
            "merge_commit_sha": None,
            "assignee": None,
            "assignees": [],
            "requested_reviewers": [],
            "requested_teams": [],
            "head": self.end(pull.head_owner, pull.head_ref, pull.head_sha, head),
            "base": self.end(repo.owner, pull.base_ref, pull.base_sha, repo),
            "_links": {name: {"href": href} for name, href in links.items()},
            "author_association": self.world.association(repo, row.user),
            "auto_merge": None,
            "draft": False,
            "merged": pull.merged_at is not None,
            "mergeable": True,
            "mergeable_state": "clean",
            "merged_by": None,
            "comments": len(row.comments),
            "review_comments": len(pull.review_comments),
            "maintainer_can_modify": False,
            "commits": 1,
            "additions": 1,
            "deletions": 0,
            "changed_files": len(pull.changes),
        }

    def end(self, owner: str, ref: str, sha: str, repo: Repository | None) -> JSON:
        """A pull request's head or base."""
        shape = {"label": f"{owner}:{ref}", "ref": ref, "sha": sha, "user": self.user(owner)}
        return {**shape, "repo": self.minimal_repository(repo) if repo else None}

    def pull_minimal(self, repo: Repository, row: Issue) -> JSON:
        """`pull-request-minimal`: what a run says of its pull requests."""

        def end(ref: str, sha: str, of: Repository) -> JSON:
            at = f"{self.world.api}/repos/{of.full_name}"
            return {"ref": ref, "sha": sha, "repo": {"id": of.id, "url": at, "name": of.name}}

        if row.pull is None:
            raise ValueError(f"{repo.full_name}#{row.number} is no pull request")
        head = self.world.repositories.get(row.pull.head_repository or 0, repo)
        return {
            "id": row.id,
            "number": row.number,
            "url": f"{self.world.api}/repos/{repo.full_name}/pulls/{row.number}",
            "head": end(row.pull.head_ref, row.pull.head_sha, head),
            "base": end(row.pull.base_ref, row.pull.base_sha, repo),
        }

    def change(self, repo: Repository, sha: str, row: FileChange) -> JSON:
        """`diff-entry`."""
        lines = (row.patch or "").splitlines()
        added = sum(1 for line in lines if line.startswith("+"))
        deleted = sum(1 for line in lines if line.startswith("-"))
        shape: JSON = {
            "sha": hashlib.sha1(row.filename.encode(), usedforsecurity=False).hexdigest(),
            "filename": row.filename,
            "status": row.status,
            "additions": added,
            "deletions": deleted,
            "changes": added + deleted,
            "blob_url": f"{self.world.web}/{repo.full_name}/blob/{sha}/{row.filename}",
            "raw_url": f"{self.world.web}/{repo.full_name}/raw/{sha}/{row.filename}",
            "contents_url": f"{self.world.api}/repos/{repo.full_name}/contents/{row.filename}?ref={sha}",
        }
        if row.patch is not None:
            shape["patch"] = row.patch
        if row.previous_filename:
            shape["previous_filename"] = row.previous_filename
        return shape

    # -------------------------------------------------------------------------------- Actions, checks, statuses

    def pulls_of(self, repo: Repository, sha: str, *, from_forks: bool = False) -> list[JSON]:
        """The pull requests a run or check names: never those from forks."""
        return [
            self.pull_minimal(repo, row)
            for row in repo.issues.values()
            if row.pull
            and row.pull.head_sha == sha
            and row.state == "open"
            and (from_forks or row.pull.head_repository == repo.id)
        ]

    def run(self, repo: Repository, row: Run) -> JSON:
        """`workflow-run`."""
        at = f"{self.world.api}/repos/{repo.full_name}/actions/runs/{row.id}"
        head = self.world.repositories.get(row.head_repository or 0)
        attempt = f"{at}/attempts/{row.attempt - 1}" if row.attempt > 1 else None
        author = {"name": row.actor, "email": f"{row.actor}@users.example.org"}
        return {
            "id": row.id,
            "name": row.name,
            "node_id": node("WorkflowRun", row.id),
            "head_branch": row.head_branch,
            "head_sha": row.head_sha,
            "path": row.path,
            "display_title": row.name,
            "run_number": row.number,
            "event": row.event,
            "status": "completed" if row.conclusion else "in_progress",
            "conclusion": row.conclusion,
            "workflow_id": row.workflow,
            "check_suite_id": row.id + 1_000_000,
            "check_suite_node_id": node("CheckSuite", row.id),
            "url": at,
            "html_url": f"{self.world.web}/{repo.full_name}/actions/runs/{row.id}",
            "pull_requests": self.pulls_of(repo, row.head_sha),
            "created_at": when(row.created_at),
            "updated_at": when(row.updated_at),
            "run_started_at": when(row.created_at),
            "run_attempt": row.attempt,
            "referenced_workflows": [],
            "actor": self.user(row.actor),
            "triggering_actor": self.user(row.actor),
            "jobs_url": f"{at}/jobs",
            "logs_url": f"{at}/logs",
            "check_suite_url": f"{self.world.api}/repos/{repo.full_name}/check-suites/{row.id + 1_000_000}",
            "artifacts_url": f"{at}/artifacts",
            "cancel_url": f"{at}/cancel",
            "rerun_url": f"{at}/rerun",
            "previous_attempt_url": attempt,
            "workflow_url": f"{self.world.api}/repos/{repo.full_name}/actions/workflows/{row.workflow}",
            "head_commit": {
                "id": row.head_sha,
                "tree_id": row.head_sha,
                "message": row.name,
                "timestamp": when(row.created_at),
                "author": author,
                "committer": author,
            },
            "repository": self.minimal_repository(repo),
            "head_repository": self.minimal_repository(head) if head else None,
        }

    def job(self, repo: Repository, run: Run, row: WorkflowJob) -> JSON:
        """`job`."""
        steps = [
            {
                "name": name,
                "status": "completed",
                "conclusion": conclusion,
                "number": number,
                "started_at": when(row.started_at),
                "completed_at": when(row.completed_at),
            }
            for number, (name, conclusion) in enumerate(row.steps, 1)
        ]
        api = f"{self.world.api}/repos/{repo.full_name}"
        return {
            "id": row.id,
            "run_id": run.id,
            "run_url": f"{api}/actions/runs/{run.id}",
            "run_attempt": row.attempt,
            "workflow_name": run.name,
            "head_branch": run.head_branch,
            "node_id": node("Job", row.id),
            "head_sha": run.head_sha,
            "url": f"{api}/actions/jobs/{row.id}",
            "html_url": self.job_page(repo, run, row),
            "status": "completed" if row.conclusion else "in_progress",
            "conclusion": row.conclusion,
            "created_at": when(row.started_at),
            "started_at": when(row.started_at),
            "completed_at": when(row.completed_at),
            "name": row.name,
            "steps": steps,
            "check_run_url": f"{api}/check-runs/{row.id}",
            "labels": ["ubuntu-latest"],
            "runner_id": 1,
            "runner_name": "Stand-in 1",
            "runner_group_id": 1,
            "runner_group_name": "Stand-in",
        }

    def job_page(self, repo: Repository, run: Run, row: WorkflowJob) -> str:
        """Where a human reads a job."""
        return f"{self.world.web}/{repo.full_name}/actions/runs/{run.id}/job/{row.id}"

    def artifact(self, repo: Repository, run: Run, row: Artifact) -> JSON:
        """`artifact`."""
        at = f"{self.world.api}/repos/{repo.full_name}/actions/artifacts/{row.id}"
        return {
            "id": row.id,
            "node_id": node("Artifact", row.id),
            "name": row.name,
            "size_in_bytes": len(row.content),
            "url": at,
            "archive_download_url": f"{at}/zip",
            "expired": row.expired,
            "created_at": when(row.created_at),
            "expires_at": when(row.created_at),
            "updated_at": when(row.created_at),
            "workflow_run": {"id": run.id, "repository_id": repo.id, "head_branch": run.head_branch},
        }

    def actions_check(self, repo: Repository, run: Run, row: WorkflowJob) -> JSON:
        """`check-run` of an Actions job: it has the job's id."""
        at = f"{self.world.api}/repos/{repo.full_name}/check-runs/{row.id}"
        return {
            "id": row.id,
            "name": row.name,
            "node_id": node("CheckRun", row.id),
            "head_sha": run.head_sha,
            "external_id": f"{row.id:08x}",
            "url": at,
            "html_url": self.job_page(repo, run, row),
            "details_url": self.job_page(repo, run, row),
            "status": "completed" if row.conclusion else "in_progress",
            "conclusion": row.conclusion,
            "started_at": when(row.started_at),
            "completed_at": when(row.completed_at),
            "output": self.output(at, None, None, None, 0),
            "check_suite": {"id": run.id + 1_000_000},
            "app": self.foreign_app("github-actions"),
            "pull_requests": self.pulls_of(repo, run.head_sha),
        }

    def check(self, repo: Repository, row: CheckRun) -> JSON:
        """`check-run` of another App."""
        at = f"{self.world.api}/repos/{repo.full_name}/check-runs/{row.id}"
        return {
            "id": row.id,
            "name": row.name,
            "node_id": node("CheckRun", row.id),
            "head_sha": row.head_sha,
            "external_id": row.external_id,
            "url": at,
            "html_url": f"{self.world.web}/{repo.full_name}/runs/{row.id}",
            "details_url": row.details_url,
            "status": "completed" if row.conclusion else "in_progress",
            "conclusion": row.conclusion,
            "started_at": when(row.started_at),
            "completed_at": when(row.completed_at),
            "output": self.output(at, row.title, row.summary, row.text, len(row.annotations)),
            "check_suite": {"id": row.id + 1_000_000},
            "app": self.foreign_app(row.app_slug),
            "pull_requests": self.pulls_of(repo, row.head_sha),
        }

    def output(self, at: str, title: str | None, summary: str | None, text: str | None, annotations: int) -> JSON:
        """A check run's output."""
        return {
            "title": title,
            "summary": summary,
            "text": text,
            "annotations_count": annotations,
            "annotations_url": f"{at}/annotations",
        }

    def suite(self, repo: Repository, check: JSON) -> JSON:
        """`simple-check-suite`, which a check run's webhook carries."""
        pulls = check["pull_requests"]
        fields = ("head_sha", "status", "conclusion", "app", "pull_requests")
        return {
            "id": check["check_suite"]["id"],
            "node_id": node("CheckSuite", check["check_suite"]["id"]),
            "head_branch": pulls[0]["head"]["ref"] if pulls else repo.commits.get(check["head_sha"]),
            "url": f"{self.world.api}/repos/{repo.full_name}/check-suites/{check['check_suite']['id']}",
            "before": "0" * 40,
            "after": check["head_sha"],
            "created_at": check["started_at"],
            "updated_at": check["completed_at"],
            **{name: check[name] for name in fields},
        }

    def status(self, repo: Repository, row: Status) -> JSON:
        """`status`."""
        return {
            "url": f"{self.world.api}/repos/{repo.full_name}/statuses/{row.sha}",
            "avatar_url": None,
            "id": row.id,
            "node_id": node("Status", row.id),
            "state": row.state,
            "description": row.description,
            "target_url": row.target_url,
            "context": row.context,
            "created_at": when(row.created_at),
            "updated_at": when(row.created_at),
            "creator": self.user(row.creator),
        }

    def delivery(self, row: Delivery) -> JSON:
        """`hook-delivery-item`."""
        return {
            "id": row.id,
            "guid": row.guid,
            "delivered_at": when(row.delivered_at),
            "redelivery": row.redelivery,
            "duration": row.duration,
            "status": row.status,
            "status_code": row.status_code,
            "event": row.event,
            "action": row.action,
            "installation_id": row.installation,
            "repository_id": row.repository,
            "throttled_at": None,
        }
