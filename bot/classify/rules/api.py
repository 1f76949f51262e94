"""An asker and a provider that no longer agree: names, modules, members and parameters that went or came."""

from __future__ import annotations

from datetime import datetime

from bot.classify.claims import Want
from bot.classify.inquiry import Found
from bot.classify.rules.framework import Look, Rule, Saw, Strength, Way, frame_line, may_be_a_stand_in, rule
from bot.classify.scene import OWN, Scene
from bot.model import Kind


def _third_party(look: Look) -> tuple[Scene, Found] | None:
    """The scene and findings where a third party asked another one (or the interpreter)."""
    if look.scene is None or look.found is None or not look.found.culprit or look.found.provider in {None, OWN}:
        return None
    return look.scene, look.found


def _day(moment: datetime | None) -> str:
    return f", published {moment:%Y-%m-%d}," if moment else ""


def _asked_in(look: Look) -> str:
    asker = look.scene.asker if look.scene else None
    return f"`{asker.module or asker.frame.file}`" if asker else "its code"


@rule(Kind.UPSTREAM, Strength.DECISIVE, Way.RELEASES)
def release_removed_what_a_third_party_uses(look: Look) -> Saw | None:
    """A release of one distribution took away what another distribution's released code asks for.

    Read from the wheels: it is gone at the version installed and was there before. The project wrote neither side.
    """
    both = _third_party(look)
    if both is None or both[1].api is None or both[1].basis not in {"api", "undeclared"}:
        return None
    found = both[1]
    walked = found.api
    if walked is None or walked.at is not False or not walked.last_other or found.culprit == found.provider:
        return None
    return Saw(
        says=f"{found.symbol} was in {found.provider} {walked.last_other} and is gone since {walked.first_same or '?'}"
        f"{_day(walked.changed)} and {found.culprit} {found.culprit_version or ''} asks for it in {_asked_in(look)}",
        line=frame_line(look),
        source="index",
    )


@rule(Kind.UPSTREAM, Strength.DECISIVE, Way.RELEASES)
def interpreter_dropped_what_a_third_party_uses(look: Look) -> Saw | None:
    """The running interpreter's standard library no longer has (or now asks for) what a third party relies on.

    The tables of the standard library are static data; a distribution that says it supports the interpreter and does
    not has to change.
    """
    both = _third_party(look)
    if both is None or both[1].removal is None or both[1].basis != "stdlib":
        return None
    removal = both[1].removal
    what = "needs" if removal.later else "no longer fits"
    return Saw(
        says=f"{both[1].culprit} {both[1].culprit_version or ''} relies on {removal.symbol}: worked up to Python"
        f" {removal.last_good}, {what} since {removal.first_bad}",
        line=frame_line(look),
        source="static data",
    )


@rule(Kind.UPSTREAM, Strength.STRONG, Way.RELEASES)
def definition_changed_under_a_third_party(look: Look) -> Saw | None:
    """What a third party calls was redefined by a release between the last green one and the one installed."""
    both = _third_party(look)
    if both is None or both[1].api is None or both[1].basis != "api":
        return None
    found, walked = both[1], both[1].api
    if not walked.at or not walked.last_other or found.culprit == found.provider:
        return None
    claim = both[0].claim
    if claim is not None and claim.want in {Want.NAME, Want.MODULE}:
        # That walk is about the name being there, and it is.
        return None
    change = both[0].differences.of(found.provider)
    if change is None and found.provider is not None and both[0].differences.known:
        return None
    return Saw(
        says=f"{found.symbol} is defined otherwise in {found.provider} {walked.first_same} than in {walked.last_other},"
        f" and {found.culprit} still uses {'what it returns' if found.handed_over else 'it'} as before",
        line=frame_line(look),
        source="index",
    )


@rule(Kind.UPSTREAM, Strength.STRONG, Way.GREEN_RUN)
def missing_api_met_a_changed_provider(look: Look) -> Saw | None:
    """What is missing belongs to a distribution that changed since the last green run, and a third party asked."""
    both = _third_party(look)
    if both is None or both[1].basis not in {"api", "undeclared"} or both[1].culprit == both[1].provider:
        return None
    change, claim, walked = both[0].differences.of(both[1].provider), both[0].claim, both[1].api
    if change is None or claim is None or both[1].handed_over or may_be_a_stand_in(look):
        return None
    of_a_module = claim.want in {Want.NAME, Want.MODULE}
    if walked is not None and (walked.at is True if of_a_module else walked.last_other is None):
        # It is there; or no release that was looked at ever had it, so that the change took nothing away.
        return None
    if walked is None and claim.want in {Want.MEMBER, Want.PROTOCOL}:
        # The object may be any that the project handed in.
        return None
    return Saw(
        says=f"the last green run had {change.distribution} {change.before or 'not at all'}, this one has"
        f" {change.after or 'none'}, and {both[1].culprit} misses {both[1].symbol}",
        line=frame_line(look),
    )


