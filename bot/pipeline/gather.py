"""Questions to Facts: classify asks, the index answers, until nothing new is asked.

The rounds are bounded, and so is what one job may ask: a hostile log with a thousand import names costs no more
than a usual one. What was left unasked is a Fact too, so that the verdict can say so.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.classify import judge, questions
from bot.facts import Fact, Facts, Question
from bot.model import Case, Judgement
from bot.ports import Index

ROUNDS = 4
"""Design section 1: questions lead to questions at most so often."""

MOST_QUESTIONS = 120
"""A usual job asks five to thirty."""


def gather(case: Case, index: Index, *, parallel: int = 8) -> tuple[Judgement, Facts]:
    """Judge a case with every Fact that can be had for it; the Facts are returned beside the judgement.

    `parallel` bounds the index's questions under way at once; 1 asks them in the caller's thread.
    """
    facts = Facts()
    asked = 0
    for _ in range(ROUNDS):
        wanted = [question for question in dict.fromkeys(questions(case, facts)) if question not in facts]
        if not wanted:
            break
        now, later = wanted[: MOST_QUESTIONS - asked], wanted[MOST_QUESTIONS - asked :]
        asked += len(now)
        facts = facts.with_([*_answers(case, index, now, parallel), *map(_unasked, later)])
    return judge(case, facts), facts


def _answers(case: Case, index: Index, wanted: Sequence[Question], parallel: int) -> list[Fact[object]]:
    """The index's Facts for some questions, in their order."""
    if parallel <= 1 or len(wanted) <= 1:
        return [index.answer(question, case.as_of) for question in wanted]
    from concurrent.futures import ThreadPoolExecutor  # which takes a while, and offline there is nothing to wait for

    with ThreadPoolExecutor(max_workers=min(parallel, len(wanted))) as pool:
        return list(pool.map(lambda question: index.answer(question, case.as_of), wanted))


def _unasked(question: Question) -> Fact[object]:
    """The Fact that a question was not asked."""
    return Fact(
        question=question,
        answer=None,
        known=False,
        reason=f"this job already asked {MOST_QUESTIONS} questions",
        source="limit",
    )
