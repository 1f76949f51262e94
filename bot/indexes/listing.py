"""A project's files as an index lists them, and the releases they make as of an instant."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from packaging.version import InvalidVersion, Version

from bot.facts import Release
from bot.indexes.trouble import Unsound

READABLE = ("wheel", "sdist", "egg")


class ListedFile(Struct, frozen=True, kw_only=True):
    """One file that an index offers."""

    filename: str
    url: str
    version: str
    """As the index spells it."""
    kind: str
    """wheel, sdist or egg."""
    sha256: str | None = None
    size: int | None = None
    uploaded: datetime | None = None
    yanked: bool = False
    requires_python: str | None = None
    metadata: bool = False
    """Whether the index serves the wheel's metadata beside it (PEP 658)."""
    metadata_sha256: str | None = None
    provenance: str | None = None
    """Where its attestations are (PEP 740)."""

    @property
    def identity(self) -> str:
        """What tells its content from any other file's: its hash, or its address where none is given."""
        return self.sha256 or self.url


class Listing(Struct, frozen=True, dict=True):
    """All that an index lists of one project, and when it said so."""

    project: str
    files: tuple[ListedFile, ...]
    fetched: datetime
    timed: bool = True
    """Whether upload times are given."""
    exists: bool = True

    @cached_property
    def by_version(self) -> Mapping[Version, tuple[ListedFile, ...]]:
        """The files of each release, releases in order."""
        spelled: dict[str, Version] = {}
        found: dict[Version, list[ListedFile]] = {}
        for file in self.files:
            version = spelled.get(file.version) or spelled.setdefault(file.version, Version(file.version))
            found.setdefault(version, []).append(file)
        return {version: tuple(found[version]) for version in sorted(found)}

    def settled(self, as_of: datetime | None, settle_seconds: float) -> bool:
        """Whether nothing uploaded before the instant can be missing: then the listing is good for ever for it."""
        return as_of is not None and (self.fetched - as_of).total_seconds() > settle_seconds

    def at(self, as_of: datetime | None) -> Mapping[Version, tuple[ListedFile, ...]]:
        """The files of each release that were there at the instant; a file without a time counts as there."""
        if as_of is None:
            return self.by_version
        seen: dict[Version, tuple[ListedFile, ...]] = {}
        for version, files in self.by_version.items():
            there = tuple(file for file in files if file.uploaded is None or file.uploaded <= as_of)
            if there:
                seen[version] = there
        return seen

    def releases(self, as_of: datetime | None) -> tuple[Release, ...]:
        """The releases of then, oldest version first."""
        return tuple(_release(version, files) for version, files in self.at(as_of).items())


def _release(version: Version, files: tuple[ListedFile, ...]) -> Release:
    """A release from its files."""
    times = [file.uploaded for file in files if file.uploaded is not None]
    return Release(
        version=files[0].version,
        uploaded=min(times) if times else None,
        yanked=all(file.yanked for file in files),
        prerelease=version.is_prerelease,
        requires_python=next((file.requires_python for file in files if file.requires_python), None),
    )


# ---------------------------------------------------------------------------------------------- reading pages


def read_simple(project: str, body: bytes, content_type: str, url: str, fetched: datetime) -> Listing:
    """A listing from a page of the simple API: JSON (PEP 691, 700) or HTML (PEP 503), by its content type.

    HTML may carry `data-upload-time` and `data-size`, as proxying indexes write them.
    """
    try:
        if "json" in content_type:
            return _from_json(project, json.loads(body), url, fetched)
        return _from_html(project, body.decode("utf-8", "replace"), url, fetched)
    except Exception as error:
        raise Unsound(f"the index's page can't be read: {type(error).__name__}") from error


def _from_json(project: str, data: Any, url: str, fetched: datetime) -> Listing:
    """From PEP 691."""
    from pypi_simple import ProjectPage

    page = ProjectPage.from_json_data(data, url)
    spelled = _spellings(data.get("versions"))
    files = _files(((package, {}) for package in page.packages), spelled)
    return Listing(project, files, fetched, timed=any(file.uploaded for file in files))


def _from_html(project: str, text: str, url: str, fetched: datetime) -> Listing:
    """From PEP 503, with the attributes that proxying indexes add."""
    from pypi_simple import DistributionPackage, RepositoryPage

    page = RepositoryPage.from_html(text, url)
    pairs = ((DistributionPackage.from_link(link, project), link.attrs or {}) for link in page.links)
    files = _files(pairs, {})
    return Listing(project, files, fetched, timed=any(file.uploaded for file in files))


def read_legacy(project: str, body: bytes, fetched: datetime) -> Listing:
    """A listing from `/pypi/<project>/json`."""
    from pypi_simple.filenames import parse_filename

    try:
        rows = [row for release in json.loads(body)["releases"].values() for row in release]
        found = []
        for row in rows:
            _, version, kind = parse_filename(row["filename"], project)
            file = ListedFile(
                filename=row["filename"],
                url=row["url"],
                version=version,
                kind=kind,
                sha256=_sha256((row.get("digests") or {}).get("sha256")),
                size=_size(row.get("size")),
                uploaded=_instant(row.get("upload_time_iso_8601") or row.get("upload_time")),
                yanked=bool(row.get("yanked")),
                requires_python=row.get("requires_python") or None,
            )
            found.append(file)
    except Exception as error:
        raise Unsound(f"the index's page can't be read: {type(error).__name__}") from error
    files = tuple(file for file in found if _usable(file))
    return Listing(project, files, fetched, timed=any(file.uploaded for file in files))


