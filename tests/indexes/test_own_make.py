"""Whether what a statement works on was made by its own distribution."""

from __future__ import annotations

import pytest

from bot.facts import MadeHere
from bot.indexes.own_make import made_here
from bot.model import normalized
from tests.indexes import made

MAKES = """
import target
from wraps import Limit

RULES = {}

def made(self, query):
    for key, value in self.table.items():
        if key:
            value = list(map(str, value))
        pattern = "|".join(sorted(value, key=len))
        pattern = target.sub("x", pattern)
    with self._run(1) as cursor:
        meta = target.Meta(cursor.description, RULES)
    rows = [int(row) for row in range(3)]
    target.keep([row + 1 for row in rows], name="x")
    try:
        import json
    except ImportError as error:
        target.failed(error)
    target.dumped(json.dumps(rows))

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
    target.wrapped(Limit(total=query))
    target.mixed([row + query for row in range(3)])
    query.called(1)

def branches(self, limit=None, flag=False):
    if isinstance(limit, tuple):
        limit = Limit(connect=1)
    elif flag:
        limit = Limit(connect=limit)
    target.either(limit)
    if flag:
        times = 1
    else:
        times = 2
    target.both(times)
    for number in range(3):
        target.looped(times)
        times = flag

def closures(given):
    def own():
        return given
    target.closed(own())
    def inner():
        target.enclosed(given)

def outside(path):
    target.read(open("setup.cfg").read())
    target.environment(os.environ["HOME"])

def outer(query):
    return inner(3, query)

def inner(first, second, third=4):
    target.first(first)
    target.second(second)
    target.third(third)

target.at_the_top(1)
"""


def at(begins):
    """The line that begins with a text."""
    return next(number for number, line in enumerate(MAKES.splitlines(), 1) if line.strip().startswith(begins))


@pytest.mark.parametrize(
    "begins",
    ["pattern = target", "meta =", "rows =", "target.keep", "target.dumped", "target.both"],
)
def test_what_was_made_here(begins):
    assert made_here([(MAKES, at(begins))], strictly=False) is True


@pytest.mark.parametrize(
    "begins",
    [
        "target.given",
        "target.renamed",
        "target.part",
        "target.key",
        "target.copied",
        "target.of_its_object",
        "target.of_an_argument",
        "target.starred",
        "target.computed",
        "target.wrapped",
        "target.mixed",
        "query.called",
        "kept =",
        "limit = Limit(connect=limit)",
        "target.either",
        "target.looped",
        "target.closed",
        "target.enclosed",
        "target.read",
        "target.environment",
        "target.failed",
        "target.at_the_top",
    ],
)
def test_what_may_have_come_from_outside(begins):
    assert made_here([(MAKES, at(begins))], strictly=False) is False


@pytest.mark.parametrize(("begins", "own"), [("pattern = target", False), ("meta =", False), ("target.keep", True)])
def test_strictly_an_objects_methods_return_what_it_was_made_with(begins, own):
    assert made_here([(MAKES, at(begins))], strictly=True) is own


@pytest.mark.parametrize(("begins", "own"), [("target.first", True), ("target.second", False), ("target.third", True)])
def test_an_argument_is_what_the_call_that_led_here_gave(begins, own):
    assert made_here([(MAKES, at(begins)), (MAKES, at("return inner"))], strictly=True) is own
    assert made_here([(MAKES, at(begins))], strictly=True) is False


def test_nothing_is_told_of_what_is_no_python():
    assert made_here([("print 'x'", 1)], strictly=False) is False
    assert made_here([(MAKES, 999)], strictly=False) is False
    assert made_here([], strictly=False) is False


def test_hostile_files_are_given_up():
    doubled = "def f(a):\n    x0 = 1\n" + "".join(f"    x{n + 1} = [x{n}, x{n}]\n" for n in range(60)) + "    g(x60)\n"
    assert made_here([(doubled, 63)], strictly=True) is True
    longer = "def f(a):\n    x0 = 1\n" + "".join(f"    x{n + 1} = x{n}\n" for n in range(500)) + "    g(x500)\n"
    assert made_here([(longer, 503)], strictly=True) is False
    deep = "def f(a):\n    g(" + "-" * 900 + "1)\n"
    assert made_here([(deep, 2)], strictly=True) in {True, False}


def test_the_index_tells_what_a_release_makes_itself(ask, bare):
    files = {"thing/__init__.py": "import jwt\ndef f(x):\n    key = new()\n    return jwt.encode(key)\n"}
    bare.add("thing-1.0-py3-none-any.whl", "thing", made.wheel(files, version="1.0"))
    question = MadeHere(distribution=normalized("thing"), version="1.0", path="thing/__init__.py", line=4)
    assert ask(bare, question).answer is True
    assert ask(bare, question).answer is True
    elsewhere = MadeHere(distribution=normalized("thing"), version="1.0", path="thing/other.py", line=3)
    assert not ask(bare, elsewhere).known
