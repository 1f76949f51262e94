"""What a delivery announces. Pure and quick: it runs in the webhook's request.

GitHub announces one failing Actions job up to four times: `workflow_job`, `check_run` (same id), `workflow_run` (the
whole run, whose jobs are announced one by one) and, where somebody's workflow posts one, `status`. All of them make the
same `Job.key`. Other CIs' checks and statuses are jobs where their log can be had from a host that the operator listed.
"""

from __future__ import annotations

from collections.abc import Callable

from yarl import URL

from bot.commands import parse
from bot.errors import Refused
from bot.model import Announced, Change, Command, Delivery, Ignored, Job, Removed
from bot.pipeline.words import digest
from bot.sources.download import Guard
from bot.sources.github import payloads
from bot.sources.github.places import Places, Spot
from bot.sources.zuul import build_page, job_key

FAILED = frozenset({"failure", "timed_out", "startup_failure"})
"""Conclusions that may be a test's. `cancelled`, `action_required` and `stale` say nothing about the code."""
FAILED_STATES = frozenset({"failure", "error"})
MALFORMED = Ignored(reason="the payload has not the form of its event")
_QUIET = frozenset({"created", "edited", "submitted"})


class Announcer:
    """Reads deliveries. Knows who we are, so that our own comments command nothing."""

    def __init__(self, places: Places, guard: Guard, own: Callable[[], frozenset[str]]) -> None:
        """`own` gives the logins under which we write, lower case."""
        self._places = places
        self._guard = guard
        self._own = own
        self._readers: dict[str, Callable[[bytes], Announced]] = {
            "workflow_job": self._workflow_job,
            "check_run": self._check_run,
            "workflow_run": self._workflow_run,
            "status": self._status,
            "issue_comment": self._issue_comment,
            "pull_request_review": self._review,
            "pull_request_review_comment": self._review_comment,
            "installation": self._uninstalled,
        }

    @property
    def events(self) -> frozenset[str]:
        """The events that may announce something."""
        return frozenset(self._readers)

    def announces(self, delivery: Delivery) -> Announced:
        """A job, commands, or why neither."""
        reader = self._readers.get(delivery.event)
        if reader is None:
            return Ignored(reason=f"{delivery.event} announces neither a job nor a command")
        return reader(delivery.payload)

    def _uninstalled(self, payload: bytes) -> Announced:
        event = payloads.read(payloads.Envelope, payload)
        if event is None or event.installation is None:
            return MALFORMED
        if event.action != "deleted":
            return Ignored(reason=f"installation {event.action}")
        return Removed(installation=_installation(event))

    # -------------------------------------------------------------------------------- jobs

    def _workflow_job(self, payload: bytes) -> Announced:
        event = payloads.read(payloads.WorkflowJobEvent, payload)
        if event is None or event.repository is None:
            return MALFORMED
        job = event.workflow_job
        if event.action != "completed" or job.conclusion not in FAILED:
            return Ignored(reason=f"workflow_job {event.action}: {job.conclusion or 'no conclusion'}")
        return Job(
            key=self._places.job_key(event.repository.full_name, job.id),
            source="github",
            project=event.repository.full_name,
            name=job.name,
            attempt=job.run_attempt or 1,
            url=job.html_url,
            branch=job.head_branch,
            revision=job.head_sha,
            pipeline=job.workflow_name,
            finished_at=job.completed_at,
            private=event.repository.private,
            installation=_installation(event),
            conclusion=job.conclusion,
        )

    def _check_run(self, payload: bytes) -> Announced:
        event = payloads.read(payloads.CheckRunEvent, payload)
        if event is None or event.repository is None:
            return MALFORMED
        check = event.check_run
        if event.action != "completed" or check.conclusion not in FAILED:
            return Ignored(reason=f"check_run {event.action}: {check.conclusion or 'no conclusion'}")
        branch = check.check_suite.head_branch if check.check_suite else ""
        if check.app is not None and check.app.slug == "github-actions":
            key, log = self._places.job_key(event.repository.full_name, check.id), ""
        else:
            found = self._foreign(event.repository.full_name, check.details_url)
            if isinstance(found, Ignored):
                return found
            key, log = found
        return Job(
            key=key,
            source="github",
            project=event.repository.full_name,
            name=check.name,
            url=check.html_url or check.details_url,
            log_url=log,
            change=self._named(event, check),
            branch=branch,
            revision=check.head_sha,
            finished_at=check.completed_at,
            private=event.repository.private,
            installation=_installation(event),
            conclusion=check.conclusion,
        )

    def _named(self, event: payloads.CheckRunEvent, check: payloads.CheckRun) -> Change | None:
        """The pull request where the check names just one. It names none for forks; `complete` asks then."""
        if event.repository is None or len(check.pull_requests) != 1:
            return None
        pull = check.pull_requests[0]
        spot = Spot(repository=event.repository.full_name, number=pull.number)
        return Change(
            id=str(spot),
            url=f"{self._places.web}/{spot.repository}/pull/{spot.number}",
            revision=check.head_sha,
            branch=pull.base.ref,
        )

    def _workflow_run(self, payload: bytes) -> Announced:
        event = payloads.read(payloads.WorkflowRunEvent, payload)
        if event is None:
            return MALFORMED
        return Ignored(reason=f"workflow_run {event.workflow_run.conclusion}: its jobs are announced one by one")

    def _status(self, payload: bytes) -> Announced:
        event = payloads.read(payloads.StatusEvent, payload)
        if event is None or event.repository is None:
            return MALFORMED
        if event.state not in FAILED_STATES:
            return Ignored(reason=f"status {event.state}")
        found = self._foreign(event.repository.full_name, event.target_url)
        if isinstance(found, Ignored):
            return found
        key, log = found
        names = [branch.name for branch in event.branches]
        default = event.repository.default_branch
        return Job(
            key=key,
            source="github",
            project=event.repository.full_name,
            name=event.context,
            url=event.target_url,
            log_url=log,
            branch=default if default in names else names[0] if names else "",
            revision=event.sha,
            finished_at=event.updated_at,
            private=event.repository.private,
            installation=_installation(event),
        )

    def _foreign(self, repository: str, url: str) -> tuple[str, str] | Ignored:
        """Key and log address of a job behind a link, or why it is none."""
        page = self._places.job_page(url)
        if page is not None:
            same = page[0].lower() == repository.lower()
            return (self._places.job_key(*page), "") if same else Ignored(reason="the link leads to another repository")
        if self._places.is_run_page(url):
            return Ignored(reason="the link leads to a whole run: its jobs are announced one by one")
        try:
            self._guard.check(URL(url))
        except (Refused, ValueError) as error:
            return Ignored(reason=f"no log can be had: {error}"[:300])
        build = build_page(url)
        return (job_key(build) if build else self._places.log_key(repository, url)), url

    # -------------------------------------------------------------------------------- commands

    def _issue_comment(self, payload: bytes) -> Announced:
        event = payloads.read(payloads.IssueCommentEvent, payload)
        if event is None:
            return MALFORMED
        return self._commands(event, event.comment, event.issue.number, str(event.comment.id))

    def _review(self, payload: bytes) -> Announced:
        event = payloads.read(payloads.ReviewEvent, payload)
        if event is None:
            return MALFORMED
        return self._commands(event, event.review, event.pull_request.number, f"review/{event.review.id}")

    def _review_comment(self, payload: bytes) -> Announced:
        event = payloads.read(payloads.ReviewCommentEvent, payload)
        if event is None:
            return MALFORMED
        return self._commands(event, event.comment, event.pull_request.number, f"review-comment/{event.comment.id}")

    def _commands(self, event: payloads.Envelope, comment: payloads.Comment, number: int, where: str) -> Announced:
        if event.repository is None or comment.user is None:
            return MALFORMED
        if event.action not in _QUIET:
            return Ignored(reason=f"a comment was {event.action}")
        if comment.machine or comment.user.login.lower() in self._own():
            return Ignored(reason="a machine wrote it")
        if event.sender is not None and event.sender.machine:
            return Ignored(reason="a machine edited it")
        said = parse(comment.body)
        if not said:
            return Ignored(reason="a comment without a command")
        place = str(Spot(repository=event.repository.full_name, number=number))
        return tuple(
            Command(
                word=row.word,
                argument=row.argument,
                actor=comment.user.login,
                source="github",
                where=where,
                place=place,
                installation=_installation(event),
                association=comment.author_association,
                written_at=comment.updated_at or comment.submitted_at or comment.created_at,
                revision=digest(comment.body),
            )
            for row in said
        )


def _installation(event: payloads.Envelope) -> str:
    return str(event.installation.id) if event.installation else ""
