"""`dataclass`, `field` and `replace` as the standard library's, made so that a program with many of them starts fast.

The standard library compiles up to six functions for each class while a module is imported, and imports `inspect` to do
it: for the hundred classes of the core that was a quarter of what `upriver analyze` took to start. Here `__init__` is
compiled when a class is first instantiated, and what compares, hashes, shows and guards values is shared.
`dataclasses.fields`, `asdict`, `is_dataclass` and whatever builds on them (pydantic) see ordinary dataclasses, which are
described when somebody asks. Of the options there is what the core uses; the type checker sees the standard library's.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass", "field", "replace"]

_MISSING: Any = object()
Spec = dict[str, tuple[Any, Any]]
"""The fields by name: annotation, and default (a value, a `_Default` or `_MISSING`)."""


class _Default:
    """What `field` says of a field."""

    __slots__ = ("compare", "factory", "repr", "value")

    def __init__(self, value: Any, factory: Callable[[], Any] | None, *, compare: bool, repr: bool) -> None:  # noqa: A002
        self.value, self.factory, self.compare, self.repr = value, factory, compare, repr


def _field(
    *,
    default: Any = _MISSING,
    default_factory: Callable[[], Any] | None = None,
    compare: bool = True,
    repr: bool = True,  # noqa: A002 - the standard library's name
) -> Any:
    return _Default(default, default_factory, compare=compare, repr=repr)


def _dataclass(cls: Any = None, /, *, frozen: bool = False, slots: bool = False, kw_only: bool = False) -> Any:
    def made(decorated: Any) -> Any:
        return _made(decorated, frozen=frozen, slots=slots, kw_only=kw_only)

    return made if cls is None else made(cls)


def _made(cls: Any, *, frozen: bool, slots: bool, kw_only: bool) -> Any:
    own: Spec = {
        name: (kind, cls.__dict__.get(name, _MISSING))
        for name, kind in cls.__annotations__.items()
        if "ClassVar" not in str(kind)
    }
    spec: Spec = {}
    for base in reversed(cls.__mro__[1:]):
        spec |= base.__dict__.get("__spec__", {})
    spec |= own
    names = tuple(spec)
    added = {
        "__init__": _first_init(frozen=frozen, kw_only=kw_only),
        "__repr__": _repr,
        **_compared(tuple(_those(spec, "compare")), hashable=frozen),
        **(_FROZEN if frozen else {}),
    }
    members = {name: value for name, value in added.items() if cls.__dict__.get(name) is None}
    described = _Described(spec, frozen=frozen, kw_only=kw_only)
    members |= {
        "__spec__": spec,
        "__match_args__": () if kw_only else names,
        "__dataclass_fields__": described.of("__dataclass_fields__"),
        "__dataclass_params__": described.of("__dataclass_params__"),
    }
    return _slotted(cls, own, members, frozen=frozen) if slots else _filled(cls, own, members)


def _filled(cls: Any, own: Spec, members: dict[str, Any]) -> Any:
    """The class itself with its new members."""
    for name, (_, default) in own.items():
        if isinstance(default, _Default):
            delattr(cls, name) if default.value is _MISSING else setattr(cls, name, default.value)
    for name, member in members.items():
        setattr(cls, name, member)
    return cls


def _slotted(cls: Any, own: Spec, members: dict[str, Any], *, frozen: bool) -> Any:
    """The class once more, with slots for its own fields."""
    inherited = {name for base in cls.__mro__[1:] for name in base.__dict__.get("__slots__", ())}
    kept = {name: value for name, value in cls.__dict__.items() if name not in {"__dict__", "__weakref__", *own}}
    slots = tuple(name for name in own if name not in inherited)
    state = _STATE if frozen else {}
    made = type(cls)(cls.__name__, cls.__bases__, {**kept, **state, **members, "__slots__": slots})
    made.__qualname__ = cls.__qualname__
    return made


# ---------------------------------------------------------------------------------------------- __init__


def _first_init(*, frozen: bool, kw_only: bool) -> Callable[..., None]:
    """An `__init__` that compiles the real one and gives way to it."""

    def first(self: Any, *args: Any, **values: Any) -> None:
        cls: Any = next(base for base in type(self).__mro__ if base.__dict__.get("__init__") is first)
        cls.__init__ = made = _compiled_init(cls, frozen=frozen, kw_only=kw_only)
        made(self, *args, **values)

    return first


def _compiled_init(cls: Any, *, frozen: bool, kw_only: bool) -> Any:
    scope: dict[str, Any] = {"_missing": _MISSING, "_set": object.__setattr__}
    parameters, body = ["*"] if kw_only and cls.__spec__ else [], []
    for number, (name, (_, default)) in enumerate(cls.__spec__.items()):
        value = name
        factory = default.factory if isinstance(default, _Default) else None
        given = default.value if isinstance(default, _Default) else default
        if factory is not None:
            scope[f"_factory{number}"] = factory
            value, given = f"_factory{number}() if {name} is _missing else {name}", _MISSING
        if given is not _MISSING:
            scope[f"_default{number}"] = given
            parameters.append(f"{name}=_default{number}")
        else:
            parameters.append(f"{name}=_missing" if factory else name)
        body.append(_setting(cls, name, value, number, scope) if frozen else f"self.{name} = {value}")
    source = f"def __init__(self, {', '.join(parameters)}):\n  " + "\n  ".join(body or ["pass"])
    exec(source, scope)  # noqa: S102 - as the standard library does; of names and numbers only
    made = scope["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    made.__module__ = cls.__module__
    return made


def _setting(cls: Any, name: str, value: str, number: int, scope: dict[str, Any]) -> str:
    """The statement that sets a frozen value's field, past its guard: by its slot, or in its dictionary."""
    slot: Any = getattr(cls, name, None)
    if type(slot).__name__ != "member_descriptor":
        return f"_set(self, {name!r}, {value})"
    scope[f"_slot{number}"] = slot.__set__
    return f"_slot{number}(self, {value})"


