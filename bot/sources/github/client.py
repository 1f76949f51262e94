"""Our thin client over gidgethub: what it leaves out that a service needs, and errors as the worker knows them.

What gidgethub 6 does not do by itself (each measured): it follows a redirect of a write as a GET, sends the token to any
absolute URL, shares its cache between tokens, has no time-out and no API version, and knows neither 429 nor the
secondary limit. Nothing is retried here: the worker retries, after `Transient.retry_after`.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, MutableMapping
from typing import Any
from urllib.parse import urljoin

import aiohttp
import gidgethub
from gidgethub.abc import GitHubAPI
from yarl import URL

from bot.errors import Gone, Permanent, Refused, Transient

VERSION = "2022-11-28"
AGENT = "upriver"
LARGEST = 64 << 20
"""Largest answer that is read, in bytes."""
MOST_REDIRECTS = 5
DEFAULT_WAIT = 60.0
"""Seconds to wait where a secondary limit names none: docs.github.com, "Rate limits for the REST API"."""
PAUSE = 1.0
"""Seconds between two writes: docs.github.com, "Best practices for using the REST API"."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Cache(OrderedDict[str, Any], MutableMapping[str, Any]):
    """The newest answers with their ETags. One a token: what A may see is no answer for B."""

    def __init__(self, most: int = 256) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        while len(self) > self._most:
            self.popitem(last=False)


class Client(GitHubAPI):
    """One credential's view of one GitHub's REST API."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        api: str,
        *,
        renew: Callable[[], Awaitable[str]] | None = None,
        drop: Callable[[], None] | None = None,
        pause: float = PAUSE,
        **credentials: Any,
    ) -> None:
        """`renew` gives a token that is still good; `drop` forgets one that GitHub has rejected."""
        super().__init__(AGENT, base_url=api.rstrip("/"), cache=Cache(), **credentials)
        self._session = session
        self._base = URL(self.base_url)
        self._renew = renew
        self._drop = drop
        self._pause = pause
        self._writing = asyncio.Lock()
        self._wrote = 0.0
        self._empty_until: dict[str, float] = {}
        """When a bucket that is empty fills again, by the wall clock, by resource."""

    # -------------------------------------------------------------------------------- verbs

    async def get(self, path: str, /, **fields: Any) -> Any:
        """One thing. Raises `Gone` where it is not there (any more)."""
        with translated(reading=True):
            await self._renewed()
            return await self.getitem(path, fields)

    async def pages(self, path: str, /, *, key: str = "items", most: int = 1000, **fields: Any) -> AsyncIterator[Any]:
        """Every row of a list, at most so many."""
        count = 0
        with translated(reading=True):
            await self._renewed()
            async for row in self.getiter(path, fields, iterable_key=key):
                yield row
                count += 1
                if count >= most:
                    return

    async def location(self, path: str, /, **fields: Any) -> str:
        """Where a redirect leads, without going there."""
        with translated(reading=True):
            await self._renewed()
            try:
                await self.getitem(
                    path, fields, accept="application/vnd.github+json", extra_headers={"x-upriver-stay": "1"}
                )
            except gidgethub.RedirectionException as error:
                where = error.headers.get("Location")
                if where:
                    return urljoin(self.base_url, where)
            raise Transient("GitHub did not say where the file is")

    async def write(self, method: str, path: str, data: Any, /, **fields: Any) -> Any:
        """Change something, once. Raises `Refused` where this credential may not."""
        with translated(reading=False):
            await self._renewed()
            async with self._writing:
                await self.sleep(max(0.0, self._wrote + self._pause - time.monotonic()))
                try:
                    return await (self.post if method == "POST" else self.patch)(path, fields, data=data)
                finally:
                    self._wrote = time.monotonic()

    async def _renewed(self) -> None:
        if self._renew is not None:
            self.oauth_token = await self._renew()

    # -------------------------------------------------------------------------------- gidgethub's surface

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds)

    async def manage_rate_limit(self, *, method: str, url: str) -> None:  # noqa: ARG002 - gidgethub's signature
        """Do not ask where GitHub has said that it will not answer."""
        left = self._empty_until.get(_resource(url), 0.0) - time.time()
        if left > 0:
            raise Transient("the rate limit is used up", retry_after=left)

    async def handle_rate_limit_error(
        self,
        *,
        method: str,  # noqa: ARG002 - gidgethub's signature
        url: str,  # noqa: ARG002 - gidgethub's signature
        exception: gidgethub.HTTPException,
        attempt: int,  # noqa: ARG002 - gidgethub's signature
    ) -> bool:
        """Every limit, primary or secondary, 403 or 429, is the worker's to wait for."""
        wait = waiting(exception)
        if wait is not None:
            raise Transient(f"GitHub's rate limit: {exception}"[:200], retry_after=wait) from exception
        if exception.status_code == 401 and self._drop is not None:
            self._drop()
            raise Transient("GitHub no longer takes the installation's token; a new one is asked for") from exception
        return False

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, Mapping[str, str], bytes]:
        sent = {**headers, "x-github-api-version": VERSION}
        stay = sent.pop("x-upriver-stay", None) is not None
        target = URL(url, encoded="%" in url)
        for _ in range(MOST_REDIRECTS + 1):
            self._check(target)
            status, received, read = await self._once(method, target, sent, body)
            where = received.get("Location")
            if stay or method != "GET" or status not in _REDIRECTS or not where:
                return status, received, read
            target = target.join(URL(where))
        raise Refused("GitHub redirects in circles")

    def _check(self, url: URL) -> None:
        """Only the API's own address gets a token: links and redirects are somebody else's words."""
        if url.origin() != self._base.origin() or not url.path.startswith(self._base.path.rstrip("/") + "/"):
            raise Refused(f"{url.host} is not GitHub's API: it gets no token")

    async def _once(
        self, method: str, url: URL, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes]:
        async with self._session.request(
            method, url, headers=headers, data=body or None, allow_redirects=False
        ) as answer:
            read = await _bounded(answer)
            self._remember(answer.headers)
            return answer.status, answer.headers, read

    def _remember(self, headers: Mapping[str, str]) -> None:
        with contextlib.suppress(KeyError, ValueError):
            resource = headers.get("X-RateLimit-Resource", "core")
            left, reset = int(headers["X-RateLimit-Remaining"]), float(headers["X-RateLimit-Reset"])
            self._empty_until[resource] = reset if left <= 0 else 0.0


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for part in answer.content.iter_chunked(1 << 16):
        body += part
        if len(body) > LARGEST:
            raise Permanent(f"GitHub answers with more than {LARGEST} bytes")
    return bytes(body)


