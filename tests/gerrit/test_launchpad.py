"""Launchpad's tracker against a stand-in that is shaped like its web service."""

from datetime import UTC, datetime

import pytest
from aiohttp import web

from bot.errors import Gone, Permanent, Refused, Transient
from bot.model import Report
from bot.trackers.launchpad import Launchpad, Token, bug_of, project_of

TRACKER = "https://bugs.launchpad.net/nova"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FINGERPRINT = "2026-11:0123456789abcdef"


class StandIn:
    """Bugs with tasks, collections in pages, operations by `ws.op`, 201 with a Location, OAuth 1 where it is wanted."""

    def __init__(self):
        self.bugs, self.asked, self.base, self.status = {}, [], "", None
        self.projects = {"nova": {"name": "nova", "official_bugs": True, "active": True}}

    def add(self, title, description, status="New", duplicate=None, project="nova"):
        number = 100 + len(self.bugs)
        self.bugs[number] = {
            "title": title, "description": description, "status": status, "project": project, "messages": [description],
            "duplicate": duplicate,
        }  # fmt: skip
        return number

    def bug(self, number):
        row = self.bugs[number]
        duplicate = row["duplicate"]
        return {
            "id": number,
            "title": row["title"],
            "description": row["description"],
            "owner_link": f"{self.base}/~ada",
            "date_created": "2026-11-20T10:00:00.000000+00:00",
            "web_link": f"https://bugs.launchpad.net/bugs/{number}",
            "duplicate_of_link": f"{self.base}/bugs/{duplicate}" if duplicate else None,
        }

    def task(self, number):
        row = self.bugs[number]
        return {
            "bug_link": f"{self.base}/bugs/{number}",
            "bug_target_name": row["project"],
            "status": row["status"],
            "web_link": f"https://bugs.launchpad.net/{row['project']}/+bug/{number}",
        }

    async def answer(self, request):
        data = dict(await request.post()) if request.method == "POST" else {}
        self.asked.append((request.method, request.path_qs, data, request.headers.get("Authorization", "")))
        if self.status:
            return web.Response(status=self.status, headers={"Retry-After": "9"})
        match (request.method, request.path.removeprefix("/devel").strip("/").split("/")):
            case ("POST", ["bugs"]) if data["ws.op"] == "createBug" and data["target"] == f"{self.base}/nova":
                number = self.add(data["title"], data["description"])
                return web.Response(status=201, headers={"Location": f"{self.base}/bugs/{number}"})
            case ("POST", ["bugs", number]) if data["ws.op"] == "newMessage":
                self.bugs[int(number)]["messages"].append(data["content"])
                return web.Response(status=201, headers={"Location": f"{self.base}/bugs/{number}/comments/1"})
            case ("PATCH", ["bugs", number]):
                self.bugs[int(number)]["description"] = (await request.json())["description"]
                return web.json_response(self.bug(int(number)), status=209)
            case ("GET", ["bugs", number, "messages"]):
                rows = [
                    {
                        "content": text,
                        "date_created": "2026-11-21T10:00:00+00:00",
                        "self_link": f"m{n}",
                        "owner_link": f"{self.base}/~bob",
                    }
                    for n, text in enumerate(self.bugs[int(number)]["messages"])
                ]
                return web.json_response({"entries": rows})
            case ("GET", ["bugs", number, "bug_tasks"]):
                return web.json_response({"entries": [self.task(int(number))]})
            case ("GET", ["bugs", number]) if int(number) in self.bugs:
                return web.json_response(self.bug(int(number)))
            case ("GET", [project]) if request.query.get("ws.op") == "searchTasks" and project in self.projects:
                return web.json_response(self.page(request))
            case ("GET", [project]) if project in self.projects:
                return web.json_response(self.projects[project])
        return web.Response(status=404)

    def page(self, request):
        """As the service: open tasks only unless statuses are named, and a few at a time."""
        states = request.query.getall("status", ["New"])
        numbers = [number for number, row in self.bugs.items() if row["status"] in states]
        start = int(request.query.get("ws.start", 0))
        page = {
            "start": start,
            "total_size": len(numbers),
            "entries": [self.task(n) for n in numbers[start : start + 2]],
        }
        if start + 2 < len(numbers):
            page["next_collection_link"] = (
                f"{self.base}{request.path.removeprefix('/devel')}?{request.query_string}&ws.start={start + 2}"
            )
            page["next_collection_link"] = page["next_collection_link"].replace(f"&ws.start={start}&", "&")
        return page


@pytest.fixture
async def standin():
    made = StandIn()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.answer)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    listening = web.TCPSite(runner, "127.0.0.1", 0)
    await listening.start()
    made.base = f"http://127.0.0.1:{listening._server.sockets[0].getsockname()[1]}/devel"
    yield made
    await runner.cleanup()


@pytest.fixture
async def reader(standin):
    made = Launchpad(api=standin.base)
    yield made
    await made.close()


