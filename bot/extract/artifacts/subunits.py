"""subunit streams, version 1 (text) and 2 (packets), by python-subunit."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable
from typing import BinaryIO

from bot.extract.artifacts.bodies import Read, failure
from bot.extract.artifacts.parsed import BODY, Gathering, Parsed
from bot.extract.artifacts.testids import parts, phase_of
from bot.model import Failure, Totals

_NOISE = 2 << 20
"""Bytes outside every packet after which a file is taken for something else."""
_OPEN = 10_000
"""Tests that may be running at once."""
_TEXTS = ("traceback", "reason", "Parser Error")


class _NoiseError(Exception):
    """Too much between the packets."""


class _Statuses:
    """What `StreamResult` is told, kept only for tests that fail."""

    def __init__(self, gathering: Gathering, read: Read) -> None:
        self._gathering, self._read = gathering, read
        self._texts: dict[str, dict[str, bytearray]] = {}
        self._noise = 0
        self.failed = self.passed = self.skipped = self.expected = 0

    def startTestRun(self) -> None:  # noqa: N802  # testtools' own name
        """Nothing begins before the first packet."""

    def stopTestRun(self) -> None:  # noqa: N802  # testtools' own name
        """Nothing ends after the last packet."""

    def status(
        self,
        test_id: str | None = None,
        test_status: str | None = None,
        test_tags: object = None,
        runnable: object = True,  # noqa: FBT002  # testtools' own signature
        file_name: str | None = None,
        file_bytes: bytes | memoryview | None = None,
        eof: object = False,  # noqa: FBT002  # testtools' own signature
        mime_type: str | None = None,
        route_code: str | None = None,
        timestamp: object = None,
    ) -> None:
        """One event."""
        del test_tags, runnable, eof, mime_type, route_code, timestamp
        if test_id is None or test_id == "subunit.parser":
            self._noise += len(file_bytes or b"") + 1
            if self._noise > _NOISE:
                raise _NoiseError
            return
        if file_name and file_bytes is not None:
            self._attach(test_id, file_name, bytes(file_bytes))
        if test_status not in {None, "exists", "inprogress"}:
            self._end(test_id, str(test_status))

    def _attach(self, test: str, file: str, data: bytes) -> None:
        if not file.startswith(_TEXTS) or (test not in self._texts and len(self._texts) >= _OPEN):
            return
        text = self._texts.setdefault(test, {}).setdefault(file[:100], bytearray())
        if len(text) < BODY and len(self._texts[test]) < 50:
            text += data

    def _end(self, test: str, status: str) -> None:
        texts = self._texts.pop(test, {})
        if status == "fail":
            self.failed += 1
            self._gathering.add(None if self._gathering.full else self._failure(test, texts))
        elif status == "success":
            self.passed += 1
        elif status == "skip":
            self.skipped += 1
        elif status == "uxsuccess":
            self.failed += 1
            self._gathering.add(None if self._gathering.full else self._failure(test, texts))
        else:
            self.expected += 1

    def _failure(self, test: str, texts: dict[str, bytearray]) -> Failure:
        text = "\n".join(bytes(texts[key]).decode("utf-8", "replace") for key in sorted(texts, key=_order))
        return failure(self._read, text, test=named(test), phase=phase_of(test), dialect="subunit")

    def unfinished(self) -> int:
        """Tests with a traceback that never ended."""
        return len(self._texts)


def _order(file: str) -> tuple[int, str]:
    """The test's own traceback first, then those of its clean-ups."""
    return (0 if file == "traceback" else 1, file)


def named(test: str) -> str:
    """A test's name; that of a module which could not be imported stands behind a loader's."""
    return ".".join(parts(test)) if "_FailedTest" in test or "ModuleImportFailure" in test else test


def parse_packets(name: str, stream: BinaryIO, read: Read) -> Parsed:
    """What a stream of version 2 says."""
    from subunit.v2 import ByteStreamToStreamResult

    gathering = Gathering(name)
    statuses = _Statuses(gathering, read)
    source = io.BufferedReader(_Source(stream), 1 << 16)
    try:
        ByteStreamToStreamResult(source, non_subunit_name="stdout").run(statuses)
    except _NoiseError:
        gathering.doubt("most of it is no subunit; the rest is not read")
    except (ValueError, TypeError, KeyError, IndexError, struct.error, OverflowError, EOFError) as error:
        gathering.doubt(f"a packet is broken, the rest is not read: {type(error).__name__}")
    if statuses.unfinished():
        gathering.doubt(f"{statuses.unfinished()} tests have a traceback and no end")
    gathering.totals.append(
        Totals(
            runner="subunit",
            failed=statuses.failed,
            passed=statuses.passed,
            skipped=statuses.skipped,
            expected=statuses.expected,
        )
    )
    return gathering.result()


