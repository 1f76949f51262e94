"""HTTP with bounds: on time, on size, on redirects, on a host that keeps failing.

`requests` bounds the silence between two packets, not a whole exchange: a server that drips one byte a second would
hold a job for hours. So each exchange runs in a daemon thread of its own, whose asker leaves when its time is up.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from threading import Lock, Thread
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from msgspec import Struct, field

from bot.indexes.budget import Budget
from bot.indexes.limits import Limits
from bot.indexes.trouble import Absent, Bound, Refused, Unknown

if TYPE_CHECKING:
    import requests

CHUNK = 1 << 16
AGAIN_SECONDS = 0.3
PASSING = frozenset({429, 500, 502, 503, 504})
"""Statuses that are worth one more try."""


class Answer(Struct, frozen=True, kw_only=True):
    """One response, read whole."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes


class Tally(Struct):
    """What the network cost so far."""

    requests: int = 0
    bytes: int = 0
    seconds: float = 0.0


class _Host(Struct):
    """How a host behaved lately."""

    failures: int = 0
    until: float = 0.0
    why: str = ""


class _Exchange(Struct):
    """What a thread left for its asker."""

    answer: Answer | None = None
    error: BaseException | None = None


class Transport(Struct):
    """GETs over pooled sessions. Thread-safe."""

    limits: Limits
    credentials: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Host (with port) to user and password; sent to that host and to no other."""
    tally: Tally = field(default_factory=Tally)
    _pace: float = 0.0
    """Seconds that an answer took lately, recent ones weighing more."""
    _idle: list[requests.Session] = field(default_factory=list)
    _hosts: dict[str, _Host] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, url: str, budget: Budget, *, most: int, headers: Mapping[str, str] | None = None) -> Answer:
        """GET a URL: 200, 206 and 304 are answers, the rest raises; so does a body of more than `most` bytes.

        A failure that may pass is tried once more.
        """
        host = _host(url)
        self._open(host)
        answer = self._settled(url, budget, most, headers or {})
        if answer.status in PASSING:
            self._failed(host, f"{host} answered {answer.status}")
            raise Unknown(f"the index answered {answer.status}")
        self._worked(host)
        if answer.status in {404, 410}:
            raise Absent(f"the index answered {answer.status}")
        if answer.status not in {200, 206, 304}:
            raise Refused(f"the index answered {answer.status}")
        return answer

    @property
    def slow(self) -> bool:
        """Whether answers took too long lately."""
        return self._pace > self.limits.slow_seconds

    def _settled(self, url: str, budget: Budget, most: int, headers: Mapping[str, str]) -> Answer:
        """The response, or that of a second try where the first failed in a way that may pass soon."""
        for tries_left in (1, 0):
            try:
                answer = self._exchange(url, budget, most, headers)
                if answer.status not in PASSING or not tries_left:
                    return answer
            except _Broken as error:
                if not tries_left or error.silence:
                    self._failed(_host(url), str(error))
                    raise Unknown(str(error)) from error
            time.sleep(min(AGAIN_SECONDS, budget.seconds()))
        raise AssertionError  # the second try returned or raised

    def _exchange(self, url: str, budget: Budget, most: int, headers: Mapping[str, str]) -> Answer:
        """One try in a thread of its own, left alone when the question's time is up."""
        budget.request()
        started = time.monotonic()
        patience = budget.seconds()
        left = _Exchange()
        thread = Thread(target=self._run, args=(left, url, started + patience, most, headers), daemon=True)
        thread.start()
        thread.join(patience)
        spent = time.monotonic() - started
        with self._lock:
            self.tally.requests += 1
            self.tally.seconds += spent
            self._pace = 0.6 * self._pace + 0.4 * spent
            self.tally.bytes += len(left.answer.body) if left.answer else 0
        if left.error is not None:
            raise left.error
        if left.answer is None:
            self._failed(_host(url), "the index was too slow")
            raise Bound(f"the index did not answer within {patience:.0f} s")
        budget.spend(len(left.answer.body))
        return left.answer

    def _run(self, left: _Exchange, url: str, until: float, most: int, headers: Mapping[str, str]) -> None:
        """The thread's work: the response or the error, for whoever still waits."""
        import requests
        from urllib3.exceptions import HTTPError, ReadTimeoutError

        session = self._borrow()
        try:
            left.answer = self._follow(session, url, until, most, headers)
        except Unknown as error:
            left.error = error
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            left.error = _Broken(
                f"the index could not be reached: {type(error).__name__}",  # its text may hold a login
                silence=isinstance(error, requests.Timeout | TimeoutError | ReadTimeoutError),
            )
            session.close()
        finally:
            self._return(session)

    def _follow(
        self, session: requests.Session, url: str, until: float, most: int, headers: Mapping[str, str]
    ) -> Answer:
        """Follow redirects, few and never from https down to http."""
        for _ in range(self.limits.redirects + 1):
            answer = self._once(session, url, until, most, headers)
            if answer.status not in {301, 302, 303, 307, 308}:
                return answer
            onward = urljoin(url, answer.headers.get("location", ""))
            if urlsplit(url).scheme == "https" and urlsplit(onward).scheme != "https":
                raise Unknown("the index redirects from https to something else")
            url = onward
        raise Unknown("the index redirects without end")

    def _once(self, session: requests.Session, url: str, until: float, most: int, headers: Mapping[str, str]) -> Answer:
        """One request, its body read in parts against the clock and the cap."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"}:
            raise Unknown(f"the index names an address that is not HTTP: {parts.scheme}:")
        host = _host(url)
        with session.get(
            url,
            headers=dict(headers),
            auth=self.credentials.get(host),
            stream=True,
            allow_redirects=False,
            timeout=(self.limits.connect_seconds, self.limits.read_seconds),
        ) as response:
            promised = response.headers.get("content-length", "")
            if promised.isdigit() and int(promised) > most:
                raise Bound(f"the index would send more than {most >> 10} KiB for one file")
            body = bytearray()
            while part := response.raw.read1(CHUNK, decode_content=True):
                body += part
                if len(body) > most:
                    raise Bound(f"the index sent more than {most >> 10} KiB for one file")
                if time.monotonic() > until:
                    raise Bound("the index was too slow")
            lower = {name.lower(): value for name, value in response.headers.items()}
            return Answer(status=response.status_code, url=url, headers=lower, body=bytes(body))

    def _borrow(self) -> requests.Session:
        """A session that nobody uses; sessions are not for two threads at once."""
        with self._lock:
            if self._idle:
                return self._idle.pop()
        import requests

        session = requests.Session()
        if not (os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")):
            for name in ("PIP_CERT", "SSL_CERT_FILE"):
                if os.environ.get(name):
                    session.verify = os.environ[name]
                    break
        return session

    def _return(self, session: requests.Session) -> None:
        with self._lock:
            self._idle.append(session)

    def close(self) -> None:
        """Close what is idle."""
        with self._lock:
            idle, self._idle = self._idle, []
        for session in idle:
            session.close()

    def _open(self, host: str) -> None:
        """Raise where the host failed so often lately that it is left alone."""
        with self._lock:
            state = self._hosts.get(host)
            if state and state.failures >= self.limits.failures and time.monotonic() < state.until:
                raise Unknown(f"left alone after {state.failures} failures in a row: {state.why}")

    def _failed(self, host: str, why: str) -> None:
        with self._lock:
            state = self._hosts.setdefault(host, _Host())
            state.failures += 1
            state.why = why
            state.until = time.monotonic() + self.limits.pause_seconds

    def _worked(self, host: str) -> None:
        with self._lock:
            self._hosts.pop(host, None)


class _Broken(Exception):
    """The connection failed."""

    def __init__(self, message: str, *, silence: bool) -> None:
        super().__init__(message)
        self.silence = silence
        """Whether it was waited for in vain: then another try would cost as much again."""


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]
