"""A package index on the loopback that serves real files truly, or lies, stalls and fails as it is told to."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

JSON = "application/vnd.pypi.simple.v1+json"


@dataclass
class Served:
    """A file, and what the index says of it."""

    project: str
    body: bytes
    uploaded: str | None = None
    sha256: str | None = None
    requires_python: str | None = None
    yanked: bool = False
    metadata: bytes | None = None
    metadata_sha256: str | None = None
    provenance: bytes | None = None


@dataclass
class Loopback:
    """The index's state; a test changes it between questions."""

    files: dict[str, Served] = field(default_factory=dict)
    style: str = "json"
    """json, html, timed-html or legacy (only the older JSON API)."""
    ranges: bool = True
    etags: bool = False
    login: tuple[str, str] | None = None
    faults: dict[str, str] = field(default_factory=dict)
    """A part of a path to what goes wrong there: a status, hang, drip, cut, loop, garbage, downgrade, otherrange."""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)
    """Set where hanging answers may end."""
    address: str = ""

    @property
    def url(self) -> str:
        return f"{self.address}/simple/"

    def add(self, filename: str, project: str, body: bytes, **said) -> None:
        self.files[filename] = Served(project, body, **said)

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def forget(self) -> None:
        self.asked.clear()


def real(folder: Path) -> Loopback:
    """An index of the real files in a folder."""
    index = Loopback()
    for filename, row in json.loads((folder / "listed.json").read_text()).items():
        index.add(
            filename,
            row["project"],
            (folder / filename).read_bytes(),
            uploaded=row["upload-time"],
            requires_python=row["requires-python"],
            yanked=row["yanked"],
        )
    return index


