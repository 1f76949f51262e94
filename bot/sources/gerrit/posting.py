"""What is posted on Gerrit: plain text within its size limit, and review inputs as dictionaries. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.sources.gerrit.reading import PATCHSET_LEVEL, TAG

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAGS = re.compile(r"</?(?:details|summary|sub|sup|br|kbd|b|i|em|strong)\s*/?>", re.IGNORECASE)
_BLANK = re.compile(r"\n{3,}")
_HEADER = re.compile(r"\APatch Set \d+:[^\n]*\n\n?")
_CUT = "\n\n(cut: Gerrit takes no longer comments; the rest is on the dashboard)\n"


def plain(body: str) -> str:
    """A body without what only a Markdown renderer hides. A line never begins with a slash, which bots obey."""
    text = _BLANK.sub("\n\n", _TAGS.sub("", _COMMENT.sub("", body)))
    lines = [line.rstrip() for line in text.strip().splitlines()]
    return "\n".join(f" {line}" if line.startswith("/") else line for line in lines)


def fitted(body: str, most: int) -> str:
    """The text within so many bytes; the last paragraph, which carries the fingerprint, is kept."""
    text = plain(body)
    if len(text.encode()) <= most:
        return text
    head, _, last = text.rpartition("\n\n")
    last = last if len(last.encode()) < most // 2 else ""
    room = most - len((_CUT + last).encode())
    kept = head.encode()[:room].decode("utf-8", "ignore").rpartition("\n")[0]
    if kept.count("```") % 2:
        kept += "\n```"
    return (kept.encode()[:room].decode("utf-8", "ignore") + _CUT + last).rstrip()


def unheaded(message: str) -> str:
    """A message as it was posted, without the `Patch Set 3: Code-Review+1` that Gerrit puts before it."""
    return _HEADER.sub("", message).strip()


def advice(text: str, notify: str, vote: Mapping[str, int]) -> dict[str, Any]:
    """A review input that says one thing and votes only where that was configured."""
    body: dict[str, Any] = {"message": text, "tag": TAG, "notify": notify, "omit_duplicate_comments": True}
    return {**body, "labels": dict(vote)} if vote else body


def answer(text: str, asked: Mapping[str, Any] | None, path: str, asker: str) -> dict[str, Any]:
    """A review input that answers in the thread that asked, and mails whoever asked and nobody else."""
    comment: dict[str, Any] = {"message": text, "unresolved": False}
    if asked is not None:
        kept = {key: asked[key] for key in ("line", "range", "side", "parent") if key in asked}
        comment |= {**kept, "in_reply_to": asked["id"]}
    body: dict[str, Any] = {
        "tag": TAG,
        "notify": "NONE",
        "comments": {path if asked is not None else PATCHSET_LEVEL: [comment]},
        "ignore_automatic_attention_set_rules": True,
    }
    if asker.isdigit():
        body["notify_details"] = {"TO": {"accounts": [int(asker)]}}
    return body
