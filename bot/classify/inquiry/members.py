"""A member, parameter or operation that an object, class or callable does not have."""

from __future__ import annotations

from bot.classify import claims, importnames
from bot.classify.claims import Claim, Want
from bot.classify.inquiry.callables import hook_refused, overridden, own_callable, special_method
from bot.classify.inquiry.definers import definer_of, third_party_definer
from bot.classify.inquiry.interpreter import stdlib_caller, stdlib_changed, stdlib_member
from bot.classify.inquiry.notebook import Found, Notebook, blame, inverted
from bot.classify.ownership import THIRD_PARTY
from bot.classify.scene import CPYTHON, Scene
from bot.facts import DefinedAs, HasName, HasParameter, Probe, Walked


def missing_member(scene: Scene, claim: Claim, book: Notebook, found: Found) -> None:
    """A member, parameter or operation that an object, class or callable does not have."""
    if scene.kind == "PluginValidationError":
        hook_refused(scene, claim, book, found)
        return
    if claim.want is Want.KEYWORD and _refused_further_in(scene, claim, found):
        return
    if special_method(scene, claim, book, found):
        return
    name = _class_named(scene, claim)
    if name is None or name in claims.BUILTINS or name in claims.MOCKS:
        return
    of = claim.of or name
    found.symbol = f"{of}({claim.name})" if claim.want is Want.KEYWORD else f"{of}.{claim.name}"
    if _of_the_stdlib(scene, claim, name, book, found):
        return
    # A closure is as much its function's as that is anybody's: `fake_get.<locals>.get` is not `requests.get`.
    definer = definer_of(scene, claim.within or name, book)
    if definer is not None:
        _defined(scene, claim, name, definer, book, found)
    elif claim.want in {Want.KEYWORD, Want.ARGUMENTS}:
        own_callable(scene, claim, book, found)


def _of_the_stdlib(scene: Scene, claim: Claim, name: str, book: Notebook, found: Found) -> bool:
    """Whether the standard library asks more of a third party's class, or its own class lost what is asked for."""
    if stdlib_caller(scene) and scene.stdlib_class is None:
        stdlib_changed(scene, name, _member(claim), book, found)
        if found.basis:
            return True
    if scene.stdlib_class and not third_party_definer(scene, name, book):
        module = scene.stdlib_class
        found.provider = CPYTHON
        found.symbol = f"{module}.{name}.{claim.name}"
        found.removal = stdlib_member(module, name, claim, scene.python)
        if found.removal and not found.removal.later:
            blame(scene, found, "stdlib")
            return True
        method = (claim.of or "").rpartition(".")[2]
        private = method.startswith("_") and not method.startswith("__")
        if private and claim.want in {Want.KEYWORD, Want.ARGUMENTS} and scene.differences.of(CPYTHON):
            # Nobody overrides what the standard library's classes keep for themselves: another series takes it otherwise.
            blame(scene, found, "stdlib")
            return True
    return False


def _member(claim: Claim) -> str:
    """The member that is missing; for an operation, the special method behind it."""
    return (claims.special(claim.name) or claim.name) if claim.want is Want.PROTOCOL else claim.name


def _defined(scene: Scene, claim: Claim, name: str, definer: tuple[str, str], book: Notebook, found: Found) -> None:
    """A released distribution defines what the message names: did it lose what is asked for?"""
    distribution, module = definer
    found.definer = distribution
    found.provider, found.provider_version = distribution, scene.ground.version(distribution)
    # One parameter taken away from a class and its twins is one defect: `Client(proxies)`, `AsyncClient(proxies)`.
    found.symbol = f"{distribution}({claim.name})" if claim.want is Want.KEYWORD else f"{module}.{name}.{claim.name}"
    found.api = _lost(scene, claim, name, definer, book)
    proved = found.api is not None and found.api.at is False and found.api.last_other is not None
    of_objects = claim.want in {Want.MEMBER, Want.PROTOCOL}
    if not (proved and of_objects) and claim.want is not Want.PROTOCOL and overridden(scene, book, found, distribution):
        return
    same = scene.asking == distribution or (of_objects and scene.differences.unchanged(distribution))
    if same and not proved:
        # The class is as it was in the last green run, or the asker's own: what began to ask for it is what matters.
        found.api = found.provider = found.provider_version = None
        return
    blame(scene, found, "api")


