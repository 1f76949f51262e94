"""For each rule a case that it must see and a near miss that it must not: the smallest difference that matters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from msgspec.structs import replace

from bot.classify.judging import judging
from bot.classify.rules import Look
from bot.facts import Fact, HasLine, Held, Release, ReleaseMetadata, Walk, Walked
from bot.model import Edits, Ending, EndKind, Handled, Phase, RequirementEdit, Totals, normalized
from tests.classify.build import Answers, case_of, failure, gone, look, raised, remark, there


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A case that must match and one that must not."""

    hit: Callable[[], Look]
    miss: Callable[[], Look]


IMPORT = "cannot import name 'url_quote' from 'werkzeug.urls' (/opt/hostedtoolcache/Python/3.11.7/x64/lib/python3.11/site-packages/werkzeug/urls.py)"
NOW = {"flask": "2.2.2", "werkzeug": "3.0.0", "pytest": "7.4"}
BEFORE = {"flask": "2.2.2", "werkzeug": "2.3.7", "pytest": "7.4"}
REMOVED = gone("2.3.7", "3.0.0", changed=datetime(2023, 9, 30, tzinfo=UTC))


def flask_import(
    *,
    answers=None,
    by="site flask/app.py <module> | from werkzeug.urls import url_quote",
    message=IMPORT,
    installed=NOW,
    **job,
):
    return look(
        failure(
            raised("ImportError", message, "own app.py <module> | from flask import Flask", by), phase=Phase.COLLECT
        ),
        installed=installed,
        answers=answers,
        **job,
    )


def own_import(**job):
    return look(
        failure(raised("ImportError", IMPORT, "own app.py <module> | from werkzeug.urls import url_quote")),
        installed=NOW,
        **job,
    )


def stdlib_import(python="3.13.0", by="site webob/compat.py <module> | import cgi", **job):
    return look(
        failure(raised("ModuleNotFoundError", "No module named 'cgi'", "own app.py <module> | import webob", by)),
        installed={"webob": "1.8.8", "pytest": "8", "six": "1"},
        python=python,
        **job,
    )


def undeclared(requires, *, by="site fs/__init__.py <module> | import appdirs", installed=None):
    return look(
        failure(raised("ModuleNotFoundError", "No module named 'appdirs'", "own a.py <module> | import fs", by)),
        installed=installed or {"fs": "2.4.16", "six": "1.16", "pytest": "8"},
        answers={("Metadata", "fs"): ReleaseMetadata(version="2.4.16", requires=requires)},
    )


def in_library(exception, message, source, *, green=None, installed=None, answers=None, extra=(), **job):
    """A library's own line failed in a call that the project made."""
    return look(
        failure(
            raised(
                exception,
                message,
                "own shop/cart.py total | return rates.lookup(code)",
                *extra,
                f"site rates/core.py lookup | {source}",
            )
        ),
        installed=installed or {"rates": "2.0", "money": "5.0", "pytest": "8"},
        green=green,
        answers=answers,
        **job,
    )


OLD = {"rates": "1.9", "money": "5.0", "pytest": "8"}
SAME = {"rates": "2.0", "money": "5.0", "pytest": "8"}
FLAGS = "'Flags' object has no attribute 'c_contiguous'"


def passed_on(*, answers, green=None, explicit="raise UnknownScheme(scheme)"):
    """docker → requests → urllib3: the last refuses, the middle one changed."""
    return look(
        failure(
            raised(
                "UnknownScheme",
                "Not supported URL scheme http+x",
                "own smoke.py <module> | client.ping()",
                "site docker/api.py ping | self.session.get(url)",
                "site requests/adapters.py open_connection | conn = self.pool(request)",
                f"site urllib3/pool.py pool | {explicit}",
            )
        ),
        installed={"docker": "7.0", "requests": "2.32.0", "urllib3": "2.2"},
        green=green or {"docker": "7.0", "requests": "2.31.0", "urllib3": "2.2"},
        answers=answers,
    )


def bcrypt(*, green, answers=None, source="hash = _bcrypt.hashpw(secret, config)"):
    return look(
        failure(
            raised(
                "ValueError",
                "password cannot be longer than the permitted size",
                "own app.py signup | return pwd.hash(word)",
                "site passlib/context.py hash | return record.hash(secret)",
                f"site passlib/handlers/bcrypt.py _calc | {source}",
            )
        ),
        installed={"passlib": "1.7.4", "bcrypt": "5.0.0", "pytest": "8"},
        green=green,
        answers=answers,
    )


def refused(
    *,
    explicit="raise ValueError('no such option ever existed here')",
    green=None,
    caller="site caller/run.py go | return target.do(1)",
):
    return look(
        failure(
            raised(
                "ValueError",
                "no such option ever existed here",
                "own app.py main | caller.go()",
                caller,
                f"site target/core.py do | {explicit}",
            )
        ),
        installed={"caller": "1.0", "target": "3.0", "pytest": "8"},
        green=green or {"caller": "1.0", "target": "2.0", "pytest": "8"},
        answers={("HasText", "target"): there(since="3.0", before="2.9")},
    )


def handed(*, made=True, came=None, caller="1.0"):
    """A third party hands something to a changed one, which trips over it on a line."""
    return look(
        failure(
            raised(
                "ValueError",
                "not enough values to unpack (expected 5, got 4)",
                "own app.py rows | return caller.fetch(query)",
                "site caller/run.py fetch | meta = target.Meta(context, cursor.description)",
                "site target/core.py __init__ | (",
            )
        ),
        installed={"caller": caller, "target": "3.1", "pytest": "8"},
        green={"caller": "1.0", "target": "3.0", "pytest": "8"},
        answers={("StandsAs", "target"): came or there(since="3.1", before="3.0"), ("MadeHere", "caller"): made},
    )


