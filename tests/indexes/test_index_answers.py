"""Real releases, and what is really true of them."""

from __future__ import annotations

import pytest

from bot.facts import (
    DefinedAs,
    Defines,
    HasEntryPoint,
    HasFile,
    HasLine,
    HasModule,
    HasName,
    HasParameter,
    HasText,
    Holds,
    Metadata,
    Releases,
    TopLevels,
    TrackerOf,
    Walk,
)
from bot.indexes import open_index
from bot.model import normalized
from tests.indexes.conftest import QUICK, day
from tests.indexes.loopback import real, running


@pytest.fixture(scope="module")
def pypi(real_files):
    """One index for all of these tests: they only ask."""
    with running(real(real_files)) as index:
        yield index


@pytest.fixture(scope="module")
def ask(pypi, tmp_path_factory):
    """One client with one cache for all of these tests."""
    client = open_index(cache_dir=tmp_path_factory.mktemp("cache"), index_url=pypi.url, limits=QUICK)
    yield lambda _, question, as_of=None: client.answer(question, day(as_of) if as_of else None)
    client.close()


def known(fact):
    assert fact.known, fact.reason
    return fact.answer


def walk(name, probe, around, good=None):
    return Walk(distribution=normalized(name), probe=probe, around=around, good=good)


def test_releases_are_those_of_the_instant_in_order(ask, pypi):
    found = known(ask(pypi, Releases(distribution=normalized("werkzeug")), "2023-09-01"))
    assert [release.version for release in found] == ["0.1", "2.2.3", "2.3.7"]
    assert found[-1].uploaded.date().isoformat() == "2023-08-14"
    later = known(ask(pypi, Releases(distribution=normalized("werkzeug")), "2024-01-01"))
    assert [release.version for release in later] == ["0.1", "2.2.3", "2.3.7", "2.3.8", "3.0.0"]


def test_a_project_that_the_index_does_not_know_has_no_releases(ask, pypi):
    assert known(ask(pypi, Releases(distribution=normalized("my-own-thing")))) == ()


def test_metadata_of_the_newest_release_of_then(ask, pypi):
    found = known(ask(pypi, Metadata(distribution=normalized("flask")), "2023-03-01"))
    assert found.version == "2.2.3"
    assert "Werkzeug (>=2.2.2)" in found.requires or "Werkzeug>=2.2.2" in found.requires
    assert found.requires_python == ">=3.7"


def test_metadata_of_an_egg(ask, pypi):
    found = known(ask(pypi, Metadata(distribution=normalized("werkzeug"), version="0.1")))
    assert ("Home-page", "http://werkzeug.pocoo.org/") in found.urls


@pytest.mark.parametrize(
    ("line", "matches", "elsewhere"),
    [(30, True, ()), (28, False, (30,)), (None, None, (30,))],
    ids=["where it stands", "two lines above", "without a line"],
)
def test_a_frame_is_compared_with_the_released_file(ask, pypi, line, matches, elsewhere):
    question = Holds(
        distribution=normalized("flask"),
        version="2.2.2",
        path="flask/app.py",
        line=line,
        source="    from werkzeug.urls import url_quote",
    )
    found = known(ask(pypi, question))
    assert (found.file, found.matches, found.elsewhere) == (True, matches, elsewhere)


def test_a_file_that_the_release_does_not_hold(ask, pypi):
    found = known(ask(pypi, Holds(distribution=normalized("flask"), version="2.2.2", path="flask/nonesuch.py", line=1)))
    assert not found.file


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("pyyaml", "5.4.1", ("_yaml", "yaml")),
        ("markupsafe", "2.1.0", ("markupsafe",)),
        ("docopt", "0.6.2", ("docopt",)),
        ("importlib-metadata", "5.0.0", ("importlib_metadata",)),
        ("werkzeug", "0.1", ("werkzeug",)),
    ],
)
def test_top_levels(ask, pypi, name, version, expected):
    assert known(ask(pypi, TopLevels(distribution=normalized(name), version=version))) == expected


@pytest.mark.parametrize(
    ("name", "url", "rank"),
    [
        ("werkzeug", "https://github.com/pallets/werkzeug/issues", "tracker"),
        ("stevedore", "https://bugs.launchpad.net/python-stevedore", "tracker"),
        ("kombu", "https://github.com/celery/kombu/issues", "source"),
    ],
    ids=["named by its metadata", "named by its description", "only its source is named"],
)
def test_trackers(ask, pypi, name, url, rank):
    found = known(ask(pypi, TrackerOf(distribution=normalized(name))))
    assert found.url == url
    assert rank in found.why
    assert not found.corroborated


