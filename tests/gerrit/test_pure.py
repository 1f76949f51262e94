"""The parts without a server: lines, hints, texts, requirement diffs, the operator's file."""

import asyncio
import contextlib
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ConfigError, Transient
from bot.sources.gerrit import Ci, MemoryCursors, Server, feed, load
from bot.sources.gerrit.catchup import PATIENCE, Catchup, Stuck
from bot.sources.gerrit.edits import requirement_edits
from bot.sources.gerrit.events import Lines, Look, Resync, hint
from bot.sources.gerrit.kept import MOST_RECENT, Kept
from bot.sources.gerrit.posting import fitted, plain
from bot.sources.gerrit.reading import Item
from bot.sources.gerrit.rest import Answer
from bot.sources.gerrit.stream import Backoff, Subscribed
from tests.gerrit.sink import until

SERVER = Server.model_validate(
    {
        "name": "r",
        "url": "https://r.example",
        "username": "upriver",
        "netrc": True,
        "projects": ["acme/*"],
        "ci": [{"account": "zuul"}],
    }
)


@given(st.lists(st.binary(max_size=30)), st.integers(1, 40))
def test_lines_are_the_same_however_they_come(parts, size):
    whole = b"".join(parts)
    at_once, in_parts = Lines(10**6), Lines(10**6)
    found = [line for start in range(0, len(whole), size) for line in in_parts.feed(whole[start : start + size])]
    assert found == at_once.feed(whole) == whole.split(b"\n")[:-1]
    assert in_parts.torn is at_once.torn is bool(whole.split(b"\n")[-1])


def test_a_line_that_never_ends_costs_its_bound_and_the_next_one_is_read():
    lines = Lines(1000)
    for _ in range(100):
        assert lines.feed(b"x" * 500) == []
        assert len(lines._held) <= 1000
    assert lines.feed(b"\nnext\n") == [None, b"next"]


def event(**more):
    row = {
        "type": "comment-added",
        "change": {"project": "acme/shop", "number": 7},
        "author": {"username": "ada"},
        "comment": "Patch Set 1:\n\n/upriver hold",
    }
    return json.dumps({**row, **more}).encode()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (event(), Look("acme/shop~7")),
        (event(comment="Patch Set 1:\n\n(2 comments)"), Look("acme/shop~7")),
        (event(comment="Thanks"), None),
        (event(comment="Thanks", patchSetComments={"/PATCHSET_LEVEL": [{"message": "x"}]}), Look("acme/shop~7")),
        (event(author={"username": "upriver"}), None),
        (event(author={"username": "zuul"}, comment="- a https://z/build/1 : FAILURE in 1s"), Look("acme/shop~7")),
        (event(author={"username": "zuul"}, comment="- a https://z/build/1 : SUCCESS in 1s"), None),
        (
            event(author={"username": "zuul"}, comment="- a https://z/1 : SUCCESS\n- b ht... (truncated)"),
            Look("acme/shop~7"),
        ),
        (event(change={"project": "other/x", "number": 7}), None),
        (event(change=None), Resync("an event names no change")),
        (event(author=None), Look("acme/shop~7")),
        (b'{"type":"dropped-output"}', Resync("Gerrit dropped output")),
        (b'{"type":"something-new"}', None),
        (b'{"type":', Resync("an event could not be read")),
        (b"[]", Resync("an event is no object")),
        (b"\xff\xfe", Resync("an event could not be read")),
        (None, Resync("an event was longer than is read")),
        (b"  ", None),
    ],
)
def test_hints(line, expected):
    assert hint(line, SERVER) == expected


def test_a_ci_that_is_configured_by_its_number_is_heard_at_once():
    """The stream tells names only; REST, which is asked then, tells the number."""
    failed = event(author={"username": "ci"}, comment="- a https://z/build/1 : FAILURE in 1s")
    assert hint(failed, SERVER) is None
    numbered = SERVER.model_copy(update={"ci": (Ci(account="1000042"),)})
    assert hint(failed, numbered) == Look("acme/shop~7")
    assert hint(event(author={"username": "ci"}, comment="- a https://z/build/1 : SUCCESS"), numbered) is None


@given(st.text(alphabet=st.sampled_from("ab \n`<!->é/"), max_size=3000), st.integers(1000, 1500))
def test_texts_fit_and_hide_nothing(body, most):
    text = fitted(body + "\n\nlast", most)
    assert len(text.encode()) <= most
    assert "<!--" not in text
    assert text.endswith("last") or "<!--" in body
    assert "\n/" not in f"\n{text}"  # bots obey what begins with a slash


def test_plain_text():
    assert plain("a<!-- b\nc -->\n\n\n\n<details><summary>x</summary>\ny</details>") == "a\n\nx\ny"


