"""Whether a release holds a literal text: the constant part of an error message, in source, data or compiled code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from bot.indexes.reading.parse import parsed

LONGEST_WORDS = 3


def holds_text(content: bytes, text: str) -> bool:
    """Whether bytes hold a text as it is."""
    return text.encode() in content


def may_hold(content: bytes, text: str) -> bool:
    """Whether a source may hold a text cut over several literals: its longest words are all there."""
    words = sorted(re.findall(r"\w+", text), key=len, reverse=True)[:LONGEST_WORDS]
    return bool(words) and all(word.encode() in content for word in words)


def says(content: bytes, text: str) -> bool:
    """Whether one of a source's strings holds a text, literals next to each other and f-strings put together."""
    tree = parsed(content)
    return tree is not None and any(text in string for string in _strings(tree))


def _strings(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)):
                yield text
            case ast.JoinedStr(values=values):
                yield "".join(
                    part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "\0"
                    for part in values
                )
            case _:
                pass
