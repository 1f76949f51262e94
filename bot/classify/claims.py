"""What an exception's message claims, as every CPython from 2.7 on (and PyPy) words it.

A claim is the static fact behind a message: a module, name, attribute or parameter that is not there. It can be checked
against releases without running anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

from bot.patterns import pattern


class Want(StrEnum):
    """What was asked for and missed."""

    MODULE = "module"
    NAME = "name"
    """A name imported from a module, or an attribute of a module."""
    MEMBER = "member"
    """An attribute of an object, a class or a type."""
    KEYWORD = "keyword"
    ARGUMENTS = "arguments"
    """Too many or too few arguments."""
    PROTOCOL = "protocol"
    """An operation that the object's type does not support."""
    GLOBAL = "global"
    """A bare name: NameError."""
    DISTRIBUTION = "distribution"
    """Metadata of a distribution: PackageNotFoundError, DistributionNotFound, VersionConflict."""
    ENTRY_POINT = "entry-point"


class Claim(Struct, frozen=True, kw_only=True):
    """What a message says is missing."""

    want: Want
    name: str
    """The missing module, name, attribute, parameter, bare name or distribution; the operation for PROTOCOL."""
    module: str | None = None
    """The module that lacks the name, or the module part of a qualified callable."""
    of: str | None = None
    """The type that lacks the member, or the callable that rejects an argument: `Client.__init__`."""
    path: str | None = None
    """The file that the message says the module came from; of a hook's function, the plug-in's name or file."""
    closed: bool = False
    """The member is there, and can't be set."""
    partial: bool = False
    """The message itself says that the module was still being imported (a cycle)."""
    within: str | None = None
    """The function that defines the callable in `of`, where its qualified name says that it is a closure's."""

    @property
    def owner(self) -> str | None:
        """The class in `of`, where it is a class or its method."""
        return self.of.split(".", 1)[0] if self.of else None


BUILTINS = frozenset(
    [
        "NoneType",
        "bool",
        "bytearray",
        "bytes",
        "complex",
        "dict",
        "dict_items",
        "dict_keys",
        "dict_values",
        "ellipsis",
        "enumerate",
        "filter",
        "float",
        "frozenset",
        "function",
        "builtin_function_or_method",
        "generator",
        "int",
        "list",
        "list_iterator",
        "long",
        "map",
        "memoryview",
        "method",
        "method-wrapper",
        "mappingproxy",
        "module",
        "NotImplementedType",
        "object",
        "property",
        "range",
        "range_iterator",
        "reversed",
        "set",
        "slice",
        "str",
        "str_iterator",
        "super",
        "tuple",
        "type",
        "unicode",
        "zip",
        "coroutine",
        "async_generator",
        "cell",
        "code",
        "frame",
        "traceback",
        "iterator",
        "getset_descriptor",
        "wrapper_descriptor",
        "staticmethod",
        "classmethod",
        "weakref",
        "lambda",
        "instancemethod",
        "classobj",
        "instance",
        "file",
        "xrange",
        "instance",
        "basestring",
        "ABCMeta",
        "PosixPath",
        "WindowsPath",
        "Path",
        "OrderedDict",
        "defaultdict",
        "Decimal",
        "datetime",
        "date",
        "timedelta",
        "UUID",
        "StringIO",
        "BytesIO",
        "partial",
    ]
)
"""Types that any caller can pass by mistake: their name in a message says nothing of a library's API."""

MOCKS = frozenset(
    [
        "Mock",
        "MagicMock",
        "AsyncMock",
        "NonCallableMock",
        "NonCallableMagicMock",
        "PropertyMock",
        "_Call",
        "CallableMixin",
    ]
)

_Q = r"['\"‘’“”]?"
_N = r"[\w.<>\-]+"

_Maker = Callable[[re.Match[str]], Claim]


def _rule(form: str, make: _Maker) -> tuple[re.Pattern[str], _Maker]:
    return pattern(form, re.DOTALL), make


