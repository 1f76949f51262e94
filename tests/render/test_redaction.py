import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.render.redact import leaks, redact

SECRETS = [
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "ghs_1234567_eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJ4In0.sig",
    "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuv",
    "glpat-abcdefghij1234567890",
    "pypi-AgEIcHlwaS5vcmcCJDAwMDAwMDAw",
    "npm_abcdefghijklmnopqrstuvwxyz0123456789",
    "AKIAIOSFODNN7EXAMPLE",
    "xoxb-1234567890-abcdefghij",
    "AIzaSyA-1234567890abcdefghijklmnop",
    "sk_live_abcdefghij1234567890",
    "sk-proj-abcdefghijklmnopqrstuvwxyz012345",
    "hf_abcdefghijklmnopqrstuvwxyz",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
    "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3x",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "around", ["{}", "x {} y", "token is {}.", "('{}',)", "https://user:{}@host/path", "Authorization: Bearer {}"]
)
def test_a_secret_is_gone_wherever_it_stands(secret, around):
    assert secret not in redact(around.format(secret))


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("PASSWORD=hunter2-very", "hunter2"),
        ("db_password: 'hunter2-very'", "hunter2"),
        ("{'api_key': 'abc123def'}", "abc123def"),
        ("--token abc123def", "abc123def"),
        ("cookie: sid=abc123", "abc123"),
        ("mail jane.doe@example.org now", "jane.doe"),
        ('File "/home/jane/x.py"', "jane"),
        (r"C:\Users\jane\x.py", "jane"),
        ("http://10.1.2.3:8080/x", "10.1.2.3"),
        ("http://build.corp/x", "build.corp"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----", "MIIabc"),
        ("-----BEGIN PRIVATE KEY-----\nMIIabc", "MIIabc"),
        ("PATH=/a\nHOME=/b\nUSERX=jane\nLANG=C", "jane"),
    ],
)
def test_personal_and_internal_things_are_gone(text, gone):
    assert gone not in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "AttributeError: 'Token' object has no attribute 'api_key'",
        "TypeError: f() got an unexpected keyword argument 'token'",
        "token = self.next_token()",
        "password: str | None = None",
        'File "/home/runner/work/x/x/a.py", line 3, in f',
        'File "/var/lib/jenkins/workspace/x/a.py", line 3, in f',
        "git+https://github.com/a/b@v1.2",
        "oslo_config.cfg.ConfigFileParseError.SomethingRatherLongIndeed",
        "commit 0123456789abcdef0123456789abcdef01234567",
        "author: Alice",
        "KeyError: 'secret'",
        "test_x[auth-None]",
    ],
)
def test_code_stays(text):
    assert redact(text) == text


@given(
    st.lists(
        st.sampled_from(
            [*SECRETS, "PASSWORD=", "https://a:", "@b/", "Bearer ", "\n", " ", "x", "'", "KEY=v", "jane@x.org"]
        ),
        max_size=12,
    )
)
def test_redaction_is_idempotent_so_that_the_last_check_can_fail_closed(parts):
    once = redact("".join(parts))
    assert redact(once) == once
    assert leaks(once) == ()


@given(st.text(max_size=300))
def test_redaction_takes_any_text(text):
    assert redact(redact(text)) == redact(text)
