"""What changed since the last green run, and what did not."""

from __future__ import annotations

from datetime import timedelta

from bot.classify import claims
from bot.classify.claims import Want
from bot.classify.differences import newer
from bot.classify.ownership import slashed
from bot.classify.rules.framework import Look, Rule, Saw, Strength, Way, frame_line, message_line, rule
from bot.classify.scene import CPYTHON, OWN
from bot.model import Kind

_RECENT = timedelta(days=21)
_NEVER_BY_VALUE = frozenset(
    [
        "NameError",
        "UnboundLocalError",
        "ImportError",
        "ModuleNotFoundError",
        "SyntaxError",
        "IndentationError",
        "TabError",
    ]
)
"""Accidents that no value passed in can cause."""


_OF_VALUES = frozenset(
    [
        "KeyError",
        "IndexError",
        "ValueError",
        "ZeroDivisionError",
        "UnicodeDecodeError",
        "UnicodeEncodeError",
        "RecursionError",
        "OverflowError",
        "StopIteration",
        "AssertionError",
        "LookupError",
        "OSError",
        "FileNotFoundError",
    ]
)
"""Accidents that are about values by their very type."""


def _plain_value(look: Look) -> bool:
    """Whether the accident speaks of a value, by its type or its message."""
    if look.scene is None or look.scene.kind in _OF_VALUES:
        return True
    claim = look.scene.claim
    return claim is not None and claim.of in claims.BUILTINS | claims.MOCKS


def _by_value(look: Look) -> bool:
    """Whether a value that the project passed could cause this accident by itself.

    Only what the message claims of a name, a callable or another distribution's class speaks against that.
    """
    if look.scene is None:
        return True
    if look.scene.kind in _NEVER_BY_VALUE:
        return False
    claim = look.scene.claim
    if claim is None or claim.of in claims.BUILTINS | claims.MOCKS:
        return True
    # An object whose class no distribution defines is the project's own, passed in like any value.
    known = bool(look.found and look.found.definer) or look.scene.stdlib_class is not None
    return claim.want in {Want.MEMBER, Want.PROTOCOL} and not known


@rule(Kind.UPSTREAM, Strength.DECISIVE, against=True)
def nothing_that_meets_the_failure_changed(look: Look) -> Saw | None:
    """The last green run had the same versions of everything that the failure touches: no release can have caused it."""
    if look.scene is None or look.found is None or not look.scene.differences.known:
        return None
    differences = look.scene.differences
    if CPYTHON in differences.changed:
        return None
    if look.found.removal is not None and not differences.unchanged(CPYTHON):
        return None
    touched = {str(row.distribution) for part in look.scene.chain for row in part if row.distribution}
    touched |= {name for name in (look.found.culprit, look.found.provider) if name and name != CPYTHON}
    if look.scene.at_import or look.scene.tool or not _by_value(look):
        # What a culprit is built upon meets the failure without a frame: a base class, a decorator.
        touched |= set(look.found.required)
    moved = [name for name in touched if differences.of(name)]
    if look.found.definer and differences.of(look.found.definer):
        return None
    if look.found.trigger is not None and differences.of(str(look.found.trigger.distribution)):
        return None
    told = {name for name in (look.found.culprit, look.found.provider) if name and name not in {CPYTHON, OWN}}
    if any(not differences.unchanged(name) for name in told):
        return None
    if moved or (look.found.mentioned and differences.of(look.found.mentioned)):
        return None
    said = ", ".join(f"{name} {differences.after[name]}" for name in sorted(touched) if name in differences.after)
    return Saw(
        says=f"the last green run had the same {said or 'distributions as far as the failure goes'}",
        line=message_line(look),
    )


@rule(Kind.UPSTREAM, Strength.DECISIVE, Way.RELEASES, Way.GREEN_RUN)
def failing_line_came_with_the_changed_release(look: Look) -> Saw | None:
    """The third-party line that failed is new in a release that came since the last green run.

    That a distribution changed is no evidence; that the failing line itself came with the change is, unless the accident
    is one that a wrong value passed in can cause on any line.
    """
    if look.scene is None or look.found is None or look.found.came is None or look.found.basis != "regression":
        return None
    change = look.scene.differences.of(look.found.raiser)
    walked = look.found.came
    if change is None or not change.upgraded or not walked.at or not walked.last_other or look.scene.explicit:
        return None
    if _by_value(look):
        return None
    if change.before and not newer(walked.first_same, change.before):
        return None
    return Saw(
        says=f"the line that failed came with {look.found.raiser} {walked.first_same}; the last green run had {change.before}",
        line=frame_line(look),
        source="index",
    )


