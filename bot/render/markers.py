"""Marks by which our own texts are found again: hidden ones to edit by, a visible one that every installation shares."""

from __future__ import annotations

import re

from bot.patterns import pattern

ADVICE = "<!-- upriver:advice -->"

_VISIBLE = pattern(r"\bupriver-fingerprint[: ]+`?(\d{4}-\d{2}:[0-9a-f]{16})`?")
_HIDDEN = pattern(r"<!-- upriver:fp=(\d{4}-\d{2}:[0-9a-f]{16})(?: (\S+))? -->")
_OURS = pattern(r"<!-- upriver:(?:fp=|advice|reply=)")


def visible(fingerprint: str) -> str:
    """The last line of every posted report: the same for every installation, so that two of them make one thread."""
    return f"upriver-fingerprint: `{fingerprint}`"


def hidden(fingerprint: str, note: str = "") -> str:
    """The marker by which publish finds what stands: `note` tells apart the comments of one thread."""
    return f"<!-- upriver:fp={fingerprint}{f' {note}' if note else ''} -->"


def reply(comment: str) -> str:
    """The marker of the one answer to a command."""
    return f"<!-- upriver:reply={re.sub(r'[^A-Za-z0-9:/._-]', '', comment)} -->"


def fingerprints(text: str) -> tuple[str, ...]:
    """Every fingerprint that a text shows, visible or hidden."""
    found = [match[1] for match in _VISIBLE.finditer(text)] + [match[1] for match in _HIDDEN.finditer(text)]
    return tuple(dict.fromkeys(found))


def notes(text: str, fingerprint: str) -> tuple[str, ...]:
    """The notes of the hidden markers for a fingerprint."""
    return tuple(match[2] or "" for match in _HIDDEN.finditer(text) if match[1] == fingerprint)


def ours(text: str) -> bool:
    """Whether a text carries one of our markers. No authority: anybody can copy one; check the author too."""
    return bool(_OURS.search(text))
