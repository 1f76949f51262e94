"""Which interpreter, on which platform: banners of test runners, set-up steps, environments' makers."""

from __future__ import annotations

import re

from msgspec import Struct

from bot.extract.environment.ledger import Ledger, Rank
from bot.extract.environment.names import Named, distribution, is_version
from bot.extract.environment.statement import Rule, Said, Session
from bot.model import normalized
from bot.patterns import pattern

_NUMBER = r"\d\.\d{1,2}(?:\.\d{1,2})?(?:(?:a|b|rc)\d+)?\+?"
_VERSION = pattern(_NUMBER)


def _pytest(ledger: Ledger, _session: Session, said: Said) -> None:
    """`platform linux -- Python 3.11.7, pytest-8.3.4, pluggy-1.5.0 -- /usr/bin/python3`, PyPy's with brackets."""
    found = re.match(rf"(\w+) -- Python ({_NUMBER})(\[pypy-[^\]]*\])?((?:, [\w.-]+)*)", said.rest)
    if found is None:
        return
    ledger.platform(found[1])
    ledger.python(("pypy" if found[3] else "") + found[2].rstrip("+"), said.line)
    for item in filter(None, found[4].split(", ")):
        name, _, version = item.rpartition("-")
        known = distribution(name)
        if known is not None and known in {"pytest", "pluggy", "py"} and is_version(version):
            ledger.say((known, version), said.line, "pytest", Rank.LISTED)


def _plugins(_ledger: Ledger, session: Session, said: Said) -> None:
    """`plugins: xdist-3.5.0, anyio-4.2.0`, in which pytest leaves out the `pytest-` that most of their names begin with."""
    if said.before.strip() and not said.before.endswith((" ", "|")):
        return
    if any(map(_plugin, said.rest.split(","))):
        session.plugins.append((said.line, said.rest))


def _plugin(item: str) -> Named | None:
    short, _, version = item.strip().rpartition("-")
    known = distribution(short)
    return (known, version) if known is not None and is_version(version) else None


def name_plugins(ledger: Ledger, session: Session) -> None:
    """Say which plug-ins pytest has, once it is known what is installed.

    Both `pytest-x` and `x` are printed as `x`: the one counts that is known to be there, best in this version.
    """
    for line, text in session.plugins:
        for short, version in filter(None, map(_plugin, text.split(","))):
            whole = normalized(f"pytest-{short}")
            bare = short.startswith("pytest") or (ledger.version(whole) is None and ledger.version(short) == version)
            ledger.say((short if bare else whole, version), line, "pytest", Rank.NAMED)


def _python(ledger: Ledger, _session: Session, said: Said) -> None:
    """`Python 3.11.7` by itself, as `python --version` prints it, or with its build after it."""
    found = re.match(rf"({_NUMBER})(?=$|\s*$| \(| ::| \|)", said.rest)
    if found is None or (
        said.before.strip(" |>$:\t") not in {"", "Version", "python"} and not said.before.endswith("| ")
    ):
        return
    pypy = "[PyPy" in said.rest
    ledger.python(("pypy" if pypy else "") + found[1].rstrip("+"), said.line)


def _build_line(ledger: Ledger, _session: Session, said: Said) -> None:
    """`sys.version`: `3.11.7 (main, Dec  4 2023, 18:10:11) [GCC 12.2.0]`."""
    found = re.search(rf"(?:^|\s|Python )({_NUMBER}) \([\w/:.]+, [^)]*\) *$", said.before)
    if found is not None:
        pypy = said.key.startswith("[PyPy")
        ledger.python(("pypy" if pypy else "") + found[1].rstrip("+"), said.line, Rank.LISTED)


def _set_up(ledger: Ledger, _session: Session, said: Said) -> None:
    """Actions' `Successfully set up CPython (3.11.7)`, `… PyPy 7.3.16 with Python (3.10.14)`."""
    found = re.search(rf"(?:\(|Python )({_NUMBER})", said.rest)
    if found is not None:
        ledger.python(("pypy" if "PyPy" in said.rest[:8] else "") + found[1], said.line)


