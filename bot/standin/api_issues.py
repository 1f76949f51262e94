"""The API of issues, comments, reactions, review comments and search."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from bot.standin import play
from bot.standin.answers import Answer, Call, failed, invalid
from bot.standin.api_repos import find_pull
from bot.standin.credentials import sees
from bot.standin.records import Comment, Issue, Repository
from bot.standin.shapes import REACTIONS

GONE = "Issues has been disabled in this repository."


def _since(call: Call) -> datetime | None:
    text = call.query.get("since")
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        raise invalid("Issue", "since", "invalid") from None


def _issue(call: Call, repo: Repository) -> Issue:
    row = repo.issues.get(int(call.params["issue_number"]))
    if row is None:
        raise failed(404, "Not Found")
    if not repo.has_issues and row.pull is None:
        raise failed(410, GONE)
    return row


def _writable(call: Call, repo: Repository, issue: Issue | None = None) -> None:
    """Refuse what GitHub refuses: archived, interaction-limited, locked."""
    if repo.archived:
        raise failed(403, "Repository was archived so is read-only.")
    knows = call.world.association(repo, call.viewer.login) != "NONE" or call.viewer.kind == "installation"
    if repo.interaction_limit and not knows:
        raise failed(403, "Interactions on this repository have been restricted to contributors only.")
    if issue is not None and issue.locked and not call.world.at_least(repo, call.viewer.login, "write"):
        raise failed(403, "Unable to create comment because issue is locked.")


def _via(call: Call) -> int | None:
    return call.viewer.app.id if call.viewer.kind == "installation" and call.viewer.app else None


def list_issues(call: Call, repo: Repository) -> Answer:
    """`GET /repos/{owner}/{repo}/issues`: pull requests too, newest first."""
    if not repo.has_issues:
        raise failed(410, GONE)
    state, creator, since = call.query.get("state", "open"), call.query.get("creator"), _since(call)
    rows = [
        row
        for row in repo.issues.values()
        if (state in {"all", row.state})
        and (creator is None or row.user.lower() == creator.lower())
        and (since is None or row.updated_at >= since)
        and (call.query.get("labels") is None or set(call.query["labels"].split(",")) <= set(row.labels))
    ]
    field = "updated_at" if call.query.get("sort") == "updated" else "created_at"
    rows.sort(key=lambda row: (getattr(row, field), row.number), reverse=call.query.get("direction") != "asc")
    return call.page([call.shapes.issue(repo, row) for row in rows])


def create_issue(call: Call, repo: Repository) -> Answer:
    """`POST /repos/{owner}/{repo}/issues`; labels are dropped silently without push access."""
    if not repo.has_issues:
        raise failed(410, GONE)
    _writable(call, repo)
    title = call.text("title", "Issue", limit=256)
    body = call.text("body", "Issue", required=False)
    labels = [str(name) for name in call.body.get("labels") or []]
    if not call.world.at_least(repo, call.viewer.login, "triage") and call.viewer.kind != "installation":
        labels = []
    row = play.open_issue(call.world, repo, call.viewer.login, title, body, labels=labels, app=_via(call))
    shape = call.shapes.issue(repo, row)
    return Answer(status=201, data=shape, headers={"Location": shape["url"]})


def get_issue(call: Call, repo: Repository) -> Answer:
    """`GET /repos/{owner}/{repo}/issues/{issue_number}`."""
    return Answer(data=call.shapes.issue(repo, _issue(call, repo)))


def update_issue(call: Call, repo: Repository) -> Answer:
    """`PATCH /repos/{owner}/{repo}/issues/{issue_number}`: the author's own or with triage."""
    row = _issue(call, repo)
    _writable(call, repo)
    may = row.user.lower() == call.viewer.login.lower() or call.world.at_least(repo, call.viewer.login, "triage")
    if not may:
        raise failed(403, "Must have admin rights to Repository.")
    if "title" in call.body:
        row.title = call.text("title", "Issue", limit=256)
    if "body" in call.body:
        row.body = call.text("body", "Issue", required=False)
    if call.body.get("state") in {"open", "closed"}:
        play.set_state(call.world, repo, row, call.body["state"], call.body.get("state_reason"))
    row.updated_at = call.world.now()
    return Answer(data=call.shapes.issue(repo, row))


