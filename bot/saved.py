"""This installation's own secrets, made once and kept in the data folder in a file that only its user can read."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from bot.errors import ConfigError

FILE = "secrets.json"


def own_secrets(data: Path) -> Mapping[str, str]:
    """`cookies` signs sessions and forms, `operator` opens the pages' private parts, `webhooks` signs until an App does.

    Raises `ConfigError` where the file can't be read or made.
    """
    path = data / FILE
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        made = {
            "cookies": secrets.token_hex(32),
            "operator": secrets.token_urlsafe(24),
            "webhooks": secrets.token_hex(32),
        }
        return _kept(path, made)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} can't be read ({error}); remove it and start again") from error


def _kept(path: Path, made: Mapping[str, str]) -> Mapping[str, str]:
    """What the file holds now: ours, or those of another process that was quicker."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return own_secrets(path.parent)
    except OSError as error:
        raise ConfigError(f"the data folder {path.parent} can't be written: {error.strerror}") from error
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(made, file)
    return made
