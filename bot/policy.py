"""Etiquette as a pure function: what the change hears, and what is done upstream, each with its reason.

When in doubt, hold. The order of the checks is the order of their authority: a human's word, then the recipient's,
then trust, then budgets, then the machine's own confidence. Quiet start (shadow) is not decided here: the decision
is made as if, and publish writes it to the ledger instead of the forge.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.model import (
    Action,
    Budget,
    ChangeAnswer,
    Decision,
    History,
    Job,
    Judged,
    Judgement,
    Kind,
    Mark,
    Occurrence,
    OwnedFrame,
    Recipient,
    Thread,
    Trust,
    UpstreamAnswer,
    Verdict,
)

GROWTH = 10
"""How many times more occurrences than at our last word are news to a thread."""

DAY = timedelta(days=1)


def decide(
    judgement: Judgement,
    job: Job,
    history: History,
    recipient: Recipient | None,
    budget: Budget,
    now: datetime,
) -> Decision:
    """The two answers for one job. `recipient` is None where the tracker is not known or was not looked up."""
    upstream, why, thread = _upstream(judgement, job, history, recipient, budget, now)
    change, because = _change(judgement.verdict, job, history, budget, now)
    return Decision(change=change, change_reason=because, upstream=upstream, upstream_reason=why, thread=thread)


# ---------------------------------------------------------------------------------------------- the change


def _change(verdict: Verdict, job: Job, history: History, budget: Budget, now: datetime) -> tuple[ChangeAnswer, str]:
    if job.change is None:
        return ChangeAnswer.SILENT, "the job has no change to advise"
    if budget.stopped:
        return ChangeAnswer.SILENT, "the switch that stops all writing is on"
    for word in ("stop", "ignore", "not-upstream"):
        if mark := standing(history, word, now, scope=job.change.id):
            return ChangeAnswer.SILENT, f"{mark.actor or 'somebody'} said {word}"
    if verdict.kind not in {Kind.UPSTREAM, Kind.ENVIRONMENT}:
        return ChangeAnswer.SILENT, f"a verdict of {verdict.kind.value} is no news to the change's author"
    if verdict.confidence < budget.advise_threshold:
        return (
            ChangeAnswer.SILENT,
            f"confidence {verdict.confidence:.2f} is below the {budget.advise_threshold:.2f} that advice needs",
        )
    return ChangeAnswer.ADVISE, f"{verdict.kind.value} with confidence {verdict.confidence:.2f}"


# ---------------------------------------------------------------------------------------------- upstream

_Answer = tuple[UpstreamAnswer, str, str | None]


def _upstream(
    judgement: Judgement,
    job: Job,
    history: History,
    recipient: Recipient | None,
    budget: Budget,
    now: datetime,
) -> _Answer:
    verdict = judgement.verdict
    thread = _own_thread(history)
    if verdict.kind is not Kind.UPSTREAM or verdict.culprit is None:
        return UpstreamAnswer.NOTHING, f"the verdict is {verdict.kind.value}", thread.url if thread else None
    for stopped in (
        _said_by_people(history, now),
        _refused_upstream(recipient),
        _not_due(verdict),
        _untrusted(job, history),
        _forged(judgement),
    ):
        if stopped:
            return stopped[0], stopped[1], thread.url if thread else None
    if budget.stopped:
        return UpstreamAnswer.HOLD, "the switch that stops all writing is on", thread.url if thread else None
    if thread:
        return _in_thread(thread, verdict, history, recipient, budget, now)
    if verdict.confidence < budget.advise_threshold:
        return UpstreamAnswer.HOLD, f"confidence {verdict.confidence:.2f} is too low even for a draft", None
    missing = missing_for_opening(judgement, history, recipient, budget, now)
    found = _found_upstream(recipient)
    if found:
        if found.by_human and not missing and found.commented_at is None:
            return UpstreamAnswer.COMMENT, "people opened an issue for it; our facts are new there", found.url
        return UpstreamAnswer.NOTHING, "an issue for it is there already", found.url
    if held := _out_of_budget(recipient, budget):
        return UpstreamAnswer.HOLD, held, None
    if missing:
        return UpstreamAnswer.DRAFT, "a human signs: " + "; ".join(missing), None
    return UpstreamAnswer.OPEN, "everything that a machine needs to open is there", None


def _said_by_people(history: History, now: datetime) -> tuple[UpstreamAnswer, str] | None:
    """Standing orders on the Bug."""
    for word, answer in (
        ("not-upstream", UpstreamAnswer.NOTHING),
        ("not-ours", UpstreamAnswer.NOTHING),
        ("ignore", UpstreamAnswer.NOTHING),
        ("stop", UpstreamAnswer.HOLD),
        ("hold", UpstreamAnswer.HOLD),
        ("needs-info", UpstreamAnswer.HOLD),
    ):
        if mark := standing(history, word, now):
            return answer, f"{mark.actor or 'somebody'} said {word}"
    return None


def _refused_upstream(recipient: Recipient | None) -> tuple[UpstreamAnswer, str] | None:
    if recipient and recipient.refused:
        return UpstreamAnswer.NOTHING, f"{recipient.name} takes no reports from us: {recipient.refused}"
    return None


def _not_due(verdict: Verdict) -> tuple[UpstreamAnswer, str] | None:
    if verdict.action is Action.ALREADY_FIXED:
        return UpstreamAnswer.NOTHING, f"fixed in {verdict.fixed_in}, which is out"
    if verdict.action is Action.NONE:
        return UpstreamAnswer.NOTHING, "no report is due"
    return None


def _untrusted(job: Job, history: History) -> tuple[UpstreamAnswer, str] | None:
    """A log is written by whoever opened the change: only what a trusted job showed too goes upstream."""
    if job.trust is Trust.TRUSTED or any(row.trust is Trust.TRUSTED for row in history.occurrences):
        return None
    return UpstreamAnswer.NOTHING, "only untrusted jobs show it so far"


def _forged(judgement: Judgement) -> tuple[UpstreamAnswer, str] | None:
    root = judgement.root
    if root and any(row.verified is False for row in _culprit_frames(root)):
        return UpstreamAnswer.HOLD, "a quoted line does not stand in the released file: patched, vendored or forged"
    return None


def _in_thread(
    thread: Thread,
    verdict: Verdict,
    history: History,
    recipient: Recipient | None,
    budget: Budget,
    now: datetime,
) -> _Answer:
    """A thread is there: a comment only for news, one a day; everything else is an edit, which is free."""
    news = _news(thread, verdict, history)
    if not news:
        return UpstreamAnswer.NOTHING, "one bug, one thread: it is there, and there is no news", thread.url
    if thread.by_human and thread.commented_at:
        return UpstreamAnswer.NOTHING, "we commented once in a thread that people opened; once is all", thread.url
    if thread.commented_at and now - thread.commented_at < DAY:
        return UpstreamAnswer.HOLD, "at most one comment a thread and day", thread.url
    if recipient is None or recipient.channel == "link":
        return UpstreamAnswer.HOLD, "no channel to comment through", thread.url
    if recipient.draft_only:
        return UpstreamAnswer.HOLD, f"their policy: {recipient.draft_only}", thread.url
    if budget.writes_left <= 0:
        return UpstreamAnswer.HOLD, "this hour's writes are used up", thread.url
    return UpstreamAnswer.COMMENT, news, thread.url


def _news(thread: Thread, verdict: Verdict, history: History) -> str:
    """What is new since our last word in a thread; empty where nothing is."""
    last = thread.commented_at or thread.opened_at
    trusted = [row for row in history.occurrences if row.trust is Trust.TRUSTED]
    if last is None:
        return ""
    before = sum(row.at <= last for row in trusted)
    after = [row for row in trusted if row.at > last]
    name = verdict.culprit.distribution if verdict.culprit else ""
    if thread.state == "fixed" and after:
        known = {dict(row.versions).get(name) for row in trusted if row.at <= last}
        versions = {dict(row.versions).get(name) for row in after} - known - {None}
        if versions:
            return f"it is back after the fix, in {', '.join(sorted(map(str, versions)))}"
    if len(trusted) >= GROWTH * max(1, before):
        return f"seen {len(trusted)} times, {before} when we last wrote"
    return ""


def missing_for_opening(
    judgement: Judgement,
    history: History,
    recipient: Recipient | None,
    budget: Budget,
    now: datetime,
) -> tuple[str, ...]:
    """What keeps a machine from opening an issue, in words; empty where nothing does.

    A person's `file` is the signature: it stands for the allowance and for the second occurrence, not for a channel
    or against a recipient's no.
    """
    verdict = judgement.verdict
    signed = standing(history, "file", now)
    rows = []
    if not signed:
        if not budget.may_open:
            rows.append("this installation does not let a machine open issues")
        if verdict.confidence < budget.threshold:
            rows.append(f"confidence {verdict.confidence:.2f} is below {budget.threshold:.2f}")
        if independent(history.occurrences) < 2:
            rows.append("it was seen in one independent trusted job only")
        if not _all_verified(judgement):
            rows.append("the quoted lines were not all compared with the released files")
        if verdict.tracker and not (verdict.tracker.corroborated or _owns_up(verdict, recipient)):
            rows.append("only the package's own metadata names that tracker")
        if {row.private for row in history.occurrences if row.trust is Trust.TRUSTED} == {True}:
            rows.append("only private projects have met it, and a human reads what leaves them")
    if verdict.security:
        rows.append(f"it may be a security matter ({verdict.security}), which is never opened in public")
    if verdict.tracker is None:
        rows.append("no tracker is known")
    if recipient is None or recipient.channel == "link":
        rows.append("there is no channel but a prefilled link")
    if recipient and recipient.draft_only:
        rows.append(f"their policy says: {recipient.draft_only}")
    return tuple(rows)


def _owns_up(verdict: Verdict, recipient: Recipient | None) -> bool:
    """Whether the repository's own project file says that it makes the culprit."""
    return bool(recipient and verdict.culprit and recipient.makes == verdict.culprit.distribution)