@rule(Kind.UPSTREAM, Strength.STRONG, Way.RELEASES)
def third_party_asks_for_what_no_release_has(look: Look) -> Saw | None:
    """A third party's line asks another's module for a name that the release installed lacks, whatever came before.

    Weaker than a removal that was seen: history could not be read, or the name never was there. Of an object's members
    it says nothing: a wrong object lacks them too.
    """
    both = _third_party(look)
    if both is None or both[1].api is None or both[1].basis != "api" or both[0].claim is None:
        return None
    if both[0].claim.want in {Want.MEMBER, Want.PROTOCOL}:
        return None
    walked = both[1].api
    if walked.at is not False or walked.last_other or both[1].culprit == both[1].provider:
        return None
    return Saw(
        says=f"{both[1].provider} {both[1].provider_version or ''} has no {both[1].symbol}, which {both[1].culprit} asks for",
        line=frame_line(look),
        source="index",
    )


@rule(Kind.UPSTREAM, Strength.STRONG, Way.MANNER)
def third_party_misses_another(look: Look) -> Saw | None:
    """A third party's own line asks another distribution for a name, module or parameter and does not get it.

    Said from the log alone, of imports and of providers that changed: who removed it could not be read, but neither side
    of the border is the project's.
    """
    both = _third_party(look)
    if both is None or both[1].basis != "api" or both[1].culprit == both[1].provider or both[1].api is not None:
        return None
    claim = both[0].claim
    if claim is None or claim.want not in {Want.NAME, Want.MODULE, Want.KEYWORD} or may_be_a_stand_in(look):
        return None
    if not both[0].at_import and both[0].differences.of(both[1].provider) is None:
        # At run time another module may have taken the name's place: a file of the project, a mock.
        return None
    return Saw(says=f"{both[1].culprit} asks {both[1].provider} for {both[1].symbol}, in vain", line=frame_line(look))


@rule(Kind.UPSTREAM, Strength.STRONG, Way.METADATA)
def third_party_imports_what_it_does_not_require(look: Look) -> Saw | None:
    """A third party's root imports, without a fallback, a module of a distribution that its metadata does not require.

    An integration that only the project asks for may need what nobody else does; who imports it installs that.
    """
    both = _third_party(look)
    if both is None or both[1].basis != "undeclared" or both[1].declared != "never" or not both[0].at_import:
        return None
    if both[1].optional and both[1].dropped is None:
        return None
    return Saw(
        says=f"{both[1].culprit} {both[1].culprit_version or ''} imports {both[1].symbol} and does not require"
        f" {both[1].provider}",
        line=frame_line(look),
        source="index",
    )


@rule(Kind.UPSTREAM, Strength.STRONG, Way.RELEASES)
def caller_began_to_call_an_override_otherwise(look: Look) -> Saw | None:
    """One third party calls a method that another one overrides or plugs in, on a line that is new: the other must follow.

    The class that rejects the call is defined by a released distribution, so neither side is the project's.
    """
    if look.scene is None or look.found is None or look.found.basis != "override" or look.found.came is None:
        return None
    return Saw(
        says=f"{look.found.raiser} calls {look.scene.claim.of if look.scene.claim else 'it'} of {look.found.culprit} in this way"
        f" since {look.found.came.first_same}",
        line=frame_line(look),
        source="index",
    )


@rule(Kind.UPSTREAM, Strength.STRONG, Way.MANNER)
def host_refuses_a_plug_in(look: Look) -> Saw | None:
    """A host of plug-ins refuses one by its name, and an installed distribution is called so: what its function declares is
    written in neither the project nor its settings.
    """
    if look.scene is None or look.found is None or look.scene.kind != "PluginValidationError":
        return None
    if not look.found.culprit or look.scene.claim is None:
        return None
    return Saw(
        says=f"`{look.scene.claim.of}` of {look.found.culprit} does not fit the hook of {look.found.provider or 'its host'}",
        line=frame_line(look),
    )


