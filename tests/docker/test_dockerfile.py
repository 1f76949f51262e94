"""The image: linted, unprivileged, with everything that it copies there. Its steps run in `tools/dockerfile_in_debian.py`."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from dockerfile_in_debian import instructions  # noqa: E402 - the path comes first

TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_hadolint_has_nothing_to_say():
    done = subprocess.run(
        [Path(sys.executable).parent / "hadolint", ROOT / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert done.stdout + done.stderr == ""
    assert done.returncode == 0


def test_it_runs_as_nobody_in_particular_and_says_how_it_is():
    rows = instructions(TEXT)
    last = rows[max(number for number, (word, _) in enumerate(rows) if word == "FROM") :]
    assert [rest for word, rest in last if word == "USER"] == ["10001"]
    assert any(word == "HEALTHCHECK" and "/healthz" in rest for word, rest in last)
    assert not any("pip install" in rest for word, rest in last if word == "RUN")


def test_dependencies_are_locked_by_hash():
    installs = [rest for word, rest in instructions(TEXT) if word == "RUN" and "pip install" in rest]
    assert any("--require-hashes -r requirements/runtime.txt" in rest for rest in installs)
    assert any("--no-deps ." in rest for rest in installs)


def test_what_it_copies_is_there_and_let_through():
    allowed = [
        line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")
    ]
    for word, rest in instructions(TEXT):
        if word == "COPY" and not rest.startswith("--from"):
            for name in rest.split()[:-1]:
                assert (ROOT / name).exists()
                assert name in allowed
