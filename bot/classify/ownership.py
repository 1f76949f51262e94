"""Who owns a frame: a distribution, the project, the standard library, the harness, generated code.

From the path and what the log says was installed; the project's own distribution comes first wherever it is installed,
since a project that tests its own wheel runs out of site-packages too. Facts (`Holds`) settle what paths only suggest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from msgspec import Struct, field
from msgspec.structs import replace

from bot.classify import importnames, stdlib
from bot.facts import Facts, Held, Holds, TopLevels
from bot.model import Case, DistributionName, Frame, OwnedFrame, Reading, normalized
from bot.patterns import pattern

THIRD_PARTY = "third-party"
PROJECT = "project"
STDLIB = "stdlib"
HARNESS = "harness"
GENERATED = "generated"
VENDORED = "vendored"
UNKNOWN = "unknown"

_SITE = pattern(r"(?:^|/)(?:site|dist)-packages/(?P<rest>.+)$")
_SYSTEM = pattern(r"^/usr/lib(?:64)?/python3?(?:\.\d+)?/(?:dist|site)-packages/")
_STDLIB = pattern(
    r"(?:^|/)(?:lib(?:64)?|pypy-?[\d.]*|lib-python|lib_pypy)/(?:python|pypy)?(?:-?\d(?:\.\d+)*t?)/"
    r"(?!site-packages|dist-packages)(?P<rest>.+)$"
    r"|(?:^|/)[Pp]ython(?:\.framework/Versions/[\d.]+|[\d.\-]*(?:/[\w.]+)?)/[Ll]ib/(?!site-packages)(?P<rest2>.+)$"
    r"|(?:^|/)(?:envs/[^/]+|mini(?:conda|forge|mamba)\d*|anaconda\d*|conda)/[Ll]ib/(?!python|site-packages)(?P<rest3>.+)$"
)
_WINDOWS = pattern(r"^[A-Za-z]:/(?:[^/]+/)*[Pp]ython[^/]*/(?:[\w.]+/){0,2}[Ll]ib/(?!site-packages)(?P<rest>.+)$")
_ZIP = pattern(r"(?:^|/)python\d+\.zip/(?P<rest>.+)$")
_EGG = pattern(
    r"(?:^|/)(?P<name>[A-Za-z0-9_.]+)-(?P<version>\d[^/-]*)(?:-py\d(?:\.\d+)?)?(?:-[^/]+)?\.egg/(?P<rest>.+)$"
)
_ZIPAPP = pattern(r"(?:^|/)[^/]+\.(?:pyz|pex|whl|zip)/(?P<rest>.+)$")
_BUILT = pattern(
    r"(?:^|/)pip-(?:install|req-build|download|wheel|resolve)-[^/]+/(?P<name>[A-Za-z0-9_.\-]+?)(?:_[0-9a-f]{32})?/(?P<rest>.+)$"
    r"|(?:^|/)sdists-v\d+/(?:pypi|index/[^/]+|path|url)/(?P<name2>[A-Za-z0-9_.\-]+)/(?P<version2>[^/]+)/[^/]+/(?:src/)?(?P<rest2>.+)$"
)
_OVERLAY = pattern(r"(?:^|/)(?:pip-build-env-[^/]+/(?:overlay|normal)|builds-v\d+/\.tmp[^/]*|build-env-[^/]+)/")
_GENERATED = pattern(r"^<(?!frozen )|^<$|\.(?:html|jinja2?|j2|mako|tmpl|txt|yml|yaml)$")
_FROZEN = pattern(r"^<frozen (?P<module>[\w.]+)>$")
_VENDOR = pattern(r"/(?:_vendor(?:ed)?|vendor(?:ed)?|extern(?:al)?s?|_?third_?party|packages/urllib3)/")
_SCRIPT = pattern(
    r"/(?:\.?(?:v?env|virtualenv)[\w.-]*|\.(?:tox|nox)/[^/]+|(?:envs|versions)/[^/]+|x64|x86|usr|usr/local|\.local"
    r"|(?:mini|ana)?conda\d*|mini(?:forge|mamba)\d*)/(?:bin|Scripts)/[\w.-]+?(?:\.exe(?:/__main__\.py)?)?$"
)
"""A console script that an installer wrote for an entry point: nobody's own code."""
_COMPILED = pattern(r"\.(?:pyx|pxd|pxi|pyi|pyd|so|c|cpp|rs)$")
_DRIVE = pattern(r"^[A-Za-z]:/")

