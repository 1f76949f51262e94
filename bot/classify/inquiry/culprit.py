"""The offending code over the culprit's releases."""

from __future__ import annotations

import re

from msgspec.structs import replace

from bot.classify import claims, importnames
from bot.classify.claims import Want
from bot.classify.differences import newer, required_names, version_of
from bot.classify.inquiry.notebook import (
    LOOKED_AT,
    TELLING,
    Found,
    Notebook,
    applying,
    inverted,
    line_probe,
    newest_release,
    requirements_of,
)
from bot.classify.ownership import GENERATED, path_in_wheel
from bot.classify.scene import CPYTHON, OWN, Scene
from bot.facts import DefinedAs, HasFile, HasText, Held, Holds, Releases, StandsAs, TrackerOf, Walked
from bot.model import DistributionName, OwnedFrame, TrackerRef, normalized


def about_culprit(scene: Scene, book: Notebook, found: Found) -> None:
    """Is the offending code in the culprit's newest release, where do its reports belong, what does it require."""
    name = DistributionName(found.culprit or "")
    tracker = book.ask(TrackerOf(distribution=name))
    found.tracker = tracker if isinstance(tracker, TrackerRef) else None
    releases = book.ask(Releases(distribution=name))
    found.releases = releases if isinstance(releases, tuple) else ()
    if found.culprit_version is None and found.releases:
        found.culprit_version = newest_release(book, str(name))
        found.notes["culprit-version"] = "newest"
    rows = requirements_of(scene, str(name), found.culprit_version, book)
    found.required = required_names(applying(scene, rows))
    if found.provider not in {None, CPYTHON, OWN, found.culprit}:
        book.ask(Releases(distribution=DistributionName(found.provider or "")))
    offending = _offending(scene, found)
    if found.provider == found.culprit and found.api is not None and found.api.at is False:
        found.still = inverted(found.api)  # it misses what is its own: a later release brings it
    if found.basis == "override" and scene.claim is not None and scene.claim.of:
        # The frames are the caller's; what has to follow is the method that it calls.
        probe = DefinedAs(module="*", name=scene.claim.of.rsplit(".", 1)[-1], version=found.culprit_version or "")
        found.still = book.walk(str(name), probe, found.culprit_version)
    if found.basis == "inside":
        _built_before(scene, book, found)
    if found.basis == "undeclared" and found.still is None:
        found.declared_in = _declared_in(scene, book, found)
    if not offending or found.culprit_version is None:
        return
    held = _held(book, found, offending[0])
    if found.still is None:
        _still(scene, book, found, offending, held)
    found.rewritten = _rewritten(book, found, offending[0])
    found.forbidden_in = _forbidden_in(scene, book, found)


def _built_before(scene: Scene, book: Notebook, found: Found) -> None:
    """Of a module that was built for another release of what it uses: which release of that came with the other layout,
    and whether any of the culprit's was built since. One that was built before can't have been built for it.
    """
    told = claims.OTHER_ABI.search(scene.message)
    top = (told["type"] or "").split(".", 1)[0] if told else ""
    used = importnames.distribution_of(top, scene.ground.installed, scene.ground.provides) if top else None
    installed = version_of(scene.ground.version(used))
    rows = book.ask(Releases(distribution=DistributionName(used or ""))) if installed is not None else None
    if installed is None or used == found.culprit or not isinstance(rows, tuple):
        return
    good = scene.differences.good(used)
    usable = [row for row in rows if not row.prerelease and not row.yanked and version_of(row.version)]
    since = [row for row in usable if newer(row.version, good) if good] or [
        row for row in usable if row.version.split(".")[0] == str(installed.major)
    ]
    first = next(iter(since), None)
    earlier = [row.version for row in usable if first is not None and newer(first.version, row.version)]
    if first is None or first.uploaded is None or not earlier:
        return
    found.provider, found.provider_version = used, scene.ground.version(used)
    found.api = Walked(at=True, last_other=good or earlier[-1], first_same=first.version, changed=first.uploaded)
    found.mentioned, found.basis = used, "abi"
    mine = [row for row in found.releases if not row.prerelease and not row.yanked]
    if mine and mine[-1].uploaded is not None and mine[-1].uploaded < first.uploaded:
        found.still = Walked(at=True, newest=mine[-1].version, newest_at=True)


