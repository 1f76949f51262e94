"""What a dotted name stands for in a release: through imports, stars, bases and lazy tables, file by file.

Answers are `Site` (found, and where), ABSENT (surely not there), MADE (written nowhere, but code may make it on import),
DYNAMIC (the same, when it is asked for), INHERITED (a base class that the release does not hold may have it) or UNSURE.
Only the files on the way are read.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator
from enum import Enum
from typing import Final, Protocol

from msgspec import Struct

from bot.indexes.reading.modules import Modules, Sources
from bot.indexes.reading.symbols import ModuleSource, Symbol
from bot.indexes.trouble import Unknown

OF_MODULES = frozenset(
    {"__name__", "__file__", "__doc__", "__path__", "__spec__", "__loader__", "__package__", "__dict__", "__builtins__"}
)
DEEPEST = 24


class Missing(Enum):
    """How a name is not there."""

    ABSENT = "absent"
    MADE = "made"
    DYNAMIC = "dynamic"
    INHERITED = "inherited"
    UNSURE = "unsure"


ABSENT: Final = Missing.ABSENT
MADE: Final = Missing.MADE
DYNAMIC: Final = Missing.DYNAMIC
INHERITED: Final = Missing.INHERITED
UNSURE: Final = Missing.UNSURE


class Site(Struct, frozen=True):
    """A name found: the module whose source binds it, and what it is bound to."""

    module: str
    symbol: Symbol
    called: bool = False
    """Whether it stands for an instance of the class."""


Found = Site | Missing
Seen = frozenset[tuple[str, str]]


class Resolver:
    """Resolves within one release."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self.modules = Modules(sources)

    # ------------------------------------------------------------------------------------------ names

    def find(self, module: str, dotted: str) -> Found:
        """What a dotted name in a module stands for. A part `f()` is what calling it gives."""
        first, *rest = dotted.split(".")
        found = self._part(lambda name: self.name(module, name), first)
        for part in rest:
            if isinstance(found, Missing):
                return found
            site = found
            found = self._part(lambda name, site=site: self.member(site, name), part)
        return found

    def _part(self, look: Look, part: str) -> Found:
        """One part of a dotted name, called where it is written so."""
        if not part.endswith("()"):
            return look(part)
        found = look(part[:-2])
        return found if isinstance(found, Missing) else self.call(found)

    def name(self, module: str, name: str, seen: Seen = frozenset()) -> Found:
        """A name in a module's namespace, not followed further."""
        if (module, name) in seen or len(seen) > DEEPEST:
            return ABSENT
        seen |= {(module, name)}
        path = self.modules.path(module)
        if path is None:
            return self._without_source(module, name)
        if not self._sources.may_bind(path, name):
            return self._submodule(module, name)
        source = self._sources.module(path)
        if name in source.names:
            return Site(module, source.names[name])
        if name in OF_MODULES:
            return Site(module, Symbol("value"))
        if name in source.lazy:
            return Site(module, Symbol("value", deprecated=name in source.warned))
        starred = self._through_stars(module, source, name, seen)
        if isinstance(starred, Site):
            return starred
        below = self._submodule(module, name)
        if isinstance(below, Site):
            return below
        if name in source.gone:
            return ABSENT
        if path.endswith((".pyi", ".pyx")) and self._compiled(module, name) is UNSURE:
            return UNSURE
        if name in source.maybe:
            return UNSURE
        if starred is UNSURE or (source.partial and name in source.words):
            return UNSURE
        here = DYNAMIC if source.open else MADE if source.made else ABSENT
        return _weaker(here, starred)

    def _submodule(self, module: str, name: str) -> Found:
        """A package's submodule, which importing it makes an attribute."""
        if name in OF_MODULES:
            return Site(module, Symbol("value"))
        there = self.modules.is_package(module) and self.modules.has(f"{module}.{name}")
        return Site(f"{module}.{name}", Symbol("module")) if there else ABSENT

    def _without_source(self, module: str, name: str) -> Found:
        """A name in an extension module, a namespace package, or a module that is not there."""
        if self.modules.binary(module) is not None:
            return self._compiled(module, name)
        if not self.modules.inside(module):
            return UNSURE
        there = self.modules.has(f"{module}.{name}")
        if there:
            return Site(f"{module}.{name}", Symbol("module"))
        return UNSURE if there is None else ABSENT

    def _compiled(self, module: str, name: str) -> Missing:
        """A name in an extension module: not there, unless its file holds the identifier."""
        binary = self.modules.binary(module)
        if binary is None:
            return ABSENT
        try:
            return UNSURE if self._sources.mentions(binary, name) else ABSENT
        except Unknown:
            return UNSURE

    def _through_stars(self, module: str, source: ModuleSource, name: str, seen: Seen) -> Found:
        """A name that `from x import *` brings."""
        result: Missing = ABSENT
        for star in reversed(source.stars):
            target = self.modules.absolute(module, star)
            if not self.modules.inside(target):
                result = UNSURE
                continue
            path = self.modules.path(target)
            if (path is not None and not self._sources.may_bind(path, name)) or not self._exports(target, name):
                continue
            found = self.name(target, name, seen)
            if isinstance(found, Site):
                return found
            result = _weaker(result, found)
        return result

    def _exports(self, module: str, name: str) -> bool:
        """Whether a star import from a module may bring the name."""
        path = self.modules.path(module)
        exported = self._sources.module(path).exported if path is not None else None
        return name in exported if exported else not name.startswith("_")

    # ------------------------------------------------------------------------------------------ what it stands for

    def follow(self, found: Found, depth: int = 0) -> Found:
        """A site followed through imports and plain assignments to what was defined."""
        if isinstance(found, Missing) or depth > DEEPEST:
            return found if isinstance(found, Missing) else UNSURE
        symbol = found.symbol
        if symbol.kind == "import":
            return self.follow(self._imported(found), depth + 1)
        if symbol.kind == "value" and symbol.alias and symbol.alias not in {"None", "True", "False"}:
            target = self._elsewhere(found, symbol.alias)
            return self.follow(target, depth + 1)
        if symbol.kind == "value" and symbol.instance:
            target = self.follow(self._elsewhere(found, symbol.instance), depth + 1)
            return self.call(target) if isinstance(target, Site) else UNSURE
        return found

    def _imported(self, site: Site) -> Found:
        target = self.modules.absolute(site.module, site.symbol.module)
        if not self.modules.inside(target):
            return UNSURE
        if not site.symbol.name:
            return Site(target, Symbol("module")) if self.modules.has(target) else UNSURE
        found = self.name(target, site.symbol.name)
        return UNSURE if isinstance(found, Missing) else found

    def _elsewhere(self, site: Site, dotted: str) -> Found:
        """An expression in a module's namespace; what is not there is a builtin or unknown."""
        found = self.find(site.module, dotted)
        if isinstance(found, Site) and found.symbol is site.symbol:
            return UNSURE
        return UNSURE if isinstance(found, Missing) else found

    def call(self, site: Site) -> Found:
        """What calling it gives: an instance of a class, or of the one class that a function says it returns."""
        found = self.follow(site)
        if isinstance(found, Missing):
            return found
        if found.symbol.kind == "class":
            return Site(found.module, found.symbol, called=True)
        if found.symbol.kind != "def" or not found.symbol.returns:
            return UNSURE
        made = [self.follow(self._elsewhere(found, name)) for name in found.symbol.returns if name != "None"]
        classes = [site for site in made if isinstance(site, Site) and site.symbol.kind == "class"]
        if not classes or len(classes) < len(made):
            return UNSURE
        if len(classes) == 1:
            return Site(classes[0].module, classes[0].symbol, called=True)
        return Site(found.module, Symbol("class", bases=list(found.symbol.returns)), called=True)

    def member(self, site: Site, name: str) -> Found:
        """An attribute of what a site stands for, under whichever condition."""
        found = self._member(self.follow(site), name)
        for other in self.alternatives(site) if found is ABSENT else ():
            there = self._member(self.follow(other), name)
            if there is not ABSENT:
                return there
        return found

    def alternatives(self, site: Site) -> list[Site]:
        """What the name may stand for besides, as bound under other conditions on the way to what it stands for."""
        found: list[Site] = []
        step: Found = site
        for _ in range(DEEPEST):
            if isinstance(step, Missing):
                break
            found += [Site(step.module, other) for other in step.symbol.others]
            step = self._step(step)
        return found

    def _step(self, site: Site) -> Found:
        """One step of `follow`; UNSURE at its end."""
        if site.symbol.kind == "import":
            return self._imported(site)
        if site.symbol.kind == "value" and site.symbol.alias:
            return self._elsewhere(site, site.symbol.alias)
        return UNSURE

    def _member(self, found: Found, name: str) -> Found:
        if isinstance(found, Missing):
            return UNSURE
        if found.symbol.kind == "module":
            return self.name(found.module, name)
        if found.symbol.kind == "class":
            return self.of_class(found, name)
        return UNSURE

    def of_class(self, site: Site, name: str) -> Found:
        """An attribute of a class: its own or inherited."""
        found = self._of_class(site, _unmangled(name))
        return self._of_stub(site.module, name) if found is ABSENT else found

    def _of_stub(self, module: str, name: str) -> Missing:
        """What a stub does not say, the compiled module may have all the same."""
        path = self.modules.path(module)
        if path is None or not path.endswith(".pyi"):
            return ABSENT
        while module:
            if self.modules.binary(module) is not None:
                return self._compiled(module, name)
            module = module.rpartition(".")[0]
        return ABSENT

    def _of_class(self, site: Site, name: str) -> Found:
        result: Missing = ABSENT
        for base in self.line(site):
            if base is None:
                result = _weaker(result, INHERITED)
                continue
            if isinstance(base, type):
                if hasattr(base, name):
                    return Site("builtins", Symbol("value"))
                continue
            if name in base.symbol.members:
                return Site(base.module, base.symbol.members[name])
            if base.symbol.open or "__getattr__" in base.symbol.members or "__getattribute__" in base.symbol.members:
                result = _weaker(result, DYNAMIC)
        return Site("builtins", Symbol("value")) if hasattr(object, name) else result

    def line(self, site: Site) -> list[Site | type | None]:
        """A class and its bases, nearly in their order; None for one that can't be seen.

        Depth first, of equal ones the last: with well-formed classes that is Python's own order.
        """
        found = list(self._line(site, 0))
        last = {id(base.symbol): at for at, base in enumerate(found) if isinstance(base, Site)}
        return [base for at, base in enumerate(found) if not isinstance(base, Site) or last[id(base.symbol)] == at]

    def _line(self, site: Site, depth: int) -> Iterator[Site | type | None]:
        yield site
        for base in site.symbol.bases:
            if depth > DEEPEST:
                yield None
                continue
            found = self.follow(self._base(site, base))
            if isinstance(found, Site) and found.symbol.kind == "class":
                if found.symbol is not site.symbol:
                    yield from self._line(found, depth + 1)
            else:
                yield _builtin(base)

    def _base(self, site: Site, base: str) -> Found:
        return UNSURE if base == "?" else self._elsewhere(site, base)


def _weaker(one: Missing, other: Missing) -> Missing:
    """What remains of two ways in which a name was not found."""
    return max(one, other, key=list(Missing).index)


class Look(Protocol):
    """Looks a single name up."""

    def __call__(self, name: str, /) -> Found:
        """What it is."""
        ...


def _unmangled(name: str) -> str:
    """`_Class__name` as it is written in the class."""
    match = re.fullmatch(r"_[A-Za-z0-9][A-Za-z0-9_]*?(__[A-Za-z0-9].*)", name)
    return match[1] if match else name


PLAIN = frozenset({"ABC", "abc.ABC", "Generic", "typing.Generic", "Protocol", "typing.Protocol", "t.Generic"})
"""Bases that bring no attributes worth asking for."""


def _builtin(base: str) -> type | None:
    """A builtin class by name, or one as empty as `object`."""
    if base in PLAIN:
        return object
    found = getattr(builtins, base, None) if base.isidentifier() else None
    return found if isinstance(found, type) else None
