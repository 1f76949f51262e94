"""The fingerprint: made of what stays when the bug is hit elsewhere, and explaining itself.

Scheme 2026-11. With a static fact (the missing name, the rejected parameter) the defect *is* that fact in that
distribution. Without one it is the exception's type, the place in the distribution where it was raised, and the
message's words. Callers are left out on purpose: one broken function called from N projects is one bug. Measured on
synthetic twins this key reaches pairwise precision 1.00 where type and place alone reach 0.54 (ARCHITECTURE.md).
"""

from __future__ import annotations

import hashlib
import re

from bot.fingerprint.template import template, unqualified
from bot.model import Fingerprint, FingerprintPart, Judged, Kind, OwnedFrame, Raised
from bot.patterns import pattern

SCHEME = "2026-11"

_GENERATED = pattern(r"<(?:listcomp|dictcomp|setcomp|genexpr|lambda)>")


def fingerprint(judged: Judged) -> Fingerprint | None:
    """The fingerprint of a judged failure; None where nothing about it would be seen elsewhere."""
    part, owned = telling(judged)
    owner = judged.verdict.culprit.distribution if judged.verdict.culprit else ""
    site = place(owned, owner)
    name = unqualified(part.exception)
    text = template(part.exception, part.message)
    by_fact = bool(judged.symbol and owner)
    parts = (
        FingerprintPart(
            name="culprit",
            value=owner,
            counts=bool(owner),
            why="the distribution that has to change" if owner else "no distribution is blamed",
        ),
        FingerprintPart(
            name="symbol",
            value=judged.symbol or "",
            counts=by_fact,
            why="the static fact that every hit of this defect shares" if by_fact else "no static fact is known",
        ),
        FingerprintPart(
            name="type",
            value=name,
            counts=bool(name) and not by_fact,
            why="the symbol says it; ImportError and its subclasses vary with the interpreter"
            if by_fact
            else "the exception's own name",
        ),
        FingerprintPart(
            name="place",
            value=site,
            counts=bool(site) and not by_fact,
            why="one missing symbol may be hit in several places"
            if by_fact
            else "module and function where it was raised",
        ),
        FingerprintPart(
            name="message",
            value=text,
            counts=bool(text) and not by_fact,
            why="the symbol says it" if by_fact else "the message with its values masked tells twins apart",
        ),
        FingerprintPart(name="test", value=judged.failure.test or "", counts=False, why="the test is the project's"),
        FingerprintPart(name="callers", value=str(len(owned)), counts=False, why="who called differs by project"),
    )
    if not any(row.counts for row in parts if row.name != "culprit"):
        return None
    return Fingerprint(
        scheme=SCHEME,
        digest=_digest(*(f"{row.name}={row.value}" for row in parts if row.counts)),
        parts=parts,
        family=_digest(owner, name, site),
    )


def telling(judged: Judged) -> tuple[Raised, tuple[OwnedFrame, ...]]:
    """The part of the chain that tells the defect, with its owned frames.

    The deepest cause that has a frame of the culprit; wrappers raised around it vary by caller. Without a culprit
    the outermost exception.
    """
    chain = judged.failure.chain
    owned = judged.owned if len(judged.owned) == len(chain) else tuple(() for _ in chain)
    if judged.verdict.culprit:
        name = judged.verdict.culprit.distribution
        for part, frames in zip(chain, owned, strict=True):
            if any(frame.distribution == name for frame in frames):
                return part, frames
    return chain[-1], owned[-1]


def place(frames: tuple[OwnedFrame, ...], owner: str) -> str:
    """`module:function` of the deepest frame of the owner (or, where nobody is blamed, of the code that raised)."""
    candidates = [row for row in frames if row.distribution == owner] if owner else []
    if not candidates:
        candidates = [row for row in frames if row.role in {"third-party", "project", "vendored"}] or list(frames)
    for row in reversed(candidates):
        if row.frame.function and _GENERATED.fullmatch(row.frame.function):
            continue  # PEP 709 took comprehension frames away in 3.12
        return f"{row.module or _module(row.frame.file)}:{(row.frame.function or '').rsplit('.', 1)[-1]}"
    return ""


def _module(file: str) -> str:
    """The last two segments of a path as a module name: what stays of it on another machine."""
    segments = re.split(r"[/\\]", re.sub(r"\.(?:py[cdx]?|so|pyx)$", "", file))
    return ".".join(segment for segment in segments[-2:] if segment and segment != "__init__")


def _digest(*values: str) -> str:
    return hashlib.sha256("\x1f".join(values).encode("utf-8", "replace")).hexdigest()[:16]


def blames_upstream(judged: Judged) -> bool:
    """Whether the failure stands for a Bug of somebody else's."""
    return judged.verdict.kind is Kind.UPSTREAM and judged.verdict.culprit is not None
