"""What a change touches, from Gerrit's file list and the diffs of its requirement files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from packaging.requirements import InvalidRequirement, Requirement

from bot.model import Edits, RequirementEdit, normalized
from bot.sources.gerrit.reading import rows
from bot.sources.gerrit.rest import Rest, change_path

MOST_PATHS = 3000
MOST_DIFFS = 12
_MAGIC = frozenset({"/COMMIT_MSG", "/MERGE_LIST", "/PATCHSET_LEVEL"})
_REQUIREMENTS = re.compile(
    r"(?:^|/)(?:[\w.-]*requirements?[\w.-]*\.(?:txt|in)|[\w.-]*constraints[\w.-]*\.txt|setup\.cfg|pyproject\.toml|"
    r"Pipfile|tox\.ini)$|(?:^|/)requirements/[\w.-]+\.(?:txt|in)$",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"""^(?P<mark>["'])(?P<text>.*)(?P=mark)\s*,?\s*(?:#.*)?$""")
_REMARK = re.compile(r"(?:^|\s)#.*$")


async def read(rest: Rest, change: str, revision: str) -> Edits:
    """The paths and requirements that a patch set touches."""
    base = f"{change_path(change)}/revisions/{quote(revision or 'current', safe='')}/files"
    listed = (await rest.get(f"{base}/")).data
    paths = sorted(path for path in listed if path not in _MAGIC) if isinstance(listed, Mapping) else []
    wanted = [path for path in paths if _REQUIREMENTS.search(path)]
    found: list[RequirementEdit] = []
    for path in wanted[:MOST_DIFFS]:
        diff = (await rest.get(f"{base}/{quote(path, safe='')}/diff?context=3&intraline")).data
        found += requirement_edits(diff)
    return Edits(
        paths=tuple(paths[:MOST_PATHS]),
        requirements=tuple(dict.fromkeys(found)),
        complete=len(paths) <= MOST_PATHS and len(wanted) <= MOST_DIFFS,
    )


def requirement_edits(diff: Any) -> list[RequirementEdit]:
    """The requirements that a Gerrit diff changes: specifier before and after, None where it was not there."""
    content = rows(diff.get("content")) if isinstance(diff, Mapping) else []
    before = _specifiers(line for part in content for line in _lines(part, "a"))
    after = _specifiers(line for part in content for line in _lines(part, "b"))
    return [
        RequirementEdit(distribution=normalized(name), before=before.get(name), after=after.get(name))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


def _lines(part: Mapping[str, Any], side: str) -> list[str]:
    lines = part.get(side)
    return [line for line in lines if isinstance(line, str)] if isinstance(lines, list) else []


def _specifiers(lines: Iterable[str]) -> dict[str, str]:
    """Normalized name to specifier, for the lines that are a requirement."""
    found: dict[str, str] = {}
    for line in lines:
        text = _entry(line)
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        found[normalized(requirement.name)] = str(requirement.specifier)
    return found


def _entry(line: str) -> str:
    """What a line may require: the inside of a TOML or Python string, or the line without its remark."""
    text = line[:500].strip()
    quoted = _QUOTED.match(text)
    return quoted["text"] if quoted else _REMARK.sub("", text).strip()
