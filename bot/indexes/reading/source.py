"""One source file to a ModuleSource, with `ast`.

Both branches of a condition count: which one runs is the interpreter's and the platform's business. What only a type
checker sees does not count, except where a module provides its names lazily and lists them so for the checker.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bot.indexes.reading.functions import read_function, warns
from bot.indexes.reading.lazy import LOADERS, read_lazy
from bot.indexes.reading.parse import parsed
from bot.indexes.reading.skim import skim
from bot.indexes.reading.symbols import ModuleSource, Symbol
from bot.patterns import pattern

FIELD_CALLS = frozenset(
    {"attr.ib", "attr.attrib", "attrs.field", "ib", "attrib", "field", "dataclasses.field", "Field"}
)
NOT_RUN = frozenset({"TYPE_CHECKING", "typing.TYPE_CHECKING", "False", "MYPY", "t.TYPE_CHECKING"})
MOST_OTHERS = 4


BINDERS = (b"import *", b"__getattr__", b"globals()", b"vars()", b"exec(", b"setattr(", b"sys.modules")
"""What lets a file bind names that it does not write."""


LOADING = pattern(rb"(?i)(?:" + "|".join(LOADERS).encode() + rb")\w*\(")


def may_bind(data: bytes, name: str) -> bool:
    """Whether a source could bind a name at all: it writes it, or has something that binds unwritten ones."""
    written = name.encode() in data or any(word in data for word in BINDERS)
    return written or LOADING.search(data) is not None


def read_source(data: bytes) -> ModuleSource:
    """What a file says. Never raises: a file that is not Python 3 is skimmed."""
    tree = parsed(data)
    if tree is None:
        return skim(data)
    try:
        return _Reader(tree).read()
    except RecursionError:
        return skim(data)


def dotted(node: ast.expr | None) -> str:
    """`a.b.c` of a node that is just that, else nothing. Subscripts and string annotations are looked into."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            base = dotted(value)
            return f"{base}.{attr}" if base else ""
        case ast.Subscript(value=value):
            return dotted(value)
        case ast.Constant(value=bool(value)):
            return str(value)
        case _:
            pass
    return ""


