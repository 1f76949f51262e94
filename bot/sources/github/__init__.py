"""GitHub: webhooks, jobs, logs, artifacts, changes, comments and commands."""

from bot.sources.github.forge import Account, Forge
from bot.sources.github.source import GitHub
from bot.sources.github.webhook import LARGEST, Rejected, check_secret, verify

__all__ = ["LARGEST", "Account", "Forge", "GitHub", "Rejected", "check_secret", "verify"]
