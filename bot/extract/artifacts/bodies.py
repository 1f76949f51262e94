"""The text of one failure to a Failure: it is put where its dialect would print it, and read as a log is."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

from msgspec.structs import replace

from bot.extract.artifacts.parsed import BODY
from bot.model import Failure, Phase, Raised, Reading
from bot.patterns import pattern

Read = Callable[[io.BytesIO], Reading]

_PYTEST = pattern(r"^(?:E  |> |[^\s:][^:\n]*:\d+: )", re.MULTILINE)
_HEADER = "Traceback (most recent call last):"
_WRAPPED = pattern(r"^(?:[\w.]+\._StringException|testtools\.\w[\w.]*): (?=Traceback|\n|Text attachment|\w+: \{\{\{)")
_TYPE = pattern(r"(?P<type>(?:[^\W\d]\w*\.)*[^\W\d]\w*)(?:: ?(?P<message>.*))?\Z", re.DOTALL)
_NAMED = pattern(r"(?:Error|Exception|Warning|Failure|Failed|Timeout|Interrupt|Exit|Fault|Skipped)$")
_UNINDENTED = pattern(r"(?:async )?def |@\w")
_ILLEGAL = pattern(r"#x1B(?=\[)")
"""How pytest writes an escape character into XML, which has none."""


def failure(
    read: Read,
    text: str,
    *,
    test: str | None,
    phase: Phase,
    dialect: str,
    exception: str = "",
    message: str = "",
) -> Failure:
    """The failure that a runner's text describes; `exception` and `message` count where the text shows none."""
    text = _ILLEGAL.sub("\x1b", text[:BODY]).replace("\r\n", "\n")
    found = _read(read, _WRAPPED.sub("", text.lstrip("\n")))
    chain = found.chain if found is not None and _says(found) else (_bare(exception, message, text),)
    if found is not None and found.chain and not chain[-1].exception and exception:
        chain = (*chain[:-1], replace(chain[-1], exception=exception, message=chain[-1].message or message))
    return Failure(
        chain=tuple(map(unplaced, chain)),
        test=test,
        phase=phase,
        dialect=dialect,
        extra=found.extra if found is not None else "",
        uncertain=found.uncertain if found is not None else None,
    )


def _read(read: Read, text: str) -> Failure | None:
    if not text.strip():
        return None
    for wrap in (_as_pytest, _as_unittest) if _PYTEST.search(text) else (_as_unittest, _as_pytest):
        reading = read(io.BytesIO(wrap(text).encode("utf-8", "replace")))
        if reading.failures and _says(reading.failures[0]):
            return reading.failures[0]
    return None


def of_pytest(text: str) -> bool:
    """Whether a text is in one of pytest's own styles."""
    return _PYTEST.search(text[:BODY]) is not None


def _says(found: Failure) -> bool:
    return any(part.frames or part.exception for part in found.chain)


def _as_pytest(text: str) -> str:
    ends = "=" * 30
    if _UNINDENTED.match(text):
        text = f"    {text}"  # JUnit's writer strips a text's own first blanks
    return f"{ends} FAILURES {ends}\n{'_' * 30} test {'_' * 30}\n\n{text}\n{ends} 1 failed in 0.01s {ends}\n"


def _as_unittest(text: str) -> str:
    rule, dashes = "=" * 70, "-" * 70
    return f"{rule}\nERROR: test\n{dashes}\n{text}\n\n{dashes}\nRan 1 test in 0.001s\n\nFAILED (errors=1)\n"


def _bare(exception: str, message: str, text: str) -> Raised:
    """An exception without frames, from a runner's attributes or the first line that looks like one."""
    if exception:
        return Raised(exception=exception, message=message.removeprefix(f"{exception}: "))
    for said in (message, *text.strip().split("\n")[-1:]):
        found = _TYPE.match(said.strip())
        if found is not None and (_NAMED.search(found["type"]) or "." in found["type"]):
            return Raised(exception=found["type"], message=found["message"] or "")
    return Raised(exception="", message=(message or text.strip())[:4_000])


def unplaced(part: Raised) -> Raised:
    """A part without places in a log, since it stands in none."""
    return replace(part, span=(0, 0), frames=tuple(replace(frame, at=0) for frame in part.frames))
