"""Which distribution a repository makes, as its own project files name it. Nothing of them is run."""

from __future__ import annotations

import ast
import configparser
import tomllib
from collections.abc import Awaitable, Callable
from typing import Any

from packaging.utils import InvalidName, canonicalize_name

from bot.model import DistributionName

FILES = ("pyproject.toml", "setup.cfg", "setup.py")
"""In the order in which build back-ends believe them."""

Read = Callable[[str], Awaitable[str | None]]
"""A file's text by its path, or None."""


async def distribution_made(read: Read) -> DistributionName | None:
    """The distribution that the first of the project files names which names one; None where none does."""
    for path in FILES:
        text = await read(path)
        name = named(path, text) if text else None
        if name is not None:
            return name
    return None


def named(path: str, text: str) -> DistributionName | None:
    """The name in one project file; None where it has none, computes it, or is broken."""
    try:
        name = _READERS[path](text)
        return DistributionName(canonicalize_name(name, validate=True)) if isinstance(name, str) else None
    except (ValueError, SyntaxError, RecursionError, MemoryError, configparser.Error, InvalidName):
        return None


def _in_pyproject(text: str) -> Any:
    data = tomllib.loads(text)
    for path in (("project",), ("tool", "poetry"), ("tool", "flit", "metadata")):
        table: Any = data
        for key in path:
            table = table.get(key) if isinstance(table, dict) else None
        if isinstance(table, dict) and (name := table.get("name") or table.get("dist-name")):
            return name
    return None


def _in_setup_cfg(text: str) -> Any:
    parser = configparser.RawConfigParser(strict=False)
    parser.read_string(text)
    return parser.get("metadata", "name", fallback=None)


def _in_setup_py(text: str) -> Any:
    """The literal `name` of the one call of `setup`."""
    names = [
        keyword.value.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and _called(node.func) == "setup"
        for keyword in node.keywords
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant)
    ]
    return names[0] if len(names) == 1 else None


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


_READERS: dict[str, Callable[[str], Any]] = {
    "pyproject.toml": _in_pyproject,
    "setup.cfg": _in_setup_cfg,
    "setup.py": _in_setup_py,
}
