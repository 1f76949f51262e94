"""How much the index may cost: every bound in one place, each with its reason."""

from __future__ import annotations

from msgspec import Struct

KIB, MIB = 1 << 10, 1 << 20


class Limits(Struct, frozen=True, kw_only=True):
    """Bounds on time, size and number. A question that meets one is answered with a Fact that says so."""

    connect_seconds: float = 10
    read_seconds: float = 20
    """The longest silence between two parts of one response."""
    question_seconds: float = 60
    """The longest that one question may take, waiting and reading."""
    slow_seconds: float = 4
    """A host whose answers took longer than this lately is slow ..."""
    slow_question_seconds: float = 8
    """... and a question waits no longer than this, for a job has many."""
    question_requests: int = 120
    question_bytes: int = 256 * MIB
    redirects: int = 5
    listing_bytes: int = 64 * MIB
    """The largest listings of real projects are near 30 MiB."""
    whole_bytes: int = 96 * MIB
    """The largest file that is downloaded whole: an sdist, or a wheel from a server without ranges."""
    small_bytes: int = 160 * KIB
    """A wheel this small is one request whole instead of three in parts."""
    members: int = 60_000
    directory_bytes: int = 24 * MIB
    """A zip's central directory."""
    member_bytes: int = 8 * MIB
    """One unpacked source or metadata file."""
    scanned_bytes: int = 256 * MIB
    """One member that is searched for a text."""
    searched_bytes: int = 24 * MIB
    """A release larger than this is not searched through for a text."""
    unpacked_bytes: int = 768 * MIB
    """An sdist's whole unpacked stream, read through once."""
    kept_bytes: int = 96 * MIB
    """What is kept of an sdist: its text files."""
    looks: int = 26
    """The most releases that one walk reads."""
    passed_bytes: int = 3 * MIB
    """A walk passes over releases that have no wheel and a source archive larger than this: each is one download."""
    modules: int = 400
    """The most source files that one probe of one release reads."""
    fresh_seconds: float = 600
    """For how long a listing is believed where it could have grown since."""
    settle_seconds: float = 3600
    """A listing fetched this long after an instant names all that was uploaded before it: caches between lag."""
    cache_bytes: int = 2048 * MIB
    failures: int = 3
    """So many failures of a host in a row, and it is left alone ..."""
    pause_seconds: float = 120
    """... for so long, that a dead index costs a job seconds and not minutes."""
