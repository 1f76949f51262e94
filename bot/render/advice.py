"""What a change's author reads: not yours, here is why, here is the way round. One comment, edited in place."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import Action, Decision, Fingerprint, Judged, Judgement, Kind, Report, UpstreamAnswer
from bot.render import markers, quote


def advice(
    judgement: Judgement,
    decision: Decision,
    *,
    job: str,
    job_url: str = "",
    fingerprint: Fingerprint | None = None,
    report: Report | None = None,
    home: str = "",
    green: int = 0,
    markdown: bool = True,
) -> str:
    """The advice for the change of one job. `markdown` False: for Gerrit, which shows text nearly as it is.

    `green` counts the jobs that failed likewise and pass with the release that mends it.
    """
    verdict = judgement.verdict
    rows = [
        _headline(judgement, job, job_url, markdown=markdown),
        quote.prose(verdict.summary.removeprefix("Not your change. "), 1_200),
        _bullets("Why", [row.says for row in verdict.evidence if row.weight > 0 and row.supports is verdict.kind][:4]),
        _way_round(judgement),
        _upstream(judgement, decision, report, green),
        _bullets("What would change my mind", list(verdict.would_change[:2])),
        _foot(judgement, fingerprint, home),
    ]
    body = "\n\n".join(filter(None, rows))
    return f"{body}\n\n{markers.ADVICE}" if markdown else body


def _headline(judgement: Judgement, job: str, job_url: str, *, markdown: bool) -> str:
    verdict = judgement.verdict
    shown = (
        f"[{quote.neutral(job, 80)}]({job_url})"
        if markdown and job_url and " " not in job_url and ")" not in job_url
        else quote.code(job, 80)
    )
    sure = f"{verdict.confidence:.0%} sure"
    bold = "**" if markdown else ""
    if verdict.kind is Kind.UPSTREAM and verdict.culprit:
        version = f" {quote.code(verdict.culprit.version)}" if verdict.culprit.version else ""
        return f"{bold}Not your change:{bold} {shown} fails because of {quote.code(verdict.culprit.distribution)}{version} ({sure})."
    if verdict.kind is Kind.ENVIRONMENT:
        return f"{bold}Not your change:{bold} {shown} fails because of the environment it ran in ({sure}). Running it again may be enough."
    return f"{shown}: {verdict.kind.value} ({sure})."


def _bullets(heading: str, rows: Sequence[str]) -> str:
    return f"{heading}:\n" + "\n".join(f"- {quote.prose(row, 300)}" for row in rows) if rows else ""


def _way_round(judgement: Judgement) -> str:
    verdict = judgement.verdict
    if not verdict.way_round or (verdict.way_round.constraint and verdict.way_round.constraint in verdict.summary):
        return ""
    shown = f": {quote.code(verdict.way_round.constraint)}" if verdict.way_round.constraint else ""
    lead = "Upgrade" if verdict.action is Action.ALREADY_FIXED else "Way round"
    return f"{lead}{shown}. {quote.neutral(verdict.way_round.says, 300)}".rstrip()


def _upstream(judgement: Judgement, decision: Decision, report: Report | None, green: int) -> str:
    verdict = judgement.verdict
    if verdict.kind is not Kind.UPSTREAM:
        return ""
    thread = (decision.thread or "").replace("https://github.com/", "https://redirect.github.com/", 1)
    if verdict.action is Action.ALREADY_FIXED:
        seen = (
            f", and {green} job{'s' if green > 1 else ''} that failed like this pass{'' if green > 1 else 'es'} with it"
            if green
            else ""
        )
        end = f": {thread}" if thread else "; nothing is filed."
        return f"Fixed upstream in {quote.code(verdict.fixed_in or '')}, which is out{seen}{end}"
    if thread:
        return f"Upstream: {thread}"
    if decision.upstream is UpstreamAnswer.DRAFT and report:
        offer = f"[open the prepared report]({report.prefilled})" if report.prefilled else "see the prepared report"
        return f"Not reported upstream yet: {offer} under your own name, or answer `/upriver file`."
    return f"Upstream: nothing is filed ({quote.neutral(decision.upstream_reason, 200)})."


def _foot(judgement: Judgement, fingerprint: Fingerprint | None, home: str) -> str:
    link = f" · {home}/bugs/{fingerprint}" if home and fingerprint else ""
    undo = "`/upriver not-upstream` if this is wrong, " if judgement.verdict.kind is Kind.UPSTREAM else ""
    return f"_Upriver, a machine: {undo}`/upriver explain`, `/upriver help`{link}_"


def explanation(judged: Judged, fingerprint: Fingerprint | None) -> str:
    """The answer to `/upriver explain`: every piece of evidence, for and against, and how the fingerprint is made."""
    verdict = judged.verdict
    rows = [f"Verdict {verdict.kind.value}, {verdict.confidence:.0%} sure. {quote.prose(verdict.summary, 1_200)}"]
    rows.append(
        "\n".join(
            f"- {'for' if row.weight >= 0 else 'against'} {row.supports.value} ({abs(row.weight):.1f}, {row.rule}): "
            f"{quote.prose(row.says, 300)}{f' (line {row.line})' if row.line else ''}"
            for row in verdict.evidence
        )
    )
    rows.append(_bullets("Not known", list(verdict.unknowns)))
    rows.append(_bullets("Would change it", list(verdict.would_change)))
    if fingerprint:
        parts = "\n".join(
            f"- {part.name} {quote.code(part.value or '–', 120)}: {'counts' if part.counts else 'does not count'}, {part.why}"
            for part in fingerprint.parts
        )
        rows.append(f"Fingerprint {quote.code(str(fingerprint))}:\n{parts}")
    return "\n\n".join(filter(None, rows))
