"""What the author of a comment said in their own words.

Theory: one pass over the lines with at most one thing open at a time: a code fence, an HTML comment, or an HTML block
whose content is shown and not said (`pre`, `code`, `blockquote`). Whatever is open to the end hides the rest, as the
forges render it. Below an e-mail's separator nothing is the author's any more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.patterns import pattern

_FENCE = pattern(r"(?:\s{0,12}(?:[-*+•]|\d{1,4}[.)])\s+)?\s*(`{3,}|~{3,})(.*)$")
_INDENTED = pattern(r"(?: {4}|\t| {1,3}\t)\s*(?![-*+•\s]|\d{1,4}[.)])")
_QUOTED = pattern(r"\s*(?:(?:[-*+•]|\d{1,4}[.)])\s+)?(?:>|&gt;)")
_OPENING = pattern(r"<!--|<(pre|code|blockquote)\b[^<>]{0,200}>", re.IGNORECASE)
_SPAN = pattern(r"(`+)(?!`)")
_COMMAND = pattern(r"/up(?:river|stream)\b", re.IGNORECASE)
_WROTE = pattern(r"\s*(?:on|le|am|el|il|op|em|den|w dniu)\s.{4,300}[:：]\s*$", re.IGNORECASE)
_MAIL = pattern(
    r"[<\[(]?[\w.+-]{1,80}@[\w.-]{1,80}|\b(?:wrote|schrieb|écrit|escribió|scritto|schreef|escreveu|napisał)\b"
)
_SEPARATOR = pattern(
    r"\s*(?:-{2,}\s*(?:original message|original appointment|forwarded message|ursprüngliche nachricht|message d'origine|"
    r"mensaje original|messaggio originale)\s*-{2,}|_{20,})\s*$",
    re.IGNORECASE,
)
_HEADER = pattern(r"\s*\*{0,2}(?:from|von|de|da|van)\*{0,2}\s?:\*{0,2}\s.*$", re.IGNORECASE)
_HEADER_NEXT = pattern(
    r"\s*\*{0,2}(?:sent|date|to|gesendet|datum|an|envoyé|à|enviado|para|inviato|a|verzonden|aan|reply-to|cc)\*{0,2}\s?:",
    re.IGNORECASE,
)
_SIGNATURE = pattern(r"-- ?$")


def spoken(text: str) -> Iterator[str]:
    """The lines that are the author's own, without code spans that hold a command and without hidden parts."""
    lines = _visible(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    kept = list(_own(list(lines)))
    for line in kept:
        yield _without_spans(line)


def _visible(lines: list[str]) -> Iterator[str]:
    """Lines outside fences, indented code, HTML comments and HTML blocks."""
    fence = ""
    closing = ""
    for line in lines:
        if fence:
            found = _FENCE.match(line)
            if found and found.group(1).startswith(fence) and not found.group(2).strip():
                fence = ""
            continue
        if _QUOTED.match(line):  # a quotation closes what was open before it at most, and opens nothing behind it
            closing = _after(line, closing)[1] if closing else ""
            yield line
            continue
        rest, closing = _after(line, closing) if closing else (line, "")
        opened = _FENCE.match(rest)
        if opened and not (opened.group(1)[0] == "`" and "`" in opened.group(2)):
            fence = opened.group(1)
            continue
        shown, closing = ("", closing) if closing else _cut(rest)
        if not _INDENTED.match(shown):
            yield shown


def _after(line: str, closing: str) -> tuple[str, str]:
    """What follows the end of what is open, and what is still open."""
    at = line.lower().find(closing)
    return ("", closing) if at < 0 else (" " + line[at + len(closing) :], "")


def _cut(line: str) -> tuple[str, str]:
    """A line without its hidden parts, and what it leaves open."""
    kept: list[str] = []
    rest = line
    while opening := _OPENING.search(rest):
        kept.append(rest[: opening.start()])
        closing = f"</{opening.group(1).lower()}>" if opening.group(1) else "-->"
        rest, still = _after(rest[opening.end() :], closing)
        if still:
            return "".join(kept), still
    return "".join(kept) + rest, ""


def _own(lines: list[str]) -> Iterator[str]:
    """Lines that are neither quoted nor below an e-mail's separator or signature."""
    for at, line in enumerate(lines):
        if _ends_here(lines, at):
            return
        if not _QUOTED.match(line):
            yield line


def _ends_here(lines: list[str], at: int) -> bool:
    """Whether an e-mail's quoted part, without marks of its own, begins at a line."""
    line = lines[at]
    if _SEPARATOR.match(line) or _SIGNATURE.fullmatch(line):
        return True
    if _HEADER.match(line):
        return any(_HEADER_NEXT.match(following) for following in lines[at + 1 : at + 4])
    wrapped = f"{line} {lines[at + 1]}" if at + 1 < len(lines) and not line.rstrip().endswith((":", "：")) else line
    if _WROTE.match(wrapped) and _MAIL.search(wrapped):
        following = next((later for later in lines[at + 1 + (wrapped is not line) :] if later.strip()), "")
        return not _QUOTED.match(following)
    return False


def _without_spans(line: str) -> str:
    """A line with code spans that hold a command removed; other spans lose their marks."""
    if "`" not in line or not _COMMAND.search(line):
        return line
    kept: list[str] = []
    at = 0
    while (tick := _SPAN.search(line, at)) is not None:
        end = line.find(tick.group(1), tick.end())
        if end < 0:
            break
        kept.append(line[at : tick.start()])
        inside = line[tick.end() : end]
        kept.append("code" if _COMMAND.search(inside) else inside)
        at = end + len(tick.group(1))
    return "".join(kept) + line[at:]
