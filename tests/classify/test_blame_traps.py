"""Traps: what looks like upstream's and is the project's, and what is upstream's though no frame shows it."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec.structs import replace

from bot.classify import judge
from bot.facts import Release, ReleaseMetadata, Walked
from bot.model import Action, Ending, Kind, Phase, Relation, Totals
from tests.classify.build import Answers, case_of, failure, gone, look, raised, remark, there

IN = "own shop/cart.py total | return wrap.total(cart)"
WRAP = {"wrap": "1.0", "target": "2.0", "pytest": "8"}
GREEN = {"wrap": "1.0", "target": "1.0", "pytest": "8"}
NEEDS = {("Metadata", "wrap"): ReleaseMetadata(version="1.0", requires=("target",))}


def verdict(exception, message, *frames, answers=None, phase=Phase.CALL, **job):
    job = {"installed": WRAP, **job}
    return judge(
        case_of(failure(raised(exception, message, *frames), phase=phase), **job), Answers(answers or {})
    ).verdict


# ---------------------------------------------------------------------------------------------- the project's own


def test_a_wrong_object_lacks_what_its_class_never_had():
    """The project hands one library's client to another, and the client's release is an innocent change."""
    told = verdict(
        "AttributeError",
        "'Client' object has no attribute 'mount'",
        IN,
        "site wrap/core.py total | session.mount('https://', adapter)",
        green=GREEN,
        answers={**NEEDS, ("Defines", "target"): ("target.client",), ("HasName", "target"): gone(None, None)},
    )
    assert told.kind is Kind.PROJECT


def test_a_wrong_object_that_is_no_container_never_was_one():
    told = verdict(
        "TypeError",
        "'Client' object is not subscriptable",
        IN,
        "site wrap/core.py total | return session['total']",
        green=GREEN,
        answers={
            **NEEDS,
            ("Defines", "target"): ("target.client",),
            ("HasName", "target"): gone(None, None),
            ("DefinedAs", "target"): there(since="2.0", before="1.0"),
        },
    )
    assert told.kind is Kind.PROJECT


def test_a_setting_that_names_a_removed_class_is_the_projects():
    told = verdict(
        "ImportError",
        "cannot import name 'OldStorage' from 'target.storage'",
        IN,
        "site wrap/loading.py load | return getattr(import_module(path), name)",
        green=GREEN,
        answers={**NEEDS, ("HasName", "target"): gone("1.0", "2.0"), ("HasText", "wrap"): gone(None, None)},
    )
    assert told.kind is Kind.PROJECT
    assert told.trigger.distribution == "target"


def test_a_keyword_that_the_project_wrote_and_two_libraries_passed_on_is_the_projects():
    told = verdict(
        "TypeError",
        "Client.__init__() got an unexpected keyword argument 'proxies'",
        "own shop/cart.py total | wrap.connect(url, proxies=PROXIES)",
        "site wrap/core.py connect | return Client(url, **options)",
        green=GREEN,
        answers={**NEEDS, ("Defines", "target"): ("target.client",), ("HasParameter", "target"): gone("1.0", "2.0")},
    )
    assert told.kind is Kind.PROJECT


def test_an_integration_that_nobody_else_imports_may_need_what_is_not_required():
    told = verdict(
        "ModuleNotFoundError",
        "No module named 'flask'",
        "own shop/auth.py <module> | from wrap.integrations.flask_client import OAuth",
        "site wrap/integrations/flask_client.py <module> | import flask",
        answers=NEEDS,
    )
    assert told.kind is Kind.PROJECT


def test_a_requirement_that_was_not_installed_is_who_installs():
    told = verdict(
        "ModuleNotFoundError",
        "No module named 'appdirs'",
        "own shop/auth.py <module> | import wrap",
        "site wrap/__init__.py <module> | import appdirs",
        answers={("Metadata", "wrap"): ReleaseMetadata(version="1.0", requires=("appdirs>=1",))},
    )
    assert told.kind is Kind.PROJECT


def test_a_release_that_the_culprit_rules_out_is_the_projects_pin():
    told = verdict(
        "ImportError",
        "cannot import name 'old' from 'target'",
        "own shop/auth.py <module> | import wrap",
        "site wrap/__init__.py <module> | from target import old",
        green=GREEN,
        answers={
            ("Metadata", "wrap"): ReleaseMetadata(version="1.0", requires=("target<2",)),
            ("HasName", "target"): gone("1.0", "2.0"),
        },
    )
    assert told.kind is Kind.PROJECT
    assert "requires target<2, and 2.0 is installed" in told.summary


def test_a_refusal_that_the_green_release_made_too_is_no_news():
    rows = {("HasText", "target"): there(since="0.9", before="0.8")}
    told = verdict(
        "ConfigError",
        "this name can't be used for any cart at all",
        IN,
        "site wrap/core.py total | target.check(name)",
        'site target/check.py check | raise ConfigError("this name can\'t be used for any cart at all")',
        green=GREEN,
        answers=rows,
    )
    assert told.kind is Kind.PROJECT


def test_a_number_that_does_not_fit_is_no_new_line():
    """The line was reworded in an innocent release; a text and a number do not add up in any."""
    told = verdict(
        "TypeError",
        "unsupported operand type(s) for +: 'int' and 'str'",
        IN,
        "site wrap/core.py total | return subtotal + shipping",
        green={**WRAP, "wrap": "0.9"},
        answers={("HasLine", "wrap"): there(since="1.0", before="0.9")},
    )
    assert told.kind is Kind.PROJECT


def test_a_librarys_helper_for_tests_compares_what_the_test_gave_it():
    told = verdict(
        "AssertionError",
        "DataFrame.columns are different",
        "own tests/test_a.py test_a | assert_frame_equal(left, right)",
        "site wrap/testing.py assert_frame_equal | tm.assert_index_equal(left.columns, right.columns)",
        "site target/_testing/asserters.py raise_assert_detail | raise AssertionError(msg)",
        green=GREEN,
        answers={("HasText", "target"): there(since="2.0", before="1.0")},
    )
    assert told.kind is Kind.PROJECT


def test_a_fake_of_the_test_is_not_what_it_is_called_after():
    told = verdict(
        "TypeError",
        "test_total.<locals>.get() got an unexpected keyword argument 'verify'",
        IN,
        "site wrap/core.py total | return target.get(url, verify=True)",
        green=GREEN,
        answers={
            **NEEDS,
            ("Defines", "target"): (),
            ("Defines", "wrap"): (),
            ("HasLine", "wrap"): there(since="0.1"),
        },
    )
    assert told.kind is Kind.PROJECT


def test_the_project_installed_under_another_import_name_is_no_third_party():
    told = verdict(
        "NameError",
        "name 'unicode' is not defined",
        "own tests/test_a.py test_a | skcart.total()",
        "site skcart/core.py total | return unicode(code)",
        installed={"scikit-shop": "1.0", "pytest": "8", "six": "1"},
        project="scikit-shop",
        answers={("TopLevels", "scikit-shop"): ("skcart",)},
    )
    assert told.kind is Kind.PROJECT


def test_a_file_of_the_project_that_3_13_advises_to_rename_is_the_projects():
    told = verdict(
        "AttributeError",
        "module 'random' has no attribute 'choice' (consider renaming '/home/runner/work/shop/shop/random.py' since it has the"
        " same name as the standard library module named 'random')",
        "own app.py <module> | import wrap",
        "site wrap/__init__.py <module> | pick = random.choice",
        python="3.13.1",
    )
    assert told.kind is Kind.PROJECT


def misses_of_queue(name, module="queue"):
    return verdict(
        "AttributeError",
        f"module '{module}' has no attribute '{name}'",
        "own app.py <module> | import wrap",
        f"site wrap/pool.py <module> | kind = {module}.{name}",
        green=GREEN,
    ).kind


def test_a_file_called_like_a_standard_module_is_the_projects():
    assert misses_of_queue("LifoQueue") is Kind.PROJECT


def test_what_a_platform_or_a_series_lacks_is_not_shadowed():
    assert misses_of_queue("AF_UNIX", "socket") is Kind.UPSTREAM
    assert misses_of_queue("getuid", "os") is Kind.UPSTREAM
    assert misses_of_queue("getargspec", "inspect") is Kind.UPSTREAM


def misses_of_target(before, after, answers=None):
    return verdict(
        "AttributeError",
        "module 'target' has no attribute 'resolver'",
        "own app.py <module> | import wrap",
        "site wrap/core.py <module> | pick = target.resolver",
        installed={**WRAP, "target": after},
        green={**WRAP, "target": before},
        answers=answers,
    ).kind


def test_a_module_that_nobody_could_look_at_may_be_a_stand_in():
    """The project's conftest can put anything in its place; a patch release hardly takes a name away."""
    assert misses_of_target("6.0.0", "6.0.1") is Kind.PROJECT
    assert misses_of_target("6.0.0", "6.1.0") is Kind.UPSTREAM
    assert misses_of_target("6.0.0", "6.0.1", {("HasName", "target"): gone("6.0.0", "6.0.1")}) is Kind.UPSTREAM


