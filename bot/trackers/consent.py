"""What a project says about machines that report to it: an opt-out file, a policy's line, an issue chooser.

Said once, heard always. A file that refuses is obeyed; a policy that bars bots or generated reports makes every report
a draft that a human sends, with the line quoted to them. What can't be read says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import yaml
from msgspec import Struct

OPT_OUT = (".github/upriver.yml", ".github/upriver.yaml", ".upriver.yml", "upriver.yml")
"""Where a repository may say no, first found first heard; the owner's `.github` repository speaks for all."""
POLICIES = (
    "CONTRIBUTING.md", ".github/CONTRIBUTING.md", "docs/CONTRIBUTING.md", "CONTRIBUTING.rst", "AI_POLICY.md",
    ".github/AI_POLICY.md",
)  # fmt: skip
TEMPLATES = (
    ".github/ISSUE_TEMPLATE/bug_report.yml",
    ".github/ISSUE_TEMPLATE/bug_report.md",
    ".github/ISSUE_TEMPLATE/config.yml",
)
OWNERS = ".github"
LONGEST = 200_000

Read = Callable[[str, str], Awaitable[str | None]]
"""(repository's name, path) → text, or None."""

_MACHINE = (
    r"(?:bots?\b|automated|automatic(?:ally)?|machine[- ]generated|ai[- ](?:generated|assisted|written|tools?)|"
    r"(?:generated|written|created|produced|opened|filed|submitted)\s+(?:\w+\s+){0,3}by\s+(?:an?\s+)?(?:ai\b|llms?\b|bots?\b|machines?\b|chatgpt|copilot)|"
    r"llms?\b|large language models?|generative ai|ai agents?|artificial intelligence|\bai\b)"
)
_THING = r"(?:issues?|bug reports?|reports?|pull requests?|prs?\b|contributions?|submissions?|comments?|content)"
_BAR = (
    r"(?:do(?:es)? not|don['’]t|doesn['’]t|will not|won['’]t|cannot|can['’]t|must not|may not|should not|never|no longer|not\s+(?:be\s+)?"
    r"(?:accept(?:ed|able)?|allow(?:ed)?|permitted|welcome)|forbid(?:den|s)?|prohibit(?:ed|s)?|ban(?:ned|s)?|reject(?:ed|s)?|"
    r"refuse[ds]?|disallow(?:ed|s)?|clos(?:ed|e) (?:without|immediately|on sight)|unwelcome|please refrain|refrain from|no\b)"
)
_BARRED = tuple(re.compile(pattern, re.IGNORECASE) for pattern in (_MACHINE, _BAR, _THING))
"""All of them in one sentence: a machine, a no, and something that is written."""
_WAVED = re.compile(
    r"\b(?:stale ?bot|dependabot|renovate|our (?:own )?bots?|the bot (?:will|can|may)|pre-commit\.ci|CI bot|CLA|"
    r"(?:bots?|automated tests?|automatic tests?|automated checks?|CI)\s+(?:will|can|may)\b|"
    r"do not (?:need|have) to|don['’]t (?:need|have|worry)|no need|not required|without (?:automated )?tests)",
    re.IGNORECASE,
)


class Wishes(Struct, frozen=True, kw_only=True):
    """What was found."""

    refused: str | None = None
    draft_only: str | None = None


async def wishes(read: Read, repository: str) -> Wishes:
    """What a repository and its owner say, the stronger word first."""
    for name in dict.fromkeys((repository, OWNERS)):
        for path in OPT_OUT:
            text = await read(name, path)
            if text is not None:
                heard = opt_out(text, f"{name}/{path}")
                if heard is not None:
                    return heard
                break
    for name in dict.fromkeys((repository, OWNERS)):
        for path in (*POLICIES, *TEMPLATES):
            text = await read(name, path)
            line = barring_line(text) if text else None
            if line is not None:
                return Wishes(draft_only=f"{path}: “{line}”")
    return Wishes()


def opt_out(text: str, where: str) -> Wishes | None:
    """What an opt-out file says: `reports: none | draft | allow` (or false/true); a file that can't be read says no."""
    refused = Wishes(refused=f"{where} says no")
    try:
        data = yaml.safe_load(text[:LONGEST])
    except (yaml.YAMLError, RecursionError, ValueError):
        return refused
    if not isinstance(data, dict):
        return None if str(data).strip().lower() in {"true", "allow", "on", "yes"} else refused
    said = str(data.get("reports", data.get("enabled", "none"))).strip().lower()
    if said in {"true", "allow", "on", "yes"}:
        return None
    return Wishes(draft_only=f"{where}: reports: {said}") if said in {"draft", "drafts"} else refused


def barring_line(text: str) -> str | None:
    """The sentence of a policy that bars machines' reports, cut to be quoted; None where there is none."""
    for sentence in _sentences(text[:LONGEST]):
        if all(part.search(sentence) for part in _BARRED) and not _WAVED.search(sentence):
            return sentence if len(sentence) <= 300 else sentence[:299] + "…"
    return None


def _sentences(text: str) -> list[str]:
    """Sentences and list items, each on one line, without Markdown's marks and comments."""
    plain = re.sub(r"<!--.*?-->", " ", text, flags=re.DOTALL)
    parts: list[str] = []
    for block in re.split(r"\n\s*(?:\n|(?=[-*+#]|\d+\.))", plain):
        joined = " ".join(re.sub(r"[*_`#>]", "", block).split()).removeprefix("- ")
        parts += [part.strip()[:2_000] for part in re.split(r"(?<=[.!?])\s+", joined) if part.strip()]
    return parts
