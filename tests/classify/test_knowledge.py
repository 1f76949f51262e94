"""Static data: the standard library's series, import names, signatures, syntax; and differences of installed sets."""

from __future__ import annotations

import pytest

from bot.classify import importnames, stdlib
from bot.classify.differences import differences
from bot.classify.signatures import in_remarks, lowered, signatures
from bot.classify.syntax import written_for
from bot.classify.wayround import below
from bot.model import Edits, Reading, RequirementEdit, normalized
from tests.classify.build import case_of, remark


@pytest.mark.parametrize(
    ("module", "name", "at", "span"),
    [
        ("fractions", "gcd", "3.9", ("3.8", "3.9")),
        ("collections", "Mapping", "3.12", ("3.9", "3.10")),
        ("inspect", "getargspec", "3.11", ("3.10", "3.11")),
        ("configparser", "RawConfigParser.readfp", "3.12", ("3.11", "3.12")),
        ("asyncio", "coroutine", "3.11", ("3.10", "3.11")),
    ],
)
def test_names_that_the_standard_library_dropped(module, name, at, span):
    found = stdlib.missing_name(module, name, at)
    assert (found.last_good, found.first_bad, found.later) == (*span, False)


def test_a_name_that_is_there_is_not_missing():
    assert stdlib.missing_name("collections", "Mapping", "3.9") is None
    assert stdlib.missing_name("collections", "never_there", "3.9") is None


def test_modules_that_the_standard_library_dropped():
    assert stdlib.missing_module("cgi", "3.13").last_good == "3.12"
    assert stdlib.missing_module("distutils", "3.12").first_bad == "3.12"
    assert stdlib.missing_module("cgi", "3.12") is None


def test_what_comes_later_is_told_apart():
    assert stdlib.missing_module("tomllib", "3.10").later
    assert stdlib.missing_name("typing", "Self", "3.10").later


def test_a_line_that_came_with_a_series():
    came = stdlib.line_came("logging/__init__.py", "with self.lock:", "3.13")
    assert (came.last_good, came.first_bad) == ("3.12", "3.13")
    assert stdlib.line_came("logging/__init__.py", "with self.lock:", "3.12") is None


def test_a_series_beyond_the_data_counts_as_the_newest():
    assert stdlib.missing_module("cgi", "3.19").first_bad == "3.13"


def test_a_class_that_lost_its_bases():
    assert stdlib.class_changed("importlib.metadata", "EntryPoints", "3.12").last_good == "3.11"
    assert stdlib.class_changed("importlib.metadata", "EntryPoints", "3.13") is None


@pytest.mark.parametrize(
    ("module", "installed", "owner"),
    [
        ("yaml", {"pyyaml"}, "pyyaml"),
        ("google.cloud.storage.blob", {"google-cloud-storage", "google-cloud-core"}, "google-cloud-storage"),
        ("oslo_log.log", {"oslo-log"}, "oslo-log"),
        ("slugify", {"unicode-slugify"}, "unicode-slugify"),
        ("jenkins", {"python-jenkins"}, "python-jenkins"),
        ("nowhere", {"pyyaml"}, None),
    ],
)
def test_import_names(module, installed, owner):
    assert importnames.distribution_of(module, installed) == owner


def test_a_guess_keeps_to_the_top_level_name():
    assert importnames.guessed("networkx.algorithms.dag") == "networkx"
    assert importnames.guessed("google.cloud.bigtable.row") == "google-cloud-bigtable"
    assert importnames.guessed("pkg_resources") == "setuptools"


@pytest.mark.parametrize("signature", signatures(), ids=lambda signature: signature.name)
def test_signature_matches_its_test_and_not_the_near_miss(signature):
    assert signature.pattern.search(lowered(signature.test))
    assert signature.pattern.search(lowered(signature.test.upper()))
    assert not signature.pattern.search(lowered(signature.near))


def test_what_a_signature_matched_is_quoted_as_it_was_printed():
    text = "İ İ İ: see below\nOSError: [Errno 28] No Space Left On Device: 'İ'"
    assert len(text.lower()) != len(text)
    hits = list(in_remarks(Reading(remarks=(remark(text),))))
    assert [hit.text for hit in hits] == ["OSError: [Errno 28] No Space Left On Device: 'İ'"]


def test_signature_names_are_unique():
    names = [signature.name for signature in signatures()]
    assert len(names) == len(set(names))


def test_step_commands_are_no_remarks_of_the_machine():
    rows = (remark("##[group]Run curl http://x || echo 'Connection refused'", kind="command"),)
    assert not list(in_remarks(Reading(remarks=rows)))


@pytest.mark.parametrize(
    ("line", "at", "span"),
    [
        ("def _start(self, async):", "3.7", ("3.6", "3.7")),
        ("print 'x'", "3.8", ("2.7", "3.0")),
        ("except KeyError, error:", "3.8", ("2.7", "3.0")),
        ("if (n := len(a)) > 1:", "3.7", ("3.8", "3.7")),
    ],
)
def test_which_interpreter_a_line_was_written_for(line, at, span):
    found = written_for(line, at)
    assert (found.last_good, found.first_bad) == span


def test_a_line_that_parses_everywhere_tells_nothing():
    assert written_for("return total(cart)", "3.11") is None


@pytest.mark.parametrize(
    ("first_bad", "constraint"),
    [("5.0.0", "x<5"), ("0.28.0", "x<0.28"), ("0.6.1", "x<0.6.1"), ("2.0.0rc1", "x<2.0.0rc1"), ("82.0", "x<82")],
)
def test_a_constraint_that_stays_below(first_bad, constraint):
    assert below("x", first_bad) == constraint


def test_differences_of_installed_sets_and_interpreters():
    found = differences(
        case_of(installed={"a": "2", "b": "1", "c": "1"}, green={"a": "1", "b": "1", "d": "1"}, green_python="3.10.1")
    )
    assert found.known
    assert (found.of("a").before, found.of("a").after) == ("1", "2")
    assert found.of("c").before is None
    assert found.of("d").after is None
    assert found.unchanged("b")
    assert not found.unchanged("a")
    assert (found.of("cpython").before, found.of("cpython").after) == ("3.10", "3.11")


def test_an_edited_requirement_is_a_difference_without_a_green_run():
    edits = Edits(
        requirements=(RequirementEdit(distribution=normalized("werkzeug"), before="==2.3.8", after="==3.0.0"),)
    )
    found = differences(case_of(installed={"werkzeug": "3.0.0"}, edits=edits))
    assert (found.of("werkzeug").before, found.of("werkzeug").after) == ("2.3.8", "3.0.0")
    assert not found.known


def test_without_a_green_run_nothing_is_known_to_be_unchanged():
    assert not differences(case_of(installed={"a": "2"})).unchanged("a")
