"""What each word needs, written out by hand; both forges are held to it."""

from bot.commands import LEVELS

LEAST = {
    "help": "read",
    "explain": "read",
    "status": "read",
    "pin": "read",
    "file": "write",
    "filed": "write",
    "hold": "triage",
    "resume": "triage",
    "not-upstream": "write",
    "blame": "write",
    "undo": "write",
    "dup": "write",
    "undup": "write",
    "ignore": "triage",
    "unignore": "triage",
    "retry": "triage",
    "stop": "none",
    "start": "write",
    "fixed-in": "triage",
    "not-ours": "none",
    "needs-info": "triage",
}
CHANGE_ONLY = set(LEAST) - {"fixed-in", "not-ours", "needs-info"}
BOTH = {"help", "status", "undo", "stop", "start"}
UPSTREAM = BOTH | {"fixed-in", "not-ours", "needs-info"}


def may_say(level):
    """The words that somebody of a level may say on a change."""
    if level not in LEVELS:
        return set()
    return {word for word in CHANGE_ONLY if LEVELS.index(level) >= LEVELS.index(LEAST[word])}