@rule(Kind.UPSTREAM, Strength.DECISIVE, Way.RELEASES, Way.GREEN_RUN)
def special_method_changed_with_the_release(look: Look) -> Saw | None:
    """A special method that the project's line does not name does not take the call that an operation makes, and just one
    distribution that changed since the last green run defines it otherwise since.

    Compiled code (`numpy.asarray(image)`) calls such methods without a frame; the project's line is only where it was met.
    """
    if look.scene is None or look.found is None or look.found.basis != "special" or look.found.came is None:
        return None
    change = look.scene.differences.of(look.found.raiser)
    if change is None:
        return None
    return Saw(
        says=f"{look.found.symbol} is defined otherwise in {change.distribution} {look.found.came.first_same}; the last green"
        f" run had {change.before}",
        line=frame_line(look),
        source="index",
    )


@rule(Kind.UPSTREAM, Strength.STRONG, Way.RELEASES, Way.GREEN_RUN)
def way_to_the_failure_came_with_the_changed_release(look: Look) -> Saw | None:
    """The innermost line is old, but a line of the same distribution that led there came since the last green run.

    Weaker than a new failing line: releases reword lines without changing what they do.
    """
    if look.scene is None or look.found is None or look.found.came_outside is None or look.found.basis != "regression":
        return None
    change = look.scene.differences.of(look.found.raiser)
    walked = look.found.came_outside
    if change is None or not change.upgraded or look.scene.explicit or _by_value(look):
        return None
    return Saw(
        says=f"a line of {look.found.raiser} on the way to the failure came with {walked.first_same}; the last green run had"
        f" {change.before}",
        line=frame_line(look),
        source="index",
    )


@rule(Kind.UPSTREAM, Strength.WEAK, Way.GREEN_RUN)
def value_failed_on_a_new_line(look: Look) -> Saw | None:
    """A third party failed over a value on a line that came since the last green run: a hint, no more.

    Releases reword lines all the time, and a wrong value fails on any of them.
    """
    if look.scene is None or look.found is None or look.found.basis != "regression" or not _by_value(look):
        return None
    walked = look.found.came_outside or look.found.came
    change = look.scene.differences.of(look.found.raiser)
    if walked is None or change is None or not change.before or not newer(walked.first_same, change.before):
        return None
    return Saw(
        says=f"a line of {look.found.raiser} there came with {walked.first_same}; the last green run had {change.before}",
        line=frame_line(look),
        source="index",
    )


@rule(Kind.UPSTREAM, Strength.STRONG, Way.RELEASES, Way.GREEN_RUN)
def changed_release_leads_there_by_a_new_way(look: Look) -> Saw | None:
    """What raised is as it was, but a third party that changed since the last green run leads there by a new line."""
    if look.scene is None or look.found is None or look.found.basis != "detour" or look.found.came_outside is None:
        return None
    change = look.scene.differences.of(look.found.raiser)
    if change is None or not change.upgraded:
        return None
    return Saw(
        says=f"{look.found.raiser} goes another way there since {look.found.came_outside.first_same}; the last green run had"
        f" {change.before}",
        line=frame_line(look),
        source="index",
    )


@rule(Kind.UPSTREAM, Strength.STRONG, Way.GREEN_RUN)
def tool_fails_over_a_changed_requirement(look: Look) -> Saw | None:
    """A third party's program crashed by itself, with no code of the project near, and what it is built upon changed.

    A program refuses a wrong input in words; that it trips over its own assumptions is its own affair. Said only where one
    requirement stands out, and of accidents that no text, number or missing file in the project can cause.
    """
    if look.scene is None or look.found is None or look.found.moved_with is None or not look.scene.tool:
        return None
    asserted = look.scene.kind == "AssertionError" and look.scene.explicit
    if look.scene.at_import or not (asserted or not _by_value(look)):
        return None
    change = look.found.moved_with
    return Saw(
        says=f"{look.found.culprit} crashed with no code of the project near; it requires {change.distribution}, which went"
        f" from {change.before} to {change.after}",
        line=frame_line(look),
    )