_HARNESS_TOPS = frozenset(
    [
        "pytest",
        "_pytest",
        "pluggy",
        "xdist",
        "execnet",
        "py",
        "tox",
        "nox",
        "pip",
        "pep517",
        "pyproject_hooks",
        "stestr",
        "subunit",
        "testtools",
        "nose",
        "nose2",
        "pytest_cov",
        "coverage",
        "virtualenv",
        "pytest_timeout",
        "pytest_asyncio",
        "asynctest",
        "unittest2",
        "green",
        "hypothesis",
        "pytest_subtests",
        "pytest_rerunfailures",
        "flaky",
        "anyio_pytest",
        "ddt",
        "fixtures",
        "testscenarios",
        "behave",
        "slipcover",
        "pytest_randomly",
        "pytest_mock",
    ]
)
"""Import names that run or isolate tests. They only count as harness between the runner and the test."""

_HARNESS_STDLIB = frozenset(
    [
        "unittest",
        "doctest",
        "runpy",
        "importlib",
        "pkgutil",
        "trace",
        "cProfile",
        "profile",
        "pdb",
        "bdb",
        "imp",
        "zipimport",
        "contextlib",
    ]
)


class Ground(Struct, frozen=True, kw_only=True):
    """What is known, before any failure is looked at, about who could own what."""

    project: DistributionName | None
    installed: dict[str, str]
    """Version by distribution, as the failing log says."""
    local: frozenset[str] = frozenset()
    """Distributions installed from the checkout."""
    roots: tuple[str, ...] = ()
    project_names: frozenset[str] = frozenset()
    """Import names of the project's own distributions; dotted ones are a namespace's part."""
    provides: dict[str, str] = field(default_factory=dict)
    """Top-level import names as answered by the index."""
    facts: Facts = field(default_factory=Facts)
    verifies: bool = False
    """Whether any frame's line was compared with a released file."""
    told: dict[tuple[str, str | None, bool], OwnedFrame] = field(default_factory=dict)
    """Owners by file and function: a job's failures share most of their frames."""

    def is_project(self, distribution: str | None) -> bool:
        """Whether a distribution is the project's own."""
        return distribution is not None and (distribution == self.project or distribution in self.local)

    def is_own(self, module: str) -> bool:
        """Whether a dotted name is the project's own, as far as its distributions' names tell."""
        return any(module == name or module.startswith(f"{name}.") for name in self.project_names)

    def version(self, distribution: str | None) -> str | None:
        """The version installed."""
        return self.installed.get(distribution or "")


def ground(case: Case, facts: Facts) -> Ground:
    """The ground of a case: installed set, the project's roots and import names."""
    rows = case.reading.environment.installed
    installed = {str(row.name): row.version for row in rows}
    local = frozenset(str(row.name) for row in rows if row.local)
    provides = {
        top: str(question.distribution)
        for fact in facts
        if isinstance(question := fact.question, TopLevels) and fact.known and isinstance(fact.answer, tuple)
        for top in fact.answer
    }
    names = {name for one in [case.project or "", *local] if one for name in importnames.import_names_of(one)}
    return Ground(
        project=case.project,
        installed=installed,
        local=local,
        roots=_roots(case.reading),
        project_names=frozenset(names),
        provides=provides,
        facts=facts,
        verifies=any(isinstance(fact.question, Holds) for fact in facts),
    )


@lru_cache(maxsize=4_096)
def slashed(file: str) -> str:
    """A path with forward slashes, without a leading `./` or `file://`."""
    path = file.replace("\\", "/").removeprefix("file://")
    return path.removeprefix("./")


_ROOT = pattern(
    r"^(?P<root>/home/runner/work/[^/]+/[^/]+|/__w/[^/]+/[^/]+|[A-Za-z]:/a/[^/]+/[^/]+|/Users/runner/work/[^/]+/[^/]+"
    r"|/home/[^/]+/src/[^/]+/[^/]+/[^/]+|/builds/[^/]+/[^/]+|/(?:home/circleci|root)/(?:project|repo)|/app|/code|/src"
    r"|/workspace|/github/workspace|/var/lib/jenkins/workspace/[^/]+|/tmp/build/[^/]+|/opt/atlassian/pipelines/agent/build)/"
)


def _roots(reading: Reading) -> tuple[str, ...]:
    """Where the checkout seems to be: what CI services use, and folders that hold a virtual environment."""
    found: dict[str, None] = {}
    # Failures of one job share most of their files.
    files = {frame.file for failure in reading.failures for part in failure.chain for frame in part.frames}
    for file in sorted(files):
        path = slashed(file)
        if match := _ROOT.match(path):
            found[match["root"]] = None
        elif hidden := re.match(r"^(.+?)/\.?(?:tox|nox|venv|env|virtualenv)/", path):
            found[hidden[1]] = None
    return tuple(found)


