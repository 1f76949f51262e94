"""Is it GitHub's? Every way in which it may not be."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest

from bot.errors import ConfigError
from bot.sources.github import LARGEST, Rejected, check_secret, verify

SECRET = "it is known to two"
NOW = datetime(2026, 11, 24, tzinfo=UTC)
BODY = json.dumps({"action": "completed"}).encode()


def _signed(body=BODY, secret=SECRET, **changed):
    signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "X-GitHub-Event": "workflow_job",
        "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "X-Hub-Signature-256": signature,
        "Content-Type": "application/json",
    }
    return {key: value for key, value in {**headers, **changed}.items() if value is not None}


def test_what_is_signed_is_taken():
    delivery = verify(_signed(), BODY, secret=SECRET, received_at=NOW)
    assert (delivery.id, delivery.event) == ("72d3162e-cc78-11e3-81ab-4c9367dc0958", "workflow_job")
    assert (delivery.payload, delivery.source, delivery.received_at) == (BODY, "github", NOW)


def test_headers_may_be_written_in_any_case():
    headers = {key.upper(): value for key, value in _signed().items()}
    assert verify(headers, BODY, secret=SECRET, received_at=NOW).event == "workflow_job"


SHA1 = "sha1=" + hmac.new(SECRET.encode(), BODY, hashlib.sha1).hexdigest()


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        pytest.param(401, _signed(secret="another"), BODY, id="another secret"),
        pytest.param(401, _signed(), BODY + b" ", id="another body"),
        pytest.param(401, _signed(**{"X-Hub-Signature-256": SHA1}), BODY, id="sha1 in its place"),
        pytest.param(401, _signed(**{"X-Hub-Signature-256": None, "X-Hub-Signature": SHA1}), BODY, id="sha1 alone"),
        pytest.param(401, _signed(**{"X-Hub-Signature-256": "sha256=" + "é" * 64}), BODY, id="not ASCII"),
        pytest.param(401, _signed(**{"X-Hub-Signature-256": "sha256="}), BODY, id="empty signature"),
        pytest.param(400, _signed(**{"X-GitHub-Event": None}), BODY, id="no event"),
        pytest.param(400, _signed(**{"X-GitHub-Event": "../etc"}), BODY, id="odd event"),
        pytest.param(400, _signed(**{"X-GitHub-Delivery": None}), BODY, id="no delivery"),
        pytest.param(400, _signed(**{"X-GitHub-Delivery": "a b\n"}), BODY, id="odd delivery"),
        pytest.param(400, _signed(**{"Content-Type": None}), BODY, id="no content type"),
        pytest.param(400, _signed(**{"Content-Type": "text/plain"}), BODY, id="text"),
        pytest.param(400, _signed(b"{"), b"{", id="cut JSON"),
        pytest.param(400, _signed(b"[]"), b"[]", id="a list"),
        pytest.param(400, _signed(b"\xff"), b"\xff", id="not UTF-8"),
        pytest.param(400, _signed(b"[" * 100_000), b"[" * 100_000, id="deep"),
        pytest.param(400, _signed(b""), b"", id="nothing"),
    ],
)
def test_what_is_not_is_refused(status, headers, body):
    with pytest.raises(Rejected) as caught:
        verify(headers, body, secret=SECRET, received_at=NOW)
    assert caught.value.status == status


def test_a_body_over_githubs_cap_is_not_even_hashed():
    with pytest.raises(Rejected) as caught:
        verify(_signed(), b" " * (LARGEST + 1), secret=SECRET, received_at=NOW)
    assert caught.value.status == 413


def test_a_form_is_taken_as_github_sends_it():
    body = b"payload=%7B%22action%22%3A%22completed%22%7D"
    headers = _signed(body, **{"Content-Type": "application/x-www-form-urlencoded"})
    assert json.loads(verify(headers, body, secret=SECRET, received_at=NOW).payload) == {"action": "completed"}


@pytest.mark.parametrize("secret", ["", "  "])
def test_without_a_secret_nothing_starts(secret):
    with pytest.raises(ConfigError, match="WEBHOOK_SECRET"):
        check_secret(secret)
    with pytest.raises(ConfigError):
        verify(_signed(secret="x"), BODY, secret=secret, received_at=NOW)