# ---------------------------------------------------------------------------------------------- upstream's all the same


def test_a_plain_value_that_another_release_returned_is_no_value_of_the_projects():
    told = verdict(
        "AttributeError",
        "'str' object has no attribute 'decode'",
        IN,
        "site wrap/core.py total | return token.decode('utf-8')",
        green=GREEN,
        answers={
            **NEEDS,
            ("ComesFrom", "wrap"): ("target.encode",),
            ("DefinedAs", "target"): there(since="2.0", before="1.0"),
        },
    )
    assert told.kind is Kind.UPSTREAM
    assert (told.culprit.distribution, told.trigger.distribution) == ("wrap", "target")
    assert "changed what is returned by `target.encode`" in told.summary


def test_the_same_value_where_that_function_did_not_change_stays_the_projects():
    told = verdict(
        "AttributeError",
        "'str' object has no attribute 'decode'",
        IN,
        "site wrap/core.py total | return token.decode('utf-8')",
        green=GREEN,
        answers={**NEEDS, ("ComesFrom", "wrap"): ("target.encode",), ("DefinedAs", "target"): there()},
    )
    assert told.kind is Kind.PROJECT


def test_an_impersonator_without_a_frame_has_to_follow():
    """`faketarget` puts its own class where `target`'s would be; `target` began to ask more of it."""
    told = verdict(
        "AttributeError",
        "'FaketargetResponse' object has no attribute 'version_string'",
        "own shop/cart.py total | target.get(url)",
        "site target/pool.py get | version=response.version_string,",
        installed={"faketarget": "6.0", "target": "2.3", "pytest": "8"},
        green={"faketarget": "6.0", "target": "2.2", "pytest": "8"},
        answers={
            ("Defines", "target"): (),
            ("Defines", "faketarget"): ("faketarget.stubs",),
            ("Metadata", "faketarget"): ReleaseMetadata(version="6.0", requires=("target",)),
            ("HasName", "faketarget"): gone(None, None),
            ("HasLine", "target"): there(since="2.3", before="2.2"),
        },
    )
    assert told.kind is Kind.UPSTREAM
    assert (told.culprit.distribution, told.trigger.distribution) == ("faketarget", "target")


