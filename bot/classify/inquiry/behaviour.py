"""No claim that can be checked: who raised, who called it, and whether that code is new in what changed."""

from __future__ import annotations

import re

from bot.classify import claims, importnames
from bot.classify.claims import Want
from bot.classify.differences import newer
from bot.classify.inquiry.notebook import (
    CANDIDATES,
    LOOKED_AT,
    TELLING,
    Found,
    Notebook,
    blame,
    line_probe,
    newest_release,
)
from bot.classify.ownership import HARNESS, PROJECT, THIRD_PARTY, VENDORED, in_overlay, path_in_wheel
from bot.classify.scene import CPYTHON, Scene
from bot.facts import ComesFrom, DefinedAs, HasFile, HasLine, HasText, MadeHere, StandsAs, Walked
from bot.model import DistributionName, OwnedFrame


def follow_behaviour(scene: Scene, book: Notebook, found: Found) -> None:
    """No claim that can be checked: who raised, who called it, and whether that code is new in what changed."""
    inner = inner_third_party(scene)
    if inner is None or inner.distribution is None:
        return
    owner = str(inner.distribution)
    if handed_over(scene, inner, book, found):
        return
    found.raiser = owner
    found.caller = _caller_of(scene, owner)
    version = scene.ground.version(owner) or (newest_release(book, owner) if in_overlay(inner) else None)
    change = scene.differences.of(owner)
    may_have_changed = change is not None or (not scene.differences.known) or in_overlay(inner) or version is None
    if may_have_changed and version:
        look_when_it_came(scene, book, found, owner, version)
    literal = constant_part(scene.raised.message)
    native = _native_callee(scene, inner)
    if literal and scene.explicit and inner is scene.innermost and may_have_changed and version:
        _text(book, found, owner, literal, version, scene.differences.good(owner))
    for name in native if literal and not scene.explicit else ():
        if found.text is None:
            _text(book, found, name, literal, scene.ground.version(name), scene.differences.good(name))
    if native:
        found.mentioned = native[0]
    _blame_behaviour(scene, found, owner, version)
    if found.basis in {"regression", "behaviour"} and change is not None:
        _made_by_caller(scene, book, found, owner)
    between = _changed_on_the_way(scene, owner)
    if between is not None and found.basis == "inside":
        _passed_on(scene, book, found, between)


def native_crash(scene: Scene, book: Notebook, found: Found) -> None:
    """The interpreter crashed and prints no frame. Only compiled code does that; where just one distribution that has any
    changed since the green run, and the interpreter did not, it is that.
    """
    moved = [change for change in scene.differences.changed.values() if change.before and change.after]
    if not scene.differences.known or any(change.distribution == CPYTHON for change in moved):
        return
    compiled = []
    for change in moved[:CANDIDATES]:
        walked = book.walk(change.distribution, HasFile(file="*.so"), change.after, change.before)
        compiled += [change] if walked is not None and walked.at else []
    if len(compiled) == 1 and len(moved) <= CANDIDATES and not book.open:
        name = compiled[0].distribution
        found.culprit, found.culprit_version, found.basis = name, compiled[0].after, "native"
        found.provider, found.provider_version, found.raiser = name, compiled[0].after, name


def _made_by_caller(scene: Scene, book: Notebook, found: Found, owner: str) -> None:
    """A third party that is as it was hands to a changed one only what it made itself, and there a new line trips over it
    or refuses it: the project passed nothing of that.
    """
    rows = list(scene.telling)
    while rows and rows[-1].distribution == owner:
        rows.pop()
    row = rows[-1] if rows else None
    if row is None or row.role not in {THIRD_PARTY, VENDORED}:
        return
    caller, good = str(row.distribution), scene.differences.good(owner)
    walks = [found.came_outside, found.came, found.text[1] if found.text else None]
    new = any(walked is not None and walked.at and newer(walked.first_same, good) for walked in walks)
    if not new or not scene.differences.unchanged(caller) or not made_itself(scene, book, rows, strictly=False):
        return
    found.made_by_caller = True
    found.culprit, found.culprit_version, found.basis = caller, scene.ground.version(caller), "behaviour"
    found.provider, found.provider_version = owner, scene.ground.version(owner)


def made_itself(scene: Scene, book: Notebook, rows: list[OwnedFrame], *, strictly: bool) -> bool:
    """Whether what the statement of the last of these frames works on was made by its own distribution."""
    row = rows[-1]
    owner, path = str(row.distribution), path_in_wheel(row)
    version = scene.ground.version(owner)
    if path is None or version is None or row.frame.line is None:
        return False
    callers = []
    for outer in reversed(rows[:-1]):
        place = path_in_wheel(outer)
        if str(outer.distribution) != owner or place is None or outer.frame.line is None:
            break
        if not (outer.frame.function or "").startswith("<"):  # a comprehension is of the function around it
            callers.append((place, outer.frame.line))
    question = MadeHere(
        distribution=DistributionName(owner),
        version=version,
        path=path,
        line=row.frame.line,
        callers=tuple(callers),
        strictly=strictly,
    )
    return book.ask(question) is True


