"""Make negatives: CI jobs that are red for a reason that is known, because it was put there.

    python tools/negatives/generate.py OUT [--only NAME] [--seed N] [--pythons ~/.pyenv/versions]

For each package of `PACKAGES`, its source distribution is unpacked and its own suite run, for real, in environments
that uv makes as of two days (`--exclude-newer`): the last green run, and a red one in which several releases are newer
for innocent reasons. Then one thing is done to the red run: a line of the project's own code or tests is mutated
(`project`), a fault is injected from outside (`environment`), or nothing (`none`). Output is a folder a case in the
corpus' format. Nothing here is needed by the tests; what they need of the results is kept under `tests/data`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mutations import Mutation, mutations

UV = Path(sys.executable).parent / "uv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package whose suite is run: source distribution, what its tests need, and when."""

    name: str
    version: str
    tests: str
    needs: tuple[str, ...]
    python: str
    green: str
    red: str
    foreign: tuple[str, ...]
    """Top-level import names of third parties that it uses."""
    options: tuple[str, ...] = ()


PACKAGES = (
    Package(
        name="webargs",
        version="8.6.0",
        tests="tests",
        needs=("pytest", "flask", "webtest", "marshmallow"),
        python="3.12.1",
        green="2024-10-01",
        red="2025-06-01",
        foreign=("marshmallow", "flask", "webtest", "werkzeug"),
        options=(
            "--ignore-glob=*aiohttp*",
            "--ignore-glob=*django*",
            "--ignore-glob=*pyramid*",
            "--ignore-glob=*falcon*",
            "--ignore-glob=*tornado*",
            "--ignore-glob=*bottle*",
            "--ignore-glob=*async*",
            "--ignore=tests/test_core.py",
        ),
    ),
    Package(
        name="requests-mock",
        version="1.12.1",
        tests="tests",
        needs=("pytest<8", "fixtures", "requests-futures", "testtools<2.7.2", "purl"),
        python="3.11.7",
        green="2024-06-01",
        red="2025-03-01",
        foreign=("requests", "urllib3", "fixtures", "testtools"),
    ),
    Package(
        name="cattrs",
        version="24.1.2",
        tests="tests",
        needs=(
            "pytest",
            "pytest-benchmark",
            "pytest-xdist",
            "attrs",
            "hypothesis",
            "immutables",
            "ujson",
            "msgpack",
            "tomlkit",
            "pyyaml",
        ),
        python="3.10.13",
        green="2024-10-15",
        red="2025-05-15",
        foreign=("attrs", "attr", "msgpack", "tomlkit", "yaml"),
        options=(
            "-k",
            "not bson and not orjson and not cbor2 and not msgspec",
            "--ignore=tests/test_preconf.py",
            "--ignore=tests/preconf",
            "--ignore=tests/typed.py",
        ),
    ),
    Package(
        name="h2",
        version="4.1.0",
        tests="test",
        needs=("pytest", "hypothesis"),
        python="3.9.18",
        green="2023-06-01",
        red="2024-06-01",
        foreign=("hpack", "hyperframe"),
    ),
    Package(
        name="jsonpatch",
        version="1.33",
        tests="tests.py",
        needs=("pytest",),
        python="3.11.7",
        green="2023-07-01",
        red="2024-09-01",
        foreign=("jsonpointer",),
    ),
    Package(
        name="flask-cors",
        version="5.0.0",
        tests="tests",
        needs=("pytest", "packaging"),
        python="3.12.1",
        green="2024-09-10",
        red="2025-02-10",
        foreign=("flask", "werkzeug"),
    ),
    Package(
        name="arrow",
        version="1.3.0",
        tests="tests",
        needs=("pytest", "pytest-cov", "pytest-mock", "dateparser", "pytz", "simplejson"),
        python="3.11.7",
        green="2023-10-15",
        red="2024-12-01",
        foreign=("dateutil", "pytz", "dateparser", "simplejson"),
        options=("--no-cov",),
    ),
    Package(
        name="tinydb",
        version="4.8.2",
        tests="tests",
        needs=("pytest", "pyyaml"),
        python="3.12.1",
        green="2024-10-20",
        red="2025-09-01",
        foreign=("yaml",),
    ),
    Package(
        name="apispec",
        version="6.8.1",
        tests="tests",
        needs=("pytest", "marshmallow<4", "pyyaml", "openapi-spec-validator"),
        python="3.13.0",
        green="2025-01-15",
        red="2025-08-15",
        foreign=("marshmallow", "yaml", "openapi_spec_validator"),
    ),
    Package(
        name="wtforms",
        version="3.2.1",
        tests="tests",
        needs=("pytest", "email-validator", "babel"),
        python="3.12.1",
        green="2024-10-25",
        red="2025-07-01",
        foreign=("markupsafe", "babel", "email_validator"),
    ),
    Package(
        name="python-json-logger",
        version="3.2.1",
        tests="tests",
        needs=("pytest", "freezegun", "orjson", "msgspec", "tzdata"),
        python="3.11.7",
        green="2025-01-05",
        red="2025-08-01",
        foreign=("orjson", "msgspec", "freezegun"),
    ),
    Package(
        name="pyrsistent",
        version="0.20.0",
        tests="tests",
        needs=("pytest", "hypothesis"),
        python="3.10.13",
        green="2023-11-15",
        red="2024-11-15",
        foreign=("hypothesis",),
    ),
)

