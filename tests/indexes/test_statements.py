"""Whether a statement still stands as it stood: what a fix does to a line that it leaves."""

from __future__ import annotations

import pytest

from bot.facts import DefinedAs, HasFile, StandsAs, Walk
from bot.indexes.statements import standing_at, stands
from bot.model import normalized
from tests.indexes import made


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


# ---------------------------------------------------------------------------------------------- over releases


def released(bare, versions):
    for version, files in versions.items():
        bare.add(f"thing-{version}-py3-none-any.whl", "thing", made.wheel(files, version=version))


def walked(ask, bare, probe, around="1.0"):
    return ask(bare, Walk(distribution=normalized("thing"), probe=probe, around=around)).answer


def test_the_first_release_that_does_without_it(ask, bare):
    tried = "try:\n    from new import old\nexcept ImportError:\n    from lib import old\n"
    released(bare, {"1.0": {"thing/a.py": PLAIN}, "1.1": {"thing/a.py": f"# 1\n{PLAIN}"}, "1.2": {"thing/a.py": tried}})
    probe = StandsAs(file="thing/a.py", line=1, version="1.0", text=PLAIN.strip(), mentions="old")
    found = walked(ask, bare, probe)
    assert (found.at, found.next_other, found.newest_at) == (True, "1.2", False)


def test_what_the_release_defines_itself_is_no_longer_another_s(ask, bare):
    files = {"thing/a.py": "from thing.compat import use\nuse(1)\n", "thing/compat.py": "from lib import use\n"}
    mended = {**files, "thing/compat.py": "def use(x):\n    return x\n"}
    moved = {**mended, "thing/compat.py": "from thing.deeper import use\n", "thing/deeper.py": "def use(x): ...\n"}
    released(bare, {"1.0": files, "1.1": mended, "1.2": moved})
    found = walked(ask, bare, StandsAs(file="thing/a.py", line=2, version="1.0"))
    assert (found.next_other, found.newest_at) == ("1.1", False)


def test_a_file_that_moved_is_looked_for_by_its_name(ask, bare):
    released(bare, {"1.0": {"thing/a.py": PLAIN}, "1.1": {"thing/deep/a.py": PLAIN}, "1.2": {"thing/b.py": PLAIN}})
    found = walked(ask, bare, StandsAs(file="thing/a.py", line=1, version="1.0", mentions="old"))
    assert found.next_other == "1.2"


def test_nothing_is_told_where_the_release_has_no_such_line(ask, bare):
    released(bare, {"1.0": {"thing/a.py": PLAIN}})
    assert walked(ask, bare, StandsAs(file="thing/a.py", line=7, version="1.0")).at is None
    assert walked(ask, bare, StandsAs(file="thing/b.py", line=1, version="1.0")).at is None


def test_a_method_wherever_it_is_defined(ask, bare):
    hook = "class E:\n    def extend(self, md, more):\n        pass\n"
    released(
        bare,
        {
            "1.0": {"thing/a.py": hook},
            "1.1": {"thing/b.py": hook, "tests/test_b.py": "def extend(): ...\n"},
            "1.2": {"thing/b.py": hook.replace(", more", "")},
        },
    )
    found = walked(ask, bare, DefinedAs(module="*", name="extend", version="1.0"))
    assert (found.next_other, found.newest_at) == ("1.2", False)


def test_an_attribute_is_no_definition(ask, bare):
    released(
        bare,
        {
            "0.9": {"thing.py": "class C:\n    def __init__(self):\n        self.args = []\n"},
            "1.0": {"thing.py": "class C:\n    @property\n    def args(self):\n        return []\n"},
        },
    )
    assert walked(ask, bare, DefinedAs(module="thing", name="C.args", version="1.0")).last_other == "0.9"


def test_any_compiled_module(ask, bare):
    released(bare, {"1.0": {"thing/a.cpython-311-x86_64-linux-gnu.so": b"\x7fELF"}, "0.9": {"thing/a.py": PLAIN}})
    found = walked(ask, bare, HasFile(file="*.so"))
    assert (found.at, found.last_other) == (True, "0.9")