def test_requirement_diffs():
    content = [
        {"ab": ["# top", "jinja2>=3"]},
        {"a": ["flask==2.2.5  # web", "gone"], "b": ["flask==3.0.0", 'requests[socks]>=2.32; python_version > "3.8"']},
        {
            "b": [
                "-e .",
                "https://example.org/x.whl",
                "name = 'x'",
                "commands =",
                '"black==24.1",  # style',
                '  - "httpx<0.28",',
            ]
        },
    ]
    rows = {row.distribution: (row.before, row.after) for row in requirement_edits({"content": content})}
    assert rows["flask"] == ("==2.2.5", "==3.0.0")
    assert rows["requests"] == (None, ">=2.32")
    assert rows["gone"] == ("", None)
    assert rows["black"] == (None, "==24.1")
    assert set(rows) == {"flask", "requests", "gone", "black"}
    assert requirement_edits(None) == requirement_edits({"content": 3}) == []


NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


async def test_what_is_kept_comes_back():
    store = MemoryCursors()
    kept = Kept(store, "gerrit/r")
    await kept.load()
    assert kept.at is None
    await kept.begin(NOW, ["b", "a"])
    assert kept.floor(timedelta(minutes=10)) == NOW  # nothing from before the beginning
    assert [kept.touch(name) for name in ("p~1", "p~2", "p~1")] == [True, True, False]
    await kept.move(NOW + timedelta(hours=1))
    again = Kept(store, "gerrit/r")
    await again.load()
    assert again.floor(timedelta(minutes=10)) == NOW + timedelta(minutes=50)
    assert (again.past, again.recent()) == ({"a", "b"}, ["p~1", "p~2"])
    json.dumps(store.values)


async def test_what_a_cursor_of_an_earlier_version_lacks_is_empty():
    store = MemoryCursors()
    store.values["gerrit/r"] = {"at": NOW.isoformat(), "from": NOW.isoformat()}
    kept = Kept(store, "gerrit/r")
    await kept.load()
    assert (kept.at, kept.past, kept.recent()) == (NOW, frozenset(), [])


def test_recent_changes_are_bounded_and_the_latest_stay():
    kept = Kept(MemoryCursors(), "gerrit/r")
    for number in range(MOST_RECENT + 5):
        kept.touch(f"p~{number}")
    assert len(kept.recent()) == MOST_RECENT
    assert kept.recent()[0] == f"p~{MOST_RECENT + 4}"


async def test_a_store_that_fails_may_be_well_again():
    class Broken(MemoryCursors):
        async def set_cursor(self, name, value):
            raise RuntimeError(f"disk full: {name} {value}")

    with pytest.raises(Transient, match="disk full"):
        await Kept(Broken(), "gerrit/r").begin(NOW, ())


class Listed:
    """A server in Rest's place: two changes with comments, of which one can't be read."""

    server = SERVER

    def __init__(self):
        self.down = False

    async def get(self, path):
        if self.down or path == "changes/acme%2Fshop~1/comments":
            raise Transient("500")
        if path == "accounts/self":
            return Answer({"_account_id": 1}, NOW)
        message = {"id": "m", "author": {"_account_id": 2}, "date": "2026-11-24 12:00:00", "message": "(1 comment)"}
        rows = [{"project": "acme/shop", "_number": number, "messages": [message]} for number in (1, 2)]
        by_name = {"changes/acme%2Fshop~1": rows[0], "changes/acme%2Fshop~2": rows[1]}
        comment = {**message, "updated": message["date"], "message": "/upriver hold"}
        if path.endswith("/comments"):
            return Answer({"/PATCHSET_LEVEL": [comment]}, NOW)
        return Answer(rows if path.startswith("changes/?") else by_name.get(path.partition("?")[0], "3.13.5"), NOW)


async def read_all(changes):
    """What came, and what ended it."""
    found = {}
    try:
        async for change, items in changes:
            found[change] = len(items)
    except Transient as error:
        return found, type(error)
    return found, None


@pytest.mark.parametrize("by_name", [False, True])
async def test_a_broken_change_holds_up_neither_the_others_nor_the_cursor_for_good(by_name):
    clock, rest = [0.0], Listed()
    catchup = Catchup(rest, monotonic=lambda: clock[0])

    def read():
        names = ["acme/shop~1", "acme/shop~2"]
        return read_all(catchup.named(names, NOW) if by_name else catchup.since(NOW, NOW))

    await catchup.own_id()
    assert await read() == ({"acme/shop~2": 1}, Stuck)
    rest.down = True
    assert await read() == ({}, Transient)  # no change's fault
    rest.down = False
    clock[0] = PATIENCE - 1
    assert await read() == ({"acme/shop~2": 1}, Stuck)
    clock[0] = PATIENCE
    assert await read() == ({"acme/shop~1": 0, "acme/shop~2": 1}, None)