def handed_over(scene: Scene, row: OwnedFrame, book: Notebook, found: Found) -> bool:
    """What the failing line works on was given by a call of a distribution that changed, and whose function did: what it
    returns is another thing now. Nothing that the project passed is worked on there.
    """
    owner, path = str(row.distribution), path_in_wheel(row)
    version = scene.ground.version(owner)
    moved = [name for name, change in scene.differences.changed.items() if change.after and name != owner]
    if (
        not moved
        or scene.explicit
        or row is not scene.innermost
        or path is None
        or row.frame.line is None
        or not version
    ):
        return False
    attribute = scene.claim.name if scene.claim is not None and scene.claim.want is Want.MEMBER else None
    made_by = book.ask(
        ComesFrom(
            distribution=DistributionName(owner), version=version, path=path, line=row.frame.line, attribute=attribute
        )
    )
    for dotted in made_by if isinstance(made_by, tuple) else ():
        module, _, name = str(dotted).rpartition(".")
        giver = importnames.distribution_of(module, scene.ground.installed, scene.ground.provides)
        if giver is None or giver not in moved:
            continue
        at, good = scene.ground.version(giver), scene.differences.good(giver)
        walked = book.walk(giver, DefinedAs(module=module, name=name, version=at or ""), at, good)
        if walked is not None and walked.at and walked.last_other and newer(walked.first_same, good):
            found.provider, found.provider_version, found.api = giver, at, walked
            found.symbol, found.handed_over = str(dotted), True
            blame(scene, found, "api")
            return True
    return False


def _passed_on(scene: Scene, book: Notebook, found: Found, between: str) -> None:
    """The raiser is as it was, but a distribution that changed leads to it by a way that is new."""
    version = scene.ground.version(between)
    look_when_it_came(scene, book, found, between, version or "")
    walked = found.came_outside or found.came
    good = scene.differences.good(between)
    if walked is None or not walked.at or not walked.first_same or not good or not newer(walked.first_same, good):
        return
    caller = _caller_of_stretch(scene, between)
    if caller is None:
        # The project itself called it: what it passed is the better explanation.
        return
    if not _new_function(scene, book, between, good):
        return
    found.raiser, found.basis, found.came, found.came_outside = between, "detour", None, walked
    found.provider, found.provider_version = between, version
    found.culprit = caller
    found.culprit_version = scene.ground.version(found.culprit)


def _new_function(scene: Scene, book: Notebook, owner: str, good: str) -> bool:
    """Whether a function on the owner's way there came since the green run: reworded lines lead nowhere else."""
    rows = [row for row in reversed(scene.way) if row.distribution == owner and row.frame.function]
    for row in {row.frame.function: row for row in reversed(rows)}.values():
        text = f"def {row.frame.function}("
        came = book.walk(owner, HasText(text=text), scene.ground.version(owner), good) if len(text) >= TELLING else None
        if came is not None and came.at and newer(came.first_same, good):
            return True
    return False


def _caller_of_stretch(scene: Scene, owner: str) -> str | None:
    """The third party that called into a distribution's stretch of frames; None where the project did."""
    inside = False
    for row in reversed(scene.way):
        if row.distribution == owner:
            inside = True
        elif inside and row.role == PROJECT:
            return None
        elif inside and row.distribution and row.role in {THIRD_PARTY, VENDORED}:
            return str(row.distribution)
    return None


def look_when_it_came(scene: Scene, book: Notebook, found: Found, owner: str, version: str) -> None:
    """When the innermost third-party line came, or, where it is old, another line on its distribution's way there."""
    good = scene.differences.good(owner)
    rows = [row for row in reversed(scene.telling) if row.distribution == owner and row.frame.source]
    places = list({(row.frame.file, row.frame.function): row for row in reversed(rows)}.values())[::-1]
    for number, row in enumerate(places[: LOOKED_AT + 1 if good else 1]):
        walked = when_it_came(book, owner, row, version, good)
        if number == 0:
            found.came = walked
        if walked is None or not walked.at:
            return
        if good and walked.first_same and newer(walked.first_same, good):
            found.came_outside = walked if number else None
            return


def when_it_came(book: Notebook, owner: str, row: OwnedFrame, version: str, good: str | None) -> Walked | None:
    """When a frame's line came, as far as its text tells; where the text is older than the green run, when the statement
    came to stand there as it does: the same line in a `try`, or under a condition, was another.
    """
    walked = book.walk(owner, _place_probe(row, version), version, good)
    path = path_in_wheel(row)
    old = walked is not None and walked.at and good is not None and not newer(walked.first_same, good)
    if not old or path is None or row.frame.line is None:
        return walked
    probe = StandsAs(file=path, line=row.frame.line, version=version, text=(row.frame.source or "").strip() or None)
    freed = book.walk(owner, probe, version, good)
    return freed if freed is not None and freed.at and newer(freed.first_same, good) else walked


_WORDS = 2
"""A line of fewer words (`(`, `else:`, `return x`) stands in many places: its whole statement is looked for."""


