"""From a release's claims about itself to the tracker where its bugs belong. Pure.

Labels are normalised as PEP 753 says; trackers go before sources, sources before home pages. A forge's address of a
repository stands for its issues; addresses that only look like one (sponsors, wikis of people, badges) do not count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from bot.patterns import pattern

TRACKER_LABELS = frozenset(
    {
        "issues", "issue", "tracker", "bugs", "bug", "bugtracker", "issuetracker", "bugreports", "bugreport", "report",
        "reportissues", "reportabug", "reportbug", "reportbugs", "issuestracker", "githubissues", "trackerissues",
        "bugtracking", "issuetracking", "reportissue", "reportanissue", "ticket", "tickets", "bugsissues", "bugstracker",
        "gitlabissues", "openissues", "githubissuetracker", "bugreporting", "bugzilla", "support",
    }
)  # fmt: skip
SOURCE_LABELS = frozenset(
    {
        "source", "sourcecode", "sources", "repository", "repo", "code", "github", "githubrepository", "githubrepo",
        "git", "gitrepository", "gitlab", "sourcerepository", "githubproject", "vcs", "scm", "coderepository",
        "githubsource", "sourcecoderepository", "githubhomepage", "development", "projectrepository", "upstream",
        "opendev", "codeberg", "browsesource", "sourcegithub", "githubmain", "mainrepository",
    }
)  # fmt: skip
NEVER_LABELS = frozenset(
    {
        "funding",
        "sponsor",
        "sponsors",
        "donate",
        "donation",
        "donations",
        "tidelift",
        "chat",
        "discord",
        "gitter",
        "twitter",
    }
)
NOT_OWNERS = frozenset(
    {
        "sponsors", "orgs", "apps", "marketplace", "users", "features", "topics", "about", "settings", "login",
        "collections", "explore", "notifications", "readme", "security", "site", "enterprise", "pricing", "search",
        "user-attachments", "customer-stories", "advisories",
    }
)  # fmt: skip
DEAD = pattern(r"(?:^|\.)(?:code\.google\.com|googlecode\.com|codeplex\.com|gitorious\.org)$")
NAME = pattern(r"^[A-Za-z0-9_.-]+$")


class Rank(IntEnum):
    """How plainly a claim names a tracker, plainest first."""

    TRACKER = 0
    """Under a tracker's label."""
    ISSUES = 1
    """An address of issues under another label."""
    SOURCE = 2
    """Under a source's label."""
    PAGE = 3
    """Another label, a forge's address."""
    TOLD_TRACKER = 4
    """In the description, said to be the tracker, or an address of issues of a project of this name."""
    TOLD_SOURCE = 5
    """In the description, said to be the source, or the address of a project of this name."""
    DERIVED = 6
    """A project on a forge without issues, whose bugs are kept under its name elsewhere."""
    FADED = 7
    """A forge that has dropped most of what it once held."""


class Candidate(Struct, frozen=True, kw_only=True):
    """A tracker that a claim leads to."""

    url: str
    rank: Rank
    project: str = ""
    """The forge's project, lower case, without its scheme: what tells two claims of one repository."""


class Place(NamedTuple):
    """What an address on a known kind of forge means."""

    tracker: str
    project: str
    issues: bool = False
    """Whether the address itself names issues."""
    ceiling: Rank = Rank.TRACKER
    """The best rank that a claim of it can have."""


def normal_label(label: str) -> str:
    """PEP 753: no punctuation, no white space, lower case."""
    return re.sub(r"[^\w]|_", "", label).lower()


def candidates(
    urls: Iterable[tuple[str, str]], told: Iterable[tuple[str, str]] = (), name: str = ""
) -> list[Candidate]:
    """The trackers that claims lead to, best first, each once.

    `told` are (label, URL) pairs of the description, where most lead to other projects: without a label only those of
    a project of the distribution's own `name` count.
    """
    found: dict[str, Candidate] = {}
    claims = [*(_claimed(label, url) for label, url in urls), *(_told(label, url, name) for label, url in told)]
    for candidate in claims:
        if candidate is not None:
            standing = found.get(candidate.url)
            if standing is None or candidate.rank < standing.rank:
                found[candidate.url] = candidate
    return sorted(found.values(), key=lambda candidate: candidate.rank)


