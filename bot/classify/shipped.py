"""The data files beside the code."""

from __future__ import annotations

import os

_FOLDER = os.path.dirname(__file__)


def path(name: str) -> str:
    """Where a data file is."""
    return os.path.join(_FOLDER, *name.split("/"))


def text(name: str) -> str:
    """What a data file says."""
    with open(path(name), encoding="utf-8") as file:
        return file.read()


def data(name: str) -> bytes:
    """What a data file holds."""
    with open(path(name), "rb") as file:
        return file.read()
