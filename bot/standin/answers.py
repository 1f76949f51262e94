"""What a request asks and what it is answered: the small words of HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.standin.credentials import Viewer
from bot.standin.shapes import Shapes
from bot.standin.world import World

DOCUMENTATION = "https://docs.github.com/rest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A status with its JSON, or with a body of its own."""

    status: int = 200
    data: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    empty: bool = False
    """No body at all, as redirects and 204 have."""

    def body(self) -> bytes:
        """The bytes to send."""
        return b"" if self.empty else json.dumps(self.data).encode()


class Failed(Exception):
    """An answer that ends the handler where it stands."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def failed(status: int, message: str, headers: Mapping[str, str] | None = None, **more: Any) -> Failed:
    """`basic-error`."""
    data = {"message": message, "documentation_url": DOCUMENTATION, "status": str(status), **more}
    return Failed(Answer(status=status, data=data, headers=headers or {}))


def invalid(resource: str, name: str, code: str, message: str = "") -> Failed:
    """`validation-error`."""
    row = {"resource": resource, "field": name, "code": code}
    if message:
        row["message"] = message
    data = {"message": "Validation Failed", "documentation_url": DOCUMENTATION, "errors": [row], "status": "422"}
    return Failed(Answer(status=422, data=data))


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One authenticated request to the API."""

    world: World
    shapes: Shapes
    viewer: Viewer
    method: str
    path: str
    params: Mapping[str, str]
    """From the path."""
    query: Mapping[str, str]
    body: Any

    def text(self, name: str, resource: str, *, limit: int = 65_536, required: bool = True) -> str:
        """A string of the body, held to GitHub's limits."""
        value = self.body.get(name)
        if value is None and not required:
            return ""
        if value is None:
            raise invalid(resource, name, "missing_field")
        if not isinstance(value, str):
            raise invalid(resource, name, "invalid")
        if required and not value.strip():
            raise invalid(resource, name, "custom", f"{name} can't be blank")
        if len(value) > limit:
            what = f"is too long (maximum is {limit} characters)"
            raise invalid(resource, name, "custom", f"{name} {what}")
        return value

    def page(self, rows: Sequence[Any], key: str = "") -> Answer:
        """One page of a list, with its Link header; `key` wraps it with a count."""
        try:
            size = min(100, max(1, int(self.query.get("per_page", 30))))
            number = max(1, int(self.query.get("page", 1)))
        except ValueError:
            size, number = 30, 1
        chosen = list(rows[(number - 1) * size : number * size])
        data = {"total_count": len(rows), key: chosen} if key else chosen
        last = max(1, -(-len(rows) // size))
        links = {"prev": number - 1, "first": 1} if number > 1 else {}
        if number < last:
            links |= {"next": number + 1, "last": last}
        header = ", ".join(f'<{self.link(page=str(to))}>; rel="{name}"' for name, to in links.items())
        return Answer(data=data, headers={"Link": header} if header else {})

    def link(self, **changed: str) -> str:
        """This request's address with other parameters."""
        query = {**self.query, **changed}
        return f"{self.world.api}{self.path}?" + "&".join(f"{key}={value}" for key, value in query.items())