def _claimed(label: str, url: str) -> Candidate | None:
    """One metadata URL, or None where it leads to no tracker."""
    label = normal_label(label)
    if label in NEVER_LABELS:
        return None
    place = place_of(url)
    if place is None:
        kept = _own_site(url) if label in TRACKER_LABELS and label != "support" else None
        return Candidate(url=kept, rank=Rank.TRACKER) if kept else None
    by_label = Rank.TRACKER if label in TRACKER_LABELS else Rank.SOURCE if label in SOURCE_LABELS else Rank.PAGE
    rank = min(by_label, Rank.ISSUES) if place.issues else by_label
    return Candidate(url=place.tracker, rank=max(rank, place.ceiling), project=place.project)


def _told(label: str, url: str, name: str) -> Candidate | None:
    """One URL of the description."""
    label, place = normal_label(label), place_of(url)
    if place is None or label in NEVER_LABELS:
        return None
    own = normal_label(place.project.rpartition("/")[2]) in {normal_label(name), normal_label(f"python-{name}")}
    if label in TRACKER_LABELS or (own and place.issues):
        rank = Rank.TOLD_TRACKER
    elif label in SOURCE_LABELS or own:
        rank = Rank.TOLD_SOURCE
    else:
        return None
    return Candidate(url=place.tracker, rank=max(rank, place.ceiling), project=place.project)


def place_of(url: str) -> Place | None:
    """What an address means, where it is on a known kind of forge."""
    parts = _split(url)
    if parts is None:
        return None
    host, path = parts
    if host in {"github.com", "redirect.github.com"}:
        return _github(path)
    if host == "bitbucket.org":
        # its Mercurial repositories were deleted in 2020, and most that metadata names were of that kind
        place = _two(host, path)
        return place._replace(ceiling=Rank.FADED) if place else None
    for known, read in FORGES:
        if known.search(host):
            return read(host, path)
    return None


def _split(url: str) -> tuple[str, list[str]] | None:
    """Host and path parts; also of `git@host:owner/repo` and of an address without its scheme."""
    text = url.strip().strip("<>\"'`,;").removeprefix("git+")
    text = re.sub(r"^(?:ssh://)?git@([^:/]+)[:/]", r"https://\1/", text)
    text = re.sub(r"^scm:git:", "", text)
    if not re.match(r"^[a-z][a-z0-9+.-]*://", text, re.IGNORECASE):
        if not re.match(r"^[\w.-]+\.[a-z]{2,}/", text, re.IGNORECASE):
            return None
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").lower().removeprefix("www.")
    except ValueError:
        return None
    return (host, [unquote(part) for part in parts.path.split("/") if part]) if host else None


def _bare(repo: str) -> str:
    return repo.partition("@")[0].removesuffix(".git")


def _github(path: list[str]) -> Place | None:
    """owner/repo and whatever stands below it; an owner alone is no tracker."""
    if len(path) < 2:
        return None
    owner, repo = path[0], _bare(path[1])
    if owner.lower() in NOT_OWNERS or not NAME.match(owner) or not NAME.match(repo) or not repo.strip("."):
        return None
    issues = len(path) > 2 and path[2] in {"issues", "labels", "milestones"}
    return Place(f"https://github.com/{owner}/{repo}/issues", f"github.com/{owner}/{repo}".lower(), issues)


def _opendev(_: str, path: list[str]) -> Place | None:
    """OpenDev hosts code and no issues: its projects' bugs are on Launchpad, unless their metadata says otherwise."""
    path = path[1:] if path[:1] == ["cgit"] else path
    if len(path) < 2 or not NAME.match(path[1]):
        return None
    project = _bare(path[1])
    return Place(
        f"https://bugs.launchpad.net/{project}", f"opendev.org/{path[0]}/{project}".lower(), ceiling=Rank.DERIVED
    )


def _openstack_docs(_: str, path: list[str]) -> Place | None:
    """`docs.openstack.org/<project>/latest`: likewise."""
    if (
        len(path) < 2
        or path[1] not in {"latest", "pike", "queens", "rocky", "stein", "train", "ussuri"}
        or not NAME.match(path[0])
    ):
        return None
    return Place(
        f"https://bugs.launchpad.net/{path[0]}", f"opendev.org/openstack/{path[0]}".lower(), ceiling=Rank.DERIVED
    )


