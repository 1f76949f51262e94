"""What dialects find, before it is known what it means for the job."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from bot.model import Frame, Phase, Raised, Relation, Span


class Found(Struct, frozen=True, kw_only=True):
    """One printed failure or traceback."""

    chain: tuple[Raised, ...]
    span: Span
    moved: int = 0
    """Lines by which the chain stands further down than it says: the same text was read before."""
    dialect: str = "python"
    test: str | None = None
    phase: Phase = Phase.OUTSIDE
    extra: str = ""
    before: tuple[str, ...] = ()
    """The lines printed just before it, nearest first."""
    writer: str = ""
    """What tells this writer from another."""
    uncertain: str | None = None
    why: str | None = None
    """What shows that it was handled, where the text itself says so."""
    logged: bool = False
    """Whether a record of a log introduces it."""


NO_EXCEPTION = Raised(exception="")

Link = tuple[Raised, Relation | None, int | None]


def linked(part: Raised, relation: Relation | None, of: int | None) -> Raised:
    """A part of a chain with its place in it."""
    return replace(part, relation=relation, of=of)


def shifted(found: Found, lines: int) -> Found:
    """The same, found so many lines further down."""
    further = lines + found.moved
    if not lines and not further:
        return found
    chain = tuple(_moved(part, further) for part in found.chain) if further else found.chain
    return replace(found, chain=chain, moved=0, span=_span(found.span, lines))


_OUTER, _INNER = 20, 40


def shortened(found: Found) -> Found:
    """The same with no more than the outermost and the innermost frames of each part."""
    if all(len(part.frames) <= _OUTER + _INNER for part in found.chain):
        return found
    return replace(found, chain=tuple(map(_shortened, found.chain)))


def _shortened(part: Raised) -> Raised:
    if len(part.frames) <= _OUTER + _INNER:
        return part
    return replace(part, frames=(*part.frames[:_OUTER], *part.frames[-_INNER:]))


def _moved(part: Raised, lines: int) -> Raised:
    frames = tuple(
        Frame(file=frame.file, line=frame.line, function=frame.function, source=frame.source, at=frame.at + lines)
        for frame in part.frames
    )
    return replace(part, frames=frames, span=_span(part.span, lines))


def _span(span: Span, lines: int) -> Span:
    return span[0] + lines, span[1] + lines