def ruled_out(requirement):
    """A third party asks a changed one, in vain, and has a later release."""
    newest = {None: "1.0", "1.0": "target", "2.0": requirement}

    def metadata(question):
        return ReleaseMetadata(version=question.version or "2.0", requires=(newest[question.version],))

    return look(
        failure(
            raised(
                "ValueError",
                "no such option ever existed here",
                "own app.py main | caller.go()",
                "site caller/run.py go | return target.do(1)",
                "site target/core.py do | raise ValueError('no such option ever existed here')",
            )
        ),
        installed={"caller": "1.0", "target": "3.0", "pytest": "8"},
        green={"caller": "1.0", "target": "2.0", "pytest": "8"},
        answers={("Metadata", "caller"): metadata, ("HasLine", "caller"): there(newest="2.0")},
    )


def operation(source):
    """An operation of the project's, in compiled code, calls a method of an image's; `imaging` changed, `numpy` did not."""
    return look(
        failure(
            raised(
                "TypeError",
                "__array__() takes 1 positional argument but 2 were given",
                f"own shop/grey.py mean | {source}",
            )
        ),
        installed={"imaging": "8.3.0", "numpy": "1.21", "pytest": "8"},
        green={"imaging": "8.2.0", "numpy": "1.21", "pytest": "8"},
        answers={("DefinedAs", "imaging"): there(since="8.3.0", before="8.2.0")},
    )


def abi(frame):
    return look(
        failure(
            raised(
                "ValueError",
                "numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88",
                "own app.py <module> | import rates",
                frame,
            ),
            phase=Phase.COLLECT,
        ),
        installed={"rates": "2.0", "numpy": "2.0.0", "pytest": "8"},
        green={"rates": "2.0", "numpy": "1.26.4", "pytest": "8"},
    )


def refused_at_import(came):
    return look(
        failure(
            raised(
                "ConfigError",
                "`config` is no name for a field",
                "own main.py <module> | import caller",
                "site caller/model.py <module> | class Base(target.Model):",
                "site target/core.py __new__ | raise ConfigError(name)",
            )
        ),
        installed={"caller": "1.0", "target": "3.0", "pytest": "8"},
        green={"caller": "1.0", "target": "2.0", "pytest": "8"},
        answers={("HasLine", "target"): came},
    )


def plain(exception, message, *frames, phase=Phase.CALL, dialect="pytest", **job):
    return look(failure(raised(exception, message, *frames), phase=phase, dialect=dialect), **job)


def quiet(**job):
    return look(**job)


KILLED = Ending(kind=EndKind.SIGNAL, code=137, line=9, text="Process completed with exit code 137.")
BUILD_FRAMES = (
    "raw <string> <module>",
    "build setuptools/build_meta.py get_requires | return self._get(config)",
    "build setuptools/_distutils/cmd.py __getattr__ | raise AttributeError(attr)",
)


def MEANT(*requires):  # noqa: N802 - a constant with a hole
    return {("Metadata", "flask"): ReleaseMetadata(version="2.2.2", requires=requires)}


def tool(exception, message, line, *frames):
    """`lockfile`, a program, runs by itself; it is built upon `installer`, which has a new major version."""
    return look(
        failure(
            raised(
                exception,
                message,
                *frames,
                "site click/core.py main | rv = self.invoke(ctx)",
                f"site lockfile/repo.py _setup | {line}",
            ),
            phase=Phase.OUTSIDE,
        ),
        installed={"lockfile": "6.4", "installer": "22.0", "click": "8.0", "shop": "1"},
        green={"lockfile": "6.4", "installer": "21.3", "click": "8.0", "shop": "1"},
        answers={("Metadata", "lockfile"): ReleaseMetadata(version="6.4", requires=("click", "installer>=21"))},
    )


def by_name(line, *, text=None):
    """A framework looks a dotted name up that a setting holds."""
    return look(
        failure(
            raised(
                "ModuleNotFoundError",
                "No module named 'target.old_storage'",
                "own tests/test_a.py test_a | frame.setup()",
                f"site frame/loading.py load | {line}",
                "std importlib/__init__.py import_module | return _bootstrap._gcd_import(name)",
            )
        ),
        installed={"frame": "4.2", "target": "2.0", "pytest": "8"},
        answers={
            ("HasModule", "target"): gone("1.9", "2.0"),
            ("HasText", "frame"): text or gone(None, None),
            ("Metadata", "frame"): ReleaseMetadata(version="4.2"),
        },
    )


def captured(host):
    """A test of the project's asserts on what an inner run gave, whose output says why."""
    away = raised(
        "requests.exceptions.ConnectionError", f"Failed to resolve '{host}' ([Errno -2] Name or service not known)"
    )
    said = Handled(chain=(away,), why="captured output of a test", span=(20, 30))
    told = failure(
        raised("AssertionError", "assert {'passed': 1} == {'passed': 2}", "own tests/test_a.py test_a | assert outcome")
    )
    case = case_of(told, installed=SAME)
    return judging(replace(case, reading=replace(case.reading, handled=(said,))), Answers({})).look


