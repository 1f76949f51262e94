"""Reading and Facts to a Verdict: small rules that each say what they claim and why."""

from __future__ import annotations

from bot.classify.judging import judge, questions

__all__ = ["judge", "questions"]
