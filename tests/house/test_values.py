"""`bot.values` makes what the standard library's `dataclasses` makes; each class here is made both ways."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any, ClassVar, Generic, TypeVar

import pytest
from pydantic import TypeAdapter, ValidationError

from bot import values

T = TypeVar("T")


def _classes(module: Any) -> dict[str, Any]:
    @module.dataclass(frozen=True, slots=True, kw_only=True)
    class Frozen:
        """A frozen value."""

        name: str
        line: int | None = None
        parts: tuple[str, ...] = ()
        extra: dict[str, int] = module.field(default_factory=dict)
        kinds: ClassVar[int] = 3

        @property
        def doubled(self) -> str:
            return self.name * 2

    @module.dataclass(slots=True)
    class Mutable:
        """A value that changes."""

        name: str
        rows: list[int] = module.field(default_factory=list)
        width: int = module.field(default=8)
        seen: dict[str, int] = module.field(default_factory=dict, compare=False, repr=False)

    @module.dataclass(frozen=True)
    class Plain:
        """Without slots."""

        name: str
        rows: tuple[int, ...] = module.field(default=())

    @module.dataclass(frozen=True, slots=True, kw_only=True)
    class Holding(Generic[T]):
        """Of a type of its own."""

        held: T

    @module.dataclass(frozen=True, slots=True)
    class Empty:
        """Nothing."""

    @module.dataclass(frozen=True, slots=True)
    class Own:
        """With methods of its own."""

        name: str

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Own) and other.name.lower() == self.name.lower()

        def __hash__(self) -> int:
            return hash(self.name.lower())

        def __repr__(self) -> str:
            return self.name

    @module.dataclass(frozen=True, slots=True)
    class Derived(Empty):
        """With a base that is one, too."""

        name: str
        line: int = 1

    return {cls.__name__: cls for cls in (Frozen, Mutable, Plain, Holding, Empty, Own, Derived)}


OURS, THEIRS = _classes(values), _classes(dataclasses)
MADE = [
    ("Frozen", (), {"name": "a"}),
    ("Frozen", (), {"name": "a", "line": 3, "parts": ("x",), "extra": {"b": 1}}),
    ("Mutable", ("a",), {}),
    ("Mutable", ("a", [1], 2), {}),
    ("Mutable", (), {"name": "a", "rows": [2]}),
    ("Plain", ("a",), {"rows": (1, 2)}),
    ("Holding", (), {"held": 3}),
    ("Empty", (), {}),
    ("Own", ("A",), {}),
    ("Derived", ("a",), {"line": 2}),
]
REFUSED = [
    ("Frozen", (), {}),
    ("Frozen", ("a",), {}),
    ("Frozen", (), {"name": "a", "other": 1}),
    ("Mutable", (), {}),
    ("Mutable", ("a", [], 1, {}, 2), {}),
    ("Empty", (1,), {}),
]
one_way_and_the_other = pytest.mark.parametrize("classes", [OURS, THEIRS], ids=["ours", "theirs"])


@pytest.mark.parametrize(("name", "given", "named"), MADE)
def test_values_are_shown_compared_and_described_alike(name: str, given: Any, named: Any) -> None:
    ours, theirs = OURS[name](*given, **named), THEIRS[name](*given, **named)
    assert repr(ours) == repr(theirs)
    assert dataclasses.asdict(ours) == dataclasses.asdict(theirs)
    assert ours == OURS[name](*given, **named)
    assert ours != theirs
    assert dataclasses.is_dataclass(ours)
    assert OURS[name].__match_args__ == THEIRS[name].__match_args__
    described = [
        [(one.name, one.type, one.kw_only, one.default, one.compare, one.repr) for one in dataclasses.fields(made)]
        for made in (ours, theirs)
    ]
    assert described[0] == described[1]
    assert OURS[name].__dataclass_params__.frozen == THEIRS[name].__dataclass_params__.frozen
    assert OURS[name].__qualname__ == THEIRS[name].__qualname__
    assert OURS[name].__doc__ == THEIRS[name].__doc__
    assert hasattr(ours, "__dict__") == hasattr(theirs, "__dict__")
    assert (OURS[name].__hash__ is None) == (THEIRS[name].__hash__ is None)


@pytest.mark.parametrize(("name", "given", "named"), REFUSED)
@one_way_and_the_other
def test_what_does_not_fit_is_refused(classes: dict[str, Any], name: str, given: Any, named: Any) -> None:
    with pytest.raises(TypeError):
        classes[name](*given, **named)


@one_way_and_the_other
def test_equal_values_are_one_key(classes: dict[str, Any]) -> None:
    made = [
        classes["Plain"]("a", (1,)),
        classes["Plain"]("a", (1,)),
        classes["Plain"]("b"),
        classes["Own"]("A"),
        classes["Own"]("a"),
    ]
    assert len(set(made)) == 3


@pytest.mark.parametrize(
    ("name", "field"), [("Frozen", "name"), ("Plain", "rows"), ("Holding", "held"), ("Derived", "line")]
)
@one_way_and_the_other
def test_frozen_values_stay_as_they_are(classes: dict[str, Any], name: str, field: str) -> None:
    given, named = next((given, named) for kind, given, named in MADE if kind == name)
    value = classes[name](*given, **named)
    before = getattr(value, field)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, field, "b")
    with pytest.raises(dataclasses.FrozenInstanceError):
        delattr(value, field)
    assert getattr(value, field) == before


@one_way_and_the_other
def test_values_that_change_have_their_own_defaults(classes: dict[str, Any]) -> None:
    one, other = classes["Mutable"]("a"), classes["Mutable"]("b")
    one.rows.append(1)
    one.width = 9
    assert (one.rows, one.width, other.rows, other.width) == ([1], 9, [], 8)
    one.seen["a"] = 1
    assert one == classes["Mutable"]("a", [1], 9)
    assert "seen" not in repr(one)
    with pytest.raises(AttributeError):
        one.other = 1


@one_way_and_the_other
def test_a_replaced_field_leaves_the_others(classes: dict[str, Any]) -> None:
    for replaced in (values.replace, dataclasses.replace):
        made = replaced(classes["Frozen"](name="a", line=3), line=4)
        assert (made.name, made.line, made.doubled, made.kinds) == ("a", 4, "aa", 3)
        with pytest.raises(TypeError):
            replaced(made, other=1)


@values.dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A value that is found by its name, as pickles need."""

    name: str
    rows: tuple[Kept, ...] = ()


def test_values_are_copied_and_pickled() -> None:
    value = Kept(name="a", rows=(Kept(name="b"),))
    assert copy.copy(value) == value == copy.deepcopy(value)
    assert pickle.loads(pickle.dumps(value)) == value


def test_pydantic_validates_them() -> None:
    adapter = TypeAdapter(Kept)
    assert adapter.validate_json('{"name": "a", "rows": [{"name": "b"}]}') == Kept(name="a", rows=(Kept(name="b"),))
    with pytest.raises(ValidationError):
        adapter.validate_json('{"rows": []}')


def test_a_dataclass_of_the_standard_library_may_have_one_as_its_base() -> None:
    @dataclasses.dataclass(frozen=True, kw_only=True)
    class More(Kept):
        line: int = 0

    assert dataclasses.asdict(More(name="a", line=2)) == {"name": "a", "rows": (), "line": 2}
