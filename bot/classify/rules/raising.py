"""How it was raised: on purpose or by accident, at import or in a call, with what in between."""

from __future__ import annotations

import re

from bot.classify import claims
from bot.classify.claims import Want
from bot.classify.inquiry import Found
from bot.classify.ownership import HARNESS, PROJECT, STDLIB, THIRD_PARTY, UNKNOWN, VENDORED
from bot.classify.rules.framework import (
    Look,
    Rule,
    Saw,
    Strength,
    Way,
    captured_outage,
    frame_line,
    may_be_a_stand_in,
    message_line,
    rule,
)
from bot.model import Kind, OwnedFrame

_ACCIDENTS = frozenset(
    [
        "AttributeError",
        "TypeError",
        "KeyError",
        "IndexError",
        "NameError",
        "UnboundLocalError",
        "ZeroDivisionError",
        "RecursionError",
        "AssertionError",
        "NotImplementedError",
        "StopIteration",
    ]
)
_FOREIGN = {THIRD_PARTY, VENDORED, UNKNOWN}


def _machine(look: Look) -> bool:
    """Whether the failure's message is one that machines give: then what the project passed explains nothing."""
    return any(hit.signature.strong for hit in look.hits)


def _unset(look: Look) -> bool:
    """Whether it is about a variable or secret that the job was not given: who says so is often the project itself."""
    return any(hit.signature.name == "missing-secret" for hit in look.hits)


@rule(Kind.PROJECT, Strength.DECISIVE)
def innermost_frame_is_the_projects(look: Look) -> Saw | None:
    """The project's own code raised it: nothing else was running."""
    if look.scene is None or look.scene.innermost is None or look.scene.innermost.role != PROJECT:
        return None
    if look.found is not None and look.found.basis in {"hidden", "special", "slip"}:
        return None
    if _unset(look) or captured_outage(look) or (not look.scene.explicit and _machine(look)):
        # Any line that opens, writes or connects can be the one on which the machine fails.
        return None
    row = look.scene.innermost.frame
    return Saw(says=f"raised in the project's own {row.file}:{row.line or '?'}", line=row.at or None)


@rule(Kind.PROJECT, Strength.STRONG)
def library_refuses_what_the_project_passes(look: Look) -> Saw | None:
    """A library raised on purpose in a call that the project made: a deliberate refusal points at the caller."""
    if look.scene is None or look.found is None or not look.scene.explicit or look.scene.innermost is None:
        return None
    if look.scene.innermost.role not in _FOREIGN or look.scene.at_import or _machine(look):
        return None
    if look.found.basis in {"behaviour", "detour"} or look.scene.entry is None or look.scene.asking is None:
        return None
    entry = look.scene.entry.frame
    return Saw(
        says=f"{look.scene.asking} raises on purpose what {entry.file}:{entry.line or '?'} of the project called for",
        line=look.scene.innermost.frame.at or None,
    )


@rule(Kind.PROJECT, Strength.STRONG)
def library_trips_over_a_plain_value(look: Look) -> Saw | None:
    """A library called by the project trips over a None, number, text or other plain value where it expects another.

    Any caller can pass one by mistake, however deep it surfaces.
    """
    if look.scene is None or look.scene.innermost is None or look.scene.by_project or look.scene.explicit:
        return None
    if look.scene.at_import or look.scene.entry is None or _machine(look):
        return None
    if look.found is not None and (look.found.handed_over or look.found.made_by_caller):
        return None
    claim = look.scene.claim
    plain = claim is not None and claim.of in claims.BUILTINS - {"super"} and claim.want in {Want.MEMBER, Want.PROTOCOL}
    worded = re.search(
        r"\bNoneType\b|unsupported operand|not supported between instances|must be (?:a |an )?(?:str|int|bytes|list|dict|real"
        r"|tuple|string|number|callable|sequence|iterable)|expected (?:str|bytes|int|string|a |an )|is not (?:iterable|subscriptable|callable)"
        r"|an integer is required|can only concatenate|argument .{0,20}must be|descriptor '|has no len\(\)|unhashable type|takes no (?:keyword )?arguments",
        look.scene.message,
    )
    if not plain and not (worded and look.scene.kind in {"TypeError", "AttributeError", "ValueError"}):
        return None
    return Saw(
        says=f"a plain value reached {look.scene.asking or 'the standard library'}: {look.scene.message[:120]}",
        line=message_line(look),
    )


