"""The aiohttp application: webhooks, intake, operations, pages."""

from __future__ import annotations

from bot.web.app import make_app, serve
from bot.web.metrics import Metrics
from bot.web.parts import Parts, Person, Rejected, SignIn

__all__ = ["Metrics", "Parts", "Person", "Rejected", "SignIn", "make_app", "serve"]
