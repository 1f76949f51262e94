"""What stays of a failure when it is hit elsewhere, and how alike two failures are."""

from bot.fingerprint.digest import SCHEME, blames_upstream, fingerprint, place, telling
from bot.fingerprint.similarity import ALIKE, Grouper, alike
from bot.fingerprint.template import template, unqualified, words

__all__ = [
    "ALIKE",
    "SCHEME",
    "Grouper",
    "alike",
    "blames_upstream",
    "fingerprint",
    "place",
    "telling",
    "template",
    "unqualified",
    "words",
]
