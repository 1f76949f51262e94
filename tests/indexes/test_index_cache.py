"""What was learnt stays learnt: for other processes, offline, and without loading what only the network needs."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from bot.facts import Defines, HasLine, HasName, Holds, Metadata, Releases, TopLevels, TrackerOf, Walk
from bot.indexes import open_index
from bot.indexes.cache import Cache
from bot.model import normalized
from tests.indexes import made
from tests.indexes.conftest import QUICK, day

THING = normalized("thing")
WHEEL = "thing-1.0-py3-none-any.whl"

QUESTIONS = (
    Releases(distribution=normalized("werkzeug")),
    Metadata(distribution=normalized("flask"), version="2.2.2"),
    Holds(distribution=normalized("flask"), version="2.2.2", path="flask/app.py", line=30, source="x"),
    TopLevels(distribution=normalized("pyyaml"), version="5.4.1"),
    TrackerOf(distribution=normalized("flask")),
    Defines(distribution=normalized("kombu"), version="5.3.0", name="Connection"),
    Walk(
        distribution=normalized("werkzeug"),
        probe=HasName(module="werkzeug.urls", name="url_quote"),
        around="3.0.0",
    ),
    Walk(
        distribution=normalized("flask"),
        probe=HasLine(file="flask/app.py", text="from werkzeug.urls import url_quote"),
        around="2.2.2",
    ),
)


def test_a_second_process_answers_offline_what_the_first_learnt(ask, pypi, tmp_path):
    online = [ask(pypi, question, "2024-01-01") for question in QUESTIONS]
    assert all(fact.known for fact in online)
    pypi.forget()
    offline = open_index(cache_dir=tmp_path / "cache", index_url=pypi.url, offline=True, limits=QUICK)
    again = [offline.answer(question, day("2024-01-01")) for question in QUESTIONS]
    assert [fact.answer for fact in again] == [fact.answer for fact in online]
    assert {fact.source for fact in again} == {"cache"}
    assert pypi.asked == []


def test_another_instant_is_answered_offline_from_the_same_files(ask, pypi, tmp_path):
    """Answers are kept by instant; what they are made of is not."""
    for question in QUESTIONS:
        ask(pypi, question, "2024-01-01")
    offline = open_index(cache_dir=tmp_path / "cache", index_url=pypi.url, offline=True, limits=QUICK)
    fact = offline.answer(QUESTIONS[6], day("2024-05-05"))
    assert (fact.answer.last_other, fact.reason) == ("2.3.8", "")


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: type(question).__name__)
def test_offline_with_an_empty_cache_says_so(tmp_path, question):
    offline = open_index(cache_dir=tmp_path, offline=True)
    fact = offline.answer(question, day("2024-01-01"))
    assert (fact.known, fact.answer) == (False, None)
    assert "offline and not in the cache" in fact.reason


def test_offline_names_the_release_that_it_could_not_read(ask, pypi, tmp_path):
    ask(pypi, Releases(distribution=normalized("flask")), "2024-01-01")
    offline = open_index(cache_dir=tmp_path / "cache", index_url=pypi.url, offline=True, limits=QUICK)
    fact = offline.answer(QUESTIONS[7], day("2024-01-01"))
    assert fact.answer is None or fact.answer.at is None
    assert "2.2.2" in fact.reason
    assert "offline" in fact.reason


def test_a_warm_answer_loads_no_http_client_and_no_parser_of_pages(ask, pypi, tmp_path):
    for question in QUESTIONS:
        ask(pypi, question, "2024-01-01")
    program = """
import json, sys
from pathlib import Path
from datetime import UTC, datetime
sys.path.insert(0, "")
from tests.indexes.test_index_cache import QUESTIONS
from bot.indexes import open_index
loaded = set(sys.modules)
for name in ("requests", "pypi_simple", "bs4", "pydantic", "urllib3", "griffe"):
    for module in [module for module in sys.modules if module.partition(".")[0] == name]:
        del sys.modules[module]
client = open_index(cache_dir=Path(sys.argv[1]), index_url=sys.argv[2])
facts = [client.answer(question, datetime(2024, 1, 1, tzinfo=UTC)) for question in QUESTIONS]
heavy = {"requests", "pypi_simple", "bs4", "pydantic", "urllib3", "griffe"} & {m.partition(".")[0] for m in sys.modules}
print(json.dumps([all(fact.known for fact in facts), sorted(heavy)]))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "cache"), pypi.url],
        capture_output=True,
        text=True,
        check=True,
        cwd=__file__.rsplit("/tests/", 1)[0],
    )
    assert json.loads(done.stdout) == [True, []]


