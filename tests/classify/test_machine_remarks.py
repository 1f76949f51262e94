"""What a machine complains of where no failure is printed."""

from __future__ import annotations

import io

import pytest

from bot.classify import judge
from bot.extract import read
from bot.facts import Facts
from bot.model import Case, Kind

COMPLAINT = "pyenv: pip3: command not found"


@pytest.mark.parametrize(("below", "kind"), [(20, Kind.ENVIRONMENT), (2_000, Kind.NONE)])
def test_what_a_job_survived_is_not_why_it_ended(below, kind):
    """A job goes on after many complaints; the last ones may say why it ended."""
    rows = ["$ ./install", COMPLAINT, *[f"building part {row}" for row in range(below)]]
    log = "\n".join([*rows, 'The command "make" exited with 2.', "Done. Your build exited with 2."])
    assert judge(Case(reading=read(io.BytesIO(log.encode()))), Facts()).verdict.kind is kind
