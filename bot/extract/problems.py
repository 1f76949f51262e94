"""What tools say of their own trouble: installers, resolvers, build back-ends, compilers, Sphinx, mypy.

Each is a failure only where no traceback and no test explains the job's end (`bot.extract.ledger`); of several, the
first of the best rank counts, for what follows are its consequences.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar

from msgspec import Struct

from bot.extract.found import Found
from bot.extract.ledger import Ledger
from bot.extract.prefixes import unstamped
from bot.extract.tape import Tape
from bot.model import Frame, Phase, Raised
from bot.patterns import pattern


class _Rule(Struct, frozen=True):
    needle: bytes
    pattern: re.Pattern[str]
    rank: int
    """0 names a cause, 1 what came of it, 2 a consequence."""
    phase: Phase = Phase.INSTALL
    exception: str = ""
    holds: Callable[[Tape, int], bool] | None = None
    """What must stand around the line, where the line alone says too little."""
    pointed: bool = False
    """Whether the line below says where, as rustc does: ` --> src/lib.rs:1:25`."""
    below: bool = False
    """Whether the line is a heading, and the next one says what is wrong."""


def _caused(tape: Tape, number: int) -> bool:
    """Uv's and cargo's errors are told by what follows them."""
    below = unstamped(tape.text(number + 1) or "").strip()
    return below.startswith(("cause:", "Caused by:", "├─▶", "╰─▶", "×", "error: `cargo "))


def _used(tape: Tape, number: int) -> bool:
    """Whether a line ends a usage message, as argparse and its like print it."""
    for back in range(1, _USAGE_LINES):
        above = unstamped(tape.behind(number - back) or "")
        if _USAGE in above:
            return True
        if above.strip() and not above.startswith((" ", "Try ")):
            break
    return False


def _boxed(tape: Tape, number: int) -> bool:
    """Whether a line stands in the box that rich draws for click's errors."""
    return "─ Error ─" in (tape.behind(number - 1) or "")


_USAGE = "sage: "
_USAGE_LINES = 60


def _rule(needle: bytes, form: str, rank: int, phase: Phase = Phase.INSTALL, **rest: object) -> _Rule:
    return _Rule(needle, pattern(form), rank, phase, **rest)  # type: ignore[arg-type]  # the keywords are _Rule's


