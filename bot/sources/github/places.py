"""Places on GitHub as we write them: repositories, threads, job pages, keys. Pure."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import urlsplit

from msgspec import Struct

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})"
_REPO = r"[A-Za-z0-9._-]{1,100}"
_THREAD = re.compile(rf"/({_NAME}/{_REPO})/(?:issues|pull)/(\d{{1,10}})/?$")
_TRACKER = re.compile(rf"/({_NAME}/{_REPO})(?:/issues(?:/new(?:/choose)?)?)?/?$")
_PLACE = re.compile(rf"({_NAME}/{_REPO})#(\d{{1,10}})$")
_JOB_PAGE = re.compile(rf"/({_NAME}/{_REPO})/(?:actions/runs/\d+/job|runs)/(\d{{1,20}})/?$")
_RUN_PAGE = re.compile(rf"/({_NAME}/{_REPO})/actions/runs/\d+(?:/attempts/\d+)?/?$")


class Spot(Struct, frozen=True, kw_only=True):
    """An issue or a pull request."""

    repository: str
    number: int

    def __str__(self) -> str:
        return f"{self.repository}#{self.number}"


class Places(Struct, frozen=True):
    """Reads the URLs of one GitHub (github.com, or a GHES)."""

    web: str = "https://github.com"

    @property
    def host(self) -> str:
        """The host, with its port where it has one."""
        return urlsplit(self.web).netloc.lower()

    def _path(self, url: str) -> str | None:
        """The path of a URL on this GitHub, or None."""
        try:
            parts = urlsplit(url.strip())
        except ValueError:
            return None
        hosts = {self.host, f"www.{self.host}"}
        if parts.scheme not in {"http", "https"} or parts.netloc.lower() not in hosts:
            return None
        return parts.path

    def thread(self, place: str) -> Spot | None:
        """The issue or pull request at a URL or written `owner/repo#12`."""
        match = _PLACE.match(place) or _THREAD.match(self._path(place) or "")
        return Spot(repository=match[1], number=int(match[2])) if match else None

    def tracker(self, url: str) -> str | None:
        """The repository whose issues a tracker's URL means."""
        match = _TRACKER.match(self._path(url) or "")
        return match[1].removesuffix(".git") if match else None

    def job_page(self, url: str) -> tuple[str, int] | None:
        """Repository and job of an Actions job's page."""
        match = _JOB_PAGE.match(self._path(url) or "")
        return (match[1], int(match[2])) if match else None

    def is_run_page(self, url: str) -> bool:
        """Whether a URL leads to a whole Actions run."""
        return bool(_RUN_PAGE.match(self._path(url) or ""))

    def job_key(self, repository: str, job: int) -> str:
        """What all events that announce this Actions job agree on."""
        return f"github:{self.host}/{repository.lower()}/{job}"

    def log_key(self, repository: str, url: str) -> str:
        """What all events agree on that announce the log at this URL."""
        digest = hashlib.sha256(url.encode()).hexdigest()[:24]
        return f"github:{self.host}/{repository.lower()}/log-{digest}"

    def issue_url(self, spot: Spot) -> str:
        """Where people read it."""
        return f"{self.web}/{spot.repository}/issues/{spot.number}"

    def new_issue(self, repository: str) -> str:
        """Where people open one."""
        return f"{self.web}/{repository}/issues/new"


def job_number(key: str) -> int | None:
    """The Actions job's number in a key; None where the job is another CI's."""
    last = key.rpartition("/")[2]
    return int(last) if key.startswith("github:") and last.isdigit() else None
