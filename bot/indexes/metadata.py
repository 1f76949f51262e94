"""Core metadata, read leniently: a release's own claims."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.facts import ReleaseMetadata
from bot.patterns import pattern

if TYPE_CHECKING:
    from email.message import Message

MOST_ROWS = 2000
MOST_TEXT = 2000


def read_metadata(version: str, data: bytes, requires_txt: bytes | None = None) -> ReleaseMetadata:
    """What METADATA or PKG-INFO claims; an egg keeps its requirements in a file of its own."""
    message = _headers(_head(data.decode("utf-8", "replace")))
    requires = _rows(message.get_all("Requires-Dist"))
    if not requires and requires_txt is not None:
        requires = _from_requires_txt(requires_txt.decode("utf-8", "replace"))
    return ReleaseMetadata(
        version=version,
        requires=requires,
        requires_python=_text(message.get("Requires-Python")),
        urls=_urls(_rows(message.get_all("Project-URL")), message.get("Home-page"), message.get("Download-URL")),
        summary=_text(message.get("Summary")) or "",
    )


def _headers(text: str) -> Message:
    from email.parser import HeaderParser  # takes a while, and what is cached was parsed before

    return HeaderParser().parsestr(text)


def _head(text: str) -> str:
    """The headers alone: descriptions are long."""
    return re.split(r"\r?\n\r?\n", text, maxsplit=1)[0]


def _rows(values: list[str] | None) -> tuple[str, ...]:
    cleaned = (" ".join(str(value).split())[:MOST_TEXT] for value in (values or [])[:MOST_ROWS])
    return tuple(value for value in cleaned if value)


def _text(value: str | None) -> str | None:
    text = " ".join(str(value).split())[:MOST_TEXT] if value is not None else ""
    return None if text in {"", "UNKNOWN"} else text


def _urls(project: tuple[str, ...], home: str | None, download: str | None) -> tuple[tuple[str, str], ...]:
    """(label, URL) pairs, Project-URL first."""
    found = []
    for row in project:
        label, comma, url = row.partition(",")
        if comma:
            found.append((label.strip(), url.strip()))
    for label, value in (("Home-page", home), ("Download-URL", download)):
        address = _text(value)
        if address:
            found.append((label, address))
    return tuple(found)


def _from_requires_txt(text: str) -> tuple[str, ...]:
    """Setuptools' requires.txt: sections are extras and markers."""
    found, section = [], ""
    for raw in text.splitlines()[:MOST_ROWS]:
        line = raw.strip()
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            extra, _, marker = section.partition(":")
            marks = [f'extra == "{extra}"'] if extra else []
            marks += [f"({marker})"] if marker and extra else [marker] if marker else []
            found.append(f"{line} ; {' and '.join(marks)}" if marks else line)
    return tuple(found)


TOLD = pattern(
    r"^[\s*.:>|-]*(?:\[|_`)?(?P<label>[A-Za-z][A-Za-z /-]{1,30}?)(?:\]|`)?\s*[:(]{1,2}\s*<?(?P<url>https?://[^\s<>`\"')\]]+)",
    re.MULTILINE,
)
BARE = pattern(r"https?://[^\s<>`\"')\]]+")
MOST_DESCRIPTION = 200_000
MOST_TOLD = 300


def read_told(data: bytes) -> tuple[tuple[str, str], ...]:
    """(label, URL) pairs of a description, as `* Bugs: https://…`, `:Source: https://…` or `[Issues](https://…)` say
    them; then every other URL with no label.
    """
    text = data[:MOST_DESCRIPTION].decode("utf-8", "replace")
    parts = re.split(r"\r?\n\r?\n", text, maxsplit=1)
    head = _headers(parts[0])
    body = re.sub(r"(?m)^ {0,8}\|? ?", "", str(head.get("Description") or "")) + "\n" + "".join(parts[1:])
    labelled = [(match["label"], match["url"].rstrip(".,;")) for match in TOLD.finditer(body)]
    bare = [("", match[0].rstrip(".,;")) for match in BARE.finditer(body)]
    return (*labelled[:MOST_TOLD], *bare[:MOST_TOLD])


def read_entry_points(text: str) -> set[tuple[str, str]]:
    """(group, name) pairs of entry_points.txt."""
    import configparser

    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(text)
    except configparser.Error:
        return set()
    return {(group, name) for group in parser.sections() for name in parser[group]}
