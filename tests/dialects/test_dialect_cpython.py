from __future__ import annotations

import io

import pytest

from bot.extract import read
from tests.dialects.truth import DATA, check, reading, samples


@pytest.mark.parametrize("sample", samples("cpython"))
def test_interpreters(sample):
    check("cpython", sample)


def test_a_message_keeps_its_indented_lines():
    (failure,) = reading("cpython", "multiline@3.13.log").failures
    assert failure.message.startswith("first line\n  second line, indented")


@pytest.mark.parametrize("sample", ["pool@3.13.log", "futures@3.13.log"])
def test_a_remote_traceback_has_the_frames_of_the_process_it_comes_from(sample):
    (failure,) = reading("cpython", sample).failures
    assert failure.chain[0].frames[-1].function == "square"


@pytest.mark.parametrize("version", ["3.10", "3.12", "3.13", "3.14"])
def test_a_suggestion_is_no_part_of_the_message(version):
    (failure,) = reading("cpython", f"suggestion@{version}.log").failures
    assert "Did you mean" not in failure.message
    assert "Did you mean: 'timeout'?" in failure.outermost.notes[0]


def test_source_lines():
    (failure,) = reading("cpython", "plain@3.13.log").failures
    assert [frame.source for frame in failure.outermost.frames] == [
        "main()",
        'print(prices.total(["tea", "coffee"]))',
        "return sum([price(name) for name in names])",
        "return PRICES[name]",
    ]


def test_a_recursion_keeps_its_first_and_last_frames():
    (failure,) = reading("cpython", "recursion@3.13.log").failures
    assert failure.outermost.frames[0].function == "<module>"
    assert len(failure.outermost.frames) == 4


def test_python_2_prints_every_frame_of_a_recursion():
    (failure,) = reading("cpython", "recursion@2.7.log").failures
    assert len(failure.outermost.frames) > 900


@pytest.mark.parametrize("indents", [(" ", "\t"), ("", "  "), ("\t", "\t\t")])
def test_what_lost_its_indentation_is_read(indents):
    """As trackers and mails leave it."""
    text = (DATA / "cpython" / "plain@3.13.log").read_text()
    plain = reading("cpython", "plain@3.13.log").failures[0].outermost
    squeezed = text.replace("    ", "\0").replace("  File", indents[0] + "File").replace("\0", indents[1])
    (failure,) = read(io.BytesIO(squeezed.encode())).failures
    assert failure.exception == plain.exception
    assert [(f.file, f.line, f.source) for f in failure.outermost.frames] == [
        (f.file, f.line, f.source) for f in plain.frames
    ]
