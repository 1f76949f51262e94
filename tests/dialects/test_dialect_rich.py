from __future__ import annotations

import io

import pytest

from bot.extract import read
from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("rich"))
def test_rich(sample):
    check("rich", sample)


def test_a_line_with_an_edge_within_is_no_place():
    box = [
        "╭──────── Traceback (most recent call last) ────────╮",
        "│ /home/ci/failing.py:5 in  │       $               │",
        "│ price                                             │",
        "│                                                   │",
        "│ /home/ci/use.py:9 in total                        │",
        "╰───────────────────────────────────────────────────╯",
        "KeyError: 'number'",
    ]
    (failure,) = read(io.BytesIO("\n".join(box).encode())).failures
    assert [frame.file for frame in failure.chain[0].frames] == ["/home/ci/use.py"]
