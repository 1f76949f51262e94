"""Templates and what they say: every word that a log or a stranger wrote is redacted here before it is shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import jinja2
from markupsafe import Markup, escape

from bot.model import Evidence, Kind, OwnedFrame, Verdict
from bot.render.redact import redact

HERE = Path(__file__).parent

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff]")
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")

_CODE = re.compile(r"`([^`\n]{1,300})`")

LONG_AGO = 60 * 86_400
"""Seconds after which a date says more than a number of days."""

KIND_WORDS = {
    "upstream": "a library's fault",
    "project": "the project's own",
    "environment": "the environment",
    "none": "no Python failure",
}

ROLE_WORDS = {
    "project": "your project",
    "stdlib": "standard library",
    "harness": "test harness",
    "generated": "generated code",
    "unknown": "unknown",
}

UPSTREAM_WORDS = {
    "nothing": "Nothing is said upstream",
    "hold": "Held back for now",
    "draft": "A draft waits for a human",
    "open": "A report is due upstream",
    "comment": "A comment is due in the thread",
}

CHANGE_WORDS = {"silent": "The change hears nothing", "advise": "The change is advised"}


def clean(text: object) -> str:
    """Text for a page: redacted, without terminal colours, control and direction characters."""
    return _CONTROLS.sub("", redact(_ANSI.sub("", str(text if text is not None else ""))))


def clean_all(value: Any) -> Any:
    """JSON with every text in it cleaned."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {key: clean_all(one) for key, one in value.items()}
    if isinstance(value, Sequence):
        return [clean_all(one) for one in value]
    return value


def link(url: str | None) -> str:
    """An address that may be followed; "#" for anything but http and https."""
    return url if url and urlsplit(url).scheme in {"http", "https"} else "#"


def place(key: str) -> str:
    """A key as a part of an address."""
    return quote(key, safe="/:@")


def stamp(instant: datetime | None) -> Markup:
    """An instant as people read it, with the machine's form beside it."""
    if instant is None:
        return Markup("—")
    at = instant.astimezone(UTC)
    shown = f"{at.day} {at:%b %Y, %H:%M} UTC"
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(timespec="seconds"), shown)


def ago(instant: datetime | None, now: datetime) -> Markup:
    """How long ago, with the instant itself where a pointer rests on it; the day where it is long ago."""
    if instant is None:
        return Markup("never")
    at = instant.astimezone(UTC)
    seconds = (now - at).total_seconds()
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        at.isoformat(timespec="seconds"),
        f"{at:%Y-%m-%d %H:%M} UTC",
        f"{at.day} {at:%b %Y}" if seconds > LONG_AGO else _span(seconds),
    )


def _span(seconds: float) -> str:
    if seconds < 0:
        return "just now"
    for size, word in ((86_400 * 2, "day"), (3_600, "hour"), (60, "minute")):
        unit = 86_400 if word == "day" else size
        if seconds >= size:
            count = int(seconds // unit)
            return f"{count} {word}{'s' * (count != 1)} ago"
    return "just now"


def percent(part: float | None) -> str:
    """0.97 as 97 %."""
    return "—" if part is None else f"{part * 100:.0f}\u202f%"


def sides(verdict: Verdict) -> tuple[tuple[Evidence, ...], tuple[Evidence, ...]]:
    """Evidence for the verdict and against it, the heaviest first."""
    ordered = sorted(verdict.evidence, key=lambda row: -abs(row.weight))
    for_it = tuple(row for row in ordered if (row.supports == verdict.kind) == (row.weight >= 0))
    return for_it, tuple(row for row in ordered if row not in for_it)


def owner(row: OwnedFrame) -> str:
    """Who owns a frame, in words."""
    return row.distribution or ROLE_WORDS.get(row.role, row.role)


def headline(verdict: Verdict) -> str:
    """The verdict in a sentence."""
    culprit, trigger = verdict.culprit, verdict.trigger
    if verdict.kind is not Kind.UPSTREAM or culprit is None:
        return {
            Kind.PROJECT: "The project's own code or test is at fault.",
            Kind.ENVIRONMENT: "The environment is at fault, not the code.",
            Kind.NONE: "The log shows no Python failure.",
            Kind.UPSTREAM: "A library has to change; which one is not certain.",
        }[verdict.kind]
    said = f"{culprit.distribution}{f' {culprit.version}' if culprit.version else ''} has to change"
    if trigger and trigger.distribution != culprit.distribution:
        said += f"; {trigger.distribution}{f' {trigger.first_bad}' if trigger.first_bad else ''} brought it out"
    elif trigger and trigger.first_bad:
        said += f"; broken since {trigger.first_bad}"
    return said + (f". Fixed in {verdict.fixed_in}." if verdict.fixed_in else ".")


def bars(by_day: Sequence[tuple[str, int]]) -> list[dict[str, float | str | int]]:
    """Bars of an SVG 100 by 30."""
    most = max((times for _, times in by_day), default=1) or 1
    width = 100 / max(len(by_day), 10)
    return [
        {
            "x": round(number * width, 2),
            "w": round(width * 0.72, 2),
            "h": round(28 * times / most, 2),
            "y": round(30 - 28 * times / most, 2),
            "day": day,
            "times": times,
        }
        for number, (day, times) in enumerate(by_day)
    ]


def paragraphs(text: str) -> Markup:
    """Plain text as paragraphs; what stands between backticks is code."""
    parts = [part for part in clean(text).split("\n\n") if part.strip()]
    return Markup("").join(Markup("<p>{}</p>").format(_coded(part)) for part in parts)


def _coded(text: str) -> Markup:
    """One paragraph, its backticks turned into code; every piece is escaped by itself."""
    pieces = _CODE.split(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if number % 2 else escape(piece) for number, piece in enumerate(pieces)
    )


def environment() -> jinja2.Environment:
    """The templates, with the filters that they use. Undefined names are mistakes, not blanks."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        enable_async=False,
    )
    made.filters |= {
        "clean": clean,
        "link": link,
        "place": place,
        "stamp": stamp,
        "percent": percent,
        "paragraphs": paragraphs,
        "owner": owner,
        "headline": headline,
    }
    made.globals |= {
        "sides": sides,
        "bars": bars,
        "kind_words": KIND_WORDS,
        "upstream_words": UPSTREAM_WORDS,
        "change_words": CHANGE_WORDS,
        "ago": ago,
    }
    return made
