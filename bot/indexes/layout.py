"""Where an archive's members would stand when installed.

A wheel says it outright. A source distribution does not: its packages may stand at the top, in `src`, in `lib3`. The
names that its own metadata gives its top level settle it; else the outermost packages do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from bot.patterns import pattern

ROOTS = ("", "src", "lib3", "lib", "python", "src/python", "python3", "source")
"""Where packages usually stand, best first."""
ASIDE = pattern(
    r"^(tests?|testing|docs?|examples?|samples?|benchmarks?|tools?|scripts?|ci|build|dist|debian|packaging|"
    r"requirements|setup|conftest|tasks|noxfile|fabfile|\..*)$"
)
"""Top-level folders of source distributions that are not installed."""
DATA = pattern(r"^[^/]+\.data/(?:purelib|platlib)/(.+)$")


def installed(kind: str, names: Iterable[str]) -> dict[str, str]:
    """Installed path to member."""
    if kind == "sdist":
        return _from_source(list(names))
    found = {}
    for name in names:
        match = DATA.match(name)
        if match:
            found[match[1]] = name
        elif not re.match(r"^[^/]+\.data/", name):
            found[name] = name
    return found


def _from_source(names: list[str]) -> dict[str, str]:
    """A source distribution's packages, its metadata beside them."""
    bare = {_below(name): name for name in names if "/" in name}
    roots = _roots(bare)
    found: dict[str, str] = {}
    taken: set[str] = set()
    for root in filter(None, roots):
        for path, name in bare.items():
            if path.startswith(f"{root}/"):
                found.setdefault(path[len(root) + 1 :], name)
                taken.add(path)
    for path, name in bare.items():
        if path not in taken:
            found.setdefault(path, name)
    return found


def _below(name: str) -> str:
    """A path without its archive's one top folder."""
    return name.removeprefix("./").partition("/")[2]


def _roots(bare: Mapping[str, str]) -> list[str]:
    """The folders that packages stand in, best first; the top itself always counts, last."""
    folders = {path.rpartition("/")[0] for path in bare if path.endswith("/__init__.py")}
    outer = {folder for folder in folders if folder.rpartition("/")[0] not in folders}
    parents = {folder.rpartition("/")[0] for folder in outer if not ASIDE.match(folder.rpartition("/")[2])}
    inner = [parent for parent in parents if not any(ASIDE.match(part) for part in parent.split("/") if part)]
    for root in ROOTS:
        # modules without a package
        if root and root not in inner and any(re.match(rf"{root}/[^/]+\.py$", path) for path in bare):
            inner.append(root)
    order = {root: at for at, root in enumerate(ROOTS)}
    namespaces = [parent for parent in inner if order.get(parent, 99) == 99]
    good = [parent for parent in inner if parent in order]
    good.sort(key=lambda parent: order[parent])
    if not good:
        good = sorted({_namespace_root(parent) for parent in namespaces}, key=len)
    return [*good, *([] if "" in good else [""])]


def _namespace_root(parent: str) -> str:
    """The root of a namespace package's folder: `src/google/cloud` stands in `src`."""
    first = parent.partition("/")[0]
    return first if first in ROOTS else ""


def top_levels(kind: str, paths: Iterable[str]) -> tuple[str, ...]:
    """The import names that installed paths provide: packages, modules and extension modules."""
    found = set()
    for path in paths:
        first, _, rest = path.partition("/")
        if kind == "sdist" and ASIDE.match(first.partition(".")[0]):
            continue
        if first.endswith((".dist-info", ".egg-info", ".data")) or first in {"EGG-INFO", "__pycache__"}:
            continue
        if not rest:
            module = re.match(r"^([A-Za-z_]\w*)(?:\.py|(?:\.[\w-]+)*\.(?:so|pyd))$", first)
            if module:
                found.add(module[1])
        elif first.isidentifier() and re.search(r"\.(py|pyi|so|pyd)$", rest):
            found.add(first)
    return tuple(sorted(found))
