"""Tracebacks in structured logs: JSON records, docker's json-file, structlog's dictionaries, Ansible's lists.

A record is one line of the log, whatever its strings hold; frames found in it stand on that line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from bot.extract import cpython
from bot.extract.escaped import text_around
from bot.extract.forms import HEADER, is_header
from bot.extract.found import Found
from bot.extract.inside import read_inside
from bot.extract.ledger import Ledger
from bot.extract.needles import Needle, Pattern
from bot.extract.prefixes import Prefix
from bot.extract.quoting import LINE_KEYS, begins, record, said, string, unquoted, within
from bot.extract.tape import Tape
from bot.extract.text import Lines, View
from bot.model import Frame, Raised, Relation
from bot.patterns import pattern

_LARGEST = 4 << 20
_RUN = pattern(r"={3,} (?:FAILURES|ERRORS|short test summary info) ={3,}|={70}(?:\\n|\W+)(?:FAIL|ERROR): ")
"""A runner's report begins."""


class Structured:
    """Records of which a string holds a whole traceback, and records that hold one line each."""

    needles: ClassVar[tuple[Needle, ...]] = (
        b"(most recent call last):\\n",
        b'(most recent call last):"',
        b'(most recent call last):\\"',
        b"(most recent call last):', '",
        b"(most recent call last):#012",
        b"(most recent call last):%0A",
        b'"exc_type": ',
        Pattern(
            rb"== (?:FAILURES|ERRORS|short test summary info) ==+(?:\\n|[\"'], ?[\"'])",
            b"== FAILURES ==\\n___ test_a ___\\n",
        ),
        Pattern(rb"={70}(?:\\n|[\"'], ?[\"'])(?:FAIL|ERROR): ", b"=" * 70 + b"\\nFAIL: test_a (m.C)\\n"),
    )

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read the record at a hit."""
        line = tape.text(number) or ""
        if len(line) > _LARGEST:
            return number
        nested = unquoted(tape, number) if HEADER + '\\"' in line else None
        if nested is not None and (nested.text(number) or "").rstrip().endswith(HEADER):
            return _through(nested, number, ledger)
        begin = line.find("{")
        found = record(line, begin) if begin >= 0 else None
        if found is not None:
            key = _one_line(found)
            if key is not None:
                return _by_line(tape, number, line[:begin], key, ledger)
            return _whole(found, number, ledger)
        end = _quoted(tape, number, line, ledger) if HEADER + '"' in line else number
        if end > number:
            return end
        report = _RUN.search(line)
        at = report.start() if report else line.find(HEADER)
        text = text_around(line, at) if at >= 0 else None
        return number if text is None else _take(text, number, ledger)


def _one_line(found: dict[str, Any]) -> str | None:
    """The key that holds a single line, the header."""
    for key in LINE_KEYS:
        value = found.get(key)
        if isinstance(value, str) and value.strip().endswith(HEADER):
            return key
    return None


def _by_line(tape: Tape, number: int, head: str, key: str, ledger: Ledger) -> int:
    """Docker's json-file: one record a printed line."""

    def unwrapped(text: str) -> str | None:
        found = record(text, 0) if text.startswith("{") else None
        value = found.get(key) if found else None
        return value.rstrip("\r\n") if isinstance(value, str) else None

    return _through(View(tape, Prefix(head), unwrapped), number, ledger)


def _quoted(tape: Tape, number: int, line: str, ledger: Ledger) -> int:
    """A header that ends a record of words or a string: each line of the traceback stands in one."""
    if (said(line) or "").endswith(HEADER):
        return _through(View(tape, transform=said), number, ledger)
    return _list(tape, number, line, ledger)


def _list(tape: Tape, number: int, line: str, ledger: Ledger) -> int:
    """A pretty-printed list of lines: each in quotes, with a comma."""
    column = line.find('"')
    if column < 0 or not begins(line) or not (string(line[column:]) or "").endswith(HEADER):
        return number

    return _through(View(tape, Prefix(line[:column]), string), number, ledger)


