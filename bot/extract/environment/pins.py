"""`name==version` wherever it stands by itself: `pip freeze`, uv's lists, tox's lines, echoed requirements.

uv prints what it did as ` + x==2`, ` - x==1` (gone), ` ~ x==1` (put there again). A freeze prints bare pins, tox
joins them with commas. A pin with a hash, a marker or a backslash is a requirement that somebody echoed, and so is
a bare one, unless a freeze was announced shortly before: then it is what is installed.
"""

from __future__ import annotations

import re

from bot.extract.environment.ledger import Ledger, Rank
from bot.extract.environment.names import NAME, distribution, from_file, is_version
from bot.extract.environment.statement import Rule, Said, Session, Table
from bot.extract.prefixes import unstamped
from bot.model import DistributionName
from bot.patterns import pattern

_PIN = pattern(
    rf"(?P<lead>\s*(?:[+~-] )?)(?P<name>{NAME})(?:\[[\w,.-]+\])?===?(?P<version>[\w.!+-]+)(?P<rest>.*)", re.ASCII
)
_UV = pattern(r"(?P<mark>[+~-]) $")
_FROM = pattern(r" \(from (\S+)\)$")
_LABEL = pattern(r"(?:\[\S+\] |\S+ \| )?(?P<env>[\w.,+-]+): (?:freeze: )?(?=\S+(?:==| @ ))")
NEAR = 60
"""Lines after the announcement of a freeze in which bare pins are its output, counted anew at each pin."""


def _source(rest: str) -> str | None:
    found = _FROM.match(rest)
    return found[1] if found else None


def pin(ledger: Ledger, session: Session, line: int, text: str) -> None:
    """A line that may be or hold pins."""
    found = _PIN.fullmatch(text) if "," not in text else None
    if found is None or not is_version(found["version"]):
        _listed(ledger, session, line, text)
        return
    name = distribution(found["name"])
    if name is None:
        return
    named, rest = (name, found["version"]), found["rest"]
    mark = _UV.search(found["lead"])
    if mark is not None:
        _changed(ledger, mark["mark"], named, line, _source(rest))
    elif not rest.strip():
        _bare(ledger, session, named, line)
    elif re.match(r"\s*(?:;|#|\\|--hash)", rest):
        ledger.say(named, line, "requirement", Rank.NAMED)


def _changed(ledger: Ledger, mark: str, named: tuple[DistributionName, str], line: int, url: str | None) -> None:
    if mark == "-":
        if ledger.version(named[0]) == named[1]:
            ledger.withdraw(named[0], line)
    else:
        ledger.say(named, line, "uv", url=url)


def _bare(ledger: Ledger, session: Session, named: tuple[DistributionName, str], line: int) -> None:
    announced = 0 <= line - session.freeze_line <= NEAR
    if announced:
        session.freeze_line = line
    ledger.say(named, line, "freeze", Rank.INSTALLED if announced else Rank.LISTED)


def _listed(ledger: Ledger, session: Session, line: int, text: str) -> None:
    """One line an environment, of tox: `py311: a==1,b==2`."""
    label = _LABEL.match(text)
    if label is None or " " in text[label.end() :].split(",", maxsplit=1)[0]:
        return
    announced = 0 <= line - session.freeze_line <= NEAR
    rank = Rank.INSTALLED if announced or text.count("==") > 2 else Rank.LISTED
    _comma_list(ledger, text[label.end() :], line, Rank.BUILT_WITH if _packaging(label["env"]) else rank)


def _packaging(env: str) -> bool:
    """Whether a tox environment is the one that builds the package."""
    return env.startswith(".")


def _comma_list(ledger: Ledger, text: str, line: int, rank: Rank) -> None:
    local: str | None = None
    for item in text.split(","):
        editable = re.search(r"# Editable .*\(([^=\s]+)==([^)\s]+)\)", item)
        found = editable or re.fullmatch(rf"\s*({NAME})===?(\S+)\s*", item, re.ASCII)
        if found is not None:
            name = distribution(found[1])
            if name is not None and is_version(found[2]):
                ledger.say((name, found[2]), line, "tox", rank, url="file:" if editable else None)
        else:
            local = _direct(ledger, item.strip()) or local


def _direct(ledger: Ledger, text: str) -> str | None:
    """`demo @ file:///w` or `-e …#egg=demo`: what is known of it comes from there."""
    found = re.match(rf"({NAME}) @ (\S+)", text, re.ASCII)
    name = distribution(found[1]) if found else None
    if found is None or name is None or not found[2].startswith("file:"):
        return None
    ledger.call_local(name)
    return name


