"""Coverage-guided fuzzing of the reader: `python -m tests.soak_reading.fuzz CORPUS SECONDS`, with atheris.

Seeds are the dialects' samples and the corpus' smaller logs, cut short. Inputs are mutated by libFuzzer, with a
dictionary of the needles. What fails an assertion, raises or takes too long is written beside the corpus folder.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["bot.extract"], enable_loader_override=False):
    from bot.extract import read as _read  # noqa: F401  # instrumented on import
    from bot.extract import reading
    from tests.fuzzing.properties import examine

ROOT = Path(__file__).resolve().parents[2]
SEED = 12_000
"""Bytes of a seed."""


def seeds(folder: Path) -> None:
    """Lay the seeds down."""
    folder.mkdir(parents=True, exist_ok=True)
    logs = [
        *(ROOT / "tests/dialects/data").rglob("*.log"),
        *(ROOT / "tests/corpus/cases").glob("dialect-*/failing.log"),
    ]
    for number, path in enumerate(sorted(logs)):
        (folder / f"seed-{number}").write_bytes(path.read_bytes()[:SEED])


def dictionary(path: Path) -> None:
    """The needles and marks as libFuzzer wants them."""
    words = list(reading._NEEDLES.examples)
    escaped = ("".join(chr(c) if 32 <= c < 127 and c not in b'"\\' else f"\\x{c:02x}" for c in word) for word in words)
    path.write_text("".join(f'"{word}"\n' for word in escaped))


def one(data: bytes) -> None:
    """One input."""
    examine(data)


def main(folder: Path, seconds: int) -> None:
    """Run for so many seconds; does not return."""
    seeds(folder)
    words = folder.parent / "words.dict"
    dictionary(words)
    options = [
        sys.argv[0],
        str(folder),
        f"-max_total_time={seconds}",
        "-max_len=40000",
        "-timeout=20",
        "-rss_limit_mb=2048",
        f"-dict={words}",
        f"-artifact_prefix={folder.parent}/found-",
        "-print_final_stats=1",
        "-verbosity=1",
    ]
    atheris.Setup(options, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
