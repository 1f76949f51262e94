"""Where what a statement works on comes from: the calls of imported names, a few assignments back in the same function."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from bot.indexes.reading.parse import parsed

STEPS = 4
"""So many assignments are followed back."""
HANDED = 32
"""A statement that hands over more is no call that a person wrote."""
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


def made_here(text: str, line: int) -> bool:
    """Whether what the calls of a statement are given is made in its function, for all that the function shows."""
    tree = parsed(text)
    scopes = [node for node in ast.walk(tree) if isinstance(node, Function) and _spans(node, line)] if tree else []
    function = max(scopes, key=lambda node: node.lineno, default=None)
    statement = _statement(function, line) if function is not None else None
    if function is None or statement is None:
        return False
    calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call)]
    given = [item for call in calls for item in (*call.args, *(one.value for one in call.keywords))]
    return 0 < len(given) <= HANDED and all(_own_make(item, function, line, STEPS) for item in given)


def _own_make(value: ast.expr, function: Function, line: int, steps: int) -> bool:
    """Whether a value is no argument of the function, no part of one, and nothing of its object."""
    match value:
        case ast.Constant():
            return True
        case ast.Call(func=ast.Name(id=name), args=args) if hasattr(builtins, name):
            return all(_own_make(item, function, line, steps) for item in args)  # `list(rows)` is still the rows
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name))) if name not in {"self", "cls"}:
            return _own_make(ast.Name(id=name), function, line, steps)  # what a method of an argument gives is its own
        case ast.Call():
            return True
        case (
            ast.Await(value=inner) | ast.Attribute(value=inner) | ast.Subscript(value=inner) | ast.Starred(value=inner)
        ):
            return _own_make(inner, function, line, steps)
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return all(_own_make(item, function, line, steps) for item in items)
        case ast.Name(id=name):
            bound = _bound(name, function, line)
            if bound is not None:
                return bool(steps) and _own_make(bound, function, bound.lineno, steps - 1)
            return not any(isinstance(node, ast.arg) and node.arg == name for node in ast.walk(function.args))
        case _:
            return False


def _bound(name: str, function: Function, line: int) -> ast.expr | None:
    """What a name was last bound to before a line, unpacked or gone through as well."""
    last: tuple[int, ast.expr] | None = None
    for node in ast.walk(function):
        pairs: list[tuple[ast.expr, ast.expr]] = []
        match node:
            case ast.Assign(targets=targets, value=value):
                pairs = [(target, value) for target in targets]
            case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.NamedExpr(target=target, value=value):
                pairs = [(target, value)]
            case ast.For(target=target, iter=value) | ast.AsyncFor(target=target, iter=value):
                pairs = [(target, value)]
            case ast.With(items=items) | ast.AsyncWith(items=items):
                pairs = [(item.optional_vars, item.context_expr) for item in items if item.optional_vars is not None]
            case _:
                continue
        for target, value in pairs:
            own = any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(target))
            plain = own and not isinstance(target, ast.Attribute | ast.Subscript)
            if plain and value.lineno < line and (last is None or value.lineno > last[0]):
                last = (value.lineno, value)
    return last[1] if last is not None else None


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
