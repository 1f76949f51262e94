"""The few texts that publish writes itself: news in a thread, advice about several failures, a withdrawal."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from bot.model import Fingerprint, Occurrence
from bot.render import markers, quote

MOST_NAMED = 20


def news(fingerprint: Fingerprint, reason: str, seen: Sequence[Occurrence], note: str) -> str:
    """A comment that says what is new, in a thread that tells the bug already."""
    public = sorted({row.project for row in seen if not row.private})
    private = len({row.project for row in seen if row.private})
    named = ", ".join(quote.code(name) for name in public[:MOST_NAMED])
    more = f" and {len(public) - MOST_NAMED} more" if len(public) > MOST_NAMED else ""
    hidden = f" and {private} private one{'s' if private > 1 else ''}" if private else ""
    projects = f"\n\nSeen in {named}{more}{hidden}." if named else ""
    return (
        f"News of this bug, from CI: {quote.neutral(reason, 300)}.{projects}\n\n"
        f"_Upriver, a machine. `/upriver stop` ends its comments here._\n\n"
        f"{markers.visible(str(fingerprint))}\n{markers.hidden(str(fingerprint), note)}"
    )


def facts(body: str, fingerprint: Fingerprint, note: str) -> str:
    """The report as a comment in a thread that people opened."""
    return f"This bug was met in CI as well; what Upriver, a machine, found:\n\n{body}\n{markers.hidden(str(fingerprint), note)}"


def joined(bodies: Sequence[str]) -> str:
    """Advice about several bugs as one text, marked once."""
    plain = [body.replace(markers.ADVICE, "").rstrip() for body in bodies]
    marked = f"\n\n{markers.ADVICE}" if any(markers.ADVICE in body for body in bodies) else ""
    return "\n\n---\n\n".join(plain) + marked


def withdrawn(reason: str, *, markdown: bool) -> str:
    """What stands where advice stood that is no longer believed."""
    said = quote.neutral(reason, 300)
    return f"Upriver takes back what it said here: {said}." + (f"\n\n{markers.ADVICE}" if markdown else "")


def duplicate(original: str, fingerprint: Fingerprint) -> str:
    """What the younger of two threads says once the older is known."""
    return (
        f"This is a duplicate of {original}, opened twice by a machine's mistake. Please close it; everything is told there.\n\n"
        f"{markers.visible(str(fingerprint))}\n{markers.hidden(str(fingerprint))}"
    )


def digest(text: str) -> str:
    """What tells one text from another."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
