"""Which requirements a change edits, read from its diff. Pure.

A bump's diff *is* the trigger (Dependabot, Renovate, a person's edit), so only what the diff shows is said: a version
before, a version after, or None where a side has none. A lock file's version stands on a line of its own below the
package's name, so the name is carried from the lines around it, as far as the hunk shows them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct
from packaging.requirements import InvalidRequirement, Requirement

from bot.model import DistributionName, Edits, RequirementEdit, normalized

MOST_LINES = 20_000
"""Lines of one file's patch that are read."""

_LISTS = re.compile(
    r"(?:^|/)(?:[\w.-]*(?:requirements?|constraints?|reqs?|deps)[\w.-]*\.(?:txt|in|pip)|requirements/[\w./-]+\.(?:txt|in))$"
)
_LOCKS = re.compile(r"(?:^|/)(?:poetry|uv|pdm|pixi|pylock(?:\.[\w-]+)?)\.(?:lock|toml)$")
_PIPENV_LOCK = re.compile(r"(?:^|/)Pipfile\.lock$")
_TABLES = re.compile(
    r"(?:^|/)(?:pyproject\.toml|Pipfile|setup\.cfg|setup\.py|tox\.ini|noxfile\.py|environment[\w.-]*\.ya?ml|conda[\w.-]*\.ya?ml)$"
)

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?"
_LOCK_NAME = re.compile(rf'\s*name\s*=\s*"({_NAME})"')
_LOCK_VERSION = re.compile(r'\s*version\s*=\s*"([^"]{1,80})"')
_JSON_NAME = re.compile(rf'\s*"({_NAME})"\s*:\s*\{{')
_JSON_VERSION = re.compile(r'\s*"version"\s*:\s*"={0,3}([^"]{1,80})"')
_QUOTED = re.compile(r"""["']([^"'\n]{1,200})["']""")
_TOML_PAIR = re.compile(rf'\s*"?({_NAME})"?\s*=\s*(?:"([^"]{{0,80}})"|\{{[^}}]*?version\s*=\s*"([^"]{{0,80}})")')
_CONDA = re.compile(rf"\s*-\s+[\"']?({_NAME})\s*(={{1,2}}|[<>!~]=?)\s*([\w.!+*-]+)")
_BOUND = re.compile(r"(?:={1,3}|~=|>=|<=|>|<|\^|~)?\s*v?(\d[\w.!+-]*)")
_NOT_PACKAGES = frozenset(
    {
        "name", "version", "python", "requires-python", "python_version", "description", "target-version", "readme",
        "line-length", "license", "minversion", "python-version", "build-backend", "url", "source", "file", "hash",
        "markers", "extras", "optional", "category", "content-hash", "lock-version", "revision", "upload-time", "size",
    }
)  # fmt: skip


class Row(Struct, frozen=True, kw_only=True):
    """A line of a patch that names a distribution with a version, on one side or both."""

    sign: str
    """`-`, `+` or a space."""
    name: DistributionName
    version: str | None


def edits(files: Iterable[tuple[str, str | None]], *, complete: bool = True) -> Edits:
    """What a change touches, from its files' names and patches (None where the forge shows none)."""
    paths, requirements, whole = [], [], complete
    for path, patch in files:
        paths.append(path)
        if patch is None:
            whole = whole and not is_requirements(path)
            continue
        requirements += requirement_edits(path, patch)
    unique = tuple(dict.fromkeys(requirements))
    return Edits(paths=tuple(paths), requirements=unique, complete=whole)


def is_requirements(path: str) -> bool:
    """Whether a file may hold requirements."""
    return any(pattern.search(path) for pattern in (_LISTS, _LOCKS, _PIPENV_LOCK, _TABLES))


def requirement_edits(path: str, patch: str) -> list[RequirementEdit]:
    """The requirements that a file's patch changes: each distribution once."""
    before: dict[DistributionName, str | None] = {}
    after: dict[DistributionName, str | None] = {}
    order: dict[DistributionName, None] = {}
    for row in _rows(path, patch.splitlines()[:MOST_LINES]):
        side = before if row.sign == "-" else after
        side.setdefault(row.name, row.version)
        order.setdefault(row.name)
    return [
        RequirementEdit(distribution=name, before=before.get(name), after=after.get(name))
        for name in order
        if before.get(name) != after.get(name) or (name in before) != (name in after)
    ]