_RULES: tuple[tuple[re.Pattern[str], _Maker], ...] = (
    _rule(
        rf"cannot import name {_Q}(?P<name>{_N}?){_Q} from partially initialized module {_Q}(?P<module>{_N}?){_Q}"
        r"(?: \(most likely due to a circular import\))?(?: \((?P<path>.*?)\))?\s*$",
        lambda m: Claim(want=Want.NAME, name=m["name"], module=m["module"], path=_path(m["path"]), partial=True),
    ),
    _rule(
        rf"cannot import name {_Q}(?P<name>{_N}?){_Q}(?: from {_Q}(?P<module>{_N}?){_Q}(?: \((?P<path>.*?)\))?)?(?=$|\s|\.(?:\s|$))",
        lambda m: Claim(want=Want.NAME, name=m["name"], module=m["module"], path=_path(m["path"])),
    ),
    _rule(
        rf"No module named {_Q}(?P<name>[\w.\-]+){_Q}(?:; {_Q}(?P<parent>[\w.]+){_Q} is not a package)?",
        lambda m: Claim(want=Want.MODULE, name=m["name"], path=m["parent"]),
    ),
    _rule(
        rf"partially initialized module {_Q}(?P<module>[\w.]+){_Q}(?: from '(?P<path>[^']*)')? has no attribute {_Q}(?P<name>\w+){_Q}",
        lambda m: Claim(want=Want.NAME, name=m["name"], module=m["module"], path=_path(m["path"]), partial=True),
    ),
    _rule(
        rf"module {_Q}(?P<module>[\w.]+){_Q}(?: from '(?P<path>[^']*)')? has no attribute {_Q}(?P<name>\w+){_Q}"
        r"(?P<advice> \(consider renaming .+?\))?",
        lambda m: Claim(want=Want.NAME, name=m["name"], module=m["module"], path=_path(m["path"] or m["advice"])),
    ),
    _rule(
        r"'module' object has no attribute '(?P<name>\w+)'",
        lambda m: Claim(want=Want.NAME, name=m["name"]),
    ),
    _rule(
        r"<module '(?P<module>[\w.]+)'(?: from '(?P<path>[^']*)')?.*?> does not have the attribute '(?P<name>\w+)'",
        lambda m: Claim(want=Want.NAME, name=m["name"], module=m["module"], path=_path(m["path"])),
    ),
    _rule(
        r"type object '(?P<of>[\w.]+)' has no attribute '(?P<name>\w+)'",
        lambda m: Claim(want=Want.MEMBER, name=m["name"], of=m["of"].rsplit(".", 1)[-1], module=_prefix(m["of"])),
    ),
    _rule(
        r"property '(?P<name>\w+)' of '(?P<of>[\w.\-]+)' object has no (?:setter|deleter)",
        lambda m: Claim(
            want=Want.MEMBER, name=m["name"], of=m["of"].rsplit(".", 1)[-1], module=_prefix(m["of"]), closed=True
        ),
    ),
    _rule(
        r"'(?P<of>[\w.\-]+)' object has no attribute '(?P<name>\w+)'",
        lambda m: Claim(want=Want.MEMBER, name=m["name"], of=m["of"].rsplit(".", 1)[-1], module=_prefix(m["of"])),
    ),
    _rule(
        r"(?P<of>[A-Za-z_]\w*) instance has no attribute '(?P<name>\w+)'",
        lambda m: Claim(want=Want.MEMBER, name=m["name"], of=m["of"]),
    ),
    _rule(
        r"(?P<of>[\w.<>]+)\(\) got an? (?:unexpected|some positional-only arguments passed as) keyword arguments?:? '(?P<name>\w+)'",
        lambda m: Claim(want=Want.KEYWORD, name=m["name"], of=_callable(m["of"]), within=_within(m["of"])),
    ),
    _rule(
        r"'(?P<name>\w+)' is an invalid keyword argument for (?:this function|(?P<of>[\w.]+)\(\))",
        lambda m: Claim(want=Want.KEYWORD, name=m["name"], of=m["of"]),
    ),
    _rule(
        r"(?P<of>[\w.<>]+)\(\) got multiple values for (?:keyword )?argument '(?P<name>\w+)'",
        lambda m: Claim(want=Want.ARGUMENTS, name=m["name"], of=_callable(m["of"]), within=_within(m["of"])),
    ),
    _rule(
        r"(?P<of>[\w.<>]+)\(\) missing (?:\d+ )?required (?:positional|keyword-only)? ?arguments?:? '(?P<name>\w+)'",
        lambda m: Claim(want=Want.ARGUMENTS, name=m["name"], of=_callable(m["of"]), within=_within(m["of"])),
    ),
    _rule(
        r"(?P<of>[\w.<>]+)\(\) takes (?P<name>(?:no|exactly|at least|at most|from)? ?[\w ]*?) ?(?:positional |keyword )?arguments? ?"
        r"(?:but|\(|$)",
        lambda m: Claim(want=Want.ARGUMENTS, name="", of=_callable(m["of"]), within=_within(m["of"])),
    ),
    _rule(
        r"Can't instantiate abstract class (?P<of>\w+) (?:with|without an implementation for) abstract methods? '?(?P<name>\w+)",
        lambda m: Claim(want=Want.PROTOCOL, name=m["name"], of=m["of"]),
    ),
    _rule(
        r"(?:free variable|local variable|(?:global )?name) '(?P<name>\w+)' (?:is not defined|referenced before|where it is not)",
        lambda m: Claim(want=Want.GLOBAL, name=m["name"]),
    ),
    _rule(
        r"object of type '(?P<of>[\w.\-]+)' (?P<name>has no len\(\))",
        lambda m: Claim(want=Want.PROTOCOL, name=m["name"], of=m["of"].rsplit(".", 1)[-1], module=_prefix(m["of"])),
    ),
    _rule(
        r"object (?P<of>[A-Za-z_][\w.]*) (?P<name>can't be used in 'await' expression)",
        lambda m: Claim(want=Want.PROTOCOL, name=m["name"], of=m["of"].rsplit(".", 1)[-1], module=_prefix(m["of"])),
    ),
    _rule(
        r"'async for' (?P<name>requires an object with __aiter__) method, got (?P<of>[A-Za-z_][\w.]*)",
        lambda m: Claim(want=Want.PROTOCOL, name=m["name"], of=m["of"].rsplit(".", 1)[-1], module=_prefix(m["of"])),
    ),
    _rule(
        r"'(?P<of>[\w.\-]+)' object (?P<name>is not \w+|does not support [\w ]+|can't be \w+|doesn't define [\w ]+|cannot be [\w ]+)",
        lambda m: Claim(want=Want.PROTOCOL, name=m["name"], of=m["of"].rsplit(".", 1)[-1], module=_prefix(m["of"])),
    ),
    _rule(
        r"(?:unhashable type: '(?P<of>[\w.]+)'|argument of type '(?P<of2>[\w.]+)' is not (?P<name>[\w ]+))",
        lambda m: Claim(want=Want.PROTOCOL, name=m["name"] or "hash", of=(m["of"] or m["of2"]).rsplit(".", 1)[-1]),
    ),
    _rule(
        r"^(?:No package metadata was found for |The '?)(?P<name>[A-Za-z0-9][\w.\-]*)",
        lambda m: Claim(want=Want.DISTRIBUTION, name=m["name"]),
    ),
)


