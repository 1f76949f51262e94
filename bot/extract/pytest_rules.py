"""The rules that pytest draws: of `=` between sections, of `_` above a test's report, of `-` above what a test printed.

All rules of a run are as wide as its terminal. By that they are told from those of other runs: a test may print
what looks like a report, and what it prints is quoted in its own. A run within a test that is as wide opens with a
rule of its own, and its counts close it.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.patterns import pattern

SECTION = pattern(
    r"={3,} (?P<title>.+?) ={3,}\s*$|=* ?(?P<total>\d+ (?:failed|passed|error|skipped|deselected|warning|xfailed|xpassed).*? in [\d.:s ()hm]+(?:econds)?) ?=*$"
)
_TITLE = pattern(r"_{3,} (?P<title>.+?) _{3,}\s*$|_{1,2} (?P<long>\S.*?) _{1,3}\s*$")
_WIDE = pattern(r" (?P<title>(?:ERROR (?:at \w+ of|collecting) )?[^\W\d][\w./\\:-]*(?:\[.*\])?)(?: _)?\s*$")
_SEPARATOR = pattern(r"(?:_ ){5,}_?\s*$")
CAPTURED = pattern(
    r"-{3,} (?P<title>(?:Captured|live log|pytest-|generated|Live)\b.*?|.*\b(?:stdout|stderr|log)\b.*?) -{3,}\s*$"
)
_KNOWN = pattern(
    r"FAILURES|ERRORS|PASSES|XFAILURES|XPASSES|short test summary info|warnings summary|slowest |\d+ (?:failed|passed|error|skipped|deselected|warning|xfail|xpass)|"
    r"no tests ran|test session starts|rerun test summary|tests coverage|inline snapshot|memory|benchmark|Hypothesis|SKIPPED|.*summary"
)
_STOPPED = pattern(r"!{3,} .* !{3,}\s*$")


def title(line: str) -> str | None:
    """The title of a test's report."""
    if not line.startswith("_") or _SEPARATOR.match(line):
        return None
    found = _TITLE.match(line)
    if found is None:
        return None
    return found["title"] or found["long"]


def is_separator(line: str) -> bool:
    """Whether a line stands between the entries of one report."""
    return _SEPARATOR.match(line) is not None


def is_section(line: str) -> bool:
    """Whether a line opens a section, or counts and so ends a run."""
    return (line[:1] == "=" or line[:1].isdigit()) and SECTION.match(line) is not None


def is_stop(line: str) -> bool:
    """Whether a line says that a run was broken off."""
    return line.startswith("!!!") and _STOPPED.match(line) is not None


class Rules:
    """One run's rules, told from those that its tests print."""

    __slots__ = ("_nested", "_reporting", "_width")

    def __init__(self, opening: str) -> None:
        self._width = len(opening.rstrip())
        self._nested = False
        self._reporting = False
        """Whether the run within a test has begun to report."""

    def closes(self, line: str, *, captured: bool) -> bool:
        """Whether a line ends the section in which it stands; `captured` where a test's output is quoted."""
        if is_stop(line):
            return not captured or not self._nested
        if not is_section(line):
            return False
        return not captured or not self._quoted(line)

    def title(self, line: str, *, captured: bool) -> str | None:
        """A line's title, where it opens a test's report."""
        found = title(line)
        if found is None or not captured:
            return found
        if not self._fits(line) or (self._nested and self._reporting):
            return None
        self._nested = False
        return found

    def wide_title(self, line: str) -> str | None:
        """A title that fills its line, around which pytest before 5.4 drew no rule."""
        found = _WIDE.match(line) if self._width - 3 < len(line) < 10 * self._width else None
        return found["title"] if found else None

    def begin(self) -> None:
        """Another report begins: what the one before it quoted is over."""
        self._nested = self._reporting = False

    def goes_on(self, lines: Iterable[str | None]) -> bool:
        """Whether a section goes on past a count without a rule, as quiet runs print them: what follows tells."""
        for line in lines:
            if line is None:
                return False
            if line[:3] not in {"===", "___", "---"} or not self._fits(line):
                continue
            if title(line) or CAPTURED.match(line):
                return True
            found = SECTION.match(line)
            if found is not None:
                return found["title"] not in {"FAILURES", "ERRORS", "test session starts"}
        return False

    def _fits(self, line: str) -> bool:
        text = line.rstrip()
        if "&" in text:
            from html import unescape  # whose table of names few logs need

            text = unescape(text)
        # a title that fills the line leaves two signs at each side
        return len(text) == self._width or not text.startswith(("===", "___", "---"))

    def _quoted(self, line: str) -> bool:
        found = SECTION.match(line)
        if found is None or (found["title"] is not None and not _KNOWN.match(found["title"])) or not self._fits(line):
            return True
        if found["title"] is not None and found["title"].startswith("test session starts"):
            self._nested, self._reporting = True, False
            return True
        if not self._nested:
            return False
        self._reporting = self._reporting or (found["title"] or "") in {"FAILURES", "ERRORS"}
        counted = found["total"] is not None or (found["title"] or "")[:1].isdigit()
        self._nested = not counted and "no tests ran" not in line
        return True