class _Source(io.RawIOBase):
    """A stream without a file descriptor, so that the reader does not wait on it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill a buffer."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # RawIOBase leaves the buffer's type open
        data = self._stream.read(len(view))
        view[: len(data)] = data
        return len(data)


class _Results:
    """What version 1's parser tells: a test result in testtools' extended sense, whose names and signatures these are."""

    def __init__(self, gathering: Gathering, read: Read) -> None:
        self._gathering, self._read = gathering, read
        self.passed = self.failed = self.errors = self.skipped = self.expected = 0

    def startTest(self, *_: object) -> None:  # noqa: N802
        """Nothing is known yet."""

    def stopTest(self, *_: object) -> None:  # noqa: N802
        """All is known already."""

    def addSuccess(self, *_: object, **__: object) -> None:  # noqa: N802
        """A test passed."""
        self.passed += 1

    def addSkip(self, *_: object, **__: object) -> None:  # noqa: N802
        """A test was skipped."""
        self.skipped += 1

    def addExpectedFailure(self, *_: object, **__: object) -> None:  # noqa: N802
        """A test failed as it should."""
        self.expected += 1

    def addUnexpectedSuccess(self, test: object, details: object = None) -> None:  # noqa: N802
        """A test passed that should not."""
        self.failed += 1
        self._add(test, details)

    def addFailure(self, test: object, err: object = None, details: object = None) -> None:  # noqa: N802
        """A test failed."""
        self.failed += 1
        self._add(test, details or err)

    def addError(self, test: object, err: object = None, details: object = None) -> None:  # noqa: N802
        """A test broke."""
        self.errors += 1
        self._add(test, details or err)

    def progress(self, *_: object) -> None:
        """Progress is of no interest."""

    def tags(self, *_: object) -> None:
        """Tags are of no interest."""

    def time(self, *_: object) -> None:
        """Times are of no interest."""

    def _add(self, test: object, details: object) -> None:
        if self._gathering.full:
            self._gathering.add(None)
            return
        name = str(getattr(test, "id", lambda: "")())
        text = _details(details)
        self._gathering.add(failure(self._read, text, test=named(name), phase=phase_of(name), dialect="subunit"))


def _details(details: object) -> str:
    if isinstance(details, dict):
        texts = {str(key): value for key, value in details.items()}
        chosen = sorted((key for key in texts if key.startswith(_TEXTS)), key=_order) or sorted(texts)
        return "\n".join(_content(texts[key]) for key in chosen)[:BODY]
    if isinstance(details, tuple) and len(details) == 3:
        return str(details[1])[:BODY]
    return ""


def _content(content: object) -> str:
    pieces: Iterable[bytes] = getattr(content, "iter_bytes", tuple)()
    return b"".join(pieces).decode("utf-8", "replace")


def parse_text(name: str, stream: BinaryIO, read: Read) -> Parsed:
    """What a stream of version 1 says."""
    from subunit import TestProtocolServer

    gathering = Gathering(name)
    results = _Results(gathering, read)
    server = TestProtocolServer(results, stream=_Nowhere())
    while line := stream.readline(1 << 20):
        try:
            server.lineReceived(line)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, UnicodeError) as error:
            gathering.doubt(f"a line is broken and was passed over: {type(error).__name__}")
        except Exception as error:  # noqa: BLE001  # iso8601's ParseError has no base of its own to name
            gathering.doubt(f"a line is broken and was passed over: {type(error).__name__}")
    server.lostConnection()
    gathering.totals.append(
        Totals(
            runner="subunit",
            failed=results.failed,
            errors=results.errors,
            passed=results.passed,
            skipped=results.skipped,
            expected=results.expected,
        )
    )
    return gathering.result()


class _Nowhere:
    """Where lines go that are no subunit."""

    def write(self, data: bytes) -> int:
        """Drop it."""
        return len(data)

    def flush(self) -> None:
        """Nothing is held."""
