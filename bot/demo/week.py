"""What happens in the demonstration: a busy week of real failing jobs, as a list in which order is the story.

Every log was printed by real programs (`tests/corpus/README.md`); the people, repositories and pull requests are made
up. Names of distributions and the hours at which the jobs ran are the real ones.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Kind(StrEnum):
    """What a step is."""

    JOB = "job"
    SAY = "say"
    NOTE = "note"


class Step(Struct, frozen=True, kw_only=True):
    """One thing that happens, `after` seconds later than the one before."""

    kind: Kind
    after: float = 6.0
    repo: str = ""
    log: str = ""
    """The recorded job's name in `data/`."""
    ended: str = ""
    """When the job really ran: what was published later did not exist."""
    change: str = ""
    """The pull request's title; empty: a run of the default branch, or of the schedule."""
    by: str = ""
    fork: bool = False
    schedule: bool = False
    on: str = ""
    """For `say`: `REPO` (its newest pull request) or `thread:REPO` (the newest thread there)."""
    text: str = ""


ORG = "acme-instruments"
OTHER = "northwind-labs"

PROJECTS = (
    f"{ORG}/tilestore",
    f"{ORG}/fontpipe",
    f"{ORG}/forestpick",
    f"{ORG}/summarise",
    f"{ORG}/etlkit",
    f"{ORG}/ratelimit",
    f"{OTHER}/imgpyramid",
    f"{OTHER}/tunelet",
    f"{OTHER}/neighborly",
    f"{OTHER}/cvgrid",
    f"{OTHER}/shortener",
    f"{OTHER}/feedpoll",
)
MAINTAINERS = {ORG: ("ada", "grace"), OTHER: ("linus", "barbara")}
"""Who may write in whose repositories."""

HUMAN_ISSUE = (
    "scikit-learn/scikit-learn",
    "KNeighborsClassifier.predict: AttributeError: 'Flags' object has no attribute 'c_contiguous'",
    "After upgrading to 1.3.0 `predict` fails for me:\n\n```\nAttributeError: 'Flags' object has no attribute 'c_contiguous'\n```\n",
)
OPTED_OUT = "TvoroG/pytest-lazy-fixture"

WEEK: tuple[Step, ...] = (
    Step(kind=Kind.JOB, after=1, repo=f"{ORG}/tilestore", log="tilestore", ended="2025-04-08T05:12:44Z", schedule=True),
    Step(
        kind=Kind.JOB, after=6, repo=f"{OTHER}/imgpyramid", log="imgpyramid", ended="2025-04-08T09:40:10Z",
        change="Cache pyramid levels", by="barbara",
    ),
    Step(kind=Kind.JOB, after=6, repo=f"{ORG}/etlkit", log="etlkit", ended="2025-04-08T10:02:31Z", change="Lower-case columns", by="ada"),
    Step(kind=Kind.SAY, after=8, on=f"{OTHER}/imgpyramid", by="visitor", text="/upriver explain"),
    Step(
        kind=Kind.JOB, after=6, repo=f"{ORG}/summarise", log="summarise", ended="2024-11-29T14:20:00Z",
        change="Shorter summaries", by="grace",
    ),
    Step(kind=Kind.SAY, after=6, on=f"{OTHER}/imgpyramid", by="barbara", text="Thanks! Send it.\n\n/upriver file"),
    Step(kind=Kind.JOB, after=6, repo=f"{ORG}/ratelimit", log="ratelimit", ended="2025-04-09T08:00:00Z", change="Sliding window", by="ada"),
    Step(
        kind=Kind.JOB, after=6, repo=f"{OTHER}/neighborly", log="neighborly", ended="2023-08-01T11:31:00Z",
        change="Weight by distance", by="linus",
    ),
    Step(kind=Kind.JOB, after=6, repo=f"{OTHER}/cvgrid", log="cvgrid", ended="2023-07-01T02:10:00Z", schedule=True),
    Step(
        kind=Kind.JOB, after=6, repo=f"{OTHER}/tunelet", log="tunelet", ended="2023-01-04T16:45:00Z",
        change="A stranger's first change", by="visitor", fork=True,
    ),
    Step(kind=Kind.JOB, after=6, repo=f"{ORG}/forestpick", log="forestpick", ended="2023-06-27T03:00:00Z", schedule=True),
    Step(kind=Kind.JOB, after=6, repo=f"{OTHER}/shortener", log="shortener", ended="2023-10-01T12:00:00Z", change="Bump werkzeug", by="linus"),
    Step(kind=Kind.JOB, after=6, repo=f"{ORG}/fontpipe", log="fontpipe", ended="2026-03-10T07:15:00Z", change="Read WOFF2", by="ada"),
    Step(kind=Kind.JOB, after=6, repo=f"{OTHER}/feedpoll", log="feedpoll", ended="2025-05-02T06:00:00Z", change="Retry politely", by="barbara"),
    Step(kind=Kind.SAY, after=8, on="thread:zarr-developers/zarr-python", by="zarr-maintainer", text="/upriver status"),
    Step(kind=Kind.SAY, after=8, on="thread:zarr-developers/zarr-python", by="zarr-maintainer", text="Fixed, will be out shortly.\n\n/upriver fixed-in 2.18.6"),
)  # fmt: skip

UPSTREAMS: tuple[tuple[str, tuple[str, ...], bool], ...] = (
    ("zarr-developers/zarr-python", ("zarr-maintainer",), True),
    ("PyFilesystem/pyfilesystem2", (), False),
    ("holgern/scikit-optimize", (), False),
    ("scikit-learn/scikit-learn", ("sklearn-maintainer",), False),
    ("openai/openai-python", (), False),
    ("pallets/flask", (), False),
)
"""Repository, its maintainers, whether it installed the App to receive reports."""