def test_a_module_that_is_imported_in_a_call_fails_by_itself_all_the_same():
    """A plug-in is imported when it is first used: what the project computes can't reach its module's code."""
    told = verdict(
        "AttributeError",
        "can't set attribute",
        "own shop/cart.py total | graph.query(text)",
        "site wrap/plugin.py get | module = __import__(self.path)",
        "site wrap/plugins/sparql.py <module> | NAME = Param('prefix', PREFIX)",
        "site wrap/plugins/utils.py __init__ | self.name = name",
        green=GREEN,
        answers=NEEDS,
    )
    assert told.kind is Kind.UPSTREAM
    assert (told.culprit.distribution, told.trigger.distribution) == ("wrap", "target")


def test_a_class_that_was_closed_takes_no_attribute_any_more():
    told = verdict(
        "AttributeError",
        "'Manager' object has no attribute '_prefix'",
        "site wrap/main.py main | manager._prefix = 'wrap_'",
        green=GREEN,
        phase=Phase.OUTSIDE,
        answers={
            **NEEDS,
            ("Defines", "target"): ("target.manager",),
            ("HasName", "target"): lambda probe: (
                there(since="2.0", before="1.0") if "__slots__" in probe.name else gone(None, None)
            ),
        },
    )
    assert told.kind is Kind.UPSTREAM
    assert told.culprit.distribution == "wrap"


def test_a_keyword_that_a_third_party_wrote_is_its_own_however_far_in_it_is_refused():
    told = verdict(
        "TypeError",
        "__init__() got an unexpected keyword argument 'column'",
        IN,
        "site wrap/core.py total | return target.Script(text, column=column, line=line)",
        "site target/api.py __init__ | super().__init__(code, **kwds)",
        green=GREEN,
        answers=NEEDS,
    )
    assert told.kind is Kind.UPSTREAM
    assert (told.culprit.distribution, told.trigger.distribution) == ("wrap", "target")


