"""Whether all that a statement works on was made by its own distribution: nothing that the project passed is in it.

Read from the released function, and from the functions that called it where the traceback shows them: what an argument
was given there. Whatever can't be told counts as given from outside.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from msgspec import Struct

from bot.indexes.reading.parse import parsed
from bot.patterns import pattern

_OUTSIDE = pattern(
    r"_*(?:open|input|stdin|argv|environ\w*|getenv|getcwd|cwd|locals|vars|globals|eval|exec|getattr|import_module|entry_points?"
    r"|iter_entry_points|listdir|scandir|iterdir|glob|rglob|walk|read\w*|load\w*|fetch\w*|recv\w*|request\w*|urlopen"
    r"|connect\w*|execute\w*|subprocess|check_output|settings|config\w*)"
)
"""Names under which functions get what lies outside: files, the environment, other programs, what is configured."""
STEPS = 64
"""So many bindings are followed back in one function."""
HANDED = 32
"""A statement that hands over more is no call that a person wrote."""
Function = ast.FunctionDef | ast.AsyncFunctionDef
_Block = tuple[list[ast.stmt], int]


class Place(Struct, frozen=True, kw_only=True):
    """A line of a released file."""

    tree: ast.Module
    line: int


def made_here(texts: Sequence[tuple[str, int]], *, strictly: bool) -> bool:
    """Whether what a statement hands over and works on is its distribution's own; the statement's file and line first,
    then those of the calls that led there, innermost first. Strictly: what its object's methods return is not.
    """
    places: list[Place] = []
    for text, line in texts:
        tree = parsed(text)
        if tree is None:
            break
        places.append(Place(tree=tree, line=line))
    scope = _Scope.at(places, strictly=strictly)
    if scope is None:
        return False
    used, seen = list(_used(scope.statement)), set[int]()
    try:
        return 0 < len(used) <= HANDED and all(scope.own(value, scope.way, seen) for value in used)
    except RecursionError:
        return False


class _Scope(Struct, frozen=True, kw_only=True):
    """The function around a place, and the way to its statement: the blocks from the outermost in, with the index of the
    statement in each.
    """

    function: Function
    statement: ast.stmt
    way: tuple[_Block, ...]
    around: tuple[Function, ...]
    """The functions that enclose it."""
    callers: tuple[Place, ...]
    strictly: bool

    @classmethod
    def at(cls, places: Sequence[Place], *, strictly: bool) -> _Scope | None:
        """The scope of the first place; None at the top of a module, and where no statement is."""
        if not places:
            return None
        tree, line = places[0].tree, places[0].line
        around = sorted(
            (node for node in ast.walk(tree) if isinstance(node, Function) and _spans(node, line)),
            key=lambda node: node.lineno,
        )
        way = _way_to(around[-1].body, line) if around else ()
        if not way:
            return None
        block, index = way[-1]
        return cls(
            function=around[-1],
            statement=block[index],
            way=way,
            around=tuple(around[:-1]),
            callers=tuple(places[1:]),
            strictly=strictly,
        )

    def own(self, value: ast.expr, way: tuple[_Block, ...], seen: set[int]) -> bool:
        """Whether a value is no argument of the function, no part of one, and nothing that its object holds."""
        match value:
            case ast.Constant() | ast.Lambda():
                return True
            case ast.Name(id=name) | ast.Attribute(attr=name) if _OUTSIDE.fullmatch(name):
                return False
            case ast.Name(id=name):
                return self._own_name(name, way, seen)
            case ast.Call(func=function, args=args, keywords=keywords):
                given = [*args, *(one.value for one in keywords)]
                return self._may_call(function, way, seen) and all(self.own(one, way, seen) for one in given)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._own_comprehension(value, way, seen)
            case ast.NamedExpr(value=inner):
                return self.own(inner, way, seen)
            case (
                ast.Attribute()
                | ast.Subscript()
                | ast.Await()
                | ast.Starred()
                | ast.List()
                | ast.Tuple()
                | ast.Set()
                | ast.Dict()
                | ast.BinOp()
                | ast.BoolOp()
                | ast.UnaryOp()
                | ast.Compare()
                | ast.IfExp()
                | ast.JoinedStr()
                | ast.FormattedValue()
                | ast.Slice()
            ):
                parts = [one for one in ast.iter_child_nodes(value) if isinstance(one, ast.expr)]
                return all(self.own(one, way, seen) for one in parts)
            case _:
                return False

    def _may_call(self, function: ast.expr, way: tuple[_Block, ...], seen: set[int]) -> bool:
        """Whether what is called is the distribution's own: a method of its object is, a callable that was given is not."""
        base = function
        while isinstance(base, ast.Attribute):
            base = base.value
        if isinstance(base, ast.Name) and base.id in {"self", "cls"} and isinstance(function, ast.Attribute):
            return not self.strictly
        return self.own(function, way, seen)

    def _own_comprehension(
        self,
        value: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp,
        way: tuple[_Block, ...],
        seen: set[int],
    ) -> bool:
        """Whether what a comprehension goes through is own, and all else in it but its own names."""
        bound = {one.id for part in value.generators for one in ast.walk(part.target) if isinstance(one, ast.Name)}
        names = [
            one
            for one in ast.walk(value)
            if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load) and one.id not in bound
        ]
        return all(self.own(part.iter, way, seen) for part in value.generators) and all(
            self.own(one, way, seen) for one in names
        )

    def _own_name(self, name: str, way: tuple[_Block, ...], seen: set[int]) -> bool:
        if name in {"self", "cls"} or len(seen) > STEPS:
            return False
        found, outer = _reaching(name, way)
        for value, at in found:
            if value is None:
                return False
            if id(value) in seen:
                continue  # all have to be own: one that was looked at before was, or comes round by a loop
            seen.add(id(value))
            if not self.own(value, at, seen):
                return False
        if outer and name in _arguments(self.function):
            return self._own_argument(name)
        if found:
            return not _shared(self.function, name)
        return not any(name in _arguments(one) or _binds(one, name) for one in (*self.around, self.function))

    def _own_argument(self, name: str) -> bool:
        """Whether the call that led here gave an own value for an argument."""
        caller = _Scope.at(self.callers, strictly=self.strictly)
        if caller is None:
            return False
        calls = [node for node in ast.walk(caller.statement) if isinstance(node, ast.Call) and self._called(node)]
        if len(calls) != 1:
            return False
        given = _given(calls[0], self.function, name)
        return given is not None and caller.own(given, caller.way, set())

    def _called(self, call: ast.Call) -> bool:
        function = call.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", None)
        return name == self.function.name


