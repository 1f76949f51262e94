"""The ledger of one log: what dialects found, joined into failures and handled tracebacks.

Theory of operation
-------------------
Dialects report in the order of the log. What a runner reports as a failing test is a failure; what it prints again
(live, in a section, in a summary, on a retry) is the same one. A traceback outside every report is *loose*: what it
means is known only at the end. It was handled when a test run around it says that its tests passed or names the
ones that failed, when the job passed, when its own preamble says so, or when it was merely logged and something
else ended the job; else it is a failure. What a tool says of its own trouble (*problems*) counts where no traceback
and no test explains the end.

A log may print a million tracebacks: at most `KEPT_FAILURES` distinct ones of each sort are kept, all are counted.
"""

from __future__ import annotations

import re

from msgspec.structs import replace

from bot.extract.found import Found, shifted, shortened
from bot.extract.rows import ROW, Entry, Reports, Segment, in_file, title_of
from bot.model import KEPT_FAILURES, Ending, EndKind, Failure, Handled, Phase, Raised, Relation, Totals
from bot.patterns import pattern

_CRASHED = pattern(r"worker '|:-1: running the test CRASHED with signal (?!0\b)")
"""What pytest-xdist and pytest-forked say of a test that ended its process."""
_FRAMES = 100_000
"""Frames of all failures that are kept whole; of further ones the outermost and the innermost are."""
_TOTALS = 200
"""Totals that are kept: the first ones and the last."""
_SEEN = 50_000
"""Distinct failures beyond the kept ones that are told apart when counting."""