class _Reader:
    """Walks a module's statements."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._module = ModuleSource()
        self._typed: dict[str, Symbol] = {}
        self._maybe: dict[str, Symbol] = {}

    def read(self) -> ModuleSource:
        """The module."""
        module = self._module
        self._block(self._tree.body, module.names)
        read_lazy(self._tree, module)
        if module.open or module.lazy:
            module.lazy = sorted({*module.lazy, *(set(self._typed) - set(module.names))})
        module.maybe = sorted(set(self._maybe) - set(module.names))
        docstring = ast.get_docstring(self._tree) or ""
        module.deprecated = ".. deprecated::" in docstring[:2000] or any(
            warns(statement) for statement in self._tree.body if isinstance(statement, ast.Expr)
        )
        return module

    # ------------------------------------------------------------------------------------------ statements

    def _block(self, body: Iterable[ast.stmt], names: dict[str, Symbol]) -> None:
        for statement in body:
            self._statement(statement, names)

    def _branch(self, body: Iterable[ast.stmt], names: dict[str, Symbol]) -> None:
        """A block that may not run: what it binds stands beside what was bound before."""
        before = dict(names)
        self._block(body, names)
        for name, symbol in names.items():
            old = before.get(name)
            if old is not None and old is not symbol and old.kind in {"class", "def", "import"}:
                symbol.others = [*symbol.others, old, *old.others][:MOST_OTHERS]

    def _statement(self, node: ast.stmt, names: dict[str, Symbol]) -> None:
        self._bind(_walrus(node), names, node.lineno)
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node, names)
            case ast.ClassDef():
                names[node.name] = self._class(node)
            case ast.Import():
                self._import(node, names)
            case ast.ImportFrom():
                self._import_from(node, names)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                self._assign(node, names)
            case ast.Delete(targets=targets):
                for name in _targets(targets):
                    names.pop(name, None)
            case ast.If():
                self._if(node, names)
            case ast.Expr(value=value):
                self._expression(value)
            case _:
                self._compound(node, names)

    def _compound(self, node: ast.stmt, names: dict[str, Symbol]) -> None:
        """Try, With, For, While, Match: every block in them counts."""
        match node:
            case ast.For(target=target) | ast.AsyncFor(target=target):
                self._bind(_targets([target]), names, node.lineno)
            case ast.With(items=items) | ast.AsyncWith(items=items):
                for item in items:
                    if item.optional_vars is not None:
                        self._bind(_targets([item.optional_vars]), names, node.lineno)
            case ast.Match(cases=cases):
                for case in cases:
                    self._branch(case.body, names)
            case _:
                pass
        for name in ("body", "orelse", "finalbody"):
            self._block(getattr(node, name, ()), names)
        for handler in getattr(node, "handlers", ()):
            self._branch(handler.body, names)

    def _if(self, node: ast.If, names: dict[str, Symbol]) -> None:
        if _may_never(node.test):
            perhaps: dict[str, Symbol] = {}
            self._block(node.body, perhaps)
            self._maybe.update(perhaps)
        elif _never(node.test):
            aside: dict[str, Symbol] = {}
            self._block(node.body, aside)
            if names is self._module.names:
                self._typed.update(aside)
        else:
            self._branch(node.body, names)
        self._branch(node.orelse, names)

    def _bind(self, targets: Iterable[str], names: dict[str, Symbol], line: int) -> None:
        for name in targets:
            names[name] = Symbol("value", line)

    def _expression(self, value: ast.expr) -> None:
        """`__all__.extend([...])` at the top."""
        match value:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="__all__"), attr="extend" | "append"), args=[first]):
                self._export(first, more=True)
            case _:
                pass

    # ------------------------------------------------------------------------------------------ what it brings in

    def _import(self, node: ast.Import, names: dict[str, Symbol]) -> None:
        for item in node.names:
            if item.asname:
                names[item.asname] = Symbol("import", node.lineno, module=item.name)
            else:
                first = item.name.partition(".")[0]
                names[first] = Symbol("import", node.lineno, module=first)

    def _import_from(self, node: ast.ImportFrom, names: dict[str, Symbol]) -> None:
        module = "." * node.level + (node.module or "")
        for item in node.names:
            if item.name == "*":
                self._module.stars.append(module)
            else:
                names[item.asname or item.name] = Symbol("import", node.lineno, module=module, name=item.name)

    # ------------------------------------------------------------------------------------------ definitions

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, names: dict[str, Symbol]) -> None:
        symbol = read_function(node)
        before = names.get(node.name)
        if (
            before is not None
            and before.kind == "def"
            and "overload" in symbol.decorators[-1:] + before.decorators[-1:]
        ):
            _merge(symbol, before)
        if before is not None and any(text.endswith(".setter") for text in symbol.decorators):
            return
        names[node.name] = symbol
        if names is self._module.names:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Global):
                    for name in inner.names:
                        names.setdefault(name, Symbol("value", inner.lineno))

    def _class(self, node: ast.ClassDef) -> Symbol:
        symbol = Symbol("class", node.lineno)
        symbol.bases = [dotted(base) or "?" for base in node.bases]
        symbol.decorators = [dotted(item.func if isinstance(item, ast.Call) else item) for item in node.decorator_list]
        docstring = ast.get_docstring(node) or ""
        symbol.deprecated = ".. deprecated::" in docstring or any(
            "deprecat" in text.lower() for text in symbol.decorators
        )
        self._block(node.body, symbol.members)
        symbol.fields = [*_fields(node.body)]
        for method in node.body:
            if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
                _assigned_to_self(method, symbol.members)
                symbol.open = symbol.open or _sets_unseen(method)
        start = symbol.members.get("__init__") or symbol.members.get("__new__")
        if start is not None and start.deprecated:
            symbol.deprecated = True
        return symbol

    # ------------------------------------------------------------------------------------------ assignments

    def _assign(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign, names: dict[str, Symbol]) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        value = node.value
        if "__all__" in _targets(targets) and names is self._module.names and value is not None:
            self._export(value, more=isinstance(node, ast.AugAssign))
        if isinstance(node, ast.AugAssign) or (value is None and names is self._module.names):
            return
        for name in _targets(targets):
            symbol = Symbol("value", node.lineno)
            if len(targets) == 1 and isinstance(targets[0], ast.Name):
                symbol.alias = dotted(value)
                symbol.instance = dotted(value.func) if isinstance(value, ast.Call) else ""
            names[name] = symbol

    def _export(self, value: ast.expr, *, more: bool) -> None:
        """`__all__`, as far as it is literal; one that is computed in part is worth nothing."""
        found = _strings(value)
        if found is None:
            self._module.exported = None
        elif more:
            self._module.exported = [*(self._module.exported or []), *found]
        else:
            self._module.exported = found


def _walrus(node: ast.stmt) -> Iterator[str]:
    """Names bound in the midst of a statement's own expressions."""
    for value in ast.iter_child_nodes(node):
        if isinstance(value, ast.expr) and not isinstance(value, ast.Lambda):
            yield from (
                inner.target.id
                for inner in ast.walk(value)
                if isinstance(inner, ast.NamedExpr) and isinstance(inner.target, ast.Name)
            )


