"""pytest-reportlog (a line a report) and pytest-json-report (one document)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import BinaryIO

from bot.extract.artifacts.bodies import Read, failure
from bot.extract.artifacts.parsed import BODY, Gathering, Parsed
from bot.extract.environment.names import distribution, is_version
from bot.model import Environment, Failure, Installed, Phase, Totals

_LINE = 64 << 20
_PHASES = {"setup": Phase.SETUP, "call": Phase.CALL, "teardown": Phase.TEARDOWN, "collect": Phase.COLLECT}

Json = dict[str, object]


def parse_log(name: str, stream: BinaryIO, read: Read) -> Parsed:
    """What a pytest-reportlog file says."""
    gathering = Gathering(name)
    counts = {"passed": 0, "failed": 0, "skipped": 0, "errors": 0}
    while line := stream.readline(_LINE):
        report = _object(line)
        if report is None:
            if line.strip():
                gathering.doubt("a line is no JSON object; the file may end early")
            continue
        kind = report.get("$report_type")
        if kind == "SessionStart":
            gathering.environment = _versions({"pytest": report.get("pytest_version")})
        elif kind in {"TestReport", "CollectReport"}:
            _count(counts, report)
            if report.get("outcome") == "failed":
                gathering.add(None if gathering.full else _reported(report, read))
    gathering.totals.append(
        Totals(
            runner="pytest",
            failed=counts["failed"],
            errors=counts["errors"],
            passed=counts["passed"],
            skipped=counts["skipped"],
        )
    )
    return gathering.result()


def _object(line: bytes) -> Json | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _count(counts: dict[str, int], report: Json) -> None:
    when, outcome = report.get("when"), report.get("outcome")
    if outcome == "failed":
        counts["failed" if when == "call" else "errors"] += 1
    elif outcome == "skipped" or (outcome == "passed" and when == "call"):
        counts[str(outcome)] += 1


def _reported(report: Json, read: Read) -> Failure:
    when = str(report.get("when") or "collect")
    phase = _PHASES.get(when, Phase.COLLECT)
    text = "\n".join(_longrepr(report.get("longrepr")))[:BODY]
    return failure(
        read,
        text,
        test=_text(report.get("nodeid")) or None,
        phase=phase,
        dialect="pytest-reportlog",
        message=_crash(report.get("longrepr")),
    )


def _text(value: object) -> str:
    return value[:4_000] if isinstance(value, str) else ""


def _crash(longrepr: object) -> str:
    crash = longrepr.get("reprcrash") if isinstance(longrepr, dict) else None
    return str(crash.get("message", ""))[:BODY] if isinstance(crash, dict) else ""


def _longrepr(longrepr: object) -> Iterator[str]:
    """The lines that pytest prints of a serialised representation."""
    if isinstance(longrepr, str):
        yield longrepr
    elif isinstance(longrepr, dict):
        chain = longrepr.get("chain")
        if isinstance(chain, list) and chain:
            for element in chain:
                if isinstance(element, list) and element:
                    yield from _traceback(element[0])
                    if len(element) > 2 and isinstance(element[2], str):
                        yield from ("", element[2], "")
        elif "reprtraceback" in longrepr:
            yield from _traceback(longrepr["reprtraceback"])
        elif isinstance(longrepr.get("longrepr"), str):
            yield str(longrepr["longrepr"])


def _traceback(traceback: object) -> Iterator[str]:
    entries = traceback.get("reprentries") if isinstance(traceback, dict) else None
    first = True
    for entry in entries if isinstance(entries, list) else ():
        data = entry.get("data") if isinstance(entry, dict) else None
        if not isinstance(data, dict):
            continue
        yield from _entry(data, first=first)
        first = False


def _entry(data: Json, *, first: bool) -> Iterator[str]:
    lines = [line for line in _list(data.get("lines")) if isinstance(line, str)]
    place = data.get("reprfileloc")
    where = ""
    if isinstance(place, dict):
        where = f"{place.get('path')}:{place.get('lineno')}: {place.get('message') or ''}".rstrip()
    if data.get("style") == "short":
        yield from [where, *lines] if where else lines
        return
    if not first and data.get("style") == "long":
        yield "_ " * 20
    yield from lines
    if where:
        yield from ("", where)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _versions(named: dict[str, object]) -> Environment:
    rows = [
        Installed(name=known, version=str(version), line=0, how="artifact")
        for name, version in named.items()
        if (known := distribution(name)) is not None and is_version(str(version))
    ]
    return Environment(installed=tuple(sorted(rows, key=lambda row: row.name)))


# ------------------------------------------------------------------------------------------ pytest-json-report


def parse_document(name: str, document: Json, read: Read) -> Parsed:
    """What a pytest-json-report document says."""
    gathering = Gathering(name)
    gathering.environment = _described(document.get("environment"))
    for collector in _list(document.get("collectors")):
        if isinstance(collector, dict) and collector.get("outcome") == "failed":
            gathering.add(None if gathering.full else _staged(collector, collector, Phase.COLLECT, read))
    for test in _list(document.get("tests")):
        if isinstance(test, dict):
            _stages(test, gathering, read)
    summary = document.get("summary")
    if isinstance(summary, dict):
        gathering.totals.append(_summed(summary, gathering))
    return gathering.result()


def _stages(test: Json, gathering: Gathering, read: Read) -> None:
    for key in ("setup", "call", "teardown"):
        stage = test.get(key)
        if isinstance(stage, dict) and stage.get("outcome") == "failed":
            gathering.add(None if gathering.full else _staged(test, stage, _PHASES[key], read))


def _staged(owner: Json, stage: Json, phase: Phase, read: Read) -> Failure:
    crash = stage.get("crash")
    return failure(
        read,
        "\n".join(_longrepr(stage.get("longrepr"))),
        test=_text(owner.get("nodeid")) or None,
        phase=phase,
        dialect="pytest-json-report",
        message=str(crash.get("message", ""))[:BODY] if isinstance(crash, dict) else "",
    )


def _summed(summary: Json, gathering: Gathering) -> Totals:
    def count(key: str) -> int:
        value = summary.get(key)
        return value if isinstance(value, int) and value >= 0 else 0

    collected = sum(failure.phase is Phase.COLLECT for failure in gathering.failures)
    return Totals(
        runner="pytest",
        failed=count("failed"),
        errors=count("error") + collected,
        passed=count("passed"),
        skipped=count("skipped"),
        expected=count("xfailed") + count("xpassed"),
    )


def _described(environment: object) -> Environment:
    """pytest-metadata's table: Python, Platform, Packages, Plugins."""
    if not isinstance(environment, dict):
        return Environment()
    packages = environment.get("Packages")
    plugins = environment.get("Plugins")
    named: dict[str, object] = {}
    if isinstance(plugins, dict):
        named.update({f"pytest-{name}": version for name, version in plugins.items()})
    if isinstance(packages, dict):
        named.update(packages)
    python = re.match(r"(\d\.\d+(?:\.\d+)?)", str(environment.get("Python", "")))
    platform = str(environment.get("Platform", ""))
    known = {"Linux": "linux", "Windows": "win32", "macOS": "darwin", "Darwin": "darwin"}
    return Environment(
        python=python[1] if python else None,
        platform=next((value for key, value in known.items() if platform.startswith(key)), None),
        installed=_versions(named).installed,
    )