def test_an_import_name_that_is_a_part_of_the_distributions():
    told = verdict(
        "ImportError",
        "cannot import name 'old' from 'target'",
        "own app.py <module> | import compressor",
        "site compressor/__init__.py <module> | from target import old",
        installed={"django-compressor": "4.4", "target": "2.0", "pytest": "8"},
        green={"django-compressor": "4.4", "target": "1.0", "pytest": "8"},
        answers={("HasName", "target"): gone("1.0", "2.0")},
    )
    assert (told.kind, told.culprit.distribution, told.culprit.version) == (Kind.UPSTREAM, "django-compressor", "4.4")


def test_a_fallback_that_is_missing_too_is_about_what_came_first():
    first = raised("ModuleNotFoundError", "No module named 'audioop'", "site wrap/utils.py <module> | import audioop")
    then = raised(
        "ModuleNotFoundError",
        "No module named 'pyaudioop'",
        "own app.py <module> | import wrap",
        "site wrap/__init__.py <module> | from .utils import mix",
        "site wrap/utils.py <module> | import pyaudioop as audioop",
    )
    told = judge(case_of(failure(first, then), installed=WRAP, python="3.13.0"), Answers(NEEDS)).verdict
    assert (told.kind, told.trigger.distribution, told.trigger.first_bad) == (Kind.UPSTREAM, "cpython", "3.13")


# ---------------------------------------------------------------------------------------------- nothing printed


def test_a_run_that_was_killed_before_anything_was_counted_is_the_machines():
    told = judge(
        case_of(remarks=(remark("make: *** [Makefile:12: check] Killed"),), ending=Ending()), Answers({})
    ).verdict
    assert told.kind is Kind.ENVIRONMENT


def test_a_counted_run_that_logs_a_refused_connection_is_green():
    rows = (remark("WARNING retrying: Connection refused"),)
    counted = (Totals(runner="pytest", passed=12, line=3),)
    assert judge(case_of(remarks=rows, ending=Ending(), totals=counted), Answers({})).verdict.kind is Kind.NONE


# ---------------------------------------------------------------------------------------------- whether a report is due


def removed(*, newest_requires, line):
    def metadata(question):
        requires = newest_requires if question.version == "1.1" else ("target",)
        return ReleaseMetadata(version=question.version or "1.1", requires=requires)

    return verdict(
        "ImportError",
        "cannot import name 'old' from 'target'",
        "own shop/auth.py <module> | import wrap",
        "site wrap/__init__.py <module> | from target import old",
        green=GREEN,
        answers={
            ("Metadata", "wrap"): metadata,
            ("HasName", "target"): gone("1.0", "2.0"),
            ("HasLine", "wrap"): line,
        },
    )


def test_a_newer_release_that_rules_the_trigger_out_needs_no_report():
    told = removed(newest_requires=("target<2",), line=there(newest="1.1"))
    assert (told.action, told.fixed_in) == (Action.ALREADY_FIXED, "1.1")
    told = removed(newest_requires=("target<3",), line=there(newest="1.1"))
    assert (told.action, told.fixed_in) == (Action.REPORT, None)


def test_where_a_line_alone_tells_nothing_a_newer_release_holds_the_report():
    """The line that a value failed on stands as before; whether what led to it was mended is not known."""
    releases = (Release(version="1.0", uploaded=None), Release(version="1.1", uploaded=None))
    told = verdict(
        "AttributeError",
        "can't set attribute",
        "own app.py <module> | import wrap",
        "site wrap/plugins.py <module> | self.name = name",
        green=GREEN,
        answers={**NEEDS, ("HasLine", "wrap"): there(newest="1.1"), ("Releases", "wrap"): releases},
    )
    assert (told.kind, told.action) == (Kind.UPSTREAM, Action.NONE)
    assert any("whether its newest release still has the defect" in row for row in told.unknowns)


def inherits(*, freed):
    """`shopkit-crf` inherits from `shopkit`'s base class, which asks it for what it does not keep; it requires nothing."""
    return verdict(
        "AttributeError",
        "'CRF' object has no attribute 'keep_files'",
        IN,
        "site shopkit/base.py get_params | value = getattr(self, key)",
        installed={"shopkit": "2.0", "shopkit-crf": "1.0", "pytest": "8", "six": "1"},
        green={"shopkit": "1.0", "shopkit-crf": "1.0", "pytest": "8", "six": "1"},
        answers={
            ("Defines", "shopkit"): (),
            ("Defines", "shopkit-crf"): ("shopkit_crf.estimator",),
            ("HasName", "shopkit-crf"): Walked(at=False),
            ("HasText", "shopkit-crf"): there(),
            ("HasLine", "shopkit"): there(since="0.1", before="0.0"),
            ("StandsAs", "shopkit"): freed,
        },
    )


