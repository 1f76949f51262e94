"""What `upriver analyze` prints for a person: the verdict, why, the traceback with owners, the way round, what would be filed."""

from __future__ import annotations

from collections.abc import Sequence

from bot.fingerprint import fingerprint
from bot.model import Action, EndKind, Judged, Judgement, Kind, OwnedFrame, Reading, Verdict
from bot.render import quote
from bot.render.redact import redact

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}
_KIND_COLOUR = {Kind.UPSTREAM: "red", Kind.PROJECT: "yellow", Kind.ENVIRONMENT: "blue", Kind.NONE: "green"}
_KIND_SAYS = {
    Kind.UPSTREAM: "upstream: a third-party distribution has to change",
    Kind.PROJECT: "project: this project's own code, tests or requirements",
    Kind.ENVIRONMENT: "environment: the machine, its network or its set-up",
    Kind.NONE: "none: the log shows no Python failure",
}
MOST_FRAMES = 24
MOST_FAILURES = 12


class _Paint:
    """Colours, or none."""

    def __init__(self, *, colour: bool) -> None:
        self._colour = colour

    def __call__(self, style: str, text: str) -> str:
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self._colour else text


def text(name: str, reading: Reading, judgement: Judgement, *, colour: bool = False) -> str:
    """The answer for one log, as plain text or in colour."""
    paint = _Paint(colour=colour)
    verdict = judgement.verdict
    said = paint(_KIND_COLOUR[verdict.kind], _KIND_SAYS[verdict.kind])
    blocks = [
        f"{paint('bold', name)}\n{said} ({verdict.confidence:.0%} sure)\n{_found(reading)}",
        quote.plain(verdict.summary),
        _verdict_rows(verdict, paint),
        _evidence(verdict, paint),
        _list("not known", verdict.unknowns, paint),
        _list("would change my mind", verdict.would_change, paint),
        _traceback(judgement.root, paint) if judgement.root else "",
        _others(judgement, paint),
        _list("doubts about the reading", reading.doubts, paint),
        _filed(judgement, paint),
    ]
    return redact("\n\n".join(filter(None, blocks)))


def _found(reading: Reading) -> str:
    counts = f"{reading.failures_total} failure{'' if reading.failures_total == 1 else 's'}"
    if reading.handled_total:
        counts += f", {reading.handled_total} handled traceback{'' if reading.handled_total == 1 else 's'}"
    ending = reading.ending
    how = (
        ""
        if ending.kind is EndKind.UNKNOWN
        else f"; ended by {ending.kind.value}{f' {ending.code}' if ending.code is not None else ''}"
    )
    python = f"; Python {reading.environment.python}" if reading.environment.python else ""
    return f"{counts} in {reading.lines:,} lines{how}{python}; {len(reading.environment.installed)} distributions named"


def _verdict_rows(verdict: Verdict, paint: _Paint) -> str:
    rows = []
    if verdict.culprit:
        rows.append(("culprit", f"{verdict.culprit.distribution} {verdict.culprit.version or ''}".strip()))
    if verdict.trigger:
        good, bad = verdict.trigger.last_good or "?", verdict.trigger.first_bad or "?"
        when = f" (published {verdict.trigger.published:%Y-%m-%d})" if verdict.trigger.published else ""
        rows.append(("trigger", f"{verdict.trigger.distribution} {good} -> {bad}{when}"))
    if verdict.fixed_in:
        rows.append(("fixed in", verdict.fixed_in))
    if verdict.way_round:
        rows.append(("way round", " — ".join(filter(None, [verdict.way_round.constraint, verdict.way_round.says]))))
    return "\n".join(f"{paint('cyan', f'{label:>10}')}  {quote.plain(value)}" for label, value in rows)


def _evidence(verdict: Verdict, paint: _Paint) -> str:
    rows = [
        f"  {paint('green' if row.weight >= 0 else 'red', f'{row.weight:+.1f}')} {row.supports.value:<11} {quote.plain(row.says)}"
        + paint("dim", f"  [{row.rule}" + (f", line {row.line}]" if row.line else "]"))
        for row in verdict.evidence
    ]
    return "\n".join([paint("bold", "why"), *rows]) if rows else ""


def _list(heading: str, rows: Sequence[str], paint: _Paint) -> str:
    return "\n".join([paint("bold", heading), *(f"  - {quote.plain(row)}" for row in rows)]) if rows else ""


def _traceback(judged: Judged, paint: _Paint) -> str:
    failure = judged.failure
    rows = [
        paint("bold", "the failure that explains it") + paint("dim", f"  lines {failure.span[0]}–{failure.span[1]}")
    ]
    if failure.test:
        rows.append(f"  test {failure.test}")
    owned = judged.owned if len(judged.owned) == len(failure.chain) else ()
    for number, part in enumerate(failure.chain):
        frames = list(owned[number]) if owned else []
        shown = (
            frames if len(frames) <= MOST_FRAMES else [*frames[: MOST_FRAMES // 2], None, *frames[-MOST_FRAMES // 2 :]]
        )
        rows += [
            _frame(row, paint) if row else paint("dim", f"    … {len(frames) - MOST_FRAMES} more frames")
            for row in shown
        ]
        rows.append(f"  {paint('red', part.exception)}: {quote.cut(quote.plain(part.message), 600)}")
        if part.relation:
            rows.append(paint("dim", f"    ({part.relation.value})"))
    return "\n".join(rows)


def _frame(row: OwnedFrame, paint: _Paint) -> str:
    owner = row.distribution or row.role
    sure = {True: " ✓", False: " ≠ released file", None: ""}[row.verified]
    place = f"{row.frame.file}:{row.frame.line or '?'} in {row.frame.function or '?'}"
    source = f"\n        {quote.cut(quote.plain(row.frame.source), 160)}" if row.frame.source else ""
    return f"    {paint('dim', f'{owner:<16}')} {quote.plain(place)}{paint('dim', sure)}{source}"


def _others(judgement: Judgement, paint: _Paint) -> str:
    root = judgement.root
    rest = [judged for judged in judgement.failures if judged is not root]
    if not rest:
        return ""
    rows = [
        f"  {judged.verdict.kind.value:<11} {judged.failure.test or '–'}: {judged.failure.exception}: "
        f"{quote.cut(' '.join(quote.plain(judged.failure.message).split()), 120)}"
        for judged in rest[:MOST_FAILURES]
    ]
    more = (
        [paint("dim", f"  … and {len(rest) - MOST_FAILURES} more (--json lists them)")]
        if len(rest) > MOST_FAILURES
        else []
    )
    return "\n".join([paint("bold", "the other failures"), *rows, *more])


def _filed(judgement: Judgement, paint: _Paint) -> str:
    verdict, root = judgement.verdict, judgement.root
    if verdict.kind is not Kind.UPSTREAM or root is None:
        return ""
    if verdict.action is Action.ALREADY_FIXED:
        return f"{paint('bold', 'upstream')}  nothing to file: {verdict.fixed_in} no longer has it"
    where = verdict.tracker.url if verdict.tracker else "no tracker is known: a draft"
    printed = fingerprint(root)
    return f"{paint('bold', 'upstream')}  {where}\n          --report prints what would be filed; fingerprint {printed}"