@rule(Kind.PROJECT, Strength.FAIR)
def library_failed_in_a_call_of_the_project(look: Look) -> Saw | None:
    """A library failed while the project's own code (or test) called it, with nothing that speaks of a release."""
    if look.scene is None or look.found is None or look.scene.entry is None or look.scene.at_import or _machine(look):
        return None
    if look.scene.asking is None or look.found.basis not in {"inside", ""} or look.scene.building:
        return None
    entry = look.scene.entry.frame
    return Saw(
        says=f"{look.scene.asking} was called from {entry.file}:{entry.line or '?'} of the project",
        line=entry.at or None,
    )


@rule(Kind.PROJECT, Strength.DECISIVE)
def projects_callback_raised(look: Look) -> Saw | None:
    """A library called back into the project (subclass, callback, plug-in, fixture), and there it was raised."""
    if look.scene is None or look.scene.sandwiched is None or not look.scene.by_project or _unset(look):
        return None
    row = look.scene.sandwiched.frame
    return Saw(says=f"a library called {row.function or row.file} of the project, and that failed", line=row.at or None)


@rule(Kind.PROJECT, Strength.FAIR)
def project_code_lies_between(look: Look) -> Saw | None:
    """A callback, subclass or fixture of the project lies between library frames: what it returned or passed counts."""
    if look.scene is None or look.scene.sandwiched is None or look.scene.by_project or look.scene.at_import:
        return None
    row = look.scene.sandwiched.frame
    return Saw(says=f"{row.function or row.file} of the project lies between the library's frames", line=row.at or None)


@rule(Kind.PROJECT, Strength.STRONG)
def mock_reached_a_library(look: Look) -> Saw | None:
    """A mock or monkeypatch of the project is in play: the library met something that is not what it imports."""
    if look.scene is None:
        return None
    text = look.scene.message
    mocked = re.search(r"\b(?:Magic|Async|NonCallable)?Mock\b|<(?:Magic|Async)?Mock ", text)
    framed = any(
        (row.module or "").startswith(
            (
                "unittest.mock",
                "mock.",
                "mock",
                "pytest_mock",
                "_pytest.monkeypatch",
                "responses",
                "requests_mock",
                "httpretty",
            )
        )
        for row in look.scene.telling[-3:]
    )
    if not mocked and not framed:
        return None
    return Saw(says=f"a mock is in play: {text[:120]}", line=message_line(look))


def _asserts(row: OwnedFrame) -> bool:
    """Whether a frame is a library's helper for tests: it compares what the test gave it."""
    parts = (row.module or "").split(".")
    named = any(part.strip("_") in {"testing", "test_utils", "testutils", "asserters"} for part in parts)
    return named or (row.frame.function or "").lstrip("_").startswith(("assert_", "assert", "raise_assert"))


@rule(Kind.PROJECT, Strength.STRONG)
def assertion_of_a_test(look: Look) -> Saw | None:
    """A test's own assertion failed: what it expects is the project's, even where a library's output changed."""
    if look.scene is None or captured_outage(look):
        return None
    kind = look.scene.kind
    if (
        kind not in {"AssertionError", "Failed", "MismatchError", "DocTestFailure", "Failure", "FailTest"}
        and "Mismatch" not in kind
    ):
        return None
    roles = [row.role for row in look.scene.telling]
    helped = roles and PROJECT in roles and _asserts(look.scene.telling[-1])
    if not roles or helped or roles[-1] in {PROJECT, HARNESS} or (roles[-1] == STDLIB and PROJECT in roles):
        return Saw(says=f"an assertion failed: {look.scene.message[:120]}", line=message_line(look))
    return None


