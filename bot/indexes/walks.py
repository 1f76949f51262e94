"""Walk questions: a probe put to few releases, and what follows from the answers."""

from __future__ import annotations

import json
from contextlib import suppress

from msgspec import Struct, field
from packaging.version import Version

from bot.facts import DefinedAs, HasName, Release, StandsAs, Walk, Walked
from bot.indexes.archives import preferred
from bot.indexes.asked import Asked, newest
from bot.indexes.definition import definition
from bot.indexes.listing import ListedFile
from bot.indexes.probes import READER, Reader, Reply, defining, made_beside, namesakes, put, tracer
from bot.indexes.statements import REVISION, Standing, standing_at, stands
from bot.indexes.trouble import Absent, Unknown, Unsound
from bot.indexes.walk import Border, Looks, border

DEPRECATION_LOOKS = 8
GAP = 2
"""So many releases that could not be read may lie within a change that is named."""
MOVED_BYTES = 2 << 20
"""A release no larger than this is searched for where a name went."""


class Line(Struct):
    """The releases that count for a walk, oldest first, and what each answered."""

    question: Walk
    asked: Asked
    releases: list[Release]
    here: int
    """The installed release's place."""
    lenient: bool = False
    """Whether what the written source says is enough."""
    replies: dict[int, Reply] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    """Releases that could not be read now."""
    gaps: list[str] = field(default_factory=list)
    cut: bool = False
    """Whether the bound on looks was met."""
    over: set[str] = field(default_factory=set)
    """Releases that were passed over."""
    riddles: list[str] = field(default_factory=list)
    """Releases that can't be read, or do not say."""
    wanted: Standing | None = None
    """The statement that is looked for, once it was read where it stood."""

    def ask(self, place: int) -> bool | None:
        """The release's answer; None, with the trouble noted, where it can't be had."""
        version = self.releases[place].version
        try:
            reply = self._reply(version)
        except Unsound as error:
            reply = Reply(None, reason=str(error))
        except Unknown as error:
            reply = Reply(None)
            self.troubles.append(f"{version}: {error}")
        self.replies[place] = reply
        if self.lenient and reply.at is None and reply.soft is not None:
            return reply.soft
        if reply.reason and reply.at is None:
            self.riddles.append(f"{version}: {reply.reason}")
        return reply.at

    def passed(self, place: int) -> bool:
        """Whether a release costs too much to read for a walk that only passes by."""
        version = self.releases[place].version
        if self.releases[place].yanked and place > self.here:
            return version != self.question.good  # nobody is told to upgrade to it
        last = newest(tuple(self.releases))
        if version in {self.question.around, self.question.good, last.version if last else None}:
            return False
        _, files = self.asked.files(self.question.distribution, version)
        first = preferred(files)[0]
        over = first.kind == "sdist" and (first.size or 0) > self.asked.limits.passed_bytes
        if over:
            self.over.add(version)
        return over

    def _reply(self, version: str) -> Reply:
        """From the cache, or from the release's files."""
        if isinstance(self.question.probe, DefinedAs):
            return self._defined_as(self.question.probe, version)
        if isinstance(self.question.probe, StandsAs) and self.wanted is None:
            self.wanted = self._standing(self.question.probe)
            if self.wanted is None:
                return Reply(None, reason=f"{self.question.probe.version} has no such statement")
        project, asked = self.question.distribution, self.asked
        _, files = asked.files(project, version)
        identities = ",".join(sorted(file.identity for file in files))
        kind = f"{READER}.{REVISION}" if self.wanted is not None else READER
        key = f"probe {kind} {identities} {self.question.probe!r}"
        data = asked.cache.get("answers", key)
        if data is not None:
            with suppress(ValueError, TypeError):
                return Reply(*json.loads(data))
        reply = self._put(files)
        asked.cache.put("answers", key, json.dumps(list(reply)).encode())
        return reply

    def made_beside(self, version: str) -> bool:
        """Whether a release could make other names on demand beside the one that it writes out."""
        probe, asked = self.question.probe, self.asked
        with suppress(Unknown):
            _, files = asked.files(self.question.distribution, version)
            tree = asked.archives.open(self.question.distribution, files, asked.budget)
            reader = Reader(tree, asked.cache, asked.budget, asked.limits)
            return isinstance(probe, HasName) and made_beside(probe, reader)
        return False

    def _put(self, files: tuple[ListedFile, ...]) -> Reply:
        """The probe put to a release; what compiled code hides, its source may tell."""
        project, asked = self.question.distribution, self.asked
        tree = asked.archives.open(project, files, asked.budget)
        reader = Reader(tree, asked.cache, asked.budget, asked.limits)
        if isinstance(self.question.probe, StandsAs) and self.wanted is not None:
            return _stands_as(self.question.probe.file, self.wanted, reader)
        reply = put(self.question.probe, reader)
        sources = tuple(file for file in files if file.kind == "sdist")
        if reply.at is not None or tree.file.kind == "sdist" or not sources:
            return reply
        with suppress(Unknown):
            source = asked.archives.open(project, sources, asked.budget)
            told = put(self.question.probe, Reader(source, asked.cache, asked.budget, asked.limits))
            return told if told.at is not None else reply
        return reply

    def _defined_as(self, probe: DefinedAs, version: str) -> Reply:
        """Whether two releases define a thing alike."""
        wanted, own = self._definition(probe, probe.version), self._definition(probe, version)
        if not wanted:
            return Reply(None, reason=f"its definition in {probe.version} can't be told")
        return Reply(None if own is None else own == wanted)

    def _standing(self, probe: StandsAs) -> Standing | None:
        """The statement as it stands where the question found it."""
        project, asked = self.question.distribution, self.asked
        _, files = asked.files(project, probe.version)
        tree = asked.archives.open(project, files, asked.budget)
        reader = Reader(tree, asked.cache, asked.budget, asked.limits)
        if probe.file not in reader.paths:
            return None
        text = reader.text(probe.file)
        return standing_at(text, probe.file, probe.line, probe.text, probe.mentions, tracer(reader))

    def _definition(self, probe: DefinedAs, version: str) -> str | None:
        """What a release defines, as a digest; empty where it does not, None where it can't be told."""
        project, asked = self.question.distribution, self.asked
        _, files = asked.files(project, version)
        identities = ",".join(sorted(file.identity for file in files))
        key = f"defined {READER} {identities} {probe.module} {probe.name}"
        data = asked.cache.get("answers", key)
        if data is not None:
            return data.decode()
        tree = asked.archives.open(project, files, asked.budget)
        found = definition(Reader(tree, asked.cache, asked.budget, asked.limits), probe.module, probe.name)
        if found is not None:
            asked.cache.put("answers", key, found.encode())
        return found


