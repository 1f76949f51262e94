"""Secrets and personal data taken out of text, before it is stored for people and again before it is posted.

Token forms are their vendors' published prefixes; lengths are never relied on (GitHub's installation tokens grew in
2026). What merely looks like a secret (a long mixed string, the value of a key that names one) goes too: a report
loses nothing by it. `leaks` is the check that publish makes last; it fails closed.
"""

from __future__ import annotations

import re

from bot.patterns import pattern

_KEY = r"(?:[\w.-]*(?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|apikey|access[_-]?key|auth|credential|private[_-]?key|signature|session|cookie)[\w.-]*)"

_RULES: tuple[tuple[str, str], ...] = (
    ("private key", r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"),
    ("token", r"\bgh[opusr]_[A-Za-z0-9_.\-]{10,}"),
    ("token", r"\bgithub_pat_[A-Za-z0-9_]{10,}"),
    ("token", r"\bgl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|imt)-[A-Za-z0-9_.\-]{10,}"),
    ("token", r"\bpypi-[A-Za-z0-9_\-]{16,}"),
    ("token", r"\bnpm_[A-Za-z0-9]{20,}"),
    ("token", r"\b(?:AKIA|ASIA|ABIA|ACCA|AIDA|AROA)[A-Z0-9]{12,}\b"),
    ("token", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),
    ("token", r"\bxapp-[A-Za-z0-9-]{10,}"),
    ("token", r"\bAIza[A-Za-z0-9_\-]{20,}"),
    ("token", r"\bya29\.[A-Za-z0-9_\-]{20,}"),
    ("token", r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{10,}"),
    ("token", r"\bsk-(?:ant-|proj-|svcacct-)?[A-Za-z0-9_\-]{20,}"),
    ("token", r"\bhf_[A-Za-z0-9]{20,}"),
    ("token", r"\bdckr_pat_[A-Za-z0-9_\-]{10,}"),
    ("token", r"\bdop_v1_[a-f0-9]{20,}"),
    ("token", r"\bSG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,}"),
    ("token", r"\bshp(?:at|ca|pa|ss)_[A-Fa-f0-9]{16,}"),
    ("token", r"\beyJ[A-Za-z0-9_\-]{8,}\.eyJ[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]*)?"),
    ("credentials", r"(?<=://)[^\s/@'\"<>:]*:[^\s/@'\"<>]*(?=@)|(?<=://)[^\s/@'\"<>:]{12,}(?=@)"),
    ("header", r"(?i)(?<=authorization)(?:['\"]?\s*[:=]\s*)['\"]?(?:(?:basic|bearer|token|digest|negotiate)\s+)?[^\s'\",;]{4,}"),
    ("header", r"(?i)\b(?:basic|bearer)\s+[A-Za-z0-9+/_.=\-]{12,}"),
    ("header", r"(?im)(?<=cookie:)[^\n]{4,}"),
    ("header", r"(?i)(?<=x-api-key:)\s*[^\s]{4,}"),
    ("assigned", rf"(?i)(?<![\w.])(?P<key>{_KEY})(?P<eq>['\"]?\s*(?:=|:|=>)\s*)(?P<value>\"[^\"\n]{{3,}}\"|'[^'\n]{{3,}}'|[^\s'\",;)\]}}]{{6,}})"),
    ("assigned", r"(?i)(?P<key>--(?:pass(?:word)?|token|api-key|secret)[\w-]*)(?P<eq>[ =])(?P<value>[^\s'\"]{3,})"),
    ("e-mail", r"(?<![\w.+/=-])[\w.+-]+@(?!v?\d)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\b"),
    ("address", r"\b(?:10(?:\.\d{1,3}){3}|192\.168(?:\.\d{1,3}){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2}|169\.254(?:\.\d{1,3}){2})\b"),
    ("host", r"(?i)\b(?:[a-z0-9-]+\.)+(?:internal|intranet|corp|lan|local|localdomain|home\.arpa|svc\.cluster\.local)\b(?!\.py)(?=[/:\s'\",)\]]|$)"),
)  # fmt: skip
_TAKEN_OUT = tuple((name, pattern(form)) for name, form in _RULES)

_HOME = pattern(r"(?<![\w.])(?P<root>/home/|/Users/|[A-Za-z]:[\\/]+Users[\\/]+)(?P<user>[^/\\\s'\":<>]+)")
SHARED_USERS = frozenset(
    {
        "runner",
        "runneradmin",
        "zuul",
        "jenkins",
        "circleci",
        "travis",
        "vsts",
        "buildkite-agent",
        "ubuntu",
        "root",
        "vagrant",
        "docker",
        "user",
        "app",
        "builder",
        "ci",
        "gitlab-runner",
        "build",
    }
)
"""Accounts that every runner of a CI has: no person's name."""

_LONG = pattern(r"(?<![\w/+.-])[A-Za-z0-9+/_\-]{32,}={0,2}(?![\w/])")
_ENVIRONMENT_ROW = pattern(r"(?m)^(?P<key>(?:declare -x |export )?[A-Z][A-Z0-9_]{2,})=(?P<value>.+)$")
_PLACEHOLDER = pattern(
    r"\*{3,}|<[\w -]+ removed>|None|null|True|False|\$\{?\w+\}?|\{\w*\}|str|bytes|int", re.IGNORECASE
)


def redact(text: str) -> str:
    """The text without secrets, addresses, people's folders and environment dumps. Idempotent."""
    for _ in range(_PASSES):
        before, text = text, _redacted(text)
        if text == before:
            break
    return text


_PASSES = 5
"""What is taken out may lay bare what stood too close to it to be known; more than two passes were never needed."""


def _redacted(text: str) -> str:
    for name, form in _TAKEN_OUT:
        if name == "assigned":
            text = form.sub(_assigned, text)
        elif name == "header":
            text = form.sub(f" <{name} removed>", text)
        else:
            text = form.sub(f"<{name} removed>", text)
    text = _HOME.sub(lambda match: match[0] if match["user"] in SHARED_USERS else f"{match['root']}user", text)
    text = _without_dumps(text)
    return _LONG.sub(lambda match: "<long value removed>" if _mixed(match[0]) else match[0], text)


def leaks(text: str) -> tuple[str, ...]:
    """What redaction would still take out of a text, by name; empty for a text that may be posted."""
    return ("unredacted text",) if redact(text) != text else ()


def _assigned(match: re.Match[str]) -> str:
    """`key=value` with the value gone, where it is a value at all."""
    value = match["value"].strip("'\"")
    if _PLACEHOLDER.fullmatch(value) or value.startswith("<") or not _secretive(match["key"], value):
        return match[0]
    return f"{match['key']}{match['eq']}<value removed>"


def _secretive(key: str, value: str) -> bool:
    """Whether the value may be a secret: code such as `token = self.next()` and dotted types are none."""
    if re.fullmatch(r"[A-Za-z_][\w.]*\(.*|(?:[A-Za-z_]\w*\.)+[A-Za-z_]\w*(?:\[.*)?", value):
        return False
    return not (re.fullmatch(r"auth(?:or|ors|ority|entication|orization)?", key, re.IGNORECASE) and value.isalpha())


def _without_dumps(text: str) -> str:
    """Blocks of four and more environment rows lose their values: what `env` prints is nobody's business."""
    rows = text.split("\n")
    start = None
    for number, row in enumerate([*rows, ""]):
        match = _ENVIRONMENT_ROW.fullmatch(row.strip())
        if match and start is None:
            start = number
        elif not match and start is not None:
            if number - start >= 4:
                for inside in range(start, number):
                    rows[inside] = rows[inside].split("=", 1)[0] + "=<value removed>"
            start = None
    return "\n".join(rows)


def _mixed(value: str) -> bool:
    """Whether a long string mixes lower case, upper case and digits as random ones do; names and paths do not."""
    runs = re.findall(r"[a-z]+|[A-Z]+|\d+", value)
    kinds = sum(any(test(char) for char in value) for test in (str.islower, str.isupper, str.isdigit))
    return kinds == 3 and len(runs) > len(value) / 4 and value.count("/") < 4 and value.count("_") < 5
