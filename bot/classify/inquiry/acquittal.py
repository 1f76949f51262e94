"""Whether whoever would be blamed only does what it was told, or was never meant to run with what is installed."""

from __future__ import annotations

from bot.classify import claims
from bot.classify.claims import Claim, Want
from bot.classify.differences import newer, requires, version_of
from bot.classify.inquiry.interpreter import stdlib_caller
from bot.classify.inquiry.notebook import TELLING, Found, Notebook, applying, line_probe
from bot.classify.ownership import STDLIB, THIRD_PARTY, VENDORED, path_in_wheel
from bot.classify.scene import Scene
from bot.facts import HasLine, HasText
from bot.model import normalized


def acquitted(scene: Scene, book: Notebook, found: Found) -> bool:
    """Whether whoever would be blamed only does what it was told, or was never meant to run with what is installed."""
    if scene.asking is None:
        return False
    claim = scene.claim
    if claim is not None and found.basis in {"api", "stdlib", "undeclared"}:
        if _unpickled(scene) or (
            scene.named_by_data
            and not scene.at_import
            and not stdlib_caller(scene)
            and not _names_in_its_own_data(scene, claim, book)
        ):
            found.by_data = True
        elif claim.want is Want.KEYWORD and scene.kind != "PluginValidationError":
            found.passed_through = _passed_through(scene, claim, book, found)
    found.conflict = _conflict(scene, found)
    return (
        found.by_data
        or found.passed_through
        or found.conflict is not None
        or _not_there(scene, found)
        or _made_elsewhere(scene, claim, book, found)
        or _torn(scene, book, found)
    )


def _unpickled(scene: Scene) -> bool:
    """Whether a name was looked up that stands in a pickle: whoever wrote that asks for it, not whoever reads it."""
    inner = scene.telling[(scene.asker_at or 0) + 1 :]
    return scene.asker_at is not None and any(row.role == STDLIB and row.module == "pickle" for row in inner)


def _made_elsewhere(scene: Scene, claim: Claim | None, book: Notebook, found: Found) -> bool:
    """Whether an object lacks of its own what only the releases since the green run give it when it is made: an older one
    made it (a pickle, a cache), or nobody called its `__init__`.
    """
    good, asker = scene.differences.good(found.culprit), scene.asker
    if claim is None or claim.want is not Want.MEMBER or found.basis != "regression" or not good or asker is None:
        return False
    path = path_in_wheel(asker)
    if path is None or f"self.{claim.name}" not in (asker.frame.source or ""):
        return False
    kept = HasLine(file=path, text=f"self.{claim.name} = {claim.name}")
    walked = book.walk(str(found.culprit), kept, found.culprit_version, good)
    if walked is None or not walked.at or not newer(walked.first_same, good):
        return False
    found.basis = "inside"
    return True


def _torn(scene: Scene, book: Notebook, found: Found) -> bool:
    """Whether a file that lies where its distribution is installed is not the installed release's, which has not so many
    lines, or reads as another release has it: two of them lie in one place. Nobody released that.

    That a line reads otherwise is not enough: some are translated while they are built.
    """
    asker, held = scene.asker, found.held
    if asker is None or asker.distribution != found.culprit or held is None or not asker.frame.source:
        return False
    if not held.file or held.matches is not False or held.elsewhere:
        return False
    walked = book.walk(str(found.culprit), line_probe(asker, mentions=None), found.culprit_version)
    found.torn = held.actual is None or (walked is not None and walked.at is False and walked.last_other is not None)
    return found.torn


_LISTED = 3
"""An installer that names so many distributions names all that matter."""
_UNLISTED = frozenset(["setuptools", "pip", "wheel"])
"""What environments come with, unlisted."""


def _not_there(scene: Scene, found: Found) -> bool:
    """Whether the log lists what was installed, and whoever would be blamed is not among it: then a file's name was taken
    for a distribution's, and somebody else's it is.
    """
    listed = [row for row in scene.case.reading.environment.installed if row.how != "pytest"]
    known = found.culprit in scene.ground.installed or found.culprit in scene.ground.provides.values()
    return len(listed) >= _LISTED and not known and found.culprit not in {*_UNLISTED, scene.building}


_SPELLINGS = 3
"""In so many ways a name is looked for in the files of who looked it up."""


def _names_in_its_own_data(scene: Scene, claim: Claim, book: Notebook) -> bool:
    """Whether the asker's released files spell out what its line looks up."""
    text = claim.name if claim.want is Want.MODULE else f"{claim.module}.{claim.name}"
    texts = [one for one in (text, claim.name, f'"{claim.name}"', f"'{claim.name}'") if len(one) >= TELLING][
        :_SPELLINGS
    ]
    walks = [book.walk(scene.asking or "", HasText(text=one), scene.asking_version) for one in texts]
    return any(walked is not None and walked.at for walked in walks)


def _passed_through(scene: Scene, claim: Claim, book: Notebook, found: Found) -> bool:
    """Whether no line of a third party hands over the refused keyword by its name, so that the project did.

    Said only where the released files were read: a printed line is often the first of many.
    """
    outer = [row for row in scene.way if row.role in {THIRD_PARTY, VENDORED}]
    if any(claims.passes(row.frame.source, claim.name) for row in outer) or found.still is not None:
        return False
    if any(claims.passes(row.frame.source, claim.name) for row in scene.project_frames):
        return True
    walked = None
    if found.culprit and found.culprit_version and len(claim.name) + 1 >= TELLING:
        walked = book.walk(found.culprit, HasText(text=f"{claim.name}="), found.culprit_version)
    return walked is not None and walked.at is False


def _conflict(scene: Scene, found: Found) -> str | None:
    """The culprit's requirement that the installed set breaks, of the distributions that the failure met."""
    met = {found.provider, found.raiser, found.definer, found.mentioned}
    met |= {str(row.distribution) for row in scene.telling if row.distribution}
    for name in dict.fromkeys(filter(None, (found.culprit, scene.asking))):
        for row in applying(scene, requires(scene.facts, name, scene.ground.version(name))):
            required = normalized(row.name)
            installed = scene.ground.version(required)
            if required not in met or required == name or installed is None or version_of(installed) is None:
                continue
            if not row.specifier.contains(installed, prereleases=True):
                return f"{name} {scene.ground.version(name)} requires {row.name}{row.specifier}, and {installed} is installed"
    return None
