"""Every operation the stand-in knows: its path as GitHub's description has it, what it needs, who answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.standin import api_apps as apps
from bot.standin import api_issues as issues
from bot.standin import api_repos as repos
from bot.standin.answers import Answer, Call, Failed, failed
from bot.standin.credentials import allowed, sees
from bot.standin.records import Repository

Handler = Callable[[Call], Answer]
RepoHandler = Callable[[Call, Repository], Answer]
Needs = tuple[tuple[str, str], ...]
"""App permissions with their level; one of them is enough. Empty: no repository permission is asked."""

REPO = "/repos/{owner}/{repo}"
METADATA: Needs = (("metadata", "read"),)
ACTIONS: Needs = (("actions", "read"),)
CHECKS: Needs = (("checks", "read"),)
STATUSES: Needs = (("statuses", "read"),)
CONTENTS: Needs = (("contents", "read"),)
PULLS: Needs = (("pull_requests", "read"),)
ISSUES: Needs = (("issues", "read"),)
TALK: Needs = (("issues", "read"), ("pull_requests", "read"))
WRITE_ISSUES: Needs = (("issues", "write"),)
WRITE_PULLS: Needs = (("pull_requests", "write"),)
WRITE_TALK: Needs = (("issues", "write"), ("pull_requests", "write"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation."""

    method: str
    template: str
    plain: Handler | None = None
    of_repository: RepoHandler | None = None
    needs: Needs = ()
    writes: bool = False
    """Whether it counts against the secondary limit for creating content."""
    pattern: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        pattern = re.sub(r"\{path\}", "(?P<path>.*)", self.template)
        pattern = re.sub(r"\{(\w+_id|\w+_number)\}", r"(?P<\1>[0-9]+)", pattern)
        pattern = re.sub(r"(?<!\?P<)\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)
        object.__setattr__(self, "pattern", re.compile(pattern + "$"))


def _of(method: str, rest: str, handler: RepoHandler, needs: Needs) -> Route:
    writes = method == "POST"
    return Route(method=method, template=REPO + rest, of_repository=handler, needs=needs, writes=writes)


def _plain(method: str, template: str, handler: Handler) -> Route:
    return Route(method=method, template=template, plain=handler)


ROUTES = (
    _plain("GET", "/app", apps.get_app),
    _plain("GET", "/app/installations", apps.installations),
    _plain("GET", "/app/installations/{installation_id}", apps.get_installation),
    _plain("POST", "/app/installations/{installation_id}/access_tokens", apps.create_token),
    _plain("GET", "/app/hook/deliveries", apps.deliveries),
    _plain("GET", "/app/hook/deliveries/{delivery_id}", apps.get_delivery),
    _plain("POST", "/app/hook/deliveries/{delivery_id}/attempts", apps.redeliver_one),
    _plain("POST", "/app-manifests/{code}/conversions", apps.convert_manifest),
    _plain("GET", "/installation/repositories", apps.token_repositories),
    _plain("GET", "/user", apps.me),
    _plain("GET", "/rate_limit", apps.rate_limit),
    _plain("GET", "/search/issues", issues.search),
    _of("GET", "", repos.get_repository, METADATA),
    _of("GET", "/installation", apps.repository_installation, ()),
    _of("GET", "/contents/{path}", repos.content, CONTENTS),
    _of("GET", "/collaborators/{username}/permission", repos.permission, METADATA),
    _of("GET", "/commits/{commit_sha}/pulls", repos.pulls_of_commit, PULLS),
    _of("GET", "/commits/{ref}/statuses", repos.statuses, STATUSES),
    _of("GET", "/actions/jobs/{job_id}", repos.get_job, ACTIONS),
    _of("GET", "/actions/jobs/{job_id}/logs", repos.job_log, ACTIONS),
    _of("GET", "/actions/runs/{run_id}", repos.get_run, ACTIONS),
    _of("GET", "/actions/runs/{run_id}/jobs", repos.run_jobs, ACTIONS),
    _of("GET", "/actions/runs/{run_id}/attempts/{attempt_number}/jobs", repos.attempt_jobs, ACTIONS),
    _of("GET", "/actions/workflows/{workflow_id}/runs", repos.workflow_runs, ACTIONS),
    _of("GET", "/actions/runs/{run_id}/artifacts", repos.artifacts, ACTIONS),
    _of("GET", "/actions/artifacts/{artifact_id}/{archive_format}", repos.artifact, ACTIONS),
    _of("GET", "/check-runs/{check_run_id}", repos.get_check, CHECKS),
    _of("GET", "/check-runs/{check_run_id}/annotations", repos.check_annotations, CHECKS),
    _of("GET", "/pulls/{pull_number}", repos.get_pull, PULLS),
    _of("GET", "/pulls/{pull_number}/files", repos.pull_files, PULLS),
    _of("GET", "/pulls/{pull_number}/comments", issues.list_review_comments, PULLS),
    _of("POST", "/pulls/{pull_number}/comments/{comment_id}/replies", issues.reply_to_review_comment, WRITE_PULLS),
    _of("GET", "/pulls/comments/{comment_id}", issues.get_review_comment, PULLS),
    _of("PATCH", "/pulls/comments/{comment_id}", issues.update_review_comment, WRITE_PULLS),
    _of("POST", "/pulls/comments/{comment_id}/reactions", issues.react_to_review_comment, WRITE_PULLS),
    _of("GET", "/issues", issues.list_issues, ISSUES),
    _of("POST", "/issues", issues.create_issue, WRITE_ISSUES),
    _of("GET", "/issues/{issue_number}", issues.get_issue, TALK),
    _of("PATCH", "/issues/{issue_number}", issues.update_issue, WRITE_TALK),
    _of("GET", "/issues/{issue_number}/comments", issues.list_comments, TALK),
    _of("POST", "/issues/{issue_number}/comments", issues.create_comment, WRITE_TALK),
    _of("GET", "/issues/comments/{comment_id}", issues.get_comment, TALK),
    _of("PATCH", "/issues/comments/{comment_id}", issues.update_comment, WRITE_TALK),
    _of("POST", "/issues/comments/{comment_id}/reactions", issues.react_to_comment, WRITE_TALK),
)


def find(method: str, path: str) -> tuple[Route, Mapping[str, str]]:
    """The operation at a path; 404 where there is none."""
    for route in ROUTES:
        match = route.pattern.match(path)
        if match and route.method == method:
            return route, match.groupdict()
    raise failed(404, "Not Found")


def perform(route: Route, call: Call) -> Answer:
    """The operation's answer, or GitHub's refusal."""
    try:
        if route.plain is not None:
            return route.plain(call)
        if route.of_repository is None:
            raise failed(404, "Not Found")
        repo = _repository(route, call)
        _permit(route, call, repo)
        return route.of_repository(call, repo)
    except Failed as error:
        return error.answer


def _repository(route: Route, call: Call) -> Repository:
    full_name = f"{call.params['owner']}/{call.params['repo']}"
    repo = call.world.find(full_name)
    if repo is None:
        raise _moved(route, call, full_name)
    if not sees(call.world, call.viewer, repo):
        raise failed(404, "Not Found")
    return repo


def _moved(route: Route, call: Call, full_name: str) -> Failed:
    number = call.world.moved.get(full_name.lower())
    if number is None or number not in call.world.repositories:
        return failed(404, "Not Found")
    rest = call.path.split("/", 4)[4:]
    to = "/".join([f"{call.world.api}/repositories/{number}", *rest])
    status = 301 if route.method == "GET" else call.world.write_redirect
    words = "Moved Permanently" if status == 301 else "Temporary Redirect"
    return failed(status, words, {"Location": to}, url=to)


def _permit(route: Route, call: Call, repo: Repository) -> None:
    if call.viewer.kind == "app" and route.needs:
        raise failed(401, "Bad credentials")
    refusals = [allowed(call.world, call.viewer, repo, name, level) for name, level in route.needs]
    if refusals and all(refusals):
        refusal = str(refusals[0])
        raise failed(401 if refusal == "Requires authentication" else 403, refusal)
