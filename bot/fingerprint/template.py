"""A message with its values taken out, so that two runs of one bug print the same words.

The parameterisation follows what Sentry and the Kubernetes triage tool mask (addresses, numbers, ids, dates, paths,
hosts); quoted text stays only where it is code (a name that an ImportError misses), since there it is the bug.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.patterns import pattern

MASKS: tuple[tuple[str, str], ...] = (
    ("url", r"\b[a-z][a-z0-9+.-]*://[^\s'\"<>)\]]+"),
    ("email", r"\b[\w.+-]+@[\w-]+\.[\w.-]+"),
    ("uuid", r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"),
    ("date", r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"),
    ("address", r"\b0x[0-9a-fA-F]+\b"),
    ("path", r"(?<![\w.])(?:~|\.{1,2}|[A-Za-z]:)?(?:[/\\][\w.@+\- ]*[\w.@+\-])+[/\\]?"),
    ("ip", r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b"),
    ("hash", r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,64}\b"),
    ("duration", r"\b\d+(?:\.\d+)?(?:ms|us|ns|s|min|h)\b"),
    ("number", r"(?<![\w.])[-+]?\d+(?:[.,]\d+)*(?:[eE][-+]?\d+)?(?![\w])"),
)
_MASK = pattern("|".join(f"(?P<{name}>{form})" for name, form in MASKS))
_QUOTED = pattern(r"'((?:[^'\\\n]|\\.){0,200})'|\"((?:[^\"\\\n]|\\.){0,200})\"|`([^`\n]{0,200})`")
_CODE = pattern(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*(?:\(\))?")

SPEAKS_OF_CODE = frozenset({
    "AttributeError", "ImportError", "ModuleNotFoundError", "NameError", "TypeError", "UnboundLocalError",
    "NoMatches", "DeprecationWarning", "FutureWarning", "PendingDeprecationWarning", "DistributionNotFound",
    "VersionConflict", "ContextualVersionConflict",
})  # fmt: skip
"""Types whose quoted words are names in code."""

LONGEST = 240
"""Characters of the first line that are looked at; a runner's summary may cut the rest."""


def unqualified(exception: str) -> str:
    """The type's own name: uncaught exceptions print it qualified, `traceback` and pytest may not."""
    return exception.rsplit(".", 1)[-1]


def template(exception: str, message: str) -> str:
    """The message's first line with values masked; empty where nothing but a value was printed."""
    name = unqualified(exception)
    if name == "KeyError":
        return ""
    return _masked(message.strip().split("\n", 1)[0][:LONGEST], keep=name in SPEAKS_OF_CODE)


@lru_cache(maxsize=1024)
def _masked(line: str, *, keep: bool) -> str:
    """A line with values masked; quoted code is kept where it is the bug. A log says most of what it says many times."""
    first = re.sub(r"\(unknown location\)|\s*\((?:most likely|consider)[^)]*\)", "", line)

    def quoted(match: re.Match[str]) -> str:
        inner = next(group for group in match.groups() if group is not None)
        return f"'{inner}'" if keep and _CODE.fullmatch(inner) else "<str>"

    masked = _MASK.sub(lambda match: f"<{match.lastgroup}>", _QUOTED.sub(quoted, first))
    return " ".join(masked.split())


def words(text: str) -> frozenset[str]:
    """The template's words, for comparing two of them."""
    return frozenset(re.findall(r"[A-Za-z_][\w.]*|<\w+>", text))
