"""What runners print in less usual circumstances: odd ids, odd messages, options, plug-ins, wrappers."""

from __future__ import annotations

from collections.abc import Iterator

from tools.regenerate.sample import Sample

_PYTESTS = {
    "3.10": ("3.6", ("pytest==3.10.1",)),
    "5.0": ("3.7", ("pytest==5.0.1",)),
    "6.0": ("3.8", ("pytest==6.0.2",)),
    "7.0": ("3.9", ("pytest==7.0.1",)),
    "8.0": ("3.11", ("pytest==8.0.2",)),
    "9.2": ("3.13", ("pytest==9.2.0",)),
}
_UNUSUAL = {
    "auto": ("-rA", ("3.10", "6.0", "8.0", "9.2")),
    "locals": ("--tb=long --showlocals -vv", ("5.0", "7.0", "9.2")),
    "short": ("--tb=short -ra", ("3.10", "7.0", "9.2")),
    "native": ("--tb=native -v", ("6.0", "9.2")),
    "uncaptured": ("-s --tb=auto -k 'not pretends'", ("8.0",)),
    "full": ("--full-trace --tb=short -k 'three or deep or Class'", ("9.2",)),
    "line": ("--tb=line -q -rf", ("5.0", "9.2")),
    "coloured": ("--color=yes -v --code-highlight=yes", ("9.2",)),
}


def samples() -> Iterator[Sample]:
    """By runner."""
    for style, (options, versions) in _UNUSUAL.items():
        for version in versions:
            python, packages = _PYTESTS[version]
            yield Sample(
                name=f"pytest/unusual_{style}@{version}",
                project="unusual",
                python=python,
                packages=packages,
                command=f"{{python}} -m pytest -p no:cacheprovider {options}",
            )
