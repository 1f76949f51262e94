"""Which interpreter a line that does not parse was written for.

A released file that is a SyntaxError was written for other interpreters: older ones, where `async` was a name like any
other, or newer ones, whose grammar the running one lacks.
"""

from __future__ import annotations

import re

from bot.classify.stdlib import Removal

_GONE: tuple[tuple[str, str, str], ...] = (
    (r"(?:^|[\s.,(=])(?:async|await)\s*(?:[,=):.\]]|$)|\bdef\s+(?:async|await)\b|\bimport\b.*\basync\b", "3.6", "3.7"),
    (
        r"^\s*print\s+(?![(=])\S|^\s*print\s*>>|^\s*exec\s+[\"'\w]|except\s+[\w.()]+\s*,\s*\w+\s*:|<>|\bur['\"]|`[^`]+`",
        "2.7",
        "3.0",
    ),
    (r"^\s*raise\s+\w[\w.]*\s*,\s*|(?<![\w.])0[0-7]+\b(?![.xob])", "2.7", "3.0"),
)
_CAME: tuple[tuple[str, str], ...] = (
    (r"^\s*except\*", "3.11"),
    (r"^\s*match\s+.+:\s*$|^\s*case\s+.+:\s*$", "3.10"),
    (r":=", "3.8"),
    (r"^\s*type\s+\w+.*=|^\s*(?:def|class)\s+\w+\[", "3.12"),
    (r"\bf['\"].*\{.*['\"].*\}", "3.12"),
    (r"^\s*(?:async\s+)?def\s+\w+\(.*/\s*[,)]", "3.8"),
)


def written_for(line: str | None, at: str | None) -> Removal | None:
    """The series between which the line stopped (or begins) to parse, as seen from the running one."""
    if not line or at is None:
        return None
    here = tuple(map(int, at.split(".")))
    for pattern, last_good, first_bad in _GONE:
        if re.search(pattern, line) and here >= tuple(map(int, first_bad.split("."))):
            return Removal(symbol=line.strip()[:60], last_good=last_good, first_bad=first_bad)
    for pattern, came in _CAME:
        if re.search(pattern, line) and here < tuple(map(int, came.split("."))):
            return Removal(symbol=line.strip()[:60], last_good=came, first_bad=at, later=True)
    return None
