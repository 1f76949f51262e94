"""Scores to kinds and confidences, and the fitting of the weights."""

from __future__ import annotations

import pytest

from bench.weights import (
    FOLDS,
    STANDINGS,
    Example,
    Point,
    calibration,
    first_sight,
    fit,
    folds,
    held_out,
    points,
    written,
)
from bench.weights import _grouped as grouped
from bot.classify.rules import RULES
from bot.classify.weighing import best, calibrated, spread, standing, weights, weights_from
from bot.facts import ReleaseMetadata
from bot.model import Kind, Phase
from tests.classify.build import failure, gone, look, raised

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
    for by in STANDINGS:
        said = [calibrated(by, step / 100, weights()) for step in range(34, 101)]
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
    read = weights_from(written(fitted, said, [], threshold, len(CASES)))
    assert read.strengths["decisive"] == pytest.approx(fitted.strengths["decisive"], abs=0.001)
    assert read.threshold == threshold


def test_calibration_is_capped_by_how_many_cases_there_were():
    said, _ = held_out(CASES)
    rows = calibration(points(said))
    assert rows["upstream"][-1][1] <= 21 / 22
    assert rows["none"][-1][1] <= 1 / 2


def test_a_mistake_at_first_sight_counts_more_than_one_that_shaped_the_rules():
    known = [Point(standing="project", probability=0.99, right=True)] * 50
    shaped = calibration([*known, Point(standing="project", probability=0.99, right=False)])
    fresh = calibration([*known, Point(standing="project", probability=0.99, right=False, weight=3.0)])
    assert fresh["project"][-1][1] < shaped["project"][-1][1]


def test_what_lacks_something_is_never_surer_than_what_lacks_nothing():
    rows = weights().calibration
    for name in STANDINGS:
        full = rows[name.partition("-")[0]]
        assert all(lacking <= whole for (_, lacking), (_, whole) in zip(rows[name], full, strict=True))


def test_no_mistake_at_first_sight_would_be_filed():
    wrong = [row for row in first_sight() if not row["right"] and row["said"] == "upstream"]
    assert all(calibrated(str(row["standing"]), float(str(row["probability"])), weights()) < 0.95 for row in wrong)


def import_of(**job):
    return look(
        failure(
            raised(
                "ImportError",
                "cannot import name 'url_quote' from 'werkzeug.urls'",
                "own app.py <module> | import flask",
                "site flask/app.py <module> | from werkzeug.urls import url_quote",
            ),
            phase=Phase.COLLECT,
        ),
        **job,
    )


REMOVED = {("HasName", "werkzeug"): gone("2.3.7", "3.0.0")}
LISTED = {"flask": "2.2.2", "werkzeug": "3.0.0", "pytest": "7.4"}


def test_blame_needs_two_independent_witnesses_to_stand_in_full():
    removed = BY_NAME[SURE]
    asked = BY_NAME["third-party-asks-for-what-no-release-has"]
    at_import = BY_NAME["accident-while-importing-a-third-party"]
    job = import_of(installed=LISTED, answers=REMOVED)
    assert standing(Kind.UPSTREAM, job, [removed, at_import]) == "upstream"
    # Two rules that read the same releases are one witness.
    assert standing(Kind.UPSTREAM, job, [removed, asked]) == "upstream-thin"
    # Evidence for the project is no witness against it.
    assert standing(Kind.UPSTREAM, job, [removed, BY_NAME[OWN]]) == "upstream-thin"


def test_blame_of_what_no_list_shows_installed_is_thin():
    job = import_of(installed={"pytest": "7.4"}, answers=REMOVED)
    assert standing(Kind.UPSTREAM, job, [BY_NAME[SURE], BY_NAME["accident-while-importing-a-third-party"]]) == (
        "upstream-thin"
    )


def test_a_verdict_without_the_index_is_less_sure():
    job = import_of(installed=LISTED)
    assert standing(Kind.PROJECT, job, []) == "project-blind"
    assert standing(Kind.PROJECT, look(failure(raised("KeyError", "'x'", "own a.py f | t[x]"))), []) == "project"


def test_a_verdict_over_a_third_partys_frames_is_less_sure_still_where_a_new_series_lies_behind_it():
    def job(before):
        told = look(
            failure(
                raised("ValueError", "no", "own a.py f | wrap.go()", "site wrap/core.py go | raise ValueError('no')")
            ),
            installed={"wrap": "1.0", "target": "2.0", "pytest": "8"},
            green={"wrap": "1.0", "target": before, "pytest": "8"},
            answers={("Metadata", "wrap"): ReleaseMetadata(version="1.0", requires=("target",))},
        )
        told.found.unknown = ()
        return told

    assert standing(Kind.PROJECT, job("2.0"), []) == "project-afar"
    assert standing(Kind.PROJECT, job("2.0.1"), []) == "project-afar"
    assert standing(Kind.PROJECT, job("1.9"), []) == "project-met"
    assert standing(Kind.PROJECT, look(failure(raised("ValueError", "no", "own a.py f | raise X"))), []) == "project"
