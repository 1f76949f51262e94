"""Whether a callable takes a parameter: functions, methods, classes, data classes in their several styles."""

from __future__ import annotations

from bot.indexes.reading.resolve import ABSENT, DEEPEST, UNSURE, Found, Missing, Resolver, Site

DATA_BASES = frozenset({"NamedTuple", "TypedDict", "BaseModel", "BaseSettings", "Struct", "SQLModel"})
DATA_DECORATORS = frozenset(
    {
        "dataclass",
        "define",
        "frozen",
        "mutable",
        "attrs",
        "attrib",
        "s",
        "attr.s",
        "attr.attrs",
        "attr.define",
        "attr.frozen",
    }
)


def accepts(resolver: Resolver, module: str, name: str, parameter: str) -> bool | None:
    """Whether the callable takes the parameter by name; None where it can't be told."""
    return _accepts(resolver, resolver.find(module, name), parameter, 0)


def _accepts(resolver: Resolver, found: Found, parameter: str, depth: int) -> bool | None:
    if depth > DEEPEST:
        return None
    start, found = found, resolver.follow(found)
    if isinstance(found, Missing):
        return False if found is ABSENT else None
    answers = [_of(resolver, found, parameter, depth)]
    if answers[0] is False and isinstance(start, Site):
        answers += [_accepts(resolver, other, parameter, depth + 1) for other in resolver.alternatives(start)]
    return True if any(answers) else None if None in answers else False


def _of(resolver: Resolver, site: Site, parameter: str, depth: int) -> bool | None:
    if site.symbol.kind == "def":
        return _function(resolver, site, parameter, depth, None)
    return _class(resolver, site, parameter, depth) if site.symbol.kind == "class" else None


def _function(resolver: Resolver, site: Site, parameter: str, depth: int, owner: Site | None) -> bool | None:
    """A function's own parameters; with **kwargs, what it does with them."""
    symbol = site.symbol
    if parameter in symbol.params or parameter in symbol.taken:
        return True
    if not symbol.extra:
        return False
    if not symbol.forwards:
        return False if symbol.strict else True if not symbol.taken else None
    answers = [_forwarded(resolver, site, target, parameter, depth + 1, owner) for target in symbol.forwards]
    if any(answers):
        return True
    if symbol.strict or all(answer is False for answer in answers):
        return False
    return True if "?" in symbol.forwards else None


def _forwarded(
    resolver: Resolver, site: Site, target: str, parameter: str, depth: int, owner: Site | None
) -> bool | None:
    """What the callable says that **kwargs is handed on to."""
    if depth > DEEPEST or target == "?":
        return None
    first, _, rest = target.partition(".")
    if first == "super" and owner is not None:
        return _above(resolver, owner, rest or "__init__", parameter, depth)
    if first in {"self", "cls"} and owner is not None:
        if not rest:
            return _class(resolver, owner, parameter, depth)
        found = resolver.of_class(owner, rest) if "." not in rest else UNSURE
        if isinstance(found, Site) and found.symbol.kind == "def":
            return _function(resolver, found, parameter, depth, owner)
        return None
    found = resolver.find(site.module, target)
    return None if isinstance(found, Missing) else _accepts(resolver, found, parameter, depth)


def _above(resolver: Resolver, owner: Site, method: str, parameter: str, depth: int) -> bool | None:
    """`super().method(**kwargs)`: the next class that defines it."""
    for base in resolver.line(owner)[1:]:
        if base is None:
            return None
        if isinstance(base, type):
            if method == "__init__" and base is not object:
                return None
            continue
        if method in base.symbol.members and base.symbol.members[method].kind == "def":
            return _function(resolver, Site(base.module, base.symbol.members[method]), parameter, depth, base)
    return False


def _class(resolver: Resolver, site: Site, parameter: str, depth: int) -> bool | None:
    """A class's constructor: `__init__`, `__new__`, or the fields of a data class."""
    result: bool | None = False
    line = resolver.line(site)
    data = any(isinstance(base, Site) and _is_data(base) for base in line)
    for base in line:
        if base is None:
            result = None
            continue
        if isinstance(base, type):
            result = result if base is object else None
            continue
        for method in ("__init__", "__new__"):
            start = base.symbol.members.get(method)
            if start is not None and start.kind == "def":
                taken = _function(resolver, Site(base.module, start), parameter, depth, base)
                return taken if result is False or taken else None
        if data and _has_field(base, parameter):
            return True
        if any(part.rpartition(".")[2] in DATA_BASES for part in base.symbol.bases):
            return False
    return result


def _is_data(site: Site) -> bool:
    """Whether a class's fields are its constructor's parameters."""
    return any(
        text in DATA_DECORATORS or text.rpartition(".")[2] in DATA_DECORATORS for text in site.symbol.decorators
    ) or any(base.rpartition(".")[2] in DATA_BASES for base in site.symbol.bases)


def _has_field(site: Site, parameter: str) -> bool:
    """Attrs drops leading underscores in its constructors."""
    return parameter in site.symbol.fields or f"_{parameter}" in site.symbol.fields


def deprecated_parameter(resolver: Resolver, module: str, name: str, parameter: str) -> bool:
    """Whether the callable warns of the parameter."""
    found = resolver.follow(resolver.find(module, name))
    if isinstance(found, Missing):
        return False
    if found.symbol.kind == "class":
        starts = (resolver.of_class(found, method) for method in ("__init__", "__new__"))
        return any(isinstance(start, Site) and parameter in start.symbol.deprecated_params for start in starts)
    return parameter in found.symbol.deprecated_params
