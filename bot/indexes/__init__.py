"""The package index: releases, files, metadata, API differences; cached, as of an instant."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from bot.indexes.archives import Archives
from bot.indexes.cache import Cache
from bot.indexes.catalogue import Catalogue
from bot.indexes.index import PackageIndex
from bot.indexes.limits import Limits
from bot.indexes.transport import Transport


def open_index(
    *,
    cache_dir: Path,
    index_url: str | None = None,
    extra: Sequence[str] = (),
    offline: bool = False,
    credentials: tuple[str, str] | None = None,
    limits: Limits | None = None,
) -> PackageIndex:
    """The index at `index_url` and those in `extra`, behind a cache in `cache_dir`.

    Without an address it is the one that the client library knows. `credentials` (user, password) are sent to the
    host of `index_url`, and those in an address to its host, and nowhere else. `offline` uses the cache alone.
    """
    limits = limits or Limits()
    urls: list[str | None] = []
    known: dict[str, tuple[str, str]] = {}
    for number, given in enumerate([index_url or None, *extra]):
        if given is None:
            urls.append(None)
            continue
        url, own = _apart(given)
        urls.append(url)
        login = own or (credentials if number == 0 else None)
        if login is not None:
            known[urlsplit(url).netloc] = login
    cache = Cache(Path(cache_dir), limits.cache_bytes)
    transport = None if offline else Transport(limits, known)
    catalogue = Catalogue(urls, cache, transport, limits)
    return PackageIndex(cache, catalogue, Archives(cache, transport, limits), transport, limits)


def _apart(given: str) -> tuple[str, tuple[str, str] | None]:
    """An index's address with its slash at the end, and the login that it carried."""
    parts = urlsplit(given.strip())
    login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    bare = parts._replace(
        netloc=parts.netloc.rpartition("@")[2], path=parts.path.rstrip("/") + "/", query="", fragment=""
    )
    return urlunsplit(bare), login


__all__ = ["Limits", "PackageIndex", "open_index"]
