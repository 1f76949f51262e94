"""Answers to the questions about one release, and what answering needs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct, field
from packaging.version import InvalidVersion, Version

from bot.facts import ComesFrom, Defines, Held, Holds, MadeHere, Metadata, Release, ReleaseMetadata, Releases, TopLevels
from bot.indexes.archives import Archives, Tree, preferred
from bot.indexes.budget import Budget
from bot.indexes.cache import Cache
from bot.indexes.catalogue import Catalogue
from bot.indexes.limits import Limits
from bot.indexes.listing import ListedFile
from bot.indexes.metadata import read_metadata
from bot.indexes.origins import origins
from bot.indexes.own_make import made_here
from bot.indexes.probes import Reader, defining
from bot.indexes.trouble import Absent, Unknown, Unsound

ELSEWHERE = 20
"""So many other places of a line are told."""


class Asked(Struct):
    """One question's circumstances, and what came up on the way."""

    as_of: datetime | None
    budget: Budget
    catalogue: Catalogue
    archives: Archives
    cache: Cache
    limits: Limits
    doubts: list[str] = field(default_factory=list)
    """Why the answer may be wrong or short; one with doubts is not kept."""
    note: str = ""
    """What is to be said beside a sound answer; kept with it."""
    lasting: bool = True
    _seen: dict[str, Mapping[Version, tuple[ListedFile, ...]]] = field(default_factory=dict)

    def seen(self, project: str) -> Mapping[Version, tuple[ListedFile, ...]]:
        """The files of each release that were there."""
        if project not in self._seen:
            known = self.catalogue.listing(project, self.as_of, self.budget)
            self._seen[project] = known.listing.at(self.as_of)
        return self._seen[project]

    def say(self, note: str) -> None:
        """Note something that is kept with the answer."""
        self.note = "; ".join(filter(None, [self.note, note]))

    def releases(self, project: str) -> tuple[Release, ...]:
        """The releases of then."""
        known = self.catalogue.listing(project, self.as_of, self.budget)
        self._circumstances(known.doubt, settled=known.listing.settled(self.as_of, self.limits.settle_seconds))
        if not known.listing.timed and known.listing.files and self.as_of is not None:
            self.say("the index gives no upload times: later releases may be among these")
            self.lasting = False
        return known.listing.releases(self.as_of)

    def releases_with(self, project: str, version: str) -> tuple[Release, ...]:
        """The releases of then, and at least those that were there when `version` was: it was installed."""
        seen = self.releases(project)
        known = self.catalogue.listing(project, self.as_of, self.budget)
        uploaded = [file.uploaded for file in _of_version(known.listing.by_version, version) if file.uploaded]
        if self.as_of is None or not uploaded or min(uploaded) <= self.as_of:
            return seen
        return known.listing.releases(min(uploaded))

    def all_releases(self, project: str) -> tuple[Release, ...]:
        """The releases up to when the index was last asked, whatever the instant."""
        known = self.catalogue.listing(project, self.as_of, self.budget)
        self._circumstances(known.doubt, settled=known.listing.settled(self.as_of, self.limits.settle_seconds))
        return known.listing.releases(None)

    def files(self, project: str, version: str | None) -> tuple[str, tuple[ListedFile, ...]]:
        """A release as the index spells it, and its files of then; None: the newest."""
        known = self.catalogue.listing(project, self.as_of, self.budget)
        seen = self.seen(project)
        if version is None:
            wanted = newest(known.listing.releases(self.as_of))
            self._circumstances(known.doubt, settled=known.listing.settled(self.as_of, self.limits.settle_seconds))
            if wanted is None:
                raise Absent(f"the index has no release of {project}")
            return wanted.version, seen[Version(wanted.version)]
        files = _of_version(known.listing.by_version, version)
        if not files:
            if known.doubt:
                raise Unknown(known.doubt)
            raise Absent(f"the index has no release {version} of {project}")
        # a release that was installed was there: its files count even where the clocks disagree
        return files[0].version, _of_version(seen, version) or files

    def tree(self, project: str, version: str | None) -> Tree:
        """The files of a release."""
        _, files = self.files(project, version)
        return self.archives.open(project, files, self.budget)

    def _circumstances(self, doubt: str, *, settled: bool) -> None:
        if doubt and not settled:
            self.doubts.append(doubt)
        self.lasting = self.lasting and settled


def _of_version(by_version: Mapping[Version, tuple[ListedFile, ...]], version: str) -> tuple[ListedFile, ...]:
    """A version's files; a local part (`+cu118`) that the index does not list is the same release here."""
    try:
        wanted = Version(version)
    except InvalidVersion:
        return ()
    return by_version.get(wanted) or by_version.get(Version(wanted.public)) or ()


