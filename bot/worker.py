"""The analyst: reads and judges one job, for the command line and, in a process of its own, for the service.

It is the only place that opens what strangers wrote. `python -m bot.worker` reads one specification as JSON from
standard input and prints one Analysis as JSON: the service limits that process in memory and time, so a log that
would kill a reader kills no service.
"""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from datetime import datetime
from typing import Any, BinaryIO

from msgspec import Struct
from msgspec.structs import replace

from bot.errors import Unreadable
from bot.extract import Shelf, read
from bot.facts import Fact, Question
from bot.model import Case, DistributionName, Edits, Fingerprint, Judgement, Reading, RequirementEdit, Trust, normalized
from bot.ports import Analysis, Index


class IndexOptions(Struct, frozen=True, kw_only=True):
    """How the package index is reached."""

    cache: str
    url: str | None = None
    extra: tuple[str, ...] = ()
    offline: bool = False
    credentials: tuple[str, str] | None = None


class JobSpec(Struct, frozen=True, kw_only=True):
    """One job to analyse, as `--jobs` names it. Paths are read; `-` is standard input."""

    id: str
    log: str
    passing_log: str | None = None
    project: str | None = None
    as_of: datetime | None = None
    artifacts: tuple[tuple[str, str], ...] = ()
    edits: Edits | None = None
    trust: Trust = Trust.TRUSTED
    ci: str | None = None


class _Unopened:
    """The index, which is opened at the first question: many logs lead to none, and it takes a while to import."""

    def __init__(self, options: IndexOptions) -> None:
        from threading import Lock

        self._options = options
        self._index: Index | None = None
        self._opening = Lock()

    def answer(self, question: Question, as_of: datetime | None) -> Fact[object]:
        with self._opening:
            if self._index is None:
                self._index = _opened_index(self._options)
        return self._index.answer(question, as_of)


def open_from(options: IndexOptions) -> Index:
    """The index that the options describe."""
    return _Unopened(options)


def _opened_index(options: IndexOptions) -> Index:
    from pathlib import Path

    from bot.indexes import open_index

    return open_index(
        cache_dir=Path(options.cache),
        index_url=options.url,
        extra=options.extra,
        offline=options.offline,
        credentials=options.credentials,
    )


def analysed(spec: JobSpec, options: IndexOptions) -> Analysis:
    """`analyse` with what the options say."""
    parallel = 1 if options.offline else 8  # where nothing is waited for, threads only cost
    return analyse(spec, open_from(options), parallel=parallel, shelf=_NeedleFile(options.cache))


def analyse(spec: JobSpec, index: Index, *, parallel: int = 8, shelf: Shelf | None = None) -> Analysis:
    """Read and judge one job; `parallel` questions are asked at once.

    Raises `errors.Unreadable` with a sentence that says what the input is.
    """
    from bot.pipeline.gather import gather

    began = time.perf_counter()
    reading = _read(spec.log, spec.artifacts, shelf)
    passing = _read_quietly(spec.passing_log)
    case = Case(
        reading=reading,
        passing=passing,
        project=normalized(spec.project) if spec.project else None,
        as_of=spec.as_of,
        edits=spec.edits,
        trust=spec.trust,
    )
    judgement, _ = gather(case, index, parallel=parallel)
    return Analysis(
        reading=reading,
        judgement=judgement,
        fingerprint=_fingerprint(judgement),
        seconds=time.perf_counter() - began,
    )


def _fingerprint(judgement: Judgement) -> Fingerprint | None:
    """The root failure's."""
    if judgement.root is None:
        return None
    from bot.fingerprint import fingerprint

    return fingerprint(judgement.root)


def with_regions(analysis: Analysis, log: str) -> Analysis:
    """The analysis with the log's own lines around its first failures; the log is opened again."""
    from bot.regions import regions

    with ExitStack() as stack:
        found = regions(stack.enter_context(_opened(log)), analysis.judgement.failures)
    return replace(analysis, regions=found)


def _read(log: str, artifacts: Sequence[tuple[str, str]] = (), shelf: Shelf | None = None) -> Reading:
    """The Reading of a log with its artifacts."""
    with ExitStack() as stack:
        stream = stack.enter_context(_opened(log))
        opened = [(name, stack.enter_context(_opened(path))) for name, path in artifacts]
        return read(stream, opened, shelf=shelf)


