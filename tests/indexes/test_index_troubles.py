"""An index that is down, slow, lying or hostile: every question still gets its Fact, in bounded time, and says why."""

from __future__ import annotations

import io
import random
import tarfile
import time

import pytest
from msgspec.structs import asdict, replace

from bot.facts import HasLine, HasModule, HasName, Holds, Metadata, Releases, TopLevels, TrackerOf, Walk
from bot.indexes import Limits
from bot.model import normalized
from tests.indexes import made
from tests.indexes.conftest import IMPATIENT, QUICK

THING = normalized("thing")
RELEASES = Releases(distribution=THING)
TOP = TopLevels(distribution=THING, version="1.0")
HELD = Holds(distribution=THING, version="1.0", path="thing/__init__.py", line=1, source="x = 1")
GOOD = made.wheel({"thing/__init__.py": "x = 1\n"})
PADDED = made.wheel(
    {
        "thing/data.txt": random.Random(7).randbytes(200_000),
        "thing/__init__.py": "x = 1\n" * 9,
        "thing/more.txt": random.Random(8).randbytes(100_000),
    }
)
NOISE = random.Random(9).randbytes(20_000)
WHEEL = "thing-1.0-py3-none-any.whl"
SDIST = "thing-1.0.tar.gz"
SMALL = Limits(
    **asdict(QUICK)
    | {"member_bytes": 50_000, "whole_bytes": 400_000, "unpacked_bytes": 2_000_000, "members": 50, "small_bytes": 0}
)


def unknown(fact, *words):
    assert not fact.known
    assert fact.answer is None
    for word in words:
        assert word in fact.reason
    assert "Error" not in fact.reason.split(":")[0], fact.reason  # a reason, not an accident of ours
    return fact.reason


# ------------------------------------------------------------------------------------------------- down and slow


@pytest.mark.parametrize("status", ["500", "502", "503", "429"])
def test_a_failing_index_is_asked_once_more_and_then_named(ask, bare, status):
    bare.add(WHEEL, "thing", GOOD)
    bare.faults["/simple/thing"] = status
    unknown(ask(bare, RELEASES), status)
    assert bare.paths().count("/simple/thing/") == 2


def test_a_failure_that_passes_is_no_failure(ask, bare):
    bare.add(WHEEL, "thing", GOOD)
    bare.faults["/simple/thing"] = "503"

    class Once(dict):
        def items(self):
            taken = list(super().items())
            self.clear()
            return taken

    bare.faults = Once(bare.faults)
    assert ask(bare, RELEASES).known


@pytest.mark.parametrize(("status", "word"), [("401", "401"), ("403", "403")])
def test_an_index_that_refuses(ask, bare, status, word):
    bare.faults["/simple/thing"] = status
    unknown(ask(bare, RELEASES), word)


def test_silence_is_not_waited_for_twice(ask, bare):
    bare.faults["/simple/thing"] = "hang"
    unknown(ask(bare, RELEASES, limits=IMPATIENT), "could not be reached")
    assert bare.paths() == ["/simple/thing/"]


@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_an_index_that_stalls_costs_bounded_time(ask, bare, fault):
    bare.add(WHEEL, "thing", GOOD)
    bare.faults["/simple/thing"] = fault
    began = time.monotonic()
    unknown(ask(bare, RELEASES, limits=IMPATIENT))
    assert time.monotonic() - began < 20  # the limit is 1.5 s; without one it would be 60 and more


def test_nobody_listens(ask, bare):
    bare.address = "http://127.0.0.1:9"
    unknown(ask(bare, RELEASES), "could not be reached")


def test_a_dead_index_is_left_alone_after_a_few_failures(ask, bare):
    bare.faults["/simple/"] = "503"
    for number in range(6):
        unknown(ask(bare, Releases(distribution=normalized(f"thing{number}"))))
    assert len(bare.asked) == 2 * QUICK.failures
    assert "left alone" in ask(bare, RELEASES).reason


def test_a_listing_cut_short(ask, bare):
    bare.faults["/simple/thing"] = "cut"
    unknown(ask(bare, RELEASES))