# ------------------------------------------------------------------------------------------ comments


def list_comments(call: Call, repo: Repository) -> Answer:
    """`GET /repos/{owner}/{repo}/issues/{issue_number}/comments`, oldest first."""
    row, since = _issue(call, repo), _since(call)
    rows = [one for one in row.comments if since is None or one.updated_at >= since]
    return call.page([call.shapes.comment(repo, row, one) for one in rows])


def create_comment(call: Call, repo: Repository) -> Answer:
    """`POST /repos/{owner}/{repo}/issues/{issue_number}/comments`."""
    row = _issue(call, repo)
    _writable(call, repo, row)
    body = call.text("body", "IssueComment")
    made = play.comment(call.world, repo, row.number, call.viewer.login, body, app=_via(call))
    shape = call.shapes.comment(repo, row, made)
    return Answer(status=201, data=shape, headers={"Location": shape["url"]})


def _comment(call: Call, repo: Repository) -> tuple[Issue, Comment]:
    wanted = int(call.params["comment_id"])
    for issue in repo.issues.values():
        for row in issue.comments:
            if row.id == wanted:
                return issue, row
    raise failed(404, "Not Found")


def get_comment(call: Call, repo: Repository) -> Answer:
    """`GET /repos/{owner}/{repo}/issues/comments/{comment_id}`."""
    return Answer(data=call.shapes.comment(repo, *_comment(call, repo)))


def update_comment(call: Call, repo: Repository) -> Answer:
    """`PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}`."""
    issue, row = _comment(call, repo)
    if repo.archived:
        raise failed(403, "Repository was archived so is read-only.")
    if row.user.lower() != call.viewer.login.lower() and not call.world.at_least(repo, call.viewer.login, "write"):
        raise failed(403, "Must have admin rights to Repository.")
    play.edit_comment(call.world, repo, issue, row, call.text("body", "IssueComment"))
    return Answer(data=call.shapes.comment(repo, issue, row))


def _react(call: Call, row: Comment) -> Answer:
    content = call.body.get("content")
    if content not in REACTIONS:
        raise invalid("Reaction", "content", "invalid")
    known = next((one for one in row.reactions if (one.user, one.content) == (call.viewer.login, content)), None)
    if known is not None:
        return Answer(status=200, data=call.shapes.reaction(known))
    return Answer(status=201, data=call.shapes.reaction(play.react(call.world, row, call.viewer.login, content)))


def react_to_comment(call: Call, repo: Repository) -> Answer:
    """`POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions`."""
    return _react(call, _comment(call, repo)[1])


# ------------------------------------------------------------------------------------------ comments on the diff


def _review_comment(call: Call, repo: Repository) -> tuple[Issue, Comment]:
    wanted = int(call.params["comment_id"])
    for issue in repo.issues.values():
        for row in issue.pull.review_comments if issue.pull else []:
            if row.id == wanted:
                return issue, row
    raise failed(404, "Not Found")


def list_review_comments(call: Call, repo: Repository) -> Answer:
    """`GET /repos/{owner}/{repo}/pulls/{pull_number}/comments`."""
    issue = find_pull(call, repo)
    rows = issue.pull.review_comments if issue.pull else []
    return call.page([call.shapes.review_comment(repo, issue, row) for row in rows])


def get_review_comment(call: Call, repo: Repository) -> Answer:
    """`GET /repos/{owner}/{repo}/pulls/comments/{comment_id}`."""
    return Answer(data=call.shapes.review_comment(repo, *_review_comment(call, repo)))