class _NeedleFile:
    """The compiled needles in the cache's folder: a file that nobody else may write, for it is trusted as code is."""

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, "needles")

    def get(self) -> bytes | None:
        try:
            with open(self._path, "rb") as file:
                facts = os.fstat(file.fileno())
                ours = facts.st_uid == os.geteuid() and not facts.st_mode & 0o022
                return file.read() if ours else None
        except OSError:
            return None

    def put(self, data: bytes) -> None:
        aside = f"{self._path}.{os.getpid()}"
        with suppress(OSError):
            os.makedirs(os.path.dirname(self._path), exist_ok=True)
            with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
            os.replace(aside, self._path)


def _read_quietly(log: str | None) -> Reading | None:
    """The green log's Reading; a green log that can't be read is as good as none."""
    try:
        return _read(log) if log else None
    except Unreadable:
        return None


def _opened(path: str) -> BinaryIO:
    """The open file; every way in which a path is no log is an `Unreadable` that says which."""
    if path == "-":
        return _wound(sys.stdin.buffer)
    try:
        if os.path.isdir(path):
            raise Unreadable(f"{path} is a directory; name the log file in it")
        return open(path, "rb")
    except FileNotFoundError:
        raise Unreadable(f"{path} does not exist") from None
    except (OSError, ValueError) as error:
        raise Unreadable(f"{path} can't be opened: {getattr(error, 'strerror', None) or error}") from error


def _wound(stream: BinaryIO) -> BinaryIO:
    """Standard input; spooled to disk where it is a piped archive, which is read from its end."""
    if stream.seekable() or not isinstance(stream, io.BufferedReader) or not stream.peek(4).startswith(b"PK\x03\x04"):
        return stream
    import shutil
    import tempfile

    spool = tempfile.TemporaryFile()  # noqa: SIM115 - closed with everything that was opened
    shutil.copyfileobj(stream, spool)
    spool.seek(0)
    return spool


# ---------------------------------------------------------------------------------------------- as a process


def spec_from(row: dict[str, Any]) -> JobSpec:
    """A specification from its JSON form, which is its fields or a line of `--jobs`."""
    edits = row.get("edits")
    artifacts = row.get("artifacts") or {}
    return JobSpec(
        id=str(row["id"]),
        log=str(row["log"]),
        passing_log=row.get("passing_log"),
        project=row.get("project"),
        as_of=instant(row["as_of"]) if row.get("as_of") else None,
        artifacts=tuple(artifacts.items()) if isinstance(artifacts, dict) else tuple(map(tuple, artifacts)),
        edits=_edits(edits) if edits else None,
        trust=Trust(row.get("trust") or Trust.TRUSTED),
        ci=row.get("ci"),
    )


def instant(text: str) -> datetime:
    """An aware instant from ISO 8601; a day alone means its end in UTC. Raises `ValueError`."""
    if len(text) == 10:
        text += "T23:59:59+00:00"
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.astimezone()


def _edits(row: dict[str, Any]) -> Edits:
    return Edits(
        paths=tuple(row.get("paths", ())),
        requirements=tuple(
            RequirementEdit(
                distribution=DistributionName(edit["distribution"]), before=edit["before"], after=edit["after"]
            )
            for edit in row.get("requirements", ())
        ),
        complete=row.get("complete", True),
    )


def _limited(megabytes: int) -> None:
    """Bound this process' memory: a hostile input ends it and nothing else."""
    import resource

    size = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def serve_one(source: BinaryIO, sink: io.TextIOBase) -> int:
    """Analyse the one job specified on `source`; 0 with an Analysis, 1 with `{"error", "unreadable"}` on `sink`."""
    import json

    import msgspec

    request = json.loads(source.read())
    if request.get("memory_mb"):
        _limited(int(request["memory_mb"]))
    asked = request["index"]
    options = IndexOptions(
        **{
            **asked,
            "extra": tuple(asked.get("extra") or ()),
            "credentials": tuple(asked.get("credentials") or ()) or None,
        }
    )
    try:
        spec = spec_from(request["job"])
        analysis = with_regions(analysed(spec, options), spec.log)
    except (Unreadable, MemoryError) as error:
        json.dump({"error": str(error) or "the log needs more memory than is allowed"}, sink)
        return 1
    sink.write(msgspec.json.encode(analysis).decode())
    return 0


def batches(rows: Iterator[str]) -> Iterator[dict[str, Any]]:
    """The objects of a `--jobs` file. Raises `ValueError` naming the line that is none."""
    import json

    for number, row in enumerate(rows, 1):
        if row.strip():
            try:
                job = json.loads(row)
            except ValueError as error:
                raise ValueError(f"line {number}: {error}") from error
            if not isinstance(job, dict) or "id" not in job or "log" not in job:
                raise ValueError(f"line {number}: a job needs at least an id and a log")
            yield job


if __name__ == "__main__":
    sys.exit(serve_one(sys.stdin.buffer, sys.stdout))  # type: ignore[arg-type]