def _through(view: View, number: int, ledger: Ledger) -> int:
    line = view.text(number)
    if line is None:
        return number
    column = line.find(HEADER)
    if column > 0 and not is_header(line):
        grouped = line.rfind("  + Exception Group ", 0, column)
        view = within(view, line[: column if grouped < 0 else grouped])
    read = cpython.chain(view, number)
    if not read.parts or not read.parts[-1].frames:
        return number
    ledger.loose(
        Found(
            chain=tuple(read.parts),
            span=(number, read.end - 1),
            dialect="json",
            writer="json",
            logged=False,
            uncertain=read.uncertain,
        )
    )
    return read.end


def _whole(found: dict[str, Any], number: int, ledger: Ledger) -> int:
    end = number
    for value in _values(found, 0):
        if isinstance(value, str):
            end = max(end, _take(value, number, ledger))
        else:
            chain = _dictionaries(value, number)
            if chain:
                ledger.loose(_found(chain, number))
                end = number + 1
    return end


def _values(value: Any, depth: int) -> Iterator[Any]:
    """Strings that hold a traceback and lists that describe one."""
    if isinstance(value, str):
        if HEADER in value or _RUN.search(value):
            yield value
    elif depth < 6 and isinstance(value, dict):
        for inner in value.values():
            yield from _values(inner, depth + 1)
    elif depth < 6 and isinstance(value, list):
        if value and all(isinstance(item, dict) and "exc_type" in item for item in value):
            yield value
            return
        text = "\n".join(item for item in value if isinstance(item, str))
        if HEADER in text or _RUN.search(text):
            yield text
            return
        for inner in value:
            yield from _values(inner, depth + 1)


def _dictionaries(rows: list[dict[str, Any]], number: int) -> tuple[Raised, ...]:
    """Structlog's `dict_tracebacks`: the raised exception first, then what caused it."""
    parts: list[Raised] = []
    for index, row in enumerate(reversed(rows)):
        last = index == len(rows) - 1
        parts.append(
            Raised(
                exception=str(row.get("exc_type") or ""),
                message=str(row.get("exc_value") or ""),
                frames=tuple(_frame(frame, number) for frame in row.get("frames") or () if isinstance(frame, dict)),
                relation=None if last else Relation.CAUSE if row.get("is_cause") else Relation.CONTEXT,
                of=None if last else index + 1,
                span=(number, number),
            )
        )
    return tuple(parts)


def _frame(frame: dict[str, Any], number: int) -> Frame:
    line = frame.get("lineno")
    source = frame.get("line")
    return Frame(
        file=str(frame.get("filename") or ""),
        line=line if isinstance(line, int) else None,
        function=str(frame["name"]) if frame.get("name") else None,
        source=source.strip() if isinstance(source, str) and source.strip() else None,
        at=number,
    )


def _take(text: str, number: int, ledger: Ledger) -> int:
    """Read the reports, or else the tracebacks, of a text that one line holds."""
    if _RUN.search(text):
        read_inside(text, number, ledger)
        return number + 1
    lines = text.splitlines()
    rows = Lines(lines, number, "json")
    at = 0
    taken = number
    while at < len(lines):
        column = lines[at].find(HEADER)
        if column < 0:
            at += 1
            continue
        view = rows if not lines[at][:column].strip() and not column else _cut(lines, at, column, number)
        offset = 0 if view is rows else at
        read = cpython.chain(view, at - offset)
        if read.parts and read.parts[-1].frames:
            ledger.loose(_found(tuple(read.parts), number))
            taken = number + 1
        at = max(read.end + offset, at + 1)
    return taken


def _cut(lines: list[str], first: int, column: int, number: int) -> Lines:
    """Lines whose first one is a header behind other words."""
    return Lines([lines[first][column:], *lines[first + 1 :]], number, "json")


def _found(chain: tuple[Raised, ...], number: int) -> Found:
    return Found(chain=chain, span=(number, number), dialect="json", writer="json", logged=True)
