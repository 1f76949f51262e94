"""Scores to kinds and confidences, and the fitting of the weights."""

from __future__ import annotations

import pytest

from bench.weights import FOLDS, Example, calibration, fit, folds, held_out, written
from bench.weights import _grouped as grouped
from bot.classify.rules import RULES
from bot.classify.weighing import best, calibrated, spread, weights, weights_from
from bot.model import Kind

BY_NAME = {rule.name: rule for rule in RULES}
SURE = "release-removed-what-a-third-party-uses"
OWN = "innermost-frame-is-the-projects"
KINDS = (Kind.UPSTREAM, Kind.PROJECT, Kind.ENVIRONMENT)


def example(number, truth, *fired, group=None):
    return Example(
        id=f"case-{number}",
        truth=truth,
        group=group or f"group-{number % 12}",
        fired=fired,
        possible=KINDS,
        culprit="flask",
        fair=("flask",),
    )


CASES = [
    *(example(number, Kind.UPSTREAM, SURE) for number in range(20)),
    *(example(number, Kind.PROJECT, OWN) for number in range(20, 60)),
    *(example(number, Kind.ENVIRONMENT, "machine-speaks-in-the-failure") for number in range(60, 75)),
]


def test_the_packaged_weights_name_rules_that_exist():
    assert set(weights().rules) <= set(BY_NAME)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_weights_keep_their_sign(rule):
    assert (weights().of(rule) <= 0) if rule.against else (weights().of(rule) >= 0)


def test_confidence_rises_with_the_probability_and_is_never_certain():
    for kind in Kind:
        said = [calibrated(kind, step / 100, weights()) for step in range(34, 101)]
        assert said == sorted(said)
        assert said[-1] < 1


def test_blame_needs_more_than_being_the_likeliest():
    assert best({Kind.UPSTREAM: 0.55, Kind.PROJECT: 0.45}, 0.6) is Kind.PROJECT
    assert best({Kind.UPSTREAM: 0.65, Kind.PROJECT: 0.35}, 0.6) is Kind.UPSTREAM
    assert best({Kind.ENVIRONMENT: 0.4, Kind.PROJECT: 0.35}, 0.6) is Kind.ENVIRONMENT


def test_evidence_for_what_is_not_possible_does_not_count():
    chances = spread([(BY_NAME[SURE], 1)], (Kind.PROJECT, Kind.ENVIRONMENT), weights())
    assert set(chances) == {Kind.PROJECT, Kind.ENVIRONMENT}
    assert sum(chances.values()) == pytest.approx(1)


def test_fitting_learns_what_separates_and_lends_it_to_unseen_rules():
    fitted = fit(CASES)
    chances = spread([(BY_NAME[SURE], 1)], KINDS, fitted)
    assert chances[Kind.UPSTREAM] > 0.8
    unseen = "interpreter-dropped-what-a-third-party-uses"
    assert fitted.of(BY_NAME[unseen]) == pytest.approx(fitted.strengths["decisive"])
    assert (
        fitted.strengths["decisive"]
        >= fitted.strengths["strong"]
        >= fitted.strengths["fair"]
        >= fitted.strengths["weak"]
    )


def test_no_library_is_on_both_sides():
    parts = folds(CASES)
    assert len(parts) == FOLDS
    assert sum(map(len, parts)) == len(CASES)
    where = [{row.group for row in part} for part in parts]
    assert all(not one & other for number, one in enumerate(where) for other in where[number + 1 :])


def test_cases_that_share_a_library_share_their_group():
    groups = grouped([frozenset({"a", "b"}), frozenset({"b", "c"}), frozenset({"d"}), frozenset({"c"}), frozenset()])
    assert groups[0] == groups[1] == groups[3]
    assert len(set(groups)) == 3


def test_what_is_written_reads_back():
    said, threshold = held_out(CASES)
    fitted = fit(CASES)
    read = weights_from(written(fitted, said, threshold, len(CASES)))
    assert read.strengths["decisive"] == pytest.approx(fitted.strengths["decisive"], abs=0.001)
    assert read.threshold == threshold


def test_calibration_is_capped_by_how_many_cases_there_were():
    said, _ = held_out(CASES)
    rows = calibration(said)
    assert rows["upstream"][-1][1] <= 21 / 22
    assert rows["none"][-1][1] <= 1 / 2
