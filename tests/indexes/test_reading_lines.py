"""Whether a line still stands, what a definition is, and which texts a source says."""

from __future__ import annotations

import ast

import pytest

from bot.indexes.definition import _digest
from bot.indexes.lines import standing
from bot.indexes.texts import may_hold, says

CALL = """
def connect(self):
    return Client(
        timeout=1,
        proxies=self.proxies,
    )

def other(self):
    return Client(
        timeout=1,
    )
"""

GUARDED = """
try:
    from lib import old
except ImportError:
    old = None
"""

RAISED = """
try:
    from lib import old
except ImportError as error:
    raise RuntimeError("install lib") from error
"""

LINES = {
    "anywhere": ("x = 1\ny = 2\n", "y = 2", None, None, [2]),
    "indented": ("if x:\n    y = 2\n", "y = 2", None, None, [2]),
    "not there": ("x = 1\n", "y = 2", None, None, []),
    "in its function": (CALL, "return Client(", "connect", None, [3]),
    "in no such function": (CALL, "return Client(", "close", None, []),
    "in a method by its full name": (
        f"class A:{CALL.replace(chr(10), chr(10) + ' ')}",
        "return Client(",
        "A.connect",
        None,
        [3],
    ),
    "at the top": ("x = 1\n", "x = 1", "<module>", None, [1]),
    "the whole statement mentions it": (CALL, "return Client(", None, "proxies", [3]),
    "it mentions nothing of the kind": (CALL, "return Client(", "other", "proxies", []),
    "an import": ("from lib import (\n    new,\n    old,\n)\n", "from lib import (", None, "old", [1]),
    "an import without it": ("from lib import (\n    new,\n)\n", "from lib import (", None, "old", []),
    "a heading": ("if old in x:\n    pass\n", "if old in x:", None, "old", [1]),
    "a body is not its heading": ("if x:\n    old()\n", "if x:", None, "old", []),
    "caught": (GUARDED, "from lib import old", None, "old", []),
    "caught and raised again": (RAISED, "from lib import old", None, "old", [3]),
    "a string": ("load('lib.old')\n", "load('lib.old')", None, "old", [1]),
    "a longer word": ("load(older)\n", "load(older)", None, "old", []),
    "python 2": ("def f():\n    print 'x'\n\ndef g():\n    print 'x'\n", "print 'x'", "g", None, [5]),
}


@pytest.mark.parametrize("case", LINES.values(), ids=LINES)
def test_lines(case):
    text, wanted, function, mentions, expected = case
    assert standing(text, wanted, function, mentions) == expected


SAME = "def f(a, b=1):\n    '''Old words.'''\n    # a comment\n    return a + b\n"


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("def f(a, b=1):\n    '''New words, more of them.'''\n    return (a +\n        b)\n", True),
        ("def f(a, b=1):\n    return a + b\n", True),
        ("def f(a, b=2):\n    '''Old words.'''\n    return a + b\n", False),
        ("def f(a, b: int = 1):\n    return a + b\n", False),
        ("def f(a, b=1):\n    return a - b\n", False),
        ("@cache\ndef f(a, b=1):\n    return a + b\n", False),
    ],
    ids=["words and layout", "no docstring", "default", "annotation", "body", "decorator"],
)
def test_definitions(other, same):
    def digest(text):
        line = next(node.lineno for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef))
        return _digest(text.encode(), "f", line)

    assert digest(SAME) is not None
    assert (digest(SAME) == digest(other)) is same


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("raise E('got an unexpected thing')", "an unexpected thing", True),
        ("raise E('got an '\n   'unexpected thing')", "an unexpected thing", True),
        ("raise E(f'got {x!r}, an ' f'unexpected thing')", "an unexpected thing", True),
        ("raise E(f'an {x} unexpected thing')", "an  unexpected thing", False),
        ("# unexpected: an thing", "an unexpected thing", False),
    ],
)
def test_texts(source, text, expected):
    assert (may_hold(source.encode(), text) and says(source.encode(), text)) is expected
