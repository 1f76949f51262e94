"""A probe put to one release."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from bot.facts import (
    DefinedAs,
    HasEntryPoint,
    HasFile,
    HasLine,
    HasModule,
    HasName,
    HasParameter,
    HasText,
    Probe,
    StandsAs,
)
from bot.indexes.archives import Tree
from bot.indexes.budget import Budget
from bot.indexes.cache import Cache
from bot.indexes.limits import Limits
from bot.indexes.lines import standing
from bot.indexes.metadata import read_entry_points
from bot.indexes.reading.importing import imports
from bot.indexes.reading.modules import BINARY
from bot.indexes.reading.parameters import accepts, deprecated_parameter
from bot.indexes.reading.resolve import ABSENT, DYNAMIC, INHERITED, MADE, Missing, Resolver, Site
from bot.indexes.reading.skim import skim_cython
from bot.indexes.reading.source import may_bind, read_source
from bot.indexes.reading.symbols import ModuleSource, dump_module, load_module
from bot.indexes.texts import holds_text, may_hold, says
from bot.indexes.trouble import Bound, Unknown

READER = "12"
"""Raised where the reading of sources changes: what was kept of older readings is then no longer used."""
NAMESAKES = 6
"""So many files of the same name are looked into for a line that moved."""


class Reply(NamedTuple):
    """What one release answers to a probe."""

    at: bool | None
    deprecated: bool = False
    moved_to: str | None = None
    reason: str = ""
    soft: bool | None = None
    """False: not written, but code could make it."""
    made: bool = False
    """Not written, but code could make it on import."""


class Reader:
    """One release's sources, read at most once each, within a budget."""

    def __init__(self, tree: Tree, cache: Cache, budget: Budget, limits: Limits) -> None:
        self.tree = tree
        self.paths: Mapping[str, str] = tree.paths
        self.top_levels = tree.top_levels
        self.compiled = tree.compiled
        self.budget = budget
        self._cache, self._limits = cache, limits
        self._held: dict[str, ModuleSource] = {}

    def module(self, path: str) -> ModuleSource:
        """What a source file says; equal files of other releases were read once for all."""
        held = self._held.get(path)
        if held is None:
            if len(self._held) >= self._limits.modules:
                raise Bound(f"more than {self._limits.modules} source files would have to be read")
            self.budget.seconds()  # reading takes its time too
            held = self._held[path] = self._load(path)
        return held

    def may_bind(self, path: str, name: str) -> bool:
        """Whether a source file could bind a name at all; one that was read already is simply asked."""
        return path in self._held or may_bind(self.read(path), name)

    def mentions(self, path: str, name: str) -> bool:
        """Whether a compiled file holds an identifier: without it, it can't define it."""
        key = f"word {READER} {self.tree.key(path)} {name}"
        data = self._cache.get("modules", key)
        if data is None:
            found = re.search(rb"(?<![A-Za-z0-9_])" + re.escape(name.encode()) + rb"(?![A-Za-z0-9_])", self.read(path))
            data = b"1" if found else b"0"
            self._cache.put("modules", key, data)
        return data == b"1"

    def _load(self, path: str) -> ModuleSource:
        key = f"{READER} {self.tree.key(path)}"
        data = self._cache.get("modules", key)
        if data is not None:
            with suppress(ValueError, KeyError, TypeError):
                return load_module(json.loads(data))
        source = skim_cython(self.read(path)) if path.endswith(".pyx") else read_source(self.read(path))
        self._cache.put("modules", key, json.dumps(dump_module(source), separators=(",", ":")).encode())
        return source

    def read(self, path: str) -> bytes:
        """A file's content."""
        return self.tree.read(path, self.budget)

    def sources(self) -> Iterator[tuple[str, bytes]]:
        """Every source file, in the order that is read most cheaply."""
        paths = [path for path in self.paths if path.endswith((".py", ".pyi"))]
        for path in sorted(paths, key=self.tree.offset):
            if self.tree.size(path) <= self._limits.member_bytes:
                yield path, self.read(path)

    def text(self, path: str) -> str:
        """A source file's text."""
        return self.read(path).decode("utf-8", "replace")


def put(probe: Probe, reader: Reader) -> Reply:
    """The release's answer; raises Unknown where a file that it needs can't be had."""
    match probe:
        case HasModule(module=module):
            return _has_module(module, reader)
        case HasName(module=module, name=name, bound=bound):
            return _has_name(module, name, reader, bound=bound)
        case HasParameter(module=module, name=name, parameter=parameter):
            resolver = Resolver(reader)
            taken = accepts(resolver, module, name, parameter)
            return Reply(taken, bool(taken) and deprecated_parameter(resolver, module, name, parameter))
        case HasLine():
            return _has_line(probe, reader)
        case HasText(text=text):
            return _has_text(text, reader)
        case DefinedAs() | StandsAs():
            return Reply(None, reason="it takes two releases to compare")
        case HasEntryPoint(group=group, name=name):
            return _has_entry_point(group, name, reader)
        case HasFile(file="*.so"):
            return Reply(_binary(reader))
        case HasFile(file=file):
            return Reply(file in reader.paths or (None if reader.compiled else False))


# ---------------------------------------------------------------------------------------------- modules, names


def _has_module(module: str, reader: Reader) -> Reply:
    resolver = Resolver(reader)
    there = resolver.modules.has(module)
    if not there:
        return Reply(there, moved_to=_namesake_module(module, reader))
    path = resolver.modules.path(module)
    with suppress(Unknown):
        return Reply(True, deprecated=path is not None and reader.module(path).deprecated)
    return Reply(True)


