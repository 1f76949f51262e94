"""What interpreters print by themselves."""

from __future__ import annotations

from collections.abc import Iterator

from tools.regenerate.sample import Sample

EVERY = ("2.7", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "pypy3.9")
FROM_3 = EVERY[1:]
FROM_3_11 = ("3.11", "3.12", "3.13")
SOME = ("2.7", "3.8", "3.13", "pypy3.9")

_SCRIPTS = {
    "plain": EVERY,
    "custom": EVERY,
    "context": EVERY,
    "chained": FROM_3,
    "recursion": ("2.7", "3.6", "3.11", "3.13", "pypy3.9"),
    "assertion": SOME,
    "syntax_import": EVERY,
    "broken_module": EVERY,
    "multiline": SOME,
    "string.exec": SOME,
    "missing": EVERY,
    "thread": EVERY,
    "unraisable": ("2.7", "3.6", "3.8", "3.13"),
    "logged": ("2.7", "3.11"),
    "group": FROM_3_11,
    "notes": FROM_3_11,
    "suggestion": ("3.8", "3.10", "3.12", "3.13"),
    "suggestion_import": ("3.8", "3.12", "3.13"),
    "pool": ("2.7", "3.8", "3.13"),
    "futures": ("3.8", "3.13"),
    "never_retrieved": ("3.8", "3.13"),
    "task_group": FROM_3_11,
    "nested_message": ("3.8", "3.13"),
    "zipped": ("2.7", "3.12"),
    "exit_message": ("3.11",),
    "caret_lines": ("3.10", "3.11", "3.12", "3.13"),
}


def samples() -> Iterator[Sample]:
    """A sample a script and interpreter."""
    for script, versions in _SCRIPTS.items():
        for version in versions:
            yield Sample(
                name=f"cpython/{script}@{version}",
                project="scripts",
                python=version,
                command=_command(script),
            )
    yield Sample(
        name="cpython/group_backport@3.9",
        project="scripts",
        python="3.9",
        packages=("exceptiongroup==1.2.2",),
        command="{python} group_backport.py",
    )
    for script in ("plain", "chained", "group"):
        yield Sample(
            name=f"cpython/coloured_{script}@3.13",
            project="scripts",
            python="3.13",
            command=f"{{python}} {script}.py",
            env={"FORCE_COLOR": "1", "TERM": "xterm"},
        )
    yield from _crashes()
    yield from _newest()


def _command(script: str) -> str:
    # as GitLab says it: how the job ended tells a handled traceback from the one that ended it
    ended = " && echo 'Job succeeded'" if script == "logged" else ""
    return f"{{python}} -B {script}.py{ended}"


def _crashes() -> Iterator[Sample]:
    for version in ("3.6", "3.9", "3.12", "3.13"):
        for script in ("segfault", "aborted"):
            yield Sample(
                name=f"faulthandler/{script}@{version}",
                project="scripts",
                python=version,
                command=f"{{python}} -X faulthandler {script}.py",
            )
        yield Sample(
            name=f"faulthandler/timeout@{version}",
            project="scripts",
            python=version,
            command="{python} timeout.py",
        )
    for script in ("segfault", "aborted", "killed"):
        yield Sample(
            name=f"faulthandler/plain_{script}@3.11",
            project="scripts",
            python="3.11",
            command=f"set -x\n{{python}} {script}.py\necho status $?",
        )


def _newest() -> Iterator[Sample]:
    """CPython 3.14, which comes in Pyodide's package: needs Node, and `pyodide` in the folder `npm`."""
    for script in (
        "plain",
        "context",
        "chained",
        "syntax_import",
        "group",
        "notes",
        "suggestion",
        "missing",
        "recursion",
    ):
        yield Sample(
            name=f"cpython/{script}@3.14",
            project="scripts",
            python="3.13",
            command=f"node {{tool}}/pyodide.mjs {script}.py",
        )
