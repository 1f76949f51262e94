"""The stream's lines to hints: which change is worth a look. Pure.

An event is never acted on. It may lack any field, carries no tag, and says only "(2 comments)" of inline ones; so all
it does is name a change that REST is then asked about. What it drops, a catch-up finds all the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct

from bot.commands.table import ALIASES
from bot.sources.gerrit.settings import Server
from bot.sources.zuul import parse

TYPES = ("comment-added", "dropped-output")
"""What is subscribed to: results and commands come as comments; `dropped-output` says that some were lost."""

LONGEST_LINE = 8 << 20


class Look(Struct, frozen=True):
    """A change that may have news."""

    change: str


class Resync(Struct, frozen=True):
    """Events were lost; the catch-up knows them."""

    why: str


Hint = Look | Resync | None


class Lines:
    """Bytes to lines, with a bound of our own: a peer that never ends its line costs `most` bytes and no more."""

    def __init__(self, most: int = LONGEST_LINE) -> None:
        self._most = most
        self._held = bytearray()
        self._skipping = False

    def feed(self, data: bytes) -> list[bytes | None]:
        """The lines that are complete now; None for one that was too long."""
        found: list[bytes | None] = []
        first, *others = data.split(b"\n")
        self._hold(first)
        for following in others:
            found.append(None if self._skipping else bytes(self._held))
            self._held.clear()
            self._skipping = False
            self._hold(following)
        return found

    @property
    def torn(self) -> bool:
        """Whether a line has begun and not ended."""
        return bool(self._held) or self._skipping

    def _hold(self, part: bytes) -> None:
        if self._skipping or len(self._held) + len(part) > self._most:
            self._held.clear()
            self._skipping = True
        else:
            self._held += part


def hint(line: bytes | None, server: Server) -> Hint:
    """What one line of the stream asks for; None where nothing."""
    if line is None:
        return Resync("an event was longer than is read")
    if not line.strip():
        return None
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return Resync("an event could not be read")
    if not isinstance(event, Mapping):
        return Resync("an event is no object")
    match event.get("type"):
        case "dropped-output":
            return Resync("Gerrit dropped output")
        case "comment-added":
            return _comment(event, server)
        case _:
            return None


def _comment(event: Mapping[str, Any], server: Server) -> Hint:
    change = event.get("change")
    if not isinstance(change, Mapping):
        return Resync("an event names no change")
    project, number = change.get("project"), change.get("number")
    if not isinstance(project, str) or not str(number).isdigit():
        return Resync("an event names no change")
    if not listens(server, project) or not _worth_it(event, server):
        return None
    return Look(f"{project}~{number}")


def listens(server: Server, project: str) -> bool:
    """Whether a project is one that the operator wants listened to."""
    return not server.projects or any(fnmatchcase(project, pattern) for pattern in server.projects)


_COUNTED = re.compile(r"\(\d+ comments?\)")


def _worth_it(event: Mapping[str, Any], server: Server) -> bool:
    """Whether a comment can hold a failing result or a command. In doubt, yes."""
    author, text = event.get("author"), event.get("comment")
    if not isinstance(author, Mapping) or not isinstance(text, str):
        return True
    if author.get("username") == server.username:
        return False
    if server.ci_of(author) is not None:
        return _failing(text)
    if any(ci.account.isdigit() for ci in server.ci) and _failing(text):
        return True  # it may be that CI: the stream tells no account's number
    lower = text.lower()
    if any(alias in lower for alias in ALIASES) or _COUNTED.search(text):
        return True
    return bool(event.get("patchSetComments"))


def _failing(text: str) -> bool:
    """Whether a CI's text tells of a failure, or may do so where it was cut."""
    return any(result.may_have_failed for result in parse(text).results) or text.rstrip().endswith("(truncated)")