def _given(call: ast.Call, function: Function, name: str) -> ast.expr | None:
    """What a call gives for an argument, its default where it gives none; None where that can't be told."""
    if any(isinstance(one, ast.Starred) for one in call.args) or any(one.arg is None for one in call.keywords):
        return None
    for one in call.keywords:
        if one.arg == name:
            return one.value
    spec = function.args
    names = [one.arg for one in (*spec.posonlyargs, *spec.args)]
    if name in names:
        bound = isinstance(call.func, ast.Attribute) and names[:1] in (["self"], ["cls"])
        at = names.index(name) - bound
        if 0 <= at < len(call.args):
            return call.args[at]
        from_end = len(names) - names.index(name)
        return spec.defaults[-from_end] if from_end <= len(spec.defaults) else None
    if name in [one.arg for one in spec.kwonlyargs]:
        return spec.kw_defaults[[one.arg for one in spec.kwonlyargs].index(name)]
    return None


def _used(statement: ast.stmt) -> Iterator[ast.expr]:
    """What a statement works on, its blocks aside: the calls' arguments and what they are called on, what is indexed,
    gone through or computed.
    """
    for name, part in ast.iter_fields(statement):
        if name in {"body", "orelse", "finalbody", "handlers", "cases"}:
            continue
        for one in part if isinstance(part, list) else [part]:
            if isinstance(one, ast.expr) and not (isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)):
                yield one
            elif isinstance(one, ast.withitem):
                yield one.context_expr


_Bound = tuple[ast.expr | None, tuple[_Block, ...]]
"""What a name was bound to, None where that can't be followed, and the way to where that stands."""


