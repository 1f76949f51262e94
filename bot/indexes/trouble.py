"""Why something could not be known. The text of each becomes a Fact's reason."""

from __future__ import annotations


class Unknown(Exception):
    """The answer can't be had now; asked again later it might."""


class Offline(Unknown):
    """It would need the network, and the network is off."""

    def __init__(self, what: str) -> None:
        super().__init__(f"offline and not in the cache: {what}")


class Absent(Unknown):
    """The index says that there is no such thing."""


class Refused(Unknown):
    """The index does not answer this here: 401, 403, 405 and their like."""


class Unsound(Unknown):
    """What was served is not what it should be: a wrong hash, a broken or hostile archive. Asking again won't help."""


class Bound(Unknown):
    """A limit on time, size or number was met."""