_NEXT = 8
"""So many of the culprit's next releases are asked what they require."""


def _declared_in(scene: Scene, book: Notebook, found: Found) -> str | None:
    """The culprit's first later release that requires what the installed one imports undeclared, if its newest does too."""
    usable = [row.version for row in found.releases if not row.prerelease and not row.yanked]
    later = [version for version in usable if newer(version, found.culprit_version)]
    if not later or found.provider is None:
        return None
    required = {
        version: required_names(applying(scene, requirements_of(scene, str(found.culprit), version, book)))
        for version in dict.fromkeys([*later[:_NEXT], later[-1]])
    }
    if found.provider not in required[later[-1]]:
        return None
    return next(version for version, names in required.items() if found.provider in names)


def _forbidden_in(scene: Scene, book: Notebook, found: Found) -> str | None:
    """The culprit's newest release, where it no longer lets the provider's installed version in."""
    newest = found.still.newest if found.still is not None and found.still.at else None
    installed = version_of(found.provider_version)
    if newest is None or newest == found.culprit_version or installed is None or found.provider in {CPYTHON, OWN}:
        return None
    rows = applying(scene, requirements_of(scene, str(found.culprit), newest, book))
    mine = [row for row in rows if normalized(row.name) == found.provider]
    return newest if any(not row.specifier.contains(installed, prereleases=True) for row in mine) else None


def _still(scene: Scene, book: Notebook, found: Found, rows: list[OwnedFrame], held: Held | None) -> None:
    """Whether the offending code still stands in later releases.

    For a name, the line that asks for it. For a parameter, the statement that names it, which may be an outer frame's.
    For a member of an object, the line, or the function around it: what the object is may be decided further up.
    """
    name, claim = str(found.culprit), scene.claim
    good = scene.differences.good(name)
    want = claim.want if claim else None
    mentions = claim.name if claim and want in {Want.NAME, Want.KEYWORD} else None
    if claim and want is Want.MODULE:
        mentions = claim.name.rsplit(".", 1)[-1]
    near = rows[: LOOKED_AT if want is Want.KEYWORD else 1]
    asked = (_stands_as(scene, book, found, row, mentions) for row in near if mentions)
    found.still = next((walked for walked in asked if walked is not None and walked.at), None)
    if found.still is not None:
        return
    walks = []
    for row in near:
        text = row.frame.source or (held.actual if held and row is rows[0] else None)
        if text:
            walks.append(book.walk(name, line_probe(row, mentions=mentions, text=text), found.culprit_version, good))
    found.still = next((walked for walked in walks if walked is not None and walked.at), None)
    if found.still is None and found.notes.get("culprit-version"):
        # The version was taken to be the newest, which no longer has the code: the one installed is older.
        gone = next(
            (walked for walked in walks if walked is not None and walked.at is False and walked.last_other), None
        )
        if gone is not None:
            found.still = replace(gone, at=True, next_other=gone.first_same, newest_at=False)
            found.notes["culprit-version"] = "older"
    _around(scene, book, found, rows[0], walks)
    if found.still is None or (found.still.newest_at and found.basis not in _BY_NAME):
        found.still = _changed_on_the_way(scene, book, found, rows) or found.still
    if found.still is None and claim and want is Want.KEYWORD and len(claim.name) * 2 + 1 >= TELLING:
        # No printed line names the parameter: if nothing passes it on by its own name any more, it went. That something
        # still does tells nothing.
        walked = book.walk(name, HasText(text=f"{claim.name}={claim.name}"), found.culprit_version, good)
        found.still = walked if walked is not None and walked.at and walked.next_other else None


