"""What failed where: jobs, changes, what announces them, and what people command."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from bot.model.names import DistributionName


class Trust(StrEnum):
    """Who could have written a log."""

    TRUSTED = "trusted"
    """Default branch, schedule, merge queue, gate, periodic, or an author with write permission."""
    UNTRUSTED = "untrusted"
    """Anybody's change."""


class Change(Struct, frozen=True, kw_only=True):
    """A pull request or a Gerrit change at one revision."""

    id: str
    """The forge's own: `owner/repo#12`, `project~4711`."""
    url: str
    revision: str = ""
    """Head commit, or the patch set's number on Gerrit."""
    author: str = ""
    branch: str = ""
    """The branch that it is proposed to."""


class RequirementEdit(Struct, frozen=True, kw_only=True):
    """A requirement that the change itself edits, as its diff shows it; a bump's trigger."""

    distribution: DistributionName
    before: str | None
    after: str | None


class Edits(Struct, frozen=True, kw_only=True):
    """What the change touches: paths as in the repository, and requirements."""

    paths: tuple[str, ...] = ()
    requirements: tuple[RequirementEdit, ...] = ()
    complete: bool = True
    """False where the forge lists only a part of a big change."""


class Job(Struct, frozen=True, kw_only=True):
    """One finished CI job. Several events announce one Job; `key` is what they agree on."""

    key: str
    """`github:host/owner/repo/job-id`, `zuul:host/tenant/build-uuid`, `generic:scope/idempotency-key`."""
    source: str
    """github, gerrit or generic."""
    project: str
    """The repository as its forge names it: `owner/repo`, `openstack/nova`."""
    name: str
    attempt: int = 1
    url: str = ""
    log_url: str = ""
    change: Change | None = None
    branch: str = ""
    revision: str = ""
    pipeline: str = ""
    """Workflow's path on GitHub, pipeline on Zuul."""
    finished_at: datetime | None = None
    trust: Trust = Trust.UNTRUSTED
    private: bool = False
    distribution: DistributionName | None = None
    """The project's own distribution, where known."""
    installation: str = ""
    """What the source needs to speak for this project: GitHub's installation id, the Gerrit server's name."""
    conclusion: str = "failure"


class Command(Struct, frozen=True, kw_only=True):
    """One slash-command that somebody wrote, not yet authorised."""

    word: str
    argument: str = ""
    actor: str = ""
    """The forge's account id or login, as the forge said it; never what a comment claims."""
    source: str = ""
    where: str = ""
    """The comment's own id at its forge, which acknowledgement and answer refer to."""
    place: str = ""
    """Thread or change on which it was written: `owner/repo#12`, `project~4711`, a tracker URL."""
    installation: str = ""
    association: str = ""
    """GitHub's author_association; used in foreign repositories only."""
    written_at: datetime | None = None
    revision: str = ""
    """What tells an edited comment from its earlier text."""


class Ignored(Struct, frozen=True, kw_only=True):
    """A delivery that announces nothing for us, and why."""

    reason: str


class Removed(Struct, frozen=True, kw_only=True):
    """We were uninstalled: what is known of the installation's projects is to be deleted."""

    installation: str


Announced = Job | tuple[Command, ...] | Removed | Ignored


class Delivery(Struct, frozen=True, kw_only=True):
    """One inbound event, raw, verified."""

    id: str
    source: str
    event: str
    payload: bytes
    received_at: datetime