_RULES = (
    _rule(b"ResolutionImpossible: ", r"^\s*ERROR: (?P<type>ResolutionImpossible): (?P<message>.*)$", 0),
    _rule(
        b"Could not find a version that satisfies",
        r"^\s*(?:ERROR: )?(?P<message>Could not find a version that satisfies .*)$",
        0,
    ),
    _rule(
        b"No matching distribution found for ",
        r"^\s*(?:ERROR: )?(?P<message>No matching distribution found for .*)$",
        2,
    ),
    _rule(
        b"Could not install packages due to an",
        r"^\s*ERROR: Could not install packages due to an? (?P<type>\w+): (?P<message>.*)$",
        0,
    ),
    _rule(b"Could not open requirements file", r"^\s*ERROR: (?P<message>Could not open requirements file.*)$", 0),
    _rule(b"requires a different Python", r"^\s*ERROR: (?P<message>Package .* requires a different Python: .*)$", 0),
    _rule(
        b"THESE PACKAGES DO NOT MATCH THE HASHES",
        r"^\s*ERROR: (?P<message>THESE PACKAGES DO NOT MATCH THE HASHES.*)$",
        0,
    ),
    _rule(b"HTTP error ", r"^\s*ERROR: (?P<message>HTTP error \d+ while getting .*)$", 0),
    _rule(b"ERROR: Exception:", r"^ERROR: (?P<message>Exception:)$", 2),
    _rule(
        b"No solution found when resolving",
        r"^\s*(?:error: |× )(?P<message>No solution found when resolving .*?):?$",
        0,
    ),
    _rule(b"error: ", r"^\s*error: (?P<message>\S.*)$", 1, holds=_caused),
    _rule(b"version solving failed", r"^(?P<message>.*version solving failed\.?)$", 0),
    _rule(b"SolverProblemError", r"^\s*(?P<type>SolverProblemError)(?P<message>)\s*$", 2),
    _rule(b"LibMambaUnsatisfiableError: ", r"^(?P<type>LibMambaUnsatisfiableError): (?P<message>.*)$", 0),
    _rule(b"UnsatisfiableError: ", r"^(?P<type>UnsatisfiableError): (?P<message>.*)$", 0),
    _rule(b"ResolvePackageNotFound: ", r"^(?P<type>ResolvePackageNotFound): ?(?P<message>.*)$", 0),
    _rule(b"PackagesNotFoundError: ", r"^(?P<type>PackagesNotFoundError): (?P<message>.*)$", 0),
    _rule(b"CondaHTTPError: ", r"^(?P<type>CondaHTTPError): (?P<message>.*)$", 0),
    _rule(
        b"fatal error: ",
        r"^\s*(?P<file>(?:[A-Za-z]:)?[^\s:(][^:(]*)[:(](?P<line>\d+)(?:[:,]\d+)?\)?\s?: (?P<message>fatal error(?: \w+)?: .*)$",
        0,
        Phase.BUILD,
    ),
    _rule(
        b": error: ",
        r"^\s*(?P<file>(?:[A-Za-z]:)?[^\s:][^:]*\.(?:c|cc|cpp|cxx|h|hpp|pyx|pxd|m|f|f90|cu|rs)):(?P<line>\d+)(?::\d+)?: (?P<message>error: .*)$",
        0,
        Phase.BUILD,
    ),
    _rule(b"error[E", r"^\s*(?P<message>error\[E\d{4}\]: .*)$", 0, Phase.BUILD, pointed=True),
    _rule(b": error: ", r"^\s*(?:\S+ ){0,4}[\w./-]+: error: (?P<message>\S.*)$", 0, Phase.OUTSIDE, holds=_used),
    _rule(
        b"ERROR: file or directory not found: ",
        r"^\s*ERROR: (?P<message>file or directory not found: .*)$",
        0,
        Phase.OUTSIDE,
    ),
    _rule(b"ERROR: not found: ", r"^\s*ERROR: (?P<message>not found: .*)$", 0, Phase.OUTSIDE),
    _rule(
        b"requires pytest-", r"^(?:ERROR: )?(?P<message>\S.* requires pytest-\S+, actual pytest-.*)$", 0, Phase.OUTSIDE
    ),
    _rule(
        b"! _pytest.outcomes.Exit: ",
        r"^!{3,} (?P<type>_pytest\.outcomes\.Exit): (?P<message>.*?) !{3,}$",
        0,
        Phase.OUTSIDE,
    ),
    _rule(b"Error importing plugin ", r"^\s*(?:ERROR: )?(?P<message>Error importing plugin .*)$", 0, Phase.OUTSIDE),
    *(
        _rule(needle, rf"^\s*Error: (?P<message>{words}.*)$", 0, Phase.OUTSIDE, holds=_used)
        for needle, words in (
            (b"Error: No such ", "No such (?:option|command)"),
            (b"Error: Invalid value", "Invalid value"),
            (b"Error: Missing ", "Missing (?:argument|option|parameter|command)"),
            (b"Error: Got unexpected extra ", "Got unexpected extra "),
        )
    ),
    *(
        _rule(f"│ {words}".encode(), rf"^\s*│ (?P<message>{words}.*)│$", 0, Phase.OUTSIDE, holds=_boxed)
        for words in ("No such ", "Invalid value", "Missing ", "Got unexpected extra ")
    ),
    _rule(
        b": ERROR: ",
        r"^\s*(?P<file>[^\s:][^:]*meson\.build):(?P<line>\d+):\d+: ERROR: (?P<message>\S.*)$",
        0,
        Phase.BUILD,
    ),
    _rule(
        b"CMake Error",
        r"^\s*(?P<message>CMake Error at (?P<file>[^\s:]+):(?P<line>\d+) \(.*\):|CMake Error: .*)$",
        0,
        Phase.BUILD,
    ),
    _rule(b" is incompatible: ", r"^\s*(?P<message>Environment `[^`]*` is incompatible: .*)$", 0),
    _rule(b"All attempts to connect to ", r"^\s*(?P<message>All attempts to connect to \S+ failed\.)$", 0),
    _rule(b" has requirement ", r"^\s*(?P<message>\S+ \S+ has requirement .*, but you have .*)$", 2),
    *(
        _rule(b"[" + name.encode() + b"]: ", rf"^\s*\[(?P<type>{name})\]: (?P<message>\S.*)$", 0)
        for name in ("TypeError", "ValueError", "AttributeError", "KeyError", "PdmUsageError", "ProjectError")
    ),
    _rule(b"[ResolutionImpossible]: ", r"^\s*\[(?P<type>ResolutionImpossible)\]: (?P<message>.*)$", 0),
    _rule(
        b"CommandError: ",
        r"^\s*(?:[\w.]+\.)?(?P<type>CommandError): (?P<message>\S.*)$",
        1,
        Phase.OUTSIDE,
    ),
    _rule(b"SystemCheckError: ", r"^\s*(?:[\w.]+\.)?(?P<type>SystemCheckError): (?P<message>\S.*)$", 1, Phase.OUTSIDE),
    _rule(b"cannot find -l", r"^\s*(?:.*/)?ld: (?P<message>cannot find -l.*)$", 0, Phase.BUILD),
    _rule(
        b"failed with exit",
        r"^\s*error: (?P<message>[Cc]ommand .* failed with exit (?:status|code) \d+.*)$",
        2,
        Phase.BUILD,
    ),
    _rule(
        b"returned non-zero exit status",
        r"^\s*error: (?P<message>[Cc]ommand .* returned non-zero exit status \d+.*)$",
        2,
        Phase.BUILD,
    ),
    _rule(b"Microsoft Visual C++", r"^\s*error: (?P<message>Microsoft Visual C\+\+ .*)$", 0, Phase.BUILD),
    _rule(b"linker `", r"^\s*error: (?P<message>linker `.*` not found)$", 0, Phase.BUILD),
    _rule(b"Rust compiler", r"^\s*error: (?P<message>can't find Rust compiler)$", 0, Phase.BUILD),
    _rule(
        b"Failed building wheel for",
        r"^\s*ERROR: (?P<message>Failed building (?:editable|wheel) for .*)$",
        2,
        Phase.BUILD,
    ),
    _rule(b"subprocess-exited-with-error", r"^\s*error: (?P<message>subprocess-exited-with-error)$", 2, Phase.BUILD),
    _rule(b"metadata-generation-failed", r"^\s*error: (?P<message>metadata-generation-failed)$", 2, Phase.BUILD),
    _rule(b"Could not build wheels for", r"^\s*ERROR: (?P<message>Could not build wheels for .*)$", 2, Phase.BUILD),
    _rule(b"Failed to build", r"^\s*(?:ERROR|error): (?P<message>Failed to build .*)$", 2, Phase.BUILD),
    _rule(
        b"Could not import extension",
        r"^\s*(?P<message>Could not import extension .*)$",
        0,
        Phase.OUTSIDE,
        exception="sphinx.errors.ExtensionError",
    ),
    _rule(
        b"threw an exception (exception: ",
        r"^\s*(?P<message>Handler <.*> for event .* threw an exception \(exception: .*\))$",
        0,
        Phase.OUTSIDE,
        exception="sphinx.errors.ExtensionError",
    ),
    _rule(b"Theme error", r"^(?P<message>Theme error[:!].+)$", 0, Phase.OUTSIDE),
    *(
        _rule(
            category.encode(),
            rf"^{category}(?: \([^)]*\))?:$",
            1,
            Phase.OUTSIDE,
            exception=f"sphinx.errors.{name}",
            below=True,
        )
        for category, name in (  # of sphinx/errors.py
            ("Application error", "ApplicationError"),
            ("Extension error", "ExtensionError"),
            ("Configuration error", "ConfigError"),
            ("Sphinx version error", "VersionRequirementError"),
            ("Theme error", "ThemeError"),
            ("Warning, treated as error", "SphinxWarning"),
            ("Sphinx parallel build error", "SphinxParallelError"),
        )
    ),
    _rule(
        b" setup command: ",
        r"^\s*(?P<message>error in \S+ setup command: .*)$",  # what setup() says and ends with
        0,
        Phase.BUILD,
    ),
    _rule(b": failed with ", r"^\S+: (?P<message>failed with \S.*)$", 0, Phase.OUTSIDE),  # tox 4, of an environment
    _rule(
        b" command. See '",
        r"^(?P<message>(?P<tool>[\w.-]+): '[^']+' is not an? (?P=tool) command\. See '(?P=tool) --help'\.)$",  # cliff, git
        0,
        Phase.OUTSIDE,
    ),
    _rule(
        b"INTERNAL ERROR",
        r"^\s*(?P<file>[^\s:]+):(?P<line>\d+): error: (?P<message>INTERNAL ERROR .*)$",
        0,
        Phase.OUTSIDE,
    ),
    _rule(b"error: cannot format ", r"^error: (?P<message>cannot format .*)$", 0, Phase.OUTSIDE),
    _rule(
        b"[Errno ",
        r"^\s*(?:.*\s)?(?:ERROR|CRITICAL)\b:?\s+(?:\[[^\]]*\]:?\s+)?(?P<message>\S.*\[Errno \d+\].*)$",
        2,
        Phase.OUTSIDE,
    ),
    _rule(b"o space left on device", r"^(?P<message>.*[Nn]o space left on device.*)$", 2, Phase.OUTSIDE),
    _rule(
        b"ould not resolve host", r"^(?P<message>(?:fatal|curl|error).*[Cc]ould not resolve host.*)$", 0, Phase.OUTSIDE
    ),
    _rule(b"unable to access '", r"^(?P<message>fatal: unable to access '.*)$", 0, Phase.OUTSIDE),
)


