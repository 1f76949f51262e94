"""Foreign text made harmless: it can't mention, link, close, quick-action, render or escape its fence.

GitHub's autolinks and mentions: docs.github.com, "Autolinked references and URLs". A mention inside a fence stays
silent on the web, but an e-mail reply strips markup, so outside fences a zero-width space breaks it as well.
Slash-commands of other bots start a line; no line of ours does.
"""

from __future__ import annotations

import re

from bot.patterns import pattern
from bot.render.redact import redact

ZERO_WIDTH = "\u200b"

_CONTROL = pattern("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_ANSI = pattern(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_SPECIAL = pattern(r"([\\`*_{}\[\]()<>#+!|~$-])")


def plain(text: str) -> str:
    """Without control characters, ANSI sequences and bidirectional overrides; tabs become spaces."""
    return _CONTROL.sub("", _ANSI.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))).expandtabs(4)


def defanged(text: str) -> str:
    """URLs that nobody can click by accident."""
    return re.sub(r"(?i)\b(h)tt(ps?)://", r"\1xx\2://", text)


def cut(text: str, size: int) -> str:
    """At most `size` characters, the cut shown."""
    return text if len(text) <= size else text[: size - 1].rstrip() + "…"


def unmentioned(text: str) -> str:
    """Mentions and references broken by zero-width spaces."""
    text = re.sub(r"@(?=[A-Za-z0-9])", "@" + ZERO_WIDTH, text)
    text = re.sub(r"#(?=\d)", "#" + ZERO_WIDTH, text)
    return re.sub(r"(?i)\b(GH)-(?=\d)", r"\1-" + ZERO_WIDTH, text)


def neutral(text: str, size: int = 300) -> str:
    """One harmless line of Markdown that reads as the text does."""
    line = cut(" ".join(redact(plain(text)).split()), size)
    return unmentioned(defanged(_SPECIAL.sub(r"\\\1", line)))


def prose(text: str, size: int = 1_500) -> str:
    """Our own sentence with foreign names in backticks: those become code, everything else harmless Markdown.

    A name that holds a backtick shifts which pieces are code; every piece is harmless either way.
    """
    line = cut(" ".join(redact(plain(text)).split()), size)
    pieces = re.split(r"`([^`]*)`", line)
    return "".join(
        code(piece) if number % 2 else unmentioned(defanged(_SPECIAL.sub(r"\\\1", piece)))
        for number, piece in enumerate(pieces)
    )


def title(text: str, size: int = 256) -> str:
    """An issue title: GitHub shows it without Markdown and refuses more than 256 characters."""
    return unmentioned(defanged(cut(" ".join(redact(plain(text)).split()), size)))


def code(text: str, size: int = 300) -> str:
    """One line as an inline code span that the text can't leave."""
    line = unmentioned(defanged(cut(" ".join(redact(plain(text)).split()), size))) or " "
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    ticks = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def fence(text: str, size: int = 20_000) -> str:
    """A fenced block that the text can't leave, whose lines never start with a slash."""
    body = cut(redact(plain(text)).strip("\n"), size)
    lines = [" " + line if line.startswith("/") else line for line in body.split("\n")]
    longest = max((len(run) for run in re.findall(r"`+", body)), default=0)
    ticks = "`" * max(3, longest + 1)
    return "\n".join([f"{ticks}text", *lines, ticks])
