"""What a dotted name stands for, told from source alone. `no` cases stand beside the `yes` cases that they resemble."""

from __future__ import annotations

import pytest

from bot.indexes.layout import top_levels
from bot.indexes.reading.parameters import accepts, deprecated_parameter
from bot.indexes.reading.resolve import ABSENT, Resolver, Site
from bot.indexes.reading.skim import skim_cython
from bot.indexes.reading.source import may_bind, read_source
from bot.indexes.reading.symbols import dump_module, load_module


class Release:
    """Sources in memory."""

    def __init__(self, files: dict[str, str], *, compiled: bool = False) -> None:
        self.files = files
        self.paths = {path: path for path in files}
        self.top_levels = top_levels("wheel", files)
        self.compiled = compiled

    def module(self, path):
        data = self.files[path].encode()
        source = skim_cython(data) if path.endswith(".pyx") else read_source(data)
        kept = load_module(dump_module(source))
        assert kept == source  # what is kept is what was read
        return kept

    def may_bind(self, path, name):
        return may_bind(self.files[path].encode(), name)

    def mentions(self, path, name):
        return name in self.files[path]


def look(files, module, name, **more):
    found = Resolver(Release(files, **more)).find(module, name)
    return True if isinstance(found, Site) else False if found is ABSENT else None


def init(text, **others):
    return {"p/__init__.py": text, **{name.replace("__", "/") + ".py": body for name, body in others.items()}}


