from __future__ import annotations

import gzip
import io
import json
import tracemalloc
import zipfile

import pytest
import zstandard

from bot.extract import read
from bot.extract.artifacts import merge, parse
from bot.extract.artifacts.testids import parts, same, weight
from bot.extract.reading import _log
from bot.model import Reading
from tests.dialects.truth import DATA

SUITE = {
    "tests/test_stock.py::test_setup_error": ("KeyError", "'fixture'", "setup", ("lib/stock.py", 9, "count")),
    "tests/test_stock.py::test_teardown_error": ("KeyError", "'teardown'", "teardown", ("lib/stock.py", 9, "count")),
    "tests/test_stock.py::test_missing_fixture": (
        "", "fixture 'no_such_fixture' not found", "setup",
        ("/home/ci/project/tests/test_stock.py", 68, "test_missing_fixture"),
    ),
    "tests/test_stock.py::test_compares": ("AssertionError", "assert 3 == 4", "call", ("tests/test_stock.py", 30, "test_compares")),
    "tests/test_stock.py::test_raises_inside": ("KeyError", "'coffee'", "call", ("lib/stock.py", 9, "count")),
    "tests/test_stock.py::test_chained": ("ValueError", "unknown: milk", "call", ("lib/stock.py", 16, "take")),
    "tests/test_stock.py::test_message_has_a_dash": (
        "RuntimeError", "not enough tea - need 9", "call", ("lib/stock.py", 18, "take"),
    ),
    "tests/test_stock.py::test_parametrized[a - b]": ("KeyError", "'a - b'", "call", ("lib/stock.py", 9, "count")),
    "tests/test_stock.py::test_parametrized[x[1]]": ("KeyError", "'x[1]'", "call", ("lib/stock.py", 9, "count")),
    "tests/test_stock.py::test_captured": ("AssertionError", "assert 'a' == 'b'", "call", ("tests/test_stock.py", 77, "test_captured")),
    "tests/test_stock.py::TestGroup::test_method": ("KeyError", "'method'", "call", ("lib/stock.py", 9, "count")),
    "tests/test_stock.py::OldStyle::test_equal": ("AssertionError", "3 != 5", "call", ("tests/test_stock.py", 87, "test_equal")),
}  # fmt: skip
"""Two more of the suite's tests fail by pytest's own `Failed`."""
BY_PYTEST = {
    "tests/test_stock.py::test_fails_by_hand": "by hand: it is over",
    "tests/test_stock.py::test_did_not_raise": "DID NOT RAISE <class 'ValueError'>",
}

UNIT = {
    "tests.test_unit.Counting.test_chained": ("ValueError", "unknown: milk"),
    "tests.test_unit.Counting.test_raises": ("KeyError", "'coffee'"),
    "setUpClass (tests.test_unit.SetUpFails)": ("KeyError", "'class'"),
    "tests.test_unit.Counting.test_compares": ("AssertionError", "3 != 4"),
    "tests.test_unit.Lists.test_long": ("AssertionError", "Lists differ: [1, 2, 3] != [1, 3]"),
}


def sample(name: str) -> bytes:
    return (DATA / "artifacts" / name).read_bytes()


def parsed(data: bytes, name: str = "artifact"):
    return parse([(name, io.BytesIO(data))], _log)


def first_line(failure) -> str:
    return failure.message.split("\n")[0]


# ------------------------------------------------------------------------------------------ what the tools write


@pytest.mark.parametrize(
    "name",
    [
        *(f"junit_{family}@{version}.xml" for family in ("xunit1", "xunit2") for version in ("5.4", "7.4", "9.0")),
        "reportlog@8.3.jsonl",
        "jsonreport@8.3.json",
    ],
)
def test_pytests_suite(name):
    (seen,) = parsed(sample(name))
    by_test = {one.test: one for one in seen.failures}
    assert by_test.keys() == SUITE.keys() | BY_PYTEST.keys()
    for test, (exception, message, phase, place) in SUITE.items():
        one = by_test[test]
        last = one.outermost.frames[-1]
        assert (one.exception, first_line(one), one.phase.value) == (exception, message, phase)
        assert (last.file, last.line, last.function) == place
    for test, message in BY_PYTEST.items():
        assert by_test[test].exception == "Failed"
        assert message in by_test[test].message
    chained = by_test["tests/test_stock.py::test_chained"].chain
    assert [(part.exception, str(part.relation)) for part in chained] == [
        ("KeyError", "context"),
        ("ValueError", "None"),
    ]
    assert (seen.totals[0].failed, seen.totals[0].errors, seen.failures_total) == (11, 3, 14)
    assert not seen.doubts


