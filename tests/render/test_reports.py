import pytest

from bot.fingerprint import fingerprint
from bot.model import Action, ChangeAnswer, Decision, Kind, Relation, UpstreamAnswer
from bot.render import advice, contract, human, markers, report
from tests.render import builders


def made(one=None, seen=(), **options):
    one = one or builders.judged()
    return report.report(one, builders.environment(), fingerprint(one), seen, **options)


def test_a_report_has_what_a_maintainer_wants():
    text = made()
    assert text.title == "anvil 2.0 with hammer 2.0: ImportError: cannot import name 'strike' from 'hammer'"
    for wanted in (
        "`hammer`",
        "last good `1.4`",
        "first bad `2.0`",
        "2026-11-24",
        "`3.12.1`",
        "from hammer import strike",
    ):
        assert wanted in text.body
    assert '"anvil==2.0" "hammer==2.0"' in text.body
    assert 'python -c "import anvil"' in text.body
    assert "Not run by Upriver" in text.body
    assert text.tracker == builders.TRACKER


def test_it_says_that_a_machine_wrote_it_and_who_runs_it():
    text = made(sender=report.Sender(operator="The Forge CI team", home="https://ci.example.org/upriver"))
    assert "written by a machine" in text.body
    assert "The Forge CI team" in text.body
    assert "/upriver stop" in text.body


def test_the_projects_own_lines_and_names_never_leave():
    text = made()
    assert "SECRET_PROJECT_LINE" not in text.body
    assert "forge/test_forge" not in text.body
    assert "alice" not in text.body
    assert "forge==0.1" not in text.body
    assert "left out" in text.body


def test_a_line_that_the_release_does_not_hold_is_not_quoted():
    forged = builders.frame(
        "/v/site-packages/anvil/core.py",
        3,
        "f",
        "rm -rf /  # FORGED",
        owner="anvil",
        module="anvil.core",
        verified=False,
    )
    assert "FORGED" not in made(builders.judged(frames=(forged,))).body
    assert "FORGED" in made(builders.judged(frames=(forged,)), strict=False).body


def test_private_projects_are_counted_never_named():
    text = made(seen=(builders.seen("acme/public"), builders.seen("acme/hidden", private=True)))
    assert "acme/public" in text.body
    assert "acme/hidden" not in text.body
    assert "and 1 private project" in text.body


def test_links_to_github_leave_no_back_reference():
    text = made(seen=(builders.seen("acme/public"),))
    assert "https://redirect.github.com/acme/public" in text.body
    assert "](https://github.com" not in text.body


def test_the_marks_are_there_even_when_the_body_is_cut():
    one = builders.judged(message="x " * 50_000)
    text = made(one, seen=tuple(builders.seen(f"acme/{'p' * 900}{number}") for number in range(60)))
    assert len(text.body) <= 65_536
    assert markers.fingerprints(text.body) == (text.fingerprint,)
    assert text.body.count("```") % 2 == 0


def test_a_hostile_message_is_only_text():
    text = made(builders.judged(message="@everyone fixes #1 ```\n/close https://evil.example\x1b[31m", symbol=None))
    assert "@everyone" not in text.title
    assert not any(line.startswith("/") for line in text.body.split("\n"))
    assert "https://evil" not in text.body


def test_the_prefilled_link_fits_and_keeps_the_fingerprint():
    text = made(seen=tuple(builders.seen(f"acme/project-{number}") for number in range(50)))
    assert text.prefilled.startswith(builders.TRACKER + "/new?title=")
    assert len(text.prefilled) <= report.LONGEST_LINK
    assert text.fingerprint.split(":")[1] in text.prefilled


@pytest.mark.parametrize(
    ("tracker", "starts"),
    [
        ("https://bugs.launchpad.net/anvil", "https://bugs.launchpad.net/anvil/+filebug?field.title="),
        ("https://sr.ht/x", ""),
    ],
)
def test_prefilled_links_by_tracker(tracker, starts):
    assert report.prefilled(tracker, "t", "b").startswith(starts)
    assert bool(report.prefilled(tracker, "t", "b")) == bool(starts)