WALKS = {
    "a name is gone": ("werkzeug", HasName(module="werkzeug.urls", name="url_quote"), "3.0.0", "2.3.8", "3.0.0", None),
    "a method of what a function returns": (
        "importlib-metadata",
        HasName(module="importlib_metadata", name="entry_points().get"),
        "5.0.0",
        "4.13.0",
        "5.0.0",
        None,
    ),
    "a method of some class": (
        "importlib-metadata",
        HasName(module="importlib_metadata", name="*.get"),
        "5.0.0",
        "4.13.0",
        "5.0.0",
        None,
    ),
    "a parameter of a constructor": (
        "httpx",
        HasParameter(module="httpx", name="Client", parameter="proxies"),
        "0.28.0",
        "0.27.2",
        "0.28.0",
        None,
    ),
    "a parameter of a function": (
        "httpx",
        HasParameter(module="httpx", name="get", parameter="proxies"),
        "0.28.0",
        "0.27.2",
        "0.28.0",
        None,
    ),
    "a re-export": ("jinja2", HasName(module="jinja2", name="environmentfilter"), "3.1.0", "3.0.3", "3.1.0", None),
    "a release of source only": (
        "markupsafe",
        HasName(module="markupsafe", name="soft_unicode"),
        "2.1.0",
        "2.0.1",
        "2.1.0",
        None,
    ),
    "a line that went": (
        "kombu",
        HasLine(
            file="kombu/utils/compat.py",
            text="for ep in importlib_metadata.entry_points().get(namespace, [])",
            function="entrypoints",
        ),
        "5.2.4",
        "4.5.0",
        "5.2.4",
        "5.3.0",
    ),
    "an import that went": (
        "flask",
        HasLine(file="flask/app.py", text="from werkzeug.urls import url_quote", mentions="url_quote"),
        "2.2.2",
        "2.1.3",
        "2.2.2",
        "2.2.4",
    ),
    "a module": ("jinja2", HasModule(module="jinja2._compat"), "3.1.0", "2.11.3", "3.0.3", None),
    "a file": ("jinja2", HasFile(file="jinja2/asyncsupport.py"), "3.1.0", "2.11.3", "3.0.3", None),
    "an entry point": ("flask", HasEntryPoint(group="console_scripts", name="flask"), "2.2.3", None, None, None),
    "a text": ("httpx", HasText(text="Use the 'proxy' argument instead"), "0.28.0", None, None, None),
    "a method's definition, named as a traceback names it": (
        "werkzeug",
        DefinedAs(module="werkzeug.routing.map", name="bind_to_environ", version="3.0.0"),
        "3.0.0",
        "2.3.8",
        "3.0.0",
        None,
    ),
    "a definition": (
        "importlib-metadata",
        DefinedAs(module="importlib_metadata", name="entry_points", version="5.0.0"),
        "5.0.0",
        "4.13.0",
        "5.0.0",
        None,
    ),
}


@pytest.mark.parametrize("case", WALKS.values(), ids=WALKS)
def test_walks(ask, pypi, case):
    name, probe, around, last_other, first_same, next_other = case
    found = known(ask(pypi, walk(name, probe, around)))
    assert found.at is not None
    assert (found.last_other, found.first_same, found.next_other) == (last_other, first_same, next_other)


def test_a_walk_says_since_when_it_was_deprecated_and_when_it_went(ask, pypi):
    found = known(ask(pypi, walk("werkzeug", HasName(module="werkzeug.urls", name="url_quote"), "3.0.0")))
    assert found.deprecated_in == "2.3.7"  # the first of the releases here; 2.2.3 did not warn
    assert found.changed.date().isoformat() == "2023-09-30"
    assert (found.newest, found.newest_at) == ("3.0.0", False)


def test_a_walk_does_not_see_what_came_later(ask, pypi):
    probe = HasLine(file="flask/app.py", text="from werkzeug.urls import url_quote")
    found = known(ask(pypi, walk("flask", probe, "2.2.2"), "2023-03-01"))
    assert (found.next_other, found.newest, found.newest_at) == (None, "2.2.3", True)


def test_a_release_that_was_installed_was_there(ask, pypi):
    """A job's clock, or a day without its hour, may say an earlier instant than the release's upload."""
    found = known(ask(pypi, walk("werkzeug", HasName(module="werkzeug.urls", name="url_quote"), "3.0.0"), "2023-09-30"))
    assert (found.at, found.last_other, found.first_same) == (False, "2.3.7", "3.0.0")


def test_which_modules_define_a_class(ask, pypi):
    found = known(ask(pypi, Defines(distribution=normalized("kombu"), version="5.3.0", name="Connection")))
    assert found[0] == "kombu.connection"
    assert known(ask(pypi, Defines(distribution=normalized("kombu"), version="5.3.0", name="Nonesuch"))) == ()


def test_a_version_that_the_index_does_not_have(ask, pypi):
    fact = ask(pypi, walk("flask", HasModule(module="flask"), "2.2.99"))
    assert (fact.known, fact.answer) == (False, None)
    assert "2.2.99" in fact.reason


def test_a_local_version_is_the_public_release(ask, pypi):
    assert known(ask(pypi, TopLevels(distribution=normalized("docopt"), version="0.6.2+ubuntu1"))) == ("docopt",)