@pytest.fixture
async def writer(standin):
    made = Launchpad(api=standin.base, token=Token(consumer="upriver", token="t&1", secret="s%2"))
    yield made
    await made.close()


def report(body="It broke.\n\nupriver-fingerprint: `2026-11:0123456789abcdef`"):
    return Report(title="It broke", body=body, tracker=TRACKER, fingerprint=FINGERPRINT)


@pytest.mark.parametrize(
    ("url", "project", "bug"),
    [
        ("https://bugs.launchpad.net/nova", "nova", None),
        ("https://launchpad.net/python-glanceclient", "python-glanceclient", None),
        ("https://bugs.launchpad.net/nova/+bug/123", "nova", "123"),
        ("https://bugs.launchpad.net/bugs/123", "bugs", "123"),
        ("https://launchpad.net/~somebody", None, None),
        ("https://launchpad.net.evil.example/nova", None, None),
        ("https://github.com/openstack/nova", None, None),
        ("https://launchpad.net/", None, None),
    ],
)
def test_addresses(url, project, bug):
    assert (project_of(url), bug_of(url)) == (project, bug)


async def test_the_fingerprint_is_found_in_any_state_and_on_any_page(standin, reader):
    for n in range(4):
        standin.add(f"other {n}", "nothing")
    number = standin.add("It broke", report().body, "Fix Released")
    (found,) = await reader.standing(TRACKER, FINGERPRINT, LONG_AGO)
    assert (found.url, found.state, found.closed_as) == (
        f"https://bugs.launchpad.net/nova/+bug/{number}",
        "closed",
        "completed",
    )
    assert not found.by_human
    assert await reader.standing(TRACKER, "2026-11:ffffffffffffffff", LONG_AGO) == ()


async def test_search_wants_all_words(standin, reader):
    standin.add("TypeError in url_quote", "by a human")
    standin.add("TypeError elsewhere", "x")
    (found,) = await reader.search(TRACKER, ["TypeError", "url_quote"], LONG_AGO)
    assert (found.title, found.author, found.by_human) == ("TypeError in url_quote", "ada", True)


@pytest.mark.parametrize(
    ("status", "state", "closed_as"),
    [
        ("New", "open", ""),
        ("Triaged", "open", ""),
        ("Fix Committed", "open", ""),
        ("Fix Released", "closed", "completed"),
        ("Invalid", "closed", "not_planned"),
        ("Won't Fix", "closed", "not_planned"),
        ("Expired", "closed", "not_planned"),
    ],
)
async def test_states(standin, reader, status, state, closed_as):
    number = standin.add("a", "b", status)
    found = await reader.state(f"{TRACKER}/+bug/{number}")
    assert (found.state, found.closed_as) == (state, closed_as)


async def test_a_duplicate_is_closed_as_one(standin, reader):
    first = standin.add("a", "b")
    number = standin.add("c", "d", duplicate=first)
    found = await reader.state(f"{TRACKER}/+bug/{number}")
    assert (found.state, found.closed_as) == ("closed", "duplicate")


async def test_without_a_token_a_human_gets_the_link(standin, reader):
    with pytest.raises(Refused, match=r"\+filebug\?field\.title=It%20broke"):
        await reader.open(report())
    with pytest.raises(Refused):
        await reader.comment(f"{TRACKER}/+bug/1", "x")
    assert (await reader.recipient(TRACKER)).channel == "link"
    assert {method for method, *_ in standin.asked} == {"GET"}


async def test_with_a_token_it_is_filed_commented_and_edited(standin, writer):
    recipient = await writer.recipient(TRACKER)
    assert (recipient.name, recipient.channel, recipient.refused) == ("launchpad.net/nova", "token", None)
    thread = await writer.open(report())
    number = int(thread.url.rpartition("/")[2])
    assert standin.bugs[number]["title"] == "It broke"
    await writer.comment(thread.url, "news")
    assert [(row.body, row.author) for row in await writer.comments(thread.url, LONG_AGO)] == [("news", "bob")]
    await writer.edit(thread.url, "better")
    assert (await writer.state(thread.url)).body == "better"
    header = standin.asked[-1][3]
    assert 'oauth_signature="%26s%25252"' in header
    assert 'oauth_token="t%261"' in header


@pytest.mark.parametrize(("changed", "why"), [({"official_bugs": False}, "bug tracker"), ({"active": False}, "active")])
async def test_projects_that_take_no_bugs(standin, reader, changed, why):
    standin.projects["nova"] |= changed
    assert why in (await reader.recipient(TRACKER)).refused


@pytest.mark.parametrize(("status", "error"), [(404, Gone), (401, Refused), (503, Transient), (400, Permanent)])
async def test_errors_say_what_to_do(standin, reader, status, error):
    standin.status = status
    with pytest.raises(error) as caught:
        await reader.recipient(TRACKER)
    assert type(caught.value) is error
