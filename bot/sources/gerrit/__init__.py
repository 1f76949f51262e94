"""Gerrit: its event stream as a hint, its REST API as the truth, and the CIs that comment on its changes."""

from bot.sources.gerrit.feed import Feed, Health
from bot.sources.gerrit.kept import CursorStore, MemoryCursors
from bot.sources.gerrit.settings import Ci, People, Server, load
from bot.sources.gerrit.source import GerritSource

__all__ = ["Ci", "CursorStore", "Feed", "GerritSource", "Health", "MemoryCursors", "People", "Server", "load"]