def test_a_line_that_left_its_try_is_as_new_as_one_that_came():
    told = inherits(freed=there(since="2.0", before="1.0"))
    assert told.kind is Kind.UPSTREAM
    assert (told.culprit.distribution, told.trigger.distribution) == ("shopkit-crf", "shopkit")


def test_a_line_that_always_stood_so_tells_nothing_of_the_release():
    assert inherits(freed=there(since="0.1", before="0.0")).kind is Kind.PROJECT


def test_a_sentinel_that_the_project_hands_over_is_the_projects():
    """A bare `object()` in a refusal may be the project's own "not given": a library only passes it on."""
    told = verdict(
        "ValueError",
        "Timeout value connect was <object object at 0x7f2b81980470>, but it must be an int, float or None.",
        "own pinger.py ping | return wrap.get(url, timeout=timeout)",
        "site wrap/core.py get | return target.urlopen(url, timeout=timeout)",
        "site target/timeout.py check | raise ValueError(",
        green=GREEN,
        answers={**NEEDS, ("HasText", "target"): there(since="0.5"), ("HasLine", "target"): there(since="0.5")},
    )
    assert told.kind is Kind.PROJECT


# ---------------------------------------------------------------------------------------------- whose file it is


def test_who_is_not_among_what_was_installed_is_never_blamed():
    """A file's name was taken for a distribution's; the one that ships it is installed under another name."""
    message = "No module named 'target.manager'"
    frames = (
        "site target/finder.py load | module = entry_point.load()",
        "site quux.py <module> | from target.manager import Plugin",
    )
    gone_module = {("HasModule", "target"): gone("1.0", "2.0")}
    shipped = verdict("ModuleNotFoundError", message, *frames, installed={**WRAP, "other": "3.0"}, answers=gone_module)
    assert shipped.culprit is None
    told = verdict(
        "ModuleNotFoundError",
        message,
        *frames,
        installed={**WRAP, "target-quux": "3.0"},
        answers={**gone_module, ("TopLevels", "target-quux"): ("quux",)},
    )
    assert told.kind is Kind.UPSTREAM
    assert told.culprit.distribution == "target-quux"


def test_a_build_back_end_that_runs_a_set_up_file_is_not_to_blame():
    run = "build setuptools/build_meta.py run_setup | exec(code, locals())"
    sources = "build setuptools/command/sdist.py add_defaults | self.filelist.extend(build_ext.get_source_files())"
    asked = ("AttributeError", "'build_ext' object has no attribute 'cython_sources'", run)
    outer, inner = "raw <string> <module> | ", "raw <string> get_source_files | "
    own = look(failure(raised(*asked, outer, sources, inner), phase=Phase.BUILD), installed=WRAP)
    assert own.scene.asking is None
    by_itself = look(failure(raised(*asked, outer, sources), phase=Phase.BUILD), installed=WRAP)
    assert by_itself.scene.asking == "setuptools"


def test_a_set_up_command_that_fails_names_whose_it_is():
    def told(name):
        words = failure(raised("", "subprocess-exited-with-error"), phase=Phase.BUILD, dialect="tool")
        complaint = remark(f"error in {name} setup command: use_2to3 is invalid.", line=20)
        return judge(case_of(words, installed={"anyjson": "0.3.3"}, remarks=(complaint,)), Answers({})).verdict

    assert told("anyjson").culprit.distribution == "anyjson"
    assert told("shop").culprit is None


def test_the_interpreter_is_named_where_it_refuses_the_projects_own_code():
    line = "own shop/errors.py <module> | class Late(asyncio.TimeoutError, TimeoutError):"
    told = verdict("TypeError", "duplicate base class TimeoutError", line, green=WRAP, green_python="3.10.13")
    assert told.kind is Kind.PROJECT
    assert (told.trigger.distribution, told.trigger.last_good, told.trigger.first_bad) == ("cpython", "3.10", "3.11")
    asserted = verdict("AssertionError", "assert 1 == 2", line, green=WRAP, green_python="3.10.13")
    assert asserted.trigger is None
    same = verdict("TypeError", "duplicate base class TimeoutError", line, green=WRAP)
    assert same.trigger is None