def _resource(url: str) -> str:
    return "search" if "/search/" in url else "core"


def waiting(error: gidgethub.HTTPException) -> float | None:
    """Seconds to wait where an answer means a rate limit, else None.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
    """
    if error.status_code not in {403, 429}:
        return None
    after = error.headers.get("Retry-After", "")
    if after.isdigit() and len(after) < 7:
        return float(after)
    if error.headers.get("X-RateLimit-Remaining") == "0":
        with contextlib.suppress(ValueError):
            return max(1.0, float(error.headers.get("X-RateLimit-Reset", "")) - time.time())
        return DEFAULT_WAIT
    said = str(error).lower()
    if error.status_code == 429 or "secondary rate limit" in said or "abuse detection" in said:
        return DEFAULT_WAIT
    return None


@contextlib.contextmanager
def translated(*, reading: bool) -> Iterator[None]:
    """Vendor errors as ours. What is not there is `Gone` to a reader and `Refused` to a writer."""
    try:
        yield
    except gidgethub.RedirectionException as error:
        raise Refused(f"GitHub redirects: {error}; the repository has moved") from error
    except gidgethub.HTTPException as error:
        raise _ours(error, reading=reading) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Transient(f"GitHub could not be asked: {type(error).__name__}: {error}"[:300]) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        # gidgethub decodes what a proxy or a broken answer holds as if it were GitHub's JSON
        raise Transient(f"GitHub's answer can't be read: {type(error).__name__}") from error


def _ours(error: gidgethub.HTTPException, *, reading: bool) -> Exception:
    status, text = int(error.status_code), f"GitHub says {int(error.status_code)}: {error}"[:300]
    if status >= 500 or status in {408, 409, 425, 429}:
        return Transient(text)
    if status in {404, 410}:
        return Gone(text) if reading else Refused(text)
    if status in {401, 403, 451}:
        return Refused(text)
    return Permanent(text)
