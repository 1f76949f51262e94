"""What pip says while it installs, from pip 1 to today, and what setuptools says."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.extract.environment.interpreter import of_path
from bot.extract.environment.ledger import Ledger, Rank
from bot.extract.environment.names import (
    Named,
    distribution,
    from_file,
    hyphenated,
    is_version,
    python_tag,
    requirement,
)
from bot.extract.environment.statement import Rule, Said, Session
from bot.model import DistributionName


def _rank(session: Session, said: Said, rank: Rank) -> Rank:
    """A statement's rank, lowered where it is said inside an isolated build."""
    if not session.build_indent:
        return rank
    if said.indent >= session.build_indent:
        return Rank.BUILT_WITH
    session.build_indent = 0
    return rank


def _subprocess(_ledger: Ledger, session: Session, said: Said) -> None:
    if said.indent and "pip" in said.rest and "install" in said.rest:
        session.build_indent = said.indent


def _installed(ledger: Ledger, session: Session, said: Said) -> None:
    found = _tokens(said.rest)
    rank = _rank(session, said, Rank.INSTALLED)
    if rank is Rank.BUILT_WITH:
        for named in found:
            ledger.say(named, said.line, "pip", rank)
        return
    origins = _origins(session, [name for name, _ in found])
    for named in found:
        ledger.say(named, said.line, "pip", rank, url=origins.get(named[0]))
    session.sources.clear()
    session.urls.clear()


@lru_cache(maxsize=32)
def _tokens(text: str) -> list[Named]:
    """What pip's last line names; a job with several environments often prints the same."""
    return [named for token in text.split() if (named := hyphenated(token.rstrip(",")))]


def _origins(session: Session, names: list[DistributionName]) -> dict[DistributionName, str]:
    """Which of the names came from a path or URL: by the path's own name, else by not having been collected."""
    origins = {name: session.urls[name] for name in names if name in session.urls}
    if not session.sources:
        return origins
    collected = session.collected
    left = list(session.sources)
    for source in session.sources:
        base = _base(source)
        if base in collected:
            left.remove(source)
        elif base in names and base not in origins:
            origins[base] = source
            left.remove(source)
    unknown = [name for name in names if name not in origins and name not in collected]
    if len(unknown) == len(left) == 1 or (left and all(_is_path(source) for source in left)):
        origins.update(dict.fromkeys(unknown, left[0]))
    return origins


def _base(source: str) -> DistributionName | None:
    """The distribution that a path or URL seems to hold."""
    path = re.split(r"[#?]", source)[0].rstrip("/\\")
    named = from_file(path)
    if named is not None:
        return named[0]
    last = re.split(r"[/\\]", path)[-1].split("@")[0].removesuffix(".git")
    return distribution(last)


def _is_path(source: str) -> bool:
    return "://" not in source or source.startswith("file:")


def _satisfied(ledger: Ledger, session: Session, said: Said) -> None:
    """`x>=1 in /usr/lib/python3/dist-packages (from y) (1.2)`."""
    rest = re.sub(r"^(?: ?\([^)]*\)|, skipping upgrade)", "", said.rest).lstrip(": ").rstrip()
    found = requirement(rest)
    if found is None or not rest.endswith(")"):
        return
    version = rest[rest.rfind("(") + 1 : -1]
    if not is_version(version):
        return
    place = re.search(r" in (\S.*?)(?: \(|$)", rest)
    python = of_path(place[1] + "/").python if place is not None else None
    if python is not None:
        ledger.python(python, said.line, Rank.BUILT_WITH)
    origin = re.search(r" (?:from|@) ((?:file:|git\+|https?:)[^\s)]*)", rest.split(" in ")[0])
    url = origin[1] if origin else None
    if url is None and place is not None and "-packages" not in place[1]:
        url = place[1]
    ledger.say((found[0], version), said.line, "pip", _rank(session, said, Rank.INSTALLED), url=url)


def _collecting(ledger: Ledger, session: Session, said: Said) -> None:
    rest = said.rest.strip()
    rank = _rank(session, said, Rank.NAMED)
    if re.match(r"(?:git|hg|svn|bzr)\+|https?:|file:", rest):
        if rank is Rank.NAMED:
            session.sources.append(rest.split(" ")[0])
        return
    found = requirement(rest)
    if found is None:
        return
    name, after = found
    url = re.match(r"(?:@|from) ?(\S+)", after)
    if url is not None and ":" in url[1]:
        session.urls[name] = url[1]
    pin = re.match(r"===?([^\s,;]+)(?:\s|;|$)", after)
    if pin is not None and is_version(pin[1]):
        ledger.say((name, pin[1]), said.line, "pip", rank)


def _fetched(ledger: Ledger, session: Session, said: Said) -> None:
    """`Downloading x-1-py3-none-any.whl (12 kB)`, `Using cached …`, `Processing ./x-1.tar.gz`, or a URL of one."""
    path = said.rest.strip().split(" (")[0].split(" ")[0]
    named = from_file(path)
    if named is None:
        if said.key.startswith("Processing") and re.match(r"file:|\.?\.?[/\\]|\w:[/\\]", path):
            session.sources.append(path)
        return
    rank = _rank(session, said, Rank.NAMED)
    ledger.say(named, said.line, "pip", rank)
    if rank is Rank.BUILT_WITH:
        return
    if said.key.startswith("Processing"):
        session.sources.append(path)
    tag = python_tag(path)
    if tag is not None:
        ledger.python(tag, said.line, Rank.NAMED)