def _rows(path: str, lines: list[str]) -> Iterator[Row]:
    if _LOCKS.search(path):
        yield from _locked(lines, _LOCK_NAME, _LOCK_VERSION)
    elif _PIPENV_LOCK.search(path):
        yield from _locked(lines, _JSON_NAME, _JSON_VERSION)
    elif _LISTS.search(path):
        yield from _changed(lines, _listed)
    elif _TABLES.search(path):
        yield from _changed(lines, _quoted if path.endswith(".py") else _tabled)


def _locked(lines: list[str], named: re.Pattern[str], versioned: re.Pattern[str]) -> Iterator[Row]:
    """Versions below their names: a name counts for the side (or both) on which its line stands."""
    names: dict[str, str | None] = {"-": None, "+": None}
    for line in lines:
        if line.startswith("@@"):
            names = {"-": None, "+": None}
            line = line.partition("@@")[2].partition("@@")[2]  # noqa: PLW2901 - git shows the section's line there
            line = f" {line.strip()}"  # noqa: PLW2901
        sign, text = line[:1] or " ", line[1:]
        if sign not in " -+":
            continue
        sides = ("-", "+") if sign == " " else (sign,)
        if match := named.match(text):
            names |= dict.fromkeys(sides, match[1])
        elif (match := versioned.match(text)) and sign != " ":
            name = names[sign]
            if name is not None:
                yield Row(sign=sign, name=normalized(name), version=match[1])


def _changed(lines: list[str], read: Callable[[str, str], Iterator[Row]]) -> Iterator[Row]:
    for line in lines:
        if line[:1] in {"-", "+"} and not line.startswith(("+++", "---")):
            yield from read(line[0], line[1:])


def _listed(sign: str, text: str) -> Iterator[Row]:
    """A line of a requirements or constraints file."""
    stripped = text.split(" #", 1)[0].strip().removesuffix("\\").split(" --hash", 1)[0].strip()
    if stripped and not stripped.startswith(("#", "-")):
        yield from _required(sign, stripped)


def _required(sign: str, text: str) -> Iterator[Row]:
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return
    yield Row(sign=sign, name=normalized(requirement.name), version=_version(str(requirement.specifier)))


def _tabled(sign: str, text: str) -> Iterator[Row]:
    """A line of a configuration: a quoted requirement, `name = "^1.2"`, a bare requirement, conda's `- name=1.2`."""
    pair = _TOML_PAIR.match(text)
    if pair and pair[1].lower() not in _NOT_PACKAGES and _version(pair[2] or pair[3] or ""):
        yield Row(sign=sign, name=normalized(pair[1]), version=_version(pair[2] or pair[3] or ""))
        return
    rows = list(_quoted(sign, text))
    yield from rows
    if not rows and (conda := _CONDA.match(text)):
        yield Row(sign=sign, name=normalized(conda[1]), version=_version(conda[2] + conda[3]))
    elif not rows and re.match(rf"\s*{_NAME}\s*(?:\[[^]]*\])?\s*(?:===?|~=|>=|<=|<|>|!=)", text):
        yield from _required(sign, text.split(" #", 1)[0].strip().rstrip(","))


def _quoted(sign: str, text: str) -> Iterator[Row]:
    """The requirements with a version among a line's quoted strings."""
    for quoted in _QUOTED.findall(text):
        yield from (row for row in _required(sign, quoted) if row.version is not None)


def _version(specifier: str) -> str | None:
    """The version that a specifier is about: the pin, else the lower bound, else the upper one."""
    best: tuple[int, str] | None = None
    for clause in specifier.split(","):
        match = _BOUND.fullmatch(clause.strip())
        if match is None:
            continue
        sign = clause.strip()[: clause.strip().find(match[1])].strip()
        rank = 0 if sign in {"=", "==", "==="} else 1 if sign in {"~=", ">=", ">", "^", "~", ""} else 2
        if best is None or rank < best[0]:
            best = rank, match[1]
    return best[1] if best else None
