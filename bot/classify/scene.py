"""One failure laid out for the rules: the part of the chain that tells the defect, who asked, who should have answered.

The *asker* is the code that ran into it: the innermost frame that is neither generated, nor import machinery, nor the
provider's own `__getattr__`. The *provider* is who ought to have what was asked for: a distribution, the interpreter
(`cpython`) or the project. Most API breaks are an asker and a provider that no longer agree.
"""

from __future__ import annotations

import re
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from bot.classify import claims, importnames, stdlib
from bot.classify.claims import Claim, Want
from bot.classify.differences import Differences
from bot.classify.ownership import (
    GENERATED,
    HARNESS,
    PROJECT,
    STDLIB,
    THIRD_PARTY,
    UNKNOWN,
    VENDORED,
    Ground,
    in_overlay,
    owned,
    path_in_wheel,
)
from bot.facts import Facts
from bot.model import Case, Failure, Frame, OwnedFrame, Phase, Raised, Relation, normalized
from bot.patterns import pattern

_READ = 2_000
"""So much of a message is looked at: what it claims stands at its beginning."""
_BUILD = 400
"""An installer prints a build's output within so many lines of the line that says whose it is."""
_BUILDING = pattern(
    r"[Ff]ailed (?:to (?:download and )?build|building wheel for) [`'\"]?(?P<name>[A-Za-z0-9][\w.\-]*?)(?: @|==(?P<version>[\w.!+]+)|['`\"\s]|$)"
)
_SETUP_FAILED = pattern(
    r"error in [\w.\-]+ setup command|since it has invalid metadata|\buse_2to3 is invalid|^(?:Syntax|Import|Attribute|Type|Name|ModuleNotFound)Error: "
    r"|\berror: .?_*Py[A-Z]\w+.{0,60} has no member named|\berror: (?:implicit declaration of function|too (?:few|many) arguments to"
    r" function|unknown type name|use of undeclared identifier) .?_*Py\w+"
)
"""Set-up code that fails by itself, and code that was written (or generated) against another interpreter's C API."""
_EXTENSION = pattern(r"^Could not import extension (?P<module>[\w.]+) \(exception: (?P<said>.*?)\)?$", re.DOTALL)
"""How a program says, without a traceback, that importing a plug-in's module failed."""
_METADATA = pattern(r"Ignoring version (?P<version>\S+) of (?P<name>\S+) since it has invalid metadata")
_OF_SETUP = pattern(r"error in (?P<name>[A-Za-z0-9][\w.\-]*) setup command: ")
CPYTHON = "cpython"
OWN = "<project>"
"""The provider where the project itself should have had what was asked for."""

_FOREIGN = {THIRD_PARTY, VENDORED}


def focus_of(chain: tuple[Raised, ...]) -> int:
    """The index of the part that tells the defect.

    Causes and group members are followed. A context is followed only where the later exception reports the earlier one
    (a `raise` in the handler, a failed import whose module crashed): code that crashed on its own while handling
    something harmless is its own defect, and so is the last of several fallback imports.
    """
    at = len(chain) - 1
    seen = {at}
    while True:
        inner = _inner_part(chain, at)
        if inner is None or inner in seen:
            return at
        seen.add(inner)
        at = inner


def _inner_part(chain: tuple[Raised, ...], at: int) -> int | None:
    parts = [
        (index, part)
        for index, part in enumerate(chain)
        if part.relation is not None and (part.of if part.of is not None else index + 1) == at
    ]
    for wanted in (Relation.CAUSE, Relation.GROUP_MEMBER):
        found = [index for index, part in parts if part.relation is wanted]
        if found:
            return found[-1] if wanted is Relation.CAUSE else found[0]
    context = [index for index, part in parts if part.relation is Relation.CONTEXT]
    return context[-1] if context and _reports(chain[at], chain[context[-1]]) else None