@contextmanager
def running(index: Loopback) -> Iterator[Loopback]:
    """Serve until the end of the block."""
    handler = type("Handler", (_Handler,), {"index": index})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    index.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield index
    finally:
        index.release.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    index: Loopback
    protocol_version = "HTTP/1.1"

    def log_message(self, *args) -> None:
        """Quietly."""

    def do_GET(self) -> None:
        self.index.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        try:
            self._answer()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _answer(self) -> None:
        fault = next((what for part, what in self.index.faults.items() if part in self.path), None)
        if fault is not None and self._fail(fault):
            return
        login = self.index.login
        if login is not None:
            given = "Basic " + base64.b64encode(":".join(login).encode()).decode()
            if self.headers.get("authorization") != given:
                self._send(401, b"", "text/plain", {"www-authenticate": "Basic"})
                return
        if match := re.fullmatch(r"/simple/([^/]+)/", self.path):
            self._listing(match[1])
        elif match := re.fullmatch(r"/pypi/([^/]+)/json", self.path):
            self._legacy(match[1])
        elif match := re.fullmatch(r"/files/([^/]+?)(\.metadata|\.provenance)?", self.path):
            self._file(match[1], match[2])
        else:
            self._send(404, b"no", "text/plain")

    # ---------------------------------------------------------------------------------------------- pages

    def _mine(self, project: str) -> dict[str, Served]:
        return {name: file for name, file in self.index.files.items() if file.project == project}

    def _listing(self, project: str) -> None:
        mine, style = self._mine(project), self.index.style
        if not mine:
            self._send(404, b"no such project", "text/plain")
        elif style == "legacy":
            self._send(405, b"no", "text/plain")
        elif style == "json" and JSON in self.headers.get("accept", ""):
            rows = [self._row(name, file) for name, file in mine.items()]
            page = {"meta": {"api-version": "1.1"}, "name": project, "files": rows}
            self._page(json.dumps(page).encode(), JSON)
        else:
            links = "\n".join(self._link(name, file, style) for name, file in mine.items())
            self._page(f"<!DOCTYPE html><html><body>{links}</body></html>".encode(), "text/html; charset=utf-8")

    def _row(self, name: str, file: Served) -> dict:
        row = {
            "filename": name,
            "url": f"../../files/{name}",
            "hashes": {"sha256": _digest(file)},
            "requires-python": file.requires_python,
            "size": len(file.body),
            "yanked": file.yanked,
        }
        if file.uploaded:
            row["upload-time"] = file.uploaded
        if file.metadata is not None:
            row["core-metadata"] = {"sha256": file.metadata_sha256 or hashlib.sha256(file.metadata).hexdigest()}
        if file.provenance is not None:
            row["provenance"] = f"{self.index.address}/files/{name}.provenance"
        return row

    def _link(self, name: str, file: Served, style: str) -> str:
        attributes = f'href="../../files/{name}#sha256={_digest(file)}"'
        if file.requires_python:
            attributes += f' data-requires-python="{html.escape(file.requires_python)}"'
        if file.yanked:
            attributes += ' data-yanked=""'
        if style == "timed-html" and file.uploaded:
            attributes += f' data-upload-time="{file.uploaded}" data-size="{len(file.body)}"'
        return f"<a {attributes}>{name}</a><br/>"

    def _legacy(self, project: str) -> None:
        mine = self._mine(project)
        if not mine or self.index.style not in {"legacy", "html"}:
            self._send(404, b"no", "text/plain")
            return
        rows = [
            {
                "filename": name,
                "url": f"{self.index.address}/files/{name}",
                "digests": {"sha256": _digest(file)},
                "size": len(file.body),
                "upload_time_iso_8601": file.uploaded,
                "yanked": file.yanked,
                "requires_python": file.requires_python,
            }
            for name, file in mine.items()
        ]
        self._page(json.dumps({"info": {}, "releases": {"any": rows}}).encode(), "application/json")

    def _page(self, body: bytes, kind: str) -> None:
        etag = f'"{hashlib.md5(body).hexdigest()}"'
        if self.index.etags and self.headers.get("if-none-match") == etag:
            self._send(304, b"", kind, {"etag": etag})
        else:
            self._send(200, body, kind, {"etag": etag} if self.index.etags else {})

    # ---------------------------------------------------------------------------------------------- files

    def _file(self, name: str, beside: str | None) -> None:
        file = self.index.files.get(name)
        body = file and (file.metadata if beside == ".metadata" else file.provenance if beside else file.body)
        if body is None:
            self._send(404, b"no", "text/plain")
            return
        wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("range", ""))
        if not wanted or not self.index.ranges:
            self._send(200, body, "application/octet-stream")
            return
        first, last = wanted[1], wanted[2]
        start = int(first) if first else max(len(body) - int(last), 0)
        stop = min(int(last) + 1, len(body)) if first and last else len(body)
        if "otherrange" in self.index.faults.values() and first:
            start, stop = 0, stop - start
        part = body[start:stop]
        self._send(206, part, "application/octet-stream", {"content-range": f"bytes {start}-{stop - 1}/{len(body)}"})

    def _send(self, status: int, body: bytes, kind: str, more: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        for name, value in (more or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    # ---------------------------------------------------------------------------------------------- faults

    def _fail(self, fault: str) -> bool:
        if fault.isdigit():
            self._send(int(fault), b"sorry", "text/plain")
        elif fault == "hang":
            self.index.release.wait(60)
            self.close_connection = True
        elif fault == "drip":
            self._drip()
        elif fault == "cut":
            self.send_response(200)
            self.send_header("content-type", JSON)
            self.send_header("content-length", "100000")
            self.end_headers()
            self.wfile.write(b'{"files": [')
            self.close_connection = True
        elif fault == "loop":
            self._send(302, b"", "text/plain", {"location": self.path + "x"})
        elif fault == "garbage":
            self._send(200, b'{"files": [{"filename": 7, "url": null}], "name": []}', JSON)
        elif fault == "elsewhere":
            self._send(302, b"", "text/plain", {"location": "ftp://127.0.0.1/x"})
        else:
            return False
        return True

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("content-type", JSON)
        self.send_header("content-length", "100000")
        self.end_headers()
        until = time.monotonic() + 60
        while time.monotonic() < until and not self.index.release.is_set():
            self.wfile.write(b" ")
            self.wfile.flush()
            self.index.release.wait(0.05)
        self.close_connection = True


def _digest(file: Served) -> str:
    return file.sha256 or hashlib.sha256(file.body).hexdigest()