def owned(frames: Sequence[Frame], ground: Ground, *, dialect: str = "python") -> tuple[OwnedFrame, ...]:
    """The frames with their owners."""
    absolute = sum(_is_absolute(slashed(frame.file)) for frame in frames)
    mixed = 0 < absolute < len(frames) and not dialect.startswith("pytest")
    return tuple(_settled(_owner_once(frame, ground, mixed=mixed), ground) for frame in frames)


def _owner_once(frame: Frame, ground: Ground, *, mixed: bool) -> OwnedFrame:
    key = (frame.file, frame.function, mixed)
    told = ground.told.get(key)
    if told is None:
        told = ground.told[key] = _owner(frame, ground, mixed=mixed)
    return told if told.frame is frame else replace(told, frame=frame)


def _is_absolute(path: str) -> bool:
    return path.startswith("/") or bool(_DRIVE.match(path))


def _owner(frame: Frame, ground: Ground, *, mixed: bool) -> OwnedFrame:
    """The owner that path and installed set suggest."""
    path = slashed(frame.file)
    if frozen := _FROZEN.match(path):
        return _stdlib_owner(frame, frozen["module"])
    if (
        _GENERATED.search(path) or (_SCRIPT.search(path) and not re.search(r"(?<!__main__)\.py$", path))
    ) and not _SITE.search(path):
        return OwnedFrame(frame=frame, distribution=None, role=GENERATED)
    if (match := _EGG.search(path)) and not match["rest"].endswith(".egg"):
        return _third_party(frame, normalized(match["name"]), match["rest"], ground)
    if match := _SITE.search(path):
        return _installed_owner(frame, match["rest"], ground, path)
    if match := _BUILT.search(path):
        name = normalized(match["name"] or match["name2"])
        if not name.startswith(("tmp", "req-")) or name in ground.installed:
            return _third_party(frame, name, match["rest"] or match["rest2"], ground)
    if match := _STDLIB.search(path) or _WINDOWS.search(path) or _ZIP.search(path):
        rest = next(filter(None, match.groups()))
        return _stdlib_owner(frame, _module(rest))
    if not _is_absolute(path):
        return _relative_owner(frame, path, ground, mixed=mixed)
    if (match := _ZIPAPP.search(path)) and not any(path.startswith(root) for root in ground.roots):
        return _installed_owner(frame, match["rest"], ground, path)
    return OwnedFrame(frame=frame, distribution=None, role=PROJECT, module=_project_module(path, ground))


def _stdlib_owner(frame: Frame, module: str) -> OwnedFrame:
    harness = module.split(".", 1)[0] in _HARNESS_STDLIB
    return OwnedFrame(frame=frame, distribution=None, role=HARNESS if harness else STDLIB, module=module)


def _relative_owner(frame: Frame, path: str, ground: Ground, *, mixed: bool) -> OwnedFrame:
    """A relative path: the project's own under pytest, else maybe compiled code, which keeps its build's paths.

    mypyc and Cython print the path that the source had when the wheel was built, `src/black/__init__.py`, among
    absolute ones. A Cython function's name is dotted with its module.
    """
    inner = re.sub(r"^(?:src|lib|python)/", "", path)
    module = _module(inner)
    by_function = _dotted(frame.function)
    if _COMPILED.search(path) and by_function:
        module = by_function
    owner = importnames.distribution_of(module, ground.installed, ground.provides)
    compiled = bool(_COMPILED.search(path))
    foreign = owner is not None and not ground.is_project(owner) and not ground.is_own(module)
    if owner is not None and foreign and (compiled or (mixed and "/" in path)):
        return OwnedFrame(frame=frame, distribution=DistributionName(owner), role=THIRD_PARTY, module=module)
    if compiled and owner is None and by_function and not ground.is_own(module):
        return OwnedFrame(frame=frame, distribution=None, role=UNKNOWN, module=module)
    return OwnedFrame(frame=frame, distribution=None, role=PROJECT, module=module)


def _dotted(function: str | None) -> str | None:
    """The module in a Cython function's name, `pandas._libs.hashtable.get_item` → `pandas._libs.hashtable`."""
    if not function or "." not in function or not re.fullmatch(r"[a-z_][\w]*(?:\.[\w<>]+)+", function):
        return None
    parts = function.split(".")
    while len(parts) > 1 and (parts[-1][:1].isupper() or parts[-1].startswith("<")):
        parts.pop()
    return ".".join(parts[:-1]) if len(parts) > 1 else None


