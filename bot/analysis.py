"""`upriver analyze`: jobs in, answers out, in the jobs' order.

One log is read in this process; many are shared out to processes. Grouping is done here, since a group is a matter of
all the jobs of a run.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

import msgspec.json
from msgspec import Struct

from bot.errors import Unreadable
from bot.ports import Analysis
from bot.worker import IndexOptions, JobSpec, analysed, batches, instant, spec_from

if TYPE_CHECKING:  # what one log does not need is imported where it is needed
    from concurrent.futures import Future

    from bot.fingerprint import Grouper


class UsageError(Exception):
    """What was asked for makes no sense; exit status 2."""


class Outcome(Struct, frozen=True, kw_only=True):
    """An analysis, or why there is none."""

    spec: JobSpec
    analysis: Analysis | None = None
    error: str | None = None


def run(args: argparse.Namespace) -> int:
    """Analyse what the arguments name and print the answers; the exit status. Raises `UsageError`."""
    options = _options(args)
    specs = _from_file(args.jobs) if args.jobs else _from_arguments(args)
    several = bool(args.jobs) or len(args.logs) > 1
    workers = max(1, args.workers or os.cpu_count() or 1)
    outcomes = (
        _shared_out(specs, options, workers) if several and workers > 1 else (_one(spec, options) for spec in specs)
    )
    grouper = _grouper() if args.json else None
    failed = False
    for number, outcome in enumerate(outcomes, 1):
        failed |= outcome.error is not None
        _print(outcome, args, grouper, first=number == 1)
        if several and sys.stderr.isatty():
            print(f"\r{number} jobs analysed", end="", file=sys.stderr, flush=True)
    if several and sys.stderr.isatty():
        print(file=sys.stderr)
    return int(failed)


def _grouper() -> Grouper:
    from bot.fingerprint import Grouper

    return Grouper()


def _options(args: argparse.Namespace) -> IndexOptions:
    """The index's options from the arguments and the environment; pydantic is too slow to start for one log."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    user, _, password = os.environ.get("UPRIVER_INDEX_CREDENTIALS", "").partition(":")
    return IndexOptions(
        cache=args.cache or os.environ.get("UPRIVER_CACHE") or os.path.join(base, "upriver"),
        url=args.index_url or os.environ.get("UPRIVER_INDEX_URL") or None,
        extra=tuple(args.extra_index_url or os.environ.get("UPRIVER_EXTRA_INDEX_URLS", "").split()),
        offline=args.offline or os.environ.get("UPRIVER_OFFLINE", "").lower() in {"1", "true", "yes"},
        credentials=(user, password) if user else None,
    )


def _from_arguments(args: argparse.Namespace) -> Iterator[JobSpec]:
    try:
        as_of = instant(args.as_of) if args.as_of else None
    except ValueError:
        raise UsageError(
            f"--as-of {args.as_of!r} is no ISO 8601 time, such as 2026-11-24 or 2026-11-24T08:00:00Z"
        ) from None
    return iter(
        [
            JobSpec(
                id=log,
                log=log,
                passing_log=args.passing,
                project=args.project,
                as_of=as_of,
                artifacts=tuple((os.path.basename(path), path) for path in args.artifact),
            )
            for log in args.logs
        ]
    )


def _from_file(path: str) -> Iterator[JobSpec]:
    try:
        text = sys.stdin.read() if path == "-" else _text_of(path)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--jobs {path}: {getattr(error, 'strerror', None) or error}") from error
    try:
        return iter([spec_from(row) for row in batches(iter(text.splitlines()))])
    except ValueError as error:
        raise UsageError(f"--jobs {path}: {error}") from error


def _text_of(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def _one(spec: JobSpec, options: IndexOptions) -> Outcome:
    """One job, whatever its input does."""
    try:
        return Outcome(spec=spec, analysis=analysed(spec, options))
    except Unreadable as error:
        return Outcome(spec=spec, error=str(error))
    except Exception as error:  # noqa: BLE001 - every input gets an answer; this one is our own defect, and says so
        import traceback

        if os.environ.get("UPRIVER_DEBUG"):
            traceback.print_exc()
        where = traceback.extract_tb(error.__traceback__)[-1]
        return Outcome(
            spec=spec,
            error=f"{spec.log}: a defect of Upriver's own: {type(error).__name__} in {os.path.basename(where.filename)}:{where.lineno}"
            " (set UPRIVER_DEBUG=1 for the traceback, and report it please)",
        )


def _shared_out(specs: Iterable[JobSpec], options: IndexOptions, workers: int) -> Iterator[Outcome]:
    """The jobs' outcomes in order, from several processes; a bounded number is under way."""
    from concurrent.futures import ProcessPoolExecutor

    rows = iter(specs)
    with ProcessPoolExecutor(max_workers=workers) as pool:
        under_way: list[Future[Outcome]] = [pool.submit(_one, spec, options) for spec in islice(rows, workers * 3)]
        while under_way:
            yield under_way.pop(0).result()
            under_way.extend(pool.submit(_one, spec, options) for spec in islice(rows, 1))


def _print(outcome: Outcome, args: argparse.Namespace, grouper: Grouper | None, *, first: bool) -> None:
    """One outcome in the form that was asked for."""
    analysis = outcome.analysis
    if grouper is not None:
        _print_json(outcome, grouper)
    if analysis is None:
        print(f"upriver: {outcome.error}", file=sys.stderr)
    if analysis is None or grouper is not None:
        return
    from bot.render import human, report

    if not first:
        print()
    if args.report:
        print(report.preview(analysis.reading, analysis.judgement))
        return
    colour = args.color == "always" or (args.color == "auto" and sys.stdout.isatty() and not os.environ.get("NO_COLOR"))
    print(human.text(outcome.spec.id, analysis.reading, analysis.judgement, colour=colour))


def _print_json(outcome: Outcome, grouper: Grouper) -> None:
    """One outcome as the contract has it."""
    from bot.render import contract

    analysis = outcome.analysis
    if analysis is None:
        print(_json(contract.unread(outcome.spec.id, outcome.error or "")), flush=True)
        return
    groups = [grouper.add(judged) for judged in analysis.judgement.failures]
    row = contract.answer(
        outcome.spec.id, analysis.reading, analysis.judgement, groups=groups, seconds=analysis.seconds
    )
    print(_json(row), flush=True)


def _json(row: dict[str, object]) -> str:
    """A row as JSON; a log with hundreds of failures gives megabytes of it, which msgspec writes at once."""
    try:
        return msgspec.json.encode(row).decode()
    except UnicodeEncodeError:  # half a surrogate pair, which only a JSON escape in an artifact or a log can bring
        import json

        return json.dumps(row, ensure_ascii=False).encode("utf-8", "replace").decode()