# ------------------------------------------------------------------------------- what all values share


def _compared(names: tuple[str, ...], *, hashable: bool) -> dict[str, Any]:
    values: Callable[[Any], Any] = attrgetter(*names) if names else type

    def equal(self: Any, other: object) -> bool:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: Any) -> int:
        return hash(values(self))

    return {"__eq__": equal, "__hash__": hashed if hashable else None}


def _those(spec: Spec, what: str) -> list[str]:
    """The fields that are compared, or shown."""
    return [name for name, (_, said) in spec.items() if not isinstance(said, _Default) or getattr(said, what)]


def _repr(self: Any) -> str:
    shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in _those(self.__spec__, "repr"))
    return f"{type(self).__qualname__}({shown})"


def _frozen(self: Any, name: str, _value: Any = None) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"{type(self).__name__}.{name} is frozen")


def _state(self: Any) -> list[Any]:
    return [getattr(self, name) for name in self.__spec__]


def _set_state(self: Any, state: list[Any]) -> None:
    for name, value in zip(self.__spec__, state, strict=True):
        object.__setattr__(self, name, value)


_FROZEN = {"__setattr__": _frozen, "__delattr__": _frozen}
_STATE = {"__getstate__": _state, "__setstate__": _set_state}
"""For copies and pickles, which would set what is frozen."""


def _replace(value: Any, /, **changes: Any) -> Any:
    spec = getattr(type(value), "__spec__", None)
    if spec is None:
        from dataclasses import replace

        return replace(value, **changes)
    return type(value)(**{name: getattr(value, name) for name in spec} | changes)


def _described(said: _Default) -> Any:
    import dataclasses

    options: dict[str, Any] = {"compare": said.compare, "repr": said.repr}
    if said.factory is not None:
        options["default_factory"] = said.factory
    elif said.value is not _MISSING:
        options["default"] = said.value
    return dataclasses.field(**options)


class _Described:
    """A class as the standard library describes it, made when somebody asks."""

    def __init__(self, spec: Spec, *, frozen: bool, kw_only: bool) -> None:
        self._spec, self._options = spec, {"frozen": frozen, "kw_only": kw_only}
        self._shadow: Any = None

    def of(self, name: str) -> _Asked:
        """One attribute of the description."""
        return _Asked(self, name)

    def shadow(self) -> Any:
        """A dataclass of the standard library with the same fields."""
        if self._shadow is None:
            import dataclasses

            members: dict[str, Any] = {"__annotations__": {name: kind for name, (kind, _) in self._spec.items()}}
            for name, (_, default) in self._spec.items():
                if isinstance(default, _Default):
                    members[name] = _described(default)
                elif default is not _MISSING:
                    members[name] = default
            self._shadow = dataclasses.dataclass(**self._options)(type("Shadow", (), members))
        return self._shadow


class _Asked:
    __slots__ = ("_described", "_name")

    def __init__(self, described: _Described, name: str) -> None:
        self._described, self._name = described, name

    def __get__(self, _value: object, _owner: type) -> Any:
        return getattr(self._described.shadow(), self._name)


if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace
else:
    dataclass, field, replace = _dataclass, _field, _replace
