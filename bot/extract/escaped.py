"""Texts of several lines that stand in one line of a log: strings of JSON, what Python prints of its strings, escapes.

Each is given with its lines as they were; what they hold is for others to read.
"""

from __future__ import annotations

import ast
from json.decoder import scanstring  # type: ignore[attr-defined]  # public since Python 2.6, but not in typeshed
from urllib.parse import unquote

from bot.patterns import pattern

_LITERAL = pattern(
    r"""[bBuU]?(?:'[^'\\\n]*(?:\\.[^'\\\n]*)*'|"[^"\\\n]*(?:\\.[^"\\\n]*)*")""",
)
_BEFORE = 8
"""Quotes before a word that are tried: one of them opens the string in which the word stands."""
_ESCAPES = ("\\r\\n", "\\n", "#012")


def text_around(line: str, at: int) -> str | None:
    """The text in which a position of a line stands, with its line ends; None where it is a line's like others."""
    for reads in (_json, _listed, _literal, _escaped):
        text = reads(line, at)
        if text is not None:
            return text
    return None


def _json(line: str, at: int) -> str | None:
    """A string of JSON."""
    quote = at
    for _ in range(_BEFORE):
        quote = line.rfind('"', 0, quote)
        if quote < 0:
            return None
        if quote and line[quote - 1] == "\\":
            continue
        try:
            text, end = scanstring(line, quote + 1, False)
        except ValueError:
            continue
        if end > at and "\n" in text and line[:quote].rstrip().endswith((":", "[", ",", "=")):
            return str(text)
    return None


def _literal(line: str, at: int) -> str | None:
    """A string or bytes as `repr` prints them."""
    quote = at
    for _ in range(_BEFORE):
        quote = max(line.rfind("'", 0, quote), line.rfind('"', 0, quote))
        if quote < 0:
            return None
        first = quote - (line[quote - 1 : quote] in tuple("bBuU"))
        found = _LITERAL.match(line, first)
        if found is not None and found.end() > at and not line[first - 1 : first].isalnum():
            return _value(found.group())
    return None


def _listed(line: str, at: int) -> str | None:
    """A list of lines, each a string of its own."""
    begin = line.rfind("[", 0, at)
    if begin < 0 or at - begin > _HEAD:
        return None
    lines: list[str] = []
    place = begin + 1
    while (found := _LITERAL.match(line, place)) is not None:
        value = _value(found.group())
        if value is None:
            break
        lines.append(value.removesuffix("\n"))
        place = found.end()
        if not line.startswith((", ", ","), place):
            break
        place += 2 if line.startswith(", ", place) else 1
    return "\n".join(lines) if len(lines) > 1 else None


_HEAD = 20_000
"""Characters of a list before the word that is looked for."""


def _value(literal: str) -> str | None:
    try:
        value = ast.literal_eval(literal)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _escaped(line: str, at: int) -> str | None:
    """A text without quotes whose line ends somebody escaped: syslog, Actions' commands, `echo`."""
    if "%0A" in line[at:]:
        return unquote(line[at:])
    text = line[at:]
    for escape in _ESCAPES:
        text = text.replace(escape, "\n")
    return text if "\n" in text else None
