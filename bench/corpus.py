"""The corpus as plain files: what is kept gzipped in `tests/corpus` is unpacked once into `.cache/corpus`."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "tests" / "corpus"


def unpacked(part: str, into: Path | None = None) -> Path:
    """The folder of a part (`cases`, `negatives`) with every file plain; made where it is missing."""
    target = (into or ROOT / ".cache" / "corpus") / part
    for kept in sorted((KEPT / part).rglob("*")):
        if kept.is_file():
            plain = target / kept.relative_to(KEPT / part)
            plain = plain.with_suffix("") if plain.suffix == ".gz" else plain
            if not plain.exists() or plain.stat().st_mtime < kept.stat().st_mtime:
                plain.parent.mkdir(parents=True, exist_ok=True)
                partial = plain.with_name(plain.name + ".partial")
                with gzip.open(kept) if kept.suffix == ".gz" else kept.open("rb") as source, partial.open("wb") as sink:
                    shutil.copyfileobj(source, sink)
                partial.replace(plain)
    return target
