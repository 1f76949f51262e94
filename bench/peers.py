"""Peers that parse one traceback, fed by the loop that cuts a log into tracebacks: `python -m bench.peers NAME FILE`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

HEADER = "Traceback (most recent call last):"


def blocks(path: Path) -> Iterator[str]:
    """From each header to the first line below it that is not indented."""
    held: list[str] = []
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            if held:
                held.append(line)
                if not line.startswith(" "):
                    yield "".join(held)
                    held = []
            elif line.startswith(HEADER):
                held = [line]


def boltons() -> Callable[[str], object]:
    """boltons.tbutils.ParsedException."""
    from boltons.tbutils import ParsedException

    return ParsedException.from_string


def tblib() -> Callable[[str], object]:
    """tblib.Traceback."""
    from tblib import Traceback

    return Traceback.from_string


def main(name: str, path: Path) -> None:
    """Parse every block; print how many were understood."""
    parse = {"boltons": boltons, "tblib": tblib}[name]()
    understood = 0
    for block in blocks(path):
        try:
            parse(block)
        except Exception:  # noqa: BLE001, S112  # whatever a peer raises, it has not understood the block
            continue
        understood += 1
    print(understood)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
