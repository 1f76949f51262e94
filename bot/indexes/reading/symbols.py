"""What a module's source says, as plain data that can be kept."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct, field

SymbolKind = Literal["class", "def", "value", "import", "module"]


class Symbol(Struct):
    """A name that a module or class binds."""

    kind: SymbolKind
    line: int = 0
    module: str = ""
    """import: the module, relative ones with their dots."""
    name: str = ""
    """import: the name in that module; empty for the module itself."""
    alias: str = ""
    """value: the dotted expression that it was set to."""
    instance: str = ""
    """value: the dotted expression whose call it was set to."""
    bases: list[str] = field(default_factory=list)
    """class: its bases, dotted, subscripts dropped; `?` for one that can't be told."""
    members: dict[str, Symbol] = field(default_factory=dict)
    decorators: list[str] = field(default_factory=list)
    params: list[str] = field(default_factory=list)
    positional: list[str] = field(default_factory=list)
    """Parameters that no keyword reaches."""
    extra: bool = False
    """def: takes **kwargs."""
    taken: list[str] = field(default_factory=list)
    """def: names that it takes out of **kwargs."""
    forwards: list[str] = field(default_factory=list)
    """def: dotted callables that **kwargs is handed on to."""
    strict: bool = False
    """def: raises where **kwargs holds what it does not know."""
    returns: list[str] = field(default_factory=list)
    """def: classes that its annotation, or what it returns, names."""
    deprecated: bool = False
    deprecated_params: list[str] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    """class: annotated names and attrs fields in its body, in order."""
    open: bool = False
    """class: whether its methods set attributes whose names can't be read."""
    others: list[Symbol] = field(default_factory=list)
    """What the name is bound to under another condition."""


class ModuleSource(Struct):
    """What one source file says."""

    names: dict[str, Symbol] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    """Modules imported with `*`."""
    exported: list[str] | None = None
    """`__all__`, where it can be read."""
    lazy: list[str] = field(default_factory=list)
    """Names that `__getattr__` or a lazy-import table provides."""
    gone: list[str] = field(default_factory=list)
    """Names that `__getattr__` refuses on purpose."""
    open: bool = False
    """Whether names may appear when asked for that can't be read: `__getattr__` without a table."""
    made: bool = False
    """Whether names may be made on import that can't be read: `globals()` written to."""
    maybe: list[str] = field(default_factory=list)
    """Names bound under `TYPE_CHECKING or …`: it depends."""
    warned: list[str] = field(default_factory=list)
    """Lazy names that come with a warning."""
    deprecated: bool = False
    partial: bool = False
    """Whether the file could only be skimmed (not Python 3)."""
    words: list[str] = field(default_factory=list)
    """partial: every identifier in it."""


def dump_symbol(symbol: Symbol) -> dict[str, Any]:
    """For JSON; what is empty is left out."""
    row: dict[str, Any] = {"kind": symbol.kind}
    for name in Symbol.__struct_fields__:
        value = getattr(symbol, name)
        if name == "others":
            if value:
                row[name] = [dump_symbol(other) for other in value]
        elif name == "members":
            if value:
                row[name] = {key: dump_symbol(member) for key, member in value.items()}
        elif name != "kind" and value not in ("", 0, False, []):
            row[name] = value
    return row


def load_symbol(row: dict[str, Any]) -> Symbol:
    """As it was dumped."""
    members = {key: load_symbol(member) for key, member in row.get("members", {}).items()}
    others = [load_symbol(other) for other in row.get("others", ())]
    return Symbol(**{**row, "members": members, "others": others})


def dump_module(module: ModuleSource) -> dict[str, Any]:
    """For JSON."""
    row = {name: getattr(module, name) for name in ModuleSource.__struct_fields__ if name != "names"}
    return {**row, "names": {name: dump_symbol(symbol) for name, symbol in module.names.items()}}


def load_module(row: dict[str, Any]) -> ModuleSource:
    """As it was dumped."""
    return ModuleSource(**{**row, "names": {name: load_symbol(symbol) for name, symbol in row["names"].items()}})