def test_redirects_without_end(ask, bare):
    bare.faults["/simple/thing"] = "loop"
    unknown(ask(bare, RELEASES), "redirects without end")
    assert len(bare.asked) == 6


def test_a_redirect_to_something_that_is_not_http(ask, bare):
    bare.faults["/simple/thing"] = "elsewhere"
    unknown(ask(bare, RELEASES), "not HTTP")


def test_a_listing_that_is_garbage(ask, bare):
    bare.faults["/simple/thing"] = "garbage"
    unknown(ask(bare, RELEASES), "can't be read")


def test_what_was_listed_before_is_said_with_the_doubt(ask, bare):
    bare.add(WHEEL, "thing", GOOD, uploaded="2024-01-01T00:00:00Z")
    limits = replace(QUICK, fresh_seconds=0)
    assert ask(bare, RELEASES, limits=limits).known
    bare.faults["/simple/thing"] = "503"
    fact = ask(bare, RELEASES, limits=limits)
    assert [release.version for release in fact.answer] == ["1.0"]
    assert "503" in fact.reason
    assert "as listed on" in fact.reason


# ------------------------------------------------------------------------------------------------- lying


def test_a_wrong_hash(ask, bare):
    bare.add(WHEEL, "thing", GOOD, sha256="0" * 64)
    unknown(ask(bare, TOP), "hash is not the one")


def test_a_wrong_hash_of_a_source_archive(ask, bare):
    bare.add(SDIST, "thing", made.sdist({"thing/__init__.py": ""}), sha256="0" * 64)
    unknown(ask(bare, TOP), "hash is not the one")


def test_a_file_that_is_gone(ask, bare):
    bare.add(WHEEL, "thing", GOOD)
    bare.faults["/files/"] = "404"
    unknown(ask(bare, TOP), "404")


def test_the_next_file_of_the_release_serves_where_one_is_gone(ask, bare):
    bare.add(WHEEL, "thing", GOOD)
    bare.add(SDIST, "thing", made.sdist({"thing/__init__.py": "x = 1\n"}))
    bare.faults[WHEEL] = "404"
    assert ask(bare, TOP).answer == ("thing",)


def test_other_bytes_than_were_asked_for(ask, bare):
    bare.add(WHEEL, "thing", PADDED)
    bare.faults["nowhere"] = "otherrange"
    unknown(ask(bare, HELD, limits=SMALL), "another range")


def test_a_server_without_ranges_sends_the_whole_file(ask, bare):
    bare.add(WHEEL, "thing", made.wheel({"thing/__init__.py": "x = 1\n", "thing/data.txt": b"\0" * 300_000}))
    bare.ranges = False
    assert ask(bare, HELD, limits=SMALL).answer.matches
    assert bare.paths().count(f"/files/{WHEEL}") == 1


def test_a_file_larger_than_allowed(ask, bare):
    bare.add(WHEEL, "thing", PADDED + PADDED)
    bare.ranges = False
    unknown(ask(bare, HELD, limits=SMALL), "KiB")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"this is no archive" * 20, "directory can't be read"),
        (GOOD[: len(GOOD) // 2], "directory can't be read"),
        (GOOD.replace(b"PK\1\2", b"PK\1\3"), "directory can't be read"),
        (made.zipped({"../thing/__init__.py": "x = 1"}), "outside"),
        (made.zipped({"/etc/passwd": "x"}), "outside"),
        (made.zipped({"C:/thing.py": "x"}), "outside"),
        (made.zipped({"..\\thing.py": "x"}), "outside"),
        (made.zipped({f"thing/{number}.py": "" for number in range(60)}), "members"),
    ],
    ids=["no archive", "cut short", "broken directory", "up", "absolute", "drive", "backslash", "too many"],
)
def test_a_hostile_wheel_is_refused(ask, bare, body, words):
    bare.add(WHEEL, "thing", body)
    unknown(ask(bare, TOP, limits=SMALL), words)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (made.lying_crc(GOOD, "thing/__init__.py"), "not what the directory says"),
        (made.lying_size(GOOD, "thing/__init__.py", 3), "not what the directory says"),
        (made.lying_size(GOOD, "thing/__init__.py", 40_000), "not what the directory says"),
        (made.wheel({"thing/__init__.py": b"\0" * 60_000}), "larger than"),
        (made.lying_size(made.wheel({"thing/__init__.py": b"\0" * 60_000}), "thing/__init__.py", 5), "not what"),
    ],
    ids=["checksum", "shorter", "longer", "a bomb that says so", "a bomb that does not"],
)
def test_a_lying_member_is_refused(ask, bare, body, words):
    bare.add(WHEEL, "thing", body)
    unknown(ask(bare, HELD, limits=SMALL), words)


