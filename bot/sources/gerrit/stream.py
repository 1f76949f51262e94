"""Gerrit's event stream over SSH: one connection after another, each told from its end.

Theory: a connection is *connecting*, then *subscribed*, then *over*. `subscribed` is told before the first event, so
that whoever listens can begin its catch-up when nothing more can slip between the two. Over is over, whatever the
reason: a closed channel, a peer that answers no keep-alive (frozen, or behind a cable that was pulled), a torn line.
Then there is a pause that grows and jitters, and the next connection.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from typing import Any
from urllib.parse import urlsplit

import asyncssh
import structlog
from msgspec import Struct

from bot.sources.gerrit.events import TYPES, Hint, Lines, Resync, hint
from bot.sources.gerrit.settings import Server

log = structlog.get_logger(__name__)

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
STEADY_SECONDS = 60.0
"""A connection that lived so long counts as a success, and the pauses begin anew."""
WINDOW = 4 << 20
COMMAND = "gerrit stream-events " + " ".join(f"-s {name}" for name in TYPES)


class Subscribed(Struct, frozen=True):
    """The subscription stands from now on."""


class StreamOver(Exception):
    """The connection ended; the text says why, `refused` whether an operator has to act."""

    def __init__(self, why: str, *, refused: bool = False) -> None:
        super().__init__(why)
        self.refused = refused


def ssh_host(server: Server) -> str:
    """The SSH daemon's host."""
    return server.ssh_host or urlsplit(server.url).hostname or ""


def options(server: Server) -> dict[str, Any]:
    """How a connection is made: strict host keys, the one key, nothing of the machine's own SSH configuration."""
    host = f"[{ssh_host(server)}]:{server.ssh_port}"
    known: Any = str(server.known_hosts) if server.known_hosts else None
    if server.ssh_host_keys:
        rows = "".join(f"{host} {' '.join(key.split()[:2])}\n" for key in server.ssh_host_keys)
        known = asyncssh.import_known_hosts(rows)
    if known is None:
        known = asyncssh.import_known_hosts("")  # nothing is known, so nothing is trusted
    return {
        "port": server.ssh_port,
        "username": server.username,
        "client_keys": [str(server.ssh_key)],
        "known_hosts": known,
        "config": [],
        "agent_path": None,
        "gss_host": None,
        "preferred_auth": "publickey",
        "connect_timeout": max(5.0, server.keepalive_seconds),
        "login_timeout": max(10.0, server.keepalive_seconds * 2),
        "keepalive_interval": server.keepalive_seconds,
        "keepalive_count_max": 3,
    }


async def listen(server: Server) -> AsyncGenerator[Subscribed | Hint]:
    """One connection's hints, `Subscribed` first. Ends by raising `StreamOver`, always."""
    try:
        async with (
            asyncssh.connect(ssh_host(server), **options(server)) as connection,
            connection.create_process(COMMAND, encoding=None, window=WINDOW) as process,
        ):
            yield Subscribed()
            async for found in _hints(process, server):
                yield found
    except asyncssh.HostKeyNotVerifiable as error:
        raise StreamOver(f"the server's host key is not the one configured: {error.reason}", refused=True) from error
    except asyncssh.PermissionDenied as error:
        raise StreamOver(f"the server refuses the key of {server.username}: {error.reason}", refused=True) from error
    except (FileNotFoundError, PermissionError, ValueError) as error:  # asyncssh's KeyImportError is a ValueError
        raise StreamOver(f"the key file {server.ssh_key} can't be used: {error}"[:300], refused=True) from error
    except (asyncssh.Error, OSError, TimeoutError) as error:
        raise StreamOver(f"{type(error).__name__}: {error}"[:300]) from error
    raise StreamOver("the server ended the stream")


async def _hints(process: asyncssh.SSHClientProcess[bytes], server: Server) -> AsyncGenerator[Hint]:
    lines = Lines()
    while data := await process.stdout.read(1 << 16):
        for line in lines.feed(data):
            found = hint(line, server)
            if found is not None:
                yield found
    said = (await _rest(process)).decode("utf-8", "replace").strip()[:300]
    if said:
        refused = "capability" in said or "not permitted" in said
        raise StreamOver(f"the server ended the stream: {said}", refused=refused)
    if lines.torn:
        yield Resync("the stream ended within an event")


async def _rest(process: asyncssh.SSHClientProcess[bytes]) -> bytes:
    """What the server said on its way out; not waited for long."""
    try:
        async with asyncio.timeout(2):
            return await process.stderr.read(4096)
    except TimeoutError:
        return b""


class Backoff:
    """Pauses that double up to a limit, each drawn evenly between half and whole, so that clients do not march in step."""

    def __init__(
        self, first: float = FIRST_PAUSE, longest: float = LONGEST_PAUSE, draw: Callable[[], float] = random.random
    ) -> None:
        self._first, self._longest, self._draw = first, longest, draw
        self._next = first

    def pause(self) -> float:
        """How long to wait now."""
        now, self._next = self._next, min(self._next * 2, self._longest)
        return now * (0.5 + self._draw() / 2)

    def reset(self) -> None:
        """It went well."""
        self._next = self._first
