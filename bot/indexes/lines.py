"""Whether a source line still stands: in its file, in its function, in a statement that still says the same."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from bot.indexes.reading.parse import parsed

CATCHING = frozenset(
    {"ImportError", "ModuleNotFoundError", "AttributeError", "TypeError", "NameError", "KeyError", "LookupError", "Exception", "BaseException"}
)  # fmt: skip
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def standing(text: str, wanted: str, function: str | None, mentions: str | None) -> list[int]:
    """The numbers of the lines that read as wanted, in the named function where it is there.

    With `mentions`, only those whose whole statement mentions that identifier, outside of a `try` that catches.
    """
    lines = text.splitlines()
    wanted = wanted.strip()
    found = [number for number, line in enumerate(lines, 1) if line.strip() == wanted]
    named = function is not None and not function.startswith("<")
    if not found or not (named or mentions):
        return found
    tree = parsed(text)
    if function is not None and named:
        name = function.rpartition(".")[2]
        spans = list(_indented(lines, name) if tree is None else _spans(tree, name))
        found = [number for number in found if any(start <= number <= end for start, end in spans)]
    if mentions and tree is not None:
        found = [number for number in found if _says(tree, number, mentions)]
    return found


# ---------------------------------------------------------------------------------------------- functions


def _spans(tree: ast.Module, function: str) -> Iterator[tuple[int, int]]:
    """Where functions or classes of a name stand, their decorators with them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == function:
            first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
            yield first, node.end_lineno or node.lineno


def _indented(lines: list[str], function: str) -> Iterator[tuple[int, int]]:
    """The same by indentation, for a file that is not Python 3."""
    for at, line in enumerate(lines):
        bare = line.lstrip()
        if not bare.startswith((f"def {function}(", f"class {function}", f"async def {function}(")):
            continue
        indent = len(line) - len(bare)
        end = at + 1
        while end < len(lines) and (not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip()) > indent):
            end += 1
        yield at + 1, end


# ---------------------------------------------------------------------------------------------- statements


def _says(tree: ast.Module, number: int, mentions: str) -> bool:
    """Whether the statement at a line mentions an identifier and nothing around it catches the error."""
    trail = _trail(tree, number)
    if not trail:
        return False
    statement = trail[-1]
    if any(catches(node, trail[at + 1]) for at, node in enumerate(trail[:-1])):
        return False
    return any(names_identifier(node, mentions) for part in own_parts(statement) for node in ast.walk(part))


def _trail(tree: ast.Module, number: int) -> list[ast.stmt]:
    """The statements around a line, outermost first."""
    trail: list[ast.stmt] = []
    inside: ast.AST = tree
    while True:
        step = next(
            (node for node in _statements(inside) if first_line(node) <= number <= (node.end_lineno or 0)), None
        )
        if step is None:
            return trail
        trail.append(step)
        inside = step


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    """The statements right under a node."""
    for field in BLOCKS:
        for inner in getattr(node, field, ()) if isinstance(getattr(node, field, ()), list) else ():
            if isinstance(inner, ast.stmt):
                yield inner
            else:
                yield from _statements(inner)


def first_line(node: ast.stmt) -> int:
    """A statement's first line, its decorators with it."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(item.lineno for item in decorators)])


def own_parts(statement: ast.stmt) -> Iterator[ast.AST]:
    """A statement's own parts: a compound one's heading without its blocks."""
    if not any(getattr(statement, field, None) for field in BLOCKS):
        yield statement
        return
    for field, value in ast.iter_fields(statement):
        if field not in BLOCKS:
            yield from (part for part in (value if isinstance(value, list) else [value]) if isinstance(part, ast.AST))


def catches(node: ast.stmt, inner: ast.stmt) -> bool:
    """Whether a `try` around the statement swallows the kind of error that a missing name makes."""
    if not isinstance(node, ast.Try | ast.TryStar) or inner not in node.body:
        return False
    return any(_caught(handler.type) and not _raises_again(handler) for handler in node.handlers)


def _caught(kind: ast.expr | None) -> bool:
    if kind is None:
        return True
    return any(isinstance(node, ast.Name) and node.id in CATCHING for node in ast.walk(kind))


def _raises_again(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(statement, ast.Raise) for statement in handler.body)


def names_identifier(node: ast.AST, identifier: str) -> bool:
    """Whether one node mentions the identifier."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=name):
            return name == identifier
        case ast.alias(name=name):
            return identifier in name.split(".")
        case ast.ImportFrom(module=str(module)):
            return identifier in module.split(".") or identifier == module
        case ast.Constant(value=str(text)):
            return re.search(rf"(?<!\w){re.escape(identifier)}(?!\w)", text) is not None
        case _:
            return False
