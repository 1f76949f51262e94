"""A statement as it stands in one release, and whether another release still has it so.

What is compared is the syntax tree, not the text: the statement (of a compound one its heading, of a class the whole),
the names of the classes and functions that it stands in, the conditions it stands under, and where its imported names
come from.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterator
from itertools import islice

from msgspec import Struct, field

from bot.indexes.definition import Defined, is_text
from bot.indexes.lines import BLOCKS, catches, first_line, names_identifier, own_parts
from bot.indexes.origins import imports_of
from bot.indexes.reading.parse import parsed

REVISION = "3"
"""Raised where what makes a statement the same changes: kept answers are then no longer used."""
Trace = Callable[[str], str]
"""Where a dotted imported name is really from: the release itself, or as it was imported."""
ALIKE = 64
"""So many statements of a file that read as the wanted one are compared for what they stand under."""
Step = tuple[ast.stmt, str]
"""A statement on the way to another, and its block in which the way goes on."""


class Standing(Struct, frozen=True, kw_only=True):
    """What makes a statement what it is."""

    scope: tuple[str, ...]
    """The classes and functions that it stands in, outermost first."""
    said: str
    """The digest of its own parts; the identifier where one is asked for."""
    guards: tuple[str, ...]
    origins: tuple[tuple[str, str], ...]
    """Where its imported names come from."""
    mentions: str | None = None


def standing_at(
    text: str, path: str, line: int, printed: str | None, mentions: str | None, trace: Trace
) -> Standing | None:
    """The statement at a line; None where it can't be told, or the line is not the printed one."""
    lines = text.splitlines()
    if not 0 < line <= len(lines) or (printed is not None and lines[line - 1].strip() != printed.strip()):
        return None
    tree = _tree(text)
    trail = _trail(tree, line) if tree is not None else []
    if tree is None or not trail:
        return None
    if mentions and not _asks(trail[-1][0], mentions):
        return None
    imported = _Imported(imports_of(tree, path), trace)
    said, origins = _said(trail[-1][0], line, imported, mentions)
    return _standing(trail, said, origins, imported, mentions)


def stands(text: str, path: str, wanted: Standing, trace: Trace) -> bool | None:
    """Whether a file has the statement under no more conditions; None where the file is no Python 3."""
    tree = _tree(text)
    if tree is None:
        return None
    imported = _Imported(imports_of(tree, path), trace)
    found = list(islice((one for trail in _all(tree, ()) for one in _matching(trail, wanted, imported)), ALIKE))
    # What a module asks for at its top may be asked for later, in one of its functions.
    scoped = [one for one in found if one.scope == wanted.scope or (wanted.mentions and not wanted.scope)]
    if not scoped and _has_scope(tree, wanted.scope):
        return False
    return any(set(one.guards) <= set(wanted.guards) for one in scoped or found)


def _tree(text: str) -> ast.Module | None:
    """The tree of a file without docstrings."""
    tree = parsed(text)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, Defined) and node.body and is_text(node.body[0]):
            node.body = node.body[1:] or [ast.copy_location(ast.Pass(), node.body[0])]
    return tree


def _matching(trail: list[Step], wanted: Standing, imported: _Imported) -> Iterator[Standing]:
    """A statement's standings that are the wanted one, conditions apart: one for each of its lines that can fail."""
    statement = trail[-1][0]
    if wanted.mentions and not _asks(statement, wanted.mentions):
        return
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    for line in dict.fromkeys([statement.lineno, *(item.lineno for item in decorators)]):
        if wanted.mentions is None and not wanted.said.startswith(_sort(statement, line)):
            continue
        if wanted.mentions is None and isinstance(statement, ast.ClassDef) and _scope(trail) != wanted.scope:
            continue  # a class is compared as a whole: once, where it stood
        said, origins = _said(statement, line, imported, wanted.mentions)
        same = set(wanted.origins) <= set(origins) if wanted.mentions else origins == wanted.origins
        if said == wanted.said and same:
            yield _standing(trail, said, origins, imported, wanted.mentions)


class _Imported(Struct):
    """A file's imported names, and what was worked out of it already."""

    names: dict[str, str]
    trace: Trace
    traced: dict[str, str] = field(default_factory=dict)
    guards: dict[tuple[int, str], str] = field(default_factory=dict)

    def origin(self, name: str) -> str:
        """Where an imported name is really from."""
        if name not in self.traced:
            self.traced[name] = self.trace(self.names[name])
        return self.traced[name]


def _said(
    statement: ast.stmt, line: int, imported: _Imported, mentions: str | None
) -> tuple[str, tuple[tuple[str, str], ...]]:
    """What runs at a line, and where the imported names in it come from."""
    if mentions:
        return mentions, _asked_of(statement, mentions, imported)
    parts = _run(statement, line)
    used = {node.id for part in parts for node in ast.walk(part) if isinstance(node, ast.Name)}
    origins = tuple(sorted((name, imported.origin(name)) for name in used if name in imported.names))
    return _sort(statement, line) + _digest("".join(ast.dump(part) for part in parts)), origins


def _sort(statement: ast.stmt, line: int) -> str:
    """What sort of thing runs at a line: told without looking into it."""
    name = statement.name if isinstance(statement, ast.ClassDef) and line >= statement.lineno else ""
    return f"{type(statement).__name__ if line >= statement.lineno else 'decorator'} {name} "


