"""One test's many names: pytest's node ids, dotted names, unittest's `name (module.Class)`, JUnit's two attributes."""

from __future__ import annotations

import re

from msgspec.structs import replace

from bot.model import Failure, Phase
from bot.patterns import pattern

_UNITTEST = pattern(r"(?P<name>[\w.-]+) \((?P<owner>[\w.<>]+)\)(?P<rest>.*)\Z", re.DOTALL)
_FAILED_IMPORT = pattern(r"(?:unittest\.loader|nose2\.loader)\.(?:_FailedTest|ModuleImportFailure|LoadTestsFailure)\.")


def parts(test: str) -> tuple[str, ...]:
    """A name's parts, the test last, with its parameters: what all spellings of one test share at the end."""
    head, params = _divided(test.strip())
    found = _UNITTEST.match(test.strip())
    if found is not None:
        owner = _FAILED_IMPORT.sub("", found["owner"] + ".").rstrip(".")
        name = found["name"]
        dotted = owner if owner.endswith(("." + name, name)) or "_FailedTest" in found["owner"] else f"{owner}.{name}"
        if found["owner"].endswith("_FailedTest"):
            dotted = name
        head, params = dotted, found["rest"].strip()
    head = _FAILED_IMPORT.sub("", head)
    path, sep, rest = head.partition("::")
    if sep or head.endswith(".py") or "/" in path:
        path = path.replace("\\", "/").removesuffix(".py").replace("/", ".").strip(".")
    dotted = ".".join(filter(None, [path, rest.replace("::", ".")]))
    names = [part for part in dotted.split(".") if part]
    if not names:
        return (params,) if params else ()
    names[-1] += params
    return tuple(names)


def _divided(test: str) -> tuple[str, str]:
    bracket = test.find("[")
    return (test[:bracket], test[bracket:]) if bracket > 0 else (test, "")


def same(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two names may be one test's: the shorter is the other's end."""
    short, long = sorted((one, other), key=len)
    return bool(short) and long[-len(short) :] == short


EXACT = 3
"""The weight from which a name as the log prints it is kept."""


def weight(test: str | None) -> int:
    """How exactly a name says which test it is."""
    if not test:
        return 0
    if "::" in test and ("/" in test or ".py" in test):
        return 4
    if test.endswith(".py"):
        return 4
    return 3 if len(parts(test)) >= 3 else 2 if len(parts(test)) == 2 else 1


def from_junit(failure: Failure, case: dict[str, str], *, pytest: bool) -> Failure:
    """A failure with its test's name, as its runner would print it."""
    owner, name = case.get("classname", ""), case.get("name", "")
    if failure.phase is Phase.COLLECT:
        dotted = ".".join(filter(None, [owner, name]))
        return replace(failure, test=_collected(failure, dotted) or dotted or None)
    if not owner and not name:
        return failure
    node = _node(failure, owner, name, case.get("file", "")) if pytest else None
    test = node or _dotted(owner, name)
    return replace(failure, test=test, phase=phase_of(test) if failure.phase is Phase.CALL else failure.phase)


def _dotted(owner: str, name: str) -> str:
    found = _UNITTEST.match(name)
    if found is not None and not owner:
        return name
    joined = name if owner and name.startswith(owner + ".") else ".".join(filter(None, [owner, name]))
    return _FAILED_IMPORT.sub("", joined)


def _collected(failure: Failure, dotted: str) -> str | None:
    """The file that could not be collected, by the traceback's own frames."""
    wanted = dotted.replace(".", "/") + ".py"
    for part in failure.chain:
        for frame in part.frames:
            if frame.file.replace("\\", "/").endswith(wanted):
                return wanted
    return None


def _node(failure: Failure, owner: str, name: str, file: str) -> str | None:
    """Pytest's node id, where the report or a frame names the file that the class name begins with."""
    for path in (file, *(frame.file for part in failure.chain for frame in part.frames)):
        plain = path.replace("\\", "/")
        if not plain.endswith(".py"):
            continue
        module = plain.removesuffix(".py").split("/")
        names = owner.split(".")
        for count in range(len(names), 0, -1):
            if module[-count:] == names[:count]:
                return "::".join(["/".join(names[:count]) + ".py", *names[count:], name])
    return None


def phase_of(test: str) -> Phase:
    """The phase that a test's name gives away."""
    if test.startswith(("setUpClass", "setUpModule")):
        return Phase.SETUP
    if test.startswith(("tearDownClass", "tearDownModule")):
        return Phase.TEARDOWN
    return Phase.COLLECT if "_FailedTest" in test or "ModuleImportFailure" in test else Phase.CALL