class Quiet:
    """A server on which nothing happens, in Catchup's place."""

    rest = SimpleNamespace(server=SERVER)

    async def now(self):
        return NOW

    async def since(self, *_):
        for nothing in ():
            yield nothing

    named = since


class Slow(Quiet):
    """A server with one item, whose change is read slowly."""

    def __init__(self):
        self.clock = NOW
        self.asked, self.go = asyncio.Event(), asyncio.Event()

    async def now(self):
        return self.clock

    async def since(self, _start, floor):
        if floor <= NOW:
            yield "p~1", [Item("one", NOW, "command", {})]

    async def on(self, _change, floor):
        self.asked.set()
        await self.go.wait()
        return [Item("one", NOW, "command", {})] if floor <= NOW else []


async def test_what_a_slow_reader_finds_behind_the_window_is_not_told_again():
    """The catch-up moved the window while a change was read with the old one."""
    told, store, server = [], MemoryCursors(), Slow()
    await Kept(store, "gerrit/r").begin(NOW, ())

    async def deliver(delivery):
        told.append(delivery.id)

    slow = feed.Feed(server, store, deliver)
    running = asyncio.create_task(slow.run())
    await until(lambda: slow.health.sweeps)
    slow._look("p~1")
    await server.asked.wait()
    server.clock = NOW + timedelta(seconds=server.rest.server.overlap_seconds + 60)
    await slow.sweep()
    server.go.set()
    await until(lambda: not slow._locks)
    running.cancel()
    await asyncio.wait([running], timeout=60)
    assert told == ["one"]


async def test_a_cancellation_that_comes_with_the_connection_is_not_forgotten(monkeypatch):
    """asyncssh connects through `asyncio.wait_for`, which in Python 3.11 prefers its result to a cancellation."""
    began, over = asyncio.Event(), asyncio.Event()

    async def listen(_server):
        began.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(3600)
        yield Subscribed()
        try:
            await asyncio.sleep(3600)
        finally:
            over.set()

    monkeypatch.setattr(feed, "listen", listen)
    quiet = Quiet()
    quiet.rest = SimpleNamespace(server=SERVER.model_copy(update={"ssh_key": "key"}))
    running = asyncio.create_task(feed.Feed(quiet, MemoryCursors(), None).run())
    await began.wait()
    running.cancel()
    await asyncio.wait([running], timeout=60)
    assert running.cancelled()
    assert over.is_set()


def test_pauses_grow_jitter_and_begin_anew():
    backoff = Backoff(1, 8, draw=lambda: 1.0)
    assert [backoff.pause() for _ in range(5)] == [1, 2, 4, 8, 8]
    backoff.reset()
    assert Backoff(1, 8, draw=lambda: 0.0).pause() == 0.5
    assert backoff.pause() == 1


ONE = '[[server]]\nname="r"\nurl="https://r.example"\nusername="u"\n'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "server"),
        ("[[server", "gerrit.toml"),
        (ONE, "exactly one of"),
        (ONE + 'netrc=true\ntoken_env="X"\n', "exactly one of"),
        (ONE + 'http_password_env="UPRIVER_TEST_UNSET"\n', "UPRIVER_TEST_UNSET is empty"),
        (ONE + 'netrc=true\nssh_key="k"\n', "never learnt"),
        (ONE + "netrc=true\nunheard_of=1\n", "unheard_of"),
        (ONE.replace("https://r", "r") + "netrc=true\n", "https://"),
        ((ONE + "netrc=true\n") * 2, "same name"),
    ],
)
def test_a_wrong_file_is_refused_with_a_sentence(tmp_path, text, why):
    (tmp_path / "gerrit.toml").write_text(text)
    with pytest.raises(ConfigError, match=why):
        load(tmp_path / "gerrit.toml")


def test_the_example_in_the_docs_is_read(tmp_path, monkeypatch):
    from tests.parts import PROJECT

    page = (PROJECT / "docs" / "gerrit.md").read_text()
    monkeypatch.setenv("GERRIT_PASSWORD", "x")
    (tmp_path / "gerrit.toml").write_text(page.partition("```toml\n")[2].partition("```")[0])
    (server,) = load(tmp_path / "gerrit.toml")
    assert [ci.account for ci in server.ci] == ["zuul", "acme-driver-ci"]
    undocumented = {name for name in Server.model_fields if f"`{name}`" not in page and f"{name} =" not in page}
    assert undocumented <= {"ssh_host", "ssh_port", "token_env", "netrc", "known_hosts", "people", "ci"}