def plug_in(name):
    lost = "Argument(s) {'path'} are declared in the hookimpl but can not be found in the hookspec"
    return look(
        failure(
            raised(
                "pluggy.PluginValidationError",
                f"Plugin '{name}' for hook 'on_file'\n{lost}",
                "site money/main.py run | config.configure()",
                "site pluggy/_manager.py _verify_hook | raise PluginValidationError(",
            )
        ),
        installed={"money": "6.0", "money-cpp": "1.2", "pluggy": "1.4"},
        green={"money": "6.0", "money-cpp": "1.1", "pluggy": "1.4"},
        answers={("Defines", "money"): ("money.hooks",), ("HasParameter", "money"): gone(None, None)},
    )


def taken_back(*, yanked=False, tops=("rates",), again=None):
    """The project imports a distribution's own module, which the release installed lacks and the one before had."""
    walked = Walked(
        at=False,
        last_other="2.4.0",
        first_same="2.4.1",
        next_other=again,
        newest=again or "2.4.1",
        newest_at=bool(again),
    )
    return look(
        failure(
            raised("ModuleNotFoundError", "No module named 'rates'", "own app.py <module> | import rates"),
            phase=Phase.COLLECT,
        ),
        installed={"rates": "2.4.1", "money": "5.0", "pytest": "8"},
        green={"rates": "2.4.0", "money": "5.0", "pytest": "8"},
        answers={
            ("HasModule", "rates"): walked,
            ("TopLevels", "rates"): tops,
            ("Releases", "rates"): (Release(version="2.4.1", uploaded=None, yanked=yanked),),
        },
    )


def keyword(line, *, text, own="client = wrap.connect(url, **SETTINGS)"):
    """A third party constructs another's class with what it was given; a keyword went from that class."""
    return look(
        failure(
            raised(
                "TypeError",
                "Client.__init__() got an unexpected keyword argument 'old_timeout'",
                f"own tests/test_a.py test_a | {own}",
                f"site wrap/core.py connect | {line}",
            )
        ),
        installed={"wrap": "1.0", "target": "2.0", "pytest": "8"},
        answers={
            ("Defines", "target"): ("target.client",),
            ("HasParameter", "target"): gone("1.9", "2.0"),
            ("HasText", "wrap"): text,
            ("HasLine", "wrap"): gone(None, None),
            ("Metadata", "wrap"): ReleaseMetadata(version="1.0", requires=("target",)),
        },
    )