def _reports(later: Raised, earlier: Raised) -> bool:
    """Whether a later exception only passes on the one during whose handling it was raised."""
    if not earlier.exception or _kind(earlier) in {"KeyboardInterrupt", "SystemExit", "StopIteration", "GeneratorExit"}:
        return False
    frames = [frame for frame in later.frames if not frame.file.startswith("<")]
    source = frames[-1].source if frames else None
    if claims.is_raise(source) and not _accident_in_raising(_kind(later), source or ""):
        # A KeyError or AttributeError behind a lookup that failed is how the lookup works, not why the caller was wrong.
        return _kind(earlier) not in {
            "KeyError",
            "IndexError",
            "StopIteration",
            "AttributeError",
            "LookupError",
            "ValueError",
        } or (
            bool(earlier.message) and len(earlier.message) > 8 and earlier.message.split("\n")[0][:60] in later.message
        )
    if _kind(later) in {"ImportError", "ModuleNotFoundError"}:
        last = earlier.frames[-1].file if earlier.frames else None
        deeper = last is not None and bool(frames) and last != frames[-1].file
        return _kind(earlier) not in {"ImportError", "ModuleNotFoundError"} and deeper
    return False


def _accident_in_raising(kind: str, source: str) -> bool:
    """Whether a line that means to raise one exception raised another: the class that it names is not there, or does not
    take what it is given.
    """
    named = re.match(r"\s*raise\s+([\w.]+)", source)
    meant = named[1].rsplit(".", 1)[-1] if named else ""
    return kind in {"AttributeError", "NameError", "TypeError"} and meant[:1].isupper() and meant != kind


def _kind(part: Raised) -> str:
    return part.exception.rsplit(".", 1)[-1]