@rule(Kind.UPSTREAM, Strength.STRONG, Way.GREEN_RUN)
def interpreter_changed_under_a_third_party(look: Look) -> Saw | None:
    """A third party fails by accident, at import or over no mere value, and the interpreter is another than in the
    last green run.
    """
    if look.scene is None or look.found is None or not look.found.culprit:
        return None
    if look.scene.explicit and not (look.scene.at_import and look.scene.kind == "AssertionError"):
        # What is asserted while a third party is imported is its own assumption; any other refusal may be of the series.
        return None
    change = look.scene.differences.of(CPYTHON)
    if change is None or look.found.basis not in {"inside", "syntax", "stdlib", "build"}:
        return None
    if not look.scene.at_import and look.found.basis == "inside" and _plain_value(look):
        return None
    return Saw(
        says=f"the last green run was on Python {change.before}, this one is on {change.after}; {look.found.culprit} fails",
        line=frame_line(look),
    )


@rule(Kind.UPSTREAM, Strength.STRONG, against=True)
def failing_line_is_older_than_the_last_green_run(look: Look) -> Saw | None:
    """The third-party line that failed stood in the last green run's release too: the release did not bring it."""
    if look.scene is None or look.found is None or look.found.came is None or look.found.basis != "regression":
        return None
    walked, change = look.found.came, look.scene.differences.of(look.found.raiser)
    if change is None or not walked.at or look.found.came_outside is not None:
        return None
    if walked.last_other is None or newer(change.before, walked.last_other) or change.before == walked.first_same:
        return Saw(
            says=f"the failing line of {look.found.raiser} was there in {change.before or 'the green run'} too",
            line=frame_line(look),
            source="index",
        )
    return None


@rule(Kind.UPSTREAM, Strength.STRONG, Way.RELEASES)
def message_came_with_the_changed_release(look: Look) -> Saw | None:
    """A third party called another one, whose new release refuses with a message that earlier ones did not have."""
    if look.scene is None or look.found is None or look.found.text is None or look.found.basis != "behaviour":
        return None
    name, walked = look.found.text
    if not walked.at or not walked.last_other or name == look.found.culprit:
        return None
    if look.scene.kind == "AssertionError" and look.scene.entry is not None and not look.scene.at_import:
        return None  # a helper's comparison of what a test gave it, in new words
    green = look.scene.differences.good(name)
    if green is not None and not newer(walked.first_same, green):
        return None
    return Saw(
        says=f"{name} says so since {walked.first_same}, not in {walked.last_other}; {look.found.culprit} called it",
        line=message_line(look),
        source="index",
    )


@rule(Kind.UPSTREAM, Strength.STRONG, Way.RELEASES, Way.GREEN_RUN)
def import_meets_a_new_way_to_a_refusal(look: Look) -> Saw | None:
    """While a third party is imported it calls another one, which refuses by a line that came since the last green run.

    Nothing of the project has run in between, so nothing that it passed can be what is refused.
    """
    if look.scene is None or look.found is None or look.found.basis != "behaviour" or not look.scene.at_import:
        return None
    green = look.scene.differences.good(look.found.raiser)
    came = next(
        (row for row in (look.found.came, look.found.came_outside) if row and newer(row.first_same, green)), None
    )
    if came is None or green is None or look.found.culprit == look.found.raiser:
        return None
    return Saw(
        says=f"{look.found.raiser} refuses by a line that came with {came.first_same} what {look.found.culprit} does while it"
        " is imported",
        line=frame_line(look),
        source="index",
    )


@rule(Kind.UPSTREAM, Strength.STRONG, Way.RELEASES, Way.GREEN_RUN)
def new_line_trips_over_what_a_third_party_made(look: Look) -> Saw | None:
    """A third party that did not change calls one that did, with nothing but what it made itself, and a line that is new
    trips over that or refuses it.

    Read from the caller's released function: no argument of the function, and nothing of its object, is handed over there,
    so nothing that the project passed is.
    """
    if look.scene is None or look.found is None or not look.found.made_by_caller:
        return None
    change = look.scene.differences.of(look.found.raiser)
    if change is None:
        return None
    return Saw(
        says=f"{look.found.culprit} hands to {change.distribution} what it made itself, and that fails on a line that"
        f" {change.before} did not have",
        line=frame_line(look),
        source="index",
    )


@rule(Kind.UPSTREAM, Strength.FAIR, Way.GREEN_RUN)
def third_party_line_calls_a_changed_distribution(look: Look) -> Saw | None:
    """The innermost third-party line calls into a distribution that changed since the last green run."""
    if look.scene is None or look.found is None or not look.found.mentioned or look.found.basis != "behaviour":
        return None
    change = look.scene.differences.of(look.found.mentioned)
    if change is None:
        return None
    return Saw(
        says=f"{look.found.culprit} calls {look.found.mentioned} there, which was {change.before or 'not there'} in the"
        f" last green run and is {change.after or 'gone'}",
        line=frame_line(look),
    )


