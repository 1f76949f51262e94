"""What a function or class is defined as: its syntax tree without docstrings, comments and layout, as a digest."""

from __future__ import annotations

import ast
import hashlib
import re

from bot.indexes.probes import Reader
from bot.indexes.reading.parse import parsed
from bot.indexes.reading.resolve import ABSENT, Missing, Resolver
from bot.patterns import pattern

_TESTS = pattern(r"(?:^|/)(?:tests?|testing|conftest\.py$|test_)")
Defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def definition(reader: Reader, module: str, name: str) -> str | None:
    """The digest of what a dotted name is defined as; empty where it is surely not there, None where it can't be told."""
    if module == "*":
        return _anywhere(reader, name)
    resolver = Resolver(reader)
    found = resolver.follow(resolver.find(module, name))
    if isinstance(found, Missing):
        return _by_name(reader, resolver.modules.path(module), name) if found is ABSENT else None
    if found.symbol.kind == "value" and "." in name and not (found.symbol.alias or found.symbol.instance):
        return ""  # an attribute that methods set: no definition that another could equal
    path = resolver.modules.path(found.module)
    if path is None or found.symbol.kind not in {"def", "class"}:
        return None
    return _digest(reader.read(path), name.rpartition(".")[2], found.symbol.line)


def _by_name(reader: Reader, path: str | None, name: str) -> str | None:
    """Tracebacks name methods and inner functions without what they stand in: all of the name in the file together."""
    tree = parsed(reader.read(path)) if path is not None else None
    if tree is None:
        return "" if path is None else None
    nodes = [node for node in ast.walk(tree) if isinstance(node, Defined) and node.name == name.rpartition(".")[2]]
    return hashlib.sha256("".join(ast.dump(_bare(node)) for node in nodes).encode()).hexdigest() if nodes else ""


def _anywhere(reader: Reader, name: str) -> str | None:
    """The digest of all functions and methods of a name that a release's own modules define; empty where none does."""
    written, found = re.compile(rb"def[ \t]+" + re.escape(name.encode()) + rb"\b"), []
    for path, content in sorted(reader.sources()):
        if not path.endswith(".py") or _TESTS.search(path) or not written.search(content):
            continue
        tree = parsed(content)
        if tree is None:
            return None
        found += [
            ast.dump(_bare(node))
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name
        ]
    return hashlib.sha256("".join(found).encode()).hexdigest() if found else ""


def _digest(source: bytes, name: str, line: int) -> str | None:
    """The digest of the definition that begins at a line."""
    tree = parsed(source)
    if tree is None:
        return None
    at_line = [node for node in ast.walk(tree) if isinstance(node, Defined) and node.lineno == line]
    named = [node for node in at_line if node.name == name] or at_line
    if not named:
        return None
    return hashlib.sha256(ast.dump(_bare(named[0])).encode()).hexdigest()


def _bare(node: Defined) -> Defined:
    """The definition without docstrings, in place."""
    for inner in ast.walk(node):
        if isinstance(inner, Defined) and inner.body and is_text(inner.body[0]):
            inner.body = inner.body[1:] or [ast.Pass()]
    return node


def is_text(node: ast.stmt) -> bool:
    """Whether a statement is a text by itself, as a docstring is."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
