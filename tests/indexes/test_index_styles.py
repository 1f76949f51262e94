"""Every kind of index gives the same answers: JSON, HTML with and without times, only the older JSON; private ones."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from bot.facts import HasName, Metadata, Releases, TopLevels, TrackerOf, Walk
from bot.indexes import open_index
from bot.indexes.transport import Transport
from bot.model import normalized
from tests.indexes import made
from tests.indexes.conftest import QUICK
from tests.indexes.loopback import Loopback, running

THING = normalized("thing")
WHEEL = "thing-1.0-py3-none-any.whl"
WHEN = "2024-01-01T00:00:00Z"


@pytest.mark.parametrize("style", ["json", "timed-html", "html", "legacy"])
def test_all_styles_give_the_same_releases(ask, pypi, style):
    pypi.style = style
    fact = ask(pypi, Releases(distribution=normalized("flask")), "2023-03-01")
    assert fact.known, fact.reason
    assert [(release.version, str(release.uploaded.date())) for release in fact.answer] == [
        ("2.1.3", "2022-07-13"),
        ("2.2.2", "2022-08-08"),
        ("2.2.3", "2023-02-15"),
    ]


@pytest.mark.parametrize("style", ["json", "timed-html", "html", "legacy"])
def test_all_styles_walk_alike(ask, pypi, style):
    pypi.style = style
    probe = HasName(module="werkzeug.urls", name="url_quote")
    fact = ask(pypi, Walk(distribution=normalized("werkzeug"), probe=probe, around="3.0.0"), "2024-01-01")
    assert (fact.answer.last_other, fact.answer.first_same) == ("2.3.8", "3.0.0")


def test_without_any_times_the_fact_says_what_that_means(ask, bare):
    bare.style = "html"
    bare.add(WHEEL, "thing", made.wheel({"thing/__init__.py": ""}))
    fact = ask(bare, Releases(distribution=THING), "2020-01-01")
    assert [release.uploaded for release in fact.answer] == [None]
    assert "no upload times" in fact.reason


def test_yanked_releases_are_listed_as_such_and_not_the_newest(ask, bare):
    bare.add(WHEEL, "thing", made.wheel({"thing/__init__.py": ""}))
    bare.add("thing-1.1-py3-none-any.whl", "thing", made.wheel({"thing/__init__.py": ""}, version="1.1"), yanked=True)
    bare.add("thing-2.0rc1-py3-none-any.whl", "thing", made.wheel({"thing/__init__.py": ""}, version="2.0rc1"))
    found = ask(bare, Releases(distribution=THING)).answer
    assert [(r.version, r.yanked, r.prerelease) for r in found] == [
        ("1.0", False, False),
        ("1.1", True, False),
        ("2.0rc1", False, True),
    ]
    assert ask(bare, Metadata(distribution=THING)).answer.version == "1.0"


def test_file_names_of_no_version_are_passed_over(ask, bare):
    for name in ("thing-1.0-py3-none-any.whl", "thing-2004d.tar.gz", "thing.tar.gz", "thing-1.0.exe", "README"):
        bare.add(name, "thing", made.wheel({"thing/__init__.py": ""}))
    assert [release.version for release in ask(bare, Releases(distribution=THING)).answer] == ["1.0"]


def test_metadata_beside_the_wheel_costs_one_request(ask, bare):
    beside = b"Metadata-Version: 2.1\nName: thing\nVersion: 1.0\nRequires-Dist: other (>=2)\n"
    bare.add(WHEEL, "thing", made.wheel({"thing/__init__.py": ""}), metadata=beside, uploaded=WHEN)
    assert ask(bare, Metadata(distribution=THING, version="1.0")).answer.requires == ("other (>=2)",)
    assert bare.paths() == ["/simple/thing/", f"/files/{WHEEL}.metadata"]


def test_metadata_beside_the_wheel_must_be_what_the_index_promised(ask, bare):
    body = made.wheel({"thing/__init__.py": ""})
    bare.add(WHEEL, "thing", body, metadata=b"Name: other\n", metadata_sha256="0" * 64, uploaded=WHEN)
    fact = ask(bare, Metadata(distribution=THING, version="1.0"))
    assert not fact.known
    assert "metadata's hash" in fact.reason


def test_an_unchanged_listing_costs_no_body(ask, bare):
    bare.etags = True
    bare.add(WHEEL, "thing", made.wheel({"thing/__init__.py": ""}), uploaded=WHEN)
    limits = replace(QUICK, fresh_seconds=0)
    first = ask(bare, Releases(distribution=THING), limits=limits)
    again = ask(bare, Releases(distribution=THING), limits=limits)
    assert first.answer == again.answer
    assert "if-none-match" in bare.asked[-1][1]
    bare.add("thing-1.1-py3-none-any.whl", "thing", made.wheel({"thing/__init__.py": ""}, version="1.1"))
    assert len(ask(bare, Releases(distribution=THING), limits=limits).answer) == 2


# ------------------------------------------------------------------------------------------------- private indexes


def test_a_login_is_sent_to_its_host_and_to_no_other(tmp_path, bare):
    bare.login = ("user", "p@ss")
    bare.add(WHEEL, "thing", made.wheel({"thing/__init__.py": ""}))
    with running(Loopback()) as other:
        other.add("other-1.0-py3-none-any.whl", "other", made.wheel({"other/__init__.py": ""}, name="other"))
        client = open_index(
            cache_dir=tmp_path, index_url=bare.url, extra=[other.url], credentials=("user", "p@ss"), limits=QUICK
        )
        assert client.answer(TopLevels(distribution=THING, version="1.0"), None).answer == ("thing",)
        assert client.answer(TopLevels(distribution=normalized("other"), version="1.0"), None).answer == ("other",)
        client.close()
        assert not [headers for _, headers in other.asked if "authorization" in headers]
    assert all("authorization" in headers for _, headers in bare.asked)


def test_a_login_in_the_address_is_used_and_not_kept(tmp_path, bare):
    bare.login = ("user", "p@ss")
    bare.add(WHEEL, "thing", made.wheel({"thing/__init__.py": ""}))
    address = bare.url.replace("://", "://user:p%40ss@")
    client = open_index(cache_dir=tmp_path, index_url=address, limits=QUICK)
    assert client.answer(Releases(distribution=THING), None).known
    client.close()
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or b"p@ss" not in path.read_bytes()


def test_a_refused_login_is_a_reason_without_the_password(tmp_path, bare):
    bare.login = ("user", "right")
    client = open_index(cache_dir=tmp_path, index_url=bare.url, credentials=("user", "wrong-one"), limits=QUICK)
    fact = client.answer(Releases(distribution=THING), None)
    client.close()
    assert (fact.known, "401" in fact.reason, "wrong-one" in repr(fact)) == (False, True, False)


def test_two_indexes_make_one_listing(tmp_path, bare):
    bare.add(WHEEL, "thing", made.wheel({"thing/__init__.py": ""}))
    with running(Loopback()) as other:
        other.add("thing-2.0-py3-none-any.whl", "thing", made.wheel({"thing/__init__.py": ""}, version="2.0"))
        client = open_index(cache_dir=tmp_path, index_url=bare.url, extra=[other.url], limits=QUICK)
        found = client.answer(Releases(distribution=THING), None).answer
        client.close()
    assert [release.version for release in found] == ["1.0", "2.0"]


def test_one_of_two_indexes_that_fails_is_no_empty_one(tmp_path, bare):
    bare.add(WHEEL, "thing", made.wheel({"thing/__init__.py": ""}))
    with running(Loopback(faults={"/simple/": "503"})) as other:
        client = open_index(cache_dir=tmp_path, index_url=bare.url, extra=[other.url], limits=QUICK)
        fact = client.answer(Releases(distribution=THING), None)
        client.close()
    assert not fact.known
    assert "503" in fact.reason


@pytest.mark.parametrize("name", ["PIP_CERT", "SSL_CERT_FILE"])
def test_certificates_are_taken_from_the_environment(monkeypatch, name):
    for other in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "SSL_CERT_FILE"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, "/etc/ssl/own.pem")
    assert Transport(QUICK)._borrow().verify == "/etc/ssl/own.pem"


# ------------------------------------------------------------------------------------------------- corroboration


METADATA = "Project-URL: Source, https://github.com/owner/thing\n"


def provenance(repository):
    return f'{{"version": 1, "attestation_bundles": [{{"publisher": {{"kind": "GitHub", "repository": "{repository}"}}}}]}}'


@pytest.mark.parametrize(
    ("said", "corroborated", "why"),
    [
        (provenance("Owner/Thing"), True, "attestations of 1.0 name github.com/owner/thing"),
        (provenance("mallory/thing"), False, "but attestations of 1.0 name github.com/mallory/thing"),
        ("not json", False, "nothing beside its own claims"),
        ('{"attestation_bundles": [{"publisher": null}, 3]}', False, "nothing beside its own claims"),
    ],
    ids=["they agree", "they do not", "garbage", "odd"],
)
def test_attestations_corroborate_a_tracker(ask, bare, said, corroborated, why):
    body = made.wheel({"thing/__init__.py": ""}, metadata=METADATA)
    bare.add(WHEEL, "thing", body, provenance=said.encode())
    found = ask(bare, TrackerOf(distribution=THING)).answer
    assert (found.url, found.corroborated) == ("https://github.com/owner/thing/issues", corroborated)
    assert why in found.why


def test_the_newest_release_says_where_reports_belong_now(ask, bare):
    old = made.wheel({"thing/__init__.py": ""}, metadata="Project-URL: Source, https://gitlab.com/old/thing\n")
    new = made.wheel({"thing/__init__.py": ""}, version="2.0", metadata=METADATA)
    bare.add(WHEEL, "thing", old, uploaded="2020-01-01T00:00:00Z")
    bare.add("thing-2.0-py3-none-any.whl", "thing", new, uploaded="2024-01-01T00:00:00Z")
    assert ask(bare, TrackerOf(distribution=THING), "2021-01-01").answer.url == "https://github.com/owner/thing/issues"


def test_an_older_release_names_the_tracker_where_the_newest_does_not(ask, bare):
    bare.add(WHEEL, "thing", made.wheel({"thing/__init__.py": ""}, metadata=METADATA))
    bare.add("thing-2.0-py3-none-any.whl", "thing", made.wheel({"thing/__init__.py": ""}, version="2.0"))
    found = ask(bare, TrackerOf(distribution=THING)).answer
    assert (found.url, "(1.0)" in found.why) == ("https://github.com/owner/thing/issues", True)
