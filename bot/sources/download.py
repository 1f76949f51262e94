"""Streaming downloads from hosts that strangers name: caps on size and time, and no way into the house.

A log's URL stands in a comment or an event, so whoever writes those chooses it. Therefore: only hosts that the
operator listed; only http and https; the address that is really connected to is checked, not a name looked up before
(a resolver that answers twice differently gains nothing); private addresses only for hosts that are listed for them;
redirects are followed by hand and checked again; no credentials are sent along unless the caller gives headers for
the first request, and they never survive a redirect to another origin.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import socket
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from msgspec import Struct
from yarl import URL

from bot.errors import Gone, Permanent, Refused, Transient

MOST_REDIRECTS = 5
CHUNK = 1 << 16
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Guard(Struct, frozen=True, kw_only=True):
    """Which hosts may be asked, and which of them may live at private addresses. `host`, `host:port` or `*.domain`."""

    hosts: tuple[str, ...] = ()
    private: tuple[str, ...] = ()

    def allows(self, url: URL) -> bool:
        """Whether a URL's host is listed at all."""
        return any(_matches(pattern, url) for pattern in (*self.hosts, *self.private))

    def allows_private(self, url: URL) -> bool:
        """Whether a URL's host may live at a private or loopback address."""
        return any(_matches(pattern, url) for pattern in self.private)

    def check(self, url: URL) -> None:
        """Raise `Refused` for a URL that may not be asked."""
        if url.scheme not in {"http", "https"} or not url.host:
            raise Refused("only http and https addresses are fetched")
        if url.user or url.password:
            raise Refused("an address with credentials in it is not fetched")
        if not self.allows(url):
            raise Refused(f"the host {url.host} is not among the log hosts; list it in UPRIVER_LOG_HOSTS")
        literal = _literal(url.host)
        if literal is not None and not is_public(literal) and not self.allows_private(url):
            raise Refused(f"{url.host} is a private address; list it in UPRIVER_PRIVATE_LOG_HOSTS")

    def with_(self, *, hosts: tuple[str, ...] = (), private: tuple[str, ...] = ()) -> Guard:
        """A guard that allows more."""
        return Guard(hosts=(*self.hosts, *hosts), private=(*self.private, *private))


def _matches(pattern: str, url: URL) -> bool:
    host, port = _split(pattern.strip().lower())
    if port is not None and port != url.port:
        return False
    asked = (url.host or "").lower().rstrip(".")
    if host.startswith("*."):
        return asked.endswith(host[1:]) and len(asked) > len(host) - 1
    return asked == host


def _split(pattern: str) -> tuple[str, int | None]:
    """Host and port of a pattern; an IPv6 address stands in brackets where a port follows."""
    if pattern.startswith("["):
        host, _, port = pattern[1:].partition("]")
        return host, int(port[1:]) if port[1:].isdigit() else None
    host, colon, port = pattern.rpartition(":")
    if colon and port.isdigit() and ":" not in host:
        return host, int(port)
    return pattern, None


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address is one of the public Internet, looking through IPv6's ways of writing an IPv4 address."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None:
            return False
    return address.is_global and not address.is_multicast


