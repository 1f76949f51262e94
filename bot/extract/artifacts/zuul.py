"""Zuul's job-output.json: playbooks, plays, tasks, hosts; the failing task's output is read as a log is."""

from __future__ import annotations

import io
from collections.abc import Iterator

from msgspec.structs import replace

from bot.extract.artifacts.bodies import Read, unplaced
from bot.extract.artifacts.parsed import Gathering, Parsed
from bot.model import Reading

Json = dict[str, object]

_ORDER = ("run", "pre", "post", "cleanup")
"""Phases in the order in which a failure in them explains the job's."""
_TEXTS = ("stdout", "stderr", "module_stdout", "module_stderr", "exception", "msg")
_TASKS = 50


def looks_like(document: object) -> bool:
    """Whether a JSON document is a list of playbooks."""
    return isinstance(document, list) and all(isinstance(one, dict) and "plays" in one for one in document[:3])


def parse(name: str, document: list[object], read: Read) -> Parsed:
    """What the job's failing tasks printed."""
    gathering = Gathering(name)
    failing = list(_failing(document))
    for phase in _ORDER:
        texts = [text for at, text in failing if at == phase][:_TASKS]
        for text in texts:
            _take(gathering, read(io.BytesIO(text.encode("utf-8", "replace"))))
        if texts:
            break
    return gathering.result()


def _take(gathering: Gathering, reading: Reading) -> None:
    for failure in reading.failures:
        chain = tuple(map(unplaced, failure.chain))
        gathering.add(replace(failure, chain=chain, span=(0, 0), root=False))
    gathering.total += reading.failures_total - len(reading.failures)
    gathering.totals.extend(replace(totals, line=0) for totals in reading.totals)
    for doubt in reading.doubts:
        gathering.doubt(doubt)
    found = reading.environment
    if len(found.installed) >= len(gathering.environment.installed):
        rows = tuple(replace(row, line=0) for row in found.installed)
        gathering.environment = replace(found, installed=rows, python_line=None)


def _failing(document: list[object]) -> Iterator[tuple[str, str]]:
    """Phase and output of each task that failed on a host and was not allowed to."""
    for playbook in document:
        for play in _list(_dict(playbook).get("plays")):
            for task in _list(_dict(play).get("tasks")):
                for result in _dict(_dict(task).get("hosts")).values():
                    for failed in _results(_dict(result)):
                        yield str(_dict(playbook).get("phase", "run")), _output(failed)


def _results(result: Json) -> Iterator[Json]:
    """A task's failed result, or those of its loop's items."""
    if not result.get("failed") or result.get("ignore_errors") is True or result.get("ignored") is True:
        return
    items = [_dict(item) for item in _list(result.get("results"))]
    failed = [item for item in items if item.get("failed")]
    yield from failed or [result]


def _output(result: Json) -> str:
    texts = []
    for key in _TEXTS:
        value = result.get(key)
        lines = result.get(f"{key}_lines")
        if isinstance(value, str) and value.strip():
            texts.append(value)
        elif isinstance(lines, list):
            texts.append("\n".join(line for line in lines if isinstance(line, str)))
    code = result.get("rc")
    if isinstance(code, int) and code:
        texts.append(f"exit status {code}")
    return "\n".join(filter(None, texts))


def _dict(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
