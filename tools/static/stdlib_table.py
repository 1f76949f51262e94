"""Write `bot/classify/data/stdlib.json` and `stdlib_lines.bin`: how the standard library differs between its series.

    python tools/static/stdlib_table.py ~/.pyenv/versions/*/bin/python

Each interpreter is asked in a process of its own for its modules and their names (by importing its own standard
library, nothing else); the source files are read for the lines that are new in a series. The series after the newest
interpreter given is taken from typeshed, as `typeshed_client` packs it. Origin of the data: CPython itself (PSF-2.0)
and typeshed (Apache-2.0); only names and hashes are kept.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

OUT = Path(__file__).resolve().parents[2] / "bot" / "classify" / "data"

PROBE = r"""
import sys, os, json, pkgutil, warnings, inspect
warnings.simplefilter("ignore")
SKIP = ("test", "idlelib", "antigravity", "this", "turtledemo", "lib2to3.tests", "ensurepip", "tkinter", "turtle",
        "distutils.tests", "unittest.test", "ctypes.test", "sqlite3.test", "json.tests", "email.test", "__phello__",
        "bsddb.test", "pip", "setuptools", "pkg_resources", "easy_install", "_pytest", "site-packages", "lib-tk")
lib = os.path.dirname(os.__file__)
names = set(sys.builtin_module_names)
paths = [lib, os.path.join(lib, "lib-dynload")]
for info in pkgutil.walk_packages(paths, onerror=lambda name: None):
    name = info[1]
    if not any(name == skip or name.startswith(skip + ".") for skip in SKIP) and not name.endswith("__main__"):
        names.add(name)
names.add("os.path")
more = json.load(open(sys.argv[2])) if len(sys.argv) > 2 else {}
NOISE = ("__firstlineno__", "__static_attributes__", "__annotate_func__", "__annotations_cache__", "__module__")
table = {}
devnull = open(os.devnull, "w")
sys.stdout = devnull
for name in sorted(names):
    try:
        module = __import__(name, fromlist=["_"])
    except BaseException:
        table[name] = None
        continue
    row = {}
    for attribute in sorted(set(dir(module)) | set(a for a in more.get(name, ()) if hasattr(module, a))):
        if attribute.startswith("__") and attribute.endswith("__"):
            continue
        value = getattr(module, attribute, None)
        if inspect.isclass(value) and getattr(value, "__module__", None) in (name, "builtins" if name == "builtins" else name):
            row[attribute] = sorted(a for a in dir(value) if a not in dir(object) and a not in NOISE) + ["<" + b.__name__ for b in getattr(value, "__mro__", ())[1:-1]]
        else:
            row[attribute] = None
    table[name] = row
with open(sys.argv[1], "w") as out:
    json.dump({"version": "%d.%d" % sys.version_info[:2], "lib": lib, "modules": table}, out)
"""


def asked(python: str, more: dict[str, list[str]] | None = None) -> dict[str, object]:
    """What an interpreter says of its standard library; names in `more` are tried too, since modules that give a name
    through `__getattr__` (a deprecated one, say) do not list it.
    """
    with tempfile.NamedTemporaryFile(suffix=".json") as file, tempfile.NamedTemporaryFile("w", suffix=".json") as extra:
        json.dump(more or {}, extra)
        extra.flush()
        subprocess.run(
            [python, "-E", "-s", "-c", PROBE, file.name, extra.name], check=False, timeout=600, stderr=subprocess.PIPE
        )
        return json.loads(Path(file.name).read_text(encoding="utf-8"))


def from_typeshed(newest: dict[str, object], series: tuple[int, int]) -> dict[str, object]:
    """The next series: the newest interpreter's table, less and plus what typeshed says of the two."""
    from typeshed_client import get_search_context, get_stub_names  # noqa: F401

    earlier = get_search_context(version=(series[0], series[1] - 1))
    later = get_search_context(version=series)
    modules = {}
    for name, names in newest["modules"].items():
        before, after = _stub(name, earlier), _stub(name, later)
        if before is not None and after is None:
            continue
        if names is None or before is None or after is None:
            modules[name] = names
            continue
        row = {key: value for key, value in names.items() if key not in before or key in after}
        row.update({key: None for key in after if key not in before})
        modules[name] = row
    return {"version": "{}.{}".format(*series), "lib": None, "modules": modules}


