"""Lines that are quoted one by one: docker's json-file has a record for each, Ansible and Zuul print lists of strings.

What reads a report from a rule on may ask for the lines as they were before; line numbers are the log's.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from bot.extract.prefixes import Prefix, stamp
from bot.extract.tape import Tape
from bot.extract.text import View

LINE_KEYS = ("log", "message", "msg", "line", "MESSAGE", "text", "textPayload")
"""Under which keys records have what was printed."""
_LONGEST = 1 << 16


def unquoted(tape: Tape, number: int) -> View | None:
    """The lines without their quotes, where a line is such a record or string; None elsewhere."""
    line = tape.text(number) or ""
    if len(line) > _LONGEST or '"' not in line:
        return None
    begin = line.find('{"')
    if begin >= 0:
        key = _printed(record(line, begin))
        return View(tape, Prefix(line[:begin]), _of_records(key)) if key is not None else None
    column = line.find('"')
    if line[len(stamp(line)) : column].strip() or string(line[column:]) is None:
        return None
    return View(tape, Prefix(line[:column]), string)


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
