"""`python -m tests.parts fetch`."""

from __future__ import annotations

import sys

from tests.parts.fetch import fetch

if __name__ == "__main__":
    if sys.argv[1:] != ["fetch"]:
        sys.exit("usage: python -m tests.parts fetch")
    sys.exit(fetch())
