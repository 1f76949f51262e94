"""How the standard library differs between its series, from static data (`tools/static/stdlib_table.py` writes it).

The interpreter is a trigger like any release: `from fractions import gcd` broke when Python 3.9 came, whatever else was
installed. Series are `3.11`; what the data does not cover is None, never a guess.
"""

from __future__ import annotations

import json
import re
import zlib
from array import array
from bisect import bisect_left
from functools import cache, lru_cache
from typing import Any

from msgspec import Struct

from bot.classify import shipped


class Removal(Struct, frozen=True, kw_only=True):
    """A module or name of the standard library that the running series no longer (or not yet) has."""

    symbol: str
    last_good: str
    first_bad: str
    later: bool = False
    """True where it comes with a later series: the code that asks for it needs a newer interpreter."""


def series(python: str | None) -> str | None:
    """`3.11` of `3.11.7`, `pypy3.11`, `cp311`; None where there is none."""
    found = re.search(r"(\d)\.(\d{1,2})", python or "")
    return f"{found[1]}.{found[2]}" if found else None


def knows_module(module: str) -> bool:
    """Whether any series' standard library has the module."""
    return module in _modules() or module in {"__future__", "builtins"}


def has_module(module: str, at: str) -> bool | None:
    """Whether a series has the module; None where the series is not covered."""
    if at not in _series():
        return None
    where = _modules().get(module)
    return where is not None and (not where or _series().index(at) in where)


def missing_module(module: str, at: str | None) -> Removal | None:
    """When a module that the running series lacks went (or will come)."""
    where = _modules().get(module)
    return _removal(module, where, at) if where else None


def missing_name(module: str, name: str, at: str | None) -> Removal | None:
    """When a name (or `Class.member`) that the running series' module lacks went (or will come)."""
    where = _names(module).get(name)
    return _removal(f"{module}.{name}", where, at) if where else None


def modules_defining(name: str) -> tuple[str, ...]:
    """The standard library's public modules that define a class of this name, the shortest name first."""
    where = [
        module
        for module in (_row("classes", name) or ())
        if not any(part.startswith("_") for part in module.split("."))
    ]
    return tuple(sorted(where, key=lambda module: (module.count("."), module)))


def class_changed(module: str, name: str, at: str | None) -> Removal | None:
    """Whether a class came, lost a base class or lost members with the running series."""
    if at not in _series()[1:]:
        return None
    here = _series().index(at)
    rows = _names(module)
    mine = [(row, where) for row, where in rows.items() if row == name or row.startswith(f"{name}.")]
    lost = any(here - 1 in where and here not in where for _, where in mine)
    came = any(row == name and here in where and here - 1 not in where for row, where in mine)
    if not lost and not came:
        return None
    return Removal(symbol=f"{module}.{name}", last_good=_series()[here - 1], first_bad=at)


def line_came(file: str, text: str, at: str | None) -> Removal | None:
    """The series, up to the running one, with which this source line came into this file of the standard library.

    `file` is relative to the library, `logging/__init__.py`. None where the line is as old as the data or unknown.
    """
    if at is None:
        return None
    key = zlib.crc32(f"{file}\0{text.strip()}".encode())
    came = [one for one in _newly(key) if _series().index(one) <= _index(at)]
    if not came:
        return None
    newest = came[-1]
    return Removal(symbol=file, last_good=_series()[_series().index(newest) - 1], first_bad=newest)


def _removal(symbol: str, where: list[int], at: str | None) -> Removal | None:
    here = _index(at)
    if here < 0 or here in where:
        return None
    earlier = [index for index in where if index < here]
    if earlier:
        last = max(earlier)
        return Removal(symbol=symbol, last_good=_series()[last], first_bad=_series()[last + 1])
    return Removal(symbol=symbol, last_good=_series()[min(where)], first_bad=_series()[here], later=True)


def _index(at: str | None) -> int:
    """A series' place among those covered; one newer than all of them counts as the newest."""
    if at in _series():
        return _series().index(at)
    if at is None:
        return -1
    newest = tuple(map(int, _series()[-1].split(".")))
    return len(_series()) - 1 if tuple(map(int, at.split("."))) > newest else -1


@cache
def _series() -> list[str]:
    return list(_member("series"))


@cache
def _modules() -> dict[str, list[int]]:
    """Places of each module's series, which are indexes into `_series`; an empty list means all of them."""
    return dict(_member("modules"))


def _names(module: str) -> dict[str, list[int]]:
    return _row("names", module) or {}


@cache
def _text() -> str:
    return shipped.text("data/stdlib.json")


@cache
def _bounds(section: str) -> tuple[int, int]:
    start = _text().index(f'\n"{section}":')
    return start, _text().index("\n}", start)


def _member(section: str) -> Any:
    return json.JSONDecoder().raw_decode(_text(), _bounds(section)[0] + len(section) + 4)[0]


@lru_cache(maxsize=4096)
def _row(section: str, key: str) -> Any:
    """One row of a large member, each of which has a line; read as a whole the file takes longer than any log."""
    wanted = f"\n{json.dumps(key)}:"
    at = _text().find(wanted, *_bounds(section))
    return json.JSONDecoder().raw_decode(_text(), at + len(wanted))[0] if at >= 0 else None


@cache
def _lines() -> tuple[array[int], tuple[tuple[str, int, int], ...]]:
    """Checksums of lines, and where in them are those, in order, that are new in a series; oldest first."""
    raw = shipped.data("data/stdlib_lines.bin")
    size = int.from_bytes(raw[:4], "little")
    numbers = array("I")
    numbers.frombytes(raw[4 + size :])
    return numbers, tuple((name, start, start + count) for name, start, count in json.loads(raw[4 : 4 + size]))


def _newly(key: int) -> list[str]:
    """The series with which a line came."""
    numbers, places = _lines()
    found = ((name, bisect_left(numbers, key, start, end), end) for name, start, end in places)
    return [name for name, at, end in found if at < end and numbers[at] == key]