def _lost(scene: Scene, claim: Claim, name: str, definer: tuple[str, str], book: Notebook) -> Walked | None:
    """How what is asked for varies over the definer's releases; where nothing can be named, how the definition does."""
    distribution, module = definer
    version, good = scene.ground.version(distribution), scene.differences.good(distribution)
    of = claim.of or ""
    member = _member(claim)
    if (
        claim.within
        or not claim.name
        or claim.want is Want.ARGUMENTS
        or (claim.want is Want.PROTOCOL and "__" not in member)
    ):
        whole = claim.within or (of if of.startswith(f"{name}.") else name)
        walked = book.walk(distribution, DefinedAs(module=module, name=whole, version=version or ""), version, good)
        if walked is not None and walked.at is None and whole != name:
            # Its constructor may be made for it (a named tuple, a data class): the class as a whole tells.
            walked = book.walk(distribution, DefinedAs(module=module, name=name, version=version or ""), version, good)
        return walked
    probe: Probe = HasName(module=module, name=f"{name}.{member}")
    if claim.closed:
        probe = DefinedAs(module=module, name=f"{name}.{member}", version=version or "")
    if claim.want is Want.KEYWORD:
        dotted = "." in of and not of.endswith("__init__")
        probe = HasParameter(module=module, name=of if dotted else name, parameter=claim.name)
    walked = book.walk(distribution, probe, version, good)
    if walked is None or walked.at is not False or walked.last_other is not None:
        return walked
    source = scene.asker.frame.source if scene.asker else None
    if claim.want is Want.MEMBER and claims.assigns(source, claim.name):
        slots = HasName(module=module, name=f"{name}.__slots__")
        closed = inverted(book.walk(distribution, slots, version, good))
        if closed is not None and closed.at is False and closed.last_other:
            return closed
    return call_changed(scene, distribution, book) or walked


def _refused_further_in(scene: Scene, claim: Claim, found: Found) -> bool:
    """A line hands a keyword over by name, and another distribution passes it on to where it is refused.

    The callable is not known by name there; that its distribution changed is what there is to go by.
    """
    asker, inner = scene.asker, scene.innermost
    if asker is None or inner is None or asker is inner or inner.distribution is None or inner.role != THIRD_PARTY:
        return False
    owner = str(inner.distribution)
    if owner == scene.asking:
        return False
    found.provider, found.provider_version = owner, scene.ground.version(owner)
    found.symbol = f"{owner}({claim.name})"
    blame(scene, found, "api")
    return True


def _class_named(scene: Scene, claim: Claim) -> str | None:
    """The class or function that the message names, or that the line calls where the message does not say it."""
    name = claim.owner
    if name and name not in {"__init__", "__new__", "__call__", "<lambda>"}:
        return name
    asked = scene.asker
    names = [dotted.rsplit(".", 1)[-1] for dotted in claims.called(asked.frame.source if asked else None)]
    return next((name for name in names if name[:1].isupper()), None)


def call_changed(scene: Scene, distribution: str, book: Notebook) -> Walked | None:
    """When the function that the asker's line calls was last defined otherwise: what it returns may have changed."""
    names = importnames.import_names_of(distribution)
    for dotted in claims.called(scene.asker.frame.source if scene.asker else None):
        module, _, function = dotted.rpartition(".")
        if module and any(module == name or module.startswith(f"{name}.") for name in names):
            version = scene.ground.version(distribution)
            walked = book.walk(
                distribution,
                DefinedAs(module=module, name=function, version=version or ""),
                version,
                scene.differences.good(distribution),
            )
            if walked is not None and walked.last_other:
                return walked
    return None
