"""Executes the Dockerfile's steps in bare Debian folders, where no container engine is at hand.

`python tools/dockerfile_in_debian.py` as root, with debootstrap installed. Each stage is a Debian of the suite that FROM
names, made once and kept in `.cache/debian`; RUN, COPY, ENV, USER and WORKDIR are carried out there, then the image's
own command is started as its user and asked by its own health check.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BASES = ROOT / ".cache" / "debian"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PASSED_ON = ("http_proxy", "https_proxy", "no_proxy", "PIP_INDEX_URL", "PIP_CERT", "SSL_CERT_FILE")
HOST_FILES = (
    "etc/resolv.conf",
    "etc/hosts",
    "etc/pip.conf",
    "etc/ssl/certs/ca-certificates.crt",
    "root/.config/pip/pip.conf",
)


@dataclass
class Stage:
    """A stage that is being built, or is built."""

    root: Path
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": PATH})
    user: str = "0"
    folder: str = "/"
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)


def instructions(text: str) -> list[tuple[str, str]]:
    """The Dockerfile's instructions with their arguments, continued lines joined."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n", " ", "\n".join(lines))
    return [tuple(row.strip().split(None, 1)) for row in joined.splitlines() if row.strip()]  # type: ignore[misc]


def main() -> int:
    """Build every stage, then run the last one; the exit status."""
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        print("this needs root and debootstrap", file=sys.stderr)
        return 2
    stages: dict[str, Stage] = {}
    now: Stage | None = None
    for number, (word, rest) in enumerate(instructions((ROOT / "Dockerfile").read_text(encoding="utf-8"))):
        print(f"-- {word} {rest[:100]}", flush=True)
        if word == "FROM":
            image, _, name = rest.partition(" AS ")
            now = Stage(_base(image.split(":")[1].removesuffix("-slim"), f"stage-{number}"))
            stages[name or str(number)] = now
        elif now is None:
            raise SystemExit(f"{word} before FROM")
        else:
            _carry_out(now, stages, word, rest)
    if now is None:
        raise SystemExit("no FROM")
    size = int(subprocess.run(["du", "-sm", now.root], capture_output=True, text=True, check=True).stdout.split()[0])
    print(f"-- the image's folder: {size} MB", flush=True)
    return _run(now)


def _carry_out(now: Stage, stages: dict[str, Stage], word: str, rest: str) -> None:
    if word == "RUN":
        _inside(now, ["/bin/sh", "-c", rest], check=True)
    elif word == "COPY":
        _copy(now, stages, rest)
    elif word == "ENV":
        now.environment |= dict(row.split("=", 1) for row in shlex.split(rest))
    elif word == "USER":
        now.user = rest
    elif word == "WORKDIR":
        now.folder = rest
        (now.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
    elif word in {"ENTRYPOINT", "CMD"}:
        now.command += json.loads(rest)
    elif word == "HEALTHCHECK":
        now.health = json.loads(rest.partition("CMD ")[2])
    elif word not in {"LABEL", "EXPOSE", "VOLUME", "STOPSIGNAL"}:
        raise SystemExit(f"{word}: not an instruction that this script knows")


def _base(suite: str, name: str) -> Path:
    """A fresh copy of a bare Debian."""
    base, copy = BASES / suite, BASES / name
    if not (base / ".done").exists():
        shutil.rmtree(base, ignore_errors=True)
        base.mkdir(parents=True)
        subprocess.run(
            ["debootstrap", "--variant=minbase", "--include=ca-certificates", suite, base],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        for file in HOST_FILES:  # this machine's way to its package mirrors
            if Path("/", file).exists():
                (base / file).parent.mkdir(parents=True, exist_ok=True)
                (base / file).unlink(missing_ok=True)
                shutil.copy(Path("/", file), base / file)
        (base / ".done").touch()
    shutil.rmtree(copy, ignore_errors=True)
    subprocess.run(["cp", "-a", "--reflink=auto", base, copy], check=True)
    return copy


def _copy(now: Stage, stages: dict[str, Stage], rest: str) -> None:
    words = shlex.split(rest)
    source = ROOT
    if words[0].startswith("--from="):
        source = stages[words.pop(0).removeprefix("--from=")].root
    *files, target = words
    into = now.root / (target if target.startswith("/") else f"{now.folder}/{target}").lstrip("/")
    for file in files:
        found = source / file.lstrip("/")
        place = into / found.name if target.endswith("/") or len(files) > 1 else into
        place.parent.mkdir(parents=True, exist_ok=True)
        if found.is_dir():
            shutil.copytree(
                found, place, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy(found, place)


def _line(now: Stage, command: list[str]) -> list[str]:
    script = f"cd {shlex.quote(now.folder)} && exec {shlex.join(command)}"
    return [
        shutil.which("chroot") or "/usr/sbin/chroot",
        f"--userspec={now.user}:{now.user}",
        str(now.root),
        "/bin/sh",
        "-c",
        script,
    ]


def _environment(now: Stage) -> dict[str, str]:
    return {**{key: os.environ[key] for key in PASSED_ON if key in os.environ}, "HOME": now.folder, **now.environment}


def _inside(now: Stage, command: list[str], *, check: bool = False) -> int:
    return subprocess.run(_line(now, command), env=_environment(now), check=check).returncode


def _run(now: Stage) -> int:
    """Start the image's command and ask its health check until it is well."""
    if _inside(now, ["upriver", "--version"]) != 0:
        return 1
    now.environment["UPRIVER_PORT"] = "18080"
    process = subprocess.Popen(_line(now, now.command), env=_environment(now))
    try:
        for _ in range(60):
            if process.poll() is not None:
                print(f"-- the command ended with {process.returncode}", file=sys.stderr)
                return 1
            if _inside(now, now.health) == 0:
                print("-- healthy, as user", now.user)
                return 0
            time.sleep(1)
        return 1
    finally:
        process.terminate()
        print("-- ended with", process.wait(40))


if __name__ == "__main__":
    sys.exit(main())
