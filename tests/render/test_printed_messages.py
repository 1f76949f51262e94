from __future__ import annotations

import pytest

from bot.model import Raised
from bot.render.contract import as_printed


@pytest.mark.parametrize(
    ("message", "notes", "printed"),
    [
        ("no such key", (), "no such key"),
        ("first\nsecond", (), "first\nsecond"),
        ("\n  - one problem\n  - another", (), ""),
        (
            "name 'prnt' is not defined\nmore",
            (". Did you mean: 'print'?",),
            "name 'prnt' is not defined. Did you mean: 'print'?\nmore",
        ),
    ],
)
def test_a_message_as_the_log_has_it(message, notes, printed):
    assert as_printed(Raised(exception="E", message=message, notes=notes)) == printed
