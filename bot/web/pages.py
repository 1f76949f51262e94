"""The pages: each handler asks the ledger one thing and renders it."""

from __future__ import annotations

import functools
import hashlib
from typing import Any

from aiohttp import web

from bot import __version__
from bot.errors import Permanent
from bot.model import Judged, Judgement
from bot.views import Filter, Page
from bot.web.guard import from_here
from bot.web.keys import PARTS, SESSIONS, TEMPLATES, VIEWER
from bot.web.sessions import COOKIE
from bot.web.texts import HERE

LIVE_SECONDS = 4
STATIC = {"upriver.css": "text/css", "upriver.svg": "image/svg+xml"}


@functools.cache
def asset_version() -> str:
    """Changes with the style sheet, so that browsers may keep it."""
    return hashlib.sha256((HERE / "static" / "upriver.css").read_bytes()).hexdigest()[:10]


async def render(request: web.Request, template: str, status: int = 200, **context: Any) -> web.Response:
    """A page. `?live=1` makes the browser come again every few seconds."""
    parts = request.app[PARTS]
    live = request.query.get("live") == "1" and request.method == "GET"
    cookie = request.cookies.get(COOKIE)
    text = (
        request.app[TEMPLATES]
        .get_template(template)
        .render(
            viewer=request[VIEWER],
            demonstration=parts.demonstration,
            switches=await parts.switches(),
            path=request.path,
            query=request.query,
            live=live,
            now=parts.clock(),
            version=__version__,
            asset=asset_version(),
            form_token=request.app[SESSIONS].form_token(cookie),
            setting_up=parts.set_up is not None,
            **context,
        )
    )
    headers = {"Refresh": str(LIVE_SECONDS)} if live else {}
    return web.Response(text=text, status=status, content_type="text/html", headers=headers)


def wanted(request: web.Request) -> tuple[Filter, Page]:
    """What the address narrows a list to."""
    query = request.query
    number = query.get("page", "1")
    chosen = Filter(
        words=query.get("q", "")[:100].strip(),
        kind=query.get("kind", "")[:20],
        distribution=query.get("distribution", "")[:100],
        project=query.get("project", "")[:200],
        standing=query.get("standing", "")[:30],
    )
    return chosen, Page(number=min(max(int(number), 1), 10_000) if number.isascii() and number.isdigit() else 1)


async def not_found(request: web.Request, what: str) -> web.Response:
    """The page that says so; the same whether it never was or may not be seen."""
    says = f"There is no such {what}, or it belongs to a private project that you are not signed in for."
    return await render(request, "message.html", 404, title="Not found", says=says)


async def operators_only(request: web.Request) -> web.Response | None:
    """The page for those who are not operators; None for one who is."""
    if request[VIEWER].operator:
        return None
    says = "This page is for the operator of this installation. Sign in with the operator's token to see it."
    return await render(request, "message.html", 403, title="For the operator", says=says)


# ---------------------------------------------------------------------------------------------- lists


async def home(request: web.Request) -> web.Response:
    """What broke now."""
    reads, viewer = request.app[PARTS].reads, request[VIEWER]
    chosen, page = wanted(request)
    rows, total = await reads.bugs(viewer, chosen, page)
    latest, _ = await reads.failures(viewer, Filter(), Page(size=6))
    return await render(
        request,
        "home.html",
        rows=rows,
        total=total,
        chosen=chosen,
        page=page,
        overview=await reads.overview(viewer),
        latest=latest,
    )


async def failures(request: web.Request) -> web.Response:
    """Every failing job."""
    chosen, page = wanted(request)
    rows, total = await request.app[PARTS].reads.failures(request[VIEWER], chosen, page)
    return await render(request, "failures.html", rows=rows, total=total, chosen=chosen, page=page)


async def threads(request: web.Request) -> web.Response:
    """Threads upstream."""
    return await render(request, "threads.html", rows=await request.app[PARTS].reads.threads(request[VIEWER]))


async def ledger(request: web.Request) -> web.Response:
    """How right the machine was."""
    reads = request.app[PARTS].reads
    return await render(request, "ledger.html", sums=await reads.ledger(), rows=await reads.threads(request[VIEWER]))


async def distributions(request: web.Request) -> web.Response:
    """Distributions that are to blame for something."""
    return await render(
        request, "distributions.html", rows=await request.app[PARTS].reads.distributions(request[VIEWER])
    )


async def distribution(request: web.Request) -> web.Response:
    """One distribution: its bugs and the releases that made jobs fail."""
    reads, viewer, name = request.app[PARTS].reads, request[VIEWER], request.match_info["name"]
    rows, total = await reads.bugs(viewer, Filter(distribution=name), Page(size=200))
    if not total:
        return await not_found(request, "distribution here")
    return await render(request, "distribution.html", name=name, rows=rows, releases=await reads.releases(viewer, name))