def _announced(_ledger: Ledger, session: Session, said: Said) -> Table:
    session.freeze_line = said.line
    return _Freeze(session)


class _Freeze:
    """The pins below an announced freeze, whatever stands between the announcement and the first one."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._left = NEAR
        self._begun = False

    def row(self, ledger: Ledger, line: int, text: str) -> bool:
        """Take a line."""
        text = unstamped(text).rstrip()
        if "# Editable" in text and (said := _within(line, text, "# Editable ")) is not None:
            _editable(ledger, self._session, said)
        elif " @ " in text and (said := _within(line, text, " @ ")) is not None:
            at_url(ledger, self._session, said)
        elif "==" in text:
            pin(ledger, self._session, line, text)
            self._begun = True
        elif self._begun and not text.startswith("-e "):
            return False
        else:
            self._left -= 1
        return self._left > 0


class _Pins:
    """Where a freeze ends."""

    def end(self, window: bytes, at: int) -> int:
        """Where the last pin's line ends."""
        found = _FREEZE.match(window, at)
        return at if found is None or found.end() == at else found.end() - window.endswith(b"\n", at, found.end())


BELOW = _Pins()
_FREEZE = pattern(rb"(?:(?![^\n]*==)[^\n]*\n){0,%d}(?:\Z|(?:[^\n]*(?:==| @ |# Editable|-e )[^\n]*(?:\n|\Z))+)" % NEAR)
ANNOUNCEMENTS = ("pip freeze", "pip list --format=freeze", "pip list --format freeze")


def _within(line: int, text: str, key: str) -> Said | None:
    at = text.find(key)
    return Said(line, text, key, at) if at >= 0 else None


def _tox_installed(ledger: Ledger, _session: Session, said: Said) -> None:
    """The line of tox 3, `py39 installed: a==1,b==2`, and pipdeptree's `b [required: >=1, installed: 2]`."""
    tree = re.search(rf"({NAME}) \[required: [^\]]*$", said.before, re.ASCII)
    if tree is None:
        _comma_list(ledger, said.rest, said.line, Rank.INSTALLED)
        return
    name, version = distribution(tree[1]), said.rest.split("]")[0]
    if name is not None and is_version(version):
        ledger.say((name, version), said.line, "list")


def _editable(ledger: Ledger, session: Session, said: Said) -> None:
    """`# Editable install with no version control (demo==0.1)`, which a freeze prints before `-e /w/demo`."""
    found = re.search(rf"\(({NAME})==(\S+)\)", said.rest, re.ASCII)
    name = distribution(found[1]) if found else None
    if found is not None and name is not None and is_version(found[2]):
        ledger.say((name, found[2]), said.line, "freeze", url="file:")
        session.freeze_line = said.line


def at_url(ledger: Ledger, session: Session, said: Said) -> None:
    """A freeze's `x @ git+https://…@sha`, uv's `Built demo @ file:///w/demo` and `+ demo @ file:///w`."""
    before = said.before.rsplit(" ", 1)[-1]
    name = distribution(before)
    url = said.key[3:] + said.rest.split(" ")[0].split(",")[0].rstrip(")")
    if name is None:
        return
    named = from_file(url)
    version = named[1] if named is not None and named[0] == name else ledger.version(name)
    if version is not None:
        ledger.say(
            (name, version), said.line, "freeze", Rank.NAMED if "Collecting" in said.before else Rank.LISTED, url=url
        )
    if url.startswith("file:"):
        session.urls.setdefault(name, url)
        ledger.call_local(name)


def _tox_package(ledger: Ledger, _session: Session, said: Said) -> None:
    """The archive that tox built of the checkout: `…/.tox/.tmp/package/1/demo-0.1.tar.gz`."""
    named = from_file(re.split(r"[\s,'\"]", said.rest.strip())[0])
    if named is not None:
        ledger.say(named, said.line, "tox", url="file:")


RULES = (
    Rule(" installed: ", _tox_installed),
    Rule("# Editable install", _editable),
    Rule("# Editable Git install", _editable),
    *(Rule(key, _announced) for key in ANNOUNCEMENTS),
    Rule("/.tox/.tmp/package/", _tox_package),
    Rule("/.tox/dist/", _tox_package),
    Rule(" @ file:", at_url),
    Rule(" @ git+", at_url),
    Rule(" @ hg+", at_url),
    Rule(" @ https:", at_url),
)
DIGITS = tuple(f"=={digit}" for digit in range(10))
"""What a pin has and a rule of equals signs has not."""
