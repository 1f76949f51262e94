"""The demonstration's analyst: the real one, with github.com's addresses led to the stand-in."""

from __future__ import annotations

from msgspec.structs import replace

from bot.model import Edits, Job, Judgement, Verdict
from bot.ports import Analysis, Analyst, Spooled

PUBLIC = "https://github.com/"


class Relocated:
    """`ports.Analyst`: trackers on github.com are those of the stand-in."""

    def __init__(self, analyst: Analyst, web: str) -> None:
        self._analyst = analyst
        self._web = web.rstrip("/") + "/"

    async def analyse(self, job: Job, spooled: Spooled, edits: Edits | None) -> Analysis:
        """The analysis, its trackers moved."""
        analysis = await self._analyst.analyse(job, spooled, edits)
        judgement = analysis.judgement
        moved = Judgement(
            verdict=self._moved(judgement.verdict),
            failures=tuple(replace(row, verdict=self._moved(row.verdict)) for row in judgement.failures),
        )
        return replace(analysis, judgement=moved)

    def _moved(self, verdict: Verdict) -> Verdict:
        tracker = verdict.tracker
        if tracker is None or not tracker.url.startswith(PUBLIC):
            return verdict
        return replace(verdict, tracker=replace(tracker, url=self._web + tracker.url.removeprefix(PUBLIC)))