def update_review_comment(call: Call, repo: Repository) -> Answer:
    """`PATCH /repos/{owner}/{repo}/pulls/comments/{comment_id}`."""
    issue, row = _review_comment(call, repo)
    if row.user.lower() != call.viewer.login.lower():
        raise failed(403, "Must have admin rights to Repository.")
    row.body, row.updated_at = call.text("body", "PullRequestReviewComment"), call.world.now()
    return Answer(data=call.shapes.review_comment(repo, issue, row))


def reply_to_review_comment(call: Call, repo: Repository) -> Answer:
    """`POST /repos/{owner}/{repo}/pulls/{pull_number}/comments/{comment_id}/replies`."""
    find_pull(call, repo)
    issue, row = _review_comment(call, repo)
    _writable(call, repo, issue)
    text = call.text("body", "PullRequestReviewComment")
    made = play.review_comment(call.world, repo, issue.number, call.viewer.login, text, in_reply_to=row.id)
    return Answer(status=201, data=call.shapes.review_comment(repo, issue, made))


def react_to_review_comment(call: Call, repo: Repository) -> Answer:
    """`POST /repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions`."""
    return _react(call, _review_comment(call, repo)[1])


# ------------------------------------------------------------------------------------------ search

QUALIFIER = re.compile(r'(-?[a-z]+):("[^"]*"|\S+)')


def search(call: Call) -> Answer:
    """`GET /search/issues`: words and qualifiers, blind to what is younger than the index's lag."""
    text = call.query.get("q", "")
    if not text.strip():
        raise invalid("Search", "q", "missing")
    qualifiers = [(key, value.strip('"')) for key, value in QUALIFIER.findall(text)]
    free = QUALIFIER.sub(" ", text)
    if len(free.strip()) > 256:
        raise invalid("Search", "q", "invalid", "The search is longer than 256 characters.")
    words = [one.strip('"').lower() for one in re.findall(r'"[^"]*"|\S+', free)]
    if sum(1 for one in words if one in {"and", "or", "not"}) > 5:
        raise invalid("Search", "q", "invalid", "More than five AND / OR / NOT operators were used.")
    rows = []
    for repo in _searched(call, qualifiers):
        rows += [(repo, row) for row in repo.issues.values() if _hit(call, row, words, qualifiers)]
    rows.sort(key=lambda pair: pair[1].created_at, reverse=True)
    items = [{**call.shapes.issue(repo, row), "score": 1.0} for repo, row in rows[:1000]]
    answer = call.page(items, "items")
    return Answer(data={**answer.data, "incomplete_results": False, "search_type": "lexical"}, headers=answer.headers)


def _searched(call: Call, qualifiers: list[tuple[str, str]]) -> list[Repository]:
    names = [value for key, value in qualifiers if key == "repo"]
    named = [call.world.find(name) for name in names]
    seen = [row for row in named if row is not None and sees(call.world, call.viewer, row)]
    if names and len(seen) < len(names):
        message = "The listed users and repositories cannot be searched either because the resources do not exist or you do not have permission to view them."
        raise invalid("Search", "q", "invalid", message)
    return seen or [row for row in call.world.repositories.values() if sees(call.world, call.viewer, row)]


def _hit(call: Call, row: Issue, words: list[str], qualifiers: list[tuple[str, str]]) -> bool:
    if row.created_at > call.world.now() - call.world.index_lag:
        return False
    text = f"{row.title}\n{row.body or ''}".lower()
    if not all(word in text for word in words if word not in {"and", "or", "not"}):
        return False
    checks: dict[str, Callable[[str], bool]] = {
        "is": lambda value: value in {row.state, "pr" if row.pull else "issue", "public"},
        "type": lambda value: value == ("pr" if row.pull else "issue"),
        "state": lambda value: value == row.state,
        "author": lambda value: value.lower() == row.user.lower(),
        "updated": lambda value: f"{row.updated_at:%Y-%m-%d}" >= value.lstrip(">=")[:10],
        "created": lambda value: f"{row.created_at:%Y-%m-%d}" >= value.lstrip(">=")[:10],
    }
    return all(checks[key](value) for key, value in qualifiers if key in checks)
