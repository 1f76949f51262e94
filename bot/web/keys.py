"""Keys under which the application keeps what its handlers need."""

from __future__ import annotations

import jinja2
from aiohttp import web

from bot.views import Viewer
from bot.web.parts import Parts
from bot.web.sessions import Sessions

PARTS: web.AppKey[Parts] = web.AppKey("parts", Parts)
SESSIONS: web.AppKey[Sessions] = web.AppKey("sessions", Sessions)
TEMPLATES: web.AppKey[jinja2.Environment] = web.AppKey("templates", jinja2.Environment)
DRAINING: web.AppKey[list[bool]] = web.AppKey("draining", list)
"""Not empty once the service is going down."""
VIEWER = web.RequestKey("viewer", Viewer)