@rule(Kind.UPSTREAM, Strength.FAIR, Way.GREEN_RUN)
def raiser_changed_under_a_third_party_caller(look: Look) -> Saw | None:
    """A third party called a distribution that changed since the last green run and that refused on purpose."""
    if look.scene is None or look.found is None or look.found.basis != "behaviour" or not look.found.caller:
        return None
    change = look.scene.differences.of(look.found.raiser)
    if change is None or not look.scene.explicit:
        return None
    return Saw(
        says=f"{change.distribution} went from {change.before} to {change.after} and refuses what {look.found.caller} asks",
        line=frame_line(look),
    )


@rule(Kind.UPSTREAM, Strength.STRONG, Way.METADATA)
def later_release_rules_the_trigger_out(look: Look) -> Saw | None:
    """A later release of the third party requires that what it met here be older: its own makers know that it fails so.

    What is ruled out is the very version installed, of the distribution that the failure met, and it came since the last
    green run.
    """
    if look.scene is None or look.found is None or look.found.forbidden_in is None or look.found.conflict:
        return None
    change = look.scene.differences.of(look.found.provider)
    if change is None or look.found.provider == look.found.culprit:
        return None
    return Saw(
        says=f"{look.found.culprit} {look.found.forbidden_in} no longer lets {change.distribution} {change.after} in, which came"
        " since the last green run",
        source="index",
    )


@rule(Kind.UPSTREAM, Strength.WEAK)
def trigger_was_published_shortly_before(look: Look) -> Saw | None:
    """The release that set it off came out within three weeks before the job: news, not something long lived with."""
    if look.found is None or look.found.trigger is None or look.case.as_of is None or not look.found.culprit:
        return None
    published = look.found.trigger.published
    if published is None or not timedelta() <= look.case.as_of - published <= _RECENT:
        return None
    trigger, days = look.found.trigger, (look.case.as_of - published).days
    return Saw(
        says=f"{trigger.distribution} {trigger.first_bad} was published on {published:%Y-%m-%d},"
        f" {'1 day' if days == 1 else f'{days} days'} before this run",
        source="index",
    )


@rule(Kind.UPSTREAM, Strength.FAIR, Way.DIFF)
def change_edits_only_requirements(look: Look) -> Saw | None:
    """The change touches nothing but requirements, one of them the trigger: its diff is what set it off."""
    if look.found is None or look.case.edits is None or not look.case.edits.requirements or not look.found.culprit:
        return None
    named = {str(edit.distribution) for edit in look.case.edits.requirements}
    code = [path for path in look.case.edits.paths if path.endswith((".py", ".pyx", ".pyi"))]
    trigger = str(look.found.trigger.distribution) if look.found.trigger else look.found.provider
    if code or not look.case.edits.complete or trigger not in named:
        return None
    return Saw(says=f"the change only edits requirements, {trigger} among them", source="diff")


@rule(Kind.PROJECT, Strength.STRONG)
def change_touches_the_failing_code(look: Look) -> Saw | None:
    """The change edits a project file that stands in the traceback, nearest to the failure."""
    if look.scene is None or look.case.edits is None or not look.scene.project_frames:
        return None
    paths = {path for path in look.case.edits.paths if path.endswith((".py", ".pyx"))}
    nearest = look.scene.project_frames[-1]
    file = slashed(nearest.frame.file)
    met = next((path for path in sorted(paths) if file == path or file.endswith("/" + path)), None)
    if met is None:
        return None
    return Saw(says=f"the change edits {met}, which is in the traceback", line=nearest.frame.at or None, source="diff")


RULES: tuple[Rule, ...] = (
    nothing_that_meets_the_failure_changed,
    failing_line_came_with_the_changed_release,
    special_method_changed_with_the_release,
    way_to_the_failure_came_with_the_changed_release,
    value_failed_on_a_new_line,
    changed_release_leads_there_by_a_new_way,
    tool_fails_over_a_changed_requirement,
    interpreter_changed_under_a_third_party,
    failing_line_is_older_than_the_last_green_run,
    message_came_with_the_changed_release,
    import_meets_a_new_way_to_a_refusal,
    new_line_trips_over_what_a_third_party_made,
    third_party_line_calls_a_changed_distribution,
    raiser_changed_under_a_third_party_caller,
    later_release_rules_the_trigger_out,
    trigger_was_published_shortly_before,
    change_edits_only_requirements,
    change_touches_the_failing_code,
)
