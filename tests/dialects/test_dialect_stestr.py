from __future__ import annotations

import io

import pytest

from bot.extract import read
from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("stestr"))
def test_stestr(sample):
    check("stestr", sample)


_MESSAGE_OF_SEVERAL_LINES = """\
{0} pkg.tests.test_api.StringTest.test_length [0.312s] ... FAILED

Captured traceback:
~~~~~~~~~~~~~~~~~~~
    Traceback (most recent call last):

      File "/src/pkg/validators.py", line 18, in validate
    raise error

    jsonschema.exceptions.ValidationError: '' should be non-empty

Failed validating 'minLength' in schema['properties']['foo']:
    {'type': 'string', 'minLength': 1}


During handling of the above exception, another exception occurred:


    Traceback (most recent call last):

      File "/src/pkg/tests/test_api.py", line 45, in test_length
    self.post(body)

    pkg.exception.ValidationError: Invalid input

{0} pkg.tests.test_api.StringTest.test_other [0.1s] ... ok
"""


def test_a_message_whose_further_lines_are_not_indented_keeps_its_chain():
    reading = read(io.BytesIO(_MESSAGE_OF_SEVERAL_LINES.encode()))
    [failure] = reading.failures
    assert [part.exception for part in failure.chain] == [
        "jsonschema.exceptions.ValidationError",
        "pkg.exception.ValidationError",
    ]
    assert failure.test == "pkg.tests.test_api.StringTest.test_length"
    assert reading.handled == ()


def test_what_follows_a_block_without_a_linking_sentence_is_not_its():
    cut = _MESSAGE_OF_SEVERAL_LINES.replace(
        "During handling of the above exception, another exception occurred:", "and so"
    )
    [failure] = [one for one in read(io.BytesIO(cut.encode())).failures if one.test]
    assert [part.exception for part in failure.chain] == ["jsonschema.exceptions.ValidationError"]