def claim(exception: str, message: str) -> Claim | None:
    """The claim that an exception makes, or None where its message makes none that can be checked."""
    kind = exception.rsplit(".", 1)[-1]
    if kind == "PluginValidationError" and (hook := _HOOK.search(message[:2_000])):
        return Claim(want=Want.KEYWORD, name=hook["name"] or "", of=hook["of"], path=hook["plugin"])
    text = " ".join(message[:2_000].split("\n", 1)[0].split())
    if kind in {"PackageNotFoundError", "DistributionNotFound"} and re.fullmatch(r"[A-Za-z0-9][\w.\-]*", text):
        return Claim(want=Want.DISTRIBUTION, name=text)
    if kind not in _KINDS:
        return None
    for form, make in _RULES:
        if found := form.search(text):
            return make(found)
    return None


_HOOK = pattern(
    r"Plugin '(?P<plugin>[^'\n]+)' for hook '(?P<of>\w+)'(?:.*?Argument\(s\) \{'(?P<name>\w+)')?", re.DOTALL
)
"""How pluggy refuses a plug-in's function: a parameter that the hook no longer has (or never had)."""
OTHER_ABI = pattern(
    r"(?P<type>\b[A-Za-z_][\w.]+)? ?size changed, may indicate binary incompatibility"
    r"|compiled using NumPy [\d.x]+ cannot be run in NumPy|compiled against (?:API|ABI) version \S+ but this version"
)
"""How a compiled module says that it was built for another release of what it uses, whose type is named where it is."""
_KINDS = frozenset(
    [
        "ImportError",
        "ModuleNotFoundError",
        "AttributeError",
        "TypeError",
        "NameError",
        "UnboundLocalError",
        "PackageNotFoundError",
        "DistributionNotFound",
        "VersionConflict",
        "ContextualVersionConflict",
        "RuntimeError",
    ]
)


def imported_from(source: str | None, name: str) -> str | None:
    """The module of `from MODULE import … name …`, which older interpreters leave out of the message."""
    found = re.match(r"\s*from\s+([\w.]+)\s+import\b(.*)", source or "")
    return found[1] if found and (name in found[2] or "(" in found[2] or "*" in found[2]) else None


