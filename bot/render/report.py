"""The report for a maintainer: traceback as text, exact versions, first bad release, how to see it again, who says so.

Upstream quotes only frames of public distributions, and of those only lines that stand in the released file (a log
is written by whoever opened the change); the project's own frames are counted, never shown.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Sequence

from msgspec import Struct

from bot.fingerprint import fingerprint as printed_of
from bot.fingerprint import unqualified
from bot.model import (
    Environment,
    Fingerprint,
    Judged,
    Judgement,
    Kind,
    Occurrence,
    OwnedFrame,
    Raised,
    Reading,
    Relation,
    Report,
)
from bot.patterns import pattern
from bot.render import markers, quote, reproduce

LONGEST_BODY = 60_000
"""GitHub refuses bodies over 65,536 characters."""
LONGEST_LINK = 6_000
"""Characters of a prefilled link that browsers and GitHub take (414 beyond)."""
MOST_PROJECTS = 50
_PLACE = pattern(r" \((?:/|[A-Za-z]:[\\/])[^()]*\)")
"""Where a module was found on the machine that ran the job: no news to a maintainer."""


class Sender(Struct, frozen=True, kw_only=True):
    """Who runs this installation, as every report says."""

    operator: str = ""
    home: str = ""
    """This installation's public address; empty where there is none."""


def report(
    judged: Judged,
    environment: Environment,
    fingerprint: Fingerprint,
    seen: Sequence[Occurrence] = (),
    *,
    sender: Sender | None = None,
    strict: bool = True,
) -> Report:
    """The report of one Bug. `strict` leaves out every source line that was not found in the released file."""
    verdict = judged.verdict
    tracker = verdict.tracker.url if verdict.tracker else ""
    heading = _title(judged)
    body = "\n\n".join(
        filter(
            None,
            [
                _opening(judged, seen),
                "### What happens\n\n" + _traceback(judged, strict=strict),
                "### Versions\n\n" + _versions(judged, environment),
                "### To see it again\n\n" + _again(judged, environment),
                "### Why this seems to be the place\n\n" + _why(judged),
                _projects(seen),
                _signature(fingerprint, sender or Sender(), tracker),
            ],
        )
    )
    body = _fitting(body, fingerprint)
    return Report(
        title=heading,
        body=body,
        tracker=tracker,
        fingerprint=str(fingerprint),
        prefilled=prefilled(tracker, heading, body),
    )


def preview(reading: Reading, judgement: Judgement) -> str:
    """What `upriver analyze --report` prints: exactly what would be filed, or one sentence that nothing would."""
    root = judgement.root
    printed = printed_of(root) if root else None
    if root is None or printed is None or root.verdict.kind is not Kind.UPSTREAM:
        return f"Nothing would be filed: the verdict is {judgement.verdict.kind.value}. {judgement.verdict.summary}".strip()
    if judgement.verdict.action.value != "report":
        return f"Nothing would be filed: {judgement.verdict.summary or judgement.verdict.action.value}"
    made = report(root, reading.environment, printed)
    where = made.tracker or "no tracker is known for it: a draft for a human"
    return f"To: {where}\nTitle: {made.title}\n\n{made.body}"


