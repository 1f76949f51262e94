"""The Apps ask for what they use and nothing else, and say why."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

import bot.sources.github
import bot.trackers.github
from bot.sources.download import Guard
from bot.sources.github.announce import Announcer
from bot.sources.github.places import Places
from bot.standin.routes import ROUTES

ROOT = Path(__file__).parents[2]
APP = yaml.safe_load((ROOT / "app.yaml").read_text())
UPSTREAM = yaml.safe_load((ROOT / "app-upstream.yaml").read_text())
CODE = "\n".join(
    path.read_text()
    for path in (*Path(bot.sources.github.__file__).parent.glob("*.py"), Path(bot.trackers.github.__file__))
)
PLACEHOLDERS = {
    "{artifact_id}/{archive_format}": "{artifact}/zip",
    "{job_id}": "{job}",
    "{run_id}": "{run}",
    "{workflow_id}": "{workflow}",
    "{pull_number}": "{number}",
    "{issue_number}": "{number}",
    "{comment_id}": "{comment}",
    "{username}": "{user}",
    "{commit_sha}": "{sha}",
    "contents/{path}": "contents/{+path}",
}
LEVELS = ("read", "write")


def _called():
    """The operations on repositories that our code calls, by the paths written in it."""
    for route in ROUTES:
        path = route.template
        for theirs, ours in PLACEHOLDERS.items():
            path = path.replace(theirs, ours)
        reactions = path.replace("/pulls/comments", "/{base}/comments").replace("/issues/comments", "/{base}/comments")
        built = (
            reactions.replace("{owner}", "{{owner}}").replace("{repo}", "{{repo}}").replace("{comment}", "{{comment}}")
        )
        if any(f"{path}{end}" in CODE for end in ('"', "?", "{&")) or f'{built}"' in CODE:
            yield route


def _needed():
    """The highest level of each permission that some operation we call needs where no other would do."""
    needed = {}
    for route in _called():
        for name, level in route.needs:
            needed[name] = max(needed.get(name, "read"), level, key=LEVELS.index)
    return needed


def test_every_permission_is_used_and_every_used_one_is_asked_for():
    events = {"checks": "check_run", "statuses": "status"}  # the permission to subscribe to them
    needed = _needed()
    for name, event in events.items():
        if event in APP["default_events"]:
            needed.setdefault(name, "read")
    assert APP["default_permissions"] == needed


def test_every_event_is_handled_and_every_handled_one_is_asked_for():
    announcer = Announcer(Places(), Guard(), frozenset)
    always = {"installation"}  # sent to every App, subscribed or not
    assert set(APP["default_events"]) == announcer.events - always


def test_who_only_receives_gives_nothing_else():
    assert UPSTREAM["default_permissions"] == {"issues": "write", "metadata": "read"}
    assert set(UPSTREAM["default_events"]) <= set(APP["default_events"]) & {"issue_comment"}


@pytest.mark.parametrize("name", sorted(APP["default_permissions"]))
def test_the_manual_says_why_each_permission_is_asked_for(name):
    assert f"| `{name}` |" in (ROOT / "docs" / "github.md").read_text()


@pytest.mark.parametrize("name", sorted(APP["default_events"]))
def test_the_manual_names_each_event(name):
    assert f"`{name}`" in (ROOT / "docs" / "github.md").read_text()
