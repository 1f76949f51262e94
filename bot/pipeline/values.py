"""Values of the model as JSON and back: the edge where pydantic ends.

What is read back was written by us, perhaps by an older version: keys that are gone are ignored, and new fields have
their defaults. So a field may be added to the model without a migration; one may not change its meaning.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

ValueT = TypeVar("ValueT")


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast("type[Any]", kind))


def to_json(value: Any) -> Any:
    """What `json` takes for a value of the model, which its type brings back."""
    return _adapter(cast("Hashable", type(value))).dump_python(value, mode="json")


def from_json(kind: type[ValueT], stored: Any) -> ValueT:
    """The value of that type that `to_json` stored."""
    value: ValueT = _adapter(cast("Hashable", kind)).validate_python(stored)
    return value
