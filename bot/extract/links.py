"""The sentences that link a traceback to the next one, looked for past what may be a message's further lines."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.extract.chunk import PAGE
from bot.extract.forms import CAUSE, CONTEXT, SENTENCES
from bot.extract.found import linked as placed
from bot.extract.text import Text, View
from bot.model import Raised, Relation

_LOOKED = 60
"""Lines below an exception in which the sentence that links it to the next one is looked for."""
_WORDS = ("Traceback (", 'File "', CAUSE, CONTEXT)


def linked(view: Text, number: int) -> int | None:
    """Where the linking sentence stands, if it comes before anything else does; then all before is message."""
    if view.calm(number, _LOOKED):
        return None
    run = view.run(number)
    if run.count("\n") < _LOOKED:
        run = view.run(number, 2 * PAGE) or run
    offset, ahead = 0, 0
    while ahead < _LOOKED and (start := _next_word(run, offset)) is not None:
        end = run.index("\n", start)
        ahead += run.count("\n", offset, start)
        if ahead >= _LOOKED:
            break
        line = (view.text(number + ahead) or "").strip()
        if line.startswith(("Traceback (", 'File "')) or "  Traceback (" in line:
            return None  # the latter is IPython's header: what follows is its own chain
        if line in SENTENCES:
            return number + ahead - (not (view.text(number + ahead - 1) or "x").strip())
        offset, ahead = end + 1, ahead + 1
    if ahead >= _LOOKED:
        return None
    ahead += run.count("\n", offset)
    return None if ahead >= _LOOKED else _linked_slowly(view, number, ahead)


def _next_word(run: str, offset: int) -> int | None:
    """Where the next line with any of the words begins."""
    found = [at for word in _WORDS if (at := run.find(word, offset)) >= 0]
    return run.rfind("\n", 0, min(found)) + 1 if found else None


def _linked_slowly(view: Text, number: int, ahead: int) -> int | None:
    while ahead < _LOOKED:
        line = view.text(number + ahead)
        if line is None or line.lstrip().startswith(("Traceback (", 'File "')) or "  Traceback (" in line:
            return None
        if line.strip() in SENTENCES:
            return number + ahead - (not (view.text(number + ahead - 1) or "x").strip())
        ahead += 1
    return None


_DEEP = 100
"""Links of a chain that are read."""
_APART = 8
"""Lines between two tracebacks of a chain, of which one is the sentence."""


def chained(
    view: View, number: int, part: Callable[[View, int], tuple[Raised, int]], head: re.Pattern[str]
) -> tuple[list[Raised], int]:
    """The tracebacks of a chain, and the line after it: `part` reads one from where `head` matches."""
    parts: list[Raised] = []
    end = number
    while len(parts) < _DEEP:
        raised, end = part(view, end)
        parts.append(raised)
        following = _following(view, end, head)
        if following is None:
            break
        relation, end = following
        parts[-1] = placed(parts[-1], relation, len(parts))
    return parts, end


def _following(view: View, number: int, head: re.Pattern[str]) -> tuple[Relation, int] | None:
    """How the traceback before a line is linked to the next one, and where that begins."""
    relation = None
    for at in range(number, number + _APART):
        line = view.text(at)
        if line is None:
            return None
        text = line.strip()
        if text in {CAUSE, CONTEXT}:
            relation = SENTENCES[text]
        elif relation is not None and head.match(line):
            return relation, at
        elif text:
            return None
    return None
