"""The environment: what the machine, its network and its set-up say of themselves."""

from __future__ import annotations

from bot.classify import signatures, stdlib
from bot.classify.claims import Want
from bot.classify.ownership import PROJECT
from bot.classify.rules.framework import Look, Rule, Saw, Strength, captured_outage, frame_line, message_line, rule
from bot.classify.scene import CPYTHON
from bot.model import EndKind, Kind, Phase

_NEAR = 80
"""So many lines around a failure without frames may say why ..."""
_BUILDING = 400
"""... and so many around an installer's or a build's, which prints all of its output."""

_BEFORE_END = 150
"""So many lines before a job's end may say why it ended."""


@rule(Kind.ENVIRONMENT, Strength.DECISIVE)
def machine_speaks_in_the_failure(look: Look) -> Saw | None:
    """The failure's own message is one that machines give: no space, no route, refused, a missing shared library."""
    hit = next((hit for hit in look.hits if hit.signature.strong), None)
    if hit is None:
        return None
    return Saw(says=f"{hit.signature.says}: {hit.text}", line=hit.line)


@rule(Kind.ENVIRONMENT, Strength.FAIR)
def machine_may_speak_in_the_failure(look: Look) -> Saw | None:
    """The failure's message is one that machines give and that programs also give by themselves."""
    if any(hit.signature.strong for hit in look.hits):
        return None
    hit = next(iter(look.hits), None)
    return Saw(says=f"{hit.signature.says}: {hit.text}", line=hit.line) if hit else None


@rule(Kind.ENVIRONMENT, Strength.STRONG)
def machine_speaks_in_another_failure(look: Look) -> Saw | None:
    """Another failure of the job carries a message that only machines give: this one may be its echo."""
    if look.scene is None or look.hits:
        return None
    for failure in look.case.reading.failures[:50]:
        hit = next((hit for hit in signatures.in_failure(failure) if hit.signature.strong), None)
        if hit is not None:
            return Saw(says=f"another failure says: {hit.signature.says}: {hit.text}", line=hit.line)
    return None


@rule(Kind.ENVIRONMENT, Strength.DECISIVE)
def network_was_away_from_what_the_test_ran(look: Look) -> Saw | None:
    """An assertion of a test failed, and what it had run says in its captured output that a host's name has no address.

    What the assertion compares came of that. Names that never have one (`.invalid`, `.test`) are what tests of such errors
    use, and who fakes an outage seldom words it as a resolver does.
    """
    hit = captured_outage(look)
    return Saw(says=f"captured with the test: {hit.signature.says}: {hit.text}", line=hit.line) if hit else None


@rule(Kind.ENVIRONMENT, Strength.STRONG)
def machine_speaks_beside_a_failure_without_frames(look: Look) -> Saw | None:
    """An installer, compiler or runner failed without a traceback, and beside it the machine says why."""
    if look.scene is None or look.scene.has_frames or look.hits:
        return None
    first, last = look.scene.failure.span
    near = _BUILDING if look.scene.failure.phase in {Phase.BUILD, Phase.INSTALL} else _NEAR
    hit = next(
        (
            hit
            for hit in look.remarks
            if hit.signature.strong and (hit.line is None or first - near <= hit.line <= last + near)
        ),
        None,
    )
    return Saw(says=f"{hit.signature.says}: {hit.text}", line=hit.line) if hit else None


@rule(Kind.ENVIRONMENT, Strength.STRONG)
def machine_speaks_where_nothing_failed(look: Look) -> Saw | None:
    """No failure is printed, the job ended badly, and the machine says why, near the end: jobs go on after many complaints."""
    reading = look.case.reading
    if look.scene is not None or reading.ending.kind is EndKind.PASSED:
        return None
    end = reading.ending.line or reading.lines
    hit = next(
        (
            hit
            for hit in look.remarks
            if hit.signature.strong and (not hit.line or not end or abs(end - hit.line) <= _BEFORE_END)
        ),
        None,
    )
    return Saw(says=f"{hit.signature.says}: {hit.text}", line=hit.line) if hit else None


@rule(Kind.ENVIRONMENT, Strength.DECISIVE)
def job_was_stopped_from_outside(look: Look) -> Saw | None:
    """The job ended by a signal, a time-out or a cancellation, not by its own verdict."""
    ending = look.case.reading.ending
    if ending.kind not in {EndKind.SIGNAL, EndKind.TIMEOUT, EndKind.CANCELLED}:
        return None
    if look.scene is not None and look.scene.has_frames and ending.code in {134, 139, -6, -11}:
        return None
    return Saw(says=f"the job ended by {ending.kind.value}: {ending.text[:120]}", line=ending.line)


@rule(Kind.ENVIRONMENT, Strength.STRONG)
def variable_of_the_job_is_unset(look: Look) -> Saw | None:
    """A look-up in `os.environ` failed: the job was not given a variable or secret."""
    if look.scene is None or look.scene.unset_variable is None:
        return None
    return Saw(says=f"the variable {look.scene.unset_variable} is not set", line=message_line(look))


