"""For every tracker that no adapter speaks to: a text for a human, and the link to where it belongs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from bot.errors import Gone, Refused
from bot.model import Recipient, Report, Thread
from bot.ports import Found, Posted


class Draft:
    """Takes any http(s) tracker, writes nowhere. Last in the list of trackers."""

    name = "draft"

    def takes(self, tracker: str) -> bool:
        """Whether the URL leads anywhere."""
        return urlsplit(tracker).scheme in {"http", "https"} and bool(urlsplit(tracker).hostname)

    async def recipient(self, tracker: str) -> Recipient:
        """The owner as the URL tells it: the host, with the first part of the path on forges that many share."""
        parts = urlsplit(tracker)
        owner = next((part for part in parts.path.split("/") if part), "")
        host = (parts.hostname or "").lower()
        return Recipient(name=f"{host}/{owner}".rstrip("/").lower(), channel="link")

    async def standing(self, tracker: str, fingerprint: str, since: datetime) -> Sequence[Found]:  # noqa: ARG002 - the port's signature
        """Nothing can be listed."""
        return ()

    async def search(self, tracker: str, words: Sequence[str], since: datetime) -> Sequence[Found]:  # noqa: ARG002 - the port's signature
        """Nothing can be searched."""
        return ()

    async def open(self, report: Report) -> Thread:
        """Refused: a human files it."""
        raise Refused(f"nothing of ours speaks to {urlsplit(report.tracker).hostname}: a human files the draft")

    async def comment(self, thread: str, body: str) -> Posted:  # noqa: ARG002 - the port's signature
        """Refused."""
        raise Refused(f"nothing of ours speaks to {urlsplit(thread).hostname}")

    async def comments(self, thread: str, since: datetime) -> Sequence[Posted]:  # noqa: ARG002 - the port's signature
        """None can be read."""
        return ()

    async def edit(self, thread: str, body: str) -> None:  # noqa: ARG002 - the port's signature
        """Refused."""
        raise Refused(f"nothing of ours speaks to {urlsplit(thread).hostname}")

    async def state(self, thread: str) -> Found:
        """Unknown: taken for open until a human says otherwise."""
        if not self.takes(thread):
            raise Gone("that is no thread")
        return Found(url=thread, title="", state="open", author="", by_human=True, created_at=None)
