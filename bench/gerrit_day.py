"""A day of a large Gerrit site: 50,000 events, 3,000 failing builds, read by the real feed over real HTTP on loopback.

Gerrit itself is replaced by its answers, since a day of comments would take it longer than the bench has: a small
server in a process of its own gives REST answers of Gerrit's shape, and the stream's lines come through the real line
buffer and the real hint. What is measured is this side: CPU a thousand events, memory at the end against memory after
a tenth, the delay from an event's line to the delivery of what it announces, and whether each build arrived once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import resource
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from bot.sources.gerrit import Feed, MemoryCursors, Server
from bot.sources.gerrit.catchup import Catchup
from bot.sources.gerrit.events import Lines, Look, hint
from bot.sources.gerrit.feed import READERS
from bot.sources.gerrit.rest import Rest
from bot.sources.gerrit.settings import secrets_of

PROJECTS = 400
BEGAN = datetime(2026, 11, 24, tzinfo=UTC)


def _events(count: int, failing: int, seed: int) -> list[tuple[str, int, bool]]:
    """The day: kind, change, and whether a build of it failed. Kinds as on a large site: mostly CI, then people."""
    draw = random.Random(seed)
    broken = set(draw.sample(range(count), failing))
    kinds = ["passed", "passed", "passed", "started", "talk", "talk", "inline", "other", "other", "other"]
    return [
        ("failed" if n in broken else draw.choice(kinds), draw.randrange(count // 12), n in broken)
        for n in range(count)
    ]


def _build(number: int) -> str:
    return f"https://zuul.example.org/t/acme/build/{number:032x}"


def _text(kind: str, number: int) -> str:
    """What a comment of a kind says, with the jobs of a usual buildset."""
    good = "\n".join(f"- job-{n} {_build(10**9 + number * 20 + n)} : SUCCESS in 12m 0{n}s" for n in range(8))
    match kind:
        case "failed":
            line = f"- tox-py311 {_build(number)} : FAILURE in 6m 32s"
            return f"Patch Set 1: Verified-1\n\nBuild failed (check pipeline).\n\n{good}\n{line}"
        case "passed":
            return f"Patch Set 1: Verified+1\n\nBuild succeeded (check pipeline).\n\n{good}"
        case "started":
            return "Patch Set 1:\n\nStarting check jobs."
        case "inline":
            return "Patch Set 1:\n\n(2 comments)"
        case _:
            return "Patch Set 1: Code-Review+1\n\nLooks good to me, thanks for the patience."


def _author(kind: str) -> dict[str, object]:
    machine = kind in {"failed", "passed", "started"}
    return {"username": "zuul", "_account_id": 2} if machine else {"username": "ada", "_account_id": 3}


def _line(kind: str, change: int, number: int) -> bytes:
    """The stream's line, with the fields that Gerrit sends."""
    event = {
        "type": "ref-updated" if kind == "other" else "comment-added",
        "change": {
            "project": f"acme/p{change % PROJECTS}",
            "branch": "master",
            "id": f"I{change:040x}",
            "number": change + 1,
            "subject": "A change with a subject of a usual length",
            "owner": {"name": "Owner", "email": "owner@example.org", "username": "owner"},
            "commitMessage": "A change\n\n" + "It has a message of some lines.\n" * 8,
        },
        "patchSet": {"number": 1, "revision": f"{change:040x}", "ref": f"refs/changes/01/{change}/1"},
        "author": _author(kind),
        "comment": _text(kind, number),
        "eventCreatedOn": int((BEGAN + timedelta(seconds=number)).timestamp()),
    }
    return json.dumps(event).encode() + b"\n"


class _Gerrit(BaseHTTPRequestHandler):
    """REST answers of Gerrit's shape for changes that were told to it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    changes: dict[str, list[tuple[str, int]]] = {}  # noqa: RUF012 - one server a process
    now = BEGAN

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        parts = [unquote(part) for part in urlsplit(self.path).path.removeprefix("/a/").split("/")]
        body = self._answer(parts)
        data = b")]}'\n" + json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The site's own time, which is not ours."""
        return super().date_time_string(type(self).now.timestamp() if timestamp is None else timestamp)

    def _answer(self, parts: list[str]) -> object:
        match parts:
            case ["accounts", "self"]:
                return {"_account_id": 1}
            case ["config", "server", "version"]:
                return "3.13.5"
            case ["changes", ""]:
                return self._updated()
            case ["changes", _, "comments"]:
                return {}
            case _:
                return self._change(parts[1])

    def _updated(self) -> object:
        """A page of the changes in the listing's window."""
        query = parse_qs(urlsplit(self.path).query)
        start, most = int(query["S"][0]), int(query["n"][0])
        asked = query["q"][0].split('"')[1]
        after = datetime.fromisoformat(asked.replace(" +0000", "+00:00"))
        first = (after - BEGAN).total_seconds()
        names = [name for name, rows in list(type(self).changes.items()) if rows[-1][1] >= first]
        page = [self._change(name) for name in names[start : start + most]]
        if len(names) > start + most:
            page[-1]["_more_changes"] = True
        return page

    def _change(self, name: str) -> dict[str, object]:
        project, _, number = name.rpartition("~")
        messages = [
            {
                "id": f"{n:040x}",
                "author": _author(kind),
                "date": f"{BEGAN + timedelta(seconds=n):%Y-%m-%d %H:%M:%S}.000000000",
                "message": _text(kind, n),
                "_revision_number": 1,
                **({"tag": "autogenerated:zuul:check"} if _author(kind)["username"] == "zuul" else {}),
            }
            for kind, n in type(self).changes.get(name, [])
        ]
        return {
            "project": project,
            "_number": int(number),
            "branch": "master",
            "owner": {"_account_id": 4},
            "messages": messages,
        }


