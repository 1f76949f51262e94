"""Which distribution defines what a message names."""

from __future__ import annotations

from bot.classify import importnames, stdlib
from bot.classify.differences import required_names
from bot.classify.inquiry.notebook import CANDIDATES, SHORT, Notebook, named_in, new_major, requirements_of
from bot.classify.scene import Scene
from bot.facts import Defines
from bot.model import DistributionName


def third_party_definer(scene: Scene, name: str, book: Notebook) -> bool:
    """Whether a distribution that backports the standard library's module is installed and defines the class too."""
    module = (scene.stdlib_class or "").split(".", 1)[0]
    backports = [
        dist
        for dist in scene.ground.installed
        if dist.replace("-", "_").startswith(((scene.stdlib_class or "-").replace(".", "_"), f"backports_{module}"))
    ]
    asked = scene.asker.frame.source or "" if scene.asker else ""
    for dist in backports[:1]:
        if any(name_ in asked for name_ in importnames.import_names_of(dist)) or scene.differences.of(dist):
            return True
        version = scene.ground.version(dist)
        if version and book.ask(Defines(distribution=DistributionName(dist), version=version, name=name)):
            return stdlib.has_module(scene.stdlib_class or "", scene.python or "") is not True
    return False


def definer_of(scene: Scene, name: str, book: Notebook) -> tuple[str, str] | None:
    """The distribution and module that define a class or function, among those that the failure could have met."""
    answers = []
    for candidate in _candidates(scene, book, name)[:CANDIDATES]:
        version = scene.ground.version(candidate)
        if version is not None:
            # All are asked at once: rounds are dearer than one look too many.
            question = Defines(distribution=DistributionName(candidate), version=version, name=name)
            answers.append((candidate, book.ask(question)))
    for candidate, modules in [*answers, *_told_before(scene, name)]:
        if isinstance(modules, tuple) and modules:
            return candidate, min((str(module) for module in modules), key=lambda text: (text.count("test"), len(text)))
    return None


def _told_before(scene: Scene, name: str) -> list[tuple[str, object]]:
    """Answers of earlier rounds: with more known other candidates come first, and what was found stays found."""
    return [
        (str(fact.question.distribution), fact.answer)
        for fact in scene.facts
        if isinstance(fact.question, Defines) and fact.question.name == name and fact.known
    ]


def _candidates(scene: Scene, book: Notebook, name: str) -> tuple[str, ...]:
    """Distributions that may define what a message names, the likeliest first."""
    dependencies = dependencies_of(scene, book)
    owners = [str(row.distribution) for row in reversed(scene.telling) if row.distribution]
    changed = [dist for dist in scene.differences.changed if dist in scene.ground.installed]
    text = f"{scene.asker.frame.source or ''} {name}".lower() if scene.asker else name.lower()
    named = [dist for dist in dict.fromkeys([*dependencies, *owners, *changed]) if named_in(dist, text)]
    met = [dist for dist in changed if dist in dependencies or dist in owners]
    plugged = _made_for_asker(scene)
    alike = [dist for dist in scene.ground.installed if _named_after(name, dist)]
    grown = [dist for dist in changed if new_major(scene, dist)]
    rows = dict.fromkeys([*named, *met, *owners, *alike, *plugged, *grown, *dependencies, *changed])
    return tuple(row for row in rows if not scene.ground.is_project(row))


def _made_for_asker(scene: Scene) -> list[str]:
    """Installed distributions that are called after the asker, as plug-ins and what builds upon it are: `pytest-flake8`,
    `sklearn-crfsuite`.
    """
    names = importnames.import_names_of(scene.asking or "")
    tops = {top for name in names if len(top := name.split(".", 1)[0].lower()) > SHORT}
    return [dist for dist in scene.ground.installed if dist != scene.asking and tops & set(dist.split("-"))]


def _named_after(name: str, distribution: str) -> bool:
    """Whether a class is called after a distribution: `VCRHTTPResponse` after `vcrpy`, `DockerClient` after `docker`."""
    stem = distribution.split("-", 1)[0].removeprefix("py").removesuffix("py")
    return len(stem) > SHORT and name.lower().startswith(stem)


def dependencies_of(scene: Scene, book: Notebook) -> tuple[str, ...]:
    """What the asker requires and is installed, what changed first."""
    if scene.asking is None:
        return ()
    rows = requirements_of(scene, scene.asking, scene.asking_version, book) or ()
    names = [name for name in required_names(rows) if name in scene.ground.installed]
    text = " ".join(row.frame.source or "" for row in scene.telling[-3:]).lower()
    return tuple(
        sorted(
            names, key=lambda name: (scene.differences.of(name) is None, not named_in(name, text), names.index(name))
        )
    )
