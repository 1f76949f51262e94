"""A function's signature and what its body does with it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.indexes.reading.parse import parsed_expression
from bot.indexes.reading.symbols import Symbol

WARNINGS = ("DeprecationWarning", "FutureWarning", "RemovedIn")
RENAMERS = ("kwarg", "param", "argument", "rename")
"""Parts of the names of decorators that take parameters under other names."""
TAKERS = frozenset({"pop", "get", "setdefault"})


def read_function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Symbol:
    """A function as a Symbol."""
    args = node.args
    symbol = Symbol("def", node.lineno)
    symbol.params = [arg.arg for arg in [*args.args, *args.kwonlyargs]]
    symbol.positional = [arg.arg for arg in args.posonlyargs]
    symbol.extra = args.kwarg is not None
    symbol.decorators = [_dotted(item.func if isinstance(item, ast.Call) else item) for item in node.decorator_list]
    symbol.returns = list(dict.fromkeys(_classes(node.returns))) or _returned(node)
    symbol.taken.extend(_renamed(node, symbol))
    if args.kwarg is not None:
        _follow_kwargs(node, args.kwarg.arg, symbol)
    _read_deprecation(node, symbol)
    return symbol


def _renamed(node: ast.FunctionDef | ast.AsyncFunctionDef, symbol: Symbol) -> Iterator[str]:
    """Parameters that only a decorator takes: `@deprecate_kwarg("old", "new")`, `@rename_parameter(old="new")`."""
    for item in node.decorator_list:
        if not isinstance(item, ast.Call) or not any(word in _dotted(item.func).lower() for word in RENAMERS):
            continue
        for value in [*item.args, *(keyword.value for keyword in item.keywords)]:
            name = value.value if isinstance(value, ast.Constant) else None
            if isinstance(name, str) and name.isidentifier() and name not in symbol.params:
                yield name


def _dotted(node: ast.expr | None) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            base = _dotted(value)
            return f"{base}.{attr}" if base else ""
        case ast.Call(func=ast.Name(id="super")):
            return "super"
        case _:
            pass
    return ""


def _classes(node: ast.expr | None) -> Iterator[str]:
    """The classes that a return annotation names."""
    match node:
        case ast.Constant(value=str(text)):
            yield from _classes(parsed_expression(text))
        case ast.Subscript(value=value, slice=inner) if _dotted(value).rpartition(".")[2] in {"Union", "Optional"}:
            for item in inner.elts if isinstance(inner, ast.Tuple) else [inner]:
                yield from _classes(item)
        case ast.Subscript(value=value):
            yield from _classes(value)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            yield from _classes(left)
            yield from _classes(right)
        case _:
            name = _dotted(node)
            if name:
                yield name


def _returned(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """Without an annotation: the classes whose calls it returns, if it returns nothing else."""
    found = []
    for inner in ast.walk(node):
        if isinstance(inner, ast.Return) and inner.value is not None:
            name = _dotted(inner.value.func) if isinstance(inner.value, ast.Call) else ""
            if not name.rpartition(".")[2][:1].isupper():
                return []
            found.append(name)
    return list(dict.fromkeys(found))


# ---------------------------------------------------------------------------------------------- **kwargs


def _follow_kwargs(node: ast.FunctionDef | ast.AsyncFunctionDef, name: str, symbol: Symbol) -> None:
    """What becomes of **kwargs: names taken out, callables it is handed on to, or refused where it holds more."""
    uses = 0
    for inner in ast.walk(node):
        match inner:
            case ast.Name(id=used) if used == name:
                uses += 1
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=owner), attr=attr), args=[ast.Constant(value=str(key)), *_]
            ):
                if owner == name and attr in TAKERS:
                    symbol.taken.append(key)
            case ast.Subscript(value=ast.Name(id=owner), slice=ast.Constant(value=str(key))) if owner == name:
                symbol.taken.append(key)
            case ast.Compare(left=ast.Constant(value=str(key)), comparators=[ast.Name(id=owner)]) if owner == name:
                symbol.taken.append(key)
            case ast.Call(keywords=keywords):
                if any(_is(keyword.value, name) for keyword in keywords if keyword.arg is None):
                    symbol.forwards.append(_dotted(inner.func) or "?")
            case ast.If(test=test, body=body) if _is_about(test, name):
                symbol.strict = symbol.strict or any(
                    isinstance(deep, ast.Raise) for statement in body for deep in ast.walk(statement)
                )
    forwarded = len(symbol.forwards)
    if uses > forwarded + len(symbol.taken) + int(symbol.strict) * 3:
        symbol.forwards.append("?")  # it is used in a way that is not followed


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _is_about(test: ast.expr, name: str) -> bool:
    """`if kwargs:`, `if len(kwargs) > 0:`; not `if "x" in kwargs:`."""
    match test:
        case ast.Name(id=used):
            return used == name
        case ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=used)]):
            return used == name
        case ast.Compare(left=left):
            return _is_about(left, name)
        case _:
            pass
    return False


# ---------------------------------------------------------------------------------------------- deprecation


def warns(node: ast.AST) -> bool:
    """Whether a deprecation warning is issued somewhere under this node."""
    return any(_is_warning(inner) for inner in ast.walk(node))


def _is_warning(node: ast.AST) -> bool:
    """`warnings.warn(..., DeprecationWarning)`, `warn_deprecated(...)`."""
    if not isinstance(node, ast.Call):
        return False
    callee = _dotted(node.func).rpartition(".")[2].lower()
    if "deprecat" in callee:
        return True
    if "warn" not in callee:
        return False
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    return any(
        any(word in _dotted(deep).rpartition(".")[2] for word in WARNINGS)
        for argument in given
        for deep in [argument, *(argument.args if isinstance(argument, ast.Call) else [])]
        for deep in [deep.func if isinstance(deep, ast.Call) else deep]
    )


def _read_deprecation(node: ast.FunctionDef | ast.AsyncFunctionDef, symbol: Symbol) -> None:
    """Whether the function, or one of its parameters, is on its way out."""
    docstring = ast.get_docstring(node) or ""
    by_decorator = any("deprecat" in text.lower() for text in symbol.decorators)
    symbol.deprecated = by_decorator or ".. deprecated::" in docstring
    params = {*symbol.params, *symbol.taken}
    for statement in node.body:
        about = _tested(statement) & params
        if not warns(statement):
            continue
        if about:
            symbol.deprecated_params.extend(sorted(about))
        elif not isinstance(statement, ast.If | ast.For | ast.FunctionDef | ast.ClassDef | ast.Try):
            symbol.deprecated = True
    for item in node.decorator_list:
        if isinstance(item, ast.Call) and "deprecat" in _dotted(item.func).lower():
            named = {value.value for value in item.args if isinstance(value, ast.Constant) and value.value in params}
            symbol.deprecated_params.extend(sorted(map(str, named)))
            if named:
                symbol.deprecated = False


def _tested(statement: ast.stmt) -> set[str]:
    """The names that an `if` asks about."""
    if not isinstance(statement, ast.If):
        return set()
    names = {node.id for node in ast.walk(statement.test) if isinstance(node, ast.Name)}
    keys = {
        node.value
        for node in ast.walk(statement.test)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return names | keys
