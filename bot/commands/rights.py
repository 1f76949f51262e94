"""Who may say what. The permission is the forge's answer, never a comment's claim."""

from __future__ import annotations

from msgspec import Struct

from bot.commands.table import Audience, Who, word

LEVELS = ("none", "read", "triage", "write", "maintain", "owner")
"""From the least. Gerrit's people are mapped to them by its adapter (group member, voter, change owner, stranger)."""

NEVER = frozenset({"bot", "self"})
"""Machines are not obeyed, ourselves least of all."""

_LEAST = {Who.ANYBODY: "none", Who.READ: "read", Who.TRIAGE: "triage", Who.WRITE: "write"}


class Allowed(Struct, frozen=True):
    """Whether a command counts, and the sentence that says why not. True or false by `allowed.yes` or as a bool."""

    yes: bool
    why: str = ""
    answer: bool = True
    """Whether the refusal is told: never to a machine, whose answer would be answered, nor to a stranger in somebody
    else's thread, who could make us talk there."""

    def __bool__(self) -> bool:
        return self.yes


def allowed(said: str, permission: str, audience: Audience | str) -> Allowed:
    """Whether somebody with that permission may say that word there. Unknown words and permissions are refused."""
    if permission in NEVER:
        return Allowed(yes=False, why="commands from machines are not obeyed", answer=False)
    why = _lacking(said, permission, audience)
    stranger = audience == Audience.UPSTREAM and permission not in LEVELS[1:]
    return Allowed(yes=not why, why=why, answer=not (why and stranger))


def _lacking(said: str, permission: str, audience: Audience | str) -> str:
    """Why a person may not say that word there; empty where they may."""
    row = word(said)
    if row is None:
        return f"there is no command `{said}`"
    if audience not in row.audience:
        place = "in an upstream thread" if audience == Audience.UPSTREAM else "on a change"
        return f"`{row.word}` means nothing {place}"
    if permission not in LEVELS:
        return f"the forge's permission `{permission}` is not known here"
    if LEVELS.index(permission) < LEVELS.index(_LEAST[row.who]):
        return f"`{row.word}` needs at least {_LEAST[row.who]} permission here"
    return ""
