"""`python -m bot.standin --port 0`: prints its addresses as one line of JSON, then serves until it is ended."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import sys

from bot.standin.server import Standin


async def serve(host: str, port: int, blob_port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(name, ended.set)
    async with Standin(host=host, port=port, blob_port=blob_port, controllable=True) as github:
        sys.stdout.write(
            json.dumps({"api": github.world.api, "web": github.world.web, "blobs": github.world.blobs_at}) + "\n"
        )
        sys.stdout.flush()
        await ended.wait()


def main() -> None:
    """Parse and serve."""
    parser = argparse.ArgumentParser(prog="python -m bot.standin", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="port of the API and the pages; 0 picks one")
    parser.add_argument("--blob-port", type=int, default=0, help="port of the log host; 0 picks one")
    given = parser.parse_args()
    asyncio.run(serve(given.host, given.port, given.blob_port))


if __name__ == "__main__":
    main()
