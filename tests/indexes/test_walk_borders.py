"""Finding the nearest change in a row of answers, in few looks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.indexes.walk import Looks, border

ROWS = st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=60)


def asked(row, most=99):
    return Looks(lambda place: row[place], most)


@given(st.integers(1, 400), st.data())
def test_one_change_is_found_in_few_looks(length, data):
    change = data.draw(st.integers(1, length))
    row = [True] * change + [False] * (length + 1 - change)
    looks = asked(row)
    found = border(looks, length, 0)
    assert (found.far, found.near) == (change - 1, change)
    assert len(looks.seen) <= 4 + 2 * length.bit_length()


@given(ROWS, st.data())
def test_what_is_found_is_a_change_between_neighbours_that_can_be_read(row, data):
    start = data.draw(st.integers(0, len(row) - 1))
    end = data.draw(st.sampled_from([0, len(row) - 1]))
    hint = data.draw(st.none() | st.integers(0, len(row) - 1))
    looks = asked(row)
    found = border(looks, start, end, hint)
    if found is None:
        assert row[start] is None or all(
            row[place] in (row[start], None) for place in looks.seen if _within(start, place, end)
        )
        return
    assert row[found.near] is row[start]
    assert row[found.far] is (not row[start])
    between = range(min(found.near, found.far) + 1, max(found.near, found.far))
    assert all(row[place] is None for place in between)
    assert min(start, end) <= found.near <= max(start, end)


def _within(start, place, end):
    return min(start, end) <= place <= max(start, end)


@given(ROWS, st.integers(1, 5))
def test_no_more_looks_than_allowed(row, most):
    looks = asked(row, most)
    border(looks, len(row) - 1, 0)
    assert len(looks.seen) <= most


def test_a_hint_saves_looks():
    row = [True] * 300 + [False] * 200
    with_hint, without = asked(row), asked(row)
    border(with_hint, 499, 0, 299)
    border(without, 499, 0)
    assert len(with_hint.seen) < len(without.seen)


def test_a_wrong_hint_is_found_out():
    row = [True] * 10 + [False] * 10
    found = border(asked(row), 19, 0, 15)
    assert (found.far, found.near) == (9, 10)


def test_a_nearer_change_beside_the_border_counts():
    row = [True, True, False, True, False]  # taken back once
    found = border(asked(row), 4, 0)
    assert (found.far, found.near) == (3, 4)