def _place_probe(row: OwnedFrame, version: str) -> HasLine | StandsAs:
    """The probe for a frame's line; where the line by itself says nothing, for the statement that it is of."""
    path = path_in_wheel(row)
    if path is None or row.frame.line is None or len(re.findall(r"[A-Za-z_]\w+", row.frame.source or "")) >= _WORDS:
        return line_probe(row, mentions=None)
    return StandsAs(file=path, line=row.frame.line, version=version, text=(row.frame.source or "").strip())


def _text(book: Notebook, found: Found, owner: str, literal: str | None, version: str | None, good: str | None) -> None:
    walked = book.walk(owner, HasText(text=literal or ""), version, good)
    if walked is not None and walked.at and not (walked.last_other and _reworded(book, owner, literal or "", walked)):
        found.text = (owner, walked)


def _reworded(book: Notebook, owner: str, literal: str, walked: Walked) -> bool:
    """Whether half of a message stood in the release before it too: then it only says otherwise what it said."""
    words = literal.split()
    halves = [" ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])]
    for half in halves:
        if len(half) < TELLING or half.count(" ") < 1:
            continue
        part = book.walk(owner, HasText(text=half), walked.first_same, walked.last_other)
        if part is None or (part.at and part.first_same != walked.first_same):
            return True
    return False


def inner_third_party(scene: Scene) -> OwnedFrame | None:
    """The innermost third-party frame, where no project frame is further in."""
    for row in reversed(scene.telling):
        if row.role in {THIRD_PARTY, VENDORED} or (row.role == HARNESS and row.distribution and scene.asking):
            return row
        if row.role == PROJECT:
            return None
    return None


def _caller_of(scene: Scene, owner: str) -> str | None:
    """The third-party distribution that called into the owner's innermost stretch of frames."""
    for row in reversed(scene.way):
        if row.role == PROJECT:
            return None
        if row.distribution and str(row.distribution) != owner and row.role in {THIRD_PARTY, VENDORED}:
            return str(row.distribution)
    return None


def _native_callee(scene: Scene, inner: OwnedFrame) -> tuple[str, ...]:
    """Changed distributions that the innermost line calls into without a frame of their own: compiled code."""
    names = {
        part.lower().lstrip("_") for dotted in claims.identifiers(inner.frame.source) for part in dotted.split(".")
    }
    hits = []
    for dist in scene.differences.changed:
        if dist == str(inner.distribution) or dist not in scene.ground.installed:
            continue
        imports = {name.split(".", 1)[0].lower().lstrip("_") for name in importnames.import_names_of(dist)}
        if imports & names:
            hits.append(dist)
    return tuple(hits)


def constant_part(message: str) -> str | None:
    """The longest part of a message's first line that looks constant: what stands in the source as a literal."""
    line = message[:1_000].split("\n", 1)[0]
    parts = re.split(r"'[^']*'|\"[^\"]*\"|`[^`]*`|\(e\.g\..*|[<\[{(][^>\]})]*[>\]})]|\S*\d\S*|\S*/\S*|:\s", line)
    best = max((part.strip(" .,:;()") for part in parts), key=len, default="")
    return best if len(best) >= TELLING and best.count(" ") >= 2 else None


def _blame_behaviour(scene: Scene, found: Found, owner: str, version: str | None) -> None:
    """Who would have to change, if it is upstream's: the caller where the raiser refuses on purpose, else the raiser."""
    change = scene.differences.of(owner)
    refused_new = found.text is not None and found.text[0] == owner and found.text[1].last_other is not None
    found.provider, found.provider_version = owner, version
    old = (
        found.came is not None and found.came.at and not newer(found.came.first_same, change.before if change else None)
    )
    met_at_import = scene.at_import and change is not None and old and found.came_outside is None
    if found.caller and ((scene.explicit and (change or refused_new)) or met_at_import):
        found.culprit, found.culprit_version = found.caller, scene.ground.version(found.caller)
        found.basis = "behaviour"
    elif found.mentioned:
        found.culprit, found.culprit_version = owner, version
        found.provider, found.provider_version = found.mentioned, scene.ground.version(found.mentioned)
        found.basis = "behaviour"
    elif change is not None:
        found.culprit, found.culprit_version, found.basis = owner, version, "regression"
    elif scene.importing is not None and found.caller and found.caller == scene.importing.distribution:
        # A module's body called it: what that hands over is its own.
        found.culprit, found.culprit_version = found.caller, scene.ground.version(found.caller)
        found.basis = "behaviour"
    else:
        found.culprit, found.culprit_version, found.basis = owner, version, "inside"


def _changed_on_the_way(scene: Scene, owner: str) -> str | None:
    """A distribution between the raiser and the project that changed, where the raiser did not."""
    if scene.differences.of(owner):
        return None
    for row in reversed(scene.way):
        if row.role == PROJECT:
            return None
        name = str(row.distribution) if row.distribution and row.role in {THIRD_PARTY, VENDORED} else None
        if name and name != owner and scene.differences.of(name):
            return name
    return None