def test_who_takes_a_standard_modules_place_keeps_up_with_the_series():
    """`threading` of 3.13 asks `_thread` for what is new; a third party had put its own module there."""
    patched = "site wrap/patcher.py inject | module = __import__(name, {}, {}, path)"
    asks = "std threading.py <module> | _start_joinable_thread = _thread.start_joinable_thread"
    message = "module 'wrap.green.thread' has no attribute 'start_joinable_thread'"
    new = verdict("AttributeError", message, IN, patched, asks.replace("std", "std313"), python="3.13.0", green=WRAP)
    assert (new.kind, new.culprit.distribution, new.trigger.first_bad) == (Kind.UPSTREAM, "wrap", "3.13")
    older = "std313 threading.py <module> | _allocate_lock = _thread.allocate_lock"
    lacks = message.replace("start_joinable_thread", "allocate_lock")
    told = verdict("AttributeError", lacks, IN, patched, older, python="3.13.0", green=WRAP)
    assert told.culprit is None or told.trigger is None


def test_what_explains_most_of_the_failures_speaks_for_the_job():
    def job(*messages):
        return judge(
            case_of(*(failure(raised(kind, text, IN.replace("wrap.", "self."))) for kind, text in messages)),
            Answers({}),
        ).verdict.kind

    odd = ("AssertionError", "1 != 2 within 2 places")
    away = ("socket.gaierror", "[Errno -2] Name or service not known")
    assert job(odd, away, away) is Kind.ENVIRONMENT
    assert job(odd, away) is Kind.PROJECT


# ---------------------------------------------------------------------------------------------- without a traceback


def without_frames(message, *remarks, exception="", phase=Phase.BUILD, installed=None, **job):
    told = failure(raised(exception, message), phase=phase, dialect="tool")
    rows = tuple(remark(text, line=20 + number) for number, text in enumerate(remarks))
    case = case_of(told, installed=installed or {"anyjson": "0.3.3", "pip": "24.1"}, remarks=rows, **job)
    return judge(case, Answers({})).verdict


def test_code_against_another_c_api_is_its_makers():
    gone_member = "error: ‘PyThreadState’ {aka ‘struct _ts’} has no member named ‘curexc_traceback’"
    wheel = "ERROR: Failed building wheel for {}"
    told = without_frames(gone_member, f"a.c:1:34: {gone_member}", wheel.format("anyjson"))
    assert (told.kind, told.culprit.distribution) == (Kind.UPSTREAM, "anyjson")
    own = without_frames(gone_member, f"a.c:1:34: {gone_member}", wheel.format("shop"))
    assert own.culprit is None
    other = without_frames("error: ‘struct row’ has no member named ‘next’", wheel.format("anyjson"))
    assert other.culprit is None


def test_metadata_that_an_installer_refuses_is_its_makers():
    refused = "Could not find a version that satisfies the requirement anyjson==0.3.3 (from versions: 0.2)"
    ignored = "WARNING: Ignoring version 0.3.3 of {} since it has invalid metadata:"
    before = {"anyjson": "0.3.3", "pip": "24.0"}
    told = without_frames(refused, ignored.format("anyjson"), phase=Phase.INSTALL, green=before)
    assert (told.kind, told.culprit.distribution) == (Kind.UPSTREAM, "anyjson")
    assert (told.trigger.distribution, told.trigger.first_bad) == ("pip", "24.1")
    assert without_frames(refused, phase=Phase.INSTALL, green=before).culprit is None
    assert without_frames(refused, ignored.format("shop"), phase=Phase.INSTALL, green=before).culprit is None


def test_an_extension_that_a_program_could_not_import_is_asked_for_its_import():
    now = {"target": "8.1", "targetcontrib-charts": "0.9", "pytest": "8"}
    words = "Could not import extension {} (exception: cannot import name 'Error' from 'target.util' (/x/site-packages/target/util.py))"

    def told(module):
        case = case_of(
            failure(raised("target.errors.ExtensionError", words.format(module)), dialect="tool"),
            installed=now,
            green={**now, "target": "8.0"},
        )
        return judge(case, Answers({("HasName", "target"): gone("8.0", "8.1")})).verdict

    theirs = told("targetcontrib.charts")
    assert (theirs.kind, theirs.culprit.distribution) == (Kind.UPSTREAM, "targetcontrib-charts")
    assert theirs.trigger.distribution == "target"
    assert told("shop.charts").culprit is None
    assert told("charts_of_ours").culprit is None