def test_chains_are_shown_in_pythons_words():
    one = builders.judged()
    cause = one.failure.chain[0]
    from msgspec.structs import replace

    chained = replace(
        one,
        failure=replace(one.failure, chain=(replace(cause, relation=Relation.CAUSE, of=1), cause)),
        owned=one.owned * 2,
    )
    assert "The above exception was the direct cause" in made(chained).body


def decision(upstream=UpstreamAnswer.DRAFT, thread=None):
    return Decision(
        change=ChangeAnswer.ADVISE, change_reason="r", upstream=upstream, upstream_reason="a human signs", thread=thread
    )


def test_advice_says_not_yours_why_and_the_way_round():
    one = builders.judgement()
    text = advice.advice(
        one, decision(), job="test (3.12)", job_url="https://h/x", fingerprint=fingerprint(one.root), report=made()
    )
    assert text.startswith("**Not your change:**")
    assert "`hammer<2`" in text
    assert "hammer 2.0 took strike away" in text
    assert "open the prepared report" in text
    assert text.endswith(markers.ADVICE)


def test_advice_names_the_thread_or_the_fix():
    one = builders.judgement()
    text = advice.advice(one, decision(UpstreamAnswer.NOTHING, "https://github.com/acme/anvil/issues/3"), job="t")
    assert "redirect.github.com/acme/anvil/issues/3" in text
    fixed = builders.judgement(builders.judged(action=Action.ALREADY_FIXED, fixed_in="2.1"))
    assert "Fixed upstream in `2.1`, which is out; nothing is filed" in advice.advice(
        fixed, decision(UpstreamAnswer.NOTHING), job="t"
    )


def test_advice_for_gerrit_has_no_markdown_link():
    text = advice.advice(builders.judgement(), decision(), job="tox-py312", job_url="https://h/x", markdown=False)
    assert "](" not in text.split("Not reported")[0]
    assert "<!--" not in text


def test_an_explanation_shows_evidence_and_what_counts():
    one = builders.judged()
    text = advice.explanation(one, fingerprint(one))
    assert "name-gone" in text
    assert "(line 3)" in text
    assert "does not count" in text


def test_the_preview_says_why_nothing_would_be_filed():
    own = builders.judged(kind=Kind.PROJECT, culprit=None, summary="Your own test.")
    assert report.preview(builders.reading(own), builders.judgement(own)).startswith(
        "Nothing would be filed: the verdict is project"
    )
    one = builders.judged()
    assert report.preview(builders.reading(one), builders.judgement(one)).startswith(f"To: {builders.TRACKER}\nTitle: ")


def test_the_contract_has_all_its_keys():
    one = builders.judged()
    row = contract.answer("a", builders.reading(one), builders.judgement(one), groups=["g"])
    assert {
        "id",
        "verdict",
        "confidence",
        "action",
        "fixed_in",
        "culprit",
        "trigger",
        "tracker",
        "fingerprint",
        "group",
        "failures",
        "failures_total",
        "handled",
        "evidence",
        "environment",
        "bytes",
        "seconds",
    } <= set(row)
    assert row["group"] == "g"
    assert row["failures"][0]["frames"][-1] == {
        "file": "/venv/lib/python3.12/site-packages/anvil/__init__.py",
        "line": 7,
        "function": "<module>",
        "distribution": "anvil",
    }
    assert set(contract.unread("a", "e")) >= {"id", "error", "verdict", "failures"}


def test_a_person_reads_the_verdict_with_owners():
    one = builders.judged()
    text = human.text("build.log", builders.reading(one), builders.judgement(one))
    for wanted in (
        "upstream",
        "97% sure",
        "culprit",
        "anvil 2.0",
        "hammer 1.4 -> 2.0",
        "way round",
        "would change my mind",
        "✓",
    ):
        assert wanted in text
    assert "\x1b[" not in text
    assert "\x1b[" in human.text("build.log", builders.reading(one), builders.judgement(one), colour=True)