def hostile_sdist(build) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        build(archive)
    return out.getvalue()


def upwards(archive):
    made.add(archive, "thing-1.0/../../etc/cron.d/x", "x")


def absolute(archive):
    made.add(archive, "/etc/cron.d/x", "x")


def bomb(archive):
    made.add(archive, "thing-1.0/zeros.bin", b"\0" * 5_000_000)


def many(archive):
    for number in range(80):
        made.add(archive, f"thing-1.0/thing/m{number}.py", "")


@pytest.mark.parametrize(
    ("build", "words"),
    [(upwards, "outside"), (absolute, "outside"), (bomb, "unpacks to more"), (many, "members")],
    ids=["up", "absolute", "bomb", "too many"],
)
def test_a_hostile_source_archive_is_refused(ask, bare, build, words):
    bare.add(SDIST, "thing", hostile_sdist(build))
    unknown(ask(bare, TOP, limits=SMALL), words)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_are_not_followed(ask, bare, kind):
    def build(archive):
        made.add(archive, "thing-1.0/thing/__init__.py", "x = 1\n")
        info = tarfile.TarInfo("thing-1.0/thing/secret.py")
        info.type = kind
        info.linkname = "/etc/passwd"
        archive.addfile(info)

    bare.add(SDIST, "thing", hostile_sdist(build))
    assert ask(bare, TOP).answer == ("thing",)
    held = ask(bare, Holds(distribution=THING, version="1.0", path="thing/secret.py", line=1))
    assert not held.answer.file


