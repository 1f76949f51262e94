"""pytest's other lines: where a run begins and what it counted, a conftest that cannot be loaded, time-outs."""

from __future__ import annotations

import re
from typing import ClassVar

from bot.extract.found import Found
from bot.extract.ledger import Ledger
from bot.extract.needles import Needle, Pattern
from bot.extract.prefixes import Prefix, stamp
from bot.extract.pytest_report import Report
from bot.extract.quoting import unquoted
from bot.extract.tape import Tape
from bot.extract.text import View
from bot.model import Frame, Phase, Raised, Totals
from bot.patterns import pattern

_COUNT = pattern(
    r"(\d+) (failed|passed|errors?|skipped|deselected|xfailed|xpassed|warnings?|rerun|subtests passed|subtests failed)"
)
_TOTAL = pattern(
    r"(?:^|=\s|\s)(?P<counts>(?:no tests ran|\d+ \w[\w ]*?)(?:, \d+ \w[\w ]*?)*) in [\d.]+ ?s(?:econds)?(?: \([\d:]+\))?(?:\s*=*)$"
)


class PytestTotals:
    """`== 3 failed, 1 passed in 1.27s ==`, with or without the rule."""

    needles: ClassVar[tuple[Needle, ...]] = (
        # what plug-ins count stands last
        Pattern(
            rb"(?:failed|passed|errors?|skipped), [^=]*[0-9]+ [a-z]+ in [0-9]+\.[0-9]+s",
            b"1 passed, 2 retried in 0.03s",
        ),
        b" passed in ",
        b" failed in ",
        b" error in ",
        b" errors in ",
        b" skipped in ",
        b" deselected in ",
        b" warning in ",
        b" warnings in ",
        b" xfailed in ",
        b" xpassed in ",
        b" rerun in ",
        b"no tests ran in ",
        b" subtests passed in ",
        b"Results (",
    )
    lasting: ClassVar[bool] = True

    def matters(self, ledger: Ledger) -> bool:
        """Where something was found since the last counts, and as long as all are kept."""
        return ledger.counting

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Take the counts of a run's last line."""
        line = (tape.text(number) or "").rstrip()
        found = _TOTAL.search(line[-400:])
        if found is None and (quoted := unquoted(tape, number)) is not None:
            line = (quoted.text(number) or "").rstrip()
            found = _TOTAL.search(line[-400:])
        if found is None:
            return _listed(tape, number, line, ledger)
        counts = _counts(found["counts"])
        if not counts and "no tests ran" not in line:
            return number
        ledger.totals(_totals(counts, number))
        return number + 1


def _counts(text: str) -> dict[str, int]:
    return {
        name.rstrip("s") if name.startswith(("error", "warning")) else name: int(n[:9])
        for n, name in _COUNT.findall(text)
    }


def _totals(counts: dict[str, int], number: int) -> Totals:
    return Totals(
        runner="pytest",
        failed=counts.get("failed", 0),
        errors=counts.get("error", 0),
        passed=counts.get("passed", 0),
        skipped=counts.get("skipped", 0),
        expected=counts.get("xfailed", 0) + counts.get("xpassed", 0),
        line=number,
    )


_RESULTS = pattern(r"Results \([\d.hms ]+\):\s*$")
_RESULT = pattern(r"\s+(?:- )?\d+ [a-z][a-z ]*\s*$")


def _listed(tape: Tape, number: int, line: str, ledger: Ledger) -> int:
    """`Results (1.2s):` and a count a line, as plug-ins that draw pytest's output anew print them."""
    found = _RESULTS.search(line)
    if found is None:
        return number
    view = View(tape, Prefix(line[: found.start()]))
    at = number + 1
    rows: list[str] = []
    while (text := view.text(at)) is not None and len(rows) < 12 and (_RESULT.match(text) or not text.strip()):
        if not text.strip() and rows:
            break
        rows.append(text)
        at += 1
    counts = _counts(" ".join(rows))
    if counts:
        ledger.totals(_totals(counts, number))
    return at if counts else number