def _may_never(test: ast.expr) -> bool:
    """`TYPE_CHECKING or …`."""
    return isinstance(test, ast.BoolOp) and any(dotted(value) in NOT_RUN for value in test.values)


def _never(test: ast.expr) -> bool:
    """Whether a condition is never true where a module is imported and run."""
    match test:
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]):
            return True
        case _:
            return dotted(test) in NOT_RUN


def _sets_unseen(method: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a method sets attributes of its class or instance under names that are not written there."""
    own = [*method.args.posonlyargs, *method.args.args]
    first = own[0].arg if own else ""
    for node in ast.walk(method):
        match node:
            case ast.Call(func=ast.Name(id="setattr"), args=[ast.Name(id=target), key, *_]):
                if target in {first, "cls", "self"} and not isinstance(key, ast.Constant):
                    return True
            case ast.Call(func=ast.Name(id="exec")):
                return True
            case ast.Call(
                func=ast.Attribute(value=ast.Attribute(value=ast.Name(id=target), attr="__dict__"), attr="update")
            ):
                if target == first:
                    return True
            case ast.Attribute(value=ast.Name(id=target), attr="__dict__", ctx=ast.Store()) if target == first:
                return True
            case _:
                pass
    return False


def _merge(symbol: Symbol, before: Symbol) -> None:
    """An overload's parameters are the function's."""
    symbol.params = list(dict.fromkeys([*before.params, *symbol.params]))
    symbol.extra = symbol.extra or before.extra
    symbol.returns = list(dict.fromkeys([*before.returns, *symbol.returns]))


def _targets(nodes: Iterable[ast.expr]) -> Iterator[str]:
    """The names that assigning to these binds."""
    for node in nodes:
        match node:
            case ast.Name(id=name):
                yield name
            case ast.Tuple(elts=items) | ast.List(elts=items):
                yield from _targets(items)
            case ast.Starred(value=value):
                yield from _targets([value])
            case _:
                pass


def _strings(node: ast.expr) -> list[str] | None:
    """The strings of a literal list, tuple or set; lists added up count."""
    match node:
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            found = [item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str)]
            return found if len(found) == len(items) else None
        case ast.Constant(value=str(text)):
            return [text]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            one, other = _strings(left), _strings(right)
            return [*one, *other] if one is not None and other is not None else None
        case _:
            pass
    return None


def _fields(body: Iterable[ast.stmt]) -> Iterator[str]:
    """The fields that a data class's body declares, in whichever style."""
    for node in body:
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
                if not dotted(annotation).endswith("ClassVar") and not _kept_out(value):
                    yield name
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=func)) if dotted(func) in FIELD_CALLS:
                if not _kept_out(node.value):
                    yield name


def _kept_out(value: ast.expr | None) -> bool:
    """`field(init=False)`."""
    return isinstance(value, ast.Call) and any(
        keyword.arg == "init" and isinstance(keyword.value, ast.Constant) and keyword.value.value is False
        for keyword in value.keywords
    )


def _assigned_to_self(method: ast.FunctionDef | ast.AsyncFunctionDef, members: dict[str, Symbol]) -> None:
    """Attributes that a method sets on its instance."""
    own = [*method.args.posonlyargs, *method.args.args]
    if not own:
        return
    for node in ast.walk(method):
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attr, ctx=ast.Store()) if name == own[0].arg:
                members.setdefault(attr, Symbol("value", node.lineno))
