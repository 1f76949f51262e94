"""What the running interpreter dropped, asks for or refuses."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.classify import stdlib, syntax
from bot.classify.claims import Claim
from bot.classify.differences import newer, required_names
from bot.classify.inquiry.notebook import CANDIDATES, Found, Notebook, blame, inverted, newest_release, requirements_of
from bot.classify.ownership import STDLIB, THIRD_PARTY, VENDORED, slashed
from bot.classify.scene import CPYTHON, Scene
from bot.classify.stdlib import Removal
from bot.facts import Defines, HasName
from bot.model import DistributionName
from bot.patterns import pattern


def unparsable(scene: Scene, found: Found) -> None:
    """A third party's released file does not parse on the running interpreter."""
    row = scene.frames[-1] if scene.frames else None
    if row is None or row.distribution is None or row.role not in {THIRD_PARTY, VENDORED}:
        return
    found.removal = syntax.written_for(row.frame.source, scene.python)
    found.culprit, found.culprit_version = str(row.distribution), scene.ground.version(row.distribution)
    found.provider, found.basis = CPYTHON, "syntax"


def stdlib_member(module: str, name: str, claim: Claim, python: str | None) -> Removal | None:
    """When a class of the standard library lost a member, or was itself replaced by another of the same use."""
    gone = stdlib.missing_name(module, f"{name}.{claim.name}", python)
    for base in ("RawConfigParser", "_GenericAlias") if gone is None else ():
        gone = gone or stdlib.missing_name(module, f"{base}.{claim.name}", python)
    return gone or stdlib.class_changed(module, name, python)


def stdlib_caller(scene: Scene) -> bool:
    """Whether it was raised in the standard library."""
    return scene.innermost is not None and scene.innermost.role == STDLIB


def stdlib_changed(scene: Scene, name: str, member: str, book: Notebook, found: Found) -> None:
    """The standard library began to ask more of an object whose class a third party wrote."""
    row = scene.innermost
    if row is None or row.module is None or row.frame.source is None:
        return
    came = stdlib.line_came(_in_library(row.frame.file), row.frame.source, scene.python)
    if came is None:
        return
    found.removal = came
    for candidate in _by_subject(scene, book, row.module, name):
        version = scene.ground.version(candidate) or newest_release(book, candidate)
        modules = version and book.ask(Defines(distribution=DistributionName(candidate), version=version, name=name))
        if isinstance(modules, tuple) and modules:
            found.definer = found.culprit = candidate
            found.culprit_version = version
            if scene.ground.version(candidate) is None:
                found.notes["culprit-version"] = "newest"
            found.provider, found.basis = CPYTHON, "stdlib"
            found.symbol = f"{modules[0]}.{name}.{member}"
            found.still = inverted(
                book.walk(candidate, HasName(module=str(modules[0]), name=f"{name}.{member}"), version)
            )
            return


def stdlib_asks(scene: Scene, provider: str, found: Found) -> bool:
    """Whether the standard library asks a third party's module, put in the place of one of its own, for a name on a line
    that came with a series: who takes a module's place has to keep up with it.
    """
    row = scene.innermost
    if row is None or row.role != STDLIB or row.frame.source is None:
        return False
    came = stdlib.line_came(_in_library(row.frame.file), row.frame.source, scene.python)
    moved = scene.differences.of(CPYTHON)
    if came is None or not (newer(came.first_bad, moved.before) if moved else came.first_bad == scene.python):
        return False
    found.removal, found.basis = came, "stdlib"
    found.culprit, found.culprit_version = provider, scene.ground.version(provider)
    found.provider, found.provider_version = CPYTHON, None
    return True


def _in_library(file: str) -> str:
    """A file of the standard library relative to it."""
    return re.sub(r"^.*?/(?:python|pypy)\d\.\d+t?/", "", slashed(file))


_DROPPED = pattern(r"\b(?:as of|since) (?:python )?3\.\d+|\bremoved\b|\bno longer\b", re.IGNORECASE)


def stdlib_refuses(scene: Scene, found: Found) -> None:
    """The standard library refuses, on a line that came with a series, what it says was removed."""
    row = scene.innermost
    if row is None or row.frame.source is None or scene.kind not in {"TypeError", "AttributeError", "RuntimeError"}:
        return
    if not _DROPPED.search(scene.message):
        return
    file = _in_library(row.frame.file)
    named = re.search(r"\b(?:as of|since) (?:python )?3\.(\d+)", scene.message, re.IGNORECASE)
    if named and int(named[1]) > 0:
        found.removal = Removal(
            symbol=f"{row.module}.{row.frame.function}", last_good=f"3.{int(named[1]) - 1}", first_bad=f"3.{named[1]}"
        )
    else:
        found.removal = stdlib.line_came(file, row.frame.source, scene.python)
    if found.removal is not None:
        found.provider, found.symbol = CPYTHON, found.removal.symbol
        blame(scene, found, "stdlib")


def _by_subject(scene: Scene, book: Notebook, module: str, name: str) -> tuple[str, ...]:
    """Installed distributions by how much their name has to do with a module and a class: `oslo-log` with `logging`.

    Where the log lists none, what the project's own releases require is taken for installed.
    """
    subject = module.split(".", 1)[0].lower()
    words = {word.lower() for word in re.findall(r"[A-Z]?[a-z]+", name) if len(word) > 2}
    owners = {str(row.distribution) for part in scene.chain for row in part if row.distribution}

    def related(distribution: str) -> int:
        tokens = set(distribution.split("-"))
        return (
            4 * any(len(token) > 2 and (subject.startswith(token) or token.startswith(subject)) for token in tokens)
            + 2 * bool(tokens & words)
            + 3 * (distribution in owners)
            + 2 * (scene.differences.of(distribution) is not None)
        )

    here: Iterable[str] = scene.ground.installed
    if len(scene.ground.installed) < 3 and scene.ground.project:
        here = [*here, *required_names(requirements_of(scene, scene.ground.project, None, book) or ())]
    ranked = sorted(dict.fromkeys(here), key=lambda one: (-related(one), one))
    return tuple(one for one in ranked if related(one) and not scene.ground.is_project(one))[: CANDIDATES + 2]