FAULTS = (
    ("index-refused", "uv", "--index-url http://127.0.0.1:9/simple"),
    ("index-dns", "uv", "--index-url https://index.invalid/simple"),
    ("pip-index-refused", "pip", "--index-url http://127.0.0.1:9/simple --retries 1"),
    ("small-files", "run", "ulimit -f 1"),
    ("little-memory", "run", "ulimit -v 60000"),
    ("few-files", "run", "ulimit -n 12"),
    ("killed", "run", "kill"),
    ("no-tmp", "run", "export TMPDIR=/nonexistent"),
    ("cpu-limit", "run", "ulimit -t 1"),
)


def sh(command: str, folder: Path, *, env: dict[str, str] | None = None, timeout: int = 240) -> tuple[int, str]:
    """Run a shell command; its status and what it printed."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=env or _environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=timeout,
        check=False,
    )
    return done.returncode if done.returncode >= 0 else 128 - done.returncode, done.stdout.decode("utf-8", "replace")


def _environment(folder: Path) -> dict[str, str]:
    kept = {
        key: value
        for key, value in os.environ.items()
        if key in {"PATH", "HOME", "LANG", "SSL_CERT_FILE", "UV_CACHE_DIR"} or key.startswith(("PIP_", "UV_"))
    }
    return {**kept, "VIRTUAL_ENV": str(folder / ".venv"), "PYTHONHASHSEED": "0", "COLUMNS": "100", "CI": "true"}


def fetched(package: Package, folder: Path) -> Path:
    """The unpacked source distribution."""
    from pypi_simple import PyPISimple

    with PyPISimple() as client:
        page = client.get_project_page(package.name)
        row = next(
            (row for row in page.packages if row.version == package.version and row.package_type == "sdist"), None
        )
        if row is None:
            raise RuntimeError(f"there is no source distribution of {package.name} {package.version}")
        file = folder / row.filename
        client.download_package(row, path=file)
    with tarfile.open(file) as archive:
        archive.extractall(folder / ".un", filter="data")
    inner = next((folder / ".un").iterdir())
    target = folder / package.name
    shutil.move(inner, target)
    return target


def install_line(package: Package, day: str) -> str:
    """What installs a package with what its tests need, as of a day."""
    needs = " ".join(f"'{need}'" for need in package.needs)
    return f"{UV} pip install --exclude-newer {day} {needs} -e ."


def made(package: Package, project: Path, day: str) -> str:
    """A fresh environment as of a day; what installing printed."""
    shutil.rmtree(project / ".venv", ignore_errors=True)
    python = Path(ARGS.pythons).expanduser() / package.python / "bin/python"
    sh(f"{UV} venv -q --python {python} .venv", project)
    status, text = sh(install_line(package, day), project)
    if status:
        raise RuntimeError(f"{package.name} can't be installed as of {day}: {text[-600:]}")
    return f"+ uv pip install {' '.join(package.needs)} -e .\n{text}"


def test_line(package: Package, style: str) -> str:
    """What runs a package's suite."""
    options = " ".join(f"'{option}'" if " " in option else option for option in package.options)
    return f".venv/bin/python -m pytest -p no:cacheprovider {style} {options} {package.tests}"


