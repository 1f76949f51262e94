"""The stand-in's state: who is who, what there is, and what time it is."""

from __future__ import annotations

import hashlib
import itertools
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.standin.faults import Faults
from bot.standin.limits import Limits
from bot.standin.records import (
    ROLES,
    App,
    Blob,
    Delivery,
    Installation,
    Issue,
    Repository,
    Token,
    User,
)

KEPT_DELIVERIES = timedelta(days=3)
BLOB_LIFE = timedelta(minutes=1)


def now() -> datetime:
    """The wall clock, in whole seconds as GitHub tells the time."""
    return datetime.now(UTC)


@dataclass
class World:
    """Everything that the stand-in knows. One instance is one github.com."""

    api: str = ""
    """The REST API's address, set by the server once it listens."""
    web: str = ""
    blobs_at: str = ""
    clock: Callable[[], datetime] = now
    offset: timedelta = timedelta()
    """How far `advance` moved the clock."""
    index_lag: timedelta = timedelta(seconds=60)
    """How long a new issue stays unknown to search."""
    write_redirect: int = 307
    """What a write to a renamed repository answers; some proxies make it 301."""
    installation_token_life: timedelta = timedelta(hours=1)
    faults: Faults = field(default_factory=Faults)
    limits: Limits = field(default_factory=Limits)
    users: dict[str, User] = field(default_factory=dict)
    apps: dict[int, App] = field(default_factory=dict)
    installations: dict[int, Installation] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    repositories: dict[int, Repository] = field(default_factory=dict)
    moved: dict[str, int] = field(default_factory=dict)
    """Former full names, lower case, with the repository that has moved."""
    deliveries: dict[int, Delivery] = field(default_factory=dict)
    outbox: deque[int] = field(default_factory=deque)
    """Ids of deliveries to be sent."""
    blobs: dict[str, Blob] = field(default_factory=dict)
    manifests: dict[str, tuple[dict[str, object], str, datetime]] = field(default_factory=dict)
    """App manifests by their one-time code, with the owner and the time."""
    grants: dict[str, tuple[int, str]] = field(default_factory=dict)
    """OAuth codes: the App and who signed in."""
    wake: Callable[[], None] = lambda: None
    """Tells the sender that the outbox has something."""
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1001))

    # -------------------------------------------------------------------------------- time and names

    def now(self) -> datetime:
        """What time it is here."""
        return (self.clock() + self.offset).replace(microsecond=0)

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self.offset += timedelta(seconds=seconds)

    def new_id(self) -> int:
        """A number that nothing else has."""
        return next(self._ids)

    def new_sha(self) -> str:
        """A commit's name."""
        return hashlib.sha1(str(self.new_id()).encode(), usedforsecurity=False).hexdigest()

    # -------------------------------------------------------------------------------- who and what

    def user(self, login: str) -> User:
        """The account with that login, made where there is none: people come from nowhere."""
        known = self.users.get(login.lower())
        if known is None:
            kind = "Bot" if login.endswith("[bot]") else "User"
            known = User(id=self.new_id(), login=login, kind=kind, created_at=self.now())
            self.users[login.lower()] = known
        return known

    def find(self, full_name: str) -> Repository | None:
        """The repository that has this name now."""
        wanted = full_name.lower()
        return next((row for row in self.repositories.values() if row.full_name.lower() == wanted), None)

    def repository(self, full_name: str) -> Repository:
        """The repository with that name; `KeyError` where there is none."""
        found = self.find(full_name)
        if found is None:
            raise KeyError(full_name)
        return found

    def role(self, repository: Repository, login: str) -> str:
        """What somebody may do: admin, maintain, write, triage, read or none."""
        if repository.owner.lower() == login.lower():
            return "admin"
        given = {name.lower(): role for name, role in repository.collaborators.items()}.get(login.lower())
        if given:
            return given
        owner = self.user(repository.owner)
        if login.lower() in {name.lower() for name in owner.members}:
            return "read"
        return "none" if repository.private else "read"

    def at_least(self, repository: Repository, login: str, role: str) -> bool:
        """Whether somebody has a role or a higher one."""
        return ROLES.index(self.role(repository, login)) >= ROLES.index(role)

    def association(self, repository: Repository, login: str) -> str:
        """`author_association` as GitHub computes it for an App: private members show as CONTRIBUTOR or NONE."""
        if repository.owner.lower() == login.lower():
            return "OWNER"
        if login.lower() in {name.lower() for name in repository.collaborators}:
            return "COLLABORATOR"
        merged = any(
            issue.pull is not None and issue.pull.merged_at is not None and issue.user.lower() == login.lower()
            for issue in repository.issues.values()
        )
        return "CONTRIBUTOR" if merged else "NONE"

    def installation_of(self, app: App, repository: Repository) -> Installation | None:
        """The App's installation that covers a repository."""
        for row in self.installations.values():
            covers = row.repositories is None or repository.id in row.repositories
            if row.app == app.id and row.account.lower() == repository.owner.lower() and covers:
                return row
        return None

    def covered(self, installation: Installation) -> list[Repository]:
        """The repositories that an installation covers."""
        return [
            row
            for row in self.repositories.values()
            if row.owner.lower() == installation.account.lower()
            and (installation.repositories is None or row.id in installation.repositories)
        ]

    # -------------------------------------------------------------------------------- small stores

    def issue_numbers(self, repository: Repository) -> int:
        """The next free number; issues and pull requests share them."""
        return max(repository.issues, default=0) + 1

    def blob(self, content: bytes, content_type: str, *, misses: int = 0) -> str:
        """An expiring link to some bytes."""
        key = secrets.token_hex(24)
        until = self.now() + BLOB_LIFE
        self.blobs = {name: blob for name, blob in self.blobs.items() if blob.until > self.now()}
        self.blobs[key] = Blob(content=content, content_type=content_type, until=until, misses=misses)
        return f"{self.blobs_at}/{key}?sig={secrets.token_urlsafe(16)}"

    def comments(self, repository: Repository) -> dict[int, tuple[Issue, object]]:
        """Every comment with its issue, by id."""
        return {comment.id: (issue, comment) for issue in repository.issues.values() for comment in issue.comments}

    def recent_deliveries(self, app: App) -> list[Delivery]:
        """An App's deliveries that are still kept, newest first."""
        since = self.now() - KEPT_DELIVERIES
        rows = [row for row in self.deliveries.values() if row.app == app.id and row.delivered_at >= since]
        return sorted(rows, key=lambda row: row.id, reverse=True)