PAIRS: dict[str, Pair] = {
    # ------------------------------------------------------------------------------------------ api
    "release-removed-what-a-third-party-uses": Pair(
        hit=lambda: flask_import(answers={("HasName", "werkzeug"): REMOVED}),
        # The name was never there: nobody took it away.
        miss=lambda: flask_import(answers={("HasName", "werkzeug"): gone(None, None)}),
    ),
    "interpreter-dropped-what-a-third-party-uses": Pair(hit=stdlib_import, miss=lambda: stdlib_import(python="3.12.1")),
    "definition-changed-under-a-third-party": Pair(
        hit=lambda: look(
            failure(
                raised(
                    "TypeError",
                    "Client.open() missing 1 required positional argument: 'mode'",
                    "own app.py run | wrap.go()",
                    "site wrap/core.py go | Client.open(path)",
                )
            ),
            installed={"wrap": "1.0", "target": "2.0", "pytest": "8"},
            green={"wrap": "1.0", "target": "1.0", "pytest": "8"},
            answers={
                ("Metadata", "wrap"): ReleaseMetadata(version="1.0", requires=("target",)),
                ("Defines", "target"): ("target.client",),
                ("DefinedAs", "target"): there(since="2.0", before="1.9"),
            },
        ),
        # The same, but what defines the class did not change.
        miss=lambda: look(
            failure(
                raised(
                    "TypeError",
                    "Client.open() missing 1 required positional argument: 'mode'",
                    "own app.py run | wrap.go()",
                    "site wrap/core.py go | Client.open(path)",
                )
            ),
            installed={"wrap": "1.0", "target": "2.0", "pytest": "8"},
            green={"wrap": "1.0", "target": "2.0", "pytest": "8"},
            answers={
                ("Metadata", "wrap"): ReleaseMetadata(version="1.0", requires=("target",)),
                ("Defines", "target"): ("target.client",),
                ("DefinedAs", "target"): there(since="2.0", before="1.9"),
            },
        ),
    ),
    "missing-api-met-a-changed-provider": Pair(
        hit=lambda: flask_import(green=BEFORE),
        miss=lambda: flask_import(green={**BEFORE, "werkzeug": "3.0.0", "pytest": "7.3"}),
    ),
    "third-party-asks-for-what-no-release-has": Pair(
        hit=lambda: flask_import(answers={("HasName", "werkzeug"): gone(None, None)}),
        miss=lambda: flask_import(answers={("HasName", "werkzeug"): there()}),
    ),
    "third-party-misses-another": Pair(
        hit=flask_import,
        # A distribution that misses its own name is half installed, or broken by itself.
        miss=lambda: flask_import(by="site werkzeug/utils.py <module> | from werkzeug.urls import url_quote"),
    ),
    "third-party-imports-what-it-does-not-require": Pair(
        hit=lambda: undeclared(("six",)),
        # An integration that the project asked for by itself: who uses it installs what it needs.
        miss=lambda: undeclared(("six",), by="site fs/contrib/dirs.py <module> | import appdirs"),
    ),
    "caller-began-to-call-an-override-otherwise": Pair(
        hit=lambda: override(new=True), miss=lambda: override(new=False)
    ),
    "own-callable-rejects-a-librarys-call": Pair(
        hit=lambda: override(new=True, defines=()),
        miss=lambda: override(new=True),
    ),
    "import-broke-inside-over-a-changed-requirement": Pair(
        hit=lambda: hidden(changed=True),
        miss=lambda: hidden(changed=False),
    ),
    "host-refuses-a-plug-in": Pair(
        hit=lambda: plug_in("cpp"),
        # A file below the project is its own plug-in.
        miss=lambda: plug_in("/home/runner/work/shop/shop/conftest.py"),
    ),
    "network-was-away-from-what-the-test-ran": Pair(
        hit=lambda: captured("httpbin.org"),
        # A name that never has an address: the test is about such errors.
        miss=lambda: captured("nobody.invalid"),
    ),
    "release-alone-lacks-what-it-had": Pair(
        hit=lambda: taken_back(tops=()),
        # It has another module now: a name was changed, and who imports the old one has to follow.
        miss=lambda: taken_back(tops=("rates2",)),
    ),
    "optional-dependency-not-installed": Pair(
        hit=lambda: undeclared(("six", "appdirs; extra == 'dirs'")), miss=lambda: undeclared(("six", "appdirs"))
    ),
    "required-distribution-not-installed": Pair(
        hit=lambda: undeclared(("six", "appdirs>=1")),
        # The log's list does not even have the one that asks: it is no list of this environment.
        miss=lambda: undeclared(("six", "appdirs>=1"), installed={"tox": "4", "pip": "23", "virtualenv": "20"}),
    ),
    "project-asks-for-what-is-gone": Pair(hit=own_import, miss=flask_import),
    "installed-release-has-what-is-missed": Pair(
        hit=lambda: flask_import(answers={("HasName", "werkzeug"): there()}),
        miss=lambda: flask_import(answers={("HasName", "werkzeug"): REMOVED}),
    ),
    "module-shadows-a-distribution": Pair(
        hit=lambda: shadowed("tabulate", {"pandas": "2.0", "tabulate": "0.9", "pytest": "8"}, there()),
        miss=lambda: shadowed("tabulate", {"pandas": "2.0", "tabulate": "0.9", "pytest": "8"}, gone("0.8", "0.9")),
    ),
    "own-module-is-missing-or-cyclic": Pair(
        hit=lambda: plain(
            "ModuleNotFoundError",
            "No module named 'shop.carts'",
            "own tests/test_a.py <module> | from shop import carts",
            installed=NOW,
        ),
        miss=lambda: plain(
            "ModuleNotFoundError",
            "No module named 'werkzeug.carts'",
            "own tests/test_a.py <module> | from werkzeug import carts",
            installed=NOW,
        ),
    ),
    "installed-set-breaks-a-requirement": Pair(
        hit=lambda: flask_import(answers={**MEANT("werkzeug<3"), ("HasName", "werkzeug"): REMOVED}),
        miss=lambda: flask_import(answers={**MEANT("werkzeug>=2.2"), ("HasName", "werkzeug"): REMOVED}),
    ),
    "what-is-missing-was-named-by-data": Pair(
        hit=lambda: by_name("return import_module(dotted)"),
        # Its own files spell the name out.
        miss=lambda: by_name("return import_module(dotted)", text=there()),
    ),
    "keyword-was-only-passed-on": Pair(
        hit=lambda: keyword("return Client(**options)", text=gone(None, None)),
        miss=lambda: keyword("return Client(**options)", text=there()),
    ),
    # ------------------------------------------------------------------------------------------ change
    "nothing-that-meets-the-failure-changed": Pair(
        hit=lambda: in_library("KeyError", "'x'", "return table[code]", green={**SAME, "money": "4.0"}),
        miss=lambda: in_library("KeyError", "'x'", "return table[code]", green={**OLD}),
    ),
    "failing-line-came-with-the-changed-release": Pair(
        hit=lambda: in_library(
            "AttributeError",
            FLAGS,
            "return x.flags.c_contiguous",
            green=OLD,
            answers={("Defines", "rates"): ("rates.flags",), ("HasLine", "rates"): there(since="2.0", before="1.9")},
        ),
        miss=lambda: in_library(
            "AttributeError",
            FLAGS,
            "return x.flags.c_contiguous",
            green=OLD,
            answers={("Defines", "rates"): ("rates.flags",), ("HasLine", "rates"): there(since="1.2", before="1.1")},
        ),
    ),
    "way-to-the-failure-came-with-the-changed-release": Pair(hit=lambda: way(new=True), miss=lambda: way(new=False)),
    "value-failed-on-a-new-line": Pair(
        hit=lambda: in_library(
            "KeyError",
            "'x'",
            "return table[code]",
            green=OLD,
            answers={("HasLine", "rates"): there(since="2.0", before="1.9")},
        ),
        miss=lambda: in_library(
            "KeyError",
            "'x'",
            "return table[code]",
            green=OLD,
            answers={("HasLine", "rates"): there(since="1.2", before="1.1")},
        ),
    ),
    "changed-release-leads-there-by-a-new-way": Pair(
        hit=lambda: passed_on(
            answers={
                ("HasLine", "requests"): there(since="2.32.0", before="2.31.0"),
                ("HasText", "requests"): there(since="2.32.0", before="2.31.0"),
            }
        ),
        # A line was reworded, in a function that was there.
        miss=lambda: passed_on(
            answers={
                ("HasLine", "requests"): there(since="2.32.0", before="2.31.0"),
                ("HasText", "requests"): there(since="2.1", before="2.0"),
            }
        ),
    ),
    "tool-fails-over-a-changed-requirement": Pair(
        hit=lambda: tool("AssertionError", "", "assert isinstance(handler, logging.StreamHandler)"),
        # A text in a file of the project can do that to any release.
        miss=lambda: tool("ValueError", "not enough values to unpack", "name, version = line.split('==')"),
    ),
    "interpreter-changed-under-a-third-party": Pair(
        hit=lambda: in_library(
            "TypeError", "duplicate base class TimeoutError", "class T(A, B):", green=SAME, green_python="3.10.4"
        ),
        miss=lambda: in_library("TypeError", "duplicate base class TimeoutError", "class T(A, B):", green=SAME),
    ),
    "special-method-changed-with-the-release": Pair(
        hit=lambda: operation("return float(numpy.asarray(image, dtype=float).mean())"),
        # Who calls the method by its name chooses what to hand over.
        miss=lambda: operation("return image.__array__(dtype)"),
    ),
    "failing-line-is-older-than-the-last-green-run": Pair(
        hit=lambda: in_library(
            "AttributeError",
            FLAGS,
            "return x.flags.c_contiguous",
            green=OLD,
            answers={("Defines", "rates"): ("rates.flags",), ("HasLine", "rates"): there(since="1.2", before="1.1")},
        ),
        miss=lambda: in_library(
            "AttributeError",
            FLAGS,
            "return x.flags.c_contiguous",
            green=OLD,
            answers={("Defines", "rates"): ("rates.flags",), ("HasLine", "rates"): there(since="2.0", before="1.9")},
        ),
    ),
    "message-came-with-the-changed-release": Pair(
        hit=refused,
        miss=lambda: bcrypt(
            green={"passlib": "1.7.4", "bcrypt": "4.3.0", "pytest": "8"},
            answers={("HasText", "bcrypt"): there(before=None)},
        ),
    ),
    "import-meets-a-new-way-to-a-refusal": Pair(
        hit=lambda: refused_at_import(there(since="3.0", before="2.9")),
        # It refused so in the green run too: what is refused must be new, and is perhaps a setting.
        miss=lambda: refused_at_import(there(since="1.1", before="1.0")),
    ),
    "new-line-trips-over-what-a-third-party-made": Pair(
        # What the project called with is handed on: it can be what is wrong.
        hit=handed,
        miss=lambda: handed(made=False),
    ),
    "third-party-line-calls-a-changed-distribution": Pair(
        hit=lambda: bcrypt(green={"passlib": "1.7.4", "bcrypt": "4.3.0", "pytest": "8"}),
        miss=lambda: bcrypt(
            green={"passlib": "1.7.4", "bcrypt": "4.3.0", "pytest": "8"}, source="hash = other(secret, config)"
        ),
    ),
    "raiser-changed-under-a-third-party-caller": Pair(
        hit=refused, miss=lambda: refused(green={"caller": "1.0", "target": "3.0", "pytest": "7"})
    ),
    "later-release-rules-the-trigger-out": Pair(
        # Its newest release still lets it in: nobody has seen that the two do not go together.
        hit=lambda: ruled_out("target<3"),
        miss=lambda: ruled_out("target"),
    ),
    "trigger-was-published-shortly-before": Pair(
        hit=lambda: flask_import(answers={("HasName", "werkzeug"): REMOVED}),
        miss=lambda: flask_import(
            answers={("HasName", "werkzeug"): gone("2.3.7", "3.0.0", changed=datetime(2021, 1, 1, tzinfo=UTC))}
        ),
    ),
    "change-edits-only-requirements": Pair(
        hit=lambda: flask_import(green=BEFORE, edits=bump("requirements.txt")),
        miss=lambda: flask_import(green=BEFORE, edits=bump("requirements.txt", "shop/cart.py")),
    ),
    "change-touches-the-failing-code": Pair(
        hit=lambda: in_library("KeyError", "'x'", "return table[code]", edits=Edits(paths=("shop/cart.py",))),
        miss=lambda: in_library("KeyError", "'x'", "return table[code]", edits=Edits(paths=("shop/basket.py",))),
    ),
    # ------------------------------------------------------------------------------------------ raising
    "innermost-frame-is-the-projects": Pair(
        hit=lambda: plain("KeyError", "'x'", "own shop/cart.py total | return table[code]"),
        miss=lambda: in_library("KeyError", "'x'", "return table[code]"),
    ),
    "library-refuses-what-the-project-passes": Pair(
        hit=lambda: in_library("RateError", "no rate for 'X'", "raise RateError(code)"),
        miss=lambda: in_library("KeyError", "'X'", "return table[code]"),
    ),
    "library-trips-over-a-plain-value": Pair(
        hit=lambda: in_library("AttributeError", "'NoneType' object has no attribute 'upper'", "return code.upper()"),
        miss=lambda: in_library("AttributeError", "'Rate' object has no attribute 'upper'", "return code.upper()"),
    ),
    "library-failed-in-a-call-of-the-project": Pair(
        hit=lambda: in_library("KeyError", "'x'", "return table[code]"),
        miss=lambda: in_library("KeyError", "'x'", "return table[code]", green=OLD),
    ),
    "projects-callback-raised": Pair(
        hit=lambda: callback("own shop/hooks.py on_rate | return seen[code]"),
        miss=lambda: callback("site rates/hooks.py on_rate | return seen[code]"),
    ),
    "project-code-lies-between": Pair(
        hit=lambda: callback(
            "own shop/hooks.py on_rate | return rates.other(code)", "site rates/other.py other | return seen[code]"
        ),
        miss=lambda: callback(
            "site rates/hooks.py on_rate | return rates.other(code)", "site rates/other.py other | return seen[code]"
        ),
    ),
    "mock-reached-a-library": Pair(
        hit=lambda: in_library(
            "TypeError", "'>' not supported between instances of 'MagicMock' and 'int'", "if code > 0:"
        ),
        miss=lambda: in_library(
            "TypeError", "'>' not supported between instances of 'Smock' and 'int'", "if code > 0:"
        ),
    ),
    "assertion-of-a-test": Pair(
        hit=lambda: plain("AssertionError", "assert 1 == 2", "own tests/test_a.py test_a | assert total == 2"),
        miss=lambda: in_library("AssertionError", "", "assert code in table"),
    ),
    "warning-made-an-error": Pair(
        hit=lambda: in_library(
            "DeprecationWarning", "old() is deprecated", "warnings.warn('old() is deprecated', DeprecationWarning)"
        ),
        miss=lambda: in_library(
            "WarningError", "old() is deprecated", "warnings.warn('old() is deprecated', DeprecationWarning)"
        ),
    ),
    "syntax-of-the-projects-file": Pair(
        hit=lambda: plain(
            "SyntaxError",
            "invalid syntax",
            "own app.py <module> | import shop",
            "own shop/cart.py <module> | def total(:",
        ),
        miss=lambda: plain(
            "SyntaxError",
            "invalid syntax",
            "own app.py <module> | import rates",
            "site rates/core.py <module> | def total(:",
        ),
    ),
    "extension-was-built-for-another-abi": Pair(
        hit=lambda: abi("site rates/__init__.py <module> | from ._rates import *"),
        # The project's own extension: who builds it has to build it anew.
        miss=lambda: abi("own shop/__init__.py <module> | from ._speedups import *"),
    ),
    "accident-while-importing-a-third-party": Pair(
        hit=lambda: plain(
            "TypeError",
            "duplicate base class",
            "own app.py <module> | import rates",
            "site rates/core.py <module> | class T(A, B):",
            installed={"rates": "2.0"},
        ),
        miss=lambda: plain(
            "TypeError",
            "duplicate base class",
            "own app.py <module> | T = rates.make(A, B)",
            "site rates/core.py make | return type('T', (A, B), {})",
            installed={"rates": "2.0"},
        ),
    ),
    "name-error-in-a-third-party": Pair(
        hit=lambda: in_library("NameError", "name 'unicode' is not defined", "return unicode(code)"),
        miss=lambda: plain(
            "NameError", "name 'unicode' is not defined", "own shop/cart.py total | return unicode(code)"
        ),
    ),
    "syntax-of-a-third-partys-file": Pair(
        hit=lambda: plain(
            "SyntaxError",
            "invalid syntax",
            "own app.py <module> | import rates",
            "site rates/core.py <module> | def f(self, async):",
            installed={"rates": "2.0"},
        ),
        miss=lambda: plain(
            "SyntaxError",
            "invalid syntax",
            "own app.py <module> | import rates",
            "own rates.py <module> | def f(self, async):",
            installed={"money": "2.0"},
        ),
    ),
    "foreign-class-in-an-accident": Pair(
        hit=lambda: in_library(
            "AttributeError", FLAGS, "return x.money.flags", green=OLD, answers={("Defines", "rates"): ("rates.flags",)}
        ),
        miss=lambda: in_library("AttributeError", FLAGS, "return x.money.flags", green=OLD),
    ),
    "frames-read-otherwise-than-the-release": Pair(
        hit=lambda: flask_import(answers={("Holds", "flask"): Held(file=True, matches=False, actual="import os")}),
        # It only stands on another line.
        miss=lambda: flask_import(
            answers={("Holds", "flask"): Held(file=True, matches=False, actual="import os", elsewhere=(7,))}
        ),
    ),
    "installed-file-is-of-another-release": Pair(
        hit=lambda: flask_import(answers={("Holds", "flask"): Held(file=True, matches=False)}),
        # The line reads otherwise, as it does where a build translates it.
        miss=lambda: flask_import(answers={("Holds", "flask"): Held(file=True, matches=False, actual="import os")}),
    ),
    "offending-line-is-as-released": Pair(
        hit=lambda: flask_import(answers={("Holds", "flask"): Held(file=True, matches=True)}),
        miss=lambda: flask_import(answers={("Holds", "flask"): Held(file=True, matches=None)}),
    ),
    "native-crash-after-a-release": Pair(
        hit=lambda: crash(green={"fastmath": "1.9", "pytest": "8"}),
        miss=lambda: crash(green={"fastmath": "2.0", "pytest": "8"}),
    ),
    "third-partys-own-build-fails": Pair(
        hit=lambda: plain(
            "AttributeError",
            "cython_sources",
            *BUILD_FRAMES,
            phase=Phase.BUILD,
            dialect="python",
            remarks=(remark("error: Failed to build `pyyaml==5.4.1`"),),
        ),
        miss=lambda: plain(
            "AttributeError",
            "cython_sources",
            *BUILD_FRAMES,
            phase=Phase.BUILD,
            dialect="python",
            remarks=(remark("error: Failed to build `shop @ file:///src/shop`"),),
        ),
    ),
    # ------------------------------------------------------------------------------------------ machine
    "machine-speaks-in-the-failure": Pair(
        hit=lambda: plain("OSError", "[Errno 28] No space left on device", "own shop/cart.py save | file.write(text)"),
        miss=lambda: plain("OSError", "no space left in the cart", "own shop/cart.py save | file.write(text)"),
    ),
    "machine-may-speak-in-the-failure": Pair(
        hit=lambda: plain("ReadTimeout", "Read timed out. (read timeout=5)", "own shop/cart.py save | get(url)"),
        miss=lambda: plain("ConnectionError", "[Errno 111] Connection refused", "own shop/cart.py save | get(url)"),
    ),
    "machine-speaks-in-another-failure": Pair(
        hit=lambda: two("OSError", "[Errno 30] Read-only file system: '/x'"),
        miss=lambda: two("OSError", "the file system is slow"),
    ),
    "machine-speaks-beside-a-failure-without-frames": Pair(
        hit=lambda: plain(
            "",
            "Failed to build `shop`",
            phase=Phase.INSTALL,
            dialect="tool",
            remarks=(remark("cause: HTTP status server error (503 Service Unavailable) for url (http://i/)"),),
        ),
        miss=lambda: plain(
            "",
            "Failed to build `shop`",
            phase=Phase.INSTALL,
            dialect="tool",
            remarks=(remark("cause: the build backend returned an error"),),
        ),
    ),
    "machine-speaks-where-nothing-failed": Pair(
        hit=lambda: quiet(remarks=(remark("fatal: unable to access 'https://g/x/': Could not resolve host: g"),)),
        miss=lambda: quiet(
            remarks=(remark("fatal: unable to access 'https://g/x/': Could not resolve host: g"),),
            ending=Ending(kind=EndKind.PASSED),
        ),
    ),
    "job-was-stopped-from-outside": Pair(
        hit=lambda: quiet(ending=KILLED),
        miss=lambda: quiet(ending=Ending(kind=EndKind.EXIT_CODE, code=1, text="exit code 1")),
    ),
    "variable-of-the-job-is-unset": Pair(
        hit=lambda: plain(
            "KeyError",
            "'SHOP_HOME'",
            "own conftest.py <module> | HOME = os.environ['SHOP_HOME']",
            "std os.py __getitem__ | raise KeyError(key) from None",
        ),
        miss=lambda: plain("KeyError", "'SHOP_HOME'", "own conftest.py <module> | HOME = settings['SHOP_HOME']"),
    ),
    "test-waited-for-something-outside": Pair(
        hit=lambda: plain(
            "",
            "Timeout >10.0s",
            "own tests/test_a.py test_a | run()",
            "std subprocess.py _wait | (pid, sts) = self._try_wait(0)",
        ),
        miss=lambda: plain(
            "", "Timeout >10.0s", "own tests/test_a.py test_a | run()", "own shop/cart.py run | while True:"
        ),
    ),
    "interpreter-lacks-a-part-of-its-own": Pair(
        hit=lambda: plain(
            "ModuleNotFoundError",
            "No module named 'curses.panel'",
            "own app.py <module> | import curses.panel",
            installed=NOW,
        ),
        miss=lambda: plain(
            "ModuleNotFoundError",
            "No module named 'cgi'",
            "own app.py <module> | import cgi",
            python="3.13.0",
            installed=NOW,
        ),
    ),
    "shared-library-or-command-is-missing": Pair(
        hit=lambda: plain(
            "ImportError",
            "libGL.so.1: cannot open shared object file: No such file or directory",
            "own app.py <module> | import cv2",
        ),
        miss=lambda: plain("ImportError", "cannot import name 'open' from 'libGL'", "own app.py <module> | import cv2"),
    ),
    "failures-have-no-project-frame": Pair(
        hit=lambda: plain(
            "FileNotFoundError",
            "[Errno 2] No such file or directory: '/tmp/x'",
            "site stestr/run.py main | source = open(self.load_list)",
            dialect="python",
        ),
        miss=lambda: plain(
            "FileNotFoundError",
            "[Errno 2] No such file or directory: '/tmp/x'",
            "own shop/cart.py load | source = open(path)",
            dialect="python",
        ),
    ),
    "project-raised-the-machines-error-itself": Pair(
        hit=lambda: plain(
            "OSError",
            "[Errno 28] No space left on device",
            "own tests/test_a.py test_a | raise OSError(28, 'No space left on device')",
        ),
        miss=lambda: plain("OSError", "[Errno 28] No space left on device", "own shop/cart.py save | file.write(text)"),
    ),
    # ------------------------------------------------------------------------------------------ installing
    "pins-contradict-each-other": Pair(
        hit=lambda: plain(
            "ResolutionImpossible", "for help visit the documentation", phase=Phase.INSTALL, dialect="tool"
        ),
        miss=lambda: plain(
            "",
            "No solution found when resolving dependencies",
            phase=Phase.INSTALL,
            dialect="tool",
            remarks=(remark("cause: failed to lookup address information: Temporary failure in name resolution"),),
        ),
    ),
    "requirement-matches-no-release": Pair(
        hit=lambda: plain(
            "",
            "Could not find a version that satisfies the requirement rates==99 (from versions: 1.0, 2.0)",
            phase=Phase.INSTALL,
            dialect="tool",
        ),
        miss=lambda: plain(
            "",
            "Could not find a version that satisfies the requirement rates==99 (from versions: none)",
            phase=Phase.INSTALL,
            dialect="tool",
        ),
    ),
    "index-showed-no-version-at-all": Pair(
        hit=lambda: plain(
            "",
            "Could not find a version that satisfies the requirement rates==99 (from versions: none)",
            phase=Phase.INSTALL,
            dialect="tool",
        ),
        miss=lambda: plain(
            "",
            "Could not find a version that satisfies the requirement rates==99 (from versions: 1.0, 2.0)",
            phase=Phase.INSTALL,
            dialect="tool",
        ),
    ),
    "projects-own-build-is-refused": Pair(
        hit=lambda: plain(
            "ValueError",
            "Unable to determine which files to ship",
            "build hatchling/builders/wheel.py build | raise ValueError(message)",
            phase=Phase.BUILD,
            dialect="python",
        ),
        miss=lambda: plain(
            "KeyError",
            "'files'",
            "build hatchling/builders/wheel.py build | return config['files']",
            phase=Phase.BUILD,
            dialect="python",
        ),
    ),
    "failure-shows-no-frame": Pair(
        hit=lambda: plain("", "Build failed", phase=Phase.BUILD, dialect="tool"),
        miss=lambda: plain("ValueError", "Build failed", "own shop/cart.py build | raise ValueError('Build failed')"),
    ),
    # ------------------------------------------------------------------------------------------ quiet
    "no-failure-is-printed": Pair(
        hit=lambda: quiet(totals=(Totals(runner="pytest", passed=7, line=3),)),
        miss=lambda: plain("KeyError", "'x'", "own shop/cart.py total | return table[code]"),
    ),
    "job-ended-well": Pair(
        hit=lambda: quiet(ending=Ending(kind=EndKind.PASSED, code=0, text="Job succeeded")),
        miss=lambda: quiet(ending=Ending(kind=EndKind.EXIT_CODE, code=1, text="exit code 1")),
    ),
}


