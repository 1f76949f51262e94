"""What a job uploaded: JUnit XML, subunit, pytest's report logs, Zuul's job-output.json; found by content, not name."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from bot.extract.artifacts import junit, reports, subunits, zuul
from bot.extract.artifacts.bodies import Read
from bot.extract.artifacts.inflating import Bounded, inflated
from bot.extract.artifacts.merging import merge
from bot.extract.artifacts.parsed import Parsed

__all__ = ["Parsed", "merge", "parse"]

DOCUMENT = 64 << 20
"""Bytes of a JSON document that is read whole."""
MEMBERS = 200
"""Files of a zip archive that are looked at."""


def parse(artifacts: Sequence[tuple[str, BinaryIO]], read: Read) -> tuple[Parsed, ...]:
    """What artifacts say; `read` reads a log. What is none of the known kinds is passed over. Never raises."""
    return tuple(parsed for name, stream in artifacts for parsed in _one(name, stream, read))


def _one(name: str, stream: BinaryIO, read: Read) -> Iterator[Parsed]:
    head = stream.read(4)
    if head == b"PK\x03\x04":
        yield from _archived(name, io.BytesIO(head + stream.read(DOCUMENT)), read)
        return
    bounded = inflated(head, stream)
    parsed = _parsed(name, bounded, read)
    if parsed is not None:
        yield parsed if bounded.doubt is None else _doubtful(parsed, f"{name}: {bounded.doubt}")
    elif bounded.doubt is not None:
        yield Parsed(name=name, doubts=(f"{name}: {bounded.doubt}",))


def _doubtful(parsed: Parsed, sentence: str) -> Parsed:
    from msgspec.structs import replace

    return replace(parsed, doubts=(*parsed.doubts, sentence))


def _archived(name: str, spool: io.BytesIO, read: Read) -> Iterator[Parsed]:
    try:
        archive = zipfile.ZipFile(spool)
        for member in archive.infolist()[:MEMBERS]:
            if not member.is_dir():
                with archive.open(member) as file:
                    yield from _member(f"{name}/{member.filename}", file, read)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError, zlib.error) as error:
        yield Parsed(name=name, doubts=(f"{name}: the archive is broken: {error}"[:300],))


def _member(name: str, file: object, read: Read) -> Iterator[Parsed]:
    if isinstance(file, io.BufferedIOBase):
        head = file.read(4)
        parsed = _parsed(name, inflated(head, file), read)
        if parsed is not None:
            yield parsed


def _parsed(name: str, stream: Bounded, read: Read) -> Parsed | None:
    head = stream.peek(4096)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] == b"<" or head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return junit.parse(name, stream.file(), read) if _is_junit(head) else None
    if head[:1] == b"\xb3":
        return subunits.parse_packets(name, stream.file(), read)
    if text[:1] in {b"{", b"["}:
        return _json(name, stream, head, read)
    if text.startswith((b"time: ", b"test: ", b"testing: ", b"tags: ", b"progress: ")):
        return subunits.parse_text(name, stream.file(), read)
    return None


def _is_junit(head: bytes) -> bool:
    plain = head.replace(b"\0", b"")
    return b"<testsuite" in plain or b"<testcase" in plain or b"<!DOCTYPE" in plain


def _json(name: str, stream: Bounded, head: bytes, read: Read) -> Parsed | None:
    if b'"$report_type"' in head:
        return reports.parse_log(name, stream.file(), read)
    data = stream.file().read(DOCUMENT + 1)
    if len(data) > DOCUMENT:
        return Parsed(name=name, doubts=(f"{name}: larger than {DOCUMENT:,} bytes, not read",))
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return Parsed(name=name, doubts=(f"{name}: broken JSON, not read",))
    if zuul.looks_like(document):
        return zuul.parse(name, document, read)
    if isinstance(document, dict) and "tests" in document and "summary" in document:
        return reports.parse_document(name, document, read)
    return None