def prefilled(tracker: str, heading: str, body: str) -> str:
    """The link by which a person opens the report under their own name; empty where the tracker has none.

    GitHub: docs.github.com, "Creating an issue from a URL query". Launchpad: `+filebug?field.title=&field.comment=`.
    The text is cut to what a URL holds; the whole of it is one click away on the bug's page.
    """
    host = urllib.parse.urlsplit(tracker).hostname or ""
    if tracker.endswith("/issues"):
        base, keys = tracker + "/new", ("title", "body")
    elif host.endswith("launchpad.net"):
        base, keys = (
            tracker.rstrip("/").removesuffix("/+filebug").removesuffix("/+bugs") + "/+filebug",
            ("field.title", "field.comment"),
        )
    else:
        return ""
    text = body
    while True:
        link = f"{base}?{urllib.parse.urlencode({keys[0]: heading, keys[1]: text}, quote_via=urllib.parse.quote)}"
        if len(link) <= LONGEST_LINK or not text:
            return link
        kept = text[: max(0, len(text) - max(200, (len(link) - LONGEST_LINK) // 2))].rstrip()
        ticks = "\n```" if kept.count("\n```") % 2 else ""
        last = body.rstrip().rsplit("\n", 2)[-2:]
        text = kept + ticks + "\n\n(cut to fit a link)\n\n" + "\n".join(last) if len(kept) > 400 else ""


# ---------------------------------------------------------------------------------------------- sections


def _title(judged: Judged) -> str:
    verdict = judged.verdict
    part = _telling(judged)
    name = verdict.culprit.distribution if verdict.culprit else "a dependency"
    version = f" {verdict.culprit.version}" if verdict.culprit and verdict.culprit.version else ""
    with_ = ""
    if verdict.trigger and verdict.culprit and verdict.trigger.distribution != verdict.culprit.distribution:
        spelled = "Python" if verdict.trigger.distribution == "cpython" else verdict.trigger.distribution
        with_ = f" with {spelled} {verdict.trigger.first_bad or ''}".rstrip()
    elif verdict.trigger and verdict.trigger.last_good:
        with_ = f" (worked in {verdict.trigger.last_good})"
    said = _PLACE.sub("", part.message.splitlines()[0] if part.message else "")
    return quote.title(f"{name}{version}{with_}: {unqualified(part.exception)}: {said}".rstrip(": "))


def _opening(judged: Judged, seen: Sequence[Occurrence]) -> str:
    projects = len({row.project for row in seen if not row.private})
    count = f" {projects} public projects have hit it so far." if projects > 1 else ""
    summary = quote.prose(judged.verdict.summary.removeprefix("Not your change. "))
    return f"{summary}{count}\n\nSeen in a real CI run, {reproduce.where_it_failed(judged)}; not fuzzing and not a scan.".strip()


def _telling(judged: Judged) -> Raised:
    from bot.fingerprint import telling

    return telling(judged)[0]


def _traceback(judged: Judged, *, strict: bool) -> str:
    parts = []
    chain = judged.failure.chain
    owned = judged.owned if len(judged.owned) == len(chain) else tuple(() for _ in chain)
    for number, (part, frames) in enumerate(zip(chain, owned, strict=True)):
        parts.append(_part(part, frames, strict=strict))
        if number < len(chain) - 1:
            parts.append(_between(part.relation))
    return quote.fence("\n".join(parts), 12_000)


def _part(part: Raised, frames: Sequence[OwnedFrame], *, strict: bool) -> str:
    lines = ["Traceback (most recent call last):"] if frames else []
    hidden = 0
    for row in frames:
        if row.role not in {"third-party", "vendored", "stdlib"}:
            hidden += 1
            continue
        lines += _left_out(hidden)
        hidden = 0
        where = f", in {row.frame.function}" if row.frame.function else ""
        lines.append(f'  File "{_short(row)}", line {row.frame.line}{where}')
        if row.frame.source and (row.verified or not strict):
            lines.append(f"    {quote.cut(row.frame.source, 200)}")
    lines += _left_out(hidden)
    message = quote.defanged(quote.cut(part.message, 1_000))
    return "\n".join([*lines, f"{part.exception}: {message}" if message else part.exception])


def _left_out(count: int) -> list[str]:
    return (
        [f"  ({count} frame{'s' if count > 1 else ''} of the reporting project and its test runner left out)"]
        if count
        else []
    )


def _short(row: OwnedFrame) -> str:
    """The path from site-packages or the library folder on: what a maintainer knows it by."""
    file = row.frame.file.replace("\\", "/")
    for mark in ("/site-packages/", "/dist-packages/", "/lib/python"):
        if mark in file:
            tail = file.rsplit(mark, 1)[1]
            return tail.split("/", 1)[1] if mark == "/lib/python" and "/" in tail else tail
    return "/".join(file.split("/")[-3:])


def _between(relation: Relation | None) -> str:
    return (
        {
            Relation.CAUSE: "\nThe above exception was the direct cause of the following exception:\n",
            Relation.CONTEXT: "\nDuring handling of the above exception, another exception occurred:\n",
            Relation.GROUP_MEMBER: "\n(a member of the group below)\n",
        }.get(relation, "")
        if relation
        else ""
    )


def _versions(judged: Judged, environment: Environment) -> str:
    verdict = judged.verdict
    rows = []
    if verdict.culprit:
        rows.append(
            f"- {quote.code(verdict.culprit.distribution)} {quote.code(verdict.culprit.version or 'version not printed')}"
        )
    if verdict.trigger:
        spelled = "Python" if verdict.trigger.distribution == "cpython" else verdict.trigger.distribution
        when = f", published {verdict.trigger.published:%Y-%m-%d %H:%M} UTC" if verdict.trigger.published else ""
        rows.append(
            f"- set off by {quote.code(spelled)}: last good {quote.code(verdict.trigger.last_good or 'not known')}, "
            f"first bad {quote.code(verdict.trigger.first_bad or 'not known')}{when}"
        )
    if environment.python:
        rows.append(
            f"- Python {quote.code(environment.python)}{f' on {quote.code(environment.platform)}' if environment.platform else ''}"
        )
    shown = {
        verdict.culprit.distribution if verdict.culprit else "",
        verdict.trigger.distribution if verdict.trigger else "",
    }
    owners = {row.distribution for frames in judged.owned for row in frames if row.role == "third-party"} - shown
    rows += [
        f"- {quote.code(row.name)} {quote.code(row.version)}"
        for row in environment.installed
        if row.name in owners and not row.local and not row.url
    ]
    return "\n".join(rows) or "The log prints none."


def _again(judged: Judged, environment: Environment) -> str:
    steps = list(filter(None, [reproduce.install_line(judged, environment), reproduce.command(judged)]))
    test = judged.failure.test
    rows = [quote.fence("\n".join(steps))] if steps else []
    if not reproduce.command(judged) and test:
        rows.append(f"The failing test was {quote.code(test)}.")
    return "\n\n".join([*rows, f"_{reproduce.NOT_RUN}_"])


def _why(judged: Judged) -> str:
    verdict = judged.verdict
    rows = [
        f"- {quote.prose(row.says, 400)}"
        for row in verdict.evidence
        if row.weight > 0 and row.supports is Kind.UPSTREAM
    ][:6]
    doubts = [f"- Not known: {quote.prose(row, 300)}" for row in verdict.unknowns[:3]]
    change = [f"- Would change this: {quote.prose(row, 300)}" for row in verdict.would_change[:3]]
    return "\n".join([*rows, *doubts, *change]) or f"Confidence {verdict.confidence:.2f}."


def _projects(seen: Sequence[Occurrence]) -> str:
    """The public projects that hit it; private ones are counted at most."""
    public = sorted({(row.project, row.url) for row in seen if not row.private})[:MOST_PROJECTS]
    private = len({row.project for row in seen if row.private})
    if not public:
        return ""
    rows = [
        f"- {quote.code(project)}{f' ([job]({_redirect(url)}))' if _plain_link(url) else ''}" for project, url in public
    ]
    tail = f"\n\nand {private} private project{'s' if private > 1 else ''}" if private else ""
    return "### Seen in\n\n" + "\n".join(rows) + tail


def _plain_link(url: str) -> bool:
    parts = urllib.parse.urlsplit(url)
    return parts.scheme in {"http", "https"} and not set(url) & set(" ()<>\"'`\n")


def _redirect(url: str) -> str:
    """GitHub shows a back-reference for every link to it; `redirect.github.com` is its own way not to."""
    return url.replace("https://github.com/", "https://redirect.github.com/", 1)


def _signature(fingerprint: Fingerprint, sender: Sender, tracker: str) -> str:
    who = quote.neutral(sender.operator) if sender.operator else "an installation of Upriver"
    home = f" ([details]({sender.home}/bugs/{fingerprint}))" if sender.home and _plain_link(sender.home) else ""
    commands = (
        ""
        if "launchpad" in tracker
        else (
            " Maintainers can answer with `/upriver fixed-in VERSION`, `/upriver not-ours`, `/upriver needs-info` or "
            "`/upriver stop`; `stop` is obeyed from anybody and for good."
        )
    )
    return (
        f"---\nThis text was written by a machine, Upriver, run by {who}{home}, from a real CI run; it may be wrong.{commands}\n\n"
        f"{markers.visible(str(fingerprint))}\n{markers.hidden(str(fingerprint))}"
    )


def _fitting(body: str, fingerprint: Fingerprint) -> str:
    """The body within the tracker's limit, its marks kept."""
    if len(body) <= LONGEST_BODY:
        return body
    tail = f"\n\n(cut)\n\n{markers.visible(str(fingerprint))}\n{markers.hidden(str(fingerprint))}"
    kept = body[: LONGEST_BODY - len(tail) - 20]
    return kept + ("\n```" if kept.count("\n```") % 2 else "") + tail
