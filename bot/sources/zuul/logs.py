"""A build's material, streamed to a folder within the caps."""

from __future__ import annotations

import asyncio
import contextlib
import fnmatch
import gzip
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from bot.errors import Gone, Permanent, Refused, Transient
from bot.model import Trust
from bot.ports import Spooled
from bot.sources.download import Downloader
from bot.sources.zuul.api import Build, ZuulSite, build_page, last_green, look_up
from bot.sources.zuul.places import LOGS, Place, below, beside, in_listing, in_manifest, logs_at, well_known

TRUSTED = ("gate", "gate-*", "*-gate", "post", "periodic", "periodic-*", "promote", "release", "tag", "nightly")
"""Pipelines that run what was approved or merged; check pipelines run anybody's change."""

_NOT_HERE = (Gone, Refused)
"""Try the next name: an object store that may not be listed says 403 of what it does not have."""


class Caps(Struct, frozen=True, kw_only=True):
    """How much is fetched of one job, in bytes."""

    log: int = 512 << 20
    artifact: int = 64 << 20


def trust_of(pipeline: str, trusted: Iterable[str] = TRUSTED) -> Trust:
    """Who could have written a log of that pipeline. The pipeline must be the API's word, not a comment's."""
    known = bool(pipeline) and any(fnmatch.fnmatchcase(pipeline, pattern) for pattern in trusted)
    return Trust.TRUSTED if known else Trust.UNTRUSTED


class ZuulLogs:
    """Builds and logs of one Zuul, or of a CI that has no API (`site` None)."""

    def __init__(self, client: Downloader, site: ZuulSite | None, caps: Caps | None = None) -> None:
        self._client = client
        self._site = site
        self._caps = caps or Caps()

    async def build(self, url: str) -> Build | None:
        """The build behind its page's URL, as the API has it; None where the URL is no such page or there is no API."""
        page = build_page(url)
        if page is None or self._site is None:
            return None
        return await look_up(self._client, self._site, page)

    async def spool(self, url: str, folder: Path) -> Spooled:
        """Fetch what is behind a result's URL. Raises `Gone` where the log has expired or was never there."""
        build = await self.build(url)
        if build is None:
            log, at = await self._plain_log(url, folder / "log")
            return Spooled(log=log, artifacts=await self._artifacts(beside(at), folder))
        if not build.log_url:
            raise Gone(f"the build left no log: {build.detail or build.result or 'no reason given'}"[:300])
        log = await self._first([below(build.log_url, name) for name in LOGS], folder / "log")
        artifacts = await self._artifacts(await self._places(build), folder)
        return Spooled(log=log, passing=await self._passing(build, folder), artifacts=artifacts)

    async def _places(self, build: Build) -> Sequence[Place]:
        """The artifacts that the manifest lists; the well-known ones where there is no manifest."""
        if build.manifest:
            with contextlib.suppress(Gone, Permanent):
                return in_manifest(await self._client.json(build.manifest, most=32 << 20), build.log_url)
        return well_known(build.log_url)

    async def _artifacts(self, places: Sequence[Place], folder: Path) -> tuple[tuple[str, Path], ...]:
        """Those of some artifacts that are there."""
        return tuple([row for place in places if (row := await self._artifact(place, folder)) is not None])

    async def _artifact(self, place: Place, folder: Path) -> tuple[str, Path] | None:
        """One artifact, unpacked; None where it is not there, too big or broken: the log remains."""
        to = folder / f"artifact-{place.name.replace('/', '__')[-120:]}"
        name = place.name.removesuffix(".gz")
        if to.with_suffix(to.suffix + ".plain").exists():
            return name, to.with_suffix(to.suffix + ".plain")
        with contextlib.suppress(Gone, Permanent):
            got = await self._client.fetch(place.url, to, most=self._caps.artifact, partial=False)
            if got.content_type == "text/html":
                return None
            return name, await asyncio.to_thread(_unpacked, to, self._caps.artifact)
        return None

    async def _passing(self, build: Build, folder: Path) -> Path | None:
        """The last green build's log. It helps, and nothing fails for want of it."""
        if self._site is None:
            return None
        with contextlib.suppress(Gone, Permanent, Transient):
            green = await last_green(self._client, self._site, build)
            if green is not None:
                return await self._first([below(green.log_url, name) for name in LOGS], folder / "passing")
        return None

    async def green(self, url: str, since: datetime, folder: Path) -> Path | None:
        """The log of the newest build like that one which began after an instant and passed; None where none is known."""
        build = await self.build(url)
        if build is None or self._site is None:
            return None
        passed = await last_green(self._client, self._site, build, since)
        return await self._first([below(passed.log_url, name) for name in LOGS], folder / "green") if passed else None

    async def _first(self, urls: Sequence[str], to: Path) -> Path:
        """The log at the first of some URLs that is there."""
        for url in urls[:-1]:
            with contextlib.suppress(*_NOT_HERE):
                return await self._log(url, to)
        return await self._log(urls[-1], to)

    async def _log(self, url: str, to: Path) -> Path:
        """One log; a page that a server shows instead of an error is none."""
        got = await self._client.fetch(url, to, most=self._caps.log)
        if got.content_type == "text/html" and not url.endswith((".html", ".htm")):
            await asyncio.to_thread(to.unlink)
            raise Gone("the log server shows a page in place of the log")
        return to

    async def _plain_log(self, url: str, to: Path) -> tuple[Path, str]:
        """The log behind another CI's URL, and where: by the URL's form, else by the folder's listing, else the URL itself."""
        for candidate in logs_at(url):
            with contextlib.suppress(*_NOT_HERE):
                return await self._log(candidate, to), candidate
        got = await self._client.fetch(url, to, most=self._caps.log)
        if got.content_type != "text/html":
            return to, got.url
        page = (await asyncio.to_thread(to.read_bytes))[:2_000_000].decode("utf-8", "replace")
        await asyncio.to_thread(to.unlink)
        for candidate in in_listing(page, got.url):
            with contextlib.suppress(*_NOT_HERE):
                return await self._log(candidate, to), candidate
        raise Gone("no log was found behind the CI's link")


def _unpacked(path: Path, most: int) -> Path:
    """The file without gzip, if it has it, in `.plain` beside it. Raises `Refused` for a bomb or a broken one."""
    plain = path.with_suffix(path.suffix + ".plain")
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    if not packed:
        path.replace(plain)
        return plain
    scratch = path.with_suffix(path.suffix + ".part")
    try:
        whole = _unpack(path, scratch, most)
    except (OSError, EOFError, zlib.error) as error:
        scratch.unlink(missing_ok=True)
        raise Refused("an artifact is broken") from error
    if not whole:
        scratch.unlink()
        raise Refused("an artifact unpacks to more than is allowed")
    path.unlink()
    scratch.replace(plain)
    return plain


def _unpack(path: Path, to: Path, most: int) -> bool:
    """Whether all of a gzip file fitted into so many bytes."""
    written = 0
    with gzip.open(path, "rb") as source, to.open("wb") as target:
        while chunk := source.read(1 << 16):
            written += len(chunk)
            if written > most:
                return False
            target.write(chunk)
    return True
