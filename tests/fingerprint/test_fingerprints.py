import pytest
from msgspec.structs import replace

from bot.fingerprint import Grouper, fingerprint, template
from bot.model import Kind
from tests.render import builders


def test_a_static_fact_is_the_defect_wherever_it_is_hit():
    elsewhere = builders.judged(
        frames=(builders.frame("/other/site-packages/anvil/late.py", 99, "f", owner="anvil", module="anvil.late"),),
        message="other words",
    )
    assert str(fingerprint(builders.judged())) == str(fingerprint(elsewhere))


@pytest.mark.parametrize(
    "changes",
    [
        {"line": 500},
        {"file": "/other/place/lib/python3.9/site-packages/anvil/core.py"},
        {"source": "moved()"},
    ],
)
def test_lines_paths_and_sources_do_not_count(changes):
    def one(**given):
        base = {
            "file": "/v/site-packages/anvil/core.py",
            "line": 3,
            "function": "run",
            "owner": "anvil",
            "module": "anvil.core",
        }
        return builders.judged(
            symbol=None,
            exception="ValueError",
            message="bad 17 at 0xdeadbeef",
            frames=(builders.frame(**(base | given)),),
        )

    assert str(fingerprint(one())) == str(fingerprint(one(**changes)))


def by_message(text, exception="ValueError"):
    return builders.judged(
        symbol=None,
        exception=exception,
        message=text,
        frames=(builders.frame("/v/site-packages/anvil/core.py", 3, "run", owner="anvil", module="anvil.core"),),
    )


def test_values_do_not_count_and_words_do():
    assert str(fingerprint(by_message("bad value 17 in /tmp/a/b at 0x7f1"))) == str(
        fingerprint(by_message("bad value 99 in /home/c/d at 0x8e2"))
    )
    assert str(fingerprint(by_message("bad value 17"))) != str(fingerprint(by_message("worse key 17")))


def test_callers_tests_and_projects_do_not_count():
    one = by_message("x is bad")
    longer = replace(one, owned=((builders.frame("/p/test_a.py", 1, "test_a"), *one.owned[0]),))
    other = replace(longer, failure=replace(longer.failure, test="other::test"))
    assert str(fingerprint(one)) == str(fingerprint(other))


def test_qualified_and_bare_types_are_one():
    assert str(fingerprint(by_message("m", "anvil.errors.BadError"))) == str(fingerprint(by_message("m", "BadError")))


def test_each_part_says_why_it_counts():
    assert all(part.why for part in fingerprint(builders.judged()).parts)


def test_twins_stay_apart_and_likeness_joins():
    grouper = Grouper()
    first = grouper.add(by_message("could not strike the red hot iron bar now"))
    assert grouper.add(by_message("could not strike the red hot iron bar again now")) == first
    assert grouper.add(by_message("something else entirely went wrong")) != first


def test_other_symbols_are_other_bugs_even_at_the_same_place():
    grouper = Grouper()
    first = grouper.add(builders.judged(symbol="hammer.strike"))
    assert grouper.add(builders.judged(symbol="hammer.hit")) != first


def test_nothing_to_go_by_is_no_fingerprint():
    bare = builders.judged(symbol=None, exception="", message="", kind=Kind.PROJECT, culprit=None)
    assert fingerprint(replace(bare, owned=((),))) is None


@pytest.mark.parametrize(
    ("exception", "message", "expected"),
    [
        ("KeyError", "'user 17'", ""),
        ("ModuleNotFoundError", "No module named 'vine.five'", "No module named 'vine.five'"),
        ("ValueError", "no 'user 17' in 'x y'", "no <str> in <str>"),
        (
            "OSError",
            "[Errno 28] No space left on device: '/tmp/x/y'",
            "[Errno <number>] No space left on device: <str>",
        ),
        ("E", "at 2026-01-02T03:04:05Z for 3.2s from 10.0.0.1:80", "at <date> for <duration> from <ip>"),
    ],
)
def test_templates(exception, message, expected):
    assert template(exception, message) == expected
