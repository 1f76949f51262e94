"""Zuul's REST API: the build behind a URL, and the last green one of the same job, project and branch.

Since Zuul 10 a build's `ref` is an object; before, its fields were flat. Both are read. Times are naive and UTC.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import quote, urlencode, urlsplit

from msgspec import Struct

from bot.errors import Permanent


class Json(Protocol):
    """What fetches small JSON documents; `bot.sources.download.Downloader` does."""

    async def json(self, url: str, *, most: int = ..., headers: Mapping[str, str] | None = None) -> Any:
        """The document at a URL."""
        ...


class ZuulSite(Struct, frozen=True, kw_only=True):
    """One Zuul as an operator describes it."""

    api: str
    """`https://zuul.example.org/api`: the only place that is asked, whatever a comment's URL says."""
    tenant: str = ""
    """Empty: as in the build's URL."""


class Artifact(Struct, frozen=True, kw_only=True):
    """Something that a build uploaded, as it announces it."""

    name: str
    url: str
    kind: str = ""


class Build(Struct, frozen=True, kw_only=True):
    """A build as Zuul's database has it."""

    uuid: str
    tenant: str
    job: str
    result: str
    project: str = ""
    branch: str = ""
    change: str = ""
    patchset: str = ""
    ref: str = ""
    ref_url: str = ""
    revision: str = ""
    pipeline: str = ""
    log_url: str = ""
    artifacts: tuple[Artifact, ...] = ()
    started: datetime | None = None
    ended: datetime | None = None
    voting: bool = True
    detail: str = ""

    @property
    def manifest(self) -> str:
        """The manifest's URL, or empty."""
        return next((row.url for row in self.artifacts if row.kind == "zuul_manifest"), "")


_BUILD = re.compile(r"^(?P<root>/(?:[\w.~-]+/)*?)(?:t/(?P<tenant>[^/]{1,120})/)?build/(?P<uuid>[0-9a-fA-F-]{8,40})/?$")


class BuildPage(Struct, frozen=True):
    """A build's page on a Zuul's web site, taken apart."""

    host: str
    api: str
    tenant: str
    uuid: str


def build_page(url: str) -> BuildPage | None:
    """The parts of `https://zuul/t/TENANT/build/UUID`; None for what is no build's page. A tenant may have a host of its own."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.lower()
    except ValueError:
        return None
    found = _BUILD.match(parts.path)
    if found is None or parts.scheme not in {"http", "https"} or not host or "@" in host:
        return None
    api = f"{parts.scheme}://{host}{found['root']}api"
    return BuildPage(host, api, found["tenant"] or "", found["uuid"].lower())


def job_key(page: BuildPage) -> str:
    """What all events that announce this build agree on."""
    return f"zuul:{page.host}/{page.tenant}/{page.uuid}"


async def look_up(client: Json, site: ZuulSite, page: BuildPage) -> Build:
    """The build from the operator's Zuul. Raises what the client raises, `Permanent` for an answer that is no build."""
    tenant = page.tenant or site.tenant
    scope = f"/tenant/{quote(tenant, safe='')}" if tenant else ""
    data = await client.json(f"{site.api.rstrip('/')}{scope}/build/{page.uuid}")
    build = read_build(data, tenant)
    if build is None or build.uuid.lower() != page.uuid:
        raise Permanent("Zuul answered with something that is not the build asked for")
    return build


async def last_green(client: Json, site: ZuulSite, build: Build, since: datetime | None = None) -> Build | None:
    """The newest build of the same job, project and branch that passed before this one began and has a log.

    With `since`: that began after that instant.
    """
    if not (build.project and build.job):
        return None
    query = {"project": build.project, "job_name": build.job, "result": "SUCCESS", "complete": "true", "limit": "30"}
    if build.branch:
        query["branch"] = build.branch
    tenant = build.tenant or site.tenant
    scope = f"/tenant/{quote(tenant, safe='')}" if tenant else ""
    data = await client.json(f"{site.api.rstrip('/')}{scope}/builds?{urlencode(query)}")
    rows = [read_build(row, tenant) for row in data] if isinstance(data, Sequence) else []
    green = [row for row in rows if row is not None and _comparable(row, build) and _in_time(row, build, since)]
    return max(green, key=lambda row: row.ended or datetime.min.replace(tzinfo=UTC), default=None)


def _comparable(row: Build, build: Build) -> bool:
    """Whether a green build may be compared; the server's filters are checked again, since old ones ignore some."""
    same = (row.job, row.project) == (build.job, build.project) and (not build.branch or row.branch == build.branch)
    return same and row.result == "SUCCESS" and bool(row.log_url) and row.uuid != build.uuid


def _in_time(row: Build, build: Build, since: datetime | None) -> bool:
    if since is not None:
        return row.started is not None and row.started > since
    return row.ended is None or build.started is None or row.ended <= build.started


def read_build(data: Any, tenant: str = "") -> Build | None:
    """A build from the API's JSON, new form or old; None for what is none."""
    if not isinstance(data, Mapping) or not isinstance(data.get("uuid"), str):
        return None
    nested = data.get("ref")
    ref: Mapping[str, Any] = nested if isinstance(nested, Mapping) else data
    return Build(
        uuid=data["uuid"],
        tenant=tenant,
        job=_text(data.get("job_name")),
        result=_text(data.get("result")),
        project=_text(ref.get("project")),
        branch=_text(ref.get("branch")),
        change=_text(ref.get("change")),
        patchset=_text(ref.get("patchset")),
        ref=_text(ref.get("ref")),
        ref_url=_text(ref.get("ref_url")),
        revision=_text(ref.get("newrev")),
        pipeline=_text(data.get("pipeline")),
        log_url=_text(data.get("log_url")),
        artifacts=tuple(_artifacts(data.get("artifacts"))),
        started=instant(data.get("start_time")),
        ended=instant(data.get("end_time")),
        voting=data.get("voting") is not False,
        detail=_text(data.get("error_detail")),
    )


def _artifacts(rows: Any) -> list[Artifact]:
    found = []
    for row in rows[:200] if isinstance(rows, list) else ():
        if isinstance(row, Mapping) and isinstance(row.get("url"), str):
            about = row.get("metadata")
            kind = _text(about.get("type")) if isinstance(about, Mapping) else ""
            found.append(Artifact(name=_text(row.get("name")), url=row["url"], kind=kind))
    return found


def _text(value: Any) -> str:
    return str(value)[:2000] if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def instant(value: Any) -> datetime | None:
    """Zuul's time as an aware instant; None where there is none."""
    if not isinstance(value, str):
        return None
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
