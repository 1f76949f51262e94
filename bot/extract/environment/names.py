"""Names and versions out of what installers print: file names, `name-version` tokens, pins, requirements."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.model import DistributionName, normalized
from bot.patterns import pattern

VERSION = (
    r"v?(?:\d+!)?\d+(?:\.\d+)*"
    r"(?:[-_.]?(?:alpha|beta|preview|pre|rc|a|b|c)[-_.]?\d*)?"
    r"(?:-\d+|[-_.]?(?:post|rev|r)[-_.]?\d*)?"
    r"(?:[-_.]?dev[-_.]?\d*)?"
    r"(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?"
)
"""PEP 440's form, without anchors and groups."""

NAME = r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?"

_VERSION = pattern(VERSION, re.IGNORECASE)
_NAME = pattern(NAME, re.ASCII)
_ARCHIVE = pattern(r"\.(?:tar\.gz|zip|tgz|tar\.bz2|tar\.xz|tar)$")
LONGEST = 120
"""No distribution and no version in use has more characters; longer ones are not looked at."""

Named = tuple[DistributionName, str]


def is_version(text: str) -> bool:
    """Whether a text is a version in PEP 440's sense."""
    return len(text) <= LONGEST and _is_version(text)


@lru_cache(maxsize=4096)
def _is_version(text: str) -> bool:
    return _VERSION.fullmatch(text) is not None


def distribution(name: str) -> DistributionName | None:
    """The normalized name, or None where the text is none."""
    return _distribution(name) if len(name) <= LONGEST else None


@lru_cache(maxsize=4096)
def _distribution(name: str) -> DistributionName | None:
    return normalized(name) if _NAME.fullmatch(name) else None


def hyphenated(token: str) -> Named | None:
    """`python-dateutil-2.8.2` as pip's last line prints it: the last hyphen divides."""
    return _hyphenated(token) if len(token) <= 2 * LONGEST + 1 else None


@lru_cache(maxsize=4096)
def _hyphenated(token: str) -> Named | None:
    name, _, version = token.rpartition("-")
    if not is_version(version):
        return _legacy(token)
    known = distribution(name)
    return None if known is None else (known, version)


_LEGACY = pattern(r"-(?=\d)")


def _legacy(token: str) -> Named | None:
    """`foo-1.0-unknown`, from before PEP 440: the first hyphen before a digit divides."""
    name, *rest = _LEGACY.split(token, maxsplit=1)
    known = distribution(name)
    if known is None or not rest or not re.fullmatch(r"\d[\w.+-]*\.[\w.+-]+", rest[0]):
        return None
    return known, rest[0]


def from_file(path: str) -> Named | None:
    """What a wheel or source archive holds, by its file's name; None for other files."""
    file = re.split(r"[/\\]", path)[-1].split("#")[0].split("?")[0].removesuffix(".metadata")
    if len(file) > 3 * LONGEST:
        return None
    if file.endswith(".whl"):
        return _wheel(file[:-4])
    if file.endswith(".egg"):
        name, _, rest = file[:-4].partition("-")
        return _pair(name, rest.split("-")[0])
    stem = _ARCHIVE.sub("", file)
    return hyphenated(stem) if stem != file else None


def _wheel(stem: str) -> Named | None:
    parts = stem.split("-")
    return _pair(parts[0], parts[1]) if len(parts) in {5, 6} else None


def _pair(name: str, version: str) -> Named | None:
    known = distribution(name)
    return (known, version.replace("_", "-")) if known is not None and is_version(version) else None


def python_tag(path: str) -> str | None:
    """The interpreter that a compiled wheel is for: `3.11` of `…-cp311-cp311-….whl`."""
    found = re.search(r"-(?:cp)(\d)(\d+)-cp\d+[a-z]*-[\w.]+\.whl", path)
    return f"{found[1]}.{found[2]}" if found else None


_REQUIREMENT = pattern(rf"({NAME})\s*(?:\[[\w\s,.-]*\])?", re.ASCII)


def requirement(text: str) -> tuple[DistributionName, str] | None:
    """The name that a requirement begins with, and what follows it."""
    found = _REQUIREMENT.match(text[: 3 * LONGEST])
    if found is None:
        return None
    known = distribution(found[1])
    return None if known is None else (known, text[found.end() :].lstrip())