class Ledger:
    """What was found so far."""

    def __init__(self) -> None:
        self._tested: dict[object, Entry] = {}
        self._loose: dict[object, Entry] = {}
        self._captured: list[tuple[Found, int]] = []
        self._problems: dict[object, Entry] = {}
        self._reports = Reports()
        self._nodes: set[tuple[str, str]] = set()
        self._segment = Segment()
        self._live: dict[tuple[str, str], tuple[int, Segment]] = {}
        self.open = False
        """Whether anything was found in this stretch of the log."""
        self._order = 0
        self._frames = 0
        self._beyond: set[int] = set()
        self._more_failures = 0
        self._more_loose: dict[bool, int] = {False: 0, True: 0}
        self._more_captured = 0
        self.totals_seen: list[Totals] = []
        self.doubts: list[str] = []

    # ------------------------------------------------------------------------------------------ what dialects say

    def session(self) -> None:
        """A test run begins: what came before is no part of it."""
        self.boundary()
        self._reports = Reports(self._reports.run + 1)
        self._nodes = set()

    def boundary(self) -> None:
        """A step of the job begins."""
        self._segment = Segment()
        self.open = False

    def totals(self, totals: Totals) -> None:
        """A test run ends, and says how it went."""
        if len(self.totals_seen) == _TOTALS:
            self.totals_seen.pop()
        self.totals_seen.append(totals)
        self._segment.totals = totals
        self.boundary()

    @property
    def counting(self) -> bool:
        """Whether a run's totals would change anything, even if they are not the log's last ones."""
        return self.open or len(self.totals_seen) < _TOTALS

    @property
    def pending(self) -> bool:
        """Whether a run's summary could name what was found."""
        return self._reports.any or bool(self._nodes)

    def tested(self, found: Found, shift: int = 0, key: int = 0) -> None:
        """A runner reports a failing test."""
        if _CRASHED.match(found.chain[-1].message):
            found, shift, key = self._with_dump(shifted(found, shift)), 0, 0
        key = key or test_key(found)
        if found.test is None:
            key = hash((key, found.span[0] + shift))
        known = self._tested.get(key)
        if known is not None:
            self._again(known, found, shift)
            self._reports.add(known)
        elif len(self._tested) >= KEPT_FAILURES:
            self._count(key)
        else:
            self._tested[key] = entry = self._enter(found, shift)
            self._reports.add(entry)

    def _with_dump(self, found: Found) -> Found:
        """A worker's crash with the dump that the worker left: one failure."""
        last = found.chain[-1]
        if last.exception or last.frames:
            return found
        for key, entry in self._dumps(found.test or ""):
            dump = shifted(entry.found, entry.shift)
            if dump.dialect == "faulthandler" and dump.test is None:
                del self._tested[key]
                part = replace(last, frames=dump.chain[-1].frames, span=dump.span)
                return replace(found, chain=(*found.chain[:-1], part))
        return found

    def _dumps(self, test: str) -> list[tuple[object, Entry]]:
        """What may be a worker's last words: first those in whose frames the test stands, then the latest."""
        name = re.split(r"[.:]", test.partition("[")[0])[-1]
        rows = [row for row in reversed(self._tested.items()) if row[1].found.dialect == "faulthandler"]
        return sorted(rows, key=lambda row: all(f.function != name for f in row[1].found.chain[-1].frames))

    def loose(self, found: Found, shift: int = 0, key: int = 0) -> None:
        """A traceback stands outside every report."""
        if len(self._loose) >= 2 * KEPT_FAILURES:
            self._more_loose[found.logged or found.why is not None] += 1
            return
        place = key or loose_key(found), id(self._segment), found.span[0] + shift
        self._loose[place] = self._enter(found, shift)

    def explained(self, found: Found) -> bool:
        """A traceback is quoted in the message of the failure before it, and is its cause; False where there is none."""
        entries = [*self._loose.values(), *self._tested.values()]
        last = max(entries, key=lambda entry: entry.order, default=None)
        if last is None or not last.found.chain[-1].exception.endswith("ExecutionError"):
            return False
        shift = len(found.chain)
        last.found, last.shift = shifted(last.found, last.shift), 0
        own = [replace(part, of=part.of + shift) if part.of is not None else part for part in last.found.chain]
        cause = replace(found.chain[-1], relation=Relation.CAUSE, of=shift + len(own) - 1)
        span = last.found.span[0], found.span[1]
        last.found = replace(last.found, chain=(*found.chain[:-1], cause, *own), span=span)
        return True

    def captured(self, found: Found, shift: int = 0) -> None:
        """A traceback stands in what a test printed."""
        if len(self._captured) < KEPT_FAILURES:
            self._captured.append((found, shift))
        else:
            self._more_captured += 1

    def problem(self, found: Found, rank: int = 0, shift: int = 0) -> None:
        """A tool says that it cannot go on; the lower the rank, the nearer to the cause."""
        key = tuple(map(_part_key, found.chain))
        known = self._problems.get(key)
        if known is not None:
            known.times += 1
        elif len(self._problems) < 50:
            self._problems[key] = self._enter(found, shift)
            self._problems[key].rank = rank

    def row(self, kind: str, test: str, exception: str, message: str, notes: tuple[str, ...], number: int) -> None:
        """A row of a summary names a failing test."""
        entry = self._reports.named(kind, test, exception, message)
        if entry is not None:
            entry.node = entry.node or test
            entry.rows += 1
            entry.complete(exception, message, notes)
            return
        if (kind, test) in self._nodes:
            return
        phase = Phase.CALL if kind == "FAILED" else Phase.SETUP if "::" in test else Phase.COLLECT
        part = Raised(exception=exception, message=message, notes=notes, span=(number, number))
        found = Found(chain=(part,), span=(number, number), dialect=ROW, test=test, phase=phase)
        self.tested(found)
        if len(self._nodes) < _SEEN:
            self._nodes.add((kind, test))

    def live(self, kind: str, test: str, number: int) -> None:
        """A run says of a test, as it ends, that it failed; its report may come later."""
        if len(self._live) < KEPT_FAILURES:
            self._live.setdefault((kind, test), (number, self._segment))
            self.open = True

    # ------------------------------------------------------------------------------------------ joining

    def _enter(self, found: Found, shift: int) -> Entry:
        self._order += 1
        self.open = True
        self._frames += sum(len(part.frames) for part in found.chain)
        if self._frames > _FRAMES:
            found = shortened(found)
        return Entry(found=found, shift=shift, segment=self._segment, order=self._order)

    def _again(self, known: Entry, found: Found, shift: int) -> None:
        known.times += 1
        if not known.found.chain[-1].frames and found.chain[-1].frames:
            known.found, known.shift = found, shift

    def _count(self, digest: int) -> None:
        if digest in self._beyond:
            return
        self._more_failures += 1
        if len(self._beyond) < _SEEN:
            self._beyond.add(digest)

    # ------------------------------------------------------------------------------------------ the end

    def close(self, ending: Ending) -> tuple[tuple[Failure, ...], int, tuple[Handled, ...], int]:
        """Failures in the order of the log with their true number, and handled tracebacks with theirs."""
        for entry in (*self._tested.values(), *self._loose.values(), *self._problems.values()):
            entry.found, entry.shift = shifted(entry.found, entry.shift), 0
        self._name()
        failing, handled = self._sorted(ending)
        entries = sorted([*self._tested.values(), *failing], key=lambda entry: entry.order)
        if not entries and not self._calm(ending):
            entries = _telling(list(self._problems.values()))
        rest = self._more_failures
        calm = self._calm(ending)
        for quiet, count in self._more_loose.items():
            rest += 0 if quiet or calm else count
        self._count_again()
        failures = _rooted(entries[:KEPT_FAILURES])
        total = len(entries) + rest
        captured = [*handled, *(shifted(found, shift) for found, shift in self._captured)]
        captured.sort(key=lambda found: found.span[0])
        more = self._more_captured + sum(count for quiet, count in self._more_loose.items() if quiet or calm)
        rows = tuple(
            Handled(chain=found.chain, why=found.why or "handled", span=found.span)
            for found in captured[:KEPT_FAILURES]
        )
        return failures, total, rows, len(captured) + more

    def _name(self) -> None:
        """What was only said live: tests' ids that no summary gave, and failures that no report told."""
        named = {entry.node or entry.found.test for entry in self._tested.values()}
        nameless: dict[str | None, list[Entry]] = {}
        for entry in self._tested.values():
            if entry.node is None and entry.found.dialect.startswith("pytest"):
                nameless.setdefault(entry.found.test, []).append(entry)
        for (kind, test), (number, segment) in self._live.items():
            if test in named:
                continue
            alike = [entry for entry in nameless.get(title_of(test), ()) if entry.node is None]
            near = [entry for entry in alike if in_file(entry.found, test.split("::", 1)[0])] or alike
            if near:
                near[0].node = test
            elif self._untold(segment):
                self._only_said(kind, test, number, segment)

    def _untold(self, segment: Segment) -> bool:
        """Whether a run was cut off, or counts more failures than it told."""
        totals = segment.totals
        if totals is None:
            return True
        return totals.failed + totals.errors > sum(entry.segment is segment for entry in self._tested.values())

    def _only_said(self, kind: str, test: str, number: int, segment: Segment) -> None:
        phase = Phase.CALL if kind == "FAILED" else Phase.SETUP
        part = Raised(exception="", span=(number, number))
        entry = self._enter(
            Found(chain=(part,), span=(number, number), dialect="pytest-live", test=test, phase=phase), 0
        )
        entry.segment = segment
        self._tested[kind, test] = entry

    def _count_again(self) -> None:
        """Say where runners counted more failures than were found: something was missed, or printed nowhere."""
        for runner in dict.fromkeys(totals.runner for totals in self.totals_seen):
            said = sum(totals.failed + totals.errors for totals in self.totals_seen if totals.runner == runner)
            found = self._more_failures + sum(
                entry.times for entry in self._tested.values() if entry.found.dialect.startswith(runner)
            )
            if said > found:
                self.doubts.append(f"{runner} says {said} failed, {found} found")

    def _calm(self, ending: Ending) -> bool:
        """Whether the job is known to have passed, or its last word is a test run that did."""
        if ending.kind is not EndKind.UNKNOWN:
            return ending.kind is EndKind.PASSED
        last = self.totals_seen[-1] if self.totals_seen else None
        return (
            last is not None
            and not last.failed
            and not last.errors
            and (last.runner != "pytest" or last.passed + last.skipped + last.expected > 0)
            and not any(
                entry.segment is self._segment
                for entry in (*self._loose.values(), *self._tested.values(), *self._problems.values())
            )
        )

    def _sorted(self, ending: Ending) -> tuple[list[Entry], list[Found]]:
        """Loose tracebacks told apart: failures, and handled ones with the reason."""
        failing: list[Entry] = []
        handled: list[Found] = []
        for entry in self._loose.values():
            why = entry.found.why or self._excused(entry, ending)
            if why is None:
                failing.append(entry)
            else:
                handled.append(replace(entry.found, why=why))
        explained = bool(self._tested) or any(not entry.found.logged for entry in failing)
        if explained:
            quiet = [entry for entry in failing if entry.found.logged]
            failing = [entry for entry in failing if not entry.found.logged]
            handled.extend(replace(entry.found, why="logged; the job ended over something else") for entry in quiet)
        return _repeated(failing), handled

    def _excused(self, entry: Entry, ending: Ending) -> str | None:
        totals = entry.segment.totals
        if totals is not None:
            if not totals.failed and not totals.errors:
                return f"printed during a run of {totals.runner} whose tests passed"
            return f"printed during a run of {totals.runner} that reports its failures itself"
        if ending.kind is EndKind.PASSED:
            return "the job passed"
        if self._calm(ending) and entry.segment is not self._segment:
            return "the job went on, and what it ran last passed"
        return None


