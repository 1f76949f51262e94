"""Zuul and its likes: what their comments say, what Zuul's REST API knows, and where logs are.

Used by every forge that such a CI reports to. `comments.parse` reads a comment, `ZuulLogs` looks a build up and fetches.
"""

from bot.sources.zuul.api import Build, BuildPage, ZuulSite, build_page, job_key, last_green, look_up, read_build
from bot.sources.zuul.comments import JobResult, Spoken, parse
from bot.sources.zuul.logs import TRUSTED, Caps, ZuulLogs, trust_of

__all__ = [
    "TRUSTED",
    "Build",
    "BuildPage",
    "Caps",
    "JobResult",
    "Spoken",
    "ZuulLogs",
    "ZuulSite",
    "build_page",
    "job_key",
    "last_green",
    "look_up",
    "parse",
    "read_build",
    "trust_of",
]
