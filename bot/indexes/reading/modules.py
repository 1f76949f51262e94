"""A release's modules: which there are, and in which files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from bot.indexes.reading.symbols import ModuleSource

SUFFIXES = (".py", "/__init__.py", ".pyi", "/__init__.pyi", ".pyx")
BINARY = (".so", ".pyd")


class Sources(Protocol):
    """A release's files, as resolving needs them."""

    paths: Mapping[str, str]
    top_levels: tuple[str, ...]
    compiled: bool

    def module(self, path: str) -> ModuleSource:
        """What a source file says; raises `trouble.Unknown`."""
        ...

    def may_bind(self, path: str, name: str) -> bool:
        """Whether a source file could bind a name at all, told without parsing it; raises `trouble.Unknown`."""
        ...

    def mentions(self, path: str, name: str) -> bool:
        """Whether a compiled file holds an identifier; raises `trouble.Unknown`."""
        ...


class Modules:
    """Finds modules within one release."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._folders = {folder for path in sources.paths for folder in _parents(path)}
        self._binaries = {_bare(path): path for path in sources.paths if path.endswith(BINARY)}

    def path(self, module: str) -> str | None:
        """The source file of a module: `.py` before stubs."""
        base = module.replace(".", "/")
        return next((base + suffix for suffix in SUFFIXES if base + suffix in self._sources.paths), None)

    def binary(self, module: str) -> str | None:
        """The extension module's file."""
        return self._binaries.get(module.replace(".", "/"))

    def has(self, module: str) -> bool | None:
        """Whether the release holds a module or package; None where it is built from source and may appear."""
        if (
            self.path(module) is not None
            or self.binary(module) is not None
            or module.replace(".", "/") in self._folders
        ):
            return True
        return None if self._sources.compiled else False

    def is_package(self, module: str) -> bool:
        """Whether a module is, or could only be, a package."""
        path = self.path(module)
        return path is None or path.endswith(("/__init__.py", "/__init__.pyi"))

    def inside(self, module: str) -> bool:
        """Whether a module would be this distribution's."""
        return module.partition(".")[0] in self._sources.top_levels

    def absolute(self, module: str, target: str) -> str:
        """An import's target, seen from the module that imports."""
        level = len(target) - len(target.lstrip("."))
        if not level:
            return target
        parts = module.split(".")
        keep = len(parts) - level + int(self.is_package(module))
        return ".".join([*parts[: max(keep, 0)], *filter(None, [target[level:]])])


def _bare(path: str) -> str:
    """An extension module's path without its suffixes: `p/q.cpython-311-x86_64-linux-gnu.so` is `p/q`."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{name.partition('.')[0]}"


def _parents(path: str) -> Iterator[str]:
    """The folders that a Python file stands in."""
    if not path.endswith((".py", ".pyi", ".pyx", *BINARY)):
        return
    folder = path.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
