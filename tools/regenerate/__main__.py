"""`python -m tools.regenerate [WORD…]`: make the samples whose name has one of the words, or those that are missing."""

from __future__ import annotations

import subprocess
import sys

from tools.regenerate.samples import SAMPLES


def main(words: list[str]) -> int:
    """Make samples; the number of those that could not be made."""
    chosen = [one for one in SAMPLES if (any(word in one.name for word in words) if words else not one.path.exists())]
    failed = 0
    for one in chosen:
        try:
            one.make()
        except (OSError, subprocess.SubprocessError) as error:
            failed += 1
            print(f"{one.name}: {error}", file=sys.stderr)
        else:
            print(f"{one.name}: {one.path.stat().st_size:,} bytes")
    return failed


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
