"""Releases as trees of files: opened from the cache, by range requests, or by one bounded download."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from threading import Lock
from typing import NamedTuple

from msgspec import Struct, field

from bot.indexes import layout
from bot.indexes.budget import Budget
from bot.indexes.cache import Cache
from bot.indexes.limits import Limits
from bot.indexes.listing import ListedFile
from bot.indexes.stripes import Recent, Stripes
from bot.indexes.transport import Answer, Transport
from bot.indexes.trouble import Absent, Bound, Offline, Unknown, Unsound
from bot.indexes.zipped import Fetch, Member, Sparse, directory, member_holds, read_member

TAIL = 1 << 16
"""So much of a wheel's end is asked for first: mostly it holds the whole directory."""
ZIPS = (".whl", ".egg", ".zip")
MEMORY_BYTES = 64 << 20
TREES = 128
AHEAD_AFTER = 2
AHEAD_FIRST = 1 << 16
AHEAD_MOST = 1 << 20
WHOLE_AFTER = 8
WHOLE_BYTES = 16 << 20
"""Of a pure wheel no larger than this all is fetched once so many parts of it were; most of others is no source."""
KEPT_WHOLE = 4 << 20
"""A wheel fetched whole that is no larger than this is kept."""


class Ahead(Struct):
    """Bytes of a remote archive that were fetched beyond what was asked for.

    A probe that follows names through many small files would make a request for each; so the further it reads, the
    more is fetched at once.
    """

    reads: int = 0
    blocks: list[tuple[int, bytes]] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def get(self, start: int, stop: int, fetch: Fetch) -> bytes:
        """Some bytes, from what is held or fetched with more after them."""
        with self.lock:
            for at, data in self.blocks:
                if at <= start and stop <= at + len(data):
                    return data[start - at : stop - at]
            more = 0 if self.reads < AHEAD_AFTER else min(AHEAD_FIRST << (self.reads - AHEAD_AFTER), AHEAD_MOST)
            self.reads += 1
            data = fetch(start, stop + more)
            if more:
                self.blocks = [*self.blocks[-3:], (start, data)]
            return data[: stop - start]


class Tree:
    """One release's files as they would stand when installed. Reading may cost a request."""

    def __init__(self, project: str, file: ListedFile, members: Mapping[str, Member], archives: Archives) -> None:
        self.project, self.file, self.members = project, file, members
        self._archives = archives
        self.ahead = Ahead()
        self.paths: Mapping[str, str] = layout.installed(file.kind, members)

    @cached_property
    def top_levels(self) -> tuple[str, ...]:
        """The import names that it provides."""
        return layout.top_levels(self.file.kind, self.paths)

    @cached_property
    def compiled(self) -> bool:
        """Whether this is source that is compiled before it is installed: then modules may lack here."""
        return self.file.kind == "sdist" and any(
            name.endswith((".c", ".cc", ".cpp", ".pyx", ".rs", ".f", ".f90", ".cxx", ".build")) for name in self.members
        )

    def key(self, path: str) -> str:
        """What tells this path's content from any other release's of the project."""
        member = self.members[self.paths[path]]
        return f"{self.project} {path} {member.size} {member.crc:08x}"

    def size(self, path: str) -> int:
        """How long a file is."""
        return self.members[self.paths[path]].size

    def offset(self, path: str) -> int:
        """Where a file stands in the archive."""
        return self.members[self.paths[path]].offset

    def holds(self, text: bytes, budget: Budget) -> bool:
        """Whether any file, compiled ones too, holds a text: the whole archive is read for it."""
        return self._archives.holds(self, text, budget)

    def bring(self, budget: Budget) -> None:
        """Have all of it at hand."""
        self._archives.bring(self, budget)

    def read(self, path: str, budget: Budget) -> bytes:
        """A file's content; KeyError where there is no such file, Unknown where it can't be had."""
        return self._archives.read(self, path, budget)

    def metadata_path(self, name: str) -> str | None:
        """Where a metadata file stands: `METADATA` of a wheel, `PKG-INFO` of the rest."""
        found = [
            path
            for path in self.paths
            if path.endswith(f"/{name}") and path.count("/") <= 2 and _holds_metadata(path.rpartition("/")[0])
        ]
        if self.file.kind == "sdist" and name in self.paths:
            found.append(name)
        return min(found, key=lambda path: (path.count("/"), path)) if found else None


def _holds_metadata(folder: str) -> bool:
    last = folder.rpartition("/")[2]
    return last.endswith((".dist-info", ".egg-info")) or last == "EGG-INFO"