def _serve(pipe: Connection) -> None:
    """The counterpart's process: answers until it is told to end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Gerrit)
    pipe.send(server.server_address[1])
    import threading

    threading.Thread(target=server.serve_forever, daemon=True).start()
    while (told := pipe.recv()) is not None:
        for name, kind, number in told:
            _Gerrit.changes.setdefault(name, []).append((kind, number))
            _Gerrit.now = BEGAN + timedelta(seconds=number)
        pipe.send("told")
    server.shutdown()


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def _day(port: int, pipe: Connection, events: list[tuple[str, int, bool]]) -> dict[str, object]:
    """Feed the day in; what was measured."""
    server = Server.model_validate(
        {"name": "day", "url": f"http://127.0.0.1:{port}/", "username": "upriver", "http_password_env": "_", "ci": [{"account": "zuul"}],
         "sweep_seconds": 10, "overlap_seconds": 600}
    )  # fmt: skip
    rest = Rest(server, secrets_of(server))
    came: Counter[str] = Counter()
    sent: dict[str, float] = {}
    delays: list[float] = []

    async def deliver(delivery: object) -> None:
        data = json.loads(delivery.payload)  # type: ignore[attr-defined]
        came[data["url"]] += 1
        delays.append(time.monotonic() - sent[data["url"]])

    feed = Feed(Catchup(rest), MemoryCursors(), deliver)
    running = asyncio.create_task(feed.run())
    while not feed.health.sweeps:  # noqa: ASYNC110 - the product's own state is waited for
        await asyncio.sleep(0.01)
    feed.health.connected = True
    lines, looked, early = Lines(), 0, 0.0
    began, cpu = time.monotonic(), time.process_time()
    for start in range(0, len(events), 25):
        block = [(kind, change, start + n) for n, (kind, change, _) in enumerate(events[start : start + 25])]
        told = [
            (f"acme/p{change % PROJECTS}~{change + 1}", kind, number)
            for kind, change, number in block
            if kind != "other"
        ]
        pipe.send(told)
        await asyncio.to_thread(pipe.recv)
        for kind, change, number in block:
            if kind == "failed":
                sent[_build(number)] = time.monotonic()
            for line in lines.feed(_line(kind, change, number)):
                found = hint(line, server)
                if isinstance(found, Look):
                    looked += 1
                    feed._look(found.change)  # noqa: SLF001 - the stream's place
        while len(feed._waiting) > READERS:  # noqa: ASYNC110, SLF001 - a day's events do not come faster than they are read
            await asyncio.sleep(0.001)
        if start == len(events) // 10 // 25 * 25:
            early = _resident()
    while feed._waiting:  # noqa: ASYNC110, SLF001 - its queue is what is measured
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.5)
    spent, wall = time.process_time() - cpu, time.monotonic() - began
    held = len(feed._seen.rows)  # noqa: SLF001 - what it remembers is what may grow
    await feed.sweep()
    kept = len(feed._seen.rows)  # noqa: SLF001 - likewise
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await rest.close()
    return {
        "came": came, "delays": delays, "cpu": spent, "wall": wall, "looked": looked, "early": early, "late": _resident(),
        "held": held, "kept": kept, "sweeps": feed.health.sweeps,
    }  # fmt: skip


def run(argv: Sequence[str] = ()) -> int:
    """Replay the day and print its figures; 1 where a build was lost or told twice."""
    parser = argparse.ArgumentParser(prog="python -m bench gerrit_day")
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--failing", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(argv)
    events = _events(chosen.events, chosen.failing, chosen.seed)
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    counterpart = context.Process(target=_serve, args=(theirs,), daemon=True)
    counterpart.start()
    try:
        seen = asyncio.run(_day(ours.recv(), ours, events))
    finally:
        ours.send(None)
        counterpart.join(10)
        if counterpart.is_alive():
            counterpart.kill()
    return _report(events, seen)


def _report(events: list[tuple[str, int, bool]], seen: dict[str, object]) -> int:
    wanted = {_build(number) for number, (kind, _, _) in enumerate(events) if kind == "failed"}
    came: Counter[str] = seen["came"]  # type: ignore[assignment]
    delays: list[float] = sorted(seen["delays"])  # type: ignore[call-overload]
    lost, twice = len(wanted - set(came)), sum(count - 1 for count in came.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    rows = [
        ("events", f"{len(events):,}"),
        ("failing builds", f"{len(wanted):,}"),
        ("lost / told twice", f"{lost} / {twice}"),
        ("changes read over REST", f"{seen['looked']:,}"),
        ("wall, s", f"{seen['wall']:.1f}"),
        ("events a second", f"{len(events) / seen['wall']:,.0f}"),  # type: ignore[operator]
        ("CPU ms for 1,000 events", f"{1e6 * seen['cpu'] / len(events):.0f}"),  # type: ignore[operator]
        ("share of a core over 24 h", f"{100 * seen['cpu'] / 86_400:.2f} %"),  # type: ignore[operator]
        ("delay ms, median / 99 % / longest", " / ".join(f"{1000 * row:.0f}" for row in (
            statistics.median(delays), delays[int(len(delays) * 0.99)], delays[-1]))),
        ("resident MB after 10 % / at the end / peak", f"{seen['early']:.0f} / {seen['late']:.0f} / {peak:.0f}"),
        ("identities remembered before / after the last catch-up", f"{seen['held']:,} / {seen['kept']:,}"),
    ]  # fmt: skip
    print("| a day of a large site | |\n| --- | --- |")
    print("\n".join(f"| {name} | {value} |" for name, value in rows))
    return int(bool(lost or twice))