def _installed_owner(frame: Frame, rest: str, ground: Ground, path: str) -> OwnedFrame:
    """The owner of a file below site-packages."""
    rest = _EGG.sub(lambda match: match["rest"], rest) if ".egg/" in rest else rest
    module = _module(rest)
    top = module.split(".", 1)[0]
    if top in {"pip", "pep517", "pyproject_hooks", "_distutils_hack"}:
        return OwnedFrame(frame=frame, distribution=None, role=HARNESS, module=module)
    name = importnames.distribution_of(module, ground.installed, ground.provides)
    if name is None and ground.is_own(module) and ground.project:
        name = ground.project
    if name is None and top.startswith("__editable__"):
        return OwnedFrame(frame=frame, distribution=None, role=HARNESS, module=module)
    owner = normalized(name) if name else importnames.guessed(module)
    if ground.is_project(owner):
        return OwnedFrame(frame=frame, distribution=None, role=PROJECT, module=module)
    if top in _HARNESS_TOPS:
        return OwnedFrame(frame=frame, distribution=owner, role=HARNESS, module=module)
    vendored = bool(_VENDOR.search("/" + rest)) and owner in {"pip", "setuptools"}
    if _SYSTEM.match(path) and owner not in ground.installed:
        return OwnedFrame(frame=frame, distribution=owner, role=UNKNOWN, module=module)
    return OwnedFrame(frame=frame, distribution=owner, role=VENDORED if vendored else THIRD_PARTY, module=module)


def _third_party(frame: Frame, name: DistributionName, rest: str, ground: Ground) -> OwnedFrame:
    if ground.is_project(name):
        return OwnedFrame(frame=frame, distribution=None, role=PROJECT, module=_module(rest))
    return OwnedFrame(frame=frame, distribution=name, role=THIRD_PARTY, module=_module(rest))


def _module(path: str) -> str:
    """The dotted module of a path relative to where imports start."""
    inner = re.sub(r"\.(?:cpython|cp|abi3|pypy)[^/]*\.(?:so|pyd)$|\.[a-z]{1,4}$", "", path)
    return re.sub(r"/__init__$", "", inner).strip("/").replace("/", ".")


def _project_module(path: str, ground: Ground) -> str | None:
    """A project file's module as far as the root is known: `shop/cart.py` → `shop.cart`."""
    root = next((root for root in ground.roots if path.startswith(root + "/")), None)
    inner = path[len(root) + 1 :] if root else path.rsplit("/", 1)[-1]
    return _module(re.sub(r"^(?:src|lib)/", "", inner)) or None


def path_in_wheel(row: OwnedFrame) -> str | None:
    """A frame's file as it would stand in its wheel's RECORD; None where the path does not tell."""
    path = slashed(row.frame.file)
    if ".egg/" in path and (match := _EGG.search(path)):
        return match["rest"]
    if match := _SITE.search(path):
        return match["rest"]
    if match := _BUILT.search(path):
        return match["rest"] or match["rest2"]
    if not _is_absolute(path):
        return re.sub(r"^(?:src|lib|python)/", "", path)
    return None


def holds_question(row: OwnedFrame, ground: Ground) -> Holds | None:
    """The question that settles a third-party frame's owner."""
    version, path = ground.version(row.distribution), path_in_wheel(row)
    if row.distribution is None or version is None or path is None or row.role not in {THIRD_PARTY, VENDORED}:
        return None
    return Holds(
        distribution=row.distribution, version=version, path=path, line=row.frame.line, source=row.frame.source
    )


def _settled(row: OwnedFrame, ground: Ground) -> OwnedFrame:
    """The frame with `verified` set where the index has answered."""
    if not ground.verifies:
        return row
    question = holds_question(row, ground)
    answer = ground.facts.known(question) if question else None
    if not isinstance(answer, Held):
        return row
    return replace(row, verified=answer.matches if answer.file else False)


def in_overlay(row: OwnedFrame) -> bool:
    """Whether a frame runs in a build's isolated environment, whose versions no log prints."""
    return bool(_OVERLAY.search(slashed(row.frame.file)))


def is_top(row: OwnedFrame, names: Iterable[str]) -> bool:
    """Whether a frame's top-level import name is one of these."""
    return (row.module or "").split(".", 1)[0] in set(names)


__all__ = ["Ground", "ground", "holds_question", "in_overlay", "is_top", "owned", "path_in_wheel", "slashed", "stdlib"]
