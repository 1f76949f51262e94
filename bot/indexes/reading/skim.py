"""A file that this interpreter's parser refuses (Python 2, a template): names found line by line."""

from __future__ import annotations

import re

from bot.indexes.reading.symbols import ModuleSource, Symbol
from bot.patterns import pattern

DEFINITION = pattern(r"^(?P<indent>[ \t]*)(?:async[ ]+)?(?P<kind>class|def)[ ]+(?P<name>\w+)(?P<rest>.*)$")
ASSIGNED = pattern(r"^(?P<name>[A-Za-z_]\w*)[ ]*(?::[^=]+)?=[^=]")
FROM = pattern(r"^from[ ]+(?P<module>[.\w]+)[ ]+import[ ]+(?P<names>.+)$")
IMPORT = pattern(r"^import[ ]+(?P<module>[.\w]+)(?:[ ]+as[ ]+(?P<alias>\w+))?")
CYTHON = pattern(r"^(?P<indent>[ \t]*)(?:cpdef[ ]+(?:inline[ ]+)?(?:[\w.*\[\], ]+[ ])?|cdef[ ]+(?=class\b))")
WORD = pattern(r"[A-Za-z_]\w*")


def skim(data: bytes) -> ModuleSource:
    """What can be told without parsing; `words` says what it surely does not hold."""
    text = data.decode("utf-8", "replace")
    module = ModuleSource(partial=True, words=sorted(set(WORD.findall(text))))
    inside: Symbol | None = None
    for number, line in enumerate(_joined(text), 1):
        match = DEFINITION.match(line)
        if match and not match["indent"]:
            symbol = _definition(match, number)
            module.names[match["name"]] = symbol
            inside = symbol if match["kind"] == "class" else None
        elif match and inside is not None:
            inside.members.setdefault(match["name"], _definition(match, number))
        elif not match:
            _plain(line, number, module)
    return module


def _joined(text: str) -> list[str]:
    """Lines, with those that a bracket leaves open joined to the next; an emptied line keeps the count."""
    out: list[str] = []
    for line in text.splitlines():
        if out and out[-1].lstrip().startswith(("from ", "def ", "class ")) and out[-1].count("(") > out[-1].count(")"):
            out[-1] += f" {line.strip()}"
        else:
            out.append(line)
    return out


def _definition(match: re.Match[str], number: int) -> Symbol:
    if match["kind"] == "class":
        bases = re.match(r"\s*\(([^)]*)\)", match["rest"])
        names = [part.strip() for part in bases[1].split(",")] if bases else []
        return Symbol("class", number, bases=[name if re.fullmatch(r"[\w.]+", name) else "?" for name in names if name])
    inner = re.match(r"\s*\((.*)\)\s*(?:->.*)?:", match["rest"])
    symbol = Symbol("def", number, extra=inner is None)
    for part in inner[1].split(",") if inner else ():
        name = re.match(r"\s*(\*{0,2})(\w+)", part)
        if name and name[1] == "**":
            symbol.extra = True
        elif name and not name[1]:
            symbol.params.append(name[2])
    return symbol


def _plain(line: str, number: int, module: ModuleSource) -> None:
    """Imports and assignments at the margin."""
    if match := FROM.match(line):
        for part in match["names"].split("#")[0].strip("() \\").split(","):
            words = part.split()
            if words == ["*"]:
                module.stars.append(match["module"])
            elif words:
                module.names[words[-1]] = Symbol("import", number, module=match["module"], name=words[0])
    elif match := IMPORT.match(line):
        first = match["module"].partition(".")[0]
        module.names[match["alias"] or first] = Symbol(
            "import", number, module=match["module"] if match["alias"] else first
        )
    elif match := ASSIGNED.match(line):
        module.names.setdefault(match["name"], Symbol("value", number))


def skim_cython(data: bytes) -> ModuleSource:
    """A Cython module: `def`, `cpdef` and classes can be reached from Python, the rest of `cdef` can't."""
    lines = data.decode("utf-8", "replace").splitlines()
    python = [CYTHON.sub(_as_python, line) for line in lines]
    module = skim("\n".join(python).encode())
    module.words = []
    module.made = any(re.match(r"""^include[ ]+["']""", line) for line in lines)
    return module


def _as_python(match: re.Match[str]) -> str:
    """The beginning of a line as plain Python would have it."""
    return f"{match['indent']}def " if match[0].lstrip().startswith("cpdef") else match["indent"]