def test_a_source_archive_cut_short(ask, bare):
    whole = made.sdist({"thing/__init__.py": "x = 1\n" * 2000})
    bare.add(SDIST, "thing", whole[: len(whole) // 2])
    unknown(ask(bare, TOP), "can't be read")


def test_what_was_refused_once_is_not_fetched_again(ask, bare):
    bare.add(WHEEL, "thing", made.zipped({"../thing/__init__.py": "x = 1"}))
    first = unknown(ask(bare, TOP))
    bare.forget()
    assert unknown(ask(bare, HELD)) == first
    assert not [path for path in bare.paths() if path.startswith("/files/")]


@pytest.mark.parametrize(
    "metadata",
    [b"\xff\xfe\0\0" * 100, b"", b"Requires-Dist" * 1000, b"Name: \xe9\nProject-URL: a, b, c,\n\n" + b"x" * 1000],
    ids=["no text", "empty", "no colon", "not utf-8"],
)
def test_malformed_metadata_claims_nothing(ask, bare, metadata):
    bare.add(WHEEL, "thing", made.zipped({"thing/__init__.py": "", "thing-1.0.dist-info/METADATA": metadata}))
    fact = ask(bare, Metadata(distribution=THING, version="1.0"))
    assert fact.known
    assert fact.answer.requires == ()
    assert not ask(bare, TrackerOf(distribution=THING)).known


def test_a_broken_release_on_the_way_is_passed_over_and_named(ask, bare):
    for minor in range(6):
        body = made.wheel(
            {"thing/__init__.py": "", **({"thing/old.py": ""} if minor < 4 else {})}, version=f"1.{minor}"
        )
        body = b"broken" if minor == 4 else body
        bare.add(f"thing-1.{minor}-py3-none-any.whl", "thing", body, uploaded=f"2024-0{minor + 1}-01T00:00:00Z")
    fact = ask(bare, Walk(distribution=THING, probe=HasModule(module="thing.old"), around="1.5"))
    assert (fact.answer.at, fact.answer.last_other, fact.answer.first_same) == (False, "1.3", "1.5")
    assert "1.4" in fact.reason


def test_a_change_among_releases_that_cannot_be_read_is_not_dated(ask, bare):
    for minor in range(9):
        body = made.wheel(
            {"thing/__init__.py": "", **({"thing/old.py": ""} if minor < 2 else {})}, version=f"1.{minor}"
        )
        body = b"broken" if 2 <= minor < 7 else body
        bare.add(f"thing-1.{minor}-py3-none-any.whl", "thing", body, uploaded=f"2024-0{minor + 1}-01T00:00:00Z")
    fact = ask(bare, Walk(distribution=THING, probe=HasModule(module="thing.old"), around="1.8"))
    assert (fact.answer.at, fact.answer.last_other, fact.answer.first_same) == (False, None, None)
    assert "between 1.1 and 1.7" in fact.reason


def test_an_attribute_that_was_written_out_is_gone_from_a_class_that_answers_any(ask, bare):
    body = "class Frame:\n    def __getattr__(self, name):\n        return self.columns[name]\n"
    for minor in range(4):
        text = body + ("    def append(self): pass\n" if minor < 2 else "")
        bare.add(
            f"thing-1.{minor}-py3-none-any.whl", "thing", made.wheel({"thing/__init__.py": text}, version=f"1.{minor}")
        )
    walk = Walk(distribution=THING, probe=HasName(module="thing", name="Frame.append"), around="1.3")
    fact = ask(bare, walk)
    assert (fact.answer.at, fact.answer.last_other, fact.answer.first_same) == (False, "1.1", "1.2")
    assert "told by what is written" in fact.reason
    before = "class Frame:\n    def append(self): pass\n"
    for minor in range(4):
        text = before if minor < 2 else body
        bare.add(
            f"other-1.{minor}-py3-none-any.whl", "other", made.wheel({"other/__init__.py": text}, "other", f"1.{minor}")
        )
    moved = Walk(distribution=normalized("other"), probe=HasName(module="other", name="Frame.append"), around="1.3")
    assert ask(bare, moved).answer.at is None
    never = ask(bare, Walk(distribution=THING, probe=HasName(module="thing", name="Frame.never"), around="1.3"))
    assert never.answer.at is None


def test_an_attribute_that_was_written_out_is_gone_from_a_class_whose_base_is_elsewhere(ask, bare):
    """What the base has can't be seen; but it is the same base, and the class wrote the attribute out."""
    body = "import io\nclass Stream(io.IOBase):\n    def __init__(self, raw):\n        self.raw = raw\n"
    for minor in range(4):
        text = body + ("        self.strict = False\n" if minor < 2 else "")
        bare.add(
            f"thing-1.{minor}-py3-none-any.whl", "thing", made.wheel({"thing/__init__.py": text}, version=f"1.{minor}")
        )
    walk = Walk(distribution=THING, probe=HasName(module="thing", name="Stream.strict"), around="1.3")
    fact = ask(bare, walk)
    assert (fact.answer.at, fact.answer.last_other, fact.answer.first_same) == (False, "1.1", "1.2")
    never = ask(bare, Walk(distribution=THING, probe=HasName(module="thing", name="Stream.read_all"), around="1.3"))
    assert never.answer.at is None


def test_a_submodule_that_nothing_imports_any_more_is_no_attribute(ask, bare):
    for minor in range(4):
        via = "from thing._core import run\n" if minor < 2 else "from thing._base import run\n"
        files = {
            "thing/__init__.py": via,
            "thing/_core.py": "import thing.path\ndef run(): pass\n",
            "thing/_base.py": "def run():\n    import thing.path\n",
            "thing/path.py": "",
        }
        bare.add(f"thing-1.{minor}-py3-none-any.whl", "thing", made.wheel(files, version=f"1.{minor}"))
    walk = Walk(distribution=THING, probe=HasName(module="thing", name="path", bound=True), around="1.3")
    fact = ask(bare, walk)
    assert (fact.answer.at, fact.answer.last_other, fact.answer.first_same) == (False, "1.1", "1.2")
    imported = Walk(distribution=THING, probe=HasName(module="thing", name="path"), around="1.3")
    assert ask(bare, imported).answer.at is True


def test_a_yanked_release_began_it_and_does_not_end_it(ask, bare):
    for minor in range(6):
        files = {"thing/__init__.py": "", **({} if minor in {2, 3} else {"thing/old.py": ""})}
        body = made.wheel(files, version=f"1.{minor}")
        bare.add(f"thing-1.{minor}-py3-none-any.whl", "thing", body, yanked=minor in {2, 4})
    fact = ask(bare, Walk(distribution=THING, probe=HasModule(module="thing.old"), around="1.3"))
    assert (fact.answer.last_other, fact.answer.first_same, fact.answer.next_other) == ("1.1", "1.2", "1.5")


def test_of_several_fixes_the_first_is_named(ask, bare):
    """Fixed on the old line, again broken on the new one, and fixed there too."""
    broken = {"1.0", "1.1", "2.0", "2.1"}
    for version in ("1.0", "1.1", "1.2", "1.3", "2.0", "2.1", "2.2", "2.3", "2.4", "2.5"):
        body = made.wheel({"thing/__init__.py": "x = old()\n" if version in broken else ""}, version=version)
        bare.add(f"thing-{version}-py3-none-any.whl", "thing", body)
    question = Walk(distribution=THING, probe=HasLine(file="thing/__init__.py", text="x = old()"), around="1.1")
    fact = ask(bare, question)
    assert (fact.answer.at, fact.answer.next_other, fact.answer.newest_at) == (True, "1.2", False)


def test_large_source_archives_are_passed_over_and_cost_no_look(ask, bare):
    for minor in range(40):
        name, body = (
            f"thing-1.{minor}.tar.gz",
            made.sdist({"thing/__init__.py": "", "thing/x.bin": NOISE}, f"thing-1.{minor}"),
        )
        if minor > 36:
            name = f"thing-1.{minor}-py3-none-any.whl"
            body = made.wheel(
                {"thing/__init__.py": "", **({"thing/new.py": ""} if minor > 37 else {})}, version=f"1.{minor}"
            )
        bare.add(name, "thing", body, uploaded=f"2024-01-01T00:{minor:02}:00Z")
    limits = replace(QUICK, passed_bytes=10_000, looks=6)
    fact = ask(bare, Walk(distribution=THING, probe=HasModule(module="thing.new"), around="1.38"), limits=limits)
    assert (fact.answer.at, fact.answer.last_other, fact.answer.newest_at) == (True, "1.37", True)
    assert not [path for path in bare.paths() if path.endswith(".tar.gz")]
    fact = ask(bare, Walk(distribution=THING, probe=HasModule(module="thing.old"), around="1.39"), limits=limits)
    assert (fact.answer.at, fact.answer.last_other) == (False, None)
    assert "passed over" in fact.reason


def test_an_installed_release_that_cannot_be_read_says_so(ask, bare):
    bare.add(WHEEL, "thing", b"broken")
    fact = ask(bare, Walk(distribution=THING, probe=HasModule(module="thing.old"), around="1.0"))
    assert fact.answer is None or fact.answer.at is None
    assert "1.0" in fact.reason


def test_a_question_asks_no_more_releases_than_allowed(ask, bare):
    for minor in range(120):
        body = made.wheel({"thing/__init__.py": f"v = {minor}\n"}, version=f"1.{minor}")
        bare.add(f"thing-1.{minor}-py3-none-any.whl", "thing", body)
    limits = replace(QUICK, looks=4)
    probe = HasModule(module="thing.never")
    fact = ask(bare, Walk(distribution=THING, probe=probe, around="1.119"), limits=limits)
    assert len(fact.answer.looked) == 4
    assert "4 releases and no more" in fact.reason


def test_a_question_makes_no_more_requests_than_allowed(ask, bare):
    for minor in range(20):
        body = made.wheel({"thing/__init__.py": f"v = {minor}\n"}, version=f"1.{minor}")
        bare.add(f"thing-1.{minor}-py3-none-any.whl", "thing", body)
    limits = replace(QUICK, question_requests=3)
    fact = ask(bare, Walk(distribution=THING, probe=HasModule(module="thing.never"), around="1.19"), limits=limits)
    assert "too many requests" in fact.reason
    assert len(bare.asked) == 3
