"""A comment's text to the commands in it.

Lenient about how a command is written (case, punctuation, spaces, list items, `not_upstream`), strict about whose
words they are: what is quoted, shown as code, hidden in HTML or kept below an e-mail reply was not said by the author.
A command begins a line, or stands anywhere in a list item; prose that mentions one commands nothing.
Linear in the text's length, which is cut at `LONGEST`.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

from msgspec import Struct

from bot.commands.prose import spoken
from bot.commands.table import ALIASES, TABLE, Argument, word
from bot.patterns import pattern

LONGEST = 100_000
MOST = 20
"""Commands read of one comment; more is a mistake or an attack."""

_PREFIX = pattern(
    rf"(?<![^\s(\[*_,;])(?:{'|'.join(map(re.escape, ALIASES))})(?![\w/.@])[ \t]*[-:,]?[ \t]*", re.IGNORECASE
)
_ITEM = pattern(r"\s{0,12}(?:[-*+•]|\d{1,4}[.)])\s+(?:\[[ xX]\]\s+)?")
_LEAD = pattern(r"[\s*_(\[,;:]*(?:@[\w-]{1,60}[\s:,]+)?")
_WORD = pattern(r"[\"'`*_(]*([A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*)")
_AND = pattern(r"[\s.!*_)]*(?:[,;&+]|and\b|then\b)[\s*_]*(?:and\b|then\b)?[\s*_]*", re.IGNORECASE)
_URL = pattern(r"https?://[^\s<>()\[\]\"'`]{1,2000}(?:\([^\s<>()\[\]\"'`]{0,200}\)[^\s<>()\[\]\"'`]{0,200}){0,3}")
_NAME = pattern(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9])?")
_VERSION = pattern(r"\bv?(\d[\w.!+-]{0,60})", re.IGNORECASE)
_DAYS = pattern(r"\d{1,4}")
_FILLER = pattern(r"[\s:=*_\"'`(\[<]*(?:(?:on|to|for|of|as|is|in|the|at)\s[\s:=*_\"'`(\[<]*){0,3}", re.IGNORECASE)


class Parsed(Struct, frozen=True, kw_only=True):
    """One command as it was said. Unknown words are kept, so that the answer can teach."""

    word: str
    """The table's spelling where known; what was written otherwise, cut at 40 characters."""
    argument: str = ""
    known: bool = True
    problem: str = ""
    """Why a known word can't be obeyed as it stands (its argument is missing or is none)."""
    near: str = ""
    """For an unknown word, the one that was probably meant."""


def parse(text: str) -> tuple[Parsed, ...]:
    """The commands that the author of a comment gave in it, in order, each once."""
    found: dict[Parsed, None] = {}
    for line in spoken(text[:LONGEST]):
        for said in _said(line):
            for parsed in _read(said):
                found.setdefault(parsed)
                if len(found) == MOST:
                    return tuple(found)
    return tuple(found)


def _said(line: str) -> list[str]:
    """What stands behind each prefix of a line that may command."""
    item = _ITEM.match(line)
    start = item.end() if item else 0
    matches = list(_PREFIX.finditer(line, start))
    lead = _LEAD.match(line, start)
    if not matches or (item is None and lead is not None and matches[0].start() > lead.end()):
        return []
    ends = [following.start() for following in matches[1:]] + [len(line)]
    return [line[match.end() : end] for match, end in zip(matches, ends, strict=True)]


def _read(said: str) -> list[Parsed]:
    """The command behind one prefix, and those joined to it by a comma or an "and"."""
    first = _WORD.match(said)
    if first is None:
        return [Parsed(word="help")] if not said.strip(" \t.!?*_)]") else [_unknown(said.split(maxsplit=1)[0])]
    name, rest = _joined(first.group(1), said[first.end() :])
    row = word(name)
    if row is None:
        return [_unknown(name)]
    if row.argument is Argument.NONE:
        return [Parsed(word=row.word), *_further(rest)]
    argument = _argument(row.argument, rest)
    return [Parsed(word=row.word, argument=argument, problem=_problem(row.argument, argument))]


def _joined(name: str, rest: str) -> tuple[str, str]:
    """`not upstream` is `not-upstream` where the two together are a word of the table."""
    following = re.match(r"[ \t]+([A-Za-z]+)\b", rest)
    if following and (row := word(f"{name}-{following.group(1)}")) is not None and "-" in row.word:
        return row.word, rest[following.end() :]
    return name, rest


def _further(rest: str) -> list[Parsed]:
    """`hold, retry and pin`: words that follow a joint, as long as each is known."""
    joint = _AND.match(rest)
    following = _WORD.match(rest, joint.end()) if joint else None
    if following is None:
        return []
    name, _ = _joined(following.group(1), rest[following.end() :])
    return _read(rest[following.start() :]) if word(name) else []


def _argument(kind: Argument, rest: str) -> str:
    """The argument in what follows a word; empty where none stands there."""
    match kind:
        case Argument.URL:
            found = _URL.search(rest)
            return found.group().rstrip(".,;:!?*_") if found else ""
        case Argument.DISTRIBUTION:
            filler = _FILLER.match(rest)
            name = _NAME.match(rest, filler.end() if filler else 0)
            return name.group() if name else ""
        case Argument.DAYS:
            days = _DAYS.search(rest)
            return str(int(days.group())) if days else ""
        case Argument.VERSION:
            version = _VERSION.search(rest)
            return version.group(1).rstrip(".-+!") if version else ""
        case Argument.NONE:
            return ""


def _problem(kind: Argument, argument: str) -> str:
    wanted = {Argument.URL: "an address", Argument.DISTRIBUTION: "a distribution's name", Argument.VERSION: "a version"}
    return f"it needs {wanted[kind]} behind it" if kind in wanted and not argument else ""


def _unknown(name: str) -> Parsed:
    clean = name.lower()[:40]
    near = get_close_matches(clean, [row.word for row in TABLE], n=1, cutoff=0.6)
    return Parsed(word=clean, known=False, near=near[0] if near else "")
