"""What is printed often is read once, and what a window's end divides is read as if it were whole."""

from __future__ import annotations

import io

import pytest

from bot.extract import source
from bot.extract.engine import Engine
from bot.extract.environment import EnvironmentReader, blocks
from bot.extract.ledger import Ledger
from bot.extract.needles import Needles
from bot.extract.source import windows
from bot.model import Environment

NEEDLES = Needles((), (), EnvironmentReader.marks, EnvironmentReader.needles, EnvironmentReader.tellers)
RUN = """\
Processing /home/runner/work/demo/demo
  Installing build dependencies: started
Collecting click>=8 (from demo==0.1)
  Downloading click-8.1.7-py3-none-any.whl (97 kB)
Building wheels for collected packages: demo
Successfully installed click-8.1.7 demo-0.1
$ python -m pip freeze
attrs==23.2.0
own @ file:///home/runner/work/own
Package    Version
---------- -------
idna       3.6
tomli      2.0.1

"""


class Counting(EnvironmentReader):
    """Counts the blocks that it reads."""

    def __init__(self) -> None:
        super().__init__()
        self.read = 0

    def _read(self, *given: object) -> None:
        self.read += 1
        super()._read(*given)  # type: ignore[arg-type]


def read(text: str, spans: tuple[tuple[int, int], ...] = ()) -> tuple[Environment, int]:
    reader = Counting()
    Engine(NEEDLES, (), (), sweepers=[reader]).run(windows(io.BytesIO(text.encode())), Ledger())
    return reader.result((), spans), reader.read


def rows(environment: Environment) -> set[tuple[str, str, bool]]:
    return {(row.name, row.version, row.local) for row in environment.installed}


def test_the_same_block_is_read_once_and_its_last_lines_count():
    once, blocks_once = read(RUN)
    often, blocks_often = read((RUN + "x\n" * 4_000) * 50)
    assert rows(often) == rows(once) == {
        ("click", "8.1.7", False), ("demo", "0.1", True), ("attrs", "23.2.0", False), ("idna", "3.6", False), ("tomli", "2.0.1", False),
    }  # fmt: skip
    assert blocks_often == blocks_once
    shift = 49 * (RUN.count("\n") + 4_000)
    assert [row.line - shift for row in often.installed] == [row.line for row in once.installed]


def test_the_last_of_different_blocks_wins_however_often_the_first_was_printed():
    other = RUN.replace("8.1.7", "8.2.0")
    environment, _ = read(RUN * 3 + other + RUN * 2 + other)
    assert environment.version_of("click") == "8.2.0"
    assert read(RUN + other + RUN)[0].version_of("click") == "8.1.7"


@pytest.mark.parametrize("window", [60, 130, 200, 310, 400, 505])
def test_a_windows_end_within_a_block_changes_nothing(window, monkeypatch):
    whole, _ = read(RUN * 2)
    monkeypatch.setattr(source, "WINDOW", window)
    divided, _ = read(RUN * 2)
    assert divided.installed == whole.installed


def test_more_blocks_than_are_kept_are_read_in_their_order(monkeypatch):
    monkeypatch.setattr(blocks, "_KEPT", 20_000)
    text = "".join(f"Successfully installed a-{number} b{number}-1\n" + "x\n" * 4_000 for number in range(100))
    environment, count = read(text)
    assert count == 100
    assert environment.version_of("a") == "99"
    assert len(environment.installed) == 101


def test_what_a_failure_prints_says_nothing():
    environment, _ = read(RUN, spans=((1, 6),))
    assert rows(environment) == {("attrs", "23.2.0", False), ("idna", "3.6", False), ("tomli", "2.0.1", False)}


def test_a_row_of_uvs_without_a_version_says_where_the_thing_comes_from():
    text = "Successfully installed demo-0.1\nInstalled 2 packages in 3ms\n + demo @ file:///w/demo\n + idna==3.6\nx\n"
    assert rows(read(text)[0]) == {("demo", "0.1", True), ("idna", "3.6", False)}
