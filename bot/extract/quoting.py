"""Lines that are quoted one by one: docker's json-file has a record for each, Ansible and Zuul print lists of strings.

What reads a report from a rule on may ask for the lines as they were before; line numbers are the log's.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from bot.extract.prefixes import Prefix, unstamped
from bot.extract.tape import Tape
from bot.extract.text import View
from bot.patterns import pattern

LINE_KEYS = ("log", "message", "msg", "line", "MESSAGE", "text", "textPayload")
"""Under which keys records have what was printed."""
_LONGEST = 1 << 16
_NESTED = 2
"""Quotes inside quotes that are opened."""


_SAID = pattern(r'(?:^|\s)(?:msg|message|log|line)=(?P<said>"(?:[^"\\]|\\.)*"|[^\s"]*)')
"""What a record of words says (logfmt): `time=… level=info msg="collected 6 items"`."""


def unquoted(tape: Tape, number: int) -> View | None:
    """The lines without their quotes, where a line is such a record or string, or one inside another; None elsewhere."""
    opened = _opened(tape.text(number) or "")
    if opened is None:
        return None
    view = View(tape, Prefix(opened[0]), opened[1])
    for _ in range(_NESTED):
        opened = _opened(view.text(number) or "")
        if opened is None:
            break
        view = within(view, *opened)
    return view


def begins(line: str) -> bool:
    """Whether nothing but stamps stands before a line's first quote."""
    for _ in range(_NESTED):
        line = unstamped(line).lstrip()
    return line.startswith('"')


def _opened(line: str) -> tuple[str, Callable[[str], str | None]] | None:
    """What stands before a line's quotes, and what opens them."""
    if len(line) > _LONGEST or '"' not in line:
        return None
    begin = line.find('{"')
    if begin >= 0:
        key = _printed(record(line, begin))
        return (line[:begin], _of_records(key)) if key is not None else None
    if said(line) is not None:
        return "", said
    column = line.find('"')
    if not begins(line) or string(line[column:]) is None:
        return None
    return line[:column], string


def within(view: View, head: str, opens: Callable[[str], str | None] | None = None) -> View:
    """The same lines without what stands before each of them inside its quotes, and without quotes inside these."""
    if not head and opens is None:
        return view
    inner, outer = Prefix(head), view.transform

    def shorter(text: str) -> str | None:
        whole = outer(text) if outer is not None else text
        bare = None if whole is None else inner.strip(whole)
        return bare if bare is None or opens is None else opens(bare)

    return View(view.tape, view.prefix, shorter)


def said(line: str) -> str | None:
    """What a record of words says; None where it is none."""
    found = _SAID.search(line) if "=" in line[:200] else None
    if found is None:
        return None
    text = found["said"]
    return string(text) if text.startswith('"') else text


def record(line: str, begin: int) -> dict[str, Any] | None:
    """The JSON object that begins there."""
    try:
        found, _ = json.JSONDecoder().raw_decode(line, begin)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _printed(found: dict[str, Any] | None) -> str | None:
    """The key under which a record has one printed line."""
    for key in LINE_KEYS if found else ():
        value = found.get(key) if found else None
        if isinstance(value, str) and "\n" not in value.rstrip("\r\n"):
            return key
    return None


def _of_records(key: str) -> Callable[[str], str | None]:
    def printed(text: str) -> str | None:
        found = record(text, 0) if text.startswith("{") else None
        value = found.get(key) if found else None
        return value.rstrip("\r\n") if isinstance(value, str) else None

    return printed


def string(text: str) -> str | None:
    """What a line's string holds, which a comma may follow."""
    text = text.strip().removesuffix(",")
    if not text.startswith('"'):
        return None
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, str) and "\n" not in value else None
