"""How a probe's answer varies over releases: few looks, the nearest change on either side.

From the installed release backwards in growing strides until one answers otherwise, then by halves to the border;
the same forwards. Answers are taken to change seldom: where a neighbour of the border contradicts, the border moves
to it. A release that can't be read is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct, field

Ask = Callable[[int], bool | None]
"""The answer at a place in the list of releases; None where it can't be told."""


class Looks(Struct):
    """Asks each place at most once, and no more of them than allowed."""

    ask: Ask
    most: int
    seen: dict[int, bool | None] = field(default_factory=dict)
    passed: Callable[[int], bool] = lambda _: False
    """Whether a place is not worth a look: it counts as unread."""
    cut: bool = False
    """Whether the bound was met."""

    def at(self, place: int) -> bool | None:
        """The answer there; None where it can't be told, or no look is left."""
        if place not in self.seen:
            if self.passed(place):
                return None
            if len(self.seen) >= self.most:
                self.cut = True
                return None
            self.seen[place] = self.ask(place)
        return self.seen[place]


class Border(Struct, frozen=True):
    """Two places next to each other, as far as they could be read, that answer differently."""

    near: int
    """The one on the installed release's side."""
    far: int


def border(looks: Looks, start: int, end: int, hint: int | None = None) -> Border | None:
    """The nearest change between `start` and `end` (inclusive, either direction), or None where none was found.

    `hint` is a place believed to answer otherwise.
    """
    here = looks.at(start)
    if here is None or start == end:
        return None
    near, far = start, None
    if hint is not None and _between(start, hint, end):
        near, far = _try(looks, near, hint, here=here)
    if far is None:
        far, near = _stride(looks, near, end, here=here)
    return None if far is None else _halve(looks, near, far, here=here)


def _between(start: int, place: int, end: int) -> bool:
    return min(start, end) <= place <= max(start, end) and place != start


def _try(looks: Looks, near: int, hint: int, *, here: bool) -> tuple[int, int | None]:
    """The hint as the far side, if it is one; else as a nearer near side."""
    there = looks.at(hint)
    if there is None:
        return near, None
    return (hint, None) if there is here else (near, hint)


def _stride(looks: Looks, near: int, end: int, *, here: bool) -> tuple[int | None, int]:
    """Stride away from `near` until a place answers otherwise."""
    step = 1 if end > near else -1
    stride, at = 1, near
    while at != end and not looks.cut:
        at = min(at + stride, end) if step > 0 else max(at - stride, end)
        answer = looks.at(at)
        if answer is not None and answer is not here:
            return at, near
        if answer is here:
            near = at
        stride *= 2
    return None, near


def _halve(looks: Looks, near: int, far: int, *, here: bool) -> Border:
    """Narrow the change down. Places that can't be read are stepped over."""
    unread: set[int] = set()
    while True:
        open_places = [place for place in _inner(near, far) if place not in unread]
        if not open_places or looks.cut:
            return Border(near, far)
        middle = open_places[len(open_places) // 2]
        answer = looks.at(middle)
        if answer is None:
            unread.add(middle)
        elif answer is here:
            near = middle
        else:
            far = middle


def _inner(near: int, far: int) -> Sequence[int]:
    return range(near + 1, far) if near < far else range(near - 1, far, -1)