def hidden(*, changed: bool) -> Look:
    """`from flask import Flask` fails although the release has it; what it requires changed, or nothing did."""
    return look(
        failure(
            raised(
                "ImportError",
                "cannot import name 'Flask' from 'flask' (/opt/hostedtoolcache/Python/3.11.7/x64/lib/python3.11/site-packages/flask/__init__.py)",
                "own app.py <module> | from flask import Flask",
            )
        ),
        installed=NOW,
        green=BEFORE if changed else {**NOW, "pytest": "7.3"},
        answers={
            ("HasName", "flask"): there(),
            ("Metadata", "flask"): ReleaseMetadata(version="2.2.2", requires=("werkzeug>=2.2",)),
            ("Metadata", "werkzeug"): ReleaseMetadata(version="3.0.0"),
        },
    )


def override(*, new: bool, defines: tuple[str, ...] = ("typed.core",)) -> Look:
    """`click` calls `Typed.metavar(ctx=…)`, which `typed` overrides without that parameter."""
    return look(
        failure(
            raised(
                "TypeError",
                "Typed.metavar() got an unexpected keyword argument 'ctx'",
                "own app.py <module> | app()",
                "site typed/main.py app | return click.main(Typed())",
                "site click/core.py main | text = self.type.metavar(ctx=ctx)",
            )
        ),
        installed={"typed": "1.0", "click": "8.2", "pytest": "8"},
        green={"typed": "1.0", "click": "8.1", "pytest": "8"},
        answers={
            ("Defines", "typed"): defines,
            ("Defines", "click"): (),
            ("Metadata", "typed"): ReleaseMetadata(version="1.0", requires=("click>=8",)),
            ("HasParameter", "typed"): gone(None, None),
            ("HasLine", "click"): there(since="8.2", before="8.1") if new else there(since="7.0", before="6.9"),
        },
    )


