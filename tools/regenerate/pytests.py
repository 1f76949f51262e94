"""What pytest prints: old and new, in every style, alone, in parallel, and with its plug-ins."""

from __future__ import annotations

from collections.abc import Iterator

from tools.regenerate.sample import Sample

STYLES = ("auto", "long", "short", "native", "line", "no")
VERSIONS = {
    "4.6": ("2.7", ("pytest==4.6.11",)),
    "5.4": ("3.8", ("pytest==5.4.3",)),
    "6.2": ("3.9", ("pytest==6.2.5",)),
    "7.4": ("3.10", ("pytest==7.4.4",)),
    "8.3": ("3.12", ("pytest==8.3.4",)),
    "9.0": ("3.13", ("pytest==9.0.1",)),
}
_SUITE = "{python} -m pytest tests/test_stock.py -p no:cacheprovider"


def samples() -> Iterator[Sample]:
    """Styles by version, then what goes wrong outside of tests."""
    for version, (python, packages) in VERSIONS.items():
        for style in STYLES:
            yield Sample(
                name=f"pytest/style_{style}@{version}",
                project="suite",
                python=python,
                packages=packages,
                command=f"{_SUITE} --tb={style}",
            )
        for scenario, command in _OTHERS.items():
            yield Sample(
                name=f"pytest/{scenario}@{version}",
                project=_PROJECTS.get(scenario, "suite"),
                python=python,
                packages=packages,
                command=command,
            )
    yield from _plugins()


_OTHERS = {
    "quiet_no_summary": _SUITE + " -q -r N",
    "collecting": "{python} -m pytest tests -p no:cacheprovider",
    "conftest": "{python} -m pytest tests -p no:cacheprovider",
    "internal": "{python} -m pytest -p no:cacheprovider",
    "coloured": _SUITE + " --color=yes",
    "titles": "{python} -m pytest tests -p no:cacheprovider -q -r N",
    "verbose_live": _SUITE + " -vv --log-cli-level=ERROR",
}
_PROJECTS = {"conftest": "conftest_error", "internal": "internal_error", "titles": "titles"}


def _plugins() -> Iterator[Sample]:
    for version, python, packages in (
        ("7.4", "3.9", ("pytest==7.4.4", "pytest-xdist==3.3.1")),
        ("9.0", "3.13", ("pytest==9.0.1", "pytest-xdist==3.8.0")),
    ):
        yield Sample(
            name=f"pytest/xdist@{version}", project="suite", python=python, packages=packages, command=f"{_SUITE} -n 2"
        )
        yield Sample(
            name=f"pytest/xdist_crash@{version}",
            project="crashing",
            python=python,
            packages=packages,
            command="{python} -m pytest -p no:cacheprovider -n 1",
        )
    yield Sample(
        name="pytest/crash@9.0",
        project="crashing",
        python="3.13",
        packages=("pytest==9.0.1",),
        command="{python} -m pytest -p no:cacheprovider; echo status $?",
    )
    yield Sample(
        name="pytest/subtests@9.0",
        project="subtests",
        python="3.13",
        packages=("pytest==9.0.1",),
        command="{python} -m pytest -p no:cacheprovider",
    )
    yield Sample(
        name="pytest/subtests@8.3",
        project="subtests",
        python="3.11",
        packages=("pytest==8.3.4", "pytest-subtests==0.14.1"),
        command="{python} -m pytest -p no:cacheprovider",
    )
    for style in ("auto", "short", "native"):
        yield Sample(
            name=f"pytest/grouped_{style}@9.0",
            project="grouped",
            python="3.13",
            packages=("pytest==9.0.1",),
            command=f"{{python}} -m pytest -p no:cacheprovider --tb={style}",
        )
    for version, hypothesis in (("8.3", "6.100.0"), ("9.0", "6.148.0")):
        yield Sample(
            name=f"hypothesis/pytest@{hypothesis}",
            project="hypotheses",
            python="3.11",
            packages=(f"pytest=={version}.{'4' if version == '8.3' else '1'}", f"hypothesis=={hypothesis}"),
            command="{python} -m pytest -p no:cacheprovider",
        )
    yield from _artifacts()


def _artifacts() -> Iterator[Sample]:
    """The files that the suite's run leaves."""
    for version in ("5.4", "7.4", "9.0"):
        python, packages = VERSIONS[version]
        for family in ("xunit1", "xunit2"):
            yield Sample(
                name=f"artifacts/junit_{family}@{version}",
                project="suite",
                python=python,
                packages=packages,
                command=f"{_SUITE} -o junit_family={family} --junitxml=out.xml",
                keep="out.xml",
                ending="xml",
            )
    python, packages = VERSIONS["8.3"]
    for scenario, wanted, option, ending in (
        ("reportlog", "pytest-reportlog==0.4.0", "--report-log=out", "jsonl"),
        ("jsonreport", "pytest-json-report==1.5.0", "--json-report --json-report-file=out", "json"),
    ):
        for target in ("tests/test_stock.py", "tests"):
            yield Sample(
                name=f"artifacts/{scenario}{'_collecting' if target == 'tests' else ''}@8.3",
                project="suite",
                python=python,
                packages=(*packages, wanted),
                command=f"{{python}} -m pytest {target} -p no:cacheprovider {option}",
                keep="out",
                ending=ending,
            )
