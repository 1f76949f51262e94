"""Messages as CPython 2.7 to 3.14 print them."""

from __future__ import annotations

import pytest

from bot.classify.claims import (
    Claim,
    Want,
    attribute_base,
    called,
    claim,
    imported_from,
    is_raise,
    names_it,
    passes,
    special,
)

MESSAGES = [
    (
        "AttributeError",
        "property 'protected_args' of 'Context' object has no setter",
        Claim(want=Want.MEMBER, name="protected_args", of="Context", closed=True),
    ),
    ("ImportError", "cannot import name gcd", Claim(want=Want.NAME, name="gcd")),
    ("ImportError", "cannot import name 'gcd'", Claim(want=Want.NAME, name="gcd")),
    (
        "ImportError",
        "cannot import name 'gcd' from 'fractions' (/usr/lib/python3.9/fractions.py)",
        Claim(want=Want.NAME, name="gcd", module="fractions", path="/usr/lib/python3.9/fractions.py"),
    ),
    (
        "ImportError",
        "cannot import name 'x' from 'a.b' (unknown location)",
        Claim(want=Want.NAME, name="x", module="a.b"),
    ),
    (
        "ImportError",
        "cannot import name 'B' from partially initialized module 'o.b' (most likely due to a circular import) (/o/b.py)",
        Claim(want=Want.NAME, name="B", module="o.b", path="/o/b.py", partial=True),
    ),
    (
        "AttributeError",
        "partially initialized module 'o' has no attribute 'B' (most likely due to a circular import)",
        Claim(want=Want.NAME, name="B", module="o", partial=True),
    ),
    ("ImportError", "No module named vine.five", Claim(want=Want.MODULE, name="vine.five")),
    ("ModuleNotFoundError", "No module named 'vine.five'", Claim(want=Want.MODULE, name="vine.five")),
    (
        "ModuleNotFoundError",
        "No module named 'a.b'; 'a' is not a package",
        Claim(want=Want.MODULE, name="a.b", path="a"),
    ),
    ("AttributeError", "'module' object has no attribute 'x'", Claim(want=Want.NAME, name="x")),
    ("AttributeError", "module 'numpy' has no attribute 'int'.", Claim(want=Want.NAME, name="int", module="numpy")),
    ("AttributeError", "module 'os.path' has no attribute 'x'", Claim(want=Want.NAME, name="x", module="os.path")),
    (
        "AttributeError",
        "'EntryPoints' object has no attribute 'get'",
        Claim(want=Want.MEMBER, name="get", of="EntryPoints"),
    ),
    ("AttributeError", "type object 'A' has no attribute 'b'", Claim(want=Want.MEMBER, name="b", of="A")),
    ("AttributeError", "A instance has no attribute 'b'", Claim(want=Want.MEMBER, name="b", of="A")),
    (
        "AttributeError",
        "'pandas._libs.Flags' object has no attribute 'c'",
        Claim(want=Want.MEMBER, name="c", of="Flags", module="pandas._libs"),
    ),
    (
        "TypeError",
        "__init__() got an unexpected keyword argument 'p'",
        Claim(want=Want.KEYWORD, name="p", of="__init__"),
    ),
    (
        "TypeError",
        "Client.__init__() got an unexpected keyword argument 'p'",
        Claim(want=Want.KEYWORD, name="p", of="Client.__init__"),
    ),
    (
        "TypeError",
        "f.<locals>.g() got an unexpected keyword argument 'p'",
        Claim(want=Want.KEYWORD, name="p", of="g", within="f"),
    ),
    (
        "TypeError",
        "A.m.<locals>.g() missing 1 required positional argument: 'x'",
        Claim(want=Want.ARGUMENTS, name="x", of="g", within="m"),
    ),
    ("TypeError", "A() takes no arguments", Claim(want=Want.ARGUMENTS, name="", of="A")),
    (
        "TypeError",
        "object of type 'Row' has no len()",
        Claim(want=Want.PROTOCOL, name="has no len()", of="Row"),
    ),
    (
        "TypeError",
        "object Response can't be used in 'await' expression",
        Claim(want=Want.PROTOCOL, name="can't be used in 'await' expression", of="Response"),
    ),
    (
        "TypeError",
        "'async for' requires an object with __aiter__ method, got Pages",
        Claim(want=Want.PROTOCOL, name="requires an object with __aiter__", of="Pages"),
    ),
    (
        "UnboundLocalError",
        "cannot access local variable 'x' where it is not associated with a value",
        Claim(want=Want.GLOBAL, name="x"),
    ),
    (
        "AttributeError",
        "module 'random' has no attribute 'choice' (consider renaming '/src/random.py' since it has the same name as …)",
        Claim(want=Want.NAME, name="choice", module="random", path="/src/random.py"),
    ),
    (
        "ImportError",
        "cannot import name 'array' from 'numpy' (consider renaming '/src/numpy.py' if it has the same name as …)",
        Claim(want=Want.NAME, name="array", module="numpy", path="/src/numpy.py"),
    ),
    ("TypeError", "'p' is an invalid keyword argument for this function", Claim(want=Want.KEYWORD, name="p")),
    ("TypeError", "'p' is an invalid keyword argument for open()", Claim(want=Want.KEYWORD, name="p", of="open")),
    ("TypeError", "f() takes exactly 2 arguments (3 given)", Claim(want=Want.ARGUMENTS, name="", of="f")),
    ("TypeError", "f() takes 2 positional arguments but 3 were given", Claim(want=Want.ARGUMENTS, name="", of="f")),
    (
        "TypeError",
        "f() takes from 1 to 2 positional arguments but 3 were given",
        Claim(want=Want.ARGUMENTS, name="", of="f"),
    ),
    ("TypeError", "f() missing 1 required positional argument: 'x'", Claim(want=Want.ARGUMENTS, name="x", of="f")),
    (
        "TypeError",
        "f() missing 2 required keyword-only arguments: 'x' and 'y'",
        Claim(want=Want.ARGUMENTS, name="x", of="f"),
    ),
    ("TypeError", "f() got multiple values for argument 'x'", Claim(want=Want.ARGUMENTS, name="x", of="f")),
    (
        "TypeError",
        "'PipeMutex' object does not support the context manager protocol",
        Claim(want=Want.PROTOCOL, name="does not support the context manager protocol", of="PipeMutex"),
    ),
    (
        "TypeError",
        "'NoneType' object is not subscriptable",
        Claim(want=Want.PROTOCOL, name="is not subscriptable", of="NoneType"),
    ),
    ("TypeError", "unhashable type: 'list'", Claim(want=Want.PROTOCOL, name="hash", of="list")),
    ("NameError", "name 'unicode' is not defined", Claim(want=Want.GLOBAL, name="unicode")),
    ("NameError", "global name 'unicode' is not defined", Claim(want=Want.GLOBAL, name="unicode")),
    (
        "importlib.metadata.PackageNotFoundError",
        "No package metadata was found for rates",
        Claim(want=Want.DISTRIBUTION, name="rates"),
    ),
    ("importlib_metadata.PackageNotFoundError", "rates", Claim(want=Want.DISTRIBUTION, name="rates")),
    (
        "pkg_resources.DistributionNotFound",
        "The 'rates>=1' distribution was not found and is required by the application",
        Claim(want=Want.DISTRIBUTION, name="rates"),
    ),
]


