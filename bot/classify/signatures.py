"""Environment signatures: data in `signatures.toml`, matched on failures' messages and on what stands around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from msgspec import Struct

from bot.classify import shipped
from bot.model import EndKind, Failure, Reading
from bot.patterns import pattern

_READ = 1_000
"""Machines are brief: so much of a message is read."""
_CAPITAL = pattern(r"(\\.)|([A-Z])")
"""A letter that is no escape's: case is told apart nowhere, and small letters are compared three times as fast."""


class Signature(Struct, frozen=True, kw_only=True):
    """One way in which a machine says that it is at fault."""

    name: str
    pattern: re.Pattern[str]
    says: str
    strong: bool
    where: str
    test: str
    near: str


class Hit(Struct, frozen=True, kw_only=True):
    """A signature that was seen."""

    signature: Signature
    text: str
    line: int | None
    in_failure: bool


@cache
def signatures() -> tuple[Signature, ...]:
    """All signatures, in the file's order."""
    import tomllib

    raw = tomllib.loads(shipped.text("signatures.toml"))
    return tuple(
        Signature(
            name=row["name"],
            pattern=pattern(_CAPITAL.sub(_small, row["pattern"]), re.MULTILINE),
            says=row["says"],
            strong=row.get("strong", True),
            where=row.get("where", "any"),
            test=row["test"],
            near=row["near"],
        )
        for row in raw["signature"]
    )


def in_failure(failure: Failure) -> Iterator[Hit]:
    """The signatures that a failure's own exceptions show, the innermost cause first."""
    for part in failure.chain:
        message = part.message[:_READ]
        text = f"{part.exception.rsplit('.', 1)[-1]}: {message}" if part.exception else message
        yield from _hits((text, message), part.span[1] or None, inside=True)


def in_remarks(reading: Reading, near: tuple[int, int] | None = None) -> Iterator[Hit]:
    """The signatures in lines outside failures, errors first; within `near` where given."""
    rows = sorted(reading.remarks, key=lambda remark: (remark.kind != "error", remark.line))
    for remark in rows:
        if remark.kind == "command" or (near and not near[0] <= remark.line <= near[1]):
            continue
        yield from _hits((remark.text,), remark.line, inside=False)
    if reading.ending.text and reading.ending.kind is not EndKind.PASSED:
        yield from _hits((reading.ending.text,), reading.ending.line, inside=False)


def _hits(texts: Iterable[str], line: int | None, *, inside: bool) -> Iterator[Hit]:
    unwanted = "remark" if inside else "failure"
    seen: set[str] = set()
    for text in texts:
        for signature, shown in _matching(text[:_READ]):
            if signature.where != unwanted and signature.name not in seen:
                seen.add(signature.name)
                yield Hit(signature=signature, text=shown, line=line, in_failure=inside)


@lru_cache(maxsize=8_192)
def _matching(text: str) -> tuple[tuple[Signature, str], ...]:
    """The signatures in a text; failures of one job repeat each other's."""
    small = lowered(text)
    return tuple(
        (signature, _around(text, found)) for signature in signatures() if (found := signature.pattern.search(small))
    )


def lowered(text: str) -> str:
    """A text in small letters, each in its place: what a signature's pattern is searched in."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(map(_small_letter, text))


def _small_letter(letter: str) -> str:
    small = letter.lower()
    return small if len(small) == 1 else letter


def _small(found: re.Match[str]) -> str:
    return found[1] or found[2].lower()


def _around(text: str, found: re.Match[str]) -> str:
    """The matched text with what stands beside it on its line, cut for quoting."""
    start = text.rfind("\n", 0, found.start()) + 1
    end = text.find("\n", found.end())
    row = text[start : end if end >= 0 else len(text)].strip()
    return row if len(row) <= 160 else text[found.start() : found.end()][:160]
