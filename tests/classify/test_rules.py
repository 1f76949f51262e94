"""Every rule sees its case and not the near miss; a rule without both fails here."""

from __future__ import annotations

import pytest

from bot.classify.rules import RULES
from tests.classify.rule_cases import PAIRS

BY_NAME = {rule.name: rule for rule in RULES}


def test_every_rule_has_both_cases_and_every_pair_a_rule():
    assert set(PAIRS) == set(BY_NAME)


def test_names_are_unique():
    assert len(BY_NAME) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_says_what_it_claims_and_why(rule):
    assert len(rule.claim.split()) >= 8, "a rule's docstring says what it claims and why"


@pytest.mark.parametrize("name", sorted(PAIRS))
def test_sees_its_case(name):
    saw = BY_NAME[name].see(PAIRS[name].hit())
    assert saw is not None
    assert saw.says


@pytest.mark.parametrize("name", sorted(PAIRS))
def test_leaves_the_near_miss(name):
    assert BY_NAME[name].see(PAIRS[name].miss()) is None