def test_what_a_later_release_has_again_was_no_removal():
    line = "own shop/app.py <module> | from target import Client"
    message = "cannot import name 'Client' from 'target' (/x/site-packages/target/__init__.py)"

    def told(walked):
        answers = {("HasName", "target"): walked, ("Releases", "target"): ()}
        return verdict("ImportError", message, line, green=GREEN, answers=answers)

    again = Walked(at=False, last_other="1.0", first_same="2.0", next_other="2.0.1", newest="2.0.1", newest_at=True)
    back = told(again)
    assert (back.kind, back.culprit.distribution, back.fixed_in) == (Kind.UPSTREAM, "target", "2.0.1")
    assert "lacks `target.Client`, which 1.0 has: 2.0.1 has it again" in back.summary
    assert told(gone("1.0", "2.0")).kind is Kind.PROJECT


def test_what_came_in_a_new_series_behind_a_third_party_is_told_as_what_would_change_the_mind():
    def told(**job):
        refusal = "site wrap/core.py total | raise ValueError('no such shape')"
        return verdict("ValueError", "no such shape", IN, refusal, answers=NEEDS, **job)

    met, patched = told(green=GREEN), told(green={**GREEN, "target": "2.0.1"})
    assert met.kind is patched.kind is Kind.PROJECT
    assert "a green run with target 1.0 and all else equal, which would make it wrap's" in met.would_change
    assert not any("target" in row for row in patched.would_change)


def test_a_release_that_was_withdrawn_went_wrong_unless_what_stands_now_lacks_it_too():
    line = "own shop/app.py <module> | from target import Client"
    message = "cannot import name 'Client' from 'target' (/x/site-packages/target/__init__.py)"

    def told(*, stands):
        walked = Walked(
            at=False, last_other="1.0", first_same="2.0", newest="1.0" if stands else "2.0.1", newest_at=stands
        )
        yanked = (Release(version="2.0", uploaded=None, yanked=True),)
        answers = {("HasName", "target"): walked, ("Releases", "target"): yanked}
        return verdict("ImportError", message, line, green=GREEN, answers=answers).kind

    assert told(stands=True) is Kind.UPSTREAM
    assert told(stands=False) is Kind.PROJECT


def test_a_release_that_requires_what_it_imports_is_a_fix():
    """`wrap` 1.0 imports `six`, which came with `target`; `target` 2.0 stopped requiring it, `wrap` 1.2 requires it."""

    def metadata(question):
        requires = {
            ("wrap", "1.2"): ("six",),
            ("target", "1.0"): ("six",),
            ("attrs", "1.0"): ("six; extra == 'tests'",),
        }
        version = question.version or "1.2"
        return ReleaseMetadata(version=version, requires=requires.get((str(question.distribution), version), ()))

    releases = tuple(Release(version=version, uploaded=None) for version in ("1.0", "1.1", "1.2"))
    told = verdict(
        "ModuleNotFoundError",
        "No module named 'six'",
        "own shop/app.py <module> | import wrap",
        "site wrap/__init__.py <module> | import six",
        installed={**WRAP, "attrs": "2.0", "pytest": "8"},
        green={**GREEN, "attrs": "1.0", "six": "1.16", "pytest": "8"},
        answers={("Releases", "wrap"): releases}
        | {("Metadata", name): metadata for name in ("wrap", "target", "attrs")},
    )
    assert (told.kind, told.culprit.distribution) == (Kind.UPSTREAM, "wrap")
    assert (told.action, told.fixed_in) == (Action.ALREADY_FIXED, "1.2")
    assert told.trigger.distribution == "target"


def test_a_line_that_fails_to_raise_what_it_means_to_is_the_failure():
    """The machine's refusal was caught; the handler asks a module for an exception that it no longer has."""
    refused = raised(
        "ConnectionRefusedError", "[Errno 111] Connection refused", "std socket.py connect | sock.connect(sa)"
    )

    def job(exception, message):
        handler = "own tests/test_a.py setUp | raise target.TestSkipped(str(error))"
        later = raised(exception, message, handler)
        return judge(
            case_of(failure(replace(refused, relation=Relation.CONTEXT), later), installed=WRAP), Answers({})
        ).verdict.kind

    assert job("AttributeError", "module 'target' has no attribute 'TestSkipped'") is Kind.PROJECT
    assert job("target.TestSkipped", "[Errno 111] Connection refused") is Kind.ENVIRONMENT