class PytestSession:
    """The rule that opens a run."""

    needles: ClassVar[tuple[bytes, ...]] = (b"= test session starts =",)
    lasting: ClassVar[bool] = False

    def matters(self, ledger: Ledger) -> bool:
        """Where anything was found since the last one."""
        return ledger.open or ledger.pending

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """What was printed before belongs to no test."""
        del tape
        ledger.session()
        return number


class PytestConftest:
    """A conftest that cannot be loaded: a short report without a title."""

    needles: ClassVar[tuple[bytes, ...]] = (b"ImportError while loading conftest '", b"Error while loading conftest")

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read the short entries up to where they end."""
        line = tape.text(number) or ""
        found = re.search(r"\w*Error while loading conftest", line)
        if found is None:
            return number
        view = View(tape, Prefix(line[: found.start()]))
        report = Report(view, "", number, errors=True)
        at = number + 1
        explained = False
        while (text := view.text(at)) is not None:
            said = text.startswith("E ")
            if (explained and not said) or text.startswith(("===", "___")):
                break
            explained = explained or said
            at = report.feed(text, at, ledger)
        for one in report.found(at):
            if one.chain[-1].exception:
                ledger.tested(
                    Found(
                        chain=one.chain, span=one.span, dialect="pytest", phase=Phase.COLLECT, uncertain=one.uncertain
                    )
                )
        return at


_TIMEOUT = pattern(r"\+{5,} Timeout \+{5,}\s*$")
_STACK = pattern(r"~{3,} Stack of (?P<thread>.+?) \(\d+\) ~{3,}\s*$")
_FRAME = pattern(r'  File "(?P<file>[^"\n]*)", line (?P<line>\d+), in (?P<function>.*)$')
_NODE = pattern(r"(?P<node>[\w./\\-]+\.\w+::\S.*?)\s*$")


class PytestTimeout:
    """pytest-timeout's dump of every thread's stack, before it ends the process."""

    needles: ClassVar[tuple[bytes, ...]] = (b"+ Timeout +",)

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read the main thread's stack."""
        line = tape.text(number) or ""
        found = _TIMEOUT.search(line)
        if found is None:
            return number
        head = line[: found.start()]
        stacked = _past_output(tape, number + 1)
        if stacked is None:
            return number
        first, before = stacked
        frames, end = _stacks(View(tape, Prefix(before)), first)
        node = _NODE.search(head[len(stamp(head)) :])
        part = Raised(exception="", message="Timeout", frames=tuple(frames), span=(number, end - 1))
        ledger.tested(
            Found(
                chain=(part,),
                span=(number, end - 1),
                dialect="pytest-timeout",
                test=node["node"] if node else None,
                phase=Phase.CALL,
            )
        )
        return end


_OUTPUT = 2_000
"""Lines of a test's output that may stand above the stacks."""


def _past_output(tape: Tape, number: int) -> tuple[int, str] | None:
    """Where the first stack begins, and what stands before each of its lines: a test's progress stands before the rule."""
    for at in range(number, number + _OUTPUT):
        text = tape.text(at)
        if text is None or _TIMEOUT.search(text):
            return None
        found = _STACK.search(text) if "~ Stack of " in text else None
        if found is not None:
            return at, text[: found.start()]
    return None


def _stacks(view: View, number: int) -> tuple[list[Frame], int]:
    """The main thread's frames (else the last thread's), and the line after the dump."""
    at = number
    frames: list[Frame] = []
    current: list[Frame] = []
    thread = ""
    while (text := view.text(at)) is not None:
        stack = _STACK.match(text)
        frame = _FRAME.match(text)
        if stack:
            thread, current = stack["thread"], []
        elif frame:
            source = view.text(at + 1) or ""
            current.append(
                Frame(
                    file=frame["file"],
                    line=int(frame["line"][:9]),
                    function=frame["function"].rstrip(),
                    source=source.strip() if source.startswith("    ") else None,
                    at=at,
                )
            )
            if thread == "MainThread" or not frames:
                frames = current
        elif _TIMEOUT.match(text):
            return frames, at + 1
        elif text.strip() and not text.startswith("  "):
            break
        at += 1
    return frames, at