@rule(Kind.PROJECT, Strength.STRONG)
def warning_made_an_error(look: Look) -> Saw | None:
    """A warning was raised as an error: the project asked for that, the code that warns still works."""
    if look.scene is None or not look.scene.kind.endswith("Warning"):
        return None
    return Saw(
        says=f"{look.scene.kind} is an error here because the project made warnings errors", line=message_line(look)
    )


@rule(Kind.PROJECT, Strength.STRONG)
def syntax_of_the_projects_file(look: Look) -> Saw | None:
    """A file of the project does not parse."""
    if look.scene is None or look.scene.kind not in {"SyntaxError", "IndentationError", "TabError"}:
        return None
    if look.scene.frames and look.scene.frames[-1].role not in {PROJECT, STDLIB, HARNESS}:
        return None
    return Saw(says=f"{look.scene.kind} in the project's own code", line=message_line(look))


def _chosen_by_who_installs(found: Found) -> bool:
    """Whether what is missing is required and not there, an extra's, or an optional part's."""
    taken_away = found.dropped is not None or (found.api is not None and found.api.last_other is not None)
    return not taken_away and (found.declared in {"always", "extra"} or found.optional)


@rule(Kind.UPSTREAM, Strength.STRONG, Way.MANNER)
def accident_while_importing_a_third_party(look: Look) -> Saw | None:
    """A third party crashed by accident while merely being imported: nothing that the project computes reached it."""
    if look.scene is None or look.found is None or look.scene.asking is None or not look.scene.at_import:
        return None
    if look.scene.kind not in _ACCIDENTS | {"SyntaxError", "ImportError", "ModuleNotFoundError"}:
        return None
    if look.scene.explicit and look.scene.kind != "AssertionError":
        return None
    if look.scene.innermost is not None and look.scene.innermost.module == "os":
        return None
    if look.scene.stdlib_shadowed or may_be_a_stand_in(look) or look.found.torn:
        return None
    if look.found.basis == "undeclared" and _chosen_by_who_installs(look.found):
        return None
    whose = look.found.culprit or look.scene.asking
    return Saw(says=f"{whose} fails while it is being imported", line=frame_line(look))


@rule(Kind.UPSTREAM, Strength.STRONG, Way.MANNER)
def extension_was_built_for_another_abi(look: Look) -> Saw | None:
    """A third party's compiled module does not fit the installed release of what it was compiled against, which its
    metadata let in: nothing but its makers' choice of requirements and wheels decides that.
    """
    if look.scene is None or look.found is None or look.scene.asking is None or look.scene.building:
        return None
    if not claims.OTHER_ABI.search(look.scene.message) or not look.scene.at_import:
        return None
    return Saw(says=f"a compiled module of {look.scene.asking} was built for another release", line=message_line(look))


@rule(Kind.UPSTREAM, Strength.FAIR, Way.MANNER)
def name_error_in_a_third_party(look: Look) -> Saw | None:
    """A third party's code uses a name that is not defined: no argument can do that."""
    if look.scene is None or look.scene.asking is None or look.scene.kind not in {"NameError", "UnboundLocalError"}:
        return None
    return Saw(says=f"{look.scene.asking}: {look.scene.message[:120]}", line=frame_line(look))


@rule(Kind.UPSTREAM, Strength.STRONG, Way.MANNER)
def syntax_of_a_third_partys_file(look: Look) -> Saw | None:
    """A released file does not parse on the running interpreter."""
    if look.scene is None or look.scene.kind not in {"SyntaxError", "IndentationError", "TabError"}:
        return None
    if not look.scene.frames or look.scene.frames[-1].role not in {THIRD_PARTY, VENDORED}:
        return None
    return Saw(
        says=f"{look.scene.frames[-1].distribution} has a file that does not parse here", line=message_line(look)
    )


