"""The stand-in's pages: what a link in a report leads to, and the forms by which a human acts.

Everything is escaped; there are no scripts. They say on each page that this is a stand-in.
"""

from __future__ import annotations

import json
import secrets
from html import escape
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from bot.standin import play
from bot.standin.records import Comment, Issue, Repository, Run, WorkflowJob
from bot.standin.shapes import when
from bot.standin.world import World

LONGEST = 8_000
"""Longest request line that github.com takes before it answers 414."""
STYLE = """
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:60rem;margin:0 auto;padding:1rem}
pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid #8888;padding:.75rem;border-radius:.4rem}
.note{border:1px solid #b80;padding:.4rem .75rem;border-radius:.4rem}
article{border:1px solid #8888;border-radius:.4rem;margin:1rem 0;padding:0 1rem 1rem}
input,textarea{width:100%;font:inherit;box-sizing:border-box}
textarea{min-height:20rem;font-family:monospace}
small{opacity:.85}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action *; base-uri 'none'; frame-ancestors 'none'"


class Pages:
    """The pages over a world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def add_to(self, app: web.Application) -> None:
        """Register every page."""
        get, post = app.router.add_get, app.router.add_post
        get("/", self.front)
        get("/login/oauth/authorize", self.authorize)
        post("/login/oauth/authorize", self.grant)
        post("/login/oauth/access_token", self.access_token)
        post("/settings/apps/new", self.new_app)
        post("/organizations/{owner}/settings/apps/new", self.new_app)
        post("/settings/apps/create", self.create_app)
        get("/apps/{slug}/installations/new", self.installing)
        post("/apps/{slug}/installations/new", self.install)
        get("/{owner}/{repo}", self.repository)
        get("/{owner}/{repo}/issues", self.repository)
        get("/{owner}/{repo}/issues/new", self.new_issue)
        post("/{owner}/{repo}/issues/new", self.open_issue)
        get("/{owner}/{repo}/issues/{number:[0-9]+}", self.issue)
        get("/{owner}/{repo}/pull/{number:[0-9]+}", self.issue)
        post("/{owner}/{repo}/issues/{number:[0-9]+}/comments", self.comment)
        post("/{owner}/{repo}/issues/{number:[0-9]+}/state", self.set_state)
        get("/{owner}/{repo}/actions/runs/{run:[0-9]+}/job/{job:[0-9]+}", self.job)
        get("/{owner}/{repo}/actions/runs/{run:[0-9]+}", self.run)

    # -------------------------------------------------------------------------------- frame

    def page(self, title: str, body: str, status: int = 200) -> web.Response:
        """One page."""
        text = (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width,initial-scale=1">'
            f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>"
            '<p class="note"><strong>Stand-in.</strong> This is not GitHub: it plays GitHub on this machine, '
            'and nothing here leaves it. <a href="/">All repositories</a></p>'
            f"<main>{body}</main></body></html>"
        )
        headers = {
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        }
        return web.Response(status=status, text=text, content_type="text/html", headers=headers)

    def missing(self) -> web.Response:
        """404, for what is not there or private: pages are seen without signing in."""
        return self.page("Not found", "<h1>Not found</h1>", 404)

    def find(self, request: web.Request) -> Repository:
        """The public repository in the path, by its new name where it has moved."""
        full_name = f"{request.match_info['owner']}/{request.match_info['repo']}"
        repo = self.world.find(full_name)
        if repo is None:
            moved = self.world.repositories.get(self.world.moved.get(full_name.lower(), 0))
            if moved is None:
                raise web.HTTPNotFound
            rest = request.path_qs.split("/", 3)[3:]
            raise web.HTTPMovedPermanently("/".join([f"/{moved.full_name}", *rest]))
        if repo.private:
            raise web.HTTPNotFound
        return repo

    # -------------------------------------------------------------------------------- reading

    async def front(self, _: web.Request) -> web.Response:
        """All public repositories."""
        rows = "".join(
            f'<li><a href="/{escape(repo.full_name)}">{escape(repo.full_name)}</a> '
            f"<small>{len(repo.issues)} issues and pull requests, {len(repo.runs)} runs</small></li>"
            for repo in sorted(self.world.repositories.values(), key=lambda one: one.full_name)
            if not repo.private
        )
        return self.page("Repositories", f"<h1>Repositories</h1><ul>{rows or '<li>None yet.</li>'}</ul>")

    async def repository(self, request: web.Request) -> web.Response:
        """A repository's issues, pull requests and runs."""
        repo = self.find(request)
        at = f"/{escape(repo.full_name)}"
        issues = "".join(
            f'<li><a href="{at}/{"pull" if row.pull else "issues"}/{row.number}">#{row.number} {escape(row.title)}</a> '
            f"<small>{row.state}, by {escape(row.user)}, {len(row.comments)} comments</small></li>"
            for row in sorted(repo.issues.values(), key=lambda one: -one.number)
        )
        runs = "".join(
            f'<li><a href="{at}/actions/runs/{run.id}">{escape(run.name)} #{run.number}</a> '
            f"<small>{escape(run.event)} on {escape(run.head_branch)}: {run.conclusion}</small></li>"
            for run in sorted(repo.runs.values(), key=lambda one: -one.id)[:50]
        )
        body = (
            f"<h1>{escape(repo.full_name)}</h1><h2>Issues and pull requests</h2><ul>{issues or '<li>None.</li>'}</ul>"
        )
        new = f'<p><a href="{at}/issues/new">New issue</a></p>' if repo.has_issues and not repo.archived else ""
        return self.page(repo.full_name, f"{body}{new}<h2>Runs</h2><ul>{runs or '<li>None.</li>'}</ul>")

    async def issue(self, request: web.Request) -> web.Response:
        """An issue or pull request with its conversation."""
        repo = self.find(request)
        row = repo.issues.get(int(request.match_info["number"]))
        if row is None:
            return self.missing()
        said = [self.said(row.user, row.body or "", when(row.created_at) or "", "")]
        said += [self.said(one.user, one.body, when(one.created_at) or "", self.thumbs(one)) for one in row.comments]
        return self.page(row.title, f"{self.heading(repo, row)}{''.join(said)}{self.forms(repo, row)}")

    def heading(self, repo: Repository, row: Issue) -> str:
        """Title, state and, for a pull request, what it changes."""
        kind = "Pull request" if row.pull else "Issue"
        changes = "".join(
            f"<details><summary>{escape(one.filename)}</summary><pre>{escape(one.patch or '')}</pre></details>"
            for one in (row.pull.changes if row.pull else [])
        )
        title = f"<h1>{escape(row.title)} <small>#{row.number}</small></h1>"
        return f'{title}<p><a href="/{escape(repo.full_name)}">{escape(repo.full_name)}</a>: {kind}, {row.state}</p>{changes}'

    def said(self, user: str, body: str, at: str, more: str) -> str:
        """One contribution; the Markdown is shown as written."""
        return f"<article><p><strong>{escape(user)}</strong> <small>{escape(at)}{more}</small></p><pre>{escape(body)}</pre></article>"

    def thumbs(self, row: Comment) -> str:
        """A comment's reactions."""
        return "".join(f", {escape(one.content)} by {escape(one.user)}" for one in row.reactions)

    def forms(self, repo: Repository, row: Issue) -> str:
        """Comment, close, reopen: as the human named in the form."""
        at = f"/{escape(repo.full_name)}/issues/{row.number}"
        if repo.archived or row.locked:
            return "<p>The conversation is closed.</p>"
        other = "open" if row.state == "closed" else "closed"
        word = "Reopen" if other == "open" else "Close"
        who = '<label>As <input name="login" value="maintainer" required></label>'
        return (
            f'<form method="post" action="{at}/comments">{who}<label>Comment'
            '<textarea name="body" required></textarea></label><button>Comment</button></form>'
            f'<form method="post" action="{at}/state"><input type="hidden" name="state" value="{other}">'
            f"<button>{word}</button></form>"
        )

    async def run(self, request: web.Request) -> web.Response:
        """A run with its jobs."""
        repo = self.find(request)
        run = repo.runs.get(int(request.match_info["run"]))
        if run is None:
            return self.missing()
        at = f"/{escape(repo.full_name)}/actions/runs/{run.id}/job"
        rows = "".join(
            f'<li><a href="{at}/{job.id}">{escape(job.name)}</a> <small>attempt {job.attempt}: {job.conclusion}</small></li>'
            for job in run.jobs
        )
        return self.page(run.name, f"<h1>{escape(run.name)} #{run.number}</h1><ul>{rows}</ul>")

    async def job(self, request: web.Request) -> web.Response:
        """A job with the end of its log."""
        repo = self.find(request)
        found = repo.jobs().get(int(request.match_info["job"]))
        if found is None:
            return self.missing()
        return self.page(found[1].name, self.log(*found))

    def log(self, run: Run, job: WorkflowJob) -> str:
        """The last 200 kB of a log."""
        text = job.log[-200_000:].decode("utf-8", "replace")
        title = f"<h1>{escape(run.name)}: {escape(job.name)}</h1><p>{job.conclusion} on {escape(run.head_branch)}</p>"
        return f"{title}<pre>{escape(text)}</pre>"

    # -------------------------------------------------------------------------------- writing

    async def new_issue(self, request: web.Request) -> web.Response:
        """The form for a new issue, filled from the link as GitHub fills it."""
        repo = self.find(request)
        if len(request.path_qs) > LONGEST:
            return self.page("Too long", "<h1>414 URI Too Long</h1>", 414)
        if not repo.has_issues or repo.archived:
            return self.missing()
        title, body = request.query.get("title", ""), request.query.get("body", "")
        form = (
            f"<h1>New issue in {escape(repo.full_name)}</h1><form method='post'>"
            '<label>As <input name="login" value="you" required></label>'
            f'<label>Title <input name="title" required maxlength="256" value="{escape(title)}"></label>'
            f'<label>Text<textarea name="body">{escape(body)}</textarea></label><button>Open the issue</button></form>'
        )
        return self.page("New issue", form)

    async def open_issue(self, request: web.Request) -> web.Response:
        """Open an issue as a human."""
        repo = self.find(request)
        form = await request.post()
        title, body, login = (_plain(form.get(name)) for name in ("title", "body", "login"))
        if not title.strip() or not login.strip() or len(title) > 256 or not repo.has_issues or repo.archived:
            return self.page("Not opened", "<h1>The issue was not opened</h1>", 422)
        row = play.open_issue(self.world, repo, login.strip(), title, body.replace("\r\n", "\n"))
        raise web.HTTPSeeOther(f"/{repo.full_name}/issues/{row.number}")

    async def comment(self, request: web.Request) -> web.Response:
        """Comment as a human."""
        repo = self.find(request)
        number, form = int(request.match_info["number"]), await request.post()
        body, login = _plain(form.get("body")), _plain(form.get("login"))
        if number not in repo.issues or not body.strip() or not login.strip():
            return self.missing()
        play.comment(self.world, repo, number, login.strip(), body.replace("\r\n", "\n"))
        raise web.HTTPSeeOther(f"/{repo.full_name}/issues/{number}")

    async def set_state(self, request: web.Request) -> web.Response:
        """Close or reopen as a human."""
        repo = self.find(request)
        number, form = int(request.match_info["number"]), await request.post()
        state = _plain(form.get("state"))
        if number not in repo.issues or state not in {"open", "closed"}:
            return self.missing()
        play.set_state(self.world, repo, repo.issues[number], state)
        raise web.HTTPSeeOther(f"/{repo.full_name}/issues/{number}")

    # -------------------------------------------------------------------------------- Apps and sign-in

    async def new_app(self, request: web.Request) -> web.Response:
        """The manifest flow's first half: shows what is asked, and a button."""
        form = await request.post()
        text, state = _plain(form.get("manifest")), request.query.get("state", "")
        try:
            manifest = json.loads(text)
            asked = json.dumps(manifest, indent=1)
            name = str(manifest["name"])
        except (ValueError, KeyError, TypeError):
            return self.page("Bad manifest", "<h1>The manifest can't be read</h1>", 422)
        owner = request.match_info.get("owner", "operators")
        hidden = "".join(
            f'<input type="hidden" name="{key}" value="{escape(value)}">'
            for key, value in (("manifest", text), ("state", state), ("owner", owner))
        )
        button = f'<form method="post" action="/settings/apps/create">{hidden}<button>Create the App</button></form>'
        return self.page("New App", f"<h1>Create {escape(name)}?</h1><pre>{escape(asked)}</pre>{button}")

    async def create_app(self, request: web.Request) -> web.Response:
        """The button: back to the manifest's redirect_url with a code that lives an hour."""
        form = await request.post()
        try:
            manifest = json.loads(_plain(form.get("manifest")))
            back = str(manifest["redirect_url"])
        except (ValueError, KeyError, TypeError):
            return self.page("Bad manifest", "<h1>The manifest can't be read</h1>", 422)
        code = secrets.token_hex(20)
        self.world.manifests[code] = (manifest, _plain(form.get("owner")) or "operators", self.world.now())
        raise _back(back, code=code, state=_plain(form.get("state")))

    async def installing(self, request: web.Request) -> web.Response:
        """Choose an account to install the App on."""
        form = (
            '<form method="post"><label>Account <input name="account" required></label><button>Install</button></form>'
        )
        return self.page("Install", f"<h1>Install {escape(request.match_info['slug'])}</h1>{form}")

    async def install(self, request: web.Request) -> web.Response:
        """Install the App on all of an account's repositories."""
        app = next((row for row in self.world.apps.values() if row.slug == request.match_info["slug"]), None)
        account = _plain((await request.post()).get("account")).strip()
        if app is None or not account:
            return self.missing()
        play.install(self.world, app, account)
        return self.page("Installed", f"<h1>{escape(app.name)} is installed on {escape(account)}</h1>")

    async def authorize(self, request: web.Request) -> web.Response:
        """Sign-in: the human says who they are."""
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{escape(request.query.get(name, ""))}">'
            for name in ("client_id", "redirect_uri", "state")
        )
        form = f'<form method="post">{hidden}<label>I am <input name="login" required></label><button>Sign in</button></form>'
        return self.page("Sign in", f"<h1>Sign in to the stand-in</h1>{form}")

    async def grant(self, request: web.Request) -> web.Response:
        """Back to the App with a code."""
        form = await request.post()
        client, back, state, login = (
            _plain(form.get(name)) for name in ("client_id", "redirect_uri", "state", "login")
        )
        app = next((row for row in self.world.apps.values() if row.client_id == client), None)
        if app is None or not login.strip() or urlsplit(back).scheme not in {"http", "https"}:
            return self.missing()
        code = secrets.token_hex(10)
        self.world.grants[code] = (app.id, login.strip())
        raise _back(back, code=code, state=state)

    async def access_token(self, request: web.Request) -> web.Response:
        """The code for a token; errors come with 200, as GitHub has it."""
        form = await request.post()
        given = self.world.grants.pop(_plain(form.get("code")), None)
        app = self.world.apps.get(given[0]) if given else None
        client = (_plain(form.get("client_id")), _plain(form.get("client_secret")))
        if given is None or app is None:
            return web.json_response({"error": "bad_verification_code"})
        if client != (app.client_id, app.client_secret):
            return web.json_response({"error": "incorrect_client_credentials"})
        token = play.sign_in(self.world, app, given[1])
        return web.json_response({"access_token": token, "token_type": "bearer", "scope": ""})


def _plain(value: object) -> str:
    return value if isinstance(value, str) else ""


def _back(url: str, **query: str) -> web.HTTPSeeOther:
    given = urlencode({key: value for key, value in query.items() if value})
    return web.HTTPSeeOther(f"{url}{'&' if '?' in url else '?'}{given}")