@pytest.mark.parametrize("name", ["reportlog_collecting@8.3.jsonl", "jsonreport_collecting@8.3.json"])
def test_what_could_not_be_collected(name):
    (seen,) = parsed(sample(name))
    assert [(one.test, one.exception, one.phase.value) for one in seen.failures] == [
        ("tests/test_import.py", "ImportError", "collect"),
        ("tests/test_syntax.py", "SyntaxError", "collect"),
    ]


@pytest.mark.parametrize(
    "name",
    [
        "junit_nose2@0.15.xml",
        "junit_xmlrunner@3.2.xml",
        "junit_stestr@4.2.1.xml",
        "stestr@4.2.1.subunit",
        "subunit1@4.2.1.subunit1",
    ],
)
def test_unittests_relatives(name):
    (seen,) = parsed(sample(name))
    by_test = {one.test: one for one in seen.failures if one.test != "tests.test_broken"}
    assert {test: (one.exception, first_line(one)) for test, one in by_test.items()} == UNIT
    assert [part.exception for part in by_test["tests.test_unit.Counting.test_chained"].chain] == [
        "KeyError",
        "ValueError",
    ]
    assert by_test["setUpClass (tests.test_unit.SetUpFails)"].phase.value == "setup"
    broken = [one for one in seen.failures if one.test == "tests.test_broken"]
    assert [one.exception for one in broken] == (
        ["ModuleNotFoundError"] if "stestr" in name or "subunit" in name else []
    )


def test_json_report_tells_the_environment():
    document = {
        "environment": {
            "Python": "3.11.7",
            "Platform": "Linux-6.1-x86_64",
            "Packages": {"pytest": "8.3.4", "pluggy": "1.5.0"},
            "Plugins": {"json-report": "1.5.0"},
        },
        "summary": {"passed": 1},
        "tests": [],
    }
    (seen,) = parsed(json.dumps(document).encode())
    assert (seen.environment.python, seen.environment.platform) == ("3.11.7", "linux")
    assert seen.environment.version_of("pytest-json-report") == "1.5.0"


def zuul(*tasks: dict, phase: str = "run") -> bytes:
    plays = [{"play": {"name": "all"}, "tasks": [{"task": {"name": "t"}, "hosts": {"node": task}} for task in tasks]}]
    return json.dumps([{"playbook": "run.yaml", "phase": phase, "plays": plays, "stats": {}}]).encode()


TRACEBACK = 'Traceback (most recent call last):\n  File "app.py", line 3, in main\n    run()\nValueError: no'


def test_zuuls_failing_task():
    passing = {"stdout": TRACEBACK.replace("ValueError", "OSError"), "rc": 0}
    (seen,) = parsed(
        zuul(passing, {"failed": True, "rc": 1, "stdout": TRACEBACK, "stderr": "", "msg": "non-zero return code"})
    )
    assert [(one.exception, one.message) for one in seen.failures] == [("ValueError", "no")]


def test_zuuls_loops_and_modules():
    items = {
        "failed": True,
        "results": [{"failed": False, "stdout": TRACEBACK}, {"failed": True, "module_stderr": TRACEBACK}],
    }
    (seen,) = parsed(zuul(items))
    assert seen.failures_total == 1
    (seen,) = parsed(zuul({"failed": True, "ignore_errors": True, "stdout": TRACEBACK}))
    assert not seen.failures


# ------------------------------------------------------------------------------------------ containers and hostility


