"""The analyst as the service uses it: one process a job, bounded in time and memory.

What strangers wrote is read over there; if it kills its reader, the job is buried and the service goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from typing import Any

import msgspec

from bot.errors import Permanent, Unreadable
from bot.model import Edits, Job
from bot.ports import Analysis, Spooled
from bot.worker import IndexOptions, JobSpec

MOST_ANSWER = 64 * 1024 * 1024
"""Bytes of an answer: 1,000 failures with their frames are some five million."""


class ProcessAnalyst:
    """`ports.Analyst` that starts `python -m bot.worker` for each job."""

    def __init__(self, index: IndexOptions, *, seconds: float = 120, megabytes: int = 1536, at_once: int = 2) -> None:
        self._index = index
        self._seconds = seconds
        self._megabytes = megabytes
        self._places = asyncio.Semaphore(at_once)

    async def analyse(self, job: Job, spooled: Spooled, edits: Edits | None) -> Analysis:
        """The job's Analysis.

        Raises `errors.Unreadable` for material that is no log and `errors.Permanent` where a limit was hit.
        """
        spec = JobSpec(
            id=job.key,
            log=str(spooled.log),
            passing_log=str(spooled.passing) if spooled.passing else None,
            project=job.distribution,
            as_of=job.finished_at,
            artifacts=tuple((name, str(path)) for name, path in spooled.artifacts),
            edits=edits,
            trust=job.trust,
        )
        request = {
            "job": spec,
            "index": self._index,
            "memory_mb": self._megabytes,
        }
        async with self._places:
            code, answer, complaint = await self._run(msgspec.json.encode(request))
        return _analysis(code, answer, complaint)

    async def _run(self, request: bytes) -> tuple[int, bytes, bytes]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=_environment(),
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(self._seconds):
                answer, complaint = await process.communicate(request)
        except TimeoutError:
            raise Permanent(f"reading and judging took more than {self._seconds:.0f} s") from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        return process.returncode or 0, answer, complaint


def _environment() -> dict[str, str]:
    """The worker's environment: nothing of the service's secrets."""
    return {name: value for name, value in os.environ.items() if not name.startswith("UPRIVER_")}


def _analysis(code: int, answer: bytes, complaint: bytes) -> Analysis:
    if code == 0 and len(answer) <= MOST_ANSWER:
        try:
            return msgspec.json.decode(answer, type=Analysis)
        except msgspec.MsgspecError as error:
            raise Permanent(f"the analyst's answer is none: {error}") from error
    try:
        said: dict[str, Any] = json.loads(answer)
    except ValueError:
        last = complaint.decode("utf-8", "replace").strip().splitlines()[-1:] or [f"exit status {code}"]
        raise Permanent(f"the analyst died: {last[0][:300]}") from None
    raise Unreadable(str(said.get("error", "unreadable")))
