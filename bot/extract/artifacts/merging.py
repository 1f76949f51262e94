"""The log's findings and an artifact's become one list: nothing is counted twice, the better word wins.

Two failures are one where their tests' names agree and their exceptions do not speak against it; where the log knows
no test's name, where exception, message and innermost frame agree. The log's own place, phase and role stay; what
it lacks (a name, frames, the end of a message that was cut) comes from the artifact.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from bot.extract.artifacts.parsed import Parsed
from bot.extract.artifacts.testids import EXACT, parts, same, weight
from bot.extract.environment import merged as merged_environment
from bot.model import KEPT_FAILURES, EndKind, Failure, Raised, Reading, Totals


def merge(reading: Reading, artifacts: Sequence[Parsed]) -> Reading:
    """A Reading with what its job's artifacts add to it."""
    if not artifacts:
        return reading
    failures = list(reading.failures)
    total = reading.failures_total
    for parsed in artifacts:
        added = _join(failures, parsed)
        hidden = parsed.failures_total - len(parsed.failures)
        total = max(total + added, parsed.failures_total if hidden else 0)
    failures = _rooted(failures[:KEPT_FAILURES], reading)
    return replace(
        reading,
        failures=tuple(failures),
        failures_total=max(total, len(failures)),
        environment=merged_environment(reading.environment, [parsed.environment for parsed in artifacts]),
        totals=(*reading.totals, *_new_totals(reading, artifacts)),
        doubts=(*reading.doubts, *(doubt for parsed in artifacts for doubt in parsed.doubts)),
    )


def _join(failures: list[Failure], parsed: Parsed) -> int:
    """Complete the failures that are known, append the others; how many were new."""
    known = _Index(failures)
    added = 0
    for one in parsed.failures:
        index = known.find(one)
        if index is None:
            failures.append(replace(one, artifact=parsed.name, root=False))
            known.add(len(failures) - 1, taken=True)
            added += 1
        else:
            failures[index] = _completed(failures[index], one)
    return added


class _Index:
    """Failures by the end of their test's name; each is matched once an artifact."""

    def __init__(self, failures: list[Failure]) -> None:
        self._failures = failures
        self._by_last: dict[str, list[int]] = {}
        self._untested: list[int] = []
        self._taken: set[int] = set()
        for index in range(len(failures)):
            self.add(index, taken=False)

    def add(self, index: int, *, taken: bool) -> None:
        """One more failure."""
        names = parts(self._failures[index].test or "")
        if names:
            self._by_last.setdefault(names[-1], []).append(index)
        else:
            self._untested.append(index)
        if taken:
            self._taken.add(index)

    def find(self, one: Failure) -> int | None:
        """The failure that an artifact's is, or None."""
        names = parts(one.test or "")
        candidates = [
            index
            for index in self._by_last.get(names[-1] if names else "", [])
            if index not in self._taken and same(names, parts(self._failures[index].test or ""))
        ]
        fitting = [index for index in candidates if _agree(self._failures[index], one)]
        best = max(fitting, key=lambda index: _likeness(self._failures[index], one), default=None)
        if best is None:
            best = next((i for i in self._untested if i not in self._taken and _alike(self._failures[i], one)), None)
        if best is None and not names:
            every = (index for index in range(len(self._failures)) if index not in self._taken)
            best = next((index for index in every if _alike(self._failures[index], one)), None)
        if best is not None:
            self._taken.add(best)
        return best


def _bare(name: str) -> str:
    return name.rpartition(".")[2]


def _first(message: str) -> str:
    return message.split("\n", 1)[0].rstrip(". ").strip()


def _agree(log: Failure, artifact: Failure) -> bool:
    """Whether nothing speaks against two failures of one test being one."""
    if log.exception and artifact.exception and _bare(log.exception) != _bare(artifact.exception):
        return False
    one, other = _first(log.message), _first(artifact.message)
    if one and other and not (one.startswith(other[:60]) or other.startswith(one[:60])):
        return log.phase is artifact.phase
    return True


def _likeness(log: Failure, artifact: Failure) -> tuple[bool, bool, bool]:
    return (
        _first(log.message) == _first(artifact.message),
        log.phase is artifact.phase,
        _place(log) == _place(artifact),
    )


def _place(failure: Failure) -> tuple[str, int | None] | None:
    frames = failure.outermost.frames
    return (frames[-1].file.replace("\\", "/").rpartition("/")[2], frames[-1].line) if frames else None


def _alike(log: Failure, artifact: Failure) -> bool:
    """Whether two failures of which one has no test's name are one."""
    if not log.exception or _bare(log.exception) != _bare(artifact.exception):
        return False
    if _first(log.message)[:60] != _first(artifact.message)[:60]:
        return False
    one, other = _place(log), _place(artifact)
    return one is None or other is None or one == other


def _completed(log: Failure, artifact: Failure) -> Failure:
    """The log's failure with what only the artifact knows."""
    test = log.test if weight(log.test) >= min(weight(artifact.test), EXACT) else artifact.test
    chain = log.chain
    if not any(part.frames for part in chain) and any(part.frames or part.exception for part in artifact.chain):
        chain = tuple(replace(part, span=log.span) for part in artifact.chain)
    elif _was_cut(chain[-1], artifact.chain[-1]):
        chain = (*chain[:-1], replace(chain[-1], message=artifact.message))
    return replace(
        log,
        test=test,
        chain=chain,
        extra=log.extra or artifact.extra,
        uncertain=None if _whole(artifact) and chain is not log.chain else log.uncertain,
    )


def _whole(failure: Failure) -> bool:
    return bool(failure.exception) and failure.uncertain is None


def _was_cut(log: Raised, artifact: Raised) -> bool:
    """Whether the log shows only the beginning of a message."""
    said = log.message
    if not said.endswith("...") or len(artifact.message) <= len(said):
        return False
    return artifact.message.startswith(said.removesuffix("..."))


def _rooted(failures: list[Failure], reading: Reading) -> list[Failure]:
    """Where the log shows no failure and did not pass, the first that an artifact reports explains its end."""
    if reading.root is not None or not failures or reading.ending.kind is EndKind.PASSED:
        return failures
    return [replace(failures[0], root=True), *failures[1:]]


def _new_totals(reading: Reading, artifacts: Sequence[Parsed]) -> list[Totals]:
    """What artifacts count, where the log's own runners counted nothing."""
    if reading.totals:
        return []
    return list(dict.fromkeys(totals for parsed in artifacts for totals in parsed.totals))