def _stands_as(file: str, wanted: Standing, reader: Reader) -> Reply:
    """Whether a statement stands as it stood in another release; where its file moved, in the one that took its name."""
    reader.budget.seconds()  # comparing takes its time too
    trace = tracer(reader)
    if file in reader.paths:
        return Reply(stands(reader.text(file), file, wanted, trace), reason="it is no Python 3 there")
    for path in namesakes(file, reader):
        if stands(reader.text(path), path, wanted, trace):
            return Reply(True, moved_to=path)
    return Reply(False)


def answer_walk(question: Walk, asked: Asked) -> Walked:
    """How a probe's answer varies around the installed release."""
    everything = asked.releases_with(question.distribution, question.around)
    if not everything:
        raise Absent(f"the index has no release of {question.distribution}")
    releases = _counting(everything, question)
    here = _place(releases, question.around)
    if here is None:
        raise Absent(f"the index has no release {question.around} of {question.distribution}")
    line = Line(question, asked, releases, here)
    walked = _looked_at(line, here)
    reply = line.replies.get(here)
    if reply is not None and reply.at is None and reply.soft is not None:
        lenient = _as_written(line, here)
        line, walked = lenient or (line, walked)
    _say(line)
    return walked


def _as_written(line: Line, here: int) -> tuple[Line, Walked] | None:
    """The walk by what sources write, where code could make a name on demand: it counts if an earlier release wrote it.

    A class with `__getattr__` may have any attribute. One that was written out beside that `__getattr__`, and is asked
    for because it failed, is gone all the same; where the two came and went together, it may just have moved into it. What code makes on import are families
    of names, and seldom one that was written out.
    """
    line = Line(line.question, line.asked, line.releases, here, lenient=True)
    walked = _looked_at(line, here)
    if walked.at is not False or walked.last_other is None:
        return None
    if not line.replies[here].made and not line.made_beside(walked.last_other):
        return None
    line.asked.say("told by what is written; the code, or a base class from elsewhere, could still have the name")
    return line, walked


def _looked_at(line: Line, here: int) -> Walked:
    """The walk with looks of its own."""
    looks = Looks(line.ask, line.asked.limits.looks, passed=line.passed)
    walked = _walk(line, looks, here)
    line.cut = looks.cut
    return walked


