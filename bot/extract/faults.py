"""Ends that no exception explains: faulthandler's dumps, fatal errors of the interpreter, signals told by a shell."""

from __future__ import annotations

import re
from typing import ClassVar

from bot.extract.found import Found
from bot.extract.ledger import Ledger
from bot.extract.needles import Needle, Pattern
from bot.extract.prefixes import Prefix, stamp, unstamped
from bot.extract.tape import Tape
from bot.extract.text import View
from bot.model import Frame, Phase, Raised
from bot.patterns import pattern

_FATAL = pattern(
    r"(?:Fatal Python error: (?P<what>.*)|Windows fatal exception: (?:code 0x\w+|(?P<windows>\S.*))|Timeout \([\d:.]+\)!)\s*$"
)
"""Of Windows' exceptions those that have only a code may be handled by whoever raised them."""
_THREAD = pattern(
    r"(?P<current>Current t|T)hread 0x[0-9a-fA-F]+.* \(most recent call first\):\s*$|Stack \(most recent call first\):\s*$"
)
_FRAME = pattern(r'\s{2}File "(?P<file>[^"\n]*)", line (?P<line>\d+|\?\?\?) in (?P<function>.+?)\s*$')
_NODE = pattern(r"(?P<node>[\w./\\-]+\.\w+::\S+?)\s*$")


_OVER = pattern(r"\b(?:PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS|RERUN)\b")
"""A test that has ended stands on the line, not the one that runs."""


class Faulthandler:
    """`Fatal Python error: …`, `Windows fatal exception: …`, `Timeout (0:00:10)!` with the threads' stacks."""

    needles: ClassVar[tuple[bytes, ...]] = (b"Fatal Python error: ", b"Windows fatal exception: ", b"Timeout (")

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read the dump."""
        line = tape.text(number) or ""
        found = _FATAL.search(line)
        if found is None:
            return number
        head = line[: found.start()]
        bare = unstamped(head)
        learned = _learned(tape, number)
        if learned is None:
            learned = head if not bare.strip() or "::" not in bare else stamp(head)
        prefix = Prefix(learned)
        view = View(tape, prefix)
        frames, end = _threads(view, number + 1)
        fatal = found["what"] is not None or found["windows"] is not None
        if not fatal and not frames:
            return number
        node = _NODE.search(bare) if not _OVER.search(bare) else None
        part = Raised(
            exception="",
            message=found.group().strip(),
            frames=tuple(reversed(frames)),
            span=(number, end - 1),
        )
        row = Found(
            chain=(part,),
            span=(number, end - 1),
            dialect="faulthandler",
            test=node["node"] if node else None,
            phase=Phase.CALL if node else Phase.OUTSIDE,
        )
        if fatal or (node and not found.group().startswith("Windows")):
            ledger.tested(row)
        else:
            ledger.problem(row)
        return end


def _learned(tape: Tape, number: int) -> str | None:
    """What stands before the dump's lines: the first may begin in the middle of a runner's line of progress."""
    for ahead in range(1, 5):
        found = _THREAD.search(tape.text(number + ahead) or "")
        if found is not None:
            return found.string[: found.start()]
    return None


def _threads(view: View, number: int) -> tuple[list[Frame], int]:
    """The current thread's frames, innermost first, and the line after the dump."""
    frames: list[Frame] = []
    taking = False
    end = number
    blank = 0
    at = number
    while (text := view.text(at)) is not None and blank < 3:
        thread = _THREAD.match(text)
        frame = _FRAME.match(text)
        if thread:
            taking = not frames or thread["current"] == "Current t"
            if taking:
                frames = []
        elif frame:
            if taking and len(frames) < 200:
                number_ = frame["line"]
                frames.append(
                    Frame(
                        file=frame["file"],
                        line=int(number_[:9]) if number_.isdigit() else None,
                        function=frame["function"],
                        at=at,
                    )
                )
        elif not text.strip():
            blank += 1
            at += 1
            continue
        elif not text.startswith(
            ("  ", "Python runtime state", "Extension modules", "Current thread's C stack", "Object type", "Memory")
        ) and not _goes_on(view, at):
            break
        blank = 0
        at += 1
        end = at
    return frames, max(end, number)


def _goes_on(view: View, number: int) -> bool:
    """Whether a dump goes on below a line that another process printed into it."""
    below = (view.text(at) or "" for at in range(number + 1, number + 4))
    return any(_FRAME.match(text) or _THREAD.match(text) for text in below)


_SIGNAL = pattern(
    r"^(?:.*?: line \d+:\s+\d+ )?(?P<what>Killed|Segmentation fault(?: \(core dumped\))?|Aborted(?: \(core dumped\))?|Bus error(?: \(core dumped\))?|"
    r"Illegal instruction(?: \(core dumped\))?|Floating point exception(?: \(core dumped\))?)(?:\s{2,}\S.*)?\s*$"
)


_EXIT = pattern(
    r"(?:##\[error\]|ERROR: )?(?P<what>\S.{0,200}\bexit(?:ed with)? (?:code:? )?'?(?!-1073741510|3221225786)"
    r"(?:-1073\d{6}|3221\d{6}|0x[cC]0000\w{3})\b'?\.?)"
)
"""Windows' words on how a program ended, without those for one that somebody stopped."""


class Signals:
    """A shell's word on how a program ended."""

    needles: ClassVar[tuple[Needle, ...]] = (
        Pattern(
            rb"exit(?:ed with)? (?:code:? )?'?(?:-1073[0-9]{6}|3221[0-9]{6}|0x[cC]0000[0-9a-fA-F]{3})",
            b"exit code -1073741819",
        ),
        b"Killed",
        b"Segmentation fault",
        b"Aborted",
        b"Bus error",
        b"Illegal instruction",
        b"Floating point exception",
    )

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Take the line where it is a shell's."""
        text = unstamped(tape.text(number) or "")
        found = (
            _SIGNAL.match(text.removeprefix("[tox] "))
            or _SIGNAL.match(text[text.rfind(".") + 1 :])
            or _after_dots(text)
        )
        told = found or _EXIT.match(unstamped(text.lstrip()))
        if told is None:
            return number
        part = Raised(exception="", message=told["what"], span=(number, number))
        ledger.problem(Found(chain=(part,), span=(number, number), dialect="signal"), 0 if found else 2)
        return number


def _after_dots(text: str) -> re.Match[str] | None:
    """Pytest's progress dots may stand before the shell's line."""
    return _SIGNAL.match(text.lstrip(".FEsxX"))
