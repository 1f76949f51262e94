"""Sessions: who a cookie says one is, and what a form must carry."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.views import STRANGER, Viewer
from bot.web.sessions import COOKIE, LIFE, Sessions

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
OURS = Sessions(b"k" * 32)


def test_what_was_sealed_is_read_by_every_replica_with_the_secret():
    who = Viewer(name="ada", projects=frozenset({"acme/secret"}))
    assert Sessions(b"k" * 32).open(OURS.seal(who, NOW), NOW) == who


def test_another_secret_knows_nobody():
    assert Sessions(b"x" * 32).open(OURS.seal(Viewer(name="ada", operator=True), NOW), NOW) == STRANGER


def test_a_cookie_is_over_at_its_end():
    cookie = OURS.seal(Viewer(name="ada"), NOW)
    assert OURS.open(cookie, NOW + LIFE - timedelta(seconds=1)).name == "ada"
    assert OURS.open(cookie, NOW + LIFE + timedelta(seconds=1)) == STRANGER


def test_a_cookie_that_was_edited_is_a_stranger():
    packed, _, signature = OURS.seal(Viewer(name="ada"), NOW).partition(".")
    row = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    forged = base64.urlsafe_b64encode(json.dumps({**row, "operator": True}).encode()).decode().rstrip("=")
    assert OURS.open(f"{forged}.{signature}", NOW) == STRANGER


@pytest.mark.parametrize("cookie", [None, "", ".", "a.b", "....", "é.ü", "x" * 5000])
def test_rubbish_is_a_stranger(cookie):
    assert OURS.open(cookie, NOW) == STRANGER


@pytest.mark.parametrize("length", [10, 139])
def test_a_cookie_fits_whoever_can_read_a_thousand_projects(length):
    many = frozenset(f"{number:04}/".ljust(length, "r") for number in range(1000))
    cookie = OURS.seal(Viewer(name="a-login-of-the-longest-kind-that-github-has", projects=many), NOW)
    assert len(f"{COOKIE}={cookie}") < 4096
    kept = OURS.open(cookie, NOW).projects
    assert kept < many
    assert len(kept) > 15


def test_a_form_is_taken_from_its_own_session_only():
    one, other = OURS.seal(Viewer(name="ada"), NOW), OURS.seal(Viewer(name="ada"), NOW)
    assert OURS.may_post(one, OURS.form_token(one))
    assert not OURS.may_post(one, OURS.form_token(other))
    assert not OURS.may_post(one, "")
    assert not OURS.may_post(one, "é")
