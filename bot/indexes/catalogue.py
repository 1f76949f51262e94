"""Listings by project: from memory, from disk, or from the indexes, validated where they could have grown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from bot.indexes.budget import Budget
from bot.indexes.cache import Cache
from bot.indexes.limits import Limits
from bot.indexes.listing import Listing, merge_files, merge_times, pack, read_legacy, read_simple, unpack
from bot.indexes.stripes import Recent, Stripes
from bot.indexes.transport import Answer, Transport
from bot.indexes.trouble import Absent, Offline, Refused, Unknown, Unsound

ACCEPT = (
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"
    # PEP 691's own order of preference
)


FORMAT = 2
"""Raised where listings are packed otherwise."""
LISTINGS = 64
"""So many are held in memory; some are large."""


class Known(NamedTuple):
    """A listing and where it is from."""

    listing: Listing
    source: str
    doubt: str = ""
    """Why it may lack something."""


class Catalogue(Struct):
    """Listings as of an instant. Thread-safe; one project is fetched by one thread at a time."""

    urls: Sequence[str | None]
    """Simple API addresses, each ending in a slash; None stands for the one that the client library defaults to."""
    cache: Cache
    transport: Transport | None
    """None: offline."""
    limits: Limits
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _memory: Recent[Listing] = field(default_factory=lambda: Recent(LISTINGS))
    _busy: Stripes = field(default_factory=Stripes)

    def listing(self, project: str, as_of: datetime | None, budget: Budget) -> Known:
        """What is listed of a project, good for the instant; raises Unknown where it can't be had."""
        with self._busy.of(project):
            held = self._held(project)
            if held is not None and self._good(held, as_of):
                return Known(held, "cache")
            if self.transport is None:
                return self._offline(project, held)
            try:
                fresh = self._fetch(project, budget)
            except Absent:
                fresh = Listing(project, (), self.clock(), exists=False)
            except Unknown as error:
                if held is None:
                    raise
                return Known(held, "cache", f"{error}; as listed on {held.fetched:%Y-%m-%d %H:%M}")
            self._memory.put(project, fresh)
            self.cache.put("listings", self._key(project), pack(fresh))
            return Known(fresh, "index")

    def _offline(self, project: str, held: Listing | None) -> Known:
        """What can be said without the network."""
        if held is None:
            raise Offline(f"the releases of {project}")
        return Known(held, "cache", f"offline; as listed on {held.fetched:%Y-%m-%d %H:%M}")

    def _good(self, held: Listing, as_of: datetime | None) -> bool:
        """Whether a listing names all that was there at the instant."""
        age = (self.clock() - held.fetched).total_seconds()
        return age < self.limits.fresh_seconds or held.settled(as_of, self.limits.settle_seconds)

    def _held(self, project: str) -> Listing | None:
        """The listing in memory or on disk."""
        held = self._memory.get(project)
        if held is None:
            data = self.cache.get("listings", self._key(project))
            if data is not None:
                with suppress(ValueError, KeyError, IndexError, TypeError, OSError):
                    held = unpack(project, data)
                    self._memory.put(project, held)
        return held

    def _key(self, project: str) -> str:
        """Listings of different sets of indexes are kept apart."""
        return f"{FORMAT} {self.place} {project}"

    @property
    def place(self) -> str:
        """What tells these indexes from others in the cache."""
        return hashlib.sha256("\n".join(url or "default" for url in self.urls).encode()).hexdigest()[:12]

    # ------------------------------------------------------------------------------------------ the network

    def _fetch(self, project: str, budget: Budget) -> Listing:
        """Ask every index; one that does not have the project is no trouble, one that can't be asked is."""
        found = []
        for url in self.urls:
            with suppress(Absent):
                found.append(self._from(url, project, budget))
        if not found:
            raise Absent("no index has it")
        return found[0] if len(found) == 1 else merge_files(found)

    def _from(self, given: str | None, project: str, budget: Budget) -> Listing:
        """One index's listing: the simple API, with the older JSON for what it lacks or where it is not served."""
        base = given or _default()
        try:
            listing = self._simple(base, project, budget)
        except (Refused, Unsound):
            with suppress(Unknown):
                return self._legacy(base, project, budget)
            raise
        if not listing.timed and listing.files:
            with suppress(Unknown):
                return merge_times(listing, self._legacy(base, project, budget))
        return listing

    def _simple(self, base: str, project: str, budget: Budget) -> Listing:
        """The project's page of the simple API; an unchanged one costs no body (ETag)."""
        url = f"{base}{project}/"
        known = self._validated(url)
        headers = {"Accept": ACCEPT, **(known[0] if known else {})}
        answer = self._get(url, budget, headers)
        if answer.status == 304 and known:
            return replace(unpack(project, known[1]), fetched=self.clock())
        kind = answer.headers.get("content-type", "")
        listing = read_simple(project, answer.body, kind, answer.url, self.clock())
        self._keep_validators(url, answer, listing)
        return listing

    def _validated(self, url: str) -> tuple[dict[str, str], bytes] | None:
        """The validators that the page came with last time, as request headers, and what it said."""
        data = self.cache.get("pages", f"{FORMAT} {url}")
        if data is None:
            return None
        head, _, page = data.partition(b"\n")
        return json.loads(head), page

    def _keep_validators(self, url: str, answer: Answer, listing: Listing) -> None:
        """Remember the page with its validators where it has any."""
        pairs = (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))
        head = {ours: answer.headers[theirs] for ours, theirs in pairs if theirs in answer.headers}
        if head:
            self.cache.put("pages", f"{FORMAT} {url}", json.dumps(head).encode() + b"\n" + pack(listing))

    def _legacy(self, base: str, project: str, budget: Budget) -> Listing:
        """The project's page of the older JSON API, beside the simple one where there is one."""
        if not base.endswith("/simple/"):
            raise Unknown("the index has no older JSON API")
        answer = self._get(f"{base.removesuffix('simple/')}pypi/{project}/json", budget, {"Accept": "application/json"})
        return read_legacy(project, answer.body, self.clock())

    def _get(self, url: str, budget: Budget, headers: dict[str, str]) -> Answer:
        if self.transport is None:
            raise Offline("an index's page")
        return self.transport.get(url, budget, most=self.limits.listing_bytes, headers=headers)


def _default() -> str:
    """The address that the client library defaults to; asked for late, for importing it takes longer than a warm answer."""
    from pypi_simple import PYPI_SIMPLE_ENDPOINT

    return PYPI_SIMPLE_ENDPOINT