class _CheckedResolver(AbstractResolver):
    """Resolves names and hands out only addresses that the guard allows: what it hands out is what is connected to."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        rows = await loop.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        private = self._guard.allows_private(URL.build(scheme="http", host=host, port=port or 80))
        results: list[ResolveResult] = []
        for found, _, proto, _, address in rows:
            literal = _literal(str(address[0]).partition("%")[0])
            if literal is not None and (private or is_public(literal)):
                results.append(
                    ResolveResult(
                        hostname=host,
                        host=str(address[0]),
                        port=port,
                        family=found,
                        proto=proto,
                        flags=socket.AI_NUMERICHOST,
                    )
                )
        if not results:
            raise OSError(None, f"{host} resolves to private addresses only")
        return results

    async def close(self) -> None:
        """Nothing is held."""


class Downloaded(Struct, frozen=True, kw_only=True):
    """What came: where it is, how much, and whether the cap cut it."""

    path: Path
    url: str
    bytes: int
    cut: bool
    content_type: str


class Downloader:
    """One guarded client. Close it."""

    def __init__(self, guard: Guard, *, seconds: float = 300.0, idle_seconds: float = 30.0) -> None:
        """`seconds` bounds a whole download, `idle_seconds` the wait for its next bytes."""
        self._guard = guard
        self._timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=idle_seconds, sock_read=idle_seconds)
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """End the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def fetch(
        self, url: str, to: Path, *, most: int, headers: Mapping[str, str] | None = None, partial: bool = True
    ) -> Downloaded:
        """Stream a URL to a file, at most `most` bytes after HTTP's own compression; written whole or not at all.

        What is longer is cut and said to be, or refused where `partial` is false. Raises `Gone` for 404 and 410,
        `Refused` for what may not be asked, `Transient` for what may pass.
        """
        scratch = to.with_name(to.name + ".part")
        try:
            async with self._asking(url, headers) as answer:
                written, cut = await _spool(answer, scratch, most)
                if cut and not partial:
                    raise Permanent(f"{answer.url.host} serves more than {most} bytes")
                kind = answer.content_type
                final = str(answer.url)
            scratch.replace(to)
        finally:
            scratch.unlink(missing_ok=True)
        return Downloaded(path=to, url=final, bytes=written, cut=cut, content_type=kind)

    async def json(self, url: str, *, most: int = 8 << 20, headers: Mapping[str, str] | None = None) -> Any:
        """A small JSON document. Raises as `fetch`, and `Transient` for what is no JSON (a proxy's page)."""
        async with self._asking(url, headers) as answer:
            body = bytearray()
            async for part in _decoded(answer):
                body += part
                if len(body) > most:
                    raise Permanent(f"{answer.url.host} answers with more than {most} bytes")
        try:
            return json.loads(bytes(body))
        except (ValueError, RecursionError) as error:
            raise Transient(f"{URL(url).host} answered with something that is no JSON") from error

    @asynccontextmanager
    async def _asking(self, url: str, headers: Mapping[str, str] | None) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer to a GET behind at most `MOST_REDIRECTS` checked redirects; its errors as ours."""
        try:
            async with await self._follow(_parsed(url), dict(headers or {})) as answer:
                _raise_for(answer)
                yield answer
        except zlib.error as error:
            raise Permanent(f"{_parsed(url).host} sends a broken compression") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            name = type(error).__name__
            raise Transient(f"{_parsed(url).host} could not be read: {name}: {error}"[:300]) from error

    async def _follow(self, url: URL, headers: dict[str, str]) -> aiohttp.ClientResponse:
        for _ in range(MOST_REDIRECTS + 1):
            self._guard.check(url)
            answer = await self._open().get(
                url, headers={"Accept-Encoding": "gzip, deflate", **headers}, allow_redirects=False
            )
            where = answer.headers.get("Location")
            if answer.status not in _REDIRECTS or not where:
                return answer
            answer.release()
            following = url.join(_parsed(where))
            if (following.scheme, following.host, following.port) != (url.scheme, url.host, url.port):
                headers = {}
            url = following
        raise Refused(f"{url.host} redirects more than {MOST_REDIRECTS} times")

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            # Own decompression, so that the cap holds for what comes out of it, and no proxy or netrc of the machine.
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(resolver=_CheckedResolver(self._guard), use_dns_cache=False, limit=16),
                timeout=self._timeout,
                auto_decompress=False,
                trust_env=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


def _parsed(url: str) -> URL:
    try:
        return URL(url)
    except ValueError as error:
        raise Refused("an address is malformed") from error


def _raise_for(answer: aiohttp.ClientResponse) -> None:
    status, host = answer.status, answer.url.host
    if status in {200, 206}:
        return
    if status in {404, 410}:
        raise Gone(f"{host} says {status}: it is not there (any more)")
    if status in {401, 403}:
        raise Refused(f"{host} says {status}")
    if status in {408, 425, 429} or status >= 500:
        raise Transient(f"{host} says {status}", retry_after=_seconds(answer.headers.get("Retry-After")))
    raise Permanent(f"{host} says {status}")


def _seconds(text: str | None) -> float | None:
    return float(text) if text is not None and text.isdigit() and len(text) < 7 else None


async def _decoded(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """The body without HTTP's own compression, in bounded parts."""
    coding = answer.headers.get("Content-Encoding", "").strip().lower()
    if coding in {"", "identity"}:
        async for part in answer.content.iter_chunked(CHUNK):
            yield part
        return
    if coding not in {"gzip", "x-gzip", "deflate"}:
        raise Permanent(f"{answer.url.host} compresses with {coding[:20]!r}, which was not asked for")
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)
    async for part in answer.content.iter_chunked(CHUNK):
        waiting = part
        while waiting:
            made = inflate.decompress(waiting, CHUNK * 4)
            if made:
                yield made
            if inflate.eof and inflate.unused_data:
                waiting, inflate = inflate.unused_data, zlib.decompressobj(zlib.MAX_WBITS | 32)
            else:
                waiting = inflate.unconsumed_tail


async def _spool(answer: aiohttp.ClientResponse, to: Path, most: int) -> tuple[int, bool]:
    """Write the body, at most so many bytes; how many, and whether there were more."""
    written = 0
    with to.open("wb") as file:
        async for part in _decoded(answer):
            room = most - written
            file.write(part[:room])
            written += min(len(part), room)
            if len(part) > room:
                return written, True
    return written, False