NAMES = {
    "function": (init("def f(): pass"), "p", "f", True),
    "not there": (init("def f(): pass"), "p", "g", False),
    "module not there": (init(""), "p.q", "f", False),
    "other distribution": (init(""), "q", "f", None),
    "class": (init("class C: x = 1"), "p", "C", True),
    "class attribute": (init("class C: x = 1"), "p", "C.x", True),
    "no class attribute": (init("class C: x = 1"), "p", "C.y", False),
    "nested class": (init("class C:\n class D:\n  z = 1"), "p", "C.D.z", True),
    "set in __init__": (init("class C:\n def __init__(self): self.a = 1"), "p", "C.a", True),
    "read in __init__ only": (init("class C:\n def __init__(self): print(self.a)"), "p", "C.a", False),
    "inherited": (init("class B: x = 1\nclass C(B): pass"), "p", "C.x", True),
    "inherited from another module": (
        init("from .q import B\nclass C(B): pass", p__q="class B:\n def m(self): pass"),
        "p",
        "C.m",
        True,
    ),
    "not inherited": (init("from .q import B\nclass C(B): pass", p__q="class B: pass"), "p", "C.m", False),
    "inherited from elsewhere": (init("from other import B\nclass C(B): pass"), "p", "C.m", None),
    "inherited from a builtin": (init("class C(dict): pass"), "p", "C.get", True),
    "not in a builtin": (init("class C(dict): pass"), "p", "C.got", False),
    "of object": (init("class C: pass"), "p", "C.__init__", True),
    "class with __getattr__": (init("class C:\n def __getattr__(self, name): return 1"), "p", "C.m", None),
    "assigned": (init("x = 1"), "p", "x", True),
    "annotated only": (init("x: int"), "p", "x", False),
    "annotated and assigned": (init("x: int = 1"), "p", "x", True),
    "unpacked": (init("a, (b, *c) = f()"), "p", "c", True),
    "deleted": (init("x = 1\ndel x"), "p", "x", False),
    "loop variable": (init("for x in y: pass"), "p", "x", True),
    "global in a function": (init("def f():\n global x\n x = 1"), "p", "x", True),
    "local in a function": (init("def f():\n x = 1"), "p", "x", False),
    "import": (init("import os.path"), "p", "os", True),
    "import as": (init("import os.path as q"), "p", "q", True),
    "import as hides the name": (init("import os.path as q"), "p", "os", False),
    "re-export": (init("from .q import f", p__q="def f(): pass"), "p", "f", True),
    "re-export under another name": (init("from .q import f as g", p__q="def f(): pass"), "p", "f", False),
    "re-export of a class's member": (init("from .q import C", p__q="class C: x = 1"), "p", "C.x", True),
    "re-export of a class without it": (init("from .q import C", p__q="class C: x = 1"), "p", "C.y", False),
    "through two modules": (
        init("from .q import C", p__q="from p.r import D as C", p__r="class D: x = 1"),
        "p",
        "C.x",
        True,
    ),
    "imports in a circle": (init("from .q import C", p__q="from . import C"), "p", "C.x", None),
    "star": (init("from .q import *", p__q="def f(): pass"), "p", "f", True),
    "star leaves private names": (init("from .q import *", p__q="def _f(): pass"), "p", "_f", False),
    "star and __all__": (init("from .q import *", p__q="__all__ = ['_f']\ndef _f(): pass"), "p", "_f", True),
    "star and __all__ without it": (init("from .q import *", p__q="__all__ = ['g']\nf = g = 1"), "p", "f", False),
    "star and __all__ added to": (
        init("from .q import *", p__q="__all__ = ['g']\n__all__ += ['_f']\n_f = 1"),
        "p",
        "_f",
        True,
    ),
    "star from elsewhere": (init("from other import *"), "p", "f", None),
    "stars in a circle": (init("from .q import *", p__q="from . import *"), "p", "f", False),
    "submodule": (init("", p__q=""), "p", "q", True),
    "submodule of a submodule": (init("", p__q="x = 1"), "p", "q.x", True),
    "namespace package": ({"n/p/__init__.py": "x = 1"}, "n", "p.x", True),
    "not in a namespace package": ({"n/p/__init__.py": "x = 1"}, "n", "q", False),
    "both branches": (init("import sys\nif sys.version_info > (3,):\n x = 1\nelse:\n y = 1"), "p", "y", True),
    "either import": (init("try:\n from a import f\nexcept ImportError:\n f = None"), "p", "f", True),
    "for the type checker only": (
        init("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n from .q import C"),
        "p",
        "C",
        False,
    ),
    "else of the type checker": (init("if TYPE_CHECKING: x = 1\nelse: y = 1"), "p", "y", True),
    "__getattr__ with a test": (
        init("def __getattr__(name):\n if name == 'old':\n  return 1\n raise AttributeError(name)"),
        "p",
        "old",
        True,
    ),
    "__getattr__ with another test": (
        init("def __getattr__(name):\n if name == 'old':\n  return 1\n raise AttributeError(name)"),
        "p",
        "older",
        False,
    ),
    "__getattr__ with a table": (
        init("T = {'old': 'q'}\ndef __getattr__(name):\n if name in T:\n  return f(T[name])\n raise AttributeError"),
        "p",
        "old",
        True,
    ),
    "__getattr__ that only refuses": (
        init(
            "T = {'old': 'gone, use new'}\ndef __getattr__(name):\n if name in T:\n  raise AttributeError(T[name])\n raise AttributeError"
        ),
        "p",
        "old",
        False,
    ),
    "__getattr__ with a table made of pairs": (
        init(
            "P = [('old', 1), ('elder', 2)]\nT = {n: v for n, v in P}\ndef __getattr__(n):\n try:\n  return T[n]\n except KeyError:\n  raise AttributeError"
        ),
        "p",
        "elder",
        True,
    ),
    "__getattr__ to another module": (init("def __getattr__(name): return getattr(impl, name)"), "p", "old", None),
    "lazy and typed": (
        init("if TYPE_CHECKING:\n from .q import C\ndef __getattr__(name): return load(name)"),
        "p",
        "C",
        True,
    ),
    "replaced module with a table": (
        init("import sys\nT = {'q': ['C', 'D']}\nsys.modules[__name__] = Lazy(__name__, T)"),
        "p",
        "D",
        True,
    ),
    "replaced module without the name": (
        init("import sys\nT = {'q': ['C', 'D']}\nsys.modules[__name__] = Lazy(__name__, T)"),
        "p",
        "E",
        False,
    ),
    "replaced by a module class of its own": (
        init(
            "T = {'q': ['C']}\nclass m(ModuleType):\n def __getattr__(self, n): return T[n]\nnew = sys.modules['p'] = m('p')"
        ),
        "p",
        "C",
        True,
    ),
    "another module made": (init("T = {'q': ['C']}\nsys.modules['p.moved'] = make()"), "p", "C", False),
    "__getattr__ with a table of its own": (
        init(
            "def __getattr__(name):\n t = {'old': 'new'}\n if name in t:\n  return globals()[t[name]]\n raise AttributeError"
        ),
        "p",
        "old",
        True,
    ),
    "a table handed over with the module's name": (init("provide(__name__, {'.q': ['old']})"), "p", "old", True),
    "a table handed over without it": (init("provide('x', {'.q': ['old']})"), "p", "old", False),
    "lazy loader": (
        init("import lazy_loader\na, b, c = lazy_loader.attach(__name__, ['q'], {'q': ['f']})"),
        "p",
        "g",
        None,
    ),
    "globals written to": (init("globals().update(load())"), "p", "f", None),
    "extension module that mentions it": (
        init("from .q import *") | {"p/q.cpython-311-x86_64-linux-gnu.so": "triu"},
        "p",
        "triu",
        None,
    ),
    "extension module that does not": (
        init("from .q import *") | {"p/q.cpython-311-x86_64-linux-gnu.so": "tril"},
        "p",
        "triu",
        False,
    ),
    "stub of an extension module": ({"p/q.so": "C x", "p/q.pyi": "class C: x: int"}, "p.q", "C", True),
    "cython def": ({"p/q.pyx": "cimport x\ndef f(int a): return a"}, "p.q", "f", True),
    "cython cdef": ({"p/q.pyx": "cdef int f(int a): return a\ndef g(): return f(1)"}, "p.q", "f", False),
    "cython cpdef": ({"p/q.pyx": "cpdef int f(int a): return a"}, "p.q", "f", True),
    "python 2": (init("def f(): print 'x'\nclass C:\n    def m(self): pass"), "p", "C.m", True),
    "python 2 without it": (init("def f(): print 'x'"), "p", "g", False),
    "python 2, mentioned": (init("def f():\n    print 'x'\n    g = 1"), "p", "g", None),
    "alias": (init("class C: x = 1\nD = C"), "p", "D.x", True),
    "alias without it": (init("class C: x = 1\nD = C"), "p", "D.y", False),
    "instance": (init("class C: x = 1\nd = C()"), "p", "d.x", True),
    "instance without it": (init("class C: x = 1\nd = C()"), "p", "d.y", False),
    "what a function returns": (init("class C: x = 1\ndef f() -> C: ..."), "p", "f().x", True),
    "what a function returns without it": (init("class C: x = 1\ndef f() -> 'C': ..."), "p", "f().y", False),
    "either of what it returns": (init("class C: x = 1\nclass D: y = 1\ndef f() -> C | D: ..."), "p", "f().y", True),
    "what it returns, unannotated": (init("class C: x = 1\ndef f(): return C()"), "p", "f().x", True),
    "what it returns, unknown": (init("def f(): return g()"), "p", "f().x", None),
    "module attribute": (init(""), "p", "__name__", True),
}


