"""Records the demonstration's data: the week's logs from the corpus and what the package index answers about them.

`python tools/demo_data.py` asks the package index once and writes `bot/demo/data/`.
"""

from __future__ import annotations

import gzip
import io
import shutil
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.corpus import unpacked  # noqa: E402 - the path comes first
from bot.demo.week import WEEK, Kind  # noqa: E402
from bot.worker import IndexOptions, JobSpec, analyse, instant, open_from  # noqa: E402

RECORDED = {
    "tilestore": "sci-zarr-cbuffer-tilestore",
    "imgpyramid": "sci-zarr-cbuffer-imgpyramid",
    "etlkit": "sci-pandas-keyerror-etl",
    "summarise": "web-openai-proxies-pytest",
    "ratelimit": "web-env-redis-refused",
    "neighborly": "sci-sklearn-flags-neighborly",
    "cvgrid": "sci-sklearn-flags-cvgrid",
    "tunelet": "sci-skopt-npint-tunelet",
    "forestpick": "sci-skopt-npint-forestpick",
    "shortener": "web-flask-urlquote-pytest",
    "fontpipe": "sci-fs-pkgresources-fontpipe",
    "feedpoll": "web-none-passing-logged",
}


def main() -> int:
    """Record everything."""
    data = ROOT / "bot" / "demo" / "data"
    data.mkdir(parents=True, exist_ok=True)
    for old in data.iterdir():
        old.unlink()
    cases = unpacked("cases")
    cache = ROOT / ".cache" / "demo-index"
    for answers in cache.glob("*/answers"):
        shutil.rmtree(answers)  # what was read of the index is kept, what was made of it is asked again
    for step in (step for step in WEEK if step.kind is Kind.JOB):
        case = cases / RECORDED[step.log]
        for name, source in ((step.log, "failing.log"), (f"{step.log}.green", "passing.log")):
            if (case / source).exists():
                (data / f"{name}.log.gz").write_bytes(gzip.compress((case / source).read_bytes(), 9, mtime=0))
        green = case / "passing.log"
        spec = JobSpec(
            id=step.log,
            log=str(case / "failing.log"),
            passing_log=str(green) if green.exists() else None,
            as_of=instant(step.ended.replace("Z", "+00:00")),
        )
        judged = analyse(spec, open_from(IndexOptions(cache=str(cache)))).judgement.verdict
        print(f"{step.log}: {judged.kind} {judged.culprit and judged.culprit.distribution} {judged.action}")
    (data / "index.tar.xz").write_bytes(_packed(cache))
    size = sum(path.stat().st_size for path in data.iterdir())
    print(f"{size / 1e6:.1f} MB in {data.relative_to(ROOT)}")
    return 0


def _packed(folder: Path) -> bytes:
    """The answered questions; the archives and listings that they were read from stay behind."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:xz", preset=9) as archive:
        for path in sorted(folder.rglob("answers/**/*")):
            if path.is_file():
                archive.add(path, str(path.relative_to(folder)))
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main())
