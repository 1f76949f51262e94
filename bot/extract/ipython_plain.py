"""Tracebacks of IPython's plain mode: as CPython prints them, with places as IPython names them (`File shop.py:9 in total`)."""

from __future__ import annotations

from bot.patterns import pattern

_PLACE = pattern(
    r'  (?:File (?P<file>[^"\n]+?):(?P<line>\d+)|(?P<cell>(?:Cell|Input) In ?\[[\d ]*\]), line (?P<row>\d+))'
    r"(?:,? in (?P<function>.+?))?\s*$"
)


def is_place(line: str) -> bool:
    """Whether a line is such a place."""
    return line.startswith(("  File ", "  Cell ", "  Input ")) and _PLACE.match(line) is not None


def plainly(line: str) -> str:
    """A line as CPython prints it."""
    found = _PLACE.match(line) if line.startswith(("  File ", "  Cell ", "  Input ")) else None
    if found is None:
        return line
    file, row = found["file"] or found["cell"], found["line"] or found["row"]
    return f'  File "{file}", line {row}, in {found["function"] or "<module>"}'