def shadowed(module: str, installed: dict[str, str], walked: object) -> Look:
    """pandas asks `tabulate` for `tabulate`."""
    return look(
        failure(
            raised(
                "AttributeError",
                f"module '{module}' has no attribute '{module}'",
                "own report.py main | frame.to_markdown()",
                f"site pandas/core/frame.py to_markdown | return {module}.{module}(self)",
            )
        ),
        installed=installed,
        answers={("HasName", module): walked},
    )


def way(*, new: bool) -> Look:
    """The innermost line is old; the line that leads to it came with the release, or is old too."""

    class ByFile(Answers):
        def get(self, question):
            if isinstance(question, Walk) and isinstance(question.probe, HasLine):
                outer = question.probe.file.endswith("entry.py")
                walked = there(since="2.0", before="1.9") if outer and new else there(since="1.2", before="1.1")
                return Fact(question=question, answer=walked, known=True, source="index")
            return super().get(question)

    case = case_of(
        failure(
            raised(
                "AttributeError",
                FLAGS,
                "own shop/cart.py total | return rates.lookup(code)",
                "site rates/entry.py lookup | return core.usable(code)",
                "site rates/core.py usable | return code.flags.c_contiguous",
            )
        ),
        installed={"rates": "2.0", "money": "5.0", "pytest": "8"},
        green=OLD,
    )
    return judging(case, ByFile({("Defines", "rates"): ("rates.flags",)})).look


