"""A small forge in a process of its own, so that it outlives a killed service: issues, comments, advice.

`python -m tests.pipeline.forge` prints its port. It has no idempotency key and commits late on purpose: `lag` seconds
after a request came, whether or not the client is still there.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from typing import Any

from aiohttp import web


class Forge:
    def __init__(self) -> None:
        self.issues: list[dict[str, Any]] = []
        self.comments: list[dict[str, Any]] = []
        self.advice: list[dict[str, Any]] = []
        self.replies: list[dict[str, Any]] = []
        self.calls: dict[str, int] = {}
        self.lag = 0.0
        self.broken: dict[str, list[int]] = {}
        self.tasks: set[asyncio.Task[Any]] = set()

    async def commit(self, rows: list[dict[str, Any]], row: dict[str, Any]) -> dict[str, Any]:
        """Add a row after the lag, even where the client has died meanwhile."""

        async def land() -> dict[str, Any]:
            await asyncio.sleep(self.lag)
            row["id"] = str(len(rows) + 1)
            row["at"] = datetime.now(UTC).isoformat()
            rows.append(row)
            return row

        task = asyncio.create_task(land())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return await asyncio.shield(task)

    async def handle(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.calls[name] = self.calls.get(name, 0) + 1
        if self.broken.get(name):
            return web.Response(status=self.broken[name].pop(0), headers={"Retry-After": "0"})
        body = await request.json()
        return web.json_response(await getattr(self, f"do_{name}")(**body))

    async def do_open(self, tracker: str, title: str, body: str, fingerprint: str) -> Any:
        row = {"tracker": tracker, "title": title, "body": body, "fingerprint": fingerprint, "state": "open"}
        made = await self.commit(self.issues, row)
        made["url"] = f"{tracker}/{made['id']}"
        return made

    async def do_standing(self, tracker: str, fingerprint: str) -> Any:
        return [row for row in self.issues if row["tracker"] == tracker and fingerprint in row["body"]]

    async def do_state(self, thread: str) -> Any:
        return next((row for row in self.issues if row.get("url") == thread), None)

    async def do_comment(self, thread: str, body: str) -> Any:
        return await self.commit(self.comments, {"thread": thread, "body": body})

    async def do_comments(self, thread: str) -> Any:
        return [row for row in self.comments if row["thread"] == thread]

    async def do_edit(self, thread: str, body: str) -> Any:
        for row in self.issues:
            if row.get("url") == thread:
                row["body"] = body
                row["edits"] = row.get("edits", 0) + 1
        return {}

    async def do_advice_on(self, change: str) -> Any:
        return next((row for row in self.advice if row["change"] == change), None)

    async def do_advise(self, change: str, body: str, standing: str | None) -> Any:
        for row in self.advice:
            if row["id"] == standing:
                row["body"] = body
                row["edits"] = row.get("edits", 0) + 1
                return row
        return await self.commit(self.advice, {"change": change, "body": body})

    async def do_reply(self, where: str, body: str, standing: str | None) -> Any:
        for row in self.replies:
            if row["id"] == standing:
                row["body"] = body
                row["edits"] = row.get("edits", 0) + 1
                return row
        return await self.commit(self.replies, {"where": where, "body": body})

    async def do_replied(self, where: str) -> Any:
        return next((row for row in self.replies if row["where"] == where), None)

    async def do_world(self, **changes: Any) -> Any:
        """What stands, for the test; `changes` are set first."""
        for name, value in changes.items():
            setattr(self, name, value)
        return {
            "issues": self.issues,
            "comments": self.comments,
            "advice": self.advice,
            "replies": self.replies,
            "calls": self.calls,
            "landing": len(self.tasks),
        }


async def main() -> None:
    forge = Forge()
    application = web.Application()
    application.router.add_post("/{name}", forge.handle)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # until the test lets go


if __name__ == "__main__":
    asyncio.run(main())