def _files(packages: Iterable[tuple[Any, Mapping[str, Any]]], spelled: Mapping[Version, str]) -> tuple[ListedFile, ...]:
    """pypi-simple's packages as ours; what no release can be told of is left out."""
    found = []
    for package, attrs in packages:
        if package.version is None or package.package_type not in READABLE:
            continue
        file = ListedFile(
            filename=package.filename,
            url=package.url,
            version=package.version,
            kind=package.package_type,
            sha256=_sha256(package.digests.get("sha256")),
            size=package.size if package.size is not None else _size(attrs.get("data-size")),
            uploaded=_aware(package.upload_time) or _instant(attrs.get("data-upload-time")),
            yanked=package.is_yanked,
            requires_python=package.requires_python,
            metadata=bool(package.has_metadata),
            metadata_sha256=_sha256((package.metadata_digests or {}).get("sha256")),
            provenance=package.provenance_url,
        )
        if _usable(file):
            found.append(_spell(file, spelled))
    return tuple(found)


def _usable(file: ListedFile) -> bool:
    """Whether its version is one in the sense of PEP 440."""
    try:
        Version(file.version)
    except InvalidVersion:
        return False
    return file.kind in READABLE


def _spellings(versions: Any) -> Mapping[Version, str]:
    """How the index spells its versions (PEP 700)."""
    found = {}
    for text in versions if isinstance(versions, list) else ():
        try:
            found[Version(str(text))] = str(text)
        except InvalidVersion:
            continue
    return found


def _spell(file: ListedFile, spelled: Mapping[Version, str]) -> ListedFile:
    """The file with its version spelled as the index does, else as PEP 440 normalises it."""
    version = Version(file.version)
    return replace(file, version=spelled.get(version, str(version)))


def _sha256(text: Any) -> str | None:
    """A digest, or None where it is none."""
    return text.lower() if isinstance(text, str) and re.fullmatch(r"[0-9A-Fa-f]{64}", text) else None


def _size(value: Any) -> int | None:
    """A size in bytes, or None where it is none."""
    text = str(value if value is not None else "")
    return int(text) if text.isdigit() and len(text) < 15 else None


def _instant(text: Any) -> datetime | None:
    """An ISO 8601 instant; without a zone it is UTC, as on the index."""
    if not isinstance(text, str):
        return None
    try:
        return _aware(datetime.fromisoformat(text))
    except ValueError:
        return None


def _aware(when: datetime | None) -> datetime | None:
    return when.replace(tzinfo=UTC) if when is not None and when.tzinfo is None else when


def merge_times(listing: Listing, other: Listing) -> Listing:
    """The first listing with upload times, sizes and yanks from another where it has none."""
    known = {file.filename: file for file in other.files}
    files = tuple(
        replace(
            file,
            uploaded=file.uploaded or known[file.filename].uploaded,
            size=file.size if file.size is not None else known[file.filename].size,
            yanked=file.yanked or known[file.filename].yanked,
        )
        if file.filename in known
        else file
        for file in listing.files
    )
    return replace(listing, files=files, timed=any(file.uploaded for file in files))


def merge_files(listings: list[Listing]) -> Listing:
    """One listing from several indexes'; the first that offers a file name wins."""
    files: dict[str, ListedFile] = {}
    for listing in listings:
        for file in listing.files:
            files.setdefault(file.filename, file)
    return Listing(
        listings[0].project,
        tuple(files.values()),
        min(listing.fetched for listing in listings),
        timed=any(listing.timed for listing in listings),
        exists=any(listing.exists for listing in listings),
    )


# ---------------------------------------------------------------------------------------------- for the cache


def pack(listing: Listing) -> bytes:
    """The listing in few bytes."""
    rows = [
        [
            file.filename,
            file.url,
            file.version,
            file.kind,
            file.sha256,
            file.size,
            file.uploaded.timestamp() if file.uploaded else None,
            file.yanked,
            file.requires_python,
            file.metadata,
            file.provenance,
            file.metadata_sha256,
        ]
        for file in listing.files
    ]
    head = {"at": listing.fetched.timestamp(), "timed": listing.timed, "exists": listing.exists}
    return json.dumps({**head, "files": rows}, separators=(",", ":")).encode()


def unpack(project: str, data: bytes) -> Listing:
    """A listing as it was packed."""
    head = json.loads(data)
    files = tuple(
        ListedFile(
            filename=row[0],
            url=row[1],
            version=row[2],
            kind=row[3],
            sha256=row[4],
            size=row[5],
            uploaded=datetime.fromtimestamp(row[6], UTC) if row[6] is not None else None,
            yanked=row[7],
            requires_python=row[8],
            metadata=row[9],
            provenance=row[10],
            metadata_sha256=row[11],
        )
        for row in head["files"]
    )
    fetched = datetime.fromtimestamp(head["at"], UTC)
    return Listing(project, files, fetched, timed=head["timed"], exists=head["exists"])
