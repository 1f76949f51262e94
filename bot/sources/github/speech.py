"""What we say on GitHub and what is said to us: advice, acknowledgement, answers, and who may command."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

from bot.errors import Gone, Permanent, Refused
from bot.model import Command, Job
from bot.ports import Posted
from bot.render import markers
from bot.sources.github.client import Client
from bot.sources.github.forge import Forge
from bot.sources.github.places import Spot

SEEN = "eyes"
LONGEST = 65_536
"""GitHub's limit for a comment."""
ROLES = {"admin": "owner", "maintain": "maintain", "write": "write", "triage": "triage", "read": "read"}
_MEMBERS = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})


def posted(row: Mapping[str, Any], own: frozenset[str] = frozenset()) -> Posted:
    """A comment of either kind; what one of our own accounts wrote is a machine's."""
    user = row.get("user") or {}
    login = str(user.get("login") or "")
    return Posted(
        id=str(row["id"]),
        url=str(row.get("html_url") or ""),
        body=str(row.get("body") or ""),
        author=login,
        association=str(row.get("author_association") or ""),
        by_machine=user.get("type") == "Bot"
        or login.endswith("[bot]")
        or login.lower() in own
        or bool(row.get("performed_via_github_app")),
        at=datetime.fromisoformat(row["updated_at"]),
    )


class Speech:
    """Comments on one's own changes and in threads."""

    def __init__(self, forge: Forge) -> None:
        self._forge = forge

    # -------------------------------------------------------------------------------- advice

    async def advice_on(self, job: Job) -> Posted | None:
        """Our advice on the job's change: the oldest comment of ours that carries the marker."""
        spot = self._forge.places.thread(job.change.id) if job.change else None
        if spot is None:
            return None
        client = await self._forge.reader(spot.repository, job.installation)
        own = await self._forge.introduce()
        async for row in _comments(client, spot):
            found = posted(row)
            if markers.ADVICE in found.body and found.author.lower() in own:
                return found
        return None

    async def advise(self, job: Job, body: str, standing: Posted | None) -> Posted:
        """Make `body` stand: edited in place, posted where there is none."""
        spot = self._forge.places.thread(job.change.id) if job.change else None
        if spot is None:
            raise Refused("the job has no pull request to advise")
        client = await self._writer(spot, job.installation)
        return await _say(client, spot, body, standing)

    async def _writer(self, spot: Spot, installation: str) -> Client:
        channel = await self._forge.writer(spot.repository, installation)
        if channel is None:
            raise Refused(f"nothing of ours may write in {spot.repository}")
        return channel[1]

    # -------------------------------------------------------------------------------- commands

    async def may(self, command: Command) -> str:
        """The actor's role where the command was written, as the repository's collaborators API says it.

        `author_association` is no authority: private members of an organisation arrive as CONTRIBUTOR. It counts only
        where that API is closed to us, in repositories that are not ours.
        """
        spot = self._forge.places.thread(command.place)
        if spot is None or not command.actor:
            return "none"
        owner, repo = spot.repository.split("/")
        path = "/repos/{owner}/{repo}/collaborators/{user}/permission"
        identity = command.installation or await self._forge.installed(spot.repository)
        try:
            client = await self._forge.reader(spot.repository, identity)
            row = await client.get(path, owner=owner, repo=repo, user=command.actor)
        except Gone:
            return "none"
        except Refused:
            if identity:
                return "none"
            return await self._by_association(command, spot)
        return role_of(row)

    async def _by_association(self, command: Command, spot: Spot) -> str:
        """By the comment as it stands at GitHub, in a foreign repository: its author and association, read again."""
        if command.where.isdigit():
            with contextlib.suppress(Permanent):
                client = await self._forge.reader(spot.repository)
                owner, repo = spot.repository.split("/")
                path = "/repos/{owner}/{repo}/issues/comments/{comment}"
                row = posted(await client.get(path, owner=owner, repo=repo, comment=command.where))
                if row.author.lower() != command.actor.lower():
                    return "none"
                return "owner" if row.association == "OWNER" else "write" if row.association in _MEMBERS else "read"
        return "read"

    async def acknowledge(self, command: Command) -> None:
        """A reaction. Reviews can't have one."""
        spot = self._forge.places.thread(command.place)
        kind, _, number = command.where.rpartition("/")
        if spot is None or kind == "review":
            return
        client = await self._writer(spot, command.installation)
        owner, repo = spot.repository.split("/")
        base = "pulls" if kind == "review-comment" else "issues"
        path = f"/repos/{{owner}}/{{repo}}/{base}/comments/{{comment}}/reactions"
        await client.write("POST", path, {"content": SEEN}, owner=owner, repo=repo, comment=number)

    async def reply(self, command: Command, body: str, standing: Posted | None) -> Posted:
        """Answer where it was said: in the review comment's thread, else in the conversation."""
        spot = self._forge.places.thread(command.place)
        if spot is None:
            raise Refused("the command was written at no place that we can answer")
        client = await self._writer(spot, command.installation)
        kind, _, number = command.where.rpartition("/")
        if kind != "review-comment":
            return await _say(client, spot, body, standing)
        owner, repo = spot.repository.split("/")
        data = {"body": body[:LONGEST]}
        if standing is not None:
            path = "/repos/{owner}/{repo}/pulls/comments/{comment}"
            return posted(await client.write("PATCH", path, data, owner=owner, repo=repo, comment=standing.id))
        path = "/repos/{owner}/{repo}/pulls/{number}/comments/{comment}/replies"
        fields = {"owner": owner, "repo": repo, "number": str(spot.number), "comment": number}
        return posted(await client.write("POST", path, data, **fields))

    async def replied(self, command: Command) -> Posted | None:
        """Our answer to a command, found by its marker."""
        spot = self._forge.places.thread(command.place)
        if spot is None:
            return None
        client = await self._forge.reader(spot.repository, command.installation)
        own = await self._forge.introduce()
        wanted = markers.reply(command.where)
        rows = (
            _review_comments(client, spot) if command.where.startswith("review-comment/") else _comments(client, spot)
        )
        async for row in rows:
            found = posted(row)
            if wanted in found.body and found.author.lower() in own:
                return found
        return None


def role_of(row: Mapping[str, Any]) -> str:
    """The role in our words. A custom role counts as what it stands on, which `permission` says."""
    role = str(row.get("role_name") or "")
    return ROLES.get(role) or ROLES.get(str(row.get("permission") or ""), "none")


async def _say(client: Client, spot: Spot, body: str, standing: Posted | None) -> Posted:
    owner, repo = spot.repository.split("/")
    data = {"body": body[:LONGEST]}
    if standing is not None:
        with contextlib.suppress(Gone):
            path = "/repos/{owner}/{repo}/issues/comments/{comment}"
            return posted(await client.write("PATCH", path, data, owner=owner, repo=repo, comment=standing.id))
    path = "/repos/{owner}/{repo}/issues/{number}/comments"
    return posted(await client.write("POST", path, data, owner=owner, repo=repo, number=str(spot.number)))


def _comments(client: Client, spot: Spot) -> AsyncIterator[Any]:
    owner, repo = spot.repository.split("/")
    path = "/repos/{owner}/{repo}/issues/{number}/comments?per_page=100"
    return client.pages(path, owner=owner, repo=repo, number=str(spot.number), most=5_000)


def _review_comments(client: Client, spot: Spot) -> AsyncIterator[Any]:
    owner, repo = spot.repository.split("/")
    path = "/repos/{owner}/{repo}/pulls/{number}/comments?per_page=100"
    return client.pages(path, owner=owner, repo=repo, number=str(spot.number), most=5_000)
