"""doctest's own report, as `python -m doctest`, Sphinx and runners without one of their own print it."""

from __future__ import annotations

from typing import ClassVar

from bot.extract import cpython
from bot.extract.found import Found
from bot.extract.ledger import Ledger
from bot.extract.prefixes import Prefix
from bot.extract.tape import Tape
from bot.extract.text import View
from bot.model import Frame, Phase, Raised
from bot.patterns import pattern

_PLACE = pattern(r'File "(?P<file>[^"\n]*)", line (?P<line>\d+|\?+), in (?P<name>.+?)\s*$')
_STARS = pattern(r"\*{60,}\s*$")
_PARTS = (
    "Expected:",
    "Expected nothing",
    "Got:",
    "Got nothing",
    "Exception raised:",
    "Differences (",
    "UNEXPECTED EXCEPTION",
)


class Doctests:
    """`File "x.py", line 5, in name`, `Failed example:`, and what came of it."""

    needles: ClassVar[tuple[bytes, ...]] = (b"Failed example:",)

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read one example's report."""
        line = tape.text(number) or ""
        head = line[: line.find("Failed example:")]
        view = View(tape, Prefix(head))
        place = _PLACE.match(view.behind(number - 1) or "")
        if place is None:
            return number
        example, at = _example(view, number + 1)
        end = _end(view, at)
        at_frame = Frame(
            file=place["file"],
            line=int(place["line"][:9]) if place["line"].isdigit() else None,
            function=place["name"],
            source=example[0] if example else None,
            at=number - 1,
        )
        part = Raised(exception="", message="\n".join(example), frames=(at_frame,), span=(number - 1, end - 1))
        chain = _raised(view, at, end) or (part,)
        ledger.tested(
            Found(
                chain=chain,
                span=(number - 1, end - 1),
                dialect="doctest",
                test=place["name"],
                phase=Phase.CALL,
                extra="\n".join(example) if chain[-1].exception else "",
            )
        )
        return end


def _example(view: View, number: int) -> tuple[list[str], int]:
    lines: list[str] = []
    at = number
    while (
        (text := view.text(at)) is not None
        and not text.startswith(_PARTS)
        and len(lines) < 200
        and not _STARS.match(text)
    ):
        lines.append(text.strip())
        at += 1
    return lines, at


def _end(view: View, number: int) -> int:
    at = number
    while (text := view.text(at)) is not None and at - number < 5_000:
        if _STARS.match(text) or (text and not text.startswith((" ", *_PARTS)) and at > number):
            break
        at += 1
    return at


def _raised(view: View, number: int, end: int) -> tuple[Raised, ...]:
    for at in range(number, end):
        text = view.text(at) or ""
        if text.startswith("    Traceback (most recent call last):"):
            inner = View(view.tape, Prefix(view.prefix.text + "    "))
            return tuple(cpython.chain(inner, at).parts)
    return ()