@pytest.mark.parametrize(("exception", "message", "want"), MESSAGES, ids=[message[:60] for _, message, _ in MESSAGES])
def test_message(exception, message, want):
    assert claim(exception, message) == want


@pytest.mark.parametrize(
    ("exception", "message"),
    [
        ("ValueError", "No module named 'x'"),
        ("KeyError", "'name x is not defined'"),
        ("TypeError", "bad operand"),
        ("ImportError", "libGL.so.1: cannot open shared object file"),
        ("AttributeError", ""),
    ],
)
def test_claims_nothing(exception, message):
    assert claim(exception, message) is None


def test_reads_the_printed_line():
    assert imported_from("from werkzeug.urls import url_quote, url_join", "url_quote") == "werkzeug.urls"
    assert imported_from("import werkzeug", "url_quote") is None
    assert attribute_base("_X = ma.__version_info__ >= (3, 13)", "__version_info__") == "ma"
    assert called("hash = _bcrypt.hashpw(secret, config)") == ("_bcrypt.hashpw",)
    assert is_raise("raise ValueError(x)")
    assert not is_raise("raised = 1")


@pytest.mark.parametrize(
    ("operation", "method"),
    [
        ("is not subscriptable", "__getitem__"),
        ("does not support item assignment", "__setitem__"),
        ("is not iterable", "__iter__"),
        ("is not callable", "__call__"),
        ("has no len()", "__len__"),
        ("can't be used in 'await' expression", "__await__"),
        ("does not support the context manager protocol", "__enter__"),
        ("does not support the asynchronous context manager protocol", "__aenter__"),
        ("hash", "__hash__"),
        ("is not happy", None),
    ],
)
def test_an_operation_is_a_special_method(operation, method):
    assert special(operation) == method


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("from target import helper", True),
        ("from target import (", True),
        ("return target.helper(x)", True),
        ("return import_module(dotted_path)", False),
        ("return getattr(module, class_name)", False),
        ("run = lookup(", None),
        (None, None),
    ],
)
def test_a_line_names_what_it_misses_or_looks_up_what_it_was_given(line, says):
    assert names_it(line, "target.helper") is says


def test_a_keyword_is_handed_over_by_its_name():
    assert passes("return make(url, proxies=proxies)", "proxies")
    assert passes("kwargs['proxies'] = None", "proxies")
    assert not passes("return make(url, **kwargs)", "proxies")
    assert not passes("if proxies == 1:", "proxies")
