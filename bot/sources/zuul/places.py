"""Where a build's log and artifacts are: from the manifest, from well-known names, or from the CI's URL forms. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

from msgspec import Struct

MOST_NODES = 50_000
MOST_ARTIFACTS = 12


class Place(Struct, frozen=True, kw_only=True):
    """A file to fetch, by the name that it has for the reader."""

    name: str
    url: str


LOGS = ("job-output.txt", "job-output.txt.gz")
OTHER_LOGS = (
    "consoleText", "build-log.txt", "console.log", "console.txt", "console.txt.gz", "console.html", "build.log",
    "output.log", "logs/console.log",
)  # fmt: skip
"""What other CIs call their log, below the folder that they link to."""
ARTIFACTS = (
    "job-output.json.gz",
    "job-output.json",
    "zuul-info/inventory.yaml",
    "testrepository.subunit.gz",
    "testrepository.subunit",
)
_WANTED = (
    re.compile(r"^job-output\.json(?:\.gz)?$"),
    re.compile(r"(?:^|/)zuul-info/inventory\.yaml$"),
    re.compile(r"(?:^|/)testrepository\.subunit(?:\.gz)?$"),
    re.compile(r"(?:^|/)(?:\d+|last|stestr\.subunit|subunit\.out)\.?(?:subunit)(?:\.gz)?$"),
    re.compile(
        r"(?:^|/)(?:junit|test[-_]?results?|pytest|nosetests|xunit|results?)[\w.-]*\.xml(?:\.gz)?$", re.IGNORECASE
    ),
    re.compile(r"(?:^|/)junit/[\w.-]+\.xml(?:\.gz)?$", re.IGNORECASE),
    re.compile(r"(?:^|/)report[\w-]*\.jsonl(?:\.gz)?$"),
)


def below(log_url: str, name: str) -> str:
    """The URL of a file below a log folder's URL, or beside a log file's; names are quoted."""
    base = log_url.split("#", 1)[0].split("?", 1)[0]
    if not base.endswith("/"):
        last = urlsplit(base).path.rpartition("/")[2]
        base = base.rpartition("/")[0] + "/" if "." in last else base + "/"
    return base + quote(name, safe="/")


def well_known(log_url: str) -> tuple[Place, ...]:
    """The artifacts that Zuul's own jobs leave, for builds without a manifest."""
    return tuple(Place(name=name, url=below(log_url, name)) for name in ARTIFACTS)


def beside(log: str) -> tuple[Place, ...]:
    """The artifacts beside a log of which nothing but its address is known: there are some where a Zuul wrote it."""
    return well_known(log) if urlsplit(log).path.rpartition("/")[2] in LOGS else ()


def in_manifest(manifest: Any, log_url: str) -> tuple[Place, ...]:
    """The artifacts that a manifest lists and that can be read, in the order of their worth."""
    paths = list(_paths(manifest))
    found: dict[str, Place] = {}
    for wanted in _WANTED:
        for path in paths:
            plain = path.removesuffix(".gz")
            if wanted.search(path) and plain not in found:
                found[plain] = Place(name=path, url=below(log_url, path))
    return tuple(found.values())[:MOST_ARTIFACTS]


def _paths(manifest: Any) -> Iterator[str]:
    """Every file's path in a manifest's tree, without recursion; bounded, since a job wrote it."""
    tree = manifest.get("tree") if isinstance(manifest, Mapping) else None
    waiting = [("", row) for row in reversed(tree)] if isinstance(tree, list) else []
    for _ in range(MOST_NODES):
        if not waiting:
            return
        folder, row = waiting.pop()
        name = row.get("name") if isinstance(row, Mapping) else None
        if not isinstance(name, str) or name in {"", ".", ".."} or "/" in name:
            continue
        children = row.get("children")
        if isinstance(children, list):
            waiting += [(f"{folder}{name}/", child) for child in reversed(children)]
        elif row.get("mimetype") != "application/directory" and len(folder) < 1000:
            yield folder + name


_JENKINS = re.compile(r"/job/[^/]+/(?:\d+|last\w+Build)(?:/|$)")
_PROW = re.compile(r"/view/(?:gs|gcs)/(?P<path>[^?#]+)")


def logs_at(url: str) -> tuple[str, ...]:
    """Where the log behind a CI's URL may be, likeliest first, by the URL's own form."""
    base = url.split("#", 1)[0].split("?", 1)[0]
    path = urlsplit(base).path
    if found := _JENKINS.search(path):
        root = base[: len(base) - len(path) + found.end()].rstrip("/")
        return (f"{root}/consoleText",)
    if found := _PROW.search(path):
        return (f"https://storage.googleapis.com/{found['path'].rstrip('/')}/build-log.txt",)
    last = path.rpartition("/")[2]
    if re.search(r"\.(?:txt|log|gz|zst|html?)$|^consoleText$", last):
        return (base,)
    return tuple(below(base, name) for name in (*LOGS, *OTHER_LOGS))


_LINK = re.compile(r"""<a\s[^<>]{0,300}?href\s*=\s*["']([^"'<>]{1,1000})["']""", re.IGNORECASE)
_LIKELY = re.compile(
    r"^(?:job-output|console|consoletext|build-log|build|output|full|stdout)[\w.-]*?(?:\.(?:txt|log|html))?(?:\.gz|\.zst)?$",
    re.IGNORECASE,
)


def in_listing(page: str, url: str) -> tuple[str, ...]:
    """Logs that a folder's HTML listing links to, directly below it and nowhere else."""
    base = below(url, "")
    found = []
    for match in _LINK.finditer(page[:2_000_000]):
        target = urljoin(base, unescape(match.group(1))).split("#", 1)[0].split("?", 1)[0]
        name = unquote(target.removeprefix(base))
        if target.startswith(base) and "/" not in name and _LIKELY.match(name):
            found.append(target)
    return tuple(dict.fromkeys(found))[:5]