_WAY = 4
"""So many places of the culprit's, the innermost first, are looked at for what a later release does there."""
_BY_NAME = frozenset(["stdlib", "undeclared", "syntax"])
"""Defects of which a line that stands says enough."""


def _changed_on_the_way(scene: Scene, book: Notebook, found: Found, rows: list[OwnedFrame]) -> Walked | None:
    """A later release that has another statement, or the same under a new condition, where the failure came by.

    What was missing was asked for by what stands there: where nothing on the way is otherwise, nothing was mended there.
    """
    places = list({(row.frame.file, row.frame.function): row for row in rows}.values())
    for row in places[: 1 if found.basis == "api" and found.still is not None else _WAY]:
        walked = _stands_as(scene, book, found, row, None)
        if walked is not None and walked.at and walked.next_other and walked.newest_at is False:
            return walked
    return None


def _stands_as(scene: Scene, book: Notebook, found: Found, row: OwnedFrame, mentions: str | None) -> Walked | None:
    """How a frame's statement, as the culprit's installed release has it, varies over the releases."""
    path, line, version = path_in_wheel(row), row.frame.line, found.culprit_version
    if path is None or line is None or version is None:
        return None
    probe = StandsAs(
        file=path, line=line, version=version, text=(row.frame.source or "").strip() or None, mentions=mentions
    )
    return book.walk(str(found.culprit), probe, version, scene.differences.good(found.culprit))


def _around(scene: Scene, book: Notebook, found: Found, row: OwnedFrame, walks: list[Walked | None]) -> None:
    """Where the line alone does not tell: whether the function around it was redefined in a later release."""
    want = scene.claim.want if scene.claim else None
    function = row.frame.function or ""
    if row.module is None or re.fullmatch(r"[A-Za-z_]\w*", function) is None:
        return
    unsure = found.still is None and any(walked is not None and walked.at is False for walked in walks)
    decided_further_up = want in {Want.MEMBER, Want.PROTOCOL, Want.ARGUMENTS} and found.still is not None
    if not unsure and not (decided_further_up and found.still and not found.still.next_other):
        return
    name, version = str(found.culprit), found.culprit_version
    probe = DefinedAs(module=row.module, name=function, version=version or "")
    around = book.walk(name, probe, version, scene.differences.good(name))
    if around is not None and around.at and around.next_other and around.newest_at is False:
        found.still = around


def _rewritten(book: Notebook, found: Found, row: OwnedFrame) -> bool:
    """Whether the release that seems to fix it dropped the whole file in a new major version, before the trigger came.

    Such a rewrite was no answer to this defect: who has to stay on the older major gets nothing from it, and its
    maintainers still want to know.
    """
    fixing = version_of(found.still.next_other) if found.still else None
    at, path = version_of(found.culprit_version), path_in_wheel(row)
    if fixing is None or at is None or path is None or fixing.major == at.major or found.removal is not None:
        return False
    walked = book.walk(found.culprit or "", HasFile(file=path), found.culprit_version)
    if walked is None or not walked.at or walked.next_other != (found.still.next_other if found.still else None):
        return False
    out = next((release.uploaded for release in found.releases if release.version == walked.next_other), None)
    came = found.api.changed if found.api is not None else None
    return out is not None and came is not None and out < came


def _held(book: Notebook, found: Found, row: OwnedFrame) -> Held | None:
    """What the culprit's release has on the offending line."""
    path = path_in_wheel(row)
    if path is None or found.culprit_version is None or found.notes.get("culprit-version"):
        return None
    held = book.ask(
        Holds(
            distribution=DistributionName(found.culprit or ""),
            version=found.culprit_version,
            path=path,
            line=row.frame.line,
            source=row.frame.source,
        )
    )
    found.held = held if isinstance(held, Held) else None
    return found.held


def _offending(scene: Scene, found: Found) -> list[OwnedFrame]:
    """The culprit's frames, nearest to the failure first."""
    return [row for row in reversed(scene.telling) if row.distribution == found.culprit and row.role != GENERATED]