def attribute_base(source: str | None, name: str) -> str | None:
    """What stands before `.name` in a line: `ma` of `ma.__version_info__ >= (3, 13)`."""
    found = re.search(rf"([A-Za-z_][\w.]*)\s*\.\s*{re.escape(name)}\b", source or "")
    return found[1] if found else None


_PROTOCOLS = (
    (pattern(r"not subscriptable|support indexing|no attribute '__getitem__'"), "__getitem__"),
    (pattern(r"support item assignment"), "__setitem__"),
    (pattern(r"support item deletion"), "__delitem__"),
    (pattern(r"not iterable|not a container"), "__iter__"),
    (pattern(r"not an iterator"), "__next__"),
    (pattern(r"not an? async(?:hronous)? iterable|__aiter__"), "__aiter__"),
    (pattern(r"not callable"), "__call__"),
    (pattern(r"asynchronous context manager"), "__aenter__"),
    (pattern(r"context manager"), "__enter__"),
    (pattern(r"no len\(\)"), "__len__"),
    (pattern(r"await"), "__await__"),
    (pattern(r"\bhash\b"), "__hash__"),
)


def special(operation: str) -> str | None:
    """The special method without which an operation is not supported: `is not iterable` → `__iter__`."""
    return next((method for form, method in _PROTOCOLS if form.search(operation)), None)


_DYNAMIC = pattern(
    r"\b(?:import_module|__import__|import_string|import_object|import_by_path|getattr|locate|_gcd_import|find_spec|load_module"
    r"|exec_module|resolve_name|resolve|load_class|import_from_string|import_app|symbol_by_name|attrgetter|load)\s*\("
)


def names_it(source: str | None, name: str) -> bool | None:
    """Whether a line itself names what is missing; False where it looks up a name that it was given as data.

    None where the line does not tell: it is not printed, or only the first line of a longer statement is.
    """
    text = (source or "").strip()
    if not text:
        return None
    if re.match(r"(?:from|import)\b", text) or re.search(rf"(?<!\w){re.escape(name.rsplit('.', 1)[-1])}(?!\w)", text):
        return True
    return False if _DYNAMIC.search(text) else None


def assigns(source: str | None, attribute: str) -> bool:
    """Whether a line sets an attribute of an object."""
    return bool(re.search(rf"\.{re.escape(attribute)}\s*(?::[^=]+)?=(?!=)", source or ""))


def passes(source: str | None, keyword: str) -> bool:
    """Whether a line hands over a keyword argument by name, or in a mapping that names it."""
    return bool(re.search(rf"\b{re.escape(keyword)}\s*=(?!=)|['\"]{re.escape(keyword)}['\"]\s*[:\]]", source or ""))


def called(source: str | None) -> tuple[str, ...]:
    """The dotted names that a line calls, in its order: `openai.Client`, `_bcrypt.hashpw`."""
    return tuple(dict.fromkeys(re.findall(r"([A-Za-z_][\w.]*)\s*\(", source or "")))


def identifiers(source: str | None) -> tuple[str, ...]:
    """The dotted names in a line, strings left out."""
    bare = re.sub(r"\"[^\"]*\"|'[^']*'", " ", source or "")
    return tuple(dict.fromkeys(re.findall(r"[A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)*", bare)))


def is_raise(source: str | None) -> bool:
    """Whether a line raises on purpose."""
    text = (source or "").strip()
    return bool(
        re.match(
            r"(?:raise\b|reraise\(|six\.reraise|six\.raise_from|raise_from\(|assert\b|self\.fail\(|pytest\.fail\()",
            text,
        )
    )


def _path(text: str | None) -> str | None:
    """The path in a message's brackets; since 3.13 it may stand in advice: `consider renaming '/src/random.py' since …`."""
    advised = re.search(r"consider renaming ['\"](.+?)['\"]", text or "")
    if advised:
        return advised[1]
    return text if text and text != "unknown location" else None


def _prefix(dotted: str) -> str | None:
    return dotted.rsplit(".", 1)[0] if "." in dotted else None


def _within(name: str) -> str | None:
    """The outermost function in a closure's qualified name: `fake.<locals>.get` → `fake`."""
    return name.split(".<locals>", 1)[0].rsplit(".", 1)[-1] if ".<locals>" in name else None


def _callable(name: str) -> str:
    """A callable without the enclosing functions that a closure's qualified name lists."""
    return name.rsplit("<locals>.", 1)[-1]
