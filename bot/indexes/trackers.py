"""TrackerOf: where a distribution's reports belong, and what speaks for it.

A report filed now must go where the project lives now, so the newest metadata counts here, even where the job ran
before it was published; no verdict hangs on it. All of it is the package's own claim, save for attestations
(PEP 740): those the index has checked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress

from bot.facts import Release, TrackerOf
from bot.indexes.asked import Asked, metadata_of, newest
from bot.indexes.listing import ListedFile
from bot.indexes.metadata import read_metadata, read_told
from bot.indexes.tracker import Candidate, Rank, candidates
from bot.indexes.trouble import Absent, Unknown
from bot.model import TrackerRef

LOOKS = 4
"""So many releases' metadata are read."""
PROVENANCE_BYTES = 1 << 20
HOW = {
    Rank.TRACKER: "its metadata names it as the tracker",
    Rank.ISSUES: "its metadata names issues there",
    Rank.SOURCE: "its metadata names the source there",
    Rank.PAGE: "its metadata names a page there",
    Rank.TOLD_TRACKER: "its description names it as the tracker",
    Rank.TOLD_SOURCE: "its description names the source there",
    Rank.DERIVED: "its source is on a forge without issues, and projects of that forge keep them there",
    Rank.FADED: "its metadata names a forge that has since dropped most of what it held",
}


def answer_tracker(question: TrackerOf, asked: Asked) -> TrackerRef:
    """Where reports belong, by the newest metadata that says so plainly, else by the plainest that was read."""
    project = question.distribution
    releases = asked.all_releases(project)
    if not releases:
        raise Absent(f"the index has no release of {project}")
    best: tuple[str, tuple[ListedFile, ...], Candidate] | None = None
    for version, files, claimed in _claims(project, releases, asked):
        if claimed and (best is None or claimed[0].rank < best[2].rank):
            best = version, files, claimed[0]
        if best is not None and best[2].rank < Rank.DERIVED:
            break
    if best is None:
        raise Absent(f"the metadata of {project} names no tracker and no repository")
    return _reference(*best, asked)


def _claims(
    project: str, releases: tuple[Release, ...], asked: Asked
) -> Iterator[tuple[str, tuple[ListedFile, ...], list[Candidate]]]:
    """What releases claim, the newest first, then ever older ones."""
    trouble: Unknown | None = None
    for release in _order(releases):
        try:
            version, files = asked.files(project, release.version)
            data, _ = metadata_of(project, files, asked)
        except Unknown as error:
            trouble = error
            continue
        yield version, files, candidates(read_metadata(version, data).urls, read_told(data), project)
    if trouble is not None:
        raise trouble


def _order(releases: tuple[Release, ...]) -> list[Release]:
    """The newest, and then ever further back: metadata seldom changes from one release to the next."""
    first = newest(releases)
    back = [releases[-1 - step] for step in (0, 1, 5, 15) if step < len(releases)]
    return list(dict.fromkeys([*filter(None, [first]), *back]))[:LOOKS]


def _reference(version: str, files: tuple[ListedFile, ...], candidate: Candidate, asked: Asked) -> TrackerRef:
    """The reference, with what speaks for it."""
    how = f"{HOW[candidate.rank]} ({version})"
    attested = _attested(files, asked)
    if attested and candidate.project in attested:
        return TrackerRef(
            url=candidate.url, corroborated=True, why=f"{how}; attestations of {version} name {candidate.project}"
        )
    if attested:
        return TrackerRef(
            url=candidate.url, why=f"{how}; but attestations of {version} name {', '.join(sorted(attested))}"
        )
    return TrackerRef(url=candidate.url, why=f"{how}; nothing beside its own claims")


def _attested(files: tuple[ListedFile, ...], asked: Asked) -> set[str]:
    """The repositories that the release's attestations were published from (PEP 740), as the index serves them."""
    for file in files:
        if file.provenance is None:
            continue
        with suppress(Unknown):
            return _publishers(_provenance(file.provenance, asked))
    return set()


def _provenance(url: str, asked: Asked) -> bytes:
    """A provenance file: it never changes."""
    held = asked.cache.get("members", f"provenance {url}")
    if held is not None:
        return held
    if asked.archives.transport is None:
        raise Absent("offline")
    body = asked.archives.transport.get(url, asked.budget, most=PROVENANCE_BYTES).body
    asked.cache.put("members", f"provenance {url}", body)
    return body


def _publishers(data: bytes) -> set[str]:
    """The publishers' repositories, as a Candidate names its project."""
    hosts = {"github": "github.com", "gitlab": "gitlab.com"}
    found = set()
    with suppress(ValueError, AttributeError, TypeError):
        for bundle in json.loads(data).get("attestation_bundles") or ():
            publisher = bundle.get("publisher") or {}
            host = hosts.get(str(publisher.get("kind")).lower())
            if host is not None and isinstance(publisher.get("repository"), str):
                found.add(f"{host}/{publisher['repository']}".lower())
    return found