def _say(line: Line) -> None:
    """Add what a walk met to what is said beside its answer."""
    asked = line.asked
    for gap in line.gaps:
        asked.say(gap)
    if line.cut:
        asked.say(f"looked at {asked.limits.looks} releases and no more")
    if line.over:
        asked.say(f"{len(line.over)} releases that are only a large source archive were passed over")
    if line.riddles:
        asked.say("not told by every release: " + "; ".join(line.riddles[:3]))
    if line.troubles:
        asked.doubts.append("not every release could be read: " + "; ".join(line.troubles[:3]))


def _walk(line: Line, looks: Looks, here: int) -> Walked:
    at = looks.at(here)
    last = newest(tuple(line.releases))
    if at is None:
        return Walked(at=None, newest=last.version if last else None, looked=_looked(line))
    good = _place(line.releases, line.question.good) if line.question.good else None
    newest_place = line.releases.index(last) if last else here
    newest_at = looks.at(newest_place)
    after = None
    if here < len(line.releases) - 1:
        # towards a newest release that differs it goes in strides: of several changes, the nearest is wanted
        after = _sure(line, border(looks, here, len(line.releases) - 1, newest_place if newest_at is at else None))
    before = _sure(line, border(looks, here, 0, good))
    return Walked(
        at=at,
        last_other=line.releases[before.far].version if before else None,
        first_same=line.releases[before.near].version if before else None,
        changed=line.releases[before.near].uploaded if before else None,
        deprecated_in=_deprecated(line, looks, before) if before and not at else None,
        next_other=line.releases[after.far].version if after else None,
        newest=last.version if last else None,
        newest_at=newest_at,
        looked=_looked(line),
        moved_to=_moved(line, here, before, after),
    )


def _sure(line: Line, found: Border | None) -> Border | None:
    """The border, unless so many releases within it were not read that it says little."""
    if found is None or abs(found.near - found.far) - 1 <= GAP:
        return found
    ends = sorted((found.near, found.far))
    first, last = (line.releases[place].version for place in ends)
    line.gaps.append(f"it changed between {first} and {last}, and the releases between were not read")
    return None


def _counting(releases: tuple[Release, ...], question: Walk) -> list[Release]:
    """Final releases, and pre-releases that the question itself names. Yanked ones count: once they were not."""
    named = {Version(text).public for text in (question.around, question.good) if text and _is_version(text)}
    return [release for release in releases if not release.prerelease or Version(release.version).public in named]


def _is_version(text: str) -> bool:
    with suppress(ValueError):
        Version(text)
        return True
    return False


def _place(releases: list[Release], version: str) -> int | None:
    """A version's place in the list."""
    if not _is_version(version):
        return None
    wanted = Version(version)
    for same in (wanted, Version(wanted.public)):
        for place, release in enumerate(releases):
            if Version(release.version) == same:
                return place
    return None


def _looked(line: Line) -> tuple[str, ...]:
    return tuple(line.releases[place].version for place in sorted(line.replies))


def _deprecated(line: Line, looks: Looks, before: Border) -> str | None:
    """The first release that warned of it, as far as a few more looks tell."""
    reply = line.replies.get(before.far)
    if reply is None or not reply.deprecated:
        return None

    def warned(place: int) -> bool | None:
        there = looks.at(place)
        return None if there is None else there and line.replies[place].deprecated

    since = border(Looks(warned, DEPRECATION_LOOKS), before.far, 0)
    return line.releases[since.near if since is not None else before.far].version


def _moved(line: Line, here: int, before: Border | None, after: Border | None) -> str | None:
    """Where the probed thing stands in a release that has it no more where it was asked for."""
    gone = [here, before.near if before else here, after.far if after else here]
    for place in gone:
        reply = line.replies.get(place)
        if reply is not None and reply.moved_to:
            return reply.moved_to
    probe = line.question.probe
    if isinstance(probe, HasName) and before is not None and line.replies[here].at is not True:
        return _defined_elsewhere(line, probe, before.near)
    return None


def _defined_elsewhere(line: Line, probe: HasName, place: int) -> str | None:
    """The one other module of a release that defines the name; looked for in small releases only."""
    project, asked = line.question.distribution, line.asked
    with suppress(Unknown):
        _, files = asked.files(project, line.releases[place].version)
        tree = asked.archives.open(project, files, asked.budget)
        if (tree.file.size or MOVED_BYTES + 1) > MOVED_BYTES or not probe.name.isidentifier():
            return None
        tree.bring(asked.budget)
        found = defining(probe.name, Reader(tree, asked.cache, asked.budget, asked.limits))
        others = [module for module in found if module != probe.module and ".test" not in f".{module}"]
        return f"{others[0]}.{probe.name}" if len(others) == 1 else None
    return None
