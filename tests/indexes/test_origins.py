"""Where what a failing statement works on comes from."""

from __future__ import annotations

import pytest

from bot.facts import ComesFrom
from bot.indexes.origins import origins
from bot.model import normalized
from tests.indexes import made

PLAIN = """
import jwt
from jwt import api as tokens, decode as undo
from .keys import load

def direct(payload):
    return jwt.encode(payload).decode("utf-8")

def through_a_name(payload):
    token = jwt.encode(payload, key="x")
    kept = token
    return kept.decode("utf-8")

def from_outside(payload):
    return payload.decode("utf-8")

def made_here(payload):
    def own():
        return payload
    return own().decode("utf-8")

def either(payload, other):
    return tokens.make(payload).decode("utf-8") + other.decode("utf-8")

def relative():
    return load("name").decode("utf-8")

def unpacked(text):
    head, claims = undo(text)
    return claims

def indexed(text):
    parts = undo(text)
    return parts[0]

async def awaited(text):
    reply = await tokens.fetch(text)
    return reply.decode()
"""


def at(text):
    """The line that begins with a text."""
    return next(number for number, line in enumerate(PLAIN.splitlines(), 1) if line.strip().startswith(text))


@pytest.mark.parametrize(
    ("line", "attribute", "found"),
    [
        (at("return jwt.encode"), "decode", ("jwt.encode",)),
        (at("return kept.decode"), "decode", ("jwt.encode",)),
        (at("return payload.decode"), "decode", ()),
        (at("return own()"), "decode", ()),
        (at("return tokens.make"), "decode", ()),
        (at("return load"), "decode", ("shop.keys.load",)),
        (at("head, claims ="), None, ("jwt.decode",)),
        (at("return parts[0]"), None, ("jwt.decode",)),
        (at("return reply.decode"), "decode", ("jwt.api.fetch",)),
        (999, "decode", ()),
    ],
)
def test_the_calls_behind_a_statement(line, attribute, found):
    assert origins(PLAIN, "shop/tokens.py", line, attribute) == found


def test_what_is_no_python_comes_from_nowhere():
    assert origins("print 'x'", "a.py", 1, None) == ()


def test_the_index_reads_it_of_the_release(ask, bare):
    files = {"thing/__init__.py": "import jwt\ndef f(x):\n    return jwt.encode(x).decode()\n"}
    bare.add("thing-1.0-py3-none-any.whl", "thing", made.wheel(files, version="1.0"))
    question = ComesFrom(
        distribution=normalized("thing"), version="1.0", path="thing/__init__.py", line=3, attribute="decode"
    )
    assert ask(bare, question).answer == ("jwt.encode",)
    assert ask(bare, question).source == "cache"
    elsewhere = ComesFrom(distribution=normalized("thing"), version="1.0", path="thing/other.py", line=3)
    assert not ask(bare, elsewhere).known
