"""How CPython's tracebacks are written, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.model import Frame, Raised, Relation
from bot.patterns import pattern

HEADER = "Traceback (most recent call last):"
CAUSE = "The above exception was the direct cause of the following exception:"
CONTEXT = "During handling of the above exception, another exception occurred:"
SENTENCES = {CAUSE: Relation.CAUSE, CONTEXT: Relation.CONTEXT}

FRAME = pattern(r' {0,4}File "(?P<file>[^"\n]*)", line (?P<line>\d+)(?:, in (?P<function>.*))?\s*$')
WRAPPED = pattern(r' {0,4}File(?: "[^"\n]*",?(?: line(?: \d+,?(?: in)?)?)?)?\s*$')
"""A frame's line that is wrapped somewhere, at eighty columns."""
EXCEPTION = pattern(r"(?P<type>[^\W\d][\w]*(?:\.(?:[^\W\d]\w*|<\w+>))*)(?:: ?(?P<message>.*))?$")
REPEATED = pattern(r"\s*\[Previous line repeated \d+ more times?\]")
RECORD = pattern(
    r"""\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d | \d\d:\d\d:\d\d[.,\d]*\s | (?:DEBUG|INFO|WARNING|ERROR|CRITICAL|FATAL|TRACE)\b
      | [=\-~_*#+]{8,}\s*$ | =+\s.+\s=+$ | -{4,}\s.+\s-{4,}$ | _{3,}\s.+\s_{3,}$ | make(?:\[\d+\])?:\s | \#\#\[ | <\d{1,3}>\w{3}\s
      | \+\s\S | (?:ok|FAIL|ERROR|PASSED|FAILED|OK)(?:\s|$) | \{"
    """,
    re.VERBOSE,
)
_SUGGESTION = pattern(r"\.? ?(?:Did you mean|Or did you forget to import|Maybe you meant|Perhaps you forgot)\b.*$")


def is_header(line: str) -> bool:
    """Whether a line is a traceback's header, of a group or not."""
    return line.rstrip().endswith(HEADER) and line.strip() in {
        HEADER,
        f"+ Exception Group {HEADER}",
        f"Exception Group {HEADER}",
    }


_TYPE_END = ("Error", "Exception", "Warning", "Exit", "Interrupt", "Iteration", "Fault", "Failure", "Timeout", "Group")


_OUTCOMES = {"Failed", "FailTest", "SkipTest"}
"""Exceptions of test runners, named unlike others."""


def looks_like_type(name: str) -> bool:
    """Whether a name is likely to be an exception's type."""
    last = name.rsplit(".", 1)[-1]
    return last.endswith(_TYPE_END) or last in _OUTCOMES or (last[:1].isupper() and "." in name)


def is_anchor(line: str) -> bool:
    """Whether a line does nothing but point at parts of the one above it."""
    return bool(line.strip()) and not line.strip(" ~^")


def parted(message: str) -> tuple[str, str]:
    """A message and the suggestion that CPython added to its first line."""
    first, line, rest = message.partition("\n")
    found = _SUGGESTION.search(first)
    if found is None or not found.start():
        return message.rstrip(), ""
    return (first[: found.start()] + line + rest).rstrip(), found.group()


def raised(name: str, said: str, frames: Iterable[Frame], span: tuple[int, int]) -> Raised:
    """An exception with what it said; the interpreter's suggestion is kept as a note."""
    message, suggestion = parted(said)
    notes = (suggestion,) if suggestion else ()
    return Raised(exception=name, message=message, frames=tuple(frames), notes=notes, span=span)
