"""Processes of a test: the forge, and the service that is killed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import Any

PATIENCE = 90.0


class Child:
    """A process that prints its port when it is ready."""

    def __init__(self, module: str, told: dict[str, Any] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        if told is not None:
            self.process.stdin.write(json.dumps(told) + "\n")
            self.process.stdin.flush()
        port = self.process.stdout.readline().strip()
        self.alive_once = bool(port)
        self.address = f"http://127.0.0.1:{port}"

    def call(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read())

    def died(self) -> bool:
        """Whether it killed itself, given time."""
        try:
            return self.process.wait(PATIENCE) == -9
        except subprocess.TimeoutExpired:
            return False

    def idle(self) -> None:
        """Wait until no workflow runs or waits."""
        deadline = time.monotonic() + PATIENCE
        quiet = 0
        while quiet < 2:
            assert time.monotonic() < deadline, "the service is still busy"
            quiet = quiet + 1 if self.call("/busy") == 0 else 0
            time.sleep(0.1)

    def stop(self) -> None:
        """End it, in good order where it can."""
        for end in (self.process.stdin, self.process.stdout):
            if end is not None:
                end.close()
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(20)

    def deliver(self, rows: list[dict[str, Any]]) -> Any:
        """Deliver; None where it died meanwhile (as a forge sees it: a connection that broke)."""
        try:
            return self.call("/deliver", rows)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return None
