"""`python -m bench`: all benchmarks; `python -m bench NAME [options]`: one of them."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Sequence
from types import ModuleType

import bench


def modules() -> dict[str, ModuleType]:
    """The benchmarks by name: the package's modules that have a `run`."""
    names = sorted(info.name for info in pkgutil.iter_modules(bench.__path__) if not info.name.startswith("_"))
    found = {name: importlib.import_module(f"bench.{name}") for name in names if name != "scorer"}
    return {name: module for name, module in found.items() if hasattr(module, "run")}


def main(argv: Sequence[str]) -> int:
    """Run what is named, or everything; the worst exit status."""
    known = modules()
    name, *options = argv or [""]
    if name and name not in known:
        print(f"no benchmark {name!r}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    code = 0
    for one in [name] if name else known:
        print(f"# {one}", flush=True)
        code = max(code, int(known[one].run(options) or 0))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
