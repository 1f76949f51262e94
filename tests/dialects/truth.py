"""Hand-written truth beside each sample, and the comparison with what is read.

`data/<dialect>/<scenario>@<versions>.log` has its truth in `<scenario>@<versions>.toml`, else in `<scenario>.toml`:

    handled = 1                      # tracebacks that are no failures; 0 unless said
    totals = "2 failed, 1 error, 3 passed"
    [[failure]]
    exception = "KeyError"           # or a list of what different versions print
    message = "'coffee'"             # the first line, or a list
    test = "tests/test_a.py::test_b"
    frame = "shop/prices.py:7 price" # innermost: the path's end, line, function; "" where none is printed
    frames = 4                       # how many of them, where that is stable
    chain = ["cause ValueError: bad port", …]   # the parts before the outermost, in the printed order
    notes = ["in settings.toml"]
    root = true                      # the first one unless said; "either" where the order changes from run to run
    phase = "setup"
"""

from __future__ import annotations

import io
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from bot.extract import read
from bot.model import Failure, Frame, Raised, Reading

DATA = Path(__file__).parent / "data"


def samples(dialect: str) -> list[str]:
    """The samples of a dialect."""
    return sorted(path.name for path in (DATA / dialect).iterdir() if path.suffix == ".log")


def truth(dialect: str, sample: str) -> dict:
    """What is true of a sample."""
    stem = sample.removesuffix(".log")
    exact, general = (DATA / dialect / f"{name}.toml" for name in (stem, stem.split("@")[0]))
    return tomllib.loads((exact if exact.exists() else general).read_text())


def reading(dialect: str, sample: str) -> Reading:
    """What is read of a sample."""
    return read(io.BytesIO((DATA / dialect / sample).read_bytes()))


def check(dialect: str, sample: str) -> Reading:
    """Compare, and complain in words."""
    seen, true = reading(dialect, sample), truth(dialect, sample)
    text = (DATA / dialect / sample).read_bytes()
    complaints = [*_complaints(seen, true), *_misplaced(seen, text)]
    assert not complaints, "\n".join([f"{dialect}/{sample}", *complaints, *map(_shown, seen.failures)])
    return seen


def _complaints(seen: Reading, true: dict) -> Iterator[str]:
    wanted = true.get("failure", [])
    left = list(seen.failures)
    for number, row in enumerate(wanted):
        found = next((one for one in left if not list(_differences(one, row))), None)
        if found is None:
            near = [f"      {one.test} {_part(one.outermost)}: {', '.join(_differences(one, row))}" for one in left[:4]]
            yield "\n".join([f"  not found: {row}", *near])
            continue
        left.remove(found)
        if row.get("root") != "either" and found.root != row.get("root", number == 0):
            yield f"  root is {found.root}: {_part(found.outermost)}"
    yield from (f"  extra: {one.test} {_part(one.outermost)}" for one in left)
    if seen.handled_total not in _any(true.get("handled", 0)):
        yield f"  handled: {seen.handled_total}, not {true.get('handled', 0)}: {[_part(h.chain[-1]) for h in seen.handled]}"
    if "totals" in true and _totals(seen) != true["totals"]:
        yield f"  totals: {_totals(seen)!r}, not {true['totals']!r}"


def _totals(seen: Reading) -> str:
    parts = []
    for totals in seen.totals[-1:]:
        counts = (
            (totals.failed, "failed"),
            (totals.errors, "error"),
            (totals.passed, "passed"),
            (totals.skipped, "skipped"),
        )
        parts = [f"{count} {word}" for count, word in counts if count]
    return ", ".join(parts)


def _differences(one: Failure, row: dict) -> Iterator[str]:
    last = one.outermost
    if last.exception not in _any(row.get("exception", "")):
        yield f"exception {last.exception!r}"
    if last.message.split("\n")[0] not in _any(row.get("message", "")):
        yield f"message {last.message!r}"
    if one.test not in _any(row.get("test")):
        yield f"test {one.test!r}"
    if "phase" in row and one.phase.value != row["phase"]:
        yield f"phase {one.phase.value}"
    if "frame" in row and not any(_is_frame(last.frames, wanted) for wanted in _any(row["frame"])):
        yield f"frame {_place(last.frames[-1]) if last.frames else None}"
    if "frames" in row and len(last.frames) not in _any(row["frames"]):
        yield f"{len(last.frames)} frames"
    if "notes" in row and list(last.notes) != row["notes"]:
        yield f"notes {last.notes}"
    parts = [_link(part) for part in one.chain[:-1]]
    if not any(_same_chain(parts, wanted) for wanted in _alternatives(row.get("chain", []))):
        yield f"chain {parts}"


def _alternatives(chain: list) -> list[list[str]]:
    return chain if chain and isinstance(chain[0], list) else [chain]


def _same_chain(parts: list[str], wanted: list[str]) -> bool:
    return parts == wanted


def _any(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _is_frame(frames: tuple[Frame, ...], wanted: str) -> bool:
    if not wanted or not frames:
        return not wanted and not frames
    return f"/{_place(frames[-1])}".endswith(f"/{wanted}") or _place(frames[-1]) == wanted


def _place(frame: Frame) -> str:
    return f"{frame.file}:{frame.line} {frame.function or ''}".rstrip()


def _part(part: Raised) -> str:
    first = part.message.split("\n")[0]
    return f"{part.exception}: {first}" if first else part.exception


def _link(part: Raised) -> str:
    return f"{part.relation} {_part(part)}"


def _shown(one: Failure) -> str:
    return f"    read: {'*' if one.root else ' '} {one.dialect} {one.test} {[_link(part) for part in one.chain]}"


_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def _misplaced(seen: Reading, text: bytes) -> Iterator[str]:
    """A frame whose text does not stand in the log at its line."""
    lines = text.decode("utf-8", "replace").split("\n")
    chains = [*(one.chain for one in seen.failures), *(one.chain for one in seen.handled)]
    for frame in (frame for chain in chains for part in chain for frame in part.frames):
        line = _ANSI.sub("", lines[frame.at - 1]) if 0 < frame.at <= len(lines) else ""
        # rich wraps a place at its box's edge
        wrapped = any("/" in word and frame.file.startswith(word) for word in line.split())
        if frame.file not in line and json.dumps(frame.file)[1:-1] not in line and not wrapped:
            yield f"  {_place(frame)} does not stand at line {frame.at}"