def _repeated(failing: list[Entry]) -> list[Entry]:
    """The same traceback printed again by the same writer is one failure."""
    kept: dict[object, Entry] = {}
    for entry in failing:
        key = (entry.found.writer, *map(_part_key, entry.found.chain))
        known = kept.get(key)
        if known is None:
            kept[key] = entry
        else:
            known.times += 1
    return list(kept.values())


def _part_key(part: Raised) -> object:
    return part.exception, part.message[:300], tuple((f.file, f.line, f.function) for f in part.frames)


def loose_key(found: Found) -> int:
    """What a loose traceback is, wherever it stands, as a hash: the whole would take more memory than the traceback."""
    return hash((found.writer, found.why is not None, found.logged, *map(_part_key, found.chain)))


def test_key(found: Found) -> int:
    """By what a test's failures are told apart, wherever they stand, as a hash."""
    return hash(_test_key(found))


def _test_key(found: Found) -> object:
    last = found.chain[-1]
    if found.test is None:
        return "untitled", found.span[1] - found.span[0]
    frames = tuple((f.file, f.line) for f in last.frames[-3:])
    if found.dialect.startswith("pytest"):
        # two tests of one name in two files have two reports
        frames = tuple((f.file, f.line) for part in found.chain for f in part.frames)
    return found.test, found.phase, last.exception, last.message.split("\n", 1)[0][:200], frames


