"""Every rule, in the order in which evidence is told. Adding one is one function with its test and one line in its list."""

from __future__ import annotations

from bot.classify.rules import api, change, installing, machine, quiet, raising
from bot.classify.rules.framework import Look, Rule, Saw, Strength

RULES: tuple[Rule, ...] = (
    *api.RULES,
    *change.RULES,
    *raising.RULES,
    *machine.RULES,
    *installing.RULES,
    *quiet.RULES,
)

__all__ = ["RULES", "Look", "Rule", "Saw", "Strength"]
