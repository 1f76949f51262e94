"""`pattern` is `re.compile`, but later."""

from __future__ import annotations

import copy
import importlib
import pkgutil
import re
from typing import Any

import pytest

from bot import patterns
from bot.patterns import pattern

CORE = (
    "classify",
    "commands",
    "extract",
    "facts",
    "fingerprint",
    "indexes",
    "model",
    "policy",
    "ports",
    "render",
    "worker",
)


def test_it_does_what_a_compiled_one_does() -> None:
    lazy, eager = pattern(r"(?P<word>[a-z]+)(\d)?", re.IGNORECASE), re.compile(r"(?P<word>[a-z]+)(\d)?", re.IGNORECASE)
    text = "Ab1 cd"
    assert lazy.findall(text) == eager.findall(text)
    assert [one.span() for one in lazy.finditer(text)] == [one.span() for one in eager.finditer(text)]
    assert lazy.sub("x", text) == eager.sub("x", text)
    assert lazy.split(text) == eager.split(text)
    assert (lazy.pattern, lazy.flags, lazy.groups, lazy.groupindex) == (
        eager.pattern,
        eager.flags,
        eager.groups,
        eager.groupindex,
    )
    for name in ("match", "search", "fullmatch"):
        ours, theirs = getattr(lazy, name)("ab1"), getattr(eager, name)("ab1")
        assert ours[0] == theirs[0]


def test_it_is_compiled_once_and_not_before_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = []
    real = re.compile
    monkeypatch.setattr(patterns.re, "compile", lambda *given: (compiled.append(given), real(*given))[1])
    lazy = pattern(rb"\w+ing")
    assert not compiled
    assert lazy.match(b"building")
    assert lazy.search(b"a thing")
    assert not lazy.fullmatch(b"ing")
    assert compiled == [(rb"\w+ing", 0)]


def test_what_is_no_attribute_stays_none() -> None:
    with pytest.raises(AttributeError):
        getattr(pattern("a"), "nothing")  # noqa: B009
    assert copy.copy(pattern("a")).match("a")


def _modules() -> list[Any]:
    names = [f"bot.{name}" for name in CORE]
    for name in names:
        path = getattr(importlib.import_module(name), "__path__", None)
        names += [] if path is None else [one.name for one in pkgutil.walk_packages(path, f"{name}.")]
    return [importlib.import_module(name) for name in dict.fromkeys(names)]


def test_every_pattern_of_the_core_compiles_and_none_is_compiled_at_the_start() -> None:
    found = 0
    for module in _modules():
        for name, value in vars(module).items():
            assert not isinstance(value, re.Pattern), (
                f"{module.__name__}.{name} is compiled with its module: use bot.patterns"
            )
            if isinstance(value, patterns._Pattern):
                found += 1
                assert value.flags >= 0, name
    assert found > 100
