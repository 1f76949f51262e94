"""What conda's relatives say one line at a time: micromamba's links, and JSON lists."""

from __future__ import annotations

import re

from bot.extract.environment.ledger import Ledger
from bot.extract.environment.names import distribution, is_version
from bot.extract.environment.statement import Rule, Said, Session
from bot.patterns import pattern

_BUILT = pattern(r"([A-Za-z0-9][\w.-]{0,100})-(\d[\w.!+]{0,60})-\w+(?=\"|\s*$)", re.ASCII)


def _built(ledger: Ledger, _session: Session, said: Said) -> None:
    """`Linking numpy-1.26.4-py311h64a7726_0`, `"dist_name": "numpy-1.26.4-py311h64a7726_0"`."""
    found = _BUILT.match(said.rest)
    name = distribution(found[1]) if found else None
    if found is None or name is None or not is_version(found[2]):
        return
    if name == "python":
        ledger.python(found[2], said.line)
    else:
        ledger.say((name, found[2]), said.line, "conda")


RULES = (Rule("Linking ", _built), Rule('"dist_name": "', _built))
