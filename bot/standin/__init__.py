"""A stand-in for github.com, held to GitHub's published description: for the demonstration and the tests.

`Standin` listens, `play` makes things happen, `World` is what there is:

    async with Standin() as github:
        repo = play.repository(github.world, "acme/widgets")
        play.finish_run(github.world, repo, [play.Played(log=b"...")])
"""

from __future__ import annotations

from bot.standin import play
from bot.standin.faults import Fault
from bot.standin.records import FileChange
from bot.standin.server import Exchange, Standin
from bot.standin.world import World

__all__ = ["Exchange", "Fault", "FileChange", "Standin", "World", "play"]