def _reaching(name: str, way: tuple[_Block, ...]) -> tuple[list[_Bound], bool]:
    """What a name may have been bound to before a statement, and whether none of that is sure to have been."""
    found: list[_Bound] = []
    for depth in range(len(way) - 1, -1, -1):
        block, index = way[depth]
        for at in range(index - 1, -1, -1):
            found += _bound_in(block[at], name, (*way[:depth], (block, at)))
            if _bound_by(block[at], name) and not isinstance(block[at], ast.AugAssign | ast.For | ast.AsyncFor):
                return found, False
        if not depth:
            break
        outer, position = way[depth - 1]
        holder, here = outer[position], way[:depth]
        direct = _bound_by(holder, name)
        found += [(value, here) for value in direct]
        if isinstance(holder, ast.For | ast.AsyncFor | ast.While):
            found += [
                row for at in range(index, len(block)) for row in _bound_in(block[at], name, (*here, (block, at)))
            ]
        if isinstance(holder, ast.Try) and any(one.name == name for one in holder.handlers):
            found.append((None, here))
        if direct:
            return found, False
    return found, True


def _bound_in(statement: ast.stmt, name: str, way: tuple[_Block, ...]) -> list[_Bound]:
    """What a statement or any in its blocks binds a name to."""
    found: list[_Bound] = [(value, way) for value in _bound_by(statement, name)]
    if isinstance(statement, Function | ast.ClassDef):
        return [(None, way)] if statement.name == name else []
    for block in _blocks(statement):
        found += [row for at, one in enumerate(block) for row in _bound_in(one, name, (*way, (block, at)))]
    return [*found, (None, way)] if not found and _binds_within(statement, name) else found


def _bound_by(statement: ast.stmt, name: str) -> list[ast.expr]:
    """What a statement itself, its blocks aside, binds a name to; unpacked or gone through as well."""
    pairs: list[tuple[ast.expr, ast.expr]] = []
    match statement:
        case ast.Assign(targets=targets, value=value):
            pairs = [(target, value) for target in targets]
        case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.AugAssign(target=target, value=value):
            pairs = [(target, value)]
        case ast.For(target=target, iter=value) | ast.AsyncFor(target=target, iter=value):
            pairs = [(target, value)]
        case ast.With(items=items) | ast.AsyncWith(items=items):
            pairs = [(item.optional_vars, item.context_expr) for item in items if item.optional_vars is not None]
        case _:
            pass
    return [value for target, value in pairs if _stores(target, name)]


def _stores(target: ast.AST, name: str) -> bool:
    return any(
        isinstance(one, ast.Name) and one.id == name and isinstance(one.ctx, ast.Store) for one in ast.walk(target)
    )


def _binds_within(statement: ast.stmt, name: str) -> bool:
    """Whether a statement or anything in it binds a name."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load):
            return True
        named = ast.ExceptHandler | ast.MatchAs | ast.MatchStar | Function | ast.ClassDef
        if isinstance(node, named) and node.name == name:
            return True
    return False


def _binds(function: Function, name: str) -> bool:
    """Whether a function binds a name by itself, or takes it from another's scope."""
    return _shared(function, name) or any(_binds_within(one, name) for one in function.body)


def _shared(function: Function, name: str) -> bool:
    """Whether a function declares a name to be another scope's."""
    rows = (node for node in ast.walk(function) if isinstance(node, ast.Global | ast.Nonlocal))
    return any(name in node.names for node in rows)


def _arguments(function: Function) -> frozenset[str]:
    spec = function.args
    rows = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, spec.vararg, spec.kwarg]
    return frozenset(row.arg for row in rows if row is not None)


def _way_to(block: list[ast.stmt], line: int) -> tuple[_Block, ...]:
    """The blocks from the outermost in to the innermost statement at a line."""
    for index, statement in enumerate(block):
        if not _spans(statement, line) or isinstance(statement, Function | ast.ClassDef):
            continue
        for inner in _blocks(statement):
            deeper = _way_to(inner, line)
            if deeper:
                return ((block, index), *deeper)
        return ((block, index),)
    return ()


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        inner = getattr(statement, name, None)
        if isinstance(inner, list):
            yield inner
    for one in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        yield one.body


def _spans(node: ast.stmt, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


__all__ = ["made_here"]
