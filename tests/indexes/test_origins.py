"""Where what a failing statement works on comes from."""

from __future__ import annotations

import pytest

from bot.facts import ComesFrom, MadeHere
from bot.indexes.origins import made_here, origins
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


MAKES = """
import target

def made(self, query):
    text, args, context = self._compile(query)
    with self._run(text) as cursor:
        meta = target.Meta(context, cursor.description)
    for row in self.rows():
        target.keep([row, 1], name="x")

def passed(self, query, options=None):
    target.given(query)
    kept = query
    target.renamed(1, kept)
    target.part(query.text)
    target.key(options["a"])
    target.copied(list(query))
    target.of_its_object(self.style)
    target.of_an_argument(query.strip())
    target.starred(*query)
    target.computed(query + 1)

target.at_the_top(1)
"""


@pytest.mark.parametrize(
    ("begins", "made"),
    [
        ("meta =", True),
        ("target.keep", True),
        ("target.given", False),
        ("target.renamed", False),
        ("target.part", False),
        ("target.key", False),
        ("target.copied", False),
        ("target.of_its_object", False),
        ("target.of_an_argument", False),
        ("target.starred", False),
        ("target.computed", False),
        ("target.at_the_top", False),
        ("kept =", False),
    ],
)
def test_what_is_handed_over_was_made_here(begins, made):
    line = next(number for number, line in enumerate(MAKES.splitlines(), 1) if line.strip().startswith(begins))
    assert made_here(MAKES, line) is made


def test_nothing_is_told_of_what_is_no_python():
    assert made_here("print 'x'", 1) is False


def test_the_index_tells_what_a_release_makes_itself(ask, bare):
    files = {"thing/__init__.py": "import jwt\ndef f(x):\n    key = load()\n    return jwt.encode(key)\n"}
    bare.add("thing-1.0-py3-none-any.whl", "thing", made.wheel(files, version="1.0"))
    question = MadeHere(distribution=normalized("thing"), version="1.0", path="thing/__init__.py", line=4)
    assert ask(bare, question).answer is True
    assert ask(bare, question).answer is True
    elsewhere = MadeHere(distribution=normalized("thing"), version="1.0", path="thing/other.py", line=3)
    assert not ask(bare, elsewhere).known
