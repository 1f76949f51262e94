"""Where what a statement works on comes from: the calls of imported names, a few assignments back in the same function."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.indexes.reading.parse import parsed

STEPS = 4
"""So many assignments are followed back."""
Function = ast.FunctionDef | ast.AsyncFunctionDef


def origins(text: str, path: str, line: int, attribute: str | None) -> tuple[str, ...]:
    """The dotted names of the calls; none where anything else, such as an argument, may be what it works on."""
    tree = parsed(text)
    if tree is None:
        return ()
    scopes = [node for node in ast.walk(tree) if isinstance(node, Function) and _spans(node, line)]
    function = max(scopes, key=lambda node: node.lineno, default=None)
    statement = _statement(function or tree, line)
    if statement is None:
        return ()
    names = imports_of(tree, path)
    found = [_origin(base, function or tree, line, names, STEPS) for base in _bases(statement, attribute)]
    return tuple(dict.fromkeys(filter(None, found))) if found and None not in found else ()


def _spans(node: ast.stmt, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _statement(scope: ast.AST, line: int) -> ast.stmt | None:
    """The innermost statement at a line."""
    rows = [node for node in ast.walk(scope) if isinstance(node, ast.stmt) and node is not scope and _spans(node, line)]
    return max(rows, key=lambda node: (node.lineno, node.col_offset), default=None)


def _bases(statement: ast.stmt, attribute: str | None) -> Iterator[ast.expr]:
    """What the statement works on: what the attribute is looked for on, else what is indexed, unpacked or gone through."""
    for node in ast.walk(statement):
        if attribute is not None:
            if isinstance(node, ast.Attribute) and node.attr == attribute:
                yield node.value
        elif isinstance(node, ast.Subscript):
            yield node.value
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            yield node.iter
        elif isinstance(node, ast.Assign) and any(isinstance(target, ast.Tuple | ast.List) for target in node.targets):
            yield node.value


def _origin(base: ast.expr, scope: ast.AST, line: int, names: dict[str, str], steps: int) -> str | None:
    """The call that gave a value; None where it is not one call of an imported name."""
    if isinstance(base, ast.Await | ast.Starred | ast.Attribute):
        return _origin(base.value, scope, line, names, steps)
    if isinstance(base, ast.Call):
        return _imported(base.func, names)
    if not isinstance(base, ast.Name) or not steps:
        return None
    given = _given(base.id, scope, line)
    return _origin(given, scope, given.lineno, names, steps - 1) if given is not None else None


def _given(name: str, scope: ast.AST, line: int) -> ast.expr | None:
    """What a name was last given before a line, as it is written; None where that is not a plain assignment."""
    last: tuple[int, ast.expr] | None = None
    for node in ast.walk(scope):
        pairs: list[tuple[ast.expr, ast.expr]] = []
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value) for target in node.targets]
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            pairs = [(node.target, node.value)]
        elif isinstance(node, ast.With | ast.AsyncWith):
            pairs = [(item.optional_vars, item.context_expr) for item in node.items if item.optional_vars is not None]
        for target, value in pairs:
            own = isinstance(target, ast.Name) and target.id == name
            if own and value.lineno < line and (last is None or value.lineno > last[0]):
                last = (value.lineno, value)
    return last[1] if last is not None else None


def _imported(function: ast.expr, names: dict[str, str]) -> str | None:
    """A called name, dotted from the top level; None where it does not begin with an imported one."""
    parts: list[str] = []
    while isinstance(function, ast.Attribute):
        parts.append(function.attr)
        function = function.value
    if not isinstance(function, ast.Name) or function.id not in names:
        return None
    return ".".join([names[function.id], *reversed(parts)])


def imports_of(tree: ast.Module, path: str) -> dict[str, str]:
    """What the imported names of a file stand for; relative imports from where the file is."""
    package = path.split("/")[:-1]
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                top = one.name.split(".", 1)[0]
                names[one.asname or top] = one.name if one.asname else top
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            names |= {one.asname or one.name: f"{module}.{one.name}" for one in node.names}
    return names
