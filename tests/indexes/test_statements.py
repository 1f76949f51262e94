"""Whether a statement still stands as it stood: what a fix does to a line that it leaves."""

from __future__ import annotations

import pytest

from bot.indexes.statements import standing_at, stands


def as_imported(dotted: str) -> str:
    return "own" if dotted.startswith("mine.") else dotted


def still(before: str, line: int, after: str, mentions: str | None = None) -> bool | None:
    wanted = standing_at(before, "mine/a.py", line, None, mentions, as_imported)
    assert wanted is not None
    return stands(after, "mine/a.py", wanted, as_imported)


PLAIN = "from lib import old\n"
CALL = "class A:\n    def go(self):\n        self.set_up()\n\n\nclass B:\n    def go(self):\n        self.set_up()\n"
LOOP = "import lib\nfor name in ('a', 'gone'):\n    lib.use(name)\n"
DECORATED = "from lib import renamed\n\n@renamed('a', 'b')\ndef f(a):\n    return a\n"
KEYWORD = "def make(self):\n    self.client = Client(\n        base=1,\n        proxies=self.proxies,\n    )\n    log(proxies=1)\n"

CASES = {
    "the same": (PLAIN, 1, PLAIN, "old", True),
    "in another layout, with more names": (PLAIN, 1, "from lib import (\n    new,\n    old,\n)\n", "old", True),
    "gone": (PLAIN, 1, "from lib import new\n", "old", False),
    "from elsewhere": (PLAIN, 1, "from other import old\n", "old", False),
    "now the second choice": (
        PLAIN,
        1,
        "try:\n    from new import old\nexcept ImportError:\n    from lib import old\n",
        "old",
        False,
    ),
    "now caught": (PLAIN, 1, "try:\n    from lib import old\nexcept ImportError:\n    old = None\n", "old", False),
    "for type checkers only": (
        PLAIN,
        1,
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from lib import old\n",
        "old",
        False,
    ),
    "asked for later": (PLAIN, 1, "def f():\n    from lib import old\n", "old", True),
    "caught otherwise": (
        "try:\n    from lib import old\nexcept ModuleNotFoundError:\n    pass\n",
        2,
        "try:\n    from lib import old\nexcept ImportError:\n    pass\n",
        "old",
        False,
    ),
    "a condition less": ("if x:\n    from lib import old\n", 2, PLAIN, "old", True),
    "the same call": (CALL, 3, CALL, None, True),
    "under a condition": (CALL, 3, CALL.replace("        self", "        if V < 22:\n            self", 1), None, False),
    "only in another class": (CALL, 3, CALL.replace("self.set_up()", "self.other()", 1), None, False),
    "in a class of another name": (CALL, 3, CALL.replace("class A", "class C"), None, True),
    "over other data": (LOOP, 3, LOOP.replace(", 'gone'", ""), None, False),
    "over the same data": (LOOP, 3, f"# more\n\n{LOOP}", None, True),
    "a decorator that is now the library's own": (DECORATED, 3, DECORATED.replace("from lib", "from mine.b"), None, False),
    "a decorator on another body": (DECORATED, 3, DECORATED.replace("return a", "return 1"), None, True),
    "a class as a whole": ("class A(Base):\n    x = 1\n", 1, "class A(Base):\n    x = 2\n", None, False),
    "a class with another docstring": ('class A:\n    """1"""\n    x = 1\n', 1, 'class A:\n    """2"""\n    x = 1\n', None, True),
    "a keyword handed to the same": (KEYWORD, 2, KEYWORD.replace("base=1", "base=2"), "proxies", True),
    "a keyword handed to another only": (KEYWORD, 2, KEYWORD.replace("        proxies=self.proxies,\n", ""), "proxies", False),
    "no Python 3": (PLAIN, 1, "print 'x'\n", "old", None),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_stands_under_no_more_conditions(case):
    before, line, after, mentions, expected = case
    assert still(before, line, after, mentions) is expected


@pytest.mark.parametrize(
    ("line", "printed", "mentions"),
    [(1, "from lib import other", None), (9, None, None), (1, None, "nothing")],
    ids=["another line there", "no such line", "it does not ask for that"],
)
def test_tells_nothing_of_a_statement_that_is_not_there(line, printed, mentions):
    assert standing_at(PLAIN, "mine/a.py", line, printed, mentions, as_imported) is None
