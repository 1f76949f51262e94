"""Names that a module provides without binding them: `__getattr__` (PEP 562) and tables of lazy imports."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.indexes.reading.functions import warns
from bot.indexes.reading.symbols import ModuleSource

LOADERS = ("lazymodule", "recreate_module", "attach", "lazy_import", "deprecated_module", "apipkg", "initpkg")
"""Parts of callee names, lower case, that replace a module by one that loads lazily."""


def read_lazy(tree: ast.Module, module: ModuleSource) -> None:
    """Fill in `lazy`, `gone`, `warned`, `open` and `made`."""
    tables = _tables(tree.body)
    for node in tree.body:
        for function in _functions(node):
            if function.name == "__getattr__":
                _read_getattr(function, tables, module)
    if _replaced(tree):
        names = {name for table in tables.values() for name in table}
        module.lazy = sorted({*module.lazy, *names})
        module.open = not names
    elif _writes_globals(tree) or _sets_module(tree):
        module.made = True
    module.lazy = sorted({*module.lazy, *_handed_over(tree, tables)})


def _functions(node: ast.stmt) -> Iterator[ast.FunctionDef]:
    """A function at the top, or under a condition there."""
    if isinstance(node, ast.FunctionDef):
        yield node
    elif isinstance(node, ast.If | ast.Try):
        for inner in [*node.body, *node.orelse]:
            yield from _functions(inner)


# ---------------------------------------------------------------------------------------------- tables


def _handed_over(tree: ast.Module, tables: dict[str, set[str]]) -> set[str]:
    """Names in a dict that is handed, with the module's own name, to what makes them: `provide(__name__, {…})`."""
    found: set[str] = set()
    for node in tree.body:
        match node:
            case ast.Expr(value=ast.Call(args=[ast.Name(id="__name__"), *rest])):
                dicts = [value for value in rest if isinstance(value, ast.Dict)]
                found.update(*(_names_in(value, tables) for value in dicts))
            case _:
                pass
    return found


def _tables(body: Iterable[ast.stmt]) -> dict[str, set[str]]:
    """Names to the strings that their literals hold as keys or members."""
    found: dict[str, set[str]] = {}
    for node in _statements(body):
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=value)
            ):
                if value is not None:
                    found.setdefault(name, set()).update(_names_in(value, found))
            case ast.AugAssign(target=ast.Name(id=name), value=value):
                found.setdefault(name, set()).update(_names_in(value, found))
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name), slice=key)], value=value):
                found.setdefault(name, set()).update({*_names_in(key, found), *_names_in(value, found)})
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)), args=args)):
                for value in args:
                    found.setdefault(name, set()).update(_names_in(value, found))
            case _:
                pass
    return found


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements at the top and under conditions there, in order."""
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try | ast.For | ast.With):
            yield from _statements([*node.body, *getattr(node, "orelse", [])])
            for handler in getattr(node, "handlers", []):
                yield from _statements(handler.body)


def _names_in(node: ast.expr, tables: dict[str, set[str]]) -> set[str]:
    """Identifiers in a literal: keys of dicts with the lists under them, members of lists, first parts of pairs."""
    match node:
        case ast.Constant(value=str(text)):
            return {text} if text.isidentifier() else set()
        case ast.Dict(keys=keys, values=values):
            listed = [value for value in values if isinstance(value, ast.List | ast.Tuple | ast.Set)]
            return set().union(*(_names_in(key, tables) for key in [*filter(None, keys), *listed]))
        case ast.Tuple(elts=items) if items and all(isinstance(item, ast.Constant) for item in items):
            return set().union(*(_names_in(item, tables) for item in items))
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            firsts = (item.elts[0] if isinstance(item, ast.Tuple) and item.elts else item for item in items)
            return set().union(*(_names_in(item, tables) for item in firsts))
        case ast.Call(args=args, keywords=keywords):
            return set().union(*(_names_in(item, tables) for item in [*args, *(word.value for word in keywords)]))
        case (
            ast.DictComp(generators=generators)
            | ast.ListComp(generators=generators)
            | ast.SetComp(generators=generators)
        ):
            return set().union(*(_names_in(part.iter, tables) for part in generators))
        case ast.BinOp(left=left, right=right):
            return _names_in(left, tables) | _names_in(right, tables)
        case ast.Name(id=name):
            return set(tables.get(name, ()))
        case ast.Attribute(value=value):
            return _names_in(value, tables)
        case _:
            pass
    return set()


# ---------------------------------------------------------------------------------------------- __getattr__


def _read_getattr(function: ast.FunctionDef, tables: dict[str, set[str]], module: ModuleSource) -> None:
    """Which names `__getattr__` gives, which it refuses, or that it can't be told."""
    asked = function.args.args[0].arg if function.args.args else "name"
    tables = {**tables, **_tables(function.body)}
    given: set[str] = set()
    refused: set[str] = set()
    warned: set[str] = set()
    opened = False
    for node in ast.walk(function):
        match node:
            case ast.If(test=test, body=body):
                names = _tested(test, asked, tables)
                if names is None:
                    continue
                target = given if _gives(body) else refused
                target |= names
                if any(warns(statement) for statement in body):
                    warned |= names
            case ast.Subscript(value=ast.Name(id=table), slice=ast.Name(id=used)) if used == asked and table in tables:
                if not _only_in_raise(function, node):
                    given |= tables[table]
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=table), attr="get" | "pop"), args=[ast.Name(id=used), *_]
            ):
                if used == asked and table in tables:
                    given |= tables[table]
            case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Name(id=used), *_]) if used == asked:
                opened = True
    if warns(function) and not warned:
        warned |= given
    module.lazy = sorted({*module.lazy, *(given - refused)})
    module.gone = sorted(refused - given)
    module.warned = sorted(warned & given)
    module.open = module.open or (not given and (opened or _returns_something(function, asked)))