def test_compressed_and_archived():
    data = sample("junit_xunit2@9.0.xml")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("reports/junit.xml", data)
        archive.writestr("reports/readme.txt", "nothing")
    for form in (gzip.compress(data), zstandard.compress(data), packed.getvalue(), b"\xef\xbb\xbf" + data):
        (seen,) = parsed(form)
        assert seen.failures_total == 14


def test_a_report_that_ends_early_keeps_what_it_has():
    data = sample("junit_xunit2@9.0.xml")
    (seen,) = parsed(data[: len(data) // 2])
    assert 3 < seen.failures_total < 14
    assert "the XML ends or breaks" in seen.doubts[0]
    (seen,) = parsed(gzip.compress(data)[:-400])
    assert seen.failures_total < 14
    assert seen.doubts
    log = sample("reportlog@8.3.jsonl")
    (seen,) = parsed(log[: len(log) - 9_000])
    assert "may end early" in seen.doubts[0]
    stream = sample("stestr@4.2.1.subunit")
    (seen,) = parsed(stream[: len(stream) - 700])
    assert 0 < seen.failures_total < 6


def test_control_characters_in_xml():
    data = b'<testsuite name="pytest"><testcase classname="a" name="b"><failure message="x">KeyError: \x1b[31m\x00 1</failure></testcase></testsuite>'
    (seen,) = parsed(data)
    assert seen.failures_total == 1
    assert not seen.doubts


def test_entities_are_refused():
    data = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><testsuite><testcase name="t"><failure>&b;</failure></testcase></testsuite>'
    (seen,) = parsed(data)
    assert "entities" in seen.doubts[0]
    external = b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><testsuite/>'
    (seen,) = parsed(external)
    assert seen.doubts


def test_nested_deeper_than_any_runner_nests():
    (seen,) = parsed(b"<testsuite>" * 100_000)
    assert "nested deeper" in seen.doubts[0]


def test_a_bomb_ends_early(monkeypatch):
    from bot.extract.artifacts import inflating

    monkeypatch.setattr(inflating, "FREE", 1 << 20)
    head = b'<testsuite name="pytest"><testcase name="t"><failure>KeyError: 1</failure></testcase><system-out>'
    (seen,) = parsed(gzip.compress(head + b"0" * (8 << 20)))
    assert seen.failures_total == 1
    assert any("larger than is read" in doubt for doubt in seen.doubts)


def test_more_failures_than_are_kept():
    case = '<testcase classname="a.B" name="t{}"><failure>KeyError: {}</failure></testcase>'
    data = "<testsuite>" + "".join(case.format(i, i) for i in range(3_000)) + "</testsuite>"
    (seen,) = parsed(data.encode())
    assert (len(seen.failures), seen.failures_total) == (1_000, 3_000)
    assert merge(Reading(), [seen]).failures_total == 3_000


@pytest.mark.slow
def test_a_huge_report_takes_little_memory():
    class Huge(io.RawIOBase):
        left = 60

        def readable(self):
            return True

        def readinto(self, buffer):
            self.left -= 1
            data = (
                b"<testsuite><testcase name='t'><system-out>"
                if self.left == 59
                else b"y" * (1 << 20)
                if self.left > 0
                else b""
            )
            data = data[: len(buffer)]
            buffer[: len(data)] = data
            return len(data)

    tracemalloc.start()
    parse([("junit.xml", io.BufferedReader(Huge(), 1 << 20))], _log)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 << 20


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"<",
        b"<html><body>no</body></html>",
        b"{",
        b"[" * 100_000,
        b'[{"plays": [{"tasks": [{"hosts": {"a": {"failed": true, "stdout": 1}}}]}]}]',
        b'[{"plays": 3}]',
        b'{"tests": 3, "summary": 4}',
        b'{"tests": [{"call": {"outcome": "failed", "longrepr": {"chain": [[3]]}}}], "summary": {"failed": "x"}}',
        b'{"$report_type": "TestReport", "outcome": "failed", "longrepr": {"reprtraceback": {"reprentries": [{"data": 3}]}}}\n{',
        b"\xb3" * 100_000,
        b"\xb3\x2a\x00\x40\x00",
        b"test: a\nfailure: a [\n",
        b"test: a\ntime: never\nerror: a [ multipart\nX\ny\nZZ\r\n",
        b"PK\x03\x04" + b"\xff" * 1000,
        b"\x1f\x8b" + b"\xff" * 1000,
        b"\x28\xb5\x2f\xfd" + b"\xff" * 1000,
    ],
)
def test_anything_is_survived(data):
    for seen in parsed(data):
        assert isinstance(seen.failures_total, int)
    read(io.BytesIO(b"nothing"), [("x", io.BytesIO(data))])


