"""`pattern`: a regular expression that is compiled when it is first used.

The code base has some hundreds of them, and one log meets few: compiled with their modules they were a seventh of what
`upriver analyze` took to start. After its first use one costs what a compiled one does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

__all__ = ["pattern"]

_METHODS = (
    "findall",
    "finditer",
    "flags",
    "fullmatch",
    "groupindex",
    "groups",
    "match",
    "search",
    "split",
    "sub",
    "subn",
)


class _Pattern:
    """What `re.compile` returns, but later."""

    __slots__ = (*_METHODS, "_compiling", "pattern")

    def __init__(self, expression: str | bytes, flags: int = 0) -> None:
        self.pattern = expression
        self._compiling = flags

    def __getattr__(self, name: str) -> Any:  # of what has no value yet: this is the first use
        if name not in _METHODS:
            raise AttributeError(name)
        compiled = re.compile(self.pattern, self._compiling)
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)

    def __repr__(self) -> str:
        return f"pattern({self.pattern!r})"


if TYPE_CHECKING:
    pattern = re.compile
else:
    pattern = _Pattern
