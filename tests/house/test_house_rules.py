"""What the house promises of its own files."""

import re
import subprocess
from pathlib import Path

import pytest

from bot import __version__, config

ROOT = Path(__file__).resolve().parents[2]
HOSTS = "|".join(
    [
        "py" + r"pi\.org",
        "python" + r"hosted\.",
        "np" + r"mjs\.",
        "deb" + r"\.debian\.",
        "ma" + r"ven\.(?:apache\.)?org",
        "pro" + r"xy\.golang",
    ]
)


def tracked(*patterns):
    rows = subprocess.run(["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name.decode() for name in rows.split(b"\0") if name and (ROOT / name.decode()).is_file()]


def test_no_file_names_a_registrys_host_or_a_machines_path():
    bad = re.compile(rf"{HOSTS}|/wo" + r"rk/(?:main|shared|steering|\.library)")
    found = [
        path.relative_to(ROOT)
        for path in tracked()
        if path.suffix not in {".gz", ".zst", ".xz", ".png", ".whl", ".zip", ".tar"}
        and bad.search(path.read_bytes().decode("utf-8", "replace"))
    ]
    assert not found


def test_the_code_knows_no_case_of_the_corpus():
    names = [path.name for part in ("cases", "negatives") for path in (ROOT / "tests" / "corpus" / part).iterdir()]
    assert len(names) > 200
    text = "\n".join(
        path.read_text(encoding="utf-8", errors="replace")
        for path in tracked("bot/*.py", "bot/**/*.py", "bot/**/*.toml")
    )
    assert not [name for name in names if name in text]


def test_generated_pages_are_current():
    done = subprocess.run(
        [".venv/bin/python" if (ROOT / ".venv/bin/python").exists() else "python3", "tools/docs.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", sorted(config.Settings.model_fields))
def test_every_setting_says_what_it_is(name):
    assert len(config.Settings.model_fields[name].description or "") > 15


def test_the_changelog_knows_this_version():
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_package_stands_in_the_architecture():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    missing = [
        path.name for path in (ROOT / "bot").iterdir() if (path / "__init__.py").exists() and f"{path.name}" not in text
    ]
    assert not missing


def test_mistakes_in_the_settings_are_told_together(monkeypatch):
    monkeypatch.setenv("UPRIVER_PORT", "99999")
    monkeypatch.setenv("UPRIVER_LOG_FORMAT", "xml")
    with pytest.raises(config.ConfigError, match=r"(?s)UPRIVER_PORT.*UPRIVER_LOG_FORMAT"):
        config.load()