@rule(Kind.UPSTREAM, Strength.FAIR, Way.MANNER)
def foreign_class_in_an_accident(look: Look) -> Saw | None:
    """The accident is about a class that a third party defines, met by another third party: no plain value, no mock."""
    if look.scene is None or look.found is None or look.scene.asking is None or look.scene.explicit:
        return None
    claim = look.scene.claim
    if claim is None or claim.want not in {Want.MEMBER, Want.PROTOCOL} or not claim.of:
        return None
    if (
        claim.of in claims.BUILTINS
        or claim.of in claims.MOCKS
        or (not look.found.definer and not look.scene.stdlib_class)
    ):
        return None
    return Saw(
        says=f"`{claim.of}` is {look.found.definer or 'the standard library'}'s own class, met by {look.scene.asking}",
        line=message_line(look),
    )


@rule(Kind.UPSTREAM, Strength.FAIR, against=True)
def frames_read_otherwise_than_the_release(look: Look) -> Saw | None:
    """The printed source line is not the released file's: another version, a patched copy, or a forged log."""
    if look.scene is None or look.found is None or look.found.held is None or look.found.held.matches is not False:
        return None
    if look.found.held.elsewhere:
        return None
    return Saw(
        says=f"line {look.scene.asker.frame.line if look.scene.asker else '?'} of the released file reads"
        f" `{(look.found.held.actual or '')[:80]}`, not as printed",
        line=frame_line(look),
        source="index",
    )


@rule(Kind.UPSTREAM, Strength.WEAK, Way.RELEASED_LINE)
def offending_line_is_as_released(look: Look) -> Saw | None:
    """The printed source line equals the released file's: version and owner are certain."""
    if look.scene is None or look.found is None or look.found.held is None or look.found.held.matches is not True:
        return None
    if look.found.culprit is None:
        return None  # acquitted: what its line reads is beside the point
    return Saw(
        says=f"the line is {look.found.culprit} {look.found.culprit_version}'s own, as released",
        line=frame_line(look),
        source="index",
    )


@rule(Kind.UPSTREAM, Strength.STRONG, Way.GREEN_RUN)
def native_crash_after_a_release(look: Look) -> Saw | None:
    """The interpreter crashed in native code of a distribution that changed since the last green run."""
    if look.scene is None or look.found is None or not look.scene.failure.dialect.startswith("faulthandler"):
        return None
    owners = [str(row.distribution) for row in look.scene.telling if row.distribution]
    if not owners and look.found.basis == "native" and look.found.culprit:
        owners = [look.found.culprit]  # no frame is printed, and no other compiled code changed
    moved = next((name for name in reversed(owners) if look.scene.differences.of(name)), None)
    if moved is None:
        return None
    change = look.scene.differences.changed[moved]
    return Saw(
        says=f"a crash in native code; {moved} went from {change.before} to {change.after}", line=message_line(look)
    )


@rule(Kind.UPSTREAM, Strength.STRONG, Way.MANNER)
def third_partys_own_build_fails(look: Look) -> Saw | None:
    """A third party can't be built because its own build code raises or does not compile, or its metadata is refused."""
    if look.scene is None or look.found is None or look.scene.asking is None or look.scene.project_frames:
        return None
    unpacked = any(
        row.role == THIRD_PARTY and ("/pip-install-" in row.frame.file or "/sdists-v" in row.frame.file)
        for row in look.scene.telling
    )
    if look.scene.building != look.scene.asking and not unpacked:
        return None
    return Saw(says=f"{look.scene.asking} fails in its own build code or metadata", line=frame_line(look))


RULES: tuple[Rule, ...] = (
    innermost_frame_is_the_projects,
    library_refuses_what_the_project_passes,
    library_trips_over_a_plain_value,
    library_failed_in_a_call_of_the_project,
    projects_callback_raised,
    project_code_lies_between,
    mock_reached_a_library,
    assertion_of_a_test,
    warning_made_an_error,
    syntax_of_the_projects_file,
    accident_while_importing_a_third_party,
    extension_was_built_for_another_abi,
    name_error_in_a_third_party,
    syntax_of_a_third_partys_file,
    foreign_class_in_an_accident,
    frames_read_otherwise_than_the_release,
    offending_line_is_as_released,
    native_crash_after_a_release,
    third_partys_own_build_fails,
)