def _tested(test: ast.expr, asked: str, tables: dict[str, set[str]]) -> set[str] | None:
    """The names for which a test on the asked name is true; None where it is about something else."""
    match test:
        case ast.Compare(left=ast.Name(id=used), ops=[ast.Eq() | ast.In()], comparators=[other]) if used == asked:
            return _names_in(other, tables)
        case ast.BoolOp(values=values):
            parts = [_tested(value, asked, tables) for value in values]
            known = [part for part in parts if part is not None]
            return set().union(*known) if known else None
        case ast.NamedExpr(value=value):
            return _tested(value, asked, tables)
        case _:
            pass
    return None


def _gives(body: list[ast.stmt]) -> bool:
    """Whether a branch returns something, or goes on, rather than only raising."""
    return any(isinstance(node, ast.Return) for statement in body for node in ast.walk(statement)) or not any(
        isinstance(statement, ast.Raise) for statement in body
    )


def _only_in_raise(function: ast.FunctionDef, wanted: ast.expr) -> bool:
    """Whether a table is looked into only to word an error."""
    return any(
        isinstance(node, ast.Raise) and any(deep is wanted for deep in ast.walk(node)) for node in ast.walk(function)
    )


def _returns_something(function: ast.FunctionDef, asked: str) -> bool:
    """Whether it returns a value at all outside of tests that were read."""
    returns = [node for node in ast.walk(function) if isinstance(node, ast.Return) and node.value is not None]
    return bool(returns) and any(
        isinstance(node, ast.Name) and node.id == asked for back in returns for node in ast.walk(back)
    )


# ---------------------------------------------------------------------------------------------- replaced modules


def _replaced(tree: ast.Module) -> bool:
    """Whether the module puts a lazy one in its place; where it has a class of modules, any way of doing so counts."""
    if any(isinstance(node, ast.ClassDef) and _is_of_modules(node) for node in tree.body):
        return any(_of_modules(node) and isinstance(getattr(node, "ctx", None), ast.Store) for node in ast.walk(tree))
    for node in _statements(tree.body):
        for inner in ast.walk(node) if not isinstance(node, ast.FunctionDef | ast.ClassDef) else ():
            match inner:
                case ast.Subscript(value=ast.Attribute(attr="modules"), slice=ast.Name(id="__name__"), ctx=ast.Store()):
                    return True
                case ast.Call(func=func) if any(word in _callee(func) for word in LOADERS):
                    return True
    return False


def _is_of_modules(node: ast.ClassDef) -> bool:
    """A class of modules that make attributes when they are asked for."""
    methods = {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
    return any(_callee(base) == "moduletype" for base in node.bases) and "__getattr__" in methods


def _callee(func: ast.expr) -> str:
    match func:
        case ast.Name(id=name):
            return name.lower()
        case ast.Attribute(attr=attr):
            return attr.lower()
        case _:
            pass
    return ""


def _is_namespace(node: ast.expr) -> bool:
    """`globals()` handed to somebody who may write to it."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "globals"


def _sets_module(tree: ast.Module) -> bool:
    """`setattr` on this module, by whatever name it took out of `sys.modules`."""
    own = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _of_modules(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="setattr"), args=[first, *_]):
                if _of_modules(first) or (isinstance(first, ast.Name) and first.id in own):
                    return True
            case _:
                pass
    return False


def _of_modules(node: ast.AST) -> bool:
    """`sys.modules[…]`."""
    return isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "modules"


def _writes_globals(tree: ast.Module) -> bool:
    """`globals()[x] = …`, `globals().update(…)`, `exec`, `setattr(module, …)` at the top."""
    for node in _statements(tree.body):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for inner in ast.walk(node):
            match inner:
                case ast.Call(func=ast.Name(id="exec")):
                    return True
                case ast.Subscript(value=ast.Call(func=ast.Name(id="globals" | "vars" | "locals")), ctx=ast.Store()):
                    return True
                case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="globals" | "vars")), attr="update")):
                    return True
                case ast.Call(args=args) if any(_is_namespace(argument) for argument in args):
                    return True
                case _:
                    pass
    return False