def bump(*paths: str) -> Edits:
    """A change that moves Werkzeug's pin."""
    return Edits(
        paths=paths, requirements=(RequirementEdit(distribution=normalized("werkzeug"), before="2.3.7", after="3.0.0"),)
    )


def callback(*inner: str) -> Look:
    """The project calls a library, which calls on."""
    return look(
        failure(
            raised(
                "KeyError",
                "'x'",
                "own shop/cart.py total | return rates.lookup(code)",
                "site rates/core.py lookup | hook(code)",
                *inner,
            )
        ),
        installed={"rates": "2.0", "pytest": "8"},
    )


def crash(*, green: dict[str, str]) -> Look:
    """A segmentation fault in an extension."""
    return look(
        failure(
            raised(
                "",
                "Segmentation fault",
                "own shop/cart.py total | return fastmath.sum(rows)",
                "site fastmath/__init__.py sum",
            ),
            dialect="faulthandler",
        ),
        installed={"fastmath": "2.0", "pytest": "8"},
        green=green,
    )


def two(exception: str, message: str) -> Look:
    """A root failure, and another one that may tell why."""
    return look(
        failure(
            raised(
                "FileNotFoundError",
                "[Errno 2] No such file or directory: '/tmp/a'",
                "own shop/cart.py load | open(path)",
            )
        ),
        failure(raised(exception, message, "own shop/cart.py save | open(path, 'w')"), root=False),
    )
