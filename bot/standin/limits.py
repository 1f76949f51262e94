"""Primary and secondary rate limits.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Window:
    """A bucket of requests that empties at `until`."""

    limit: int
    until: datetime
    used: int = 0

    def headers(self, resource: str) -> dict[str, str]:
        """The bucket as GitHub's headers tell it."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "X-RateLimit-Reset": str(int(self.until.timestamp())),
            "X-RateLimit-Used": str(self.used),
            "X-RateLimit-Resource": resource,
        }


@dataclass(slots=True)
class Limits:
    """How much each credential may ask, and what happens beyond."""

    core: int = 5000
    anonymous: int = 60
    search: int = 30
    writes_a_minute: int = 80
    """Content-creating requests: the secondary limit that clients meet first."""
    status: int = 403
    """403 or 429: GitHub uses both."""
    retry_after: int | None = 60
    """The secondary limit's Retry-After; None leaves it out, as GitHub sometimes does."""
    windows: dict[tuple[str, str], Window] = field(default_factory=dict)
    written: dict[str, list[datetime]] = field(default_factory=dict)

    def window(self, who: str, resource: str, at: datetime) -> Window:
        """The bucket of a credential for a resource."""
        found = self.windows.get((who, resource))
        if found is None or found.until <= at:
            limit = self.search if resource == "search" else self.core if who else self.anonymous
            length = MINUTE if resource == "search" else HOUR
            found = self.windows[who, resource] = Window(limit=limit, until=at + length)
        return found

    def write(self, who: str, at: datetime) -> bool:
        """Count a content-creating request; False where there were too many within a minute."""
        recent = [when for when in self.written.get(who, []) if when > at - MINUTE]
        self.written[who] = recent
        if len(recent) >= self.writes_a_minute:
            return False
        recent.append(at)
        return True
