"""Import names to distributions: the installed set first, then static data, then the name itself.

An import name is never a distribution's name, it only looks like one: `yaml` is PyYAML, `google.cloud.storage` is one
of many that share `google`. What the log says was installed decides between candidates; an answered `TopLevels`
outranks both.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from bot.classify import shipped
from bot.model import DistributionName, normalized

NAMESPACES = frozenset(
    [
        "azure",
        "backports",
        "google",
        "jaraco",
        "opentelemetry",
        "paste",
        "ruamel",
        "sphinxcontrib",
        "zope",
        "z3c",
        "plone",
        "repoze",
    ]
)
"""Top-level packages that many distributions share."""


_TELLING = 4
"""So many letters of an import name say something; shorter ones are parts of too many names."""


def distribution_of(module: str, installed: Iterable[str], provides: dict[str, str] | None = None) -> str | None:
    """The installed distribution that most likely provides a dotted import name; None where none looks like it.

    `provides` maps top-level names to distributions where the index has told.
    """
    have = installed if isinstance(installed, (set, frozenset, dict)) else set(installed)
    top = module.split(".", 1)[0]
    if provides and top in provides:
        return provides[top]
    for candidate in candidates(module):
        if candidate in have:
            return candidate
    # A private or compiled companion (`_cffi_backend` aside): `_rapidjson` belongs to what it is named after.
    plain = normalized(top.strip("_"))
    if top.startswith("_") and plain in have:
        return plain
    for prefix in ("python-", "py"):
        if prefix + plain in have:
            return prefix + plain
    exact = next((name for suffix in ("-python", "-py") if (name := plain + suffix) in have), None)
    return exact or _by_token(plain, have)


def _by_token(plain: str, have: Iterable[str]) -> str | None:
    """The one installed distribution that has the import name as a part of its own: `django-compressor` of `compressor`."""
    if len(plain) < _TELLING:
        return None
    hits = [name for name in have if f"-{plain}-" in f"-{name}-" or name.replace("-", "") == plain.replace("-", "")]
    return hits[0] if len(hits) == 1 else None


def guessed(module: str) -> DistributionName:
    """The distribution that an import name stands for where nothing says what was installed."""
    parts = module.split(".")
    for size in range(min(len(parts), 5), 0, -1):
        owners = _table().get(".".join(parts[:size]))
        if owners and (size == len(parts) or size != 2 or parts[:2] != ["google", "cloud"]):
            return DistributionName(owners[0])
    kept = 3 if parts[:2] == ["google", "cloud"] else 2 if parts[0] in NAMESPACES else 1
    return normalized(".".join(parts[:kept]).strip("_") or module)


def candidates(module: str) -> tuple[str, ...]:
    """Distributions that may provide a dotted name, the likeliest first: longest dotted prefix, then the table."""
    parts = module.split(".")
    found: list[str] = []
    for size in range(min(len(parts), 5), 0, -1):
        dotted = ".".join(parts[:size])
        found.extend(_table().get(dotted, ()))
        found.append(normalized(dotted.strip("_") or dotted))
    return tuple(dict.fromkeys(found))


def import_names_of(distribution: str) -> tuple[str, ...]:
    """Import names under which a distribution is likely to be imported, the likeliest first."""
    names = [name for name, owners in _table().items() if distribution in owners]
    plain = distribution.replace("-", "_")
    short = plain.removeprefix("python_")
    return tuple(dict.fromkeys([*names, plain, distribution.replace("-", "."), short]))


@cache
def _table() -> dict[str, list[str]]:
    import tomllib

    raw = tomllib.loads(shipped.text("data/import_names.toml"))
    return {str(name): [str(owner) for owner in owners] for name, owners in raw.items()}