class Looked(NamedTuple):
    """What a file holds, and the bytes of it that were fetched to know that: some members are among them."""

    members: Mapping[str, Member]
    tail: list[tuple[int, bytes]]


class Archives(Struct):
    """Opens releases. Thread-safe."""

    cache: Cache
    transport: Transport | None
    """None: offline."""
    limits: Limits
    _blobs: Recent[bytes] = field(default_factory=lambda: Recent(TREES, MEMORY_BYTES))
    _trees: Recent[Tree] = field(default_factory=lambda: Recent(TREES))
    _busy: Stripes = field(default_factory=Stripes)

    def open(self, project: str, files: Sequence[ListedFile], budget: Budget) -> Tree:
        """The tree of a release, from the file of it that is read most cheaply; raises Unknown."""
        if not files:
            raise Absent("the release has no file that can be read")
        missing: Unknown | None = None
        for file in preferred(files):
            try:
                return self._tree(project, file, budget)
            except Absent as error:
                missing = error
            except Offline as error:
                missing = error
        raise missing or Absent("the release has no file that can be read")

    def _tree(self, project: str, file: ListedFile, budget: Budget) -> Tree:
        with self._busy.of(file.identity):
            tree = self._trees.get(file.identity)
            if tree is None:
                members, tail = self._contents(file, budget)
                tree = Tree(project, file, members, self)
                tree.ahead.blocks.extend(tail)
                self._trees.put(file.identity, tree)
            return tree

    def _contents(self, file: ListedFile, budget: Budget) -> Looked:
        """What a file holds; what was unsound stays so."""
        data = self.cache.get("contents", file.identity)
        if data is not None:
            known = json.loads(data)
            if "unsound" in known:
                raise Unsound(known["unsound"])
            return Looked({name: Member(*row) for name, row in known["members"].items()}, [])
        if self.transport is None:
            raise Offline(f"the files of {file.filename}")
        try:
            looked = self._look(file, budget)
        except Unsound as error:
            self.cache.put("contents", file.identity, json.dumps({"unsound": str(error)}).encode())
            raise
        self.cache.put(
            "contents", file.identity, json.dumps({"members": looked.members}, separators=(",", ":")).encode()
        )
        return looked

    def _look(self, file: ListedFile, budget: Budget) -> Looked:
        """Fetch what is needed to know a file's members."""
        if not file.filename.endswith(ZIPS):
            from bot.indexes.tarred import repack

            blob, members = repack(file.filename, self._whole(file, budget), self.limits)
            self._keep(file, blob)
            return Looked(members, [])
        if file.size is not None and file.size <= self.limits.small_bytes:
            return self._whole_zip(file, self._whole(file, budget))
        end = self._get(file, budget, f"bytes=-{TAIL}", self.limits.whole_bytes)
        total = _total(end)
        if total is None:
            return self._whole_zip(file, self._checked(file, end.body))

        def fetch(start: int, stop: int) -> bytes:
            return self._part(file, start, stop, budget)

        start = total - len(end.body)
        archive = Sparse(total, {start: end.body}, fetch, self.limits.directory_bytes)
        return Looked(directory(archive, self.limits), [(start, end.body)])

    def _whole_zip(self, file: ListedFile, data: bytes) -> Looked:
        members = directory(io.BytesIO(data), self.limits)
        self._keep(file, data)
        return Looked(members, [])

    # ------------------------------------------------------------------------------------------ members

    def read(self, tree: Tree, path: str, budget: Budget) -> bytes:
        """One file of a tree. Equal files of other releases of the project are read once for all."""
        name = tree.paths[path]
        member = tree.members[name]
        if member.offset < 0:
            raise Unsound(f"not kept of the source archive: {path}")
        blob = self._blob(tree.file)
        if blob is None and tree.ahead.reads >= WHOLE_AFTER and self._is_worth_it(tree.file):
            blob = self.bring(tree, budget)
        if blob is not None:
            return _from_blob(blob, name, member, self.limits)
        key = tree.key(path)
        content = self.cache.get("members", key)
        if content is None:
            content = self._read(tree, name, member, budget)
            self.cache.put("members", key, content)
        return content

    def _is_worth_it(self, file: ListedFile) -> bool:
        """Whether to fetch all of a file of which many parts were fetched."""
        most = WHOLE_BYTES if file.filename.endswith("-none-any.whl") else KEPT_WHOLE
        return self.transport is not None and file.size is not None and file.size <= most

    def _read(self, tree: Tree, name: str, member: Member, budget: Budget) -> bytes:
        """One member by a range request; the whole file again where what was kept of it is gone."""
        if self.transport is None:
            raise Offline(f"{name} of {tree.file.filename}")
        if not tree.file.filename.endswith(ZIPS):
            from bot.indexes.tarred import repack

            blob, _ = repack(tree.file.filename, self._whole(tree.file, budget), self.limits)
            self._keep(tree.file, blob)
            return _from_blob(blob, name, member, self.limits)

        def fetch(start: int, stop: int) -> bytes:
            return self._part(tree.file, start, stop, budget)

        return read_member(name, member, lambda start, stop: tree.ahead.get(start, stop, fetch), self.limits)

    def bring(self, tree: Tree, budget: Budget) -> bytes:
        """A tree's whole archive in memory: where all of it is read, one request is better than many."""
        blob = self._blob(tree.file)
        if blob is None:
            if self.transport is None:
                raise Offline(f"all of {tree.file.filename}")
            if (tree.file.size or 0) > self.limits.searched_bytes:
                raise Bound(f"{tree.file.filename} is too large to be searched through")
            blob = self._whole(tree.file, budget)
            if len(blob) <= KEPT_WHOLE:
                self._keep(tree.file, blob)
            else:
                self._blobs.put(tree.file.identity, blob)
        return blob

    def holds(self, tree: Tree, text: bytes, budget: Budget) -> bool:
        """Whether any member holds a text."""
        blob = self.bring(tree, budget)
        members = [member for member in tree.members.values() if member.offset >= 0]
        return any(member_holds(blob, member, text, self.limits) for member in members)

    # ------------------------------------------------------------------------------------------ whole files

    def _keep(self, file: ListedFile, data: bytes) -> None:
        """Keep a zip whole: on disk and, the last few, in memory."""
        self.cache.put("archives", file.identity, data)
        self._blobs.put(file.identity, data)

    def _blob(self, file: ListedFile) -> bytes | None:
        """A zip that was kept whole."""
        held = self._blobs.get(file.identity)
        if held is None:
            held = self.cache.get("archives", file.identity)
            if held is not None:
                self._blobs.put(file.identity, held)
        return held

    # ------------------------------------------------------------------------------------------ the network

    def _whole(self, file: ListedFile, budget: Budget) -> bytes:
        """A file from end to end, its hash checked."""
        if file.size is not None and file.size > self.limits.whole_bytes:
            raise Unsound(f"the file is larger than {self.limits.whole_bytes >> 20} MiB: {file.filename}")
        return self._checked(file, self._get(file, budget, None, self.limits.whole_bytes).body)

    def _checked(self, file: ListedFile, data: bytes) -> bytes:
        """The data, if it is what the index promised."""
        if file.sha256 is not None and hashlib.sha256(data).hexdigest() != file.sha256:
            raise Unsound(f"the file's hash is not the one that the index gives: {file.filename}")
        return data

    def _part(self, file: ListedFile, start: int, stop: int, budget: Budget) -> bytes:
        """Some bytes of a file, fewer where it ends before."""
        answer = self._get(file, budget, f"bytes={start}-{stop - 1}", self.limits.whole_bytes)
        if answer.status == 200:  # the server changed its mind about ranges
            return answer.body[start:stop]
        if not answer.headers.get("content-range", "").startswith(f"bytes {start}-"):
            raise Unsound("the index answers with another range than was asked for")
        return answer.body[: stop - start]

    def _get(self, file: ListedFile, budget: Budget, ranged: str | None, most: int) -> Answer:
        if self.transport is None:
            raise Offline(file.filename)
        headers = {"Accept-Encoding": "identity", **({"Range": ranged} if ranged else {})}
        return self.transport.get(file.url, budget, most=most, headers=headers)


def _from_blob(blob: bytes, name: str, member: Member, limits: Limits) -> bytes:
    """A member of an archive in memory."""
    return read_member(name, member, lambda start, stop: blob[start:stop], limits)


def _total(answer: Answer) -> int | None:
    """A file's length from a partial answer; None for a whole one."""
    if answer.status != 206:
        return None
    total = answer.headers.get("content-range", "").rpartition("/")[2]
    if not total.isdigit() or int(total) < len(answer.body):
        raise Unsound("the index answers a range without saying which")
    return int(total)


def preferred(files: Iterable[ListedFile]) -> list[ListedFile]:
    """A release's files, the one to read first: pure wheels, then any wheel, sources, eggs; smaller ones first."""

    def rank(file: ListedFile) -> tuple[int, int, int, str]:
        pure = file.filename.endswith("-none-any.whl")
        elsewhere = file.kind == "wheel" and not pure and "linux" not in file.filename
        kind = {"wheel": 0 if pure else 1, "sdist": 2, "egg": 3}[file.kind]
        return kind, int(elsewhere), file.size or 0, file.filename

    return sorted(files, key=rank)
