"""A repository's files, one by one, as they are on its default branch."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from bot.errors import Gone, Refused
from bot.sources.github.client import Client

MOST_BYTES = 1_000_000


async def text_of(client: Client, owner: str, repo: str, path: str) -> str | None:
    """A small file's text; None where there is none that we may read. Raises `Transient` where GitHub does not answer."""
    try:
        row = await client.get("/repos/{owner}/{repo}/contents/{+path}", owner=owner, repo=repo, path=path)
    except (Gone, Refused):
        return None
    return _decoded(row) if isinstance(row, dict) else None


def _decoded(row: Mapping[str, Any]) -> str | None:
    """The text in GitHub's `content-file`; None for what is no small text."""
    if row.get("type") != "file" or row.get("encoding") != "base64" or int(row.get("size") or 0) > MOST_BYTES:
        return None
    try:
        return base64.b64decode(str(row["content"])).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return None