def _out_of_budget(recipient: Recipient | None, budget: Budget) -> str:
    if recipient and recipient.opened_today >= 1:
        return "one new thread a recipient and day"
    if budget.opens_left_in_run <= 0:
        return "the breaker: too many new issues at once, a human must look"
    if budget.writes_left <= 0:
        return "this hour's writes are used up"
    return ""


# ---------------------------------------------------------------------------------------------- what history says


def standing(history: History, word: str, now: datetime, *, scope: str | None = None) -> Mark | None:
    """The mark of that word that stands now, or None. The opposite word takes it back; a date ends it.

    A `stop` or `ignore` with an argument that names a change stands for that change alone.
    """
    undone = {"hold": "resume", "ignore": "unignore", "stop": "start", "dup": "undup", "file": "unfile"}.get(
        word, "undo"
    )
    for mark in reversed(history.marks):
        if mark.word == undone or (mark.word == "undo" and mark.argument in {"", word}):
            return None
        if mark.word == word and (mark.until is None or mark.until > now):
            named = "#" in mark.argument or "~" in mark.argument
            if not named or (scope is not None and mark.argument == scope):
                return mark
    return None


def independent(occurrences: tuple[Occurrence, ...]) -> int:
    """How many trusted occurrences are independent: another project, another change, another day, or a re-run."""
    return len(
        {
            (row.project, row.change or f"{row.at:%Y-%m-%d}", row.attempt)
            for row in occurrences
            if row.trust is Trust.TRUSTED
        }
    )


def _own_thread(history: History) -> Thread | None:
    """The Bug's thread, the open one first."""
    alive = [row for row in history.threads if row.state not in {"refused", "duplicate"}]
    return min(alive, key=lambda row: (row.state != "open", row.by_human), default=None)


def _found_upstream(recipient: Recipient | None) -> Thread | None:
    return (
        min(recipient.stands, key=lambda row: (row.by_human, row.state != "open"), default=None) if recipient else None
    )


def _culprit_frames(root: Judged) -> list[OwnedFrame]:
    culprit = root.verdict.culprit
    return [row for frames in root.owned for row in frames if culprit and row.distribution == culprit.distribution]


def _all_verified(judgement: Judgement) -> bool:
    root = judgement.root
    frames = [row for row in _culprit_frames(root) if row.frame.source] if root else []
    return bool(frames) and all(row.verified for row in frames)