@pytest.mark.parametrize("case", NAMES.values(), ids=NAMES)
def test_names(case):
    files, module, name, expected = case
    assert look(files, module, name) is expected


@pytest.mark.parametrize(
    ("module", "expected"),
    [("p", True), ("p.q", True), ("p.r", False), ("p.s", True), ("n", True), ("n.x", True), ("n.y", False)],
)
def test_modules(module, expected):
    files = {"p/__init__.py": "", "p/q.py": "", "p/s.cpython-311-x86_64-linux-gnu.so": "", "n/x/y.py": ""}
    assert Resolver(Release(files)).modules.has(module) is expected


def test_a_module_may_yet_be_made_from_source():
    assert Resolver(Release({"p/__init__.py": ""}, compiled=True)).modules.has("p.q") is None


PARAMETERS = {
    "plain": ("def f(a, *, b=1): pass", "f", "b", True),
    "not taken": ("def f(a): pass", "f", "b", False),
    "positional only": ("def f(a, /): pass", "f", "a", False),
    "any": ("def f(**kw): pass", "f", "b", True),
    "taken out of kwargs": ("def f(**kw):\n b = kw.pop('b', 1)\n if kw: raise TypeError(kw)", "f", "b", True),
    "kwargs refused": ("def f(**kw):\n b = kw.pop('b', 1)\n if kw: raise TypeError(kw)", "f", "c", False),
    "kwargs refused by their number": (
        "def f(**kw):\n b = kw.pop('b')\n if len(kw) > 0: raise TypeError",
        "f",
        "c",
        False,
    ),
    "handed on": ("def f(**kw): return g(**kw)\ndef g(b=1): pass", "f", "b", True),
    "handed on and refused there": ("def f(**kw): return g(**kw)\ndef g(b=1): pass", "f", "c", False),
    "handed on to the unknown": ("from other import g\ndef f(**kw): return g(**kw)", "f", "c", None),
    "used in an unseen way": ("def f(**kw): return dict(kw)", "f", "c", True),
    "constructor": ("class C:\n def __init__(self, a): pass", "C", "a", True),
    "constructor without it": ("class C:\n def __init__(self, a): pass", "C", "b", False),
    "inherited constructor": ("class B:\n def __init__(self, a): pass\nclass C(B): pass", "C", "a", True),
    "inherited constructor without it": ("class B:\n def __init__(self, a): pass\nclass C(B): pass", "C", "b", False),
    "handed on to super": (
        "class B:\n def __init__(self, a): pass\nclass C(B):\n def __init__(self, b, **kw): super().__init__(**kw)",
        "C",
        "a",
        True,
    ),
    "handed on to super and refused": (
        "class B:\n def __init__(self, a): pass\nclass C(B):\n def __init__(self, b, **kw): super().__init__(**kw)",
        "C",
        "c",
        False,
    ),
    "base from elsewhere": ("from other import B\nclass C(B): pass", "C", "a", None),
    "no constructor at all": ("class C: pass", "C", "a", False),
    "method": ("class C:\n def m(self, a): pass", "C.m", "a", True),
    "inherited method without it": ("class B:\n def m(self, a): pass\nclass C(B): pass", "C.m", "b", False),
    "dataclass": ("from dataclasses import dataclass\n@dataclass\nclass C:\n a: int\n b: int = 1", "C", "b", True),
    "dataclass without it": ("from dataclasses import dataclass\n@dataclass\nclass C:\n a: int", "C", "b", False),
    "dataclass, not in its constructor": (
        "from dataclasses import dataclass, field\n@dataclass\nclass C:\n a: int = field(init=False)",
        "C",
        "a",
        False,
    ),
    "class variable": ("from typing import ClassVar\n@dataclass\nclass C:\n a: ClassVar[int] = 1", "C", "a", False),
    "inherited dataclass": ("@dataclass\nclass B:\n a: int\n@dataclass\nclass C(B):\n b: int", "C", "a", True),
    "attrs": ("import attr\n@attr.s\nclass C:\n _a = attr.ib()", "C", "a", True),
    "named tuple": ("from typing import NamedTuple\nclass C(NamedTuple):\n a: int", "C", "a", True),
    "named tuple without it": ("from typing import NamedTuple\nclass C(NamedTuple):\n a: int", "C", "b", False),
    "pydantic": ("from pydantic import BaseModel\nclass C(BaseModel):\n a: int", "C", "a", True),
    "made by __new__": ("class C:\n def __new__(cls, a): pass", "C", "a", True),
    "alias": ("class C:\n def __init__(self, a): pass\nD = C", "D", "b", False),
}