STYLES = ("", "--tb=short", "--tb=native", "-ra --tb=long", "-x", "-q")


def run(package: Package, out: Path, chance: random.Random) -> Iterator[str]:
    """All cases of a package; yields what was made."""
    with tempfile.TemporaryDirectory(prefix="job-") as scratch:
        project = fetched(package, Path(scratch))
        green_install = made(package, project, package.green)
        style = chance.choice(STYLES)
        status, text = sh(test_line(package, style), project)
        broken = _failing_files(text) if status else []
        if status and broken:
            extra = tuple(f"--deselect={name}" for name in broken)
            package = replace_options(package, extra)
            status, text = sh(test_line(package, style), project)
        if status:
            raise RuntimeError(f"{package.name} is not green: {text[-800:]}")
        green = f"{green_install}+ python -m pytest {style} {package.tests}\n{text}"
        red_install = made(package, project, package.red)
        status, text = sh(test_line(package, style), project)
        if status:
            extra = tuple(f"--deselect={name}" for name in _failing_files(text))
            package = replace_options(package, extra)
            status, text = sh(test_line(package, style), project)
            if status:
                raise RuntimeError(f"{package.name} is not green as of {package.red}: {text[-800:]}")
        yield write(
            out,
            package,
            "none",
            1,
            f"{red_install}+ python -m pytest {style} {package.tests}\n{text}",
            green,
            "the untouched suite, green",
        )
        number = 0
        for path, mutation in candidates(package, project, chance):
            if number >= ARGS.each:
                break
            file = project / path
            source = file.read_text(encoding="utf-8")
            file.write_text(mutation.applied(source), encoding="utf-8")
            try:
                style_now = chance.choice(STYLES)
                status, text = sh(test_line(package, style_now), project, timeout=120)
            except subprocess.TimeoutExpired:
                status, text = 0, ""
            finally:
                file.write_text(source, encoding="utf-8")
            # A usage error or an internal error is no test failure.
            if status in {1, 2} and len(text) < 600_000:
                number += 1
                log = f"{red_install}+ python -m pytest {style_now} {package.tests}\n{text}##[error]Process completed with exit code {status}.\n"
                yield write(out, package, "project", number, log, green, f"{mutation.how}: {path}:{mutation.line}")
        for number, (name, kind, fault) in enumerate(chance.sample(FAULTS, 3), 1):
            yield from faulted(package, project, out, name, kind, fault, number, red_install, green, style)


def faulted(
    package: Package,
    project: Path,
    out: Path,
    name: str,
    kind: str,
    fault: str,
    number: int,
    red_install: str,
    green: str,
    style: str,
) -> Iterator[str]:
    """One injected fault."""
    if kind in {"uv", "pip"}:
        needs = " ".join(package.needs)
        tool = (
            f"{UV} pip install --reinstall --no-cache"
            if kind == "uv"
            else ".venv/bin/python -m pip install --force-reinstall --no-cache-dir"
        )
        if kind == "pip":
            sh(f"{UV} pip install -q pip", project)
        status, text = sh(f"{tool} {fault} {' '.join(repr(need) for need in package.needs)}", project)
        log = f"+ {kind} install {needs}\n{text}"
    elif fault == "kill":
        status, text = sh(f"{test_line(package, style)} & sleep 2.2; kill -9 $!; wait $!", project)
        log = f"{red_install}+ python -m pytest\n{text}"
    else:
        status, text = sh(f"{fault}; {test_line(package, style)}", project)
        log = f"{red_install}+ python -m pytest\n{text}"
    if status:
        log += f"##[error]Process completed with exit code {status}.\n"
        yield write(out, package, "environment", number, log, green, f"injected fault: {name}")


