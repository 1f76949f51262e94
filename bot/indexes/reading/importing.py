"""Whether importing one module imports another of the same release, through however many."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Protocol

from bot.indexes.reading.modules import Modules, Sources
from bot.indexes.reading.parse import parsed

MOST = 40
"""So many modules are read on the way."""


class Texts(Sources, Protocol):
    """A release's files with their texts."""

    def read(self, path: str) -> bytes:
        """A file's content; raises `trouble.Unknown`."""
        ...


def imports(sources: Texts, module: str, wanted: str) -> bool:
    """Whether importing `module` also imports `wanted`, as far as up to MOST modules on the way tell."""
    modules = Modules(sources)
    queue, seen = [module], {module}
    while queue and len(seen) <= MOST:
        name = queue.pop(0)
        path = modules.path(name)
        for target in _targets(sources.read(path), name, modules) if path is not None and path.endswith(".py") else ():
            if target == wanted or target.startswith(f"{wanted}."):
                return True
            if target not in seen and modules.inside(target) and modules.path(target) is not None:
                seen.add(target)
                queue.append(target)
    return False


def _targets(source: bytes, module: str, modules: Modules) -> Iterator[str]:
    """The modules that a module imports while it is imported, by their absolute names."""
    tree = parsed(source)
    for node in _run(tree) if tree is not None else ():
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = modules.absolute(module, "." * node.level + (node.module or ""))
            yield base
            yield from (f"{base}.{one.name}" for one in node.names)


def _run(node: ast.AST) -> Iterator[ast.AST]:
    """The statements that run on import: those of functions do not."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.expr):
            continue
        yield inner
        yield from _run(inner)
