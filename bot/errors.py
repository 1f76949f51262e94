"""What can go wrong, named after what the worker does about it.

"We decided not to post" is a `Decision`, never an exception.
"""

from __future__ import annotations


class UpriverError(Exception):
    """Base of every error that Upriver raises on purpose; its text says what to do."""


class Unreadable(UpriverError):
    """An input is no log, or not one that can be read: a directory, a bomb, a broken archive. Exit status 1."""


class ConfigError(UpriverError):
    """The configuration is wrong; the text lists every mistake at once."""


class Transient(UpriverError):
    """A counterpart failed in a way that may pass. The worker retries, after `retry_after` seconds where said."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Permanent(UpriverError):
    """A counterpart refused for good. The worker buries the job, visibly, and a human may replay it."""


class Refused(Permanent):
    """A forge does not let this credential do that here (403, 404, 410): downgrade the channel, never retry."""


class Gone(Permanent):
    """The thing asked for existed and no longer does: an expired log, a deleted repository."""