def newest(releases: tuple[Release, ...]) -> Release | None:
    """The newest release that pip would choose: no pre-release and not yanked where there is such a one."""
    standing = [release for release in releases if not release.yanked] or list(releases)
    final = [release for release in standing if not release.prerelease] or standing
    return final[-1] if final else None


# ---------------------------------------------------------------------------------------------- answers


def answer_releases(question: Releases, asked: Asked) -> tuple[Release, ...]:
    """The releases of then; none where the index does not know the project."""
    return asked.releases(question.distribution)


def answer_metadata(question: Metadata, asked: Asked) -> ReleaseMetadata:
    """A release's metadata: the file beside the wheel (PEP 658), else the one in it."""
    version, files = asked.files(question.distribution, question.version)
    return read_metadata(version, *metadata_of(question.distribution, files, asked))


def metadata_of(project: str, files: tuple[ListedFile, ...], asked: Asked) -> tuple[bytes, bytes | None]:
    """A release's metadata, as cheaply as it can be had, and an egg's or source's requirements."""
    beside = _beside(files, asked)
    if beside is not None:
        return beside, None
    tree = asked.archives.open(project, files, asked.budget)
    path = tree.metadata_path("METADATA") or tree.metadata_path("PKG-INFO")
    if path is None:
        raise Absent(f"{tree.file.filename} has no metadata")
    requires = tree.metadata_path("requires.txt") if tree.file.kind != "wheel" else None
    return tree.read(path, asked.budget), tree.read(requires, asked.budget) if requires is not None else None


def _beside(files: tuple[ListedFile, ...], asked: Asked) -> bytes | None:
    """The metadata that the index serves beside a wheel; None where it serves none."""
    for file in preferred(files):
        if not file.metadata:
            continue
        held = asked.cache.get("members", f"metadata {file.identity}")
        if held is not None:
            return held
        if asked.archives.transport is None:
            return None
        try:
            answer = asked.archives.transport.get(f"{file.url}.metadata", asked.budget, most=asked.limits.member_bytes)
        except Absent:
            return None
        if file.metadata_sha256 is not None and hashlib.sha256(answer.body).hexdigest() != file.metadata_sha256:
            raise Unsound(f"the metadata's hash is not the one that the index gives: {file.filename}")
        asked.cache.put("members", f"metadata {file.identity}", answer.body)
        return answer.body
    return None


def answer_holds(question: Holds, asked: Asked) -> Held:
    """Whether the release holds a frame's file, and what stands at its line."""
    tree = asked.tree(question.distribution, question.version)
    if question.path not in tree.paths:
        if tree.compiled:
            raise Unknown(f"{tree.file.filename} is built before it is installed, and does not hold the file as it is")
        return Held(file=False)
    if question.line is None and question.source is None:
        return Held(file=True)
    lines = [line.strip() for line in tree.read(question.path, asked.budget).decode("utf-8", "replace").splitlines()]
    actual = lines[question.line - 1] if question.line is not None and 0 < question.line <= len(lines) else None
    if question.source is None:
        return Held(file=True, actual=actual)
    wanted = question.source.strip()
    elsewhere = tuple(number for number, line in enumerate(lines, 1) if line == wanted and number != question.line)
    matches = actual == wanted if question.line is not None else None
    return Held(file=True, matches=matches, actual=actual, elsewhere=elsewhere[:ELSEWHERE])


def answer_top_levels(question: TopLevels, asked: Asked) -> tuple[str, ...]:
    """The import names of a release."""
    return asked.tree(question.distribution, question.version).top_levels


def answer_defines(question: Defines, asked: Asked) -> tuple[str, ...]:
    """The modules that define a class or function of that name."""
    tree = asked.tree(question.distribution, question.version)
    return defining(question.name, Reader(tree, asked.cache, asked.budget, asked.limits))


def answer_comes_from(question: ComesFrom, asked: Asked) -> tuple[str, ...]:
    """The calls whose results the statement works on."""
    tree = asked.tree(question.distribution, question.version)
    if question.path not in tree.paths:
        raise Absent(f"{tree.file.filename} does not hold {question.path}")
    text = tree.read(question.path, asked.budget).decode("utf-8", "replace")
    return origins(text, question.path, question.line, question.attribute)


def answer_made_here(question: MadeHere, asked: Asked) -> bool:
    """Whether the statement works on nothing that came from outside."""
    tree = asked.tree(question.distribution, question.version)
    if question.path not in tree.paths:
        raise Absent(f"{tree.file.filename} does not hold {question.path}")
    places = [(question.path, question.line), *question.callers]
    known = [place for at, place in enumerate(places) if all(path in tree.paths for path, _ in places[: at + 1])]
    texts = [(tree.read(path, asked.budget).decode("utf-8", "replace"), line) for path, line in known]
    return made_here(texts, strictly=question.strictly)