def test_whose_plug_in_has_a_parameter_that_its_hook_lost():
    lost = "hookimpl definition: on_file(path, parent)\nArgument(s) {'path'} are declared in the hookimpl but can not be found"

    def told(plugin):
        return verdict(
            "pluggy.PluginValidationError",
            f"Plugin '{plugin}' for hook 'on_file'\n{lost}",
            "site target/main.py run | config.configure()",
            "site pluggy/_manager.py _verify_hook | raise PluginValidationError(",
            installed={**WRAP, "target-charts": "0.3", "pluggy": "1.4"},
            green={**GREEN, "target-charts": "0.3", "pluggy": "1.4"},
            answers={("Defines", "target"): ("target.hooks",), ("HasParameter", "target"): gone("1.0", "2.0")},
        )

    theirs = told("charts")
    assert (theirs.kind, theirs.culprit.distribution) == (Kind.UPSTREAM, "target-charts")
    assert (theirs.trigger.distribution, theirs.trigger.first_bad) == ("target", "2.0")
    own = told("/home/runner/work/shop/shop/conftest.py")
    assert (own.kind, own.trigger.distribution) == (Kind.PROJECT, "target")


def test_what_was_built_before_another_layout_came_is_not_mended_yet():
    def told(newest_built):
        rows = (("1.26.4", 2), ("2.0.0", 8), ("2.0.1", 9))
        releases = tuple(
            Release(version=version, uploaded=datetime(2023, month, 1, tzinfo=UTC)) for version, month in rows
        )
        mine = (
            Release(version="1.0", uploaded=datetime(2022, 1, 1, tzinfo=UTC)),
            Release(version="1.1", uploaded=datetime(2023, newest_built, 1, tzinfo=UTC)),
        )
        return verdict(
            "ValueError",
            "target.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88 from PyObject",
            "own shop/app.py <module> | import wrap",
            "site wrap/__init__.py <module> | from wrap import fast",
            installed={"wrap": "1.0", "target": "2.0.1", "pytest": "8"},
            answers={("Releases", "target"): releases, ("Releases", "wrap"): mine},
        )

    built_before, built_since = told(3), told(9)
    assert (built_before.kind, built_before.action) == (Kind.UPSTREAM, Action.REPORT)
    assert (built_before.trigger.last_good, built_before.trigger.first_bad) == ("1.26.4", "2.0.0")
    assert built_since.action is Action.NONE


def pickled(*inner):
    """The project reads its old file through a library; what its names mean is gone since the green run."""
    return verdict(
        "ModuleNotFoundError",
        "No module named 'target.indexes'",
        IN,
        "site wrap/core.py total | return load(file)",
        *inner,
        green=GREEN,
        answers={**NEEDS, ("HasModule", "target"): gone("1.0", "2.0")},
    )


def test_a_name_in_a_pickle_is_nobodys_who_reads_it():
    told = pickled("std pickle.py find_class | __import__(module, level=0)")
    assert told.kind is Kind.PROJECT
    assert told.trigger.distribution == "target"
    assert pickled("site wrap/core.py load | import target.indexes").kind is Kind.UPSTREAM


def trees(source):
    return verdict(
        "AttributeError",
        "'Tree' object has no attribute 'monotonic'",
        "own shop/cart.py total | return model.predict(rows)",
        f"site target/tree.py predict | {source}",
        green=GREEN,
        answers={
            ("Defines", "target"): ("target.tree",),
            ("HasName", "target"): gone(None, None),
            ("HasLine", "target"): there(since="2.0", before="1.0"),
        },
    )


def test_an_object_that_an_older_release_made_is_no_defect_of_the_newer_one():
    assert trees("return self.monotonic is None").kind is Kind.PROJECT
    assert trees("return rows.monotonic is None").kind is Kind.UPSTREAM


def test_what_a_modules_body_calls_is_the_modules_affair():
    told = verdict(
        "TypeError",
        "descriptors cannot be created directly",
        "own shop/cart.py <module> | import wrap",
        "site wrap/generated.py <module> | FIELD = descriptor.Field(name='x')",
        "site target/descriptor.py __new__ | _check_called_from_generated_file()",
    )
    assert (told.kind, told.culprit.distribution) == (Kind.UPSTREAM, "wrap")
