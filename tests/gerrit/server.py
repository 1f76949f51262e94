"""A real Gerrit: initialised, started, stopped, started again, and asked as its administrator."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh
import requests

ADMIN = ("admin", "secret")
HERE = Path(__file__).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody on the server."""

    name: str
    id: int
    password: str


class Server:
    """One Gerrit in a folder. `start` may be called again after `stop` or `kill`."""

    def __init__(self, version: str, home: Path, jars: list[str], site: Path) -> None:
        self.version = version
        self.site = site
        self._command = [sys.executable, str(HERE / "jvm.py"), str(home), "400m", ":".join(jars)]
        self.http, self.ssh = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.http}"
        self._process: subprocess.Popen[bytes] | None = None
        self._session = requests.Session()
        self._session.trust_env = False
        self.keys: dict[str, asyncssh.SSHKey] = {}

    # ------------------------------------------------------------------------------------------ life

    def init(self) -> None:
        etc = self.site / "etc"
        etc.mkdir(parents=True)
        for name, algorithm, extra in (
            ("rsa", "ssh-rsa", {"key_size": 2048}),
            ("ed25519", "ssh-ed25519", {}),
            ("ecdsa", "ecdsa-sha2-nistp256", {}),
            ("ecdsa_384", "ecdsa-sha2-nistp384", {}),
            ("ecdsa_521", "ecdsa-sha2-nistp521", {}),
        ):
            key = asyncssh.generate_private_key(algorithm, **extra)
            self.keys[name] = key
            at = etc / f"ssh_host_{name}_key"
            at.write_bytes(key.export_private_key())
            at.chmod(0o600)
            (etc / f"ssh_host_{name}_key.pub").write_bytes(key.export_public_key())
        # A folder that is not empty is no new site, and `--dev` decides the kind of sign-in of new sites only.
        subprocess.run(
            ["git", "config", "-f", str(etc / "gerrit.config"), "auth.type", "DEVELOPMENT_BECOME_ANY_ACCOUNT"],
            check=True,
        )
        self._run("com.google.gerrit.pgm.Init", "--batch", "--no-auto-start", "--dev", "-d", str(self.site))
        for key, value in (
            ("httpd.listenUrl", f"{self.url}/"),
            ("gerrit.canonicalWebUrl", f"{self.url}/"),
            ("sshd.listenAddress", f"127.0.0.1:{self.ssh}"),
            ("sshd.threads", "4"),
            ("index.autoReindexIfStale", "false"),
            ("sendemail.enable", "false"),
            ("receive.enableSignedPush", "false"),
        ):
            subprocess.run(["git", "config", "-f", str(etc / "gerrit.config"), key, value], check=True)

    def start(self) -> None:
        log = (self.site / "daemon.out").open("ab")
        self._process = subprocess.Popen(
            [*self._command, "com.google.gerrit.pgm.Daemon", "--headless", "--console-log", "-d", str(self.site)],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            cwd=self.site,
        )
        log.close()
        self._wait()

    def stop(self) -> None:
        """End the daemon's own process group, politely and then not."""
        process, self._process = self._process, None
        if process is None:
            return
        for sign, patience in ((signal.SIGTERM, 60), (signal.SIGKILL, 60)):
            try:
                os.killpg(process.pid, sign)
                process.wait(patience)
            except subprocess.TimeoutExpired:
                continue
            except ProcessLookupError:
                pass
            break

    def kill(self) -> None:
        """As a power cut would."""
        process, self._process = self._process, None
        if process is not None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(60)

    def freeze(self) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGCONT)

    def _run(self, name: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self._command, name, *arguments], capture_output=True, text=True, timeout=600, check=False, cwd=self.site
        )
        if done.returncode:
            raise RuntimeError(f"{name} failed: {done.stdout[-2000:]}{done.stderr[-4000:]}")

    def _wait(self) -> None:
        until = time.monotonic() + 300
        while time.monotonic() < until:
            assert self._process is not None
            if self._process.poll() is not None:
                raise RuntimeError(f"Gerrit ended: {(self.site / 'daemon.out').read_text()[-4000:]}")
            try:
                requests.get(f"{self.url}/config/server/version", timeout=2)
                with socket.create_connection(("127.0.0.1", self.ssh), 2):
                    return
            except (OSError, requests.RequestException):
                time.sleep(0.2)
        raise RuntimeError("Gerrit did not come up in five minutes")

    # ------------------------------------------------------------------------------------------ what people do

    def ask(self, method: str, path: str, body: Any = None, who: tuple[str, str] = ADMIN) -> Any:
        """One REST call; the decoded answer."""
        text = isinstance(body, str)
        answer = self._session.request(
            method,
            f"{self.url}/a/{path}",
            auth=who,
            timeout=120,
            data=body.encode() if text else None,
            json=None if text or body is None else body,
            headers={"Content-Type": "text/plain"} if text else {},
        )
        if answer.status_code >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return json.loads(answer.text.split("\n", 1)[1]) if answer.text.startswith(")]}'") else answer.text

    def account(self, name: str, *, groups: list[str] | None = None) -> Account:
        password = f"{name}-password"
        made = self.ask(
            "PUT",
            f"accounts/{name}",
            {"http_password": password, "groups": groups or [], "email": f"{name}@example.org", "name": name.title()},
        )
        return Account(name, made["_account_id"], password)

    def as_(self, account: Account, method: str, path: str, body: Any = None) -> Any:
        return self.ask(method, path, body, (account.name, account.password))

    def project(self, name: str) -> None:
        self.ask("PUT", f"projects/{name.replace('/', '%2F')}", {"create_empty_commit": True})

    def change(
        self, project: str, owner: Account, files: dict[str, str] | None = None, subject: str = "A change"
    ) -> str:
        """A change through REST, as `project~number`."""
        made = self.as_(owner, "POST", "changes/", {"project": project, "branch": "master", "subject": subject})
        change = f"{project.replace('/', '%2F')}~{made['_number']}"
        for path, content in (files or {"README": "text"}).items():
            quoted = path.replace("/", "%2F")
            self.as_(owner, "PUT", f"changes/{change}/edit/{quoted}", content)
        self.as_(owner, "POST", f"changes/{change}/edit:publish", {})
        return f"{project}~{made['_number']}"

    def review(self, account: Account, change: str, body: dict[str, Any], revision: str = "current") -> Any:
        project, _, number = change.rpartition("~")
        quoted = project.replace("/", "%2F")
        return self.as_(account, "POST", f"changes/{quoted}~{number}/revisions/{revision}/review", body)

    def detail(self, change: str) -> Any:
        project, _, number = change.rpartition("~")
        return self.ask("GET", f"changes/{project.replace('/', '%2F')}~{number}/detail")

    def comments(self, change: str) -> Any:
        project, _, number = change.rpartition("~")
        return self.ask("GET", f"changes/{project.replace('/', '%2F')}~{number}/comments")
