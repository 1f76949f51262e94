"""What `upriver doctor` asks of a Gerrit server: each thing that is needed, tried, with what to do where it fails."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime
from urllib.parse import quote

from msgspec import Struct

from bot.errors import Gone, Refused, UpriverError
from bot.sources.gerrit.reading import rows
from bot.sources.gerrit.rest import Rest
from bot.sources.gerrit.settings import Server, secrets_of
from bot.sources.gerrit.stream import StreamOver, Subscribed, listen

MOST_SKEW = 60.0


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that was tried: whether it works, what was seen, and what to do where it does not."""

    name: str
    good: bool
    says: str
    do: str = ""


async def examine(server: Server) -> tuple[Finding, ...]:
    """Every check in turn. Never raises: what can't be asked is a finding. Writes nothing on the server."""
    rest = Rest(server, secrets_of(server))
    checks: tuple[tuple[str, Callable[[Rest], Awaitable[list[Finding]]]], ...] = (
        ("account", _account),
        ("clock", _clock),
        ("stream", _stream),
        ("projects", _projects),
        ("review", _review),
        ("groups", _groups),
    )
    found: list[Finding] = []
    try:
        for name, check in checks:
            try:
                found += await check(rest)
            except UpriverError as error:
                found.append(Finding(name=name, good=False, says=str(error), do=_ADVICE[name]))
    finally:
        await rest.close()
    return tuple(found)


_ADVICE = {
    "account": "make an HTTP password or token for the account (Settings, HTTP Credentials) and set the variable that "
    "the configuration names",
    "clock": "check the server's address and that it is up",
    "stream": "give the account the global capability Stream Events, for instance through the group Service Users",
    "projects": "give the account Read on refs/heads/* and refs/changes/* of the projects that it should help",
    "review": "let the account comment: it needs Read on the change's branch and must be registered",
    "groups": "make the group visible to all registered users, or make the account a member of its owner group",
}


async def _account(rest: Rest) -> list[Finding]:
    """Who we are there, and whether Gerrit knows us as a machine."""
    about = (await rest.get("accounts/self/detail")).data
    name = str(about.get("username") or about.get("_account_id"))
    right = name == rest.server.username
    found = [
        Finding(
            name="account",
            good=right,
            says=f"signed in as {name}",
            do="" if right else f"the configuration says {rest.server.username}; the two must be one account",
        )
    ]
    service = "SERVICE_USER" in (about.get("tags") or ())
    do = "add it to the group Service Users, so that it is shown as a machine and put into no attention set"
    says = "is a service user" if service else "is not in Service Users"
    return [*found, Finding(name="service user", good=service, says=says, do="" if service else do)]


async def _clock(rest: Rest) -> list[Finding]:
    """How far the server's clock is from ours."""
    answer = await rest.get("config/server/version")
    if answer.at is None:
        return [Finding(name="clock", good=True, says=f"Gerrit {answer.data}; it does not tell its time")]
    skew = abs((datetime.now(UTC) - answer.at).total_seconds())
    good = skew <= MOST_SKEW
    do = "" if good else "set both clocks by NTP; deliveries are dated by ours, the catch-up goes by the server's"
    return [Finding(name="clock", good=good, says=f"Gerrit {answer.data}; clocks differ by {skew:.0f} s", do=do)]


async def _stream(rest: Rest) -> list[Finding]:
    """Whether the stream opens with the configured key and host key."""
    server = rest.server
    if server.ssh_key is None:
        do = "set ssh_key and ssh_host_keys to hear of failures within a second"
        says = f"no stream; REST is asked every {server.sweep_seconds / 5:.0f} s"
        return [Finding(name="stream", good=True, says=says, do=do)]
    try:
        async with contextlib.aclosing(_opened(server)) as opened:
            async for _ in opened:
                break
    except StreamOver as over:
        return [Finding(name="stream", good=False, says=str(over), do=await _stream_advice(server, str(over)))]
    rights = (await rest.get("accounts/self/capabilities")).data
    good = bool(rights.get("streamEvents") or rights.get("administrateServer"))
    do = "" if good else _ADVICE["stream"]
    says = "the stream opens, its host key is the one configured"
    return [Finding(name="stream", good=good, says=says if good else "the account lacks Stream Events", do=do)]


async def _opened(server: Server) -> AsyncGenerator[Subscribed]:
    async with contextlib.aclosing(listen(server)) as hints:
        async for found in hints:
            if isinstance(found, Subscribed):
                yield found
                return


async def _stream_advice(server: Server, why: str) -> str:
    if "host key" in why:
        return (
            f"compare with the administrator, then set ssh_host_keys; `ssh-keyscan -p {server.ssh_port} HOST` shows what "
            "the network says, which is no proof"
        )
    if "key file" in why:
        return "check that the file is there, is a private key without a passphrase, and can be read by the service"
    if "refuses the key" in why:
        return "add the public key to the account (Settings, SSH Keys, or POST /accounts/self/sshkeys)"
    return f"is port {server.ssh_port} open from here? A firewall that drops idle connections needs keepalive_seconds below its limit"


async def _projects(rest: Rest) -> list[Finding]:
    """Whether there is anything to be seen."""
    query = quote(f"status:open {rest.server.query}".strip())
    changes = rows((await rest.get(f"changes/?q={query}&n=1")).data)
    listed = (await rest.get("projects/?n=2")).data
    seen = bool(changes) or bool(listed)
    says = "sees projects" + ("" if changes else "; no open change is visible just now")
    return [
        Finding(
            name="projects", good=seen, says=says if seen else "sees no project", do="" if seen else _ADVICE["projects"]
        )
    ]


async def _review(rest: Rest) -> list[Finding]:
    """Whether the votes that are configured may be given; a plain comment needs no more than Read."""
    if not rest.server.vote:
        return [Finding(name="review", good=True, says="comments without a vote")]
    changes = rows((await rest.get("changes/?q=status:open&n=1&o=DETAILED_LABELS")).data)
    if not changes:
        return [Finding(name="review", good=True, says="no open change to ask about votes")]
    permitted = changes[0].get("permitted_labels") or {}
    lacking = [
        f"{label} {value:+d}"
        for label, value in rest.server.vote.items()
        if value not in {int(row) for row in permitted.get(label, ())}
    ]
    do = f"allow the account {', '.join(lacking)} on refs/heads/*, or take `vote` out of the configuration"
    says = f"may not vote {', '.join(lacking)}" if lacking else "may give the configured votes"
    return [Finding(name="review", good=not lacking, says=says, do=do if lacking else "")]


async def _groups(rest: Rest) -> list[Finding]:
    """Whether the groups that give permissions can be read; one that can't gives nobody anything."""
    found = []
    for group in rest.server.people.groups:
        try:
            members = rows((await rest.get(f"groups/{quote(group, safe='')}/members/?recursive")).data)
        except (Gone, Refused) as error:
            found.append(Finding(name=f"group {group}", good=False, says=str(error), do=_ADVICE["groups"]))
        else:
            found.append(Finding(name=f"group {group}", good=True, says=f"{len(members)} members are visible"))
    return found
