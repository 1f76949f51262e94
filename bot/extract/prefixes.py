"""What CIs, wrappers and log formats print in front of each line, recognised and taken away.

Two ways. A *stamp* is what a CI puts on every line of a job (`unstamped`). A *prefix* is learned from where it
stands: the header of a traceback says what is printed before each of its lines, whatever wrote it; digits may
change from line to line (times, counters), nothing else may.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from bot.patterns import pattern

_TIME = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"

_STAMP = pattern(
    rf"""
    (?:\[gw\d+\]\s(?!linux|darwin|win))?
    (?:
      {_TIME}\s\|\s(?:[\w.-]+\s\|(?:\s|$))?         # Zuul: time | node |
    | {_TIME}\s(?:stdout|stderr)\s[FP]\s            # kubectl, containerd
    | {_TIME}\s\d\d[OE][ +]                         # GitLab
    | \[{_TIME}\]\s                                 # Jenkins
    | {_TIME}\s(?=\S|\s|$)                          # Actions, Azure, docker
    )?
    """,
    re.VERBOSE,
)
_COMPOSE = pattern(r"[A-Za-z][\w.-]{0,40}[-_]\d{1,3}\s+\|\s")
"""docker-compose's `web_1  | `: a service's name and number."""
_STAMPED = pattern(rf"\[?{_TIME}")


def unstamped(text: str) -> str:
    """A line without its CI's stamp."""
    head = text[:2]
    if "|" in text[:48] and (found := _COMPOSE.match(text)) is not None:
        return text[found.end() :]
    if head[:1].isdigit() or head[1:].isdigit() or head == "[g":
        return text[_stamp_end(text) :]
    return text


def stamp(text: str) -> str:
    """The CI's stamp of a line; empty where it has none."""
    return text[: _stamp_end(text)]


def _stamp_end(text: str) -> int:
    found = _STAMP.match(text)
    if found is None or not found.end():
        return 0
    # a logging record's own time ("2026-11-22 10:14:27,317 [22756] ERROR") is no stamp
    if "," in found.group() and "|" not in found.group():
        return 0
    return found.end()


_Match = Callable[[str], re.Match[str] | None]


_DIGITS = pattern(r"\d+")


def masked(text: str) -> str:
    """A prefix with its digits masked."""
    return _DIGITS.sub("0", text)


_LONGEST = 1_000
"""Characters of a prefix; what is longer is none, and no line is found to have it."""
_NEVER = pattern(r"(?!)").match


class Prefix:
    """What stands before each line of a region."""

    __slots__ = ("_match", "_short", "key", "mask", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.mask = masked(text)
        """The prefix with its digits masked."""
        self.key = self.mask.strip()
        """What tells one writer from another."""
        self._match: _Match | None = None
        self._short: _Match | None = None
        if self.key:
            self._match, self._short = _matchers(self.mask) if len(text) <= _LONGEST else (_NEVER, None)

    def strip(self, line: str) -> str | None:
        """The line without the prefix; None where it has another one."""
        if self._match is None:
            text = self.text
            if not text:
                return line
            if line.startswith(text):
                return line[len(text) :]
            return "" if not line.strip() else None
        found = self._match(line) or (self._short and self._short(line))
        return None if found is None else line[found.end() :]

    def lines(self, page: str) -> Sequence[str | None]:
        """The lines of a text, each as `strip` gives it."""
        text, size = self.text, len(self.text)
        if not text:
            return page.split("\n")
        if self._match is None:
            return [
                line[size:] if line.startswith(text) else None if line and not line.isspace() else ""
                for line in page.split("\n")
            ]
        return self._in_bulk("\n" + page)

    def _in_bulk(self, page: str) -> Sequence[str | None]:
        if len(self.text) > _LONGEST:
            return [None] * page.count("\n")
        if self._alike(page):
            size = len(self.text)
            return [line[size:] for line in page.split("\n")[1:]]
        each, other = _everywhere(self.mask)
        bare, count = each.subn("\n", page)
        if count == page.count("\n"):
            return bare.split("\n")[1:]
        marked = each.sub("\n", other.sub("\n\0", page))  # no line of a log has a NUL
        return [None if line[:1] == "\0" else line for line in marked.split("\n")[1:]]

    def _alike(self, page: str) -> bool:
        """Whether each line has the prefix with as many digits, or is blank behind it; most pages are so."""
        zeros = page.encode("ascii", "replace").translate(_ZEROS)
        whole = b"\n" + self.text.encode("ascii", "replace").translate(_ZEROS)
        if b"?" in whole:
            return False
        bare, lacking = whole.rstrip(), page.count("\n") - zeros.count(whole)
        if not lacking or bare == whole:
            return not lacking
        return (zeros.replace(b"\n", b"\n\n") + b"\n").count(bare + b"\n") == lacking

    def __repr__(self) -> str:
        return f"Prefix({self.text!r})"


_ZEROS = bytes(ord("0") if chr(byte).isdigit() and byte < 128 else byte for byte in range(256))


@lru_cache(maxsize=64)
def _everywhere(mask: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What finds a prefix on all the lines of a text at once, and what finds the lines that lack it."""
    escaped, bare = re.escape(mask).replace("0", r"\d+"), mask.rstrip()
    if bare != mask:
        blank = re.escape(bare).replace("0", r"\d+") + r"[^\S\n]*(?=\n|\Z)"
        escaped = f"(?:{escaped}|{blank})"
    return re.compile("\n" + escaped), re.compile(rf"\n(?!{escaped})")


@lru_cache(maxsize=512)
def _matchers(mask: str) -> tuple[_Match, _Match | None]:
    """What finds a prefix, and what finds it on blank lines, of which its last spaces may be gone."""
    escaped, bare = re.escape(mask).replace("0", r"\d+"), mask.rstrip()
    if bare == mask:
        return re.compile(escaped).match, None
    return re.compile(escaped).match, re.compile(re.escape(bare).replace("0", r"\d+") + r"\s*$").match


def is_stamp(text: str) -> bool:
    """Whether a text before a header is nothing but a stamp and indentation."""
    return not text[_stamp_end(text) :].strip()


NONE = Prefix("")