class Scene(Struct, frozen=True, kw_only=True, dict=True):
    """A failure with everything that the rules look at."""

    case: Case
    facts: Facts
    ground: Ground
    differences: Differences
    failure: Failure

    @cached_property
    def chain(self) -> tuple[tuple[OwnedFrame, ...], ...]:
        """The chain's frames with their owners."""
        return tuple(owned(part.frames, self.ground, dialect=self.failure.dialect) for part in self.failure.chain)

    @cached_property
    def focus(self) -> int:
        """Index of the part that tells the defect."""
        return focus_of(self.failure.chain)

    @property
    def raised(self) -> Raised:
        """The part that tells the defect."""
        return self.failure.chain[self.focus]

    @property
    def kind(self) -> str:
        """The exception's own name, unqualified."""
        return _kind(self.raised)

    @property
    def message(self) -> str:
        """The focus' message on one line."""
        return " ".join(self.raised.message[:_READ].split())

    @property
    def frames(self) -> tuple[OwnedFrame, ...]:
        """The focus' frames, outermost first."""
        return self.chain[self.focus]

    @cached_property
    def python(self) -> str | None:
        """The running series, from the log or from the frames' paths."""
        said = stdlib.series(self.case.reading.environment.python)
        if said:
            return said
        paths = (frame.file for part in self.failure.chain for frame in part.frames)
        found = next(filter(None, (re.search(r"[Pp]ython/?(\d\.\d{1,2})", path) for path in paths)), None)
        return found[1] if found else None

    @cached_property
    def claim(self) -> Claim | None:
        """What the message claims, with the module filled in from the printed line where an old interpreter omits it."""
        if self.extension is not None:
            return claims.claim("ImportError", self.extension[1])
        found = claims.claim(self.raised.exception, self.raised.message)
        if found is None or found.want is not Want.NAME or found.module is not None:
            return found
        source = next((row.frame.source for row in reversed(self.frames) if row.role != GENERATED), None)
        module = claims.imported_from(source, found.name) or claims.attribute_base(source, found.name)
        if module is None:
            return found
        return Claim(want=found.want, name=found.name, module=self._absolute(module), path=found.path)

    def _absolute(self, module: str) -> str:
        """A relative import's module, made absolute by the asking frame."""
        if not module.startswith("."):
            return module
        asking = next((row.module for row in reversed(self.frames) if row.role != GENERATED and row.module), "") or ""
        dots = len(module) - len(module.lstrip("."))
        base = asking.split(".")
        is_package = any(row.frame.file.endswith("__init__.py") for row in self.frames[-1:])
        kept = base[: len(base) - dots + is_package]
        return ".".join(filter(None, [*kept, module.lstrip(".")])) or module.lstrip(".")

    # ------------------------------------------------------------------------------------------ who asked

    @cached_property
    def telling(self) -> tuple[OwnedFrame, ...]:
        """The focus' frames without generated code and import machinery."""
        return tuple(
            row
            for row in self.frames
            if row.role != GENERATED
            and not row.frame.file.startswith("<frozen")
            and not (
                row.role == HARNESS and (row.module or "").split(".", 1)[0] in {"importlib", "imp", "pkgutil", "runpy"}
            )
        )

    @cached_property
    def asker_at(self) -> int | None:
        """Index, in `telling`, of the frame that asked."""
        handed = self._hands_over()
        if handed is not None:
            return handed
        for index in range(len(self.telling) - 1, -1, -1):
            row = self.telling[index]
            if row.role == STDLIB:
                continue
            through = row.frame.function in {"__getattr__", "__getattribute__", "__dir__"}
            if through and self._provides(row):
                continue
            return index
        return None

    def _hands_over(self) -> int | None:
        """Index of the innermost frame whose line hands over the refused keyword by its name.

        What lies further in may only pass on `**kwargs`, so that it is not what asked.
        """
        if self.claim is None or self.claim.want is not Want.KEYWORD:
            return None
        rows = range(len(self.telling) - 1, -1, -1)
        name = self.claim.name
        return next((index for index in rows if claims.passes(self.telling[index].frame.source, name)), None)

    def _provides(self, row: OwnedFrame) -> bool:
        """Whether a `__getattr__` frame is the provider's own: the claim names its module, or it is a lazy loader."""
        module = self.claim.module if self.claim else None
        return bool(module and row.module and module.split(".", 1)[0] == row.module.split(".", 1)[0]) or (
            claims.is_raise(row.frame.source) and self.claim is not None
        )

    @property
    def asker(self) -> OwnedFrame | None:
        """The frame that asked."""
        return self.telling[self.asker_at] if self.asker_at is not None else None

    @property
    def innermost(self) -> OwnedFrame | None:
        """The innermost frame that is no generated code."""
        return self.telling[-1] if self.telling else None

    @property
    def building(self) -> str | None:
        """The third-party source distribution that was being built, where the failure is a build's."""
        return self._built[0]

    def _own_words(self) -> bool:
        """Whether a build says, beside it or in the failure, that its own set-up code or its metadata failed."""
        first, last = self.failure.span
        near = (row.text for row in self.case.reading.remarks if first - _BUILD <= row.line <= last + _BUILD)
        return any(_SETUP_FAILED.search(text) for text in (*near, self.failure.message))

    @cached_property
    def _built(self) -> tuple[str | None, str | None]:
        """Name and version of what was being built."""
        worded = self.failure.phase in {Phase.INSTALL, Phase.BUILD} and self._own_words()
        if not worded and not any(in_overlay(row) or "pip-install-" in row.frame.file for row in self.frames):
            return None, None
        first, last = self.failure.span
        rows = [remark.text for remark in self.case.reading.remarks if first - _BUILD <= remark.line <= last + _BUILD]
        texts = [*rows, *(failure.message for failure in self.case.reading.failures)]
        for text in texts:
            if found := _BUILDING.search(text):
                name = normalized(found["name"])
                own = "@" in found.group(0) or self.ground.is_project(name)
                return (None, None) if own else (str(name), found["version"])
        for text in texts:
            if (found := _OF_SETUP.search(text) or _METADATA.search(text)) and (
                name := normalized(found["name"])
            ) in self.ground.installed:
                return (None, None) if self.ground.is_project(name) else (str(name), self.ground.version(name))
        return None, None

    @cached_property
    def extension(self) -> tuple[str | None, str] | None:
        """The distribution whose module could not be imported (None: the project's), and why, where only a program's words
        say so.
        """
        said = _EXTENSION.match(self.raised.message[:_READ]) if not self.has_frames else None
        if said is None:
            return None
        owner = importnames.distribution_of(said["module"], self.ground.installed, self.ground.provides)
        own = owner is None or self._own_module(said["module"]) or self.ground.is_project(owner)
        return None if own else owner, said["said"]

    @cached_property
    def asking(self) -> str | None:
        """The distribution that asked; None where the project (or nobody known) did."""
        if self.extension is not None:
            return self.extension[0]
        row = self.asker
        if self.building is not None and (row is None or in_overlay(row)):
            return self.building
        if row is None or row.distribution is None or self._in_setup_code(row):
            return None
        if row.role in _FOREIGN or row.role == UNKNOWN:
            return str(row.distribution)
        # The harness is a third party like any other where it crashes by itself: innermost, in no test's call.
        return str(row.distribution) if row.role == HARNESS and not self._below_project() else None

    def _in_setup_code(self, row: OwnedFrame) -> bool:
        """Whether a build back-end only ran the set-up code of what was being built: pip compiles that as `<string>`."""
        return in_overlay(row) and self.building is None and self.frames[-1].frame.file == "<string>"

    def _below_project(self) -> bool:
        """Whether the asker, a harness frame, only passes on what a test or the project did."""
        return self.failure.phase is Phase.CALL and any(row.role == PROJECT for row in self.frames)

    @cached_property
    def by_project(self) -> bool:
        """Whether the project's own code asked."""
        row = self.asker
        return row is not None and row.role == PROJECT

    @cached_property
    def raised_by_project(self) -> bool:
        """Whether the project's own code raised it, or asked the standard library for what that refused."""
        return self.by_project or (self.innermost is not None and self.innermost.role == PROJECT)

    @cached_property
    def has_frames(self) -> bool:
        """Whether any frame is printed for the focus."""
        return bool(self.telling)

    @cached_property
    def project_frames(self) -> tuple[OwnedFrame, ...]:
        """The project's frames in the whole chain."""
        return tuple(row for part in self.chain for row in part if row.role == PROJECT)

    @cached_property
    def way(self) -> tuple[OwnedFrame, ...]:
        """The frames from the outside to the focus: a cause's own begin where it was caught, what led there stands in
        the parts that report it.
        """
        outer = [self.chain[index] for index in range(len(self.chain) - 1, self.focus, -1)]
        seen: dict[tuple[str, str | None], OwnedFrame] = {}
        for part in outer:
            for row in part:
                if row.role != GENERATED and not row.frame.file.startswith("<frozen"):
                    seen.setdefault((row.frame.file, row.frame.function), row)
        for row in self.telling:
            seen.pop((row.frame.file, row.frame.function), None)
        return (*seen.values(), *self.telling)

    @cached_property
    def entry(self) -> OwnedFrame | None:
        """The last project frame before the third-party code that asked."""
        rows = [row for part in self.chain for row in part] if self.focus != len(self.chain) - 1 else list(self.frames)
        before = [row for row in rows if row.role == PROJECT]
        inner = [row for row in self.frames if row.role == PROJECT]
        return next(reversed(inner or before), None)

    @cached_property
    def sandwiched(self) -> OwnedFrame | None:
        """A project frame that third-party code called on the way down: a callback, subclass, plug-in or fixture."""
        roles = [row.role for row in self.telling]
        for index in range(len(roles) - 1, 0, -1):
            if roles[index] == PROJECT and any(role in _FOREIGN for role in roles[:index]):
                return self.telling[index]
        return None

    @cached_property
    def importing(self) -> OwnedFrame | None:
        """The module's frame, the innermost one and none of the project's below, during whose import the asker ran."""
        start = self.asker_at
        for index in range(start if start is not None else -1, -1, -1):
            row = self.telling[index]
            if row.role == PROJECT:
                return None
            if row.frame.function == "<module>":
                return row if row.role != STDLIB else None
        return None

    @property
    def at_import(self) -> bool:
        """Whether the asker ran while a third party's module was being imported: nothing that the project computes can
        have reached it, whatever led to the import.
        """
        return self.importing is not None

    @cached_property
    def tool(self) -> bool:
        """Whether a third party's own program failed, with no code of the project anywhere near."""
        return self.has_frames and self.failure.phase not in {Phase.BUILD, Phase.INSTALL} and not self.project_frames

    @cached_property
    def unset_variable(self) -> str | None:
        """The variable that was looked up in the environment and is not there."""
        if self.kind != "KeyError" or not re.fullmatch(r"'?[A-Z][A-Z0-9_]*'?", self.message) or self.innermost is None:
            return None
        return self.message.strip("'") if self.innermost.module == "os" else None

    @cached_property
    def named_by_data(self) -> bool:
        """Whether the asking line looks up a name that it was given: a setting, an argument, an entry point.

        Then whoever gave the name asks, and that is nobody with a frame.
        """
        found, row = self.claim, self.asker
        if found is None or row is None or found.want not in {Want.MODULE, Want.NAME}:
            return False
        return claims.names_it(row.frame.source, found.name) is False

    @cached_property
    def through_root(self) -> bool:
        """Whether the asker's top-level package itself could not be imported: what it needs there is not optional."""
        row = self.asker
        top = (row.module or "").split(".", 1)[0] if row else ""
        return any(
            one.distribution == (row.distribution if row else None)
            and one.frame.function in {"<module>", None}
            and (one.module or "") == top
            for one in self.way
        )

    @cached_property
    def explicit(self) -> bool:
        """Whether the innermost frame raises on purpose."""
        source = self.innermost.frame.source if self.innermost is not None else None
        return claims.is_raise(source) and not _accident_in_raising(self.kind, source or "")

    @cached_property
    def uncaught(self) -> Failure:
        """The failure without what its code had caught and handled when another thing went wrong."""
        return replace(self.failure, chain=self.failure.chain[self.focus :])

    # ------------------------------------------------------------------------------------------ who should answer

    @cached_property
    def provider(self) -> str | None:
        """Who should have what was asked for: a distribution, `cpython`, OWN, or None where it is not clear yet."""
        found = self.claim
        if found is None or (found.partial and self._own_module(found.module)):
            return OWN if found is not None else None
        if found.want is Want.MODULE:
            return self._provider_of(found.name, found.path)
        if found.want is Want.NAME and found.module:
            return self._provider_of(found.module, found.path)
        if found.want in {Want.MEMBER, Want.PROTOCOL} and found.of and found.of not in claims.BUILTINS:
            return self._class_provider(found)
        return None

    def _provider_of(self, module: str, path: str | None) -> str | None:
        top = module.split(".", 1)[0]
        if path and "/" in path.replace("\\", "/"):
            frame = owned((_frame_at(path),), self.ground)[0]
            if frame.role == PROJECT:
                return OWN
            if frame.role == STDLIB or (frame.role == HARNESS and frame.distribution is None):
                return CPYTHON
            if frame.distribution:
                return str(frame.distribution)
        if self._own_module(module):
            return OWN
        owner = importnames.distribution_of(module, self.ground.installed, self.ground.provides)
        if owner is not None:
            return OWN if self.ground.is_project(owner) else owner
        if stdlib.knows_module(module) or (stdlib.knows_module(top) and top != "test"):
            return CPYTHON
        return None

    def _own_module(self, module: str | None) -> bool:
        top = (module or "").split(".", 1)[0]
        return bool(top) and (
            self.ground.is_own(module or "")
            or top in {"tests", "test", "conftest", "testing"}
            or any((row.module or "").split(".", 1)[0] == top for row in self.project_frames)
        )

    def _class_provider(self, found: Claim) -> str | None:
        """The provider of a class that only the message names: known to the standard library alone, or not yet clear."""
        if found.module:
            return self._provider_of(found.module, None)
        return None

    @cached_property
    def stdlib_class(self) -> str | None:
        """The standard library's module that defines the class which the message names, where one does."""
        name = self.claim.owner if self.claim else None
        return next(iter(stdlib.modules_defining(name)), None) if name and name not in claims.BUILTINS else None

    # ------------------------------------------------------------------------------------------ the asker's file

    @cached_property
    def stdlib_shadowed(self) -> bool:
        """Whether a third party misses a name of a standard module that no series is known to lack: then a file of that
        name lies before it on the path, and that is the project's. What platforms lack is written in capitals, or is of
        modules that are loaded before any path is looked at.
        """
        found = self.claim
        if found is None or found.want is not Want.NAME or not found.module or self.provider != CPYTHON:
            return False
        if (
            self.asking is None
            or found.name.isupper()
            or found.module.split(".", 1)[0] in {"os", "sys", "time", "signal"}
        ):
            return False
        known = stdlib.has_module(found.module, self.python or "")
        return bool(known) and stdlib.missing_name(found.module, found.name, self.python) is None

    @property
    def asking_version(self) -> str | None:
        """The asker's version, as the log says."""
        if self.building is not None and self.asking == self.building:
            return self._built[1] or self.ground.version(self.asking)
        return self.ground.version(self.asking)

    @property
    def asking_path(self) -> str | None:
        """The asker's file inside its wheel."""
        return path_in_wheel(self.asker) if self.asker else None


def _frame_at(path: str) -> Frame:
    return Frame(file=path)