@rule(Kind.ENVIRONMENT, Strength.STRONG)
def test_waited_for_something_outside(look: Look) -> Saw | None:
    """A time limit struck while the test waited in the standard library for a process, a socket or a lock."""
    if look.scene is None or look.scene.innermost is None:
        return None
    if not any(hit.signature.name in {"test-timeout", "timed-out-connecting"} for hit in look.hits):
        return None
    module = (look.scene.innermost.module or "").split(".", 1)[0]
    if module not in {
        "subprocess",
        "socket",
        "select",
        "selectors",
        "ssl",
        "http",
        "urllib",
        "threading",
        "queue",
        "multiprocessing",
        "asyncio",
    }:
        return None
    return Saw(says=f"a limit struck while waiting in `{module}`", line=message_line(look))


@rule(Kind.ENVIRONMENT, Strength.STRONG)
def interpreter_lacks_a_part_of_its_own(look: Look) -> Saw | None:
    """A module of the standard library is missing that this interpreter's series has: it was built without it."""
    if look.scene is None or look.found is None or look.scene.claim is None or look.scene.claim.want is not Want.MODULE:
        return None
    if look.scene.provider != CPYTHON or look.found.removal is not None or look.scene.python is None:
        return None
    if stdlib.has_module(look.scene.claim.name, look.scene.python) is not True:
        return None
    return Saw(
        says=f"Python {look.scene.python} comes with {look.scene.claim.name}; this one lacks it",
        line=message_line(look),
    )


@rule(Kind.ENVIRONMENT, Strength.STRONG)
def shared_library_or_command_is_missing(look: Look) -> Saw | None:
    """What is missing is a shared library, header, compiler or command: nothing of Python's."""
    hit = next(
        (
            hit
            for hit in look.hits
            if hit.signature.name.startswith("missing-") and hit.signature.name != "missing-secret"
        ),
        None,
    )
    return Saw(says=f"{hit.signature.says}: {hit.text}", line=hit.line) if hit else None


@rule(Kind.ENVIRONMENT, Strength.FAIR)
def failures_have_no_project_frame(look: Look) -> Saw | None:
    """The harness or the interpreter failed by itself on a file or a resource, before any project code ran."""
    if look.scene is None or not look.scene.has_frames or look.scene.project_frames:
        return None
    if look.scene.kind not in {
        "OSError",
        "IOError",
        "FileNotFoundError",
        "PermissionError",
        "BlockingIOError",
        "MemoryError",
        "ConnectionError",
        "TimeoutError",
        "BrokenPipeError",
    }:
        return None
    return Saw(says=f"{look.scene.kind} with no frame of the project", line=message_line(look))


@rule(Kind.ENVIRONMENT, Strength.STRONG)
def installed_file_is_of_another_release(look: Look) -> Saw | None:
    """The file that failed lies where its distribution is installed, and the release that is installed has another: two
    were installed over each other. No release is to blame for what none has.
    """
    if look.scene is None or look.found is None or not look.found.torn or look.scene.asker is None:
        return None
    return Saw(
        says=f"{look.scene.asker.frame.file} does not read as {look.scene.asking} {look.scene.asking_version} has it",
        line=frame_line(look),
        source="index",
    )


@rule(Kind.ENVIRONMENT, Strength.STRONG, against=True)
def project_raised_the_machines_error_itself(look: Look) -> Saw | None:
    """The project's own code raises the machine's error on purpose, as a test of error handling does."""
    if look.scene is None or not look.hits or look.scene.innermost is None:
        return None
    if look.scene.innermost.role != PROJECT or not look.scene.explicit:
        return None
    if any(hit.signature.name == "missing-secret" for hit in look.hits):
        return None
    return Saw(says="the project's own line raises it", line=message_line(look))


@rule(Kind.ENVIRONMENT, Strength.FAIR)
def most_failures_speak_of_the_machine(look: Look) -> Saw | None:
    """Several failures of the job carry the same signature of the machine."""
    if look.scene is None or len(look.case.reading.failures) < 2 or not look.hits:
        return None
    return Saw(
        says=f"{len(look.case.reading.failures)} failures, this one says: {look.hits[0].signature.says}",
        line=look.hits[0].line,
    )


RULES: tuple[Rule, ...] = (
    machine_speaks_in_the_failure,
    machine_may_speak_in_the_failure,
    machine_speaks_in_another_failure,
    network_was_away_from_what_the_test_ran,
    machine_speaks_beside_a_failure_without_frames,
    machine_speaks_where_nothing_failed,
    job_was_stopped_from_outside,
    variable_of_the_job_is_unset,
    test_waited_for_something_outside,
    interpreter_lacks_a_part_of_its_own,
    shared_library_or_command_is_missing,
    failures_have_no_project_frame,
    installed_file_is_of_another_release,
    project_raised_the_machines_error_itself,
)