def test_a_listing_is_asked_for_again_only_where_it_can_have_grown(tmp_path, bare):
    bare.add(WHEEL, "thing", made.wheel({"thing/__init__.py": ""}), uploaded="2024-01-01T00:00:00Z")
    now = [datetime(2024, 6, 1, tzinfo=UTC)]
    client = open_index(cache_dir=tmp_path, index_url=bare.url, limits=replace(QUICK, settle_seconds=3600))
    client.clock = client.catalogue.clock = lambda: now[0]
    client.answer(Releases(distribution=THING), day("2024-06-01"))
    now[0] += timedelta(days=300)
    client.answer(Metadata(distribution=THING), day("2024-05-01"))  # long past when the listing came
    assert bare.paths().count("/simple/thing/") == 1
    client.answer(Metadata(distribution=THING), day("2024-06-02"))  # after it
    assert bare.paths().count("/simple/thing/") == 2
    client.answer(Releases(distribution=THING), None)
    now[0] += timedelta(minutes=5)
    client.answer(Releases(distribution=THING), None)  # fresh enough
    assert bare.paths().count("/simple/thing/") == 2
    now[0] += timedelta(hours=1)
    client.answer(Releases(distribution=THING), None)
    assert bare.paths().count("/simple/thing/") == 3
    client.close()


def test_equal_files_of_two_releases_are_fetched_once(ask, bare):
    import random

    filler = random.Random(5).randbytes(200_000)
    for minor in range(2):
        body = made.wheel(
            {"thing/big.bin": filler, "thing/core.py": "def f(): pass\n" * 9, "thing/end.bin": filler[::-1]},
            version=f"1.{minor}",
        )
        bare.add(f"thing-1.{minor}-py3-none-any.whl", "thing", body)
    limits = replace(QUICK, small_bytes=0)
    for minor in range(2):
        bare.forget()
        question = Holds(distribution=THING, version=f"1.{minor}", path="thing/core.py", line=1, source="def f(): pass")
        assert ask(bare, question, limits=limits).answer.matches
        assert len([path for path in bare.paths() if path.startswith("/files/")]) == 2 - minor


def test_many_threads_ask_at_once_and_fetch_once(tmp_path, pypi):
    client = open_index(cache_dir=tmp_path, index_url=pypi.url, limits=QUICK)
    with ThreadPoolExecutor(16) as pool:
        facts = list(pool.map(lambda question: client.answer(question, day("2024-01-01")), QUESTIONS * 6))
    client.close()
    assert [fact.reason for fact in facts if not fact.known] == []
    assert [fact.answer for fact in facts[:8]] == [fact.answer for fact in facts[-8:]]
    assert pypi.paths().count("/simple/werkzeug/") == 1


def test_a_damaged_cache_is_a_cold_one(ask, pypi, tmp_path):
    before = [ask(pypi, question, "2024-01-01").answer for question in QUESTIONS]
    for path in (tmp_path / "cache").rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            path.write_bytes(data[: len(data) // 2] + b"\0" * 9)
    client = open_index(cache_dir=tmp_path / "cache", index_url=pypi.url, limits=QUICK)
    again = [client.answer(question, day("2024-01-01")) for question in QUESTIONS]
    client.close()
    assert [fact.answer for fact in again] == before


def test_a_folder_that_cannot_be_written_is_no_trouble(tmp_path, bare):
    bare.add(WHEEL, "thing", made.wheel({"thing/__init__.py": ""}))
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    client = open_index(cache_dir=blocked, index_url=bare.url, limits=QUICK)
    assert client.answer(TopLevels(distribution=THING, version="1.0"), None).answer == ("thing",)
    client.close()


# ------------------------------------------------------------------------------------------------- the store itself


def test_the_longest_unused_go_first(tmp_path):
    import os

    cache = Cache(tmp_path, 200_000)
    for number in range(10):
        cache.put("members", f"key {number}", os.urandom(30_000))
    paths = {number: cache._path("members", f"key {number}") for number in range(10)}
    for number, path in paths.items():
        if path.exists():
            os.utime(path, (1_000_000 + number, 1_000_000 + number))
    cache.get("members", "key 0")  # used now
    cache.trim()
    assert sum(path.stat().st_size for path in paths.values() if path.exists()) <= 200_000
    assert cache.get("members", "key 0") is not None
    assert cache.get("members", "key 1") is None
    assert cache.get("members", "key 9") is not None


def test_readers_never_see_half_an_entry(tmp_path):
    writer, reader = Cache(tmp_path, 1 << 30), Cache(tmp_path, 1 << 30)
    bodies = [bytes([number]) * 200_000 for number in range(4)]
    seen, done = set(), threading.Event()

    def read():
        while not done.is_set():
            body = reader.get("members", "one")
            if body is not None:
                seen.add(body)

    thread = threading.Thread(target=read)
    thread.start()
    for _ in range(40):
        for body in bodies:
            writer.put("members", "one", body)
    done.set()
    thread.join()
    assert seen <= set(bodies)
    assert not list(tmp_path.rglob("*.part"))