def _location(ledger: Ledger, _session: Session, said: Said) -> None:
    """`pythonLocation: /opt/hostedtoolcache/Python/3.11.7/x64`."""
    found = re.search(rf"[/\\](Python|PyPy)[/\\]({_NUMBER})(?:[/\\]|$)", said.rest)
    if found is not None:
        ledger.python(("pypy" if found[1] == "PyPy" else "") + found[2], said.line)


def _named_interpreter(ledger: Ledger, _session: Session, said: Said) -> None:
    """What uv says: `Using CPython 3.12.1 interpreter at: …`, `Using Python 3.11.7 environment at: …`."""
    found = re.match(rf"(CPython|Python|PyPy) ({_NUMBER})", said.rest)
    if found is not None:
        ledger.python(("pypy" if found[1] == "PyPy" else "") + found[2], said.line)


def _virtualenv(ledger: Ledger, _session: Session, said: Said) -> None:
    """What virtualenv says: `created virtual environment CPython3.11.7.final.0-64 in 180ms`."""
    found = re.match(r"(CPython|PyPy)(\d\.\d+\.\d+)\.", said.rest)
    if found is not None:
        ledger.python(("pypy" if found[1] == "PyPy" else "") + found[2], said.line)


def _image(ledger: Ledger, _session: Session, said: Said) -> None:
    """Actions' `Image: ubuntu-24.04`, which says the platform where no runner does."""
    found = re.match(r"(ubuntu|macos|windows)", said.rest)
    if found is not None and not said.before.strip():
        ledger.platform({"ubuntu": "linux", "macos": "darwin", "windows": "win32"}[found[1]], Rank.NAMED)


class Path(Struct, frozen=True):
    """What a file's path says of the interpreter: `…/lib/python3.11/site-packages/…`."""

    python: str | None = None
    platform: str | None = None


_LIB = pattern(r"[/\\](?:lib|lib64|Lib)[/\\](python|pypy)(\d\.\d{1,2})[/\\]")


def of_path(path: str) -> Path:
    """The interpreter and platform that a frame's path gives away."""
    found = _LIB.search(path)
    windows = re.match(r"[A-Za-z]:\\", path)
    platform = "win32" if windows else None
    if found is not None:
        return Path(python=("pypy" if found[1] == "pypy" else "") + found[2], platform=platform)
    return Path(platform=platform)


RULES = (
    Rule("platform ", _pytest),
    Rule("plugins: ", _plugins),
    Rule("Python 3.", lambda ledger, session, said: _python(ledger, session, _from(said, "Python "))),
    Rule("Python 2.", lambda ledger, session, said: _python(ledger, session, _from(said, "Python "))),
    Rule("[GCC ", _build_line),
    Rule("[Clang ", _build_line),
    Rule("[MSC v", _build_line),
    Rule("[PyPy ", _build_line),
    Rule("Successfully set up ", _set_up),
    Rule("pythonLocation: ", _location),
    Rule("Using CPython ", lambda ledger, session, said: _named_interpreter(ledger, session, _from(said, "Using "))),
    Rule("Using Python ", lambda ledger, session, said: _named_interpreter(ledger, session, _from(said, "Using "))),
    Rule("Using PyPy ", lambda ledger, session, said: _named_interpreter(ledger, session, _from(said, "Using "))),
    Rule("created virtual environment ", _virtualenv),
    Rule("Image: ", _image),
)


def _from(said: Said, key: str) -> Said:
    """The same line, read from the end of a shorter key."""
    return Said(said.line, said.text, key, said.at)


def means(rule: Rule, said: Said) -> bool:
    """Whether a line says anything by a rule, and does not only have its literal."""
    trial, session = Ledger(), Session()
    rule.tell(trial, session, said)
    return trial.said or bool(session.plugins)
