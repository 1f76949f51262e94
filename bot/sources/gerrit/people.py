"""Who somebody is on a change, as Gerrit says it, and which permission that gives by the operator's table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from bot.commands import LEVELS
from bot.errors import Permanent
from bot.sources.gerrit.reading import rows
from bot.sources.gerrit.rest import Rest, change_path
from bot.sources.gerrit.settings import People

_VOTE = re.compile(r"^(?P<label>[\w-]+)\s*=?\s*(?P<value>[+-]?\d+)$")


def best(levels: list[str]) -> str:
    """The highest of some levels."""
    return max(levels, key=LEVELS.index, default="none")


async def permission(rest: Rest, change: str, account: str) -> str:
    """The permission of an account on a change: `bot` for machines, else the best that group, vote or ownership gives."""
    if not account.isdigit():
        return "none"
    people = rest.server.people
    detail = (await rest.get(f"{change_path(change)}/detail")).data
    if not isinstance(detail, Mapping):
        return "none"
    if await _is_machine(rest, account):
        return "bot"
    levels = [people.anybody, *by_change(detail, account, people)]
    levels += [level for group, level in people.groups.items() if await _is_member(rest, group, account)]
    return best(levels)


def by_change(detail: Mapping[str, Any], account: str, people: People) -> list[str]:
    """What ownership of the change and votes on it give."""
    owner = detail.get("owner")
    levels: list[str] = []
    if isinstance(owner, Mapping) and str(owner.get("_account_id")) == account:
        levels.append(people.owner)
    labels = detail.get("labels")
    for wanted, level in people.votes.items():
        found = _VOTE.match(wanted)
        label = labels.get(found["label"]) if found and isinstance(labels, Mapping) else None
        if found and isinstance(label, Mapping) and _voted(label, account, int(found["value"])):
            levels.append(level)
    return levels


def _voted(label: Mapping[str, Any], account: str, least: int) -> bool:
    """Whether an account's vote is at least that; for a negative one, at most."""
    votes = [row.get("value") for row in rows(label.get("all")) if str(row.get("_account_id")) == account]
    return any(isinstance(vote, int) and (vote >= least if least >= 0 else vote <= least) for vote in votes)


async def _is_machine(rest: Rest, account: str) -> bool:
    """Whether Gerrit counts an account among its service users, or the operator among the CIs."""
    data = (await rest.get(f"accounts/{account}/detail")).data
    if not isinstance(data, Mapping):
        return True  # nothing is known of it, and the safe answer is not to obey
    tags = data.get("tags")
    return rest.server.ci_of(data) is not None or (isinstance(tags, list) and "SERVICE_USER" in tags)


async def _is_member(rest: Rest, group: str, account: str) -> bool:
    """Whether an account is in a group or its subgroups. Asked of the group, since people's own lists are theirs to see."""
    try:
        data = (await rest.get(f"groups/{quote(group, safe='')}/members/?recursive")).data
    except Permanent:  # not there, or not ours to see: then it gives nothing, and `upriver doctor` says so
        return False
    return any(str(row.get("_account_id")) == account for row in rows(data))
