"""How the job ended, and where its steps begin."""

from __future__ import annotations

from typing import ClassVar

from bot.extract.ledger import Ledger
from bot.extract.needles import Needle, Pattern
from bot.extract.prefixes import unstamped
from bot.extract.remarks import COMMAND
from bot.extract.tape import Tape
from bot.model import Ending, EndKind
from bot.patterns import pattern

_EXITED = pattern(
    r"(?:##\[error\]Process completed with exit code|##\[error\].*exited with code|Build step failed with exit code|ERROR: Job failed: exit code|"
    r"ERROR: Job failed: exit status|The command .{1,200} exited with|script returned exit code|Error: Process completed with exit code|"
    r"(?P<whole>Done\. Your build exited with))\s*['\"]?(?P<code>\d+)"
)
_CANCELLED = pattern(
    r"##\[error\]The operation was canceled|ERROR: Job failed: canceled|Job was cancell?ed|was cancell?ed\.$"
)
_TIMEOUT = pattern(
    r"##\[error\]The (?:job|action) .*has (?:exceeded|timed out)|ERROR: Job failed: execution took longer|has exceeded the maximum execution time|"
    r"RESULT_TIMED_OUT|RUN END RESULT_TIMED_OUT|Build timed out"
)
_KILLED = pattern(r"RESULT_(?:UNREACHABLE|DISK_FULL)|runner has received a shutdown signal")
_RC = pattern(r'^\s*"rc": (?P<code>\d+),?\s*$')
_RECAP = pattern(r"\bok: \d+ changed: \d+ unreachable: (?P<unreachable>\d+) failed: (?P<failed>\d+)\b")
_MAKE = pattern(r"make(?:\[\d+\])?: \*\*\* .*Error (?P<code>\d+)")


_LONGEST = 2_000
_DONE = ("Post job cleanup.", "Cleaning up orphan processes", "Job succeeded", "Finished: SUCCESS")


class Steps:
    """Where a step of the job begins."""

    needles: ClassVar[tuple[Needle, ...]] = (COMMAND, b"TASK [")
    lasting: ClassVar[bool] = False

    def matters(self, ledger: Ledger) -> bool:
        """Where anything was found in the last one."""
        return ledger.open

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """What comes belongs to another step."""
        if unstamped(tape.text(number) or "").startswith(("##[group]Run ", "TASK [")):
            ledger.boundary()
        return number


class EndingListener:
    """Watches for what CI systems print when a step fails or the job is over."""

    needles: ClassVar[tuple[Needle, ...]] = (
        b"##[error]",
        b"exit code ",
        b"RESULT_TIMED_OUT",
        b"RESULT_UNREACHABLE",
        b"RESULT_DISK_FULL",
        Pattern(rb"unreachable: (?:\d{1,9} failed: )?0{0,9}[1-9]", b"ok: 1 changed: 1 unreachable: 0 failed: 2"),
        b"Job failed",
        Pattern(rb'"rc": 0{0,9}[1-9]', b'"rc": 2'),
        b"Error: Process completed",
        b"Build timed out",
        b"shutdown signal",
        b"exited with",
        b"Finished: FAILURE",
        b"Job was cancel",
    )

    def __init__(self) -> None:
        self._ending = Ending()
        self._passed: Ending | None = None
        self._rc: tuple[int, int, str] | None = None

    @property
    def passed(self) -> bool:
        """Whether the job was seen to come to its end."""
        return self._passed is not None

    def feed(self, line: int, text: str) -> bool:
        """Take a line that may say how a step or the job ended; no CI needs more than its beginning for that."""
        text = text[:_LONGEST]
        if self._failed(line, text):
            return False
        if found := _RC.match(text):
            code = int(found["code"][:6])
            if code:
                self._rc = code, line, text.strip()
        elif (found := _RECAP.search(text)) and (int(found["failed"][:6]) or int(found["unreachable"][:6])):
            self._set(EndKind.EXIT_CODE, self._rc[0] if self._rc else None, line, text)
        return False

    def end(self, line: int, text: str) -> None:
        """Take a line that may say that all is done, which it is for the first time."""
        if text.startswith(_DONE) or "RUN END RESULT_NORMAL" in text:
            self._passed = self._passed or Ending(kind=EndKind.PASSED, line=line, text=text.strip()[:200])

    def _failed(self, line: int, text: str) -> bool:
        if _CANCELLED.search(text):
            self._set(EndKind.CANCELLED, None, line, text)
        elif _TIMEOUT.search(text):
            self._set(EndKind.TIMEOUT, None, line, text)
        elif _KILLED.search(text):
            self._set(EndKind.SIGNAL, None, line, text)
        elif found := _EXITED.search(text):
            self._exited(int(found["code"][:6]), line, text, whole=bool(found["whole"]))
        elif text.startswith(("##[error]", "Finished: FAILURE")):
            if self._ending.kind is EndKind.UNKNOWN:
                self._set(EndKind.EXIT_CODE, None, line, text)
        else:
            return False
        return True

    def _exited(self, code: int, line: int, text: str, *, whole: bool) -> None:
        """A step ended with a code, or the whole job. On Travis steps go on after one that failed, and the last may pass."""
        if not code:
            if whole:
                self._set(EndKind.PASSED, code, line, text)
        elif not (whole and self._ending.kind in {EndKind.EXIT_CODE, EndKind.SIGNAL}):  # the step's line says more
            self._set(EndKind.SIGNAL if 128 < code < 160 and code != 130 else EndKind.EXIT_CODE, code, line, text)

    def _set(self, kind: EndKind, code: int | None, line: int, text: str) -> None:
        self._ending = Ending(kind=kind, code=code, line=line, text=text.strip()[:200])

    def result(self, lines: int) -> Ending:
        """How the job ended, as far as the log says it."""
        del lines
        if self._ending.kind is not EndKind.UNKNOWN:
            return self._ending
        if self._rc is not None:
            return Ending(kind=EndKind.EXIT_CODE, code=self._rc[0], line=self._rc[1], text=self._rc[2])
        return self._passed or self._ending


class Passed:
    """What CI systems print when all is done; the first such line is the one that is told."""

    needles: ClassVar[tuple[Needle, ...]] = (*(word.encode() for word in _DONE), b"RUN END RESULT_NORMAL")
    lasting: ClassVar[bool] = False

    def __init__(self, ending: EndingListener) -> None:
        self._ending = ending

    def matters(self, ledger: Ledger) -> bool:
        """Until it was seen."""
        del ledger
        return not self._ending.passed

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Take the line."""
        del ledger
        self._ending.end(number, unstamped(tape.text(number) or "")[:_LONGEST])
        return number
