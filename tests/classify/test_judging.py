"""Whole judgements: the breaks that are upstream's, and the hard negatives that only look like it."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from msgspec.structs import replace

from bot.classify import judge, questions
from bot.classify.scene import focus_of
from bot.facts import Fact, Facts, Held, Release, ReleaseMetadata, TrackerOf, Walk, Walked
from bot.model import Action, Kind, Phase, Relation, TrackerRef
from bot.pipeline.gather import ROUNDS
from tests.classify.build import Answers, case_of, failure, gone, raised, there

REMOVED = gone("2.3.7", "3.0.0", changed=datetime(2023, 9, 30, tzinfo=UTC))
MISSING = "cannot import name 'url_quote' from 'werkzeug.urls' (/opt/x/lib/python3.11/site-packages/werkzeug/urls.py)"
TRACKER = TrackerRef(url="https://github.com/pallets/flask/issues")
NOW = {"flask": "2.2.2", "werkzeug": "3.0.0", "pytest": "7.4"}
FRAMES = (
    "own app.py <module> | from flask import Flask",
    "site flask/app.py <module> | from werkzeug.urls import url_quote",
)


def flask(**job):
    return case_of(failure(raised("ImportError", MISSING, *FRAMES), phase=Phase.COLLECT), installed=NOW, **job)


def with_line(walked):
    return answers({("HasLine", "flask"): walked})


def answers(more=None):
    return Answers(
        {
            ("HasName", "werkzeug"): REMOVED,
            ("TrackerOf", "flask"): TRACKER,
            ("Metadata", "flask"): ReleaseMetadata(version="2.2.2", requires=("werkzeug>=2.2",)),
            ("Holds", "flask"): Held(file=True, matches=True),
            **(more or {}),
        }
    )


def test_a_removed_name_blames_the_asker_and_names_the_trigger():
    verdict = judge(flask(), with_line(there(newest="2.2.2"))).verdict
    assert verdict.kind is Kind.UPSTREAM
    assert (verdict.culprit.distribution, verdict.culprit.version) == ("flask", "2.2.2")
    assert (verdict.trigger.distribution, verdict.trigger.last_good, verdict.trigger.first_bad) == (
        "werkzeug",
        "2.3.7",
        "3.0.0",
    )
    assert verdict.action is Action.REPORT
    assert verdict.tracker == TRACKER
    assert verdict.way_round.constraint == "werkzeug<3"
    assert verdict.confidence > 0.9
    assert "published 10 days before this run" in verdict.summary
    assert "its newest release then" in verdict.summary
    assert any("werkzeug 2.3.7" in row for row in verdict.would_change)


def test_a_release_without_the_defect_means_upgrade_and_nothing_to_file():
    facts = with_line(there(until="2.2.4", newest="2.3.3"))
    verdict = judge(flask(), facts).verdict
    assert (verdict.action, verdict.fixed_in) == (Action.ALREADY_FIXED, "2.2.4")
    assert verdict.way_round.constraint == "flask>=2.2.4"


def test_a_fix_that_the_interpreter_may_not_install_is_no_way_round():
    releases = (Release(version="2.2.4", uploaded=None, requires_python=">=3.12"),)
    facts = answers({("HasLine", "flask"): there(until="2.2.4", newest="2.3.3"), ("Releases", "flask"): releases})
    assert judge(flask(), facts).verdict.way_round.constraint == "werkzeug<3"


def test_a_pin_that_the_culprit_forbids_is_not_advised():
    facts = answers({("Metadata", "flask"): ReleaseMetadata(version="2.2.2", requires=("werkzeug>=2.3.8",))})
    way = judge(flask(), facts).verdict.way_round
    assert way.constraint == ""
    assert "older flask" in way.says


def test_what_could_not_be_known_is_repeated():
    unknown = Fact(
        question=TrackerOf(distribution="flask"), answer=None, known=False, reason="offline and not in the cache"
    )
    verdict = judge(flask(), Facts([unknown])).verdict
    assert any("offline and not in the cache" in row for row in verdict.unknowns)


def test_failures_of_one_defect_share_their_symbol():
    judged = judge(flask(), answers()).failures[0]
    assert judged.symbol == "werkzeug.urls.url_quote"


def test_a_line_that_stands_is_no_defect_where_a_later_release_does_without_it():
    """A fix leaves the line as its second choice: what stands there, not how it reads, decides."""
    facts = answers(
        {("HasLine", "flask"): there(newest="2.3.3"), ("StandsAs", "flask"): there(until="2.2.4", newest="2.3.3")}
    )
    verdict = judge(flask(), facts).verdict
    assert (verdict.action, verdict.fixed_in) == (Action.ALREADY_FIXED, "2.2.4")


def test_a_line_that_went_is_a_defect_still_where_the_name_is_asked_for():
    """The line was reworded, and asks for the same."""
    facts = answers({("HasLine", "flask"): there(until="2.2.4"), ("StandsAs", "flask"): there(newest="2.3.3")})
    assert judge(flask(), facts).verdict.action is Action.REPORT


def test_a_module_of_its_own_that_a_later_release_brings():
    case = case_of(
        failure(
            raised(
                "ModuleNotFoundError",
                "No module named 'thing.aio'",
                "own app.py <module> | import thing",
                "site thing/__init__.py <module> | from thing.aio import run",
            )
        ),
        installed={"thing": "8.4.0", "pytest": "8"},
        green={"thing": "8.3.0", "pytest": "8"},
    )
    missing = Walked(at=False, next_other="8.4.1", newest="8.4.1", newest_at=True)
    facts = Answers({("HasModule", "thing"): missing, ("HasLine", "thing"): there(newest="8.4.1")})
    verdict = judge(case, facts).verdict
    assert (verdict.kind, verdict.action, verdict.fixed_in) == (Kind.UPSTREAM, Action.ALREADY_FIXED, "8.4.1")


def crashed(green):
    return case_of(
        failure(raised("", "Segmentation fault"), dialect="faulthandler", phase=Phase.OUTSIDE),
        installed={"lets": "2", "words": "3", "pytest": "8"},
        green=green,
    )


def test_a_crash_without_frames_is_the_compiled_code_s_that_changed():
    facts = Answers({("HasFile", "lets"): there(), ("HasFile", "words"): Walked(at=False)})
    verdict = judge(crashed({"lets": "1", "words": "2", "pytest": "8"}), facts).verdict
    assert (verdict.kind, verdict.culprit.distribution) == (Kind.UPSTREAM, "lets")
    assert verdict.confidence < 0.9


def test_a_crash_without_frames_tells_nothing_where_two_could_be_it():
    facts = Answers({("HasFile", "lets"): there(), ("HasFile", "words"): there()})
    assert judge(crashed({"lets": "1", "words": "2", "pytest": "8"}), facts).verdict.kind is Kind.PROJECT


# ---------------------------------------------------------------------------------------------- hard negatives


def test_the_projects_own_removed_import_is_its_own_and_names_the_trigger():
    case = case_of(
        failure(raised("ImportError", MISSING, "own app.py <module> | from werkzeug.urls import url_quote")),
        installed=NOW,
    )
    verdict = judge(case, answers()).verdict
    assert verdict.kind is Kind.PROJECT
    assert verdict.culprit is None
    assert (verdict.trigger.distribution, verdict.trigger.first_bad) == ("werkzeug", "3.0.0")


def test_rubbish_deep_in_a_library_is_the_projects_even_where_the_library_changed():
    case = case_of(
        failure(
            raised(
                "AttributeError",
                "'NoneType' object has no attribute 'upper'",
                "own shop/cart.py total | rates.lookup(None)",
                "site rates/core.py lookup | return _deep(code)",
                "site rates/deep.py _deep | return code.upper()",
            )
        ),
        installed={"rates": "2.0", "pytest": "8"},
        green={"rates": "1.9", "pytest": "8"},
    )
    assert judge(case, Answers({("HasLine", "rates"): there(since="1.0", before="0.9")})).verdict.kind is Kind.PROJECT


def test_a_mock_in_a_library_is_the_projects():
    case = case_of(
        failure(
            raised(
                "TypeError",
                "'>' not supported between instances of 'MagicMock' and 'int'",
                "own tests/test_a.py test_a | fetch()",
                "site rates/core.py fetch | if reply.status > 400:",
            )
        ),
        installed={"rates": "2.0", "pytest": "8"},
    )
    assert judge(case, Facts()).verdict.kind is Kind.PROJECT


def test_a_warning_made_an_error_is_the_projects():
    case = case_of(
        failure(
            raised(
                "DeprecationWarning",
                "old() is deprecated",
                "own tests/test_a.py test_a | rates.old()",
                "site rates/core.py old | warnings.warn('old() is deprecated', DeprecationWarning)",
            )
        ),
        installed={"rates": "2.0", "pytest": "8"},
        green={"rates": "1.9", "pytest": "8"},
    )
    assert judge(case, Facts()).verdict.kind is Kind.PROJECT


def test_a_shadowing_file_is_the_projects():
    case = case_of(
        failure(
            raised(
                "AttributeError",
                "module 'tabulate' has no attribute 'tabulate'",
                "own report.py main | frame.to_markdown()",
                "site pandas/core/frame.py to_markdown | return tabulate.tabulate(self)",
            )
        ),
        installed={"pandas": "2.0", "tabulate": "0.9", "pytest": "8"},
    )
    assert judge(case, Answers({("HasName", "tabulate"): there()})).verdict.kind is Kind.PROJECT


def test_an_assertion_on_old_output_is_the_projects():
    case = case_of(
        failure(
            raised(
                "AssertionError",
                "assert '3.7' == '3.3.7'",
                "own tests/test_a.py test_a | assert md.__version__ == '3.3.7'",
            )
        ),
        installed={"markdown": "3.7", "pytest": "8"},
        green={"markdown": "3.3.7", "pytest": "8"},
    )
    assert judge(case, Facts()).verdict.kind is Kind.PROJECT


def test_a_refused_connection_is_the_environments_whatever_library_says_so():
    case = case_of(
        failure(
            raised(
                "redis.exceptions.ConnectionError",
                "Error 111 connecting to localhost:6379. Connection refused.",
                "own tests/test_a.py test_a | bucket.take()",
                "site redis/connection.py connect | raise ConnectionError(self._error_message(e))",
            )
        ),
        installed={"redis": "5.0", "pytest": "8"},
        green={"redis": "4.9", "pytest": "8"},
    )
    assert judge(case, Facts()).verdict.kind is Kind.ENVIRONMENT


def test_a_crash_in_an_extension_after_its_release_is_upstreams_and_a_security_matter():
    case = case_of(
        failure(
            raised(
                "", "Segmentation fault", "own shop/cart.py total | fastmath.sum(rows)", "site fastmath/__init__.py sum"
            ),
            dialect="faulthandler",
        ),
        installed={"fastmath": "2.0", "pytest": "8"},
        green={"fastmath": "1.9", "pytest": "8"},
    )
    verdict = judge(case, Facts()).verdict
    assert verdict.kind is Kind.UPSTREAM
    assert verdict.security


def test_nothing_failed():
    verdict = judge(case_of(), Facts()).verdict
    assert verdict.kind is Kind.NONE
    assert verdict.action is Action.NONE


def test_what_the_standard_library_says_it_dropped_is_dated():
    message = "As of 3.10, the *loop* parameter was removed from Lock() since it is no longer necessary"
    frames = (
        "std asyncio/locks.py __init__ | super().__init__(loop=loop)",
        "std asyncio/mixins.py __init__ | raise TypeError(message)",
    )
    by_library = case_of(
        failure(
            raised(
                "TypeError",
                message,
                "own app.py run | ws.connect()",
                "site ws/core.py connect | self.lock = Lock(loop=loop)",
                *frames,
            )
        ),
        installed={"ws": "8.1", "pytest": "8"},
    )
    verdict = judge(by_library, Facts()).verdict
    assert verdict.kind is Kind.UPSTREAM
    assert (verdict.culprit.distribution, verdict.trigger.distribution, verdict.trigger.first_bad) == (
        "ws",
        "cpython",
        "3.10",
    )
    by_project = case_of(
        failure(raised("TypeError", message, "own app.py run | lock = asyncio.Lock(loop=loop)", *frames)),
        installed={"ws": "8.1"},
    )
    verdict = judge(by_project, Facts()).verdict
    assert verdict.kind is Kind.PROJECT
    assert verdict.trigger.first_bad == "3.10"


def test_a_project_named_like_a_library_owns_nothing_of_it():
    case = case_of(
        failure(
            raised(
                "ModuleNotFoundError",
                "No module named 'flask._compat'",
                "own manage.py <module> | from flask_script import Manager",
                "site flask_script/__init__.py <module> | from flask._compat import text_type",
            )
        ),
        installed={"flask": "2.0.0", "flask-script": "2.0.6", "pytest": "6"},
        project="flask-script-demo",
    )
    verdict = judge(case, Answers({("HasModule", "flask"): gone("1.1.4", "2.0.0")})).verdict
    assert (verdict.kind, verdict.culprit.distribution) == (Kind.UPSTREAM, "flask-script")


def test_a_class_that_no_distribution_defines_is_the_projects():
    case = case_of(
        failure(
            raised(
                "TypeError",
                "Colour.get_metavar() got an unexpected keyword argument 'ctx'",
                "own app.py <module> | main()",
                "site click/core.py make_metavar | metavar = self.type.get_metavar(param=self, ctx=ctx)",
            )
        ),
        installed={"click": "8.2.0", "pytest": "8", "rich": "13"},
        green={"click": "8.1.8", "pytest": "8", "rich": "13"},
    )
    facts = Answers({("Defines", "click"): (), ("HasLine", "click"): there(since="8.2.0", before="8.1.8")})
    verdict = judge(case, facts).verdict
    assert verdict.kind is Kind.PROJECT
    assert (verdict.trigger.distribution, verdict.trigger.first_bad) == ("click", "8.2.0")


# ---------------------------------------------------------------------------------------------- asking


def test_asks_little_and_ends_within_the_rounds():
    case, facts, rounds, asked = flask(), Facts(), 0, 0
    while wanted := questions(case, facts):
        rounds += 1
        asked += len(wanted)
        facts = facts.with_([Fact(question=question, answer=None, known=False, reason="x") for question in wanted])
    assert rounds <= ROUNDS
    assert asked <= 12


def test_asks_again_for_nothing():
    case = flask()
    known = [Fact(question=question, answer=None, known=False, reason="x") for question in questions(case, Facts())]
    assert not {fact.question for fact in known} & set(questions(case, Facts(known)))


def test_a_machines_failure_asks_nothing():
    case = case_of(
        failure(
            raised("OSError", "[Errno 28] No space left on device", "own a.py f | open(x)", "site rates/a.py g | w()")
        ),
        installed={"rates": "1"},
    )
    assert questions(case, Facts()) == ()


def test_the_walk_starts_at_the_last_green_version():
    wanted = questions(flask(green={**NOW, "werkzeug": "2.3.7"}), Facts())
    walk = next(question for question in wanted if isinstance(question, Walk) and question.distribution == "werkzeug")
    assert (walk.around, walk.good) == ("3.0.0", "2.3.7")


def test_a_thousand_failures_cost_little_more_than_one():
    rows = tuple(
        replace(failure(raised("ValueError", f"bad row {number}", *FRAMES), root=number == 0), span=(number, number))
        for number in range(1_000)
    )
    began = time.process_time()
    judgement = judge(case_of(*rows, installed=NOW), Facts())
    assert len(judgement.failures) == 1_000
    # No limit that a slow machine could miss: it took minutes before messages were told apart by place.
    assert time.process_time() - began < 20


# ---------------------------------------------------------------------------------------------- which part tells


def part(exception, source, relation=None):
    return raised(exception, "m", f"own {exception}.py f | {source}", relation=relation)


def test_a_cause_is_followed():
    assert focus_of((part("KeyError", "a[b]", Relation.CAUSE), part("MyError", "raise MyError from e"))) == 0


def test_a_crash_while_handling_something_harmless_is_its_own():
    chain = (part("FileNotFoundError", "open(x)", Relation.CONTEXT), part("AttributeError", "for a in groups.items():"))
    assert focus_of(chain) == 1


def test_a_report_of_another_error_is_looked_through():
    chain = (part("OSError", "connect()", Relation.CONTEXT), part("MyError", "raise MyError(str(error))"))
    assert focus_of(chain) == 0


def test_the_last_of_fallback_imports_tells():
    chain = (part("ImportError", "import a", Relation.CONTEXT), part("ImportError", "import b"))
    assert focus_of(chain) == 1


def test_a_group_tells_by_its_first_member():
    chain = (
        part("TypeError", "f()", Relation.GROUP_MEMBER),
        part("ValueError", "g()", Relation.GROUP_MEMBER),
        part("ExceptionGroup", "raise"),
    )
    chain = tuple(replace(row, of=2) if row.relation else row for row in chain)
    assert focus_of(chain) == 0
