"""Playing a stand-in that runs in a process of its own: `POST /_standin/VERB` with the verb's arguments as JSON."""

from __future__ import annotations

from typing import Any

from bot.standin import play
from bot.standin.faults import Fault
from bot.standin.hooks import Sender, redeliver
from bot.standin.records import FileChange
from bot.standin.world import World

JSON = dict[str, Any]


async def control(world: World, sender: Sender, verb: str, body: JSON) -> JSON:
    """Do it. `KeyError`, `TypeError` and `ValueError` say that the request was wrong."""
    if verb == "drain":
        await sender.drain()
        return {"deliveries": [_delivery(row) for row in world.deliveries.values()]}
    if verb == "pause":
        sender.paused = True
        return {}
    if verb == "resume":
        sender.resume()
        return {}
    return VERBS[verb](world, body)


def _delivery(row: Any) -> JSON:
    return {"id": row.id, "guid": row.guid, "event": row.event, "status": row.status, "status_code": row.status_code}


def _state(world: World, _: JSON) -> JSON:
    """What people would see, for assertions."""
    rows = {}
    for repo in world.repositories.values():
        rows[repo.full_name] = [
            {
                "number": issue.number,
                "title": issue.title,
                "body": issue.body,
                "user": issue.user,
                "state": issue.state,
                "pull": issue.pull is not None,
                "comments": [{"user": one.user, "body": one.body} for one in issue.comments],
            }
            for issue in repo.issues.values()
        ]
    return {"repositories": rows}


def _app(world: World, body: JSON) -> JSON:
    app = play.make_app(world, body["manifest"], body.get("owner", "operators"))
    return {"id": app.id, "slug": app.slug, "pem": app.private_key, "webhook_secret": app.webhook_secret}


def _repository(world: World, body: JSON) -> JSON:
    return {"id": play.repository(world, **body).id}


def _install(world: World, body: JSON) -> JSON:
    return {"id": play.install(world, world.apps[body["app"]], body["account"], body.get("repositories")).id}


def _token(world: World, body: JSON) -> JSON:
    return {"token": play.personal_token(world, body["login"], *body.get("scopes", ["public_repo"]))}


def _pull(world: World, body: JSON) -> JSON:
    repo = world.repository(body.pop("repository"))
    changes = [FileChange(**row) for row in body.pop("changes", [])]
    row = play.open_pull(world, repo, body.pop("login"), changes=changes, **body)
    return {"number": row.number, "sha": row.pull.head_sha if row.pull else ""}


def _run(world: World, body: JSON) -> JSON:
    repo = world.repository(body["repository"])
    jobs = [play.Played(**{**row, "log": row.get("log", "").encode()}) for row in body["jobs"]]
    given = dict(body.get("trigger", {}))
    if "pull" in given:
        given["pull"] = repo.issues[given["pull"]]
    run = play.finish_run(world, repo, jobs, play.Trigger(**given), events=body.get("events", ()))
    return {"id": run.id, "jobs": [job.id for job in run.jobs]}


def _issue(world: World, body: JSON) -> JSON:
    repo = world.repository(body["repository"])
    return {"number": play.open_issue(world, repo, body["login"], body["title"], body.get("body", "")).number}


def _comment(world: World, body: JSON) -> JSON:
    repo = world.repository(body["repository"])
    return {"id": play.comment(world, repo, body["number"], body["login"], body["body"]).id}


def _fault(world: World, body: JSON) -> JSON:
    world.faults.add(Fault(**body))
    return {}


def _redeliver(world: World, body: JSON) -> JSON:
    return {"id": redeliver(world, world.deliveries[body["delivery"]]).id}


def _advance(world: World, body: JSON) -> JSON:
    world.advance(float(body["seconds"]))
    return {}


VERBS = {
    "advance": _advance,
    "app": _app,
    "comment": _comment,
    "fault": _fault,
    "install": _install,
    "issue": _issue,
    "pull": _pull,
    "redeliver": _redeliver,
    "repository": _repository,
    "run": _run,
    "state": _state,
    "token": _token,
}