def _stub(name: str, context: object) -> set[str] | None:
    from typeshed_client import get_stub_names

    try:
        found = get_stub_names(name, search_context=context)
    except Exception:  # noqa: BLE001 - a stub that can't be parsed says nothing
        return None
    return set(found) if found is not None else None


def spans(tables: list[dict[str, object]]) -> dict[str, object]:
    """Modules and names as indexes into the list of series: [first, last] where they are not in all."""
    series = [table["version"] for table in tables]
    modules: dict[str, list[int]] = {}
    for index, table in enumerate(tables):
        for name in table["modules"]:
            modules.setdefault(name, []).append(index)
    names: dict[str, dict[str, list[int]]] = {}
    classes: dict[str, list[str]] = {}
    for module, where in modules.items():
        seen: dict[str, list[int]] = {}
        usable = [index for index in where if tables[index]["modules"][module] is not None]
        for index in usable:
            for name, members in tables[index]["modules"][module].items():
                seen.setdefault(name, []).append(index)
                if members is not None:
                    if module not in classes.setdefault(name, []):
                        classes[name].append(module)
                    for member in members:
                        seen.setdefault(f"{name}.{member}", []).append(index)
        for name, present in seen.items():
            owner = seen.get(name.split(".", 1)[0], [])
            if present != ([i for i in usable if i in owner] if "." in name else usable):
                names.setdefault(module, {})[name] = present
    return {
        "series": series,
        "modules": {name: where if len(where) < len(series) else [] for name, where in sorted(modules.items())},
        "names": {module: dict(sorted(rows.items())) for module, rows in sorted(names.items())},
        "classes": {
            name: where
            for name, where in sorted(classes.items())
            if any(not module.startswith("_") for module in where) or name.startswith("_") is False
        },
    }


def lines_of(lib: str) -> dict[tuple[str, str], None]:
    """(file, stripped line) of a standard library's own sources."""
    root = Path(lib)
    seen = {}
    for file in sorted(root.rglob("*.py")):
        path = file.relative_to(root).as_posix()
        if (
            path.startswith(
                ("site-packages/", "test/", "idlelib/", "lib2to3/", "turtledemo/", "ensurepip/", "pydoc_data/")
            )
            or "/test" in path
        ):
            continue
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            text = line.strip()
            if len(text) > 3 and not text.startswith("#"):
                seen[path, text] = None
    return seen


def by_lines(table: dict) -> str:
    """The table as JSON that is read by rows: each member of `names` and `classes` has a line of its own."""

    def packed(value: object) -> str:
        return json.dumps(value, separators=(",", ":"), sort_keys=True)

    members = [f'"{section}":{packed(table[section])}' for section in ("series", "modules")]
    for section in ("classes", "names"):
        rows = ",\n".join(f"{packed(key)}:{packed(table[section][key])}" for key in sorted(table[section]))
        members.append(f'"{section}":{{\n{rows}\n}}')
    return "{\n" + ",\n".join(members) + "\n}\n"


def main() -> int:
    """Write both files."""
    union: dict[str, set[str]] = {}
    for table in map(asked, sys.argv[1:]):
        for module, names in table["modules"].items():
            union.setdefault(module, set()).update(names or ())
    listed = {module: sorted(names) for module, names in union.items()}
    tables = sorted(
        (asked(python, listed) for python in sys.argv[1:]),
        key=lambda table: tuple(map(int, table["version"].split("."))),
    )
    major, minor = map(int, tables[-1]["version"].split("."))
    tables.append(from_typeshed(tables[-1], (major, minor + 1)))
    OUT.mkdir(parents=True, exist_ok=True)
    packed = by_lines(spans(tables))
    (OUT / "stdlib.json").write_text(packed, encoding="utf-8")

    blob = bytearray()
    index = []
    before = lines_of(tables[0]["lib"])
    for table in tables[1:-1]:
        now = lines_of(table["lib"])
        new = sorted({zlib.crc32(f"{path}\0{text}".encode()) for path, text in now if (path, text) not in before})
        index.append([table["version"], len(blob) // 4, len(new)])
        for number in new:
            blob += number.to_bytes(4, "little")
        before = now
    head = json.dumps(index).encode()
    (OUT / "stdlib_lines.bin").write_bytes(len(head).to_bytes(4, "little") + head + bytes(blob))
    print(f"{len(packed)} bytes of names, {len(blob)} bytes of lines, series {[t['version'] for t in tables]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