@rule(Kind.PROJECT, Strength.STRONG)
def own_callable_rejects_a_librarys_call(look: Look) -> Saw | None:
    """A library calls back a callable that no distribution defines, in a way that it does not take: the project's own.

    The library may call otherwise since a release, which is the trigger; what has to follow is the project's.
    """
    if look.scene is None or look.found is None or look.found.basis != "callback":
        return None
    return Saw(
        says=f"{look.scene.asking} calls `{look.scene.claim.of if look.scene.claim else ''}`, which is the project's own, and it"
        " does not take that",
        line=frame_line(look),
    )


@rule(Kind.UPSTREAM, Strength.STRONG, Way.GREEN_RUN)
def import_broke_inside_over_a_changed_requirement(look: Look) -> Saw | None:
    """The project imports a name that the release does have, in vain, and a requirement further in changed.

    The import itself crashed and the error was swallowed on the way; nothing of the project's ran in between.
    """
    if look.scene is None or look.found is None or look.found.basis != "hidden" or not look.found.culprit:
        return None
    change = look.scene.differences.of(look.found.provider)
    if change is None:
        return None
    return Saw(
        says=f"the release has {look.found.symbol}, yet importing it fails; {look.found.culprit} requires"
        f" {change.distribution}, which went from {change.before} to {change.after}",
        line=frame_line(look),
        source="index",
    )


@rule(Kind.UPSTREAM, Strength.DECISIVE, Way.RELEASES)
def release_alone_lacks_what_it_had(look: Look) -> Saw | None:
    """The project asks for what the release before had, and the one installed went wrong: its makers withdrew it, it holds
    no module at all, or a later one has it again.

    Who removes something on purpose does not bring it back, and no line of the project can make a wheel empty.
    """
    if look.found is None or look.found.basis != "slip" or look.found.api is None:
        return None
    return Saw(
        says=f"{look.found.provider} {look.found.api.last_other} has `{look.found.symbol}`, {look.found.provider_version} lacks"
        f" it: {look.found.notes['slip']}",
        line=frame_line(look),
        source="index",
    )


@rule(Kind.PROJECT, Strength.STRONG)
def optional_dependency_not_installed(look: Look) -> Saw | None:
    """The missing module belongs to an extra of the distribution that imports it: who installs chooses extras."""
    if look.found is None or look.found.basis != "undeclared" or look.found.declared != "extra":
        return None
    if look.found.api is not None and look.found.api.at is False and look.found.api.last_other:
        return None
    return Saw(
        says=f"{look.found.culprit} declares {look.found.provider} as optional ({look.found.requirement}); it is not installed",
        line=frame_line(look),
        source="index",
    )


@rule(Kind.PROJECT, Strength.FAIR)
def required_distribution_not_installed(look: Look) -> Saw | None:
    """A distribution that a third party requires is not there: it was removed, or installed without dependencies."""
    if look.found is None or look.scene is None or look.found.basis != "undeclared" or look.found.declared != "always":
        return None
    if look.scene.asking not in look.scene.ground.installed or len(look.scene.ground.installed) < 3:
        return None
    return Saw(
        says=f"{look.found.culprit} requires {look.found.requirement}, and it is not installed",
        line=frame_line(look),
        source="index",
    )


@rule(Kind.PROJECT, Strength.DECISIVE)
def project_asks_for_what_is_gone(look: Look) -> Saw | None:
    """The project's own line asks for a name, module or parameter that is not (or no longer) there.

    Its removal may be news, so the trigger is named; but the code that has to change is the project's.
    """
    if look.scene is None or look.found is None or not look.scene.by_project or look.scene.claim is None:
        return None
    claim = look.scene.claim
    if claim.want not in {Want.NAME, Want.MODULE, Want.KEYWORD, Want.ARGUMENTS, Want.MEMBER} or look.found.culprit:
        return None
    return Saw(
        says=f"the project's own {_asked_in(look)} asks for {look.found.symbol or claim.name}",
        line=frame_line(look),
        source="index" if look.found.api is not None else "",
    )


@rule(Kind.UPSTREAM, Strength.STRONG, against=True)
def installed_release_has_what_is_missed(look: Look) -> Saw | None:
    """The release that the log says was installed does have what is missed: then something else was imported.

    A file of the project that shadows the distribution, a half-done upgrade, another copy on the path.
    """
    if look.found is None or look.scene is None or look.scene.claim is None or look.found.api is None:
        return None
    if look.scene.claim.want not in {Want.NAME, Want.MODULE} or look.found.api.at is not True:
        return None
    if look.found.basis == "hidden" or look.found.provider not in look.scene.ground.installed:
        return None
    return Saw(
        says=f"{look.found.provider} {look.found.provider_version} does have {look.found.symbol}: another module of that name was imported",
        line=frame_line(look),
        source="index",
    )