_BY_WORDS = tuple((rule.needle.decode(), rule) for rule in _RULES)


class Problems:
    """One line each."""

    needles: ClassVar[tuple[bytes, ...]] = tuple(dict.fromkeys(rule.needle for rule in _RULES))

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Take the line where a rule holds; other listeners see it as well."""
        text = unstamped(tape.text(number) or "").strip()[:4_000].rstrip()
        for words, rule in _BY_WORDS:
            if words not in text:
                continue
            found = rule.pattern.match(text)
            if found and (rule.holds is None or rule.holds(tape, number)):
                said = (
                    unstamped(tape.text(number + 1) or "")[:4_000] if rule.below else found.groupdict().get("message")
                )
                place = _POINTED.match(unstamped(tape.text(number + 1) or "")) if rule.pointed else found
                ledger.problem(_found(rule, found, place, said or "", number), rule.rank)
                break
        return number


_POINTED = pattern(r"\s*--> (?P<file>[^\s:]+):(?P<line>\d+):\d+\s*$")


def _found(rule: _Rule, found: re.Match[str], place: re.Match[str] | None, message: str, number: int) -> Found:
    groups = place.groupdict() if place else {}
    frames: tuple[Frame, ...] = ()
    if groups.get("file"):
        at = number + 1 if rule.pointed else number
        frames = (Frame(file=groups["file"], line=int(groups["line"][:9]), at=at),)
    part = Raised(
        exception=found.groupdict().get("type") or rule.exception,
        message=message.strip(),
        frames=frames,
        span=(number, number),
    )
    return Found(chain=(part,), span=(number, number), dialect="tool", phase=rule.phase)
