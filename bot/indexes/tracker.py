"""From a release's claims about itself to the tracker where its bugs belong. Pure.

Labels are normalised as PEP 753 says; trackers go before sources, sources before home pages. A forge's address of a
repository stands for its issues; addresses that only look like one (sponsors, wikis of people, badges) do not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

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
GITLABS = re.compile(r"(?:^|\.)gitlab\.|^(?:salsa\.debian\.org|framagit\.org|invent\.kde\.org|0xacab\.org)$")
FORGEJO = re.compile(r"^(?:codeberg\.org|codefloe\.com)$|(?:^|\.)(?:gitea|forgejo)\.")
OPENDEV = re.compile(r"^(?:opendev\.org|git\.openstack\.org|review\.opendev\.org)$")
DEAD = re.compile(r"(?:^|\.)(?:code\.google\.com|googlecode\.com|codeplex\.com|gitorious\.org)$")
NAME = re.compile(r"^[A-Za-z0-9_.-]+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A tracker that a claim leads to."""

    url: str
    label: str
    rank: int
    """0 a tracker label, 1 an address of issues under another label, 2 a source label, 3 any other."""
    project: str = ""
    """The forge's project, lower case, without its scheme: what tells two claims of one repository."""


def normal_label(label: str) -> str:
    """PEP 753: no punctuation, no white space, lower case."""
    return re.sub(r"[^\w]|_", "", label).lower()


def candidates(urls: Iterable[tuple[str, str]]) -> list[Candidate]:
    """The trackers that claims lead to, best first, each once."""
    found: dict[str, Candidate] = {}
    for label, url in urls:
        candidate = _candidate(normal_label(label), url)
        if candidate is not None:
            standing = found.get(candidate.url)
            if standing is None or candidate.rank < standing.rank:
                found[candidate.url] = candidate
    return sorted(found.values(), key=lambda candidate: candidate.rank)


def _candidate(label: str, url: str) -> Candidate | None:
    """One claim, or None where it leads to no tracker."""
    if label in NEVER_LABELS:
        return None
    place = place_of(url)
    is_tracker = label in TRACKER_LABELS
    if place is None:
        kept = _own_site(url) if is_tracker and label != "support" else None
        return Candidate(url=kept, label=label, rank=0) if kept else None
    tracker, project, names_issues = place
    rank = 0 if is_tracker else 1 if names_issues else 2 if label in SOURCE_LABELS else 3
    return Candidate(url=tracker, label=label, rank=rank, project=project)


def place_of(url: str) -> tuple[str, str, bool] | None:
    """(tracker, project, whether the address itself names issues) for an address on a known kind of forge."""
    parts = _split(url)
    if parts is None:
        return None
    host, path = parts
    if host == "github.com" or host.endswith(".github.com"):
        return _github(host, path)
    if host.endswith(".github.io") or DEAD.search(host):
        return None
    if OPENDEV.search(host):
        return _opendev(path)
    if host in {"launchpad.net", "bugs.launchpad.net", "code.launchpad.net", "answers.launchpad.net"}:
        return _launchpad(host, path)
    if GITLABS.search(host):
        return _gitlab(host, path)
    if FORGEJO.search(host):
        return _two(host, path, "issues", FORGE_SECTIONS)
    if host == "bitbucket.org":
        return _two(host, path, "issues", FORGE_SECTIONS)
    if host == "pagure.io" and path:
        return f"https://pagure.io/{path[0]}/issues", f"pagure.io/{path[0]}".lower(), "issues" in path
    if host in {"sr.ht", "git.sr.ht", "todo.sr.ht", "hg.sr.ht"} and len(path) >= 2 and path[0].startswith("~"):
        return f"https://todo.sr.ht/{path[0]}/{path[1]}", f"sr.ht/{path[0]}/{path[1]}".lower(), host == "todo.sr.ht"
    if host == "storyboard.openstack.org":
        return url.strip(), "storyboard/" + "/".join(path).lower(), True
    return None


FORGE_SECTIONS = frozenset({"issues"})


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


def _github(host: str, path: list[str]) -> tuple[str, str, bool] | None:
    """github.com/owner/repo and whatever stands below it; an owner alone is no tracker."""
    if host not in {"github.com", "redirect.github.com"} or len(path) < 2:
        return None
    owner, repo = path[0], _bare(path[1])
    if owner.lower() in NOT_OWNERS or not NAME.match(owner) or not NAME.match(repo) or not repo.strip("."):
        return None
    names = len(path) > 2 and path[2] in {"issues", "labels", "milestones"}
    return f"https://github.com/{owner}/{repo}/issues", f"github.com/{owner}/{repo}".lower(), names


def _bare(repo: str) -> str:
    return repo.removesuffix(".git")


def _opendev(path: list[str]) -> tuple[str, str, bool] | None:
    """OpenDev hosts code and no issues: its projects' bugs are on Launchpad, unless their metadata says otherwise."""
    path = path[1:] if path[:1] == ["cgit"] else path
    if len(path) < 2 or not NAME.match(path[1]):
        return None
    return f"https://bugs.launchpad.net/{_bare(path[1])}", f"opendev.org/{path[0]}/{_bare(path[1])}".lower(), False


def _launchpad(host: str, path: list[str]) -> tuple[str, str, bool] | None:
    if not path or path[0].startswith(("~", "+")) or not NAME.match(path[0]):
        return None
    return (
        f"https://bugs.launchpad.net/{path[0]}",
        f"launchpad.net/{path[0]}".lower(),
        host.startswith("bugs.") or "+bugs" in path,
    )


def _gitlab(host: str, path: list[str]) -> tuple[str, str, bool] | None:
    """Groups nest: the project ends where `-` or an old style section begins."""
    ends = [
        at
        for at, part in enumerate(path)
        if part == "-" or part in {"issues", "tree", "blob", "wikis", "merge_requests"}
    ]
    project = path[: ends[0]] if ends else path
    if len(project) < 2:
        return None
    name = "/".join([*project[:-1], _bare(project[-1])])
    return f"https://{host}/{name}/-/issues", f"{host}/{name}".lower(), "issues" in path


def _two(host: str, path: list[str], section: str, sections: frozenset[str]) -> tuple[str, str, bool] | None:
    if len(path) < 2:
        return None
    name = f"{path[0]}/{_bare(path[1])}"
    return f"https://{host}/{name}/{section}", f"{host}/{name}".lower(), bool(sections & set(path[2:]))


def _own_site(url: str) -> str | None:
    """A tracker of a project's own (Bugzilla, Trac, Roundup …), under a tracker label."""
    parts = _split(url)
    if parts is None or not url.strip().lower().startswith(("http://", "https://")):
        return None
    host, path = parts
    if DEAD.search(host) or host == "github.com" or not path:
        return None
    return url.strip()
