"""Source text to a syntax tree, by one thread at a time.

CPython 3.11 counts the depth of a tree under construction once for all threads ("AST constructor recursion depth
mismatch", a SystemError), and `warnings.catch_warnings` changes what all threads see.
"""

from __future__ import annotations

import ast
import warnings
from threading import Lock

BUSY = Lock()
REFUSED = (SyntaxError, ValueError, RecursionError, MemoryError, SystemError)
"""What parsing raises for text that is no Python, or too deep for this interpreter."""


def parsed(source: bytes | str) -> ast.Module | None:
    """The tree of a file; None where it is not Python 3."""
    with BUSY, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source)
        except REFUSED:
            return None


def parsed_expression(source: str) -> ast.expr | None:
    """The tree of one expression, or None."""
    with BUSY, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source, mode="eval").body
        except REFUSED:
            return None