def _namesake_module(module: str, reader: Reader) -> str | None:
    """A module of the same last name elsewhere in the release, if there is just one."""
    last = module.rpartition(".")[2]
    found = {
        path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for path in reader.paths
        if path.endswith((f"/{last}.py", f"/{last}/__init__.py"))
    }
    found = {name for name in found if all(part.isidentifier() for part in name.split("."))}
    return found.pop() if len(found) == 1 else None


def _has_name(module: str, name: str, reader: Reader, *, bound: bool) -> Reply:
    resolver = Resolver(reader)
    if name.startswith("*."):
        return Reply(_on_any_class(name[2:], module, reader))
    found = resolver.find(module, name)
    if isinstance(found, Missing):
        if found is ABSENT:
            return Reply(False)
        soft = False if found in {DYNAMIC, INHERITED, MADE} else None
        return Reply(None, reason="it can't be told from the source", soft=soft, made=found is MADE)
    submodule = found.symbol.kind == "module" and found.module == f"{module}.{name}"
    if bound and submodule and not imports(reader, module, found.module):
        # Compiled code may import it unseen.
        return (
            Reply(None, reason="compiled code may import it", soft=False, made=True)
            if _binary(reader)
            else Reply(False)
        )
    return Reply(True, deprecated=_is_deprecated(resolver, found))


def _binary(reader: Reader) -> bool:
    return any(path.endswith(BINARY) for path in reader.paths)


def made_beside(probe: HasName, reader: Reader) -> bool:
    """Whether any other name could be made on demand, or inherited unseen, where this one is written out."""
    owner, dot, _ = probe.name.rpartition(".")
    return Resolver(reader).find(probe.module, f"{owner}{dot}no_such_name_") in {DYNAMIC, INHERITED}


def _is_deprecated(resolver: Resolver, found: Site) -> bool:
    """Whether using the name warns: the symbol does, or its module does when imported."""
    if found.symbol.deprecated:
        return True
    with suppress(Unknown):
        end = resolver.follow(found)
        return isinstance(end, Site) and end.symbol.deprecated
    return False


def _on_any_class(member: str, module: str, reader: Reader) -> bool | None:
    """`*.member`: whether any class of the module, or of the package's modules, defines it."""
    base = module.replace(".", "/")
    paths = [
        path for path in reader.paths if path == f"{base}.py" or (path.startswith(f"{base}/") and path.endswith(".py"))
    ]
    return any(
        symbol.kind == "class" and member in symbol.members
        for path in sorted(paths)
        for symbol in reader.module(path).names.values()
    )


# ---------------------------------------------------------------------------------------------- lines, files


def _has_line(probe: HasLine, reader: Reader) -> Reply:
    """Whether the line stands in its file; where the file moved, in the one that took its name."""
    if probe.file in reader.paths:
        return Reply(_stands(reader, probe.file, probe))
    if reader.compiled and not probe.file.endswith(".py"):
        return Reply(None, reason="it is made when the source is built")
    for path in namesakes(probe.file, reader):
        if _stands(reader, path, probe):
            return Reply(True, moved_to=path)
    return Reply(False)


def _stands(reader: Reader, path: str, probe: HasLine) -> bool:
    return bool(standing(reader.text(path), probe.text, probe.function, probe.mentions))


def namesakes(file: str, reader: Reader) -> list[str]:
    """Files of the same name, those in the most similar folders first."""
    last = posixpath.basename(file)
    folders = set(file.split("/"))
    found = [path for path in reader.paths if posixpath.basename(path) == last and path != file]
    found.sort(key=lambda path: (-len(folders & set(path.split("/"))), path))
    return found[:NAMESAKES] if last != "__init__.py" else []


def _has_text(text: str, reader: Reader) -> Reply:
    """Whether any file holds a text; sources first, for they are soonest read."""
    reader.tree.bring(reader.budget)
    for path, content in reader.sources():
        if holds_text(content, text) or (path.endswith(".py") and may_hold(content, text) and says(content, text)):
            return Reply(True)
    return Reply(reader.tree.holds(text.encode(), reader.budget))


def tracer(reader: Reader) -> Callable[[str], str]:
    """Tells of an imported name whether the release itself defines it, wherever; else where it is imported from."""
    resolver = Resolver(reader)

    def trace(dotted: str) -> str:
        module, _, name = dotted.rpartition(".")
        with suppress(Unknown):
            end: Site | Missing | None = None
            if name and resolver.modules.path(module) is not None:
                end = resolver.follow(resolver.find(module, name))
            if isinstance(end, Site) and end.symbol.kind != "import":
                return "own"
        return dotted

    return trace


def defining(name: str, reader: Reader) -> tuple[str, ...]:
    """The modules that define a class or function of a name at their top level, those of tests last."""
    written = re.compile(rb"(?:class|def)[ \t]+" + re.escape(name.encode()) + rb"\b")
    found = []
    for path, content in reader.sources():
        if path.endswith(".py") and written.search(content):
            symbol = reader.module(path).names.get(name)
            if symbol is not None and symbol.kind in {"class", "def"}:
                found.append(path.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    return tuple(sorted(found, key=lambda module: (".test" in f".{module}", module)))


# ---------------------------------------------------------------------------------------------- entry points


def _has_entry_point(group: str, name: str, reader: Reader) -> Reply:
    path = reader.tree.metadata_path("entry_points.txt")
    if path is not None:
        return Reply((group, name) in read_entry_points(reader.text(path)))
    if reader.tree.file.kind != "sdist":
        return Reply(False)
    return Reply(None, reason="the source archive does not list its entry points")