def replace_options(package: Package, extra: tuple[str, ...]) -> Package:
    """The package with tests left out that fail by themselves."""
    from dataclasses import replace

    return replace(package, options=(*package.options, *extra))


def _failing_files(text: str) -> list[str]:
    rows = re.findall(r"^(?:FAILED|ERROR) ([\w/.\-]+\.py(?:::[\w\[\]:./ \-]+?)?)(?: - |$)", text, re.MULTILINE)
    return sorted({row.split("[", 1)[0] for row in rows})[:40]


def candidates(package: Package, project: Path, chance: random.Random) -> Iterator[tuple[str, Mutation]]:
    """Mutations over the project's files, own code and tests in turn."""
    files = [
        path
        for path in project.rglob("*.py")
        if not {".venv", "docs", "examples", "build"} & set(path.relative_to(project).parts)
        and path.name not in {"setup.py", "conf.py"}
    ]
    tests = [path for path in files if "test" in path.name or "test" in path.parts[-2]]
    own = [path for path in files if path not in tests]
    for turn in range(60):
        pool = own if turn % 2 == 0 and own else tests or own
        path = chance.choice(pool)
        try:
            rows = mutations(path.read_text(encoding="utf-8"), frozenset(package.foreign), chance)
        except (SyntaxError, UnicodeDecodeError):
            continue
        if rows:
            yield path.relative_to(project).as_posix(), rows[min(int(chance.expovariate(0.3)), len(rows) - 1)]


_STAMP = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def prefixed(text: str, chance: random.Random) -> str:
    """Every line with a runner's time stamp."""
    now = _STAMP
    rows = []
    for row in text.splitlines():
        now += timedelta(microseconds=chance.randint(5, 900))
        rows.append(f"{now:%Y-%m-%dT%H:%M:%S.%f}0Z {row}")
    return "\n".join(rows) + "\n"


def scrubbed(text: str) -> str:
    """Without this machine's folders."""
    plain = text.replace(str(UV), "uv")
    plain = re.sub(rf"{re.escape(tempfile.gettempdir())}/job-[^/\s]+/", "/home/runner/work/", plain)
    plain = plain.replace(str(Path(ARGS.pythons).expanduser()), "/opt/hostedtoolcache/Python")
    return plain.replace(str(Path.home()), "/home/runner")


def write(out: Path, package: Package, verdict: str, number: int, log: str, green: str, how: str) -> str:
    """A case's folder; its name."""
    name = f"gen-{package.name}-{verdict}-{number:02}"
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(name)
    stamped = chance.random() < 0.5
    for file, text in (("failing.log", log), ("passing.log", green)):
        told = scrubbed(text)
        (folder / file).write_text(prefixed(told, chance) if stamped else told, encoding="utf-8")
    case = {
        "id": name,
        "bug": name,
        "ci": "github-actions" if stamped else "plain",
        "runner": "pytest",
        "python": package.python,
        "project": package.name,
        "project_roots": [f"/home/runner/work/{package.name}"],
        "verdict": verdict,
        "culprit": None,
        "also_right": [],
        "trigger": None,
        "as_of": package.red,
        "fixed_in": None,
        "tracker": None,
        "known_issue": None,
        "failures": [],
        "failures_unlisted": True,
        "generated": True,
        "noise": 0,
        "prefixed": stamped,
        "how": f"{how}; {package.name} {package.version} as of {package.red}, last green run as of {package.green}",
    }
    (folder / "case.json").write_text(json.dumps(case, indent=1) + "\n", encoding="utf-8")
    return name


def main() -> int:
    """Make the cases."""
    for package in PACKAGES:
        if ARGS.only and package.name != ARGS.only:
            continue
        chance = random.Random(f"{ARGS.seed}{package.name}")
        try:
            for name in run(package, Path(ARGS.out), chance):
                print(name, flush=True)
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            print(f"{package.name}: {error}", file=sys.stderr, flush=True)
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out")
    parser.add_argument("--only")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--each", type=int, default=7)
    parser.add_argument("--pythons", default="~/.pyenv/versions")
    ARGS = parser.parse_args()
    sys.exit(main())
