"""The parts of GitHub's webhooks that are read, and nothing else.

Lenient on purpose: GitHub's own published examples fail its own schemas, fields come and go, and a delivery that can't
be understood must cost a line in the log, not the service.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

ModelT = TypeVar("ModelT", bound=BaseModel)


def _instant(value: Any) -> Any:
    """An instant, or None for what is none: a wrong date is no reason to miss a failure."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _text(value: Any) -> Any:
    return "" if value is None else value


Instant = Annotated[datetime | None, BeforeValidator(_instant)]
Text = Annotated[str, BeforeValidator(_text)]


class Part(BaseModel):
    """A part of a payload."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Account(Part):
    """Who."""

    login: Text = ""
    id: int = 0
    type: Text = "User"

    @property
    def machine(self) -> bool:
        """Whether it is an App or a bot account."""
        return self.type == "Bot" or self.login.endswith("[bot]")


class Repository(Part):
    """Where."""

    full_name: str
    private: bool = False
    default_branch: Text = ""
    html_url: Text = ""


class Installation(Part):
    """Through which installation of ours."""

    id: int


class Ref(Part):
    """A pull request's head or base, as runs and checks name it."""

    ref: Text = ""
    sha: Text = ""


class PullRef(Part):
    """A pull request that a run or a check names."""

    number: int
    base: Ref = Ref()


class Envelope(Part):
    """What every event may carry."""

    action: Text = ""
    repository: Repository | None = None
    sender: Account | None = None
    installation: Installation | None = None


class WorkflowJob(Part):
    """`workflow_job`."""

    id: int
    run_id: int = 0
    run_attempt: int | None = 1
    name: Text = ""
    workflow_name: Text = ""
    head_sha: Text = ""
    head_branch: Text = ""
    conclusion: Text = ""
    html_url: Text = ""
    completed_at: Instant = None


class WorkflowJobEvent(Envelope):
    """`workflow_job`."""

    workflow_job: WorkflowJob


class App(Part):
    """The App behind a check run."""

    slug: Text = ""


class Suite(Part):
    """A check suite."""

    head_branch: Text = ""


class CheckRun(Part):
    """`check_run`."""

    id: int
    name: Text = ""
    head_sha: Text = ""
    conclusion: Text = ""
    details_url: Text = ""
    html_url: Text = ""
    completed_at: Instant = None
    app: App | None = None
    check_suite: Suite | None = None
    pull_requests: tuple[PullRef, ...] = ()


class CheckRunEvent(Envelope):
    """`check_run`."""

    check_run: CheckRun


class WorkflowRun(Part):
    """`workflow_run`."""

    id: int
    conclusion: Text = ""


class WorkflowRunEvent(Envelope):
    """`workflow_run`."""

    workflow_run: WorkflowRun


class Branch(Part):
    """A branch that holds a commit."""

    name: Text = ""


class StatusEvent(Envelope):
    """`status`, which has no action."""

    sha: Text = ""
    state: Text = ""
    context: Text = ""
    target_url: Text = ""
    updated_at: Instant = None
    branches: tuple[Branch, ...] = ()


class Comment(Part):
    """A comment or a review."""

    id: int
    body: Text = ""
    user: Account | None = None
    author_association: Text = ""
    html_url: Text = ""
    created_at: Instant = None
    updated_at: Instant = None
    submitted_at: Instant = None
    performed_via_github_app: dict[str, Any] | None = None

    @property
    def machine(self) -> bool:
        """Whether a machine wrote it, or nobody that is known."""
        return self.user is None or self.user.machine or self.performed_via_github_app is not None


class Numbered(Part):
    """An issue or a pull request."""

    number: int


class IssueCommentEvent(Envelope):
    """`issue_comment`."""

    issue: Numbered
    comment: Comment


class ReviewEvent(Envelope):
    """`pull_request_review`."""

    pull_request: Numbered
    review: Comment


class ReviewCommentEvent(Envelope):
    """`pull_request_review_comment`."""

    pull_request: Numbered
    comment: Comment


def read(model: type[ModelT], payload: bytes) -> ModelT | None:
    """The payload as the model, or None where it is none."""
    try:
        return model.model_validate_json(payload)
    except ValidationError:
        return None
