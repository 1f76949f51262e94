"""Installing and building: resolvers, pins, the project's own build."""

from __future__ import annotations

import re

from bot.classify.rules.framework import Look, Rule, Saw, Strength, message_line, rule
from bot.model import Kind, Phase
from bot.patterns import pattern

_CONFLICT = pattern(
    r"ResolutionImpossible|conflicting dependencies|No solution found when resolving|your requirements are unsatisfiable"
    r"|depends on .{1,200} and .{1,200} depends on|version solving failed|Could not find a version that matches|SolverProblemError"
    r"|requires .{1,120} but you have|is not compatible with|unsatisfiable",
    re.IGNORECASE,
)
_NO_VERSION = pattern(
    r"No matching distribution found|Could not find a version that satisfies|was not found in the package registry"
    r"|there is no version of|no versions of|requires a different Python|requires-python",
    re.IGNORECASE,
)


def _text(look: Look) -> str:
    if look.scene is None:
        return ""
    return " ".join(f"{part.exception}: {part.message[:2_000]}" for part in look.scene.failure.chain[-4:])


@rule(Kind.PROJECT, Strength.STRONG)
def pins_contradict_each_other(look: Look) -> Saw | None:
    """The resolver finds no set of versions: the project's own requirements contradict each other."""
    if look.scene is None or look.scene.has_frames or not _CONFLICT.search(_text(look)):
        return None
    if any(hit.signature.strong for hit in (*look.hits, *look.remarks)):
        return None
    return Saw(
        says=f"the resolver found no versions that fit: {look.scene.message[:140] or look.scene.kind}",
        line=message_line(look),
    )


@rule(Kind.PROJECT, Strength.FAIR)
def requirement_matches_no_release(look: Look) -> Saw | None:
    """A requirement names a version, or a distribution, that the index does not have for this interpreter."""
    if look.scene is None or look.scene.has_frames or not _NO_VERSION.search(_text(look)):
        return None
    if "from versions: none" in _text(look) or any(hit.signature.strong for hit in (*look.hits, *look.remarks)):
        return None
    return Saw(says=f"no release fits: {look.scene.message[:140]}", line=message_line(look))


@rule(Kind.ENVIRONMENT, Strength.FAIR)
def index_showed_no_version_at_all(look: Look) -> Saw | None:
    """The index listed no version at all: the wrong index, or one that did not answer."""
    if look.scene is None or "from versions: none" not in _text(look):
        return None
    return Saw(says=look.scene.message[:140], line=message_line(look))


@rule(Kind.PROJECT, Strength.STRONG)
def projects_own_build_is_refused(look: Look) -> Saw | None:
    """A build back-end refuses, on purpose, what the project's own build configuration says."""
    if look.scene is None or look.found is None or look.scene.failure.phase not in {Phase.BUILD, Phase.INSTALL}:
        return None
    if not look.scene.has_frames or not look.scene.explicit or look.found.caller or look.hits:
        return None
    if any("/pip-install-" in row.frame.file or "sdists-v" in row.frame.file for row in look.scene.telling):
        return None
    return Saw(says=f"the build back-end refuses: {look.scene.message[:140]}", line=message_line(look))


@rule(Kind.PROJECT, Strength.WEAK)
def failure_shows_no_frame(look: Look) -> Saw | None:
    """A failure without a traceback that nothing else explains: most such are the project's own."""
    if look.scene is None or look.scene.has_frames or look.hits:
        return None
    return Saw(
        says=f"no traceback is printed: {look.scene.message[:140] or look.scene.kind or 'a failure'}",
        line=message_line(look),
    )


RULES: tuple[Rule, ...] = (
    pins_contradict_each_other,
    requirement_matches_no_release,
    index_showed_no_version_at_all,
    projects_own_build_is_refused,
    failure_shows_no_frame,
)