def _obtaining(_ledger: Ledger, session: Session, said: Said) -> None:
    rest = said.rest.strip()
    found = re.match(r"(?:(\S+) from )?((?:file:|git\+|hg\+|svn\+|bzr\+|https?:|[./\\])\S*)", rest)
    if found is None:
        return
    egg = re.search(r"[#&]egg=([\w.-]+)", found[2])
    named = requirement(egg[1] if egg else found[1] or "")
    if named is not None:
        session.urls[named[0]] = found[2]
    else:
        session.sources.append(found[2])


def _existing(ledger: Ledger, session: Session, said: Said) -> None:
    parts = said.rest.split()
    name = distribution(parts[0]) if len(parts) >= 2 else None
    if name is not None and is_version(parts[1]):
        ledger.say((name, parts[1]), said.line, "pip", _rank(session, said, Rank.NAMED))


def _uninstalled(ledger: Ledger, session: Session, said: Said) -> None:
    named = hyphenated(said.rest.strip())
    if named is not None and _rank(session, said, Rank.INSTALLED) is Rank.INSTALLED:
        ledger.withdraw(named[0], said.line)


def _but_you_have(ledger: Ledger, _session: Session, said: Said) -> None:
    """`x 1.0 requires y>=2, but you have y 1.0 which is incompatible.`"""
    found = re.match(r"(\S+) (\S+?)(?: which is incompatible)?\.?$", said.rest.strip())
    name = distribution(found[1]) if found else None
    if found is not None and name is not None and is_version(found[2]):
        ledger.say((name, found[2]), said.line, "pip")


def _editable_wheel(_ledger: Ledger, session: Session, said: Said) -> None:
    """`Created wheel for demo: filename=demo-0.1-0.editable-py3-none-any.whl size=…`, `Building editable for demo`."""
    editable = said.key.startswith("Building editable") or "editable" in said.rest
    found = requirement(said.rest.lstrip())
    if editable and found is not None and _rank(session, said, Rank.INSTALLED) is Rank.INSTALLED:
        session.urls.setdefault(found[0], "file:")


def _satisfying_source(_ledger: Ledger, session: Session, said: Said) -> None:
    """`Source in /w has version 0.1, which satisfies requirement demo==0.1 from file:///w`."""
    found = re.match(r"(\S+) has version (\S+), which satisfies requirement (\S+)", said.rest)
    named = requirement(found[3]) if found else None
    if found is None or named is None or not _is_path(found[1]) or "/pip-install-" in found[1]:
        return
    if " from file:" in said.rest:
        session.urls[named[0]] = "file:" + found[1]


def _develop(_ledger: Ledger, session: Session, said: Said) -> None:
    name = distribution(said.rest.strip().split(" ")[0].rstrip(":"))
    if name is not None:
        session.urls[name] = "file:"


def _easy_install(ledger: Ledger, _session: Session, said: Said) -> None:
    """`Adding demo 0.1 to easy-install.pth file`, and an egg's own line."""
    found = re.match(r"(\S+) (\S+) to easy-install\.pth", said.rest)
    name = distribution(found[1]) if found else None
    if found is not None and name is not None and is_version(found[2]):
        ledger.say((name, found[2]), said.line, "setuptools")


def _finished(ledger: Ledger, _session: Session, said: Said) -> None:
    """`Finished processing dependencies for demo==0.1`: setup.py develop or install, of the checkout."""
    found = requirement(said.rest.strip())
    version = found[1].lstrip("=") if found else ""
    if found is not None and is_version(version):
        ledger.say((found[0], version), said.line, "setuptools", url="file:")


RULES = (
    Rule("Successfully installed ", _installed),
    Rule("Requirement already satisfied", _satisfied),
    Rule("Requirement already up-to-date", _satisfied),
    Rule("Processing ", _fetched),
    Rule("Obtaining ", _obtaining),
    Rule("Found existing installation: ", _existing),
    Rule("Successfully uninstalled ", _uninstalled),
    Rule("but you have ", _but_you_have),
    Rule("Created wheel for ", _editable_wheel),
    Rule("Building editable for ", _editable_wheel),
    Rule("Source in ", _satisfying_source),
    Rule("Running setup.py develop for ", _develop),
    Rule("Running command ", _subprocess),
    Rule("Adding ", _easy_install),
    Rule("Finished processing dependencies for ", _finished),
)

WEAK = (
    Rule("Collecting ", _collecting),
    Rule("Downloading/unpacking ", _collecting),
    Rule("Using cached ", _fetched),
    Rule("Downloading ", _fetched),
)
"""What says only what will be there if all goes well."""
MORE_NEEDLES = (
    "Collecting git+",
    "Collecting hg+",
    "Collecting file:",
    "Collecting http",
    "@ git+",
    "@ file:",
    "@ hg+",
    "@ https:",
)
"""Weak statements that are read where they stand, since they say where something comes from."""