# ------------------------------------------------------------------------------------------ merging


def merged(log: str, artifact: str) -> Reading:
    data = (DATA / "pytest" / log).read_bytes()
    return read(io.BytesIO(data), [(artifact, io.BytesIO(sample(artifact)))])


@pytest.mark.parametrize("style", ["auto", "long", "short", "native", "line", "no"])
@pytest.mark.parametrize("artifact", ["junit_xunit1@9.0.xml", "junit_xunit2@9.0.xml"])
def test_nothing_is_counted_twice(style, artifact):
    seen = merged(f"style_{style}@9.0.log", artifact)
    assert sorted(one.test for one in seen.failures) == sorted(SUITE.keys() | BY_PYTEST.keys())
    assert seen.failures_total == 14
    assert not any(one.artifact for one in seen.failures)
    assert sum(one.root for one in seen.failures) == 1
    assert all(one.outermost.frames for one in seen.failures)


def test_titles_become_ids():
    seen = merged("quiet_no_summary@9.0.log", "junit_xunit2@9.0.xml")
    assert sorted(one.test for one in seen.failures) == sorted(SUITE.keys() | BY_PYTEST.keys())


def test_a_silent_log_is_completed():
    seen = merged("style_no@4.6.log", "junit_xunit1@5.4.xml")
    assert {one.artifact for one in seen.failures} == {"junit_xunit1@5.4.xml"}
    assert seen.failures_total == 14
    assert [one.root for one in seen.failures] == [True] + [False] * 13


def test_two_artifacts_of_one_run():
    log = (DATA / "pytest/style_no@8.3.log").read_bytes()
    artifacts = [
        (name, io.BytesIO(sample(name)))
        for name in ("reportlog@8.3.jsonl", "jsonreport@8.3.json", "junit_xunit2@7.4.xml")
    ]
    assert read(io.BytesIO(log), artifacts).failures_total == 14


def test_a_job_that_passed_has_no_root():
    artifact = [("junit.xml", io.BytesIO(sample("junit_xunit2@9.0.xml")))]
    seen = read(io.BytesIO(b"doing things\nJob succeeded\n"), artifact)
    assert seen.failures_total == 14
    assert seen.root is None


# ------------------------------------------------------------------------------------------ names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tests/test_a.py::TestB::test_c[1]", "tests.test_a.TestB.test_c[1]"),
        ("test_c (tests.test_a.TestB)", "tests.test_a.TestB.test_c"),
        ("test_c (tests.test_a.TestB.test_c)", "tests/test_a.py::TestB::test_c"),
        ("TestB.test_c[x.y]", "tests/test_a.py::TestB::test_c[x.y]"),
        ("tests/test_a.py", "tests.test_a"),
        ("unittest.loader._FailedTest.tests.test_a", "tests.test_a"),
    ],
)
def test_one_tests_many_names(one, other):
    assert same(parts(one), parts(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tests/test_a.py::test_c[1]", "tests/test_a.py::test_c[2]"),
        ("tests/test_a.py::TestB::test_c", "tests/test_a.py::TestD::test_c"),
        ("", "test_c"),
        ("test_loop (a.B.test_loop) (i=1)", "test_loop (a.B.test_loop) (i=2)"),
    ],
)
def test_other_tests(one, other):
    assert not same(parts(one), parts(other))


def test_exact_names_weigh_more():
    assert weight("tests/a.py::b") > weight("a.b.c") > weight("B.c") > weight("c") > weight(None)