def _telling(problems: list[Entry]) -> list[Entry]:
    """Of a tool's troubles the first that names a cause; what follows are its consequences."""
    return sorted(problems, key=lambda entry: (entry.rank, entry.order))[:1]


def _rooted(entries: list[Entry]) -> tuple[Failure, ...]:
    root = _root(entries)
    return tuple(_failure(entry, root=entry is root) for entry in entries)


def _root(entries: list[Entry]) -> Entry | None:
    """The failure that explains the job's end: the first failing test, or the last program that crashed."""
    for entry in entries:
        if entry.found.test is not None or entry.found.dialect.startswith(("pytest", "unittest")):
            return entry
    told = [entry for entry in entries if not _CONSEQUENCE.match(entry.found.chain[-1].message)]
    return (told or entries)[-1] if entries else None


_CONSEQUENCE = pattern(
    r"Command .*(?:returned non-zero exit status|errored out with exit status|died with <?Signals|failed with error code)",
    re.DOTALL,
)
"""What a program says whose child failed, and said itself why."""


def _failure(entry: Entry, *, root: bool) -> Failure:
    found = entry.found
    return Failure(
        chain=found.chain,
        test=entry.node or found.test,
        phase=found.phase,
        dialect=found.dialect,
        root=root,
        span=found.span,
        times=entry.times,
        extra=found.extra,
        uncertain=found.uncertain,
    )