def _standing(
    trail: list[Step], said: str, origins: tuple[tuple[str, str], ...], file: _Imported, mentions: str | None
) -> Standing:
    guards = []
    for at, (node, block) in enumerate(trail[:-1]):
        key = (id(node), block)
        if key not in file.guards:
            file.guards[key] = _guard(node, block, trail[at + 1][0])
        guards.append(file.guards[key])
    return Standing(
        scope=_scope(trail), said=said, guards=tuple(filter(None, guards)), origins=origins, mentions=mentions
    )


def _scope(trail: list[Step]) -> tuple[str, ...]:
    return tuple(node.name for node, _ in trail[:-1] if isinstance(node, Defined))


def _run(statement: ast.stmt, line: int) -> list[ast.AST]:
    """What runs at a line of a statement: a decorator, a heading, a simple statement, a class with all that is in it."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    for item in decorators:
        if item.lineno <= line <= (item.end_lineno or item.lineno):
            return [item]
    if isinstance(statement, ast.ClassDef):
        return [statement]
    return list(own_parts(statement))


# ---------------------------------------------------------------------------------------------- the way there


def _trail(tree: ast.Module, line: int) -> list[Step]:
    """The statements around a line, outermost first, each with the block in which the next one stands."""
    trail: list[Step] = []
    inside: ast.AST = tree
    while True:
        step = next(
            (row for row in _blocks(inside) if first_line(row[1]) <= line <= (row[1].end_lineno or 0)),
            None,
        )
        if step is None:
            return trail
        if trail:
            trail[-1] = (trail[-1][0], step[0])
        trail.append((step[1], ""))
        inside = step[1]


def _all(node: ast.AST, before: tuple[Step, ...]) -> Iterator[list[Step]]:
    """Every statement below a node with the way to it."""
    for block, statement in _blocks(node):
        way = ((*before[:-1], (before[-1][0], block)) if before else ()) + ((statement, ""),)
        yield list(way)
        yield from _all(statement, way)


def _blocks(node: ast.AST) -> Iterator[tuple[str, ast.stmt]]:
    """The statements right under a node, with the block in which each stands."""
    for block in BLOCKS:
        rows = getattr(node, block, ())
        for number, inner in enumerate(rows if isinstance(rows, list) else ()):
            if isinstance(inner, ast.stmt):
                yield block, inner
            else:
                yield from ((f"{block} {number}", row) for _, row in _blocks(inner))


def _has_scope(tree: ast.Module, scope: tuple[str, ...]) -> bool:
    """Whether a file has the classes and functions that a statement stood in."""
    nodes: list[ast.AST] = [tree]
    for name in scope:
        nodes = [
            row
            for node in nodes
            for row in ast.walk(node)
            if isinstance(row, Defined) and row.name == name and row is not node
        ]
    return bool(nodes)


def _guard(node: ast.stmt, block: str, inner: ast.stmt) -> str:
    """What a statement around another makes its running depend on; empty where that is nothing."""
    match node:
        case ast.If(test=test) | ast.While(test=test):
            return f"{block} {_digest(ast.dump(test))}"
        case ast.For(iter=over) | ast.AsyncFor(iter=over):
            return f"over {_digest(ast.dump(over))}"
        case ast.With(items=items) | ast.AsyncWith(items=items):
            return f"with {_digest(''.join(map(ast.dump, items)))}"
        case ast.Try() | ast.TryStar() if block == "body":
            caught = "".join(ast.dump(one.type) if one.type else "any" for one in node.handlers)
            return f"caught {_digest(caught)}" if catches(node, inner) else ""
        case ast.Try() | ast.TryStar() if block.startswith("handlers"):
            return f"after {_digest(''.join(map(ast.dump, node.body)))}"
        case _:
            return ""


# ---------------------------------------------------------------------------------------------- what is asked for


def _asks(statement: ast.stmt, identifier: str) -> bool:
    return any(names_identifier(node, identifier) for part in own_parts(statement) for node in ast.walk(part))


def _asked_of(statement: ast.stmt, identifier: str, imported: _Imported) -> tuple[tuple[str, str], ...]:
    """In which ways a statement asks for a name, and whom: the module that it is imported from, what it is an attribute
    of, the callable that it is handed to as a keyword.
    """
    found: set[tuple[str, str]] = set()
    for part in own_parts(statement):
        for node in ast.walk(part):
            match node:
                case ast.ImportFrom(module=module, level=level):
                    if any(names_identifier(one, identifier) for one in node.names) or names_identifier(
                        node, identifier
                    ):
                        found.add(("from", f"{'.' * level}{module or ''}"))
                case ast.Import(names=names):
                    found |= {("import", one.name) for one in names if names_identifier(one, identifier)}
                case ast.Call(func=func, keywords=keywords) if any(one.arg == identifier for one in keywords):
                    found.add(("keyword", ast.dump(func)))
                case ast.Attribute(attr=attr, value=value) if attr == identifier:
                    found.add(("attribute", _dotted(value, imported)))
                case ast.Name(id=name) if name == identifier and name in imported.names:
                    found.add(("name", imported.origin(name)))
                case ast.Constant(value=str()) if names_identifier(node, identifier):
                    found.add(("text", ""))
    strongest = min((way for way, _ in found), key=_WAYS.index, default="")
    return tuple(sorted(row for row in found if row[0] == strongest))


_WAYS = ("from", "import", "keyword", "attribute", "name", "text")
"""Ways to ask for a name, the plainest first: what else a statement says of it is beside the point."""


def _dotted(node: ast.expr, imported: _Imported) -> str:
    """`np.random` as `numpy.random`; empty for anything that was not imported."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in imported.names:
        return ""
    return ".".join([imported.origin(node.id), *reversed(parts)])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