async def projects(request: web.Request) -> web.Response:
    """Projects whose jobs failed."""
    return await render(request, "projects.html", rows=await request.app[PARTS].reads.projects(request[VIEWER]))


async def project(request: web.Request) -> web.Response:
    """One project: its bugs and its jobs."""
    reads, viewer, name = request.app[PARTS].reads, request[VIEWER], request.match_info["name"]
    found, total = await reads.failures(viewer, Filter(project=name), wanted(request)[1])
    if not total:
        return await not_found(request, "project here")
    rows, _ = await reads.bugs(viewer, Filter(project=name), Page(size=200))
    return await render(request, "project.html", name=name, rows=rows, jobs=found, total=total, page=wanted(request)[1])


async def deliveries(request: web.Request) -> web.Response:
    """What came in, and what became of it."""
    if refused := await operators_only(request):
        return refused
    rows, counts = await request.app[PARTS].reads.deliveries()
    return await render(request, "deliveries.html", rows=rows, counts=counts)


async def buried(request: web.Request) -> web.Response:
    """What could not be done."""
    if refused := await operators_only(request):
        return refused
    return await render(request, "buried.html", rows=await request.app[PARTS].reads.buried())


# ---------------------------------------------------------------------------------------------- one


async def bug(request: web.Request) -> web.Response:
    """One Bug."""
    view = await request.app[PARTS].reads.bug(request[VIEWER], request.match_info["key"])
    if view is None:
        return await not_found(request, "bug")
    if view.row.key != request.match_info["key"]:
        raise web.HTTPFound(f"/bugs/{view.row.key}")
    return await render(request, "bug.html", view=view, row=view.row, judged=_root(view.judgement))


async def failure(request: web.Request) -> web.Response:
    """One failing job."""
    view = await request.app[PARTS].reads.failure(request[VIEWER], request.match_info["key"])
    if view is None:
        return await not_found(request, "failure")
    return await render(request, "failure.html", view=view, row=view.row, judged=_root(view.judgement))


def _root(judgement: Judgement | None) -> Judged | None:
    if judgement is None:
        return None
    return judgement.root or next(iter(judgement.failures), None)


# ---------------------------------------------------------------------------------------------- forms


async def form(request: web.Request) -> dict[str, str] | web.Response:
    """The fields of a form that an operator sent from a page of ours, or the page that says why not."""
    if refused := await operators_only(request):
        return refused
    fields = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    if not from_here(request) or not request.app[SESSIONS].may_post(
        request.cookies.get(COOKIE), fields.get("token", "")
    ):
        says = "This form was not sent from a page of this session. Go back, reload the page and try again."
        return await render(request, "message.html", 403, title="Not taken", says=says)
    return fields


async def judge(request: web.Request) -> web.Response:
    """A human's mark on a text of the quiet start."""
    fields = await form(request)
    if isinstance(fields, web.Response):
        return fields
    parts, key = request.app[PARTS], request.match_info["key"]
    view = await parts.reads.bug(request[VIEWER], key)
    table, text = fields.get("table", ""), fields.get("text", "")
    known = view is not None and (
        text in {str(row.id) for row in view.reports}
        if table == "reports"
        else text in {row.change for row in view.advice}
    )
    if not known or fields.get("right") not in {"yes", "no"}:
        return await not_found(request, "text")
    number: int | str = int(text) if table == "reports" else text
    await parts.judge(table, number, right=fields["right"] == "yes", actor=request[VIEWER].name)
    raise web.HTTPSeeOther(f"/bugs/{key}#texts")


async def replay(request: web.Request) -> web.Response:
    """Do buried work again."""
    fields = await form(request)
    if isinstance(fields, web.Response):
        return fields
    try:
        await request.app[PARTS].replay(fields.get("id", ""), request[VIEWER].name)
    except Permanent as error:
        return await render(request, "message.html", 409, title="Not replayed", says=str(error))
    raise web.HTTPSeeOther("/buried")


async def switches(request: web.Request) -> web.Response:
    """What keeps Upriver from writing."""
    if refused := await operators_only(request):
        return refused
    return await render(request, "switches.html")


async def turn(request: web.Request) -> web.Response:
    """Turn a switch."""
    fields = await form(request)
    if isinstance(fields, web.Response):
        return fields
    try:
        await request.app[PARTS].turn(fields.get("switch", ""), request[VIEWER].name, on=fields.get("on") == "yes")
    except Permanent as error:
        return await render(request, "message.html", 409, title="Not turned", says=str(error))
    raise web.HTTPSeeOther("/switches")


# ---------------------------------------------------------------------------------------------- files


async def static(request: web.Request) -> web.Response:
    """The style sheet and the picture."""
    name = request.match_info["name"]
    if name not in STATIC:
        raise web.HTTPNotFound
    headers = {"Cache-Control": "public, max-age=86400"}
    return web.Response(body=(HERE / "static" / name).read_bytes(), content_type=STATIC[name], headers=headers)
