"""Reading sources against what Python itself says of the same, installed, packages: no name may be said to be absent
that is there, or to be there when it is not.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
import random
import warnings
from pathlib import Path

import pytest

from bot.indexes.layout import top_levels
from bot.indexes.reading.parameters import accepts
from bot.indexes.reading.resolve import ABSENT, Resolver, Site
from bot.indexes.reading.source import may_bind, read_source

pytestmark = pytest.mark.slow

DISTRIBUTIONS = (
    "requests",
    "jinja2",
    "packaging",
    "structlog",
    "gidgethub",
    "pluggy",
    "urllib3",
    "pyjwt",
    "pypi-simple",
)
NOT_WRITTEN = {"_abc_impl", "_is_protocol", "_is_runtime_protocol"}
"""Attributes that the interpreter adds."""


class Installed:
    """An installed distribution's sources."""

    def __init__(self, name):
        files = importlib.metadata.distribution(name).files or []
        self.located = {str(file): Path(file.locate()) for file in files if not str(file).startswith("..")}
        self.paths = {path: path for path in self.located}
        self.top_levels = top_levels("wheel", self.paths)
        self.compiled = False
        self.read = {}

    def module(self, path):
        if path not in self.read:
            self.read[path] = read_source(self.located[path].read_bytes())
        return self.read[path]

    def may_bind(self, path, name):
        return may_bind(self.located[path].read_bytes(), name)

    def mentions(self, path, name):
        return name.encode() in self.located[path].read_bytes()

    def modules(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for path in sorted(self.paths):
                name = path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
                if (
                    path.endswith(".py")
                    and all(part.isidentifier() for part in name.split("."))
                    and "__main__" not in name
                ):
                    try:
                        yield name, importlib.import_module(name)
                    except ImportError:
                        continue  # it wants a package that is not installed


def own(value, release):
    return str(getattr(value, "__module__", "")).partition(".")[0] in release.top_levels


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_names_members_and_parameters(distribution):
    release = Installed(distribution)
    resolver = Resolver(release)
    wrong, right, everything = [], 0, set()
    loaded = dict(release.modules())
    for name, module in loaded.items():
        present = {each for each in vars(module) if not each.startswith(("__", "@"))}
        everything |= present
        for each in sorted(present):
            wrong += [f"{name}.{each} is there"] if resolver.find(name, each) is ABSENT else []
            value = getattr(module, each)
            if not own(value, release):
                continue
            if inspect.isclass(value):
                wrong += [
                    f"{name}.{each}.{member} is there"
                    for member in dir(value)
                    if not member.startswith("__")
                    and member not in NOT_WRITTEN
                    and resolver.find(name, f"{each}.{member}") is ABSENT
                ]
                wrong += [f"{name}.{each}.no_such is not"] * isinstance(resolver.find(name, f"{each}.no_such"), Site)
            if inspect.isfunction(value):
                for parameter in inspect.signature(value).parameters.values():
                    if parameter.kind in {parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY}:
                        right += 1
                        refused = accepts(resolver, name, each, parameter.name) is False
                        wrong += [f"{name}.{each}({parameter.name}=) is taken"] * refused
            right += 1
    pool, choice = sorted(everything), random.Random(3)
    for name, module in loaded.items():
        for each in choice.sample(pool, min(40, len(pool))):
            found = resolver.find(name, each)
            if each not in vars(module) and not hasattr(module, each) and isinstance(found, Site):
                wrong += [f"{name}.{each} is not there"] if found.symbol.kind != "module" else []
    assert right > 40
    assert wrong == []