@rule(Kind.PROJECT, Strength.STRONG)
def module_shadows_a_distribution(look: Look) -> Saw | None:
    """A third party gets a module that is not the distribution's: the project has a file of that name.

    Seen by the path that the message prints, or because the release installed has what was missed, or because a module
    was imported that no installed distribution provides.
    """
    if look.scene is None or look.found is None or look.scene.claim is None or look.scene.by_project:
        return None
    claim = look.scene.claim
    if claim.want is not Want.NAME or not claim.module:
        return None
    if look.scene.provider == OWN and look.scene.asking:
        return Saw(
            says=f"`{claim.module}` is a module of the project, which shadows the one that {look.scene.asking} means",
            line=frame_line(look),
        )
    if look.scene.stdlib_shadowed:
        return Saw(
            says=f"every interpreter's `{claim.module}` has `{claim.name}`: a file of the project of that name was imported",
            line=frame_line(look),
        )
    if look.found.api is not None and look.found.api.at is True and "." not in claim.module:
        return Saw(
            says=f"{look.found.provider} {look.found.provider_version} has `{claim.name}`; the `{claim.module}` that was imported is another",
            line=frame_line(look),
            source="index",
        )
    known = len(look.scene.ground.installed) >= 3
    if (
        look.scene.provider is None
        and look.scene.asking
        and known
        and "." not in claim.module
        and len(claim.module) > 3
    ):
        return Saw(
            says=f"nothing installed provides `{claim.module}`, yet it was imported: a file of the project has that name",
            line=frame_line(look),
        )
    return None


@rule(Kind.PROJECT, Strength.DECISIVE)
def own_module_is_missing_or_cyclic(look: Look) -> Saw | None:
    """What could not be imported is the project's own: a missing module, a wrong name, an import cycle."""
    if look.scene is None or look.scene.claim is None or look.scene.provider != OWN:
        return None
    if look.scene.claim.want not in {Want.NAME, Want.MODULE}:
        return None
    word = "is imported in a cycle" if look.scene.claim.partial else "is the project's own and lacks what is asked for"
    return Saw(says=f"`{look.scene.claim.module or look.scene.claim.name}` {word}", line=frame_line(look))


@rule(Kind.PROJECT, Strength.STRONG)
def installed_set_breaks_a_requirement(look: Look) -> Saw | None:
    """What the third party requires is installed in a version that it rules out: it never promised to work with that.

    An installer that is left alone keeps requirements; the project's own pins, or an install without dependencies, do not.
    """
    if look.found is None or look.found.conflict is None:
        return None
    return Saw(says=look.found.conflict, line=frame_line(look), source="index")


@rule(Kind.PROJECT, Strength.STRONG)
def what_is_missing_was_named_by_data(look: Look) -> Saw | None:
    """A third party looks up a dotted name that it was given: whoever wrote the setting asks for what is gone."""
    if look.scene is None or look.found is None or not look.found.by_data:
        return None
    return Saw(
        says=f"{look.scene.asking} looks up {look.found.symbol}, which none of its own files names",
        line=frame_line(look),
    )


@rule(Kind.PROJECT, Strength.STRONG)
def keyword_was_only_passed_on(look: Look) -> Saw | None:
    """The keyword that is refused stands in no line of the third party, which hands on what the project gave it."""
    if look.scene is None or look.found is None or not look.found.passed_through or look.scene.claim is None:
        return None
    return Saw(
        says=f"no line of {look.scene.asking} names `{look.scene.claim.name}`: it came with the project's call",
        line=frame_line(look),
        source="index",
    )


RULES: tuple[Rule, ...] = (
    release_removed_what_a_third_party_uses,
    interpreter_dropped_what_a_third_party_uses,
    definition_changed_under_a_third_party,
    missing_api_met_a_changed_provider,
    third_party_asks_for_what_no_release_has,
    third_party_misses_another,
    third_party_imports_what_it_does_not_require,
    caller_began_to_call_an_override_otherwise,
    host_refuses_a_plug_in,
    own_callable_rejects_a_librarys_call,
    import_broke_inside_over_a_changed_requirement,
    release_alone_lacks_what_it_had,
    optional_dependency_not_installed,
    required_distribution_not_installed,
    project_asks_for_what_is_gone,
    installed_release_has_what_is_missed,
    module_shadows_a_distribution,
    own_module_is_missing_or_cyclic,
    installed_set_breaks_a_requirement,
    what_is_missing_was_named_by_data,
    keyword_was_only_passed_on,
)
