"""What Poetry, PDM, virtualenv, setuptools' eggs and pip's JSON list say."""

from __future__ import annotations

import json
import re

from bot.extract.environment.ledger import Ledger, Rank
from bot.extract.environment.names import NAME, distribution, is_version
from bot.extract.environment.statement import Rule, Said, Session
from bot.patterns import pattern

_POETRY = pattern(rf"({NAME}) \((?:\S+ (?:->|[→➜]) )?([^\s():]+)(?: ([^)]+))?\)", re.ASCII)
_BULLET = pattern(r"(?:^|\s)(?:[-•*]|✔|✓|⠋|[\u2800-\u28ff]) *$")


def _poetry(ledger: Ledger, _session: Session, said: Said) -> None:
    """`  - Installing certifi (2024.2.2)`, `  • Updating x (1.0 -> 1.1)`, `Installing the current project: demo (0.1)`."""
    rest = said.rest.strip()
    current = rest.startswith("the current project: ")
    found = _POETRY.match(rest.removeprefix("the current project: "))
    if found is None or not (current or _BULLET.search(said.before)):
        return
    name = distribution(found[1])
    if name is None or not is_version(found[2]) or "Skipped" in rest:
        return
    path = found[3] is not None and re.match(r"(?:\.{0,2}[/\\]|\w:[/\\])", found[3]) is not None
    ledger.say((name, found[2]), said.line, "poetry", url="file:" if current or path else None)


def _poetry_removed(ledger: Ledger, _session: Session, said: Said) -> None:
    found = _POETRY.match(said.rest.strip())
    name = distribution(found[1]) if found else None
    if name is not None and _BULLET.search(said.before):
        ledger.withdraw(name, said.line)


def _pdm(ledger: Ledger, _session: Session, said: Said) -> None:
    """`  ✔ Install click 8.1.7 successful`, `  ✔ Update x 1 -> 2 successful`."""
    found = re.match(rf"({NAME}) (?:(\S+) -> )?(\S+) successful", said.rest.strip(), re.ASCII)
    name = distribution(found[1]) if found else None
    if found is not None and name is not None and is_version(found[3]):
        ledger.say((name, found[3]), said.line, "pdm")


def _pdm_removed(ledger: Ledger, _session: Session, said: Said) -> None:
    found = re.match(rf"({NAME}) (\S+) successful", said.rest.strip(), re.ASCII)
    name = distribution(found[1]) if found else None
    if name is not None:
        ledger.withdraw(name, said.line)


def _seeds(ledger: Ledger, _session: Session, said: Said) -> None:
    """What virtualenv says: `added seed packages: pip==23.2.1, setuptools==68.0.0`."""
    for item in said.rest.split(","):
        name, _, version = item.strip().partition("==")
        known = distribution(name)
        if known is not None and is_version(version):
            ledger.say((known, version), said.line, "virtualenv", Rank.LISTED)


def _json_list(ledger: Ledger, _session: Session, said: Said) -> None:
    """`pip list --format=json`, one line."""
    try:
        rows = json.loads(said.key + said.rest)
    except (ValueError, RecursionError):
        return
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict):
            name, version = distribution(str(row.get("name"))), str(row.get("version"))
            place = row.get("editable_project_location")
            if name is not None and is_version(version):
                ledger.say((name, version), said.line, "list", url="file:" if place else None)


_INFO = pattern(r"([A-Za-z0-9][\w.]{0,100})-([\w.!+]{1,60})\.(?:dist|egg)-info(?![\w-])", re.ASCII)
_EGG = pattern(
    r"-packages[/\\]([A-Za-z0-9][\w.]{0,100})-([\w.!+]{1,60})-py\d[\d.]*(?:-[\w.]+)?\.egg(?![\w-])", re.ASCII
)


def _metadata(ledger: Ledger, _session: Session, said: Said) -> None:
    """A path that holds an installed distribution's name and version: `…/site-packages/x-1.0.dist-info/…`."""
    for found in (_INFO.search(said.text, max(0, said.at - 165)), _EGG.search(said.text, max(0, said.at - 185))):
        name = distribution(found[1]) if found else None
        if found is not None and name is not None and is_version(found[2]):
            ledger.say((name, found[2]), said.line, "metadata", Rank.NAMED)


def _uv_tree(ledger: Ledger, _session: Session, said: Said) -> None:
    """`├── click v8.1.7`."""
    found = re.match(rf"({NAME})(?:\[[\w,.-]+\])? v(\S+)", said.rest, re.ASCII)
    name = distribution(found[1]) if found else None
    if found is not None and name is not None and is_version(found[2]):
        ledger.say((name, found[2]), said.line, "uv", Rank.LISTED)


RULES = (
    Rule("Installing ", _poetry, ("- Installing ", "• Installing ", "* Installing ", "Installing the current project")),
    Rule("Updating ", _poetry, ("- Updating ", "• Updating ", "* Updating ")),
    Rule("Downgrading ", _poetry, ("- Downgrading ", "• Downgrading ", "* Downgrading ")),
    Rule("Removing ", _poetry_removed, ("- Removing ", "• Removing ", "* Removing ")),
    Rule("✔ Install ", _pdm),
    Rule("✔ Update ", _pdm),
    Rule("✔ Remove ", _pdm_removed),
    Rule("added seed packages: ", _seeds),
    Rule('[{"name": "', _json_list),
    Rule(".dist-info", _metadata),
    Rule(".egg-info", _metadata),
    Rule(".egg/", _metadata),
    Rule("├── ", _uv_tree),
    Rule("└── ", _uv_tree),
)
