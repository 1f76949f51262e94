"""Values of the model as JSON and back: the store's and the engine's edge.

What is read back was written by us, perhaps by an older version: keys that are gone are ignored, and new fields have
their defaults. So a field may be added to the model without a migration; one may not change its meaning.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

ValueT = TypeVar("ValueT")


def to_json(value: Any) -> Any:
    """What `json` takes for a value of the model, which its type brings back."""
    return msgspec.to_builtins(value)


def from_json(kind: type[ValueT], stored: Any) -> ValueT:
    """The value of that type that `to_json` stored. Raises `msgspec.ValidationError` for what is none."""
    return msgspec.convert(stored, kind)