@pytest.mark.parametrize("case", PARAMETERS.values(), ids=PARAMETERS)
def test_parameters(case):
    text, name, parameter, expected = case
    assert accepts(Resolver(Release({"p/__init__.py": text})), "p", name, parameter) is expected


DEPRECATED = {
    "warned in its body": ("import warnings\ndef f():\n warnings.warn('no', DeprecationWarning)\n return 1", "f", True),
    "warned by keyword": ("def f():\n warnings.warn('no', category=FutureWarning)", "f", True),
    "warned by a class of its own": ("def f():\n warnings.warn(RemovedIn50Warning('no'))", "f", True),
    "another warning": ("def f():\n warnings.warn('no', RuntimeWarning)", "f", False),
    "decorated": ("@deprecated('no')\ndef f(): pass", "f", True),
    "documented": ("def f():\n '''F.\n\n .. deprecated:: 1.2\n '''", "f", True),
    "warned only in some case": (
        "def f(x=None):\n if x is not None:\n  warnings.warn('no', DeprecationWarning)",
        "f",
        False,
    ),
    "its constructor warns": ("class C:\n def __init__(self):\n  warnings.warn('no', DeprecationWarning)", "C", True),
    "sound": ("def f(): pass", "f", False),
}


@pytest.mark.parametrize("case", DEPRECATED.values(), ids=DEPRECATED)
def test_deprecation(case):
    text, name, expected = case
    found = Resolver(Release({"p/__init__.py": text})).find("p", name)
    assert found.symbol.deprecated is expected


def test_a_parameter_that_is_warned_of():
    text = "def f(old=None, new=None):\n if old is not None:\n  warnings.warn('no', DeprecationWarning)\n"
    resolver = Resolver(Release({"p/__init__.py": text}))
    assert deprecated_parameter(resolver, "p", "f", "old")
    assert not deprecated_parameter(resolver, "p", "f", "new")


@pytest.mark.parametrize(
    "text",
    ["", "\0", "def", "(" * 5000, "x = " + "-" * 3000 + "1", "\xff\xfe", "class :", "lambda: (yield)", "if x:\n" * 90],
)
def test_no_source_breaks_the_reader(text):
    read_source(text.encode("utf-8", "surrogatepass"))
    read_source(text.encode("utf-16"))
    skim_cython(text.encode())