def _launchpad(host: str, path: list[str]) -> Place | None:
    if not path or path[0].startswith(("~", "+")) or not NAME.match(path[0]):
        return None
    issues = host.startswith("bugs.") or "+bugs" in path
    return Place(f"https://bugs.launchpad.net/{path[0]}", f"launchpad.net/{path[0]}".lower(), issues)


def _gitlab(host: str, path: list[str]) -> Place | None:
    """Groups nest: the project ends where `-` or an old style section begins."""
    sections = {"-", "issues", "tree", "blob", "wikis", "merge_requests"}
    end = next((at for at, part in enumerate(path) if part in sections), len(path))
    if end < 2:
        return None
    name = "/".join([*path[: end - 1], _bare(path[end - 1])])
    return Place(f"https://{host}/{name}/-/issues", f"{host}/{name}".lower(), "issues" in path)


def _two(host: str, path: list[str]) -> Place | None:
    """owner/repo with `issues` below it, as most forges have it."""
    if len(path) < 2:
        return None
    name = f"{path[0]}/{_bare(path[1])}"
    return Place(f"https://{host}/{name}/issues", f"{host}/{name}".lower(), "issues" in path[2:])


def _pagure(host: str, path: list[str]) -> Place | None:
    return Place(f"https://{host}/{path[0]}/issues", f"{host}/{path[0]}".lower(), "issues" in path) if path else None


def _sourcehut(host: str, path: list[str]) -> Place | None:
    if len(path) < 2 or not path[0].startswith("~"):
        return None
    name = f"{path[0]}/{path[1]}"
    return Place(f"https://todo.sr.ht/{name}", f"sr.ht/{name}".lower(), host.startswith("todo."))


def _storyboard(host: str, path: list[str]) -> Place | None:
    """OpenStack's other tracker; its addresses were `#!/project/NAME` once, which says nothing without the fragment."""
    name = "/".join(path)
    return Place(f"https://{host}/{name}", f"{host}/{name}".lower(), issues=True) if len(path) >= 2 else None


def _sourceforge(host: str, path: list[str]) -> Place | None:
    if len(path) < 2 or path[0] not in {"projects", "p"} or not NAME.match(path[1]):
        return None
    issues = len(path) > 2 and path[2] in {"bugs", "tickets", "tracker"}
    return Place(f"https://{host}/p/{path[1]}/{path[2] if issues else 'bugs'}", f"{host}/{path[1]}".lower(), issues)


def _savannah(host: str, path: list[str]) -> Place | None:
    if len(path) < 2 or path[0] not in {"projects", "p"} or not NAME.match(path[1]):
        return None
    return Place(f"https://{host}/bugs/?group={path[1]}", f"{host}/{path[1]}".lower())


FORGES: tuple[tuple[re.Pattern[str], Callable[[str, list[str]], Place | None]], ...] = (
    (pattern(r"^(?:opendev\.org|git\.openstack\.org|review\.opendev\.org)$"), _opendev),
    (pattern(r"^docs\.openstack\.org$"), _openstack_docs),
    (pattern(r"^(?:bugs\.|code\.|answers\.)?launchpad\.net$"), _launchpad),
    (pattern(r"^storyboard\.openstack\.org$"), _storyboard),
    (
        pattern(r"(?:^|\.)(?:gitlab|heptapod)\.|^(?:salsa\.debian\.org|framagit\.org|invent\.kde\.org|0xacab\.org)$"),
        _gitlab,
    ),
    (pattern(r"^(?:codeberg\.org|codefloe\.com)$|(?:^|\.)(?:gitea|forgejo)\."), _two),
    (pattern(r"^pagure\.io$"), _pagure),
    (pattern(r"^(?:git\.|todo\.|hg\.)?sr\.ht$"), _sourcehut),
    (pattern(r"^sourceforge\.net$"), _sourceforge),
    (pattern(r"^savannah\.(?:non)?gnu\.org$"), _savannah),
)


def _own_site(url: str) -> str | None:
    """A tracker of a project's own (Bugzilla, Trac, Roundup …), under a tracker label."""
    parts = _split(url)
    if parts is None or not url.strip().lower().startswith(("http://", "https://")):
        return None
    host, path = parts
    if DEAD.search(host) or host == "github.com" or not path:
        return None
    return url.strip()
