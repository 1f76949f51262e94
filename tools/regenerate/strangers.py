"""What tools print that came to nobody's mind at first: plug-ins that draw pytest's output anew, other printers, queues."""

from __future__ import annotations

from collections.abc import Iterator

from tools.regenerate.sample import Sample

_NEW = "pytest==9.2.0"
_PLUGINS = (
    # scenario, version, python, further packages, command after `python -m pytest`
    ("clarity", "1.0.1", "3.12", ("pytest==8.3.4", "pytest-clarity==1.0.1"), "-vv test_shop.py"),
    ("icdiff", "0.9", "3.12", ("pytest==8.3.4", "pytest-icdiff==0.9"), "-v test_shop.py"),
    ("tldr", "0.2.6", "3.12", ("pytest==8.3.4", "pytest-tldr==0.2.6"), "test_shop.py"),
    ("tldr_verbose", "0.2.6", "3.12", ("pytest==8.3.4", "pytest-tldr==0.2.6"), "-v test_shop.py"),
    ("spec", "6.1.0", "3.12", ("pytest==8.3.4", "pytest-spec==6.1.0"), "--spec test_shop.py"),
    ("sugar_workers", "1.1.1", "3.13", (_NEW, "pytest-sugar==1.1.1", "pytest-xdist==3.8.0"), "-n 2 -v test_shop.py"),
    ("instafail_workers", "0.5.0", "3.13", (_NEW, "pytest-instafail==0.5.0", "pytest-xdist==3.8.0"), "-n 2 --instafail --tb=short test_shop.py"),
    ("annotated", "0.4.2", "3.13", (_NEW, "pytest-github-actions-annotate-failures==0.4.2"), "test_shop.py"),
    ("teamcity", "1.33", "3.13", ("pytest==8.3.4", "teamcity-messages==1.33"), "--teamcity test_shop.py"),
    ("azure", "1.0.5", "3.12", ("pytest==8.3.4", "pytest-azurepipelines==1.0.5"), "test_shop.py"),
    ("check", "3.0.3", "3.13", (_NEW, "pytest-check==3.0.3"), "test_checks.py"),
    ("check", "2.5.0", "3.11", ("pytest==8.0.2", "pytest-check==2.5.0"), "--tb=short test_checks.py"),
    ("assorted", "9.2", "3.13", (_NEW, "pytest-describe==3.2.0", "pytest-socket==0.8.1", "pytest-mock==3.17.0", "pytest-benchmark==5.3.1",
        "pytest-regressions==2.11.0", "numpy==2.3.5", "pandas==2.3.3", "syrupy==7.0.2", "pytest-asyncio==1.5.0"), "--disable-socket test_more.py"),
    ("retry", "1.7.0", "3.12", ("pytest==8.3.4", "pytest-retry==1.7.0"), "test_flaky_one.py"),
    ("flaky", "3.8.1", "3.12", ("pytest==8.3.4", "flaky==3.8.1"), "test_flaky_two.py"),
    ("trio", "0.8.0", "3.12", ("pytest==8.3.4", "pytest-trio==0.8.0", "trio==0.35.0"), "-o trio_mode=true test_groups.py"),
    ("trio", "0.8.0-backport", "3.10", ("pytest==8.3.4", "pytest-trio==0.8.0", "trio==0.27.0"), "-o trio_mode=true test_groups.py"),
    ("mypy", "1.1.0", "3.12", ("pytest==8.3.4", "pytest-mypy==1.1.0", "mypy==1.19.0"), "--mypy untyped.py"),
    ("flake8", "1.3.0", "3.12", ("pytest==8.3.4", "pytest-flake8==1.3.0", "flake8==7.1.1"), "--flake8 untyped.py shop.py"),
    ("black", "0.6.0", "3.12", ("pytest==8.3.4", "pytest-black==0.6.0", "black==25.11.0"), "--black untyped.py shop.py"),
    ("ruff", "0.5", "3.12", ("pytest==8.3.4", "pytest-ruff==0.5", "ruff==0.14.0"), "--ruff untyped.py"),
    ("pylint", "0.21.0", "3.12", ("pytest==7.4.4", "pytest-pylint==0.21.0", "pylint==3.3.1", "setuptools<80"), "--pylint untyped.py"),
    ("cov", "7.1.0", "3.13", (_NEW, "pytest-cov==7.1.0"), "--cov shop --cov-fail-under 90 test_shop.py -k fine"),
    ("cov", "2.12.1", "3.8", ("pytest==6.2.5", "pytest-cov==2.12.1"), "--cov shop --cov-fail-under 90 test_shop.py -k fine"),
    ("django", "4.14.0", "3.13", (_NEW, "pytest-django==4.14.0", "django==5.2.8"), "--ds djangos.settings test_djangos.py"),
    ("django_unset", "4.14.0", "3.13", (_NEW, "pytest-django==4.14.0", "django==5.2.8"), "test_djangos.py"),
    ("django_wrong", "4.5.2", "3.10", ("pytest==7.0.1", "pytest-django==4.5.2", "django==4.2.26"), "--ds shop.settings test_djangos.py"),
    ("randomly", "5.1.0", "3.13", (_NEW, "pytest-randomly==5.1.0"), "-v --randomly-seed=3 test_shop.py"),
    ("inline", "0.36.1", "3.13", ("pytest==8.3.4", "inline-snapshot==0.36.1"), "test_inline.py"),
    ("subtests", "0.13.1", "3.10", ("pytest==7.4.4", "pytest-subtests==0.13.1"), "-v test_sub.py"),
    ("subtests_short", "9.2", "3.13", (_NEW,), "--tb=short -rA test_sub.py"),
    ("qt", "4.5.0", "3.12", ("pytest==8.3.4", "pytest-qt==4.5.0", "PySide6-Essentials==6.8.1"), "test_window.py"),
)  # fmt: skip


def samples() -> Iterator[Sample]:
    """By runner."""
    for scenario, version, python, packages, arguments in _PLUGINS:
        yield Sample(
            name=f"pytest/plugins_{scenario}@{version}",
            project="plugins",
            python=python,
            packages=packages,
            env={"QT_QPA_PLATFORM": "offscreen", "GITHUB_ACTIONS": "true"} if scenario in {"qt", "annotated"} else {},
            command=f"{{python}} -m pytest -p no:cacheprovider {arguments}",
        )
    yield from _printers()
    yield from _quoted()
    yield from _fringe()
    yield from _coloured()
    yield from _trades()
    yield from _optional()
    yield from _wrapped()


_PRINTERS = (
    # name, python, packages, command
    ("cpython/strangers_stackprinter@0.2.13", "3.12", ("stackprinter==0.2.13",), "{python} with_stackprinter.py hook"),
    ("cpython/strangers_stackprinter_logged@0.2.5", "3.8", ("stackprinter==0.2.5",), "{python} with_stackprinter.py log"),
    ("cpython/strangers_stackprinter_coloured@0.2.13", "3.12", ("stackprinter==0.2.13",), "{python} with_stackprinter.py colour"),
    ("cpython/strangers_pretty@1.2.25", "3.12", ("pretty-errors==1.2.25",), "{python} with_pretty_errors.py plain"),
    ("cpython/strangers_pretty_chained@1.2.25", "3.12", ("pretty-errors==1.2.25",), "{python} with_pretty_errors.py chained"),
    ("cpython/strangers_variables@2.2.1", "3.12", ("traceback-with-variables==2.2.1",), "{python} with_variables.py raised"),
    ("cpython/strangers_variables_handled@2.0.4", "3.9", ("traceback-with-variables==2.0.4",), "{python} with_variables.py handled"),
    ("cpython/strangers_better@0.3.3", "3.12", ("better_exceptions==0.3.3",), "{python} with_better.py"),
    ("ipython/strangers_plain@9.1.0", "3.12", ("ipython==9.1.0",), "{python} with_modes.py Plain new"),
    ("ipython/strangers_minimal@9.1.0", "3.12", ("ipython==9.1.0",), "{python} with_modes.py Minimal new"),
    ("ipython/strangers_verbose@8.18.1", "3.9", ("ipython==8.18.1",), "{python} with_modes.py Verbose old"),
    ("ipython/strangers_plain@7.34.0", "3.8", ("ipython==7.34.0",), "{python} with_modes.py Plain old"),
    ("logging/strangers_eliot@1.18.0", "3.12", ("eliot==1.18.0",), "{python} with_eliot.py"),
    ("logging/strangers_logbook@1.10.1", "3.12", ("logbook==1.10.1",), "{python} with_logbook.py"),
    ("cpython/strangers_cgitb@3.12", "3.12", (), "{python} with_cgitb.py"),
    ("cpython/strangers_cgitb@2.7", "2.7", (), "{python} with_cgitb27.py"),
    *((f"cpython/strangers_{how}@3.12", "3.12", (), f"{{python}} with_repr.py {how}")
        for how in ("repr", "bytes", "lines", "raised", "raised_lines", "logged", "json", "escaped")),
    ("cpython/strangers_compared@3.12", "3.12", (), "{python} -bb with_bytes.py"),
    ("cpython/strangers_importtime@3.12", "3.12", (), "{python} -X importtime orders_fail.py"),
    ("cpython/strangers_verbose@3.11", "3.11", (), "{python} -v orders_fail.py 2>&1 | grep -B 12 -A 30 ^Traceback"),
    ("cpython/strangers_forced_colour@3.13", "3.13", (), "FORCE_COLOR=1 {python} -X dev orders_fail.py"),
    ("cpython/strangers_trio@0.35.0", "3.13", ("trio==0.35.0",), "FORCE_COLOR=1 {python} trio_groups.py"),
    ("cpython/strangers_trio@0.27.0", "3.10", ("trio==0.27.0",), "{python} trio_groups.py"),
    ("rich/strangers_trio@14.2.0", "3.10", ("trio==0.27.0", "rich==14.2.0"), "{python} trio_groups.py rich"),
    ("rich/strangers_trio@14.2.0-notes", "3.13", ("trio==0.35.0", "rich==14.2.0"), "{python} trio_groups.py rich"),
    ("cpython/strangers_sentry@2.75.0", "3.12", ("sentry-sdk==2.75.0",), "{python} sentry.py"),
    *((f"faulthandler/strangers_{how}@{python}", python, (), f"{{python}} dying.py {how}")
        for how, python in (("usr1", "3.12"), ("stack", "3.11"), ("init", "3.12"), ("init", "3.7"), ("encoding", "3.12"), ("later", "3.13"),
            ("fpe", "3.10"), ("fatal", "3.9"), ("fatal", "3.13"))),
)  # fmt: skip


def _printers() -> Iterator[Sample]:
    for name, python, packages, command in _PRINTERS:
        yield Sample(name=name, project="strangers", python=python, packages=packages, command=command)


_ANSIBLE = ("ansible-core==2.18.6",)
_QUOTED = (
    # name, python, packages, command
    ("wrapped/quoted_ansible@2.18.6", "3.12", (*_ANSIBLE, "pytest==8.3.4"),
        "{bin}/ansible-playbook -e python={python} -e runner='pytest -p no:cacheprovider test_shop.py' play.yml 2>/dev/null"),
    ("wrapped/quoted_ansible_yaml@2.18.6", "3.12", (*_ANSIBLE, "pytest==8.3.4"),
        "ANSIBLE_CALLBACK_RESULT_FORMAT=yaml {bin}/ansible-playbook -e python={python} -e runner='pytest -p no:cacheprovider --tb=short test_shop.py' play.yml 2>/dev/null"),
    ("wrapped/quoted_ansible_verbose@2.18.6", "3.12", (*_ANSIBLE, "pytest==8.3.4"),
        "ANSIBLE_NOCOLOR=1 {bin}/ansible-playbook -v -e python={python} -e runner='unittest -v test_unit' play.yml 2>/dev/null"),
    *((f"wrapped/quoted_{how}@9.2", "3.13", (_NEW,), f"{{python}} records.py {how} {{python}} -m pytest -p no:cacheprovider test_shop.py")
        for how in ("one", "python", "bytes", "raised", "list", "indented", "events", "yaml")),
    ("wrapped/quoted_unit@3.12", "3.12", (), "{python} records.py one {python} -m unittest test_unit"),
)  # fmt: skip


def _quoted() -> Iterator[Sample]:
    for name, python, packages, command in _QUOTED:
        yield Sample(name=name, project="quoting", python=python, packages=packages, command=command)


_FRINGE = (
    # name, python, packages, command
    ("pytest/fringe_sure@2.0.1", "3.10", ("sure==2.0.1", "pytest==8.3.4"), "{python} -m pytest -p no:cacheprovider test_sure.py"),
    ("unittest/fringe_ward@0.68.0b0", "3.11", ("ward==0.68.0b0",), "{bin}/ward --path test_ward.py"),
    ("unittest/fringe_ward@0.64.0b0", "3.9", ("ward==0.64.0b0", "setuptools<80"), "{bin}/ward --path test_ward.py --progress-style none"),
    ("unittest/fringe_mamba@0.11.3", "3.11", ("mamba==0.11.3", "expects==0.9.0"), "{bin}/mamba --format documentation specs"),
    ("unittest/fringe_absl@2.5.1", "3.12", ("absl-py==2.5.1",), "{python} test_absl.py"),
    ("unittest/fringe_absl@1.4.0", "3.8", ("absl-py==1.4.0",), "{python} test_absl.py"),
    ("unittest/fringe_xmlrunner@4.0.0", "3.12", ("unittest-xml-reporting==4.0.0",), "{python} run_xml.py"),
    ("unittest/fringe_buffered@3.13", "3.13", (), "{python} -m unittest -v -b --durations 2 test_desk"),
    ("unittest/fringe_coloured@3.13", "3.13", (), "FORCE_COLOR=1 {python} -m unittest test_desk"),
    ("unittest/fringe_green@4.0.2", "3.12", ("green==4.0.2",), "{bin}/green -vvv test_desk"),
    ("unittest/fringe_nose2@0.16.0", "3.13", ("nose2==0.16.0",), "{python} -m nose2 -v --pretty-assert test_desk"),
    ("unittest/fringe_testslide@2.7.1", "3.9", ("testslide==2.7.1",), "{bin}/testslide test_slide.py"),
    ("behave/fringe_radish@0.18.4", "3.12", ("radish-bdd==0.18.4", "setuptools<80"), "PYTHONPATH=. {bin}/radish -b radishes/steps radishes --no-ansi --with-traceback"),
    ("trial/fringe_trial@26.10.0", "3.13", ("twisted==26.10.0",), "{python} -m twisted.trial test_trials"),
    ("trial/fringe_workers@24.11.0", "3.12", ("twisted==24.11.0",), "{python} -m twisted.trial -j2 --reporter=verbose test_trials"),
    ("logging/fringe_scrapy@2.19.0", "3.12", ("scrapy==2.19.0",), "{python} spider.py"),
    ("workers/fringe_luigi@3.8.1", "3.12", ("luigi==3.8.1",), "{python} flow_luigi.py"),
    ("workers/fringe_locust@2.47.0", "3.12", ("locust==2.47.0",), "{bin}/locust --headless -u 1 -r 1 -t 2s --exit-code-on-error 1"),
    ("workers/fringe_huey@3.5.4", "3.12", ("huey==3.5.4",), "{python} use_huey.py"),
    ("workers/fringe_dramatiq@2.2.1", "3.12", ("dramatiq==2.2.1",), "{python} use_dramatiq.py"),
    ("workers/fringe_snakemake@9.27.1", "3.12", ("snakemake==9.27.1",), "{bin}/snakemake -c1"),
)  # fmt: skip


def _fringe() -> Iterator[Sample]:
    for name, python, packages, command in _FRINGE:
        yield Sample(name=name, project="fringe", python=python, packages=packages, command=command)


_COLOURED = (
    # name, python, packages, command
    ("pytest/hues_pytest@9.2", "3.13", (_NEW, "trio==0.35.0"), "FORCE_COLOR=1 {python} -m pytest -p no:cacheprovider --tb=native test_hues.py"),
    ("unittest/hues_unittest@3.13", "3.13", (), "PYTHON_COLORS=1 {python} -m unittest -v test_hues"),
    ("unittest/hues_nose2@0.16.0", "3.13", ("nose2==0.16.0",), "FORCE_COLOR=1 {python} -m nose2 test_hues"),
    ("doctest/hues@3.13", "3.13", (), "FORCE_COLOR=1 {python} -m doctest hues.py"),
    ("logging/hues@3.13", "3.13", (), "FORCE_COLOR=1 {python} -X dev hues.py log"),
    ("workers/hues_pool@3.13", "3.13", (), "FORCE_COLOR=1 {python} hues.py pool"),
    ("workers/hues_thread@3.13", "3.13", (), "FORCE_COLOR=1 {python} hues.py thread"),
    ("cpython/hues_group@3.13", "3.13", (), "FORCE_COLOR=1 {python} hues.py group"),
    ("cpython/hues_syntax@3.13", "3.13", (), "FORCE_COLOR=1 {python} hues.py syntax"),
    ("cpython/hues_name@3.13", "3.13", (), "FORCE_COLOR=1 {python} hues.py name"),
    ("cpython/hues_shadow@3.13", "3.13", (), "{python} shadows/random.py"),
)  # fmt: skip


def _coloured() -> Iterator[Sample]:
    for name, python, packages, command in _COLOURED:
        yield Sample(name=name, project="hues", python=python, packages=packages, command=command)


_TRADES = (
    # name, python, packages, command
    ("build/trades_maturin@1.9.4", "3.12", ("build==1.3.0", "maturin==1.9.4"), "{python} -m build -n -w rusty"),
    ("pip/trades_rust@25.3", "3.12", ("pip==25.3",), "{python} -m pip install ./rusted"),
    ("pip/trades_pybind@25.3", "3.12", ("pip==25.3",), "{python} -m pip install ./pyb"),
    ("build/trades_cffi@2.1.1", "3.12", ("cffi==2.1.1", "setuptools==80.9.0"), "cd clib && {python} build_clib.py"),
    ("build/trades_cdef@1.17.1", "3.12", ("cffi==1.17.1",), "cd clib && {python} cdef.py"),
    ("cpython/trades_pyinstaller@6.16.0", "3.12", ("pyinstaller==6.16.0",), "{bin}/pyinstaller --log-level ERROR --onefile packed/app.py; dist/app"),
    ("cpython/trades_zipapp@3.12", "3.12", (), "{python} -m zipapp packed -o shop.pyz; {python} shop.pyz"),
    ("sphinx/trades_mkdocs@1.6.1", "3.12", ("mkdocs==1.6.1",), "cd site && {bin}/mkdocs build --strict"),
    ("sphinx/trades_autodoc@7.4.7", "3.12", ("sphinx==7.4.7",), "{python} -m sphinx -W -N conf_old out"),
    ("sphinx/trades_autodoc@3.5.4", "3.8", ("sphinx==3.5.4", "jinja2<3.1", "sphinxcontrib-applehelp<1.0.5", "sphinxcontrib-devhelp<1.0.3", "sphinxcontrib-htmlhelp<2.0.2",
        "sphinxcontrib-qthelp<1.0.4", "sphinxcontrib-serializinghtml<1.1.6", "alabaster<0.7.14", "setuptools<80"), "{python} -m sphinx -W --keep-going -N conf_old out"),
    ("django/trades_check@5.2", "3.12", ("django==5.2.8",), "cd manage && {python} manage.py makemigrations"),
    ("django/trades_settings@4.2", "3.9", ("django==4.2.26",), "cd manage && SETTINGS=desk.nothing {python} manage.py migrate"),
    ("workers/trades_rq@2.6.0", "3.12", ("rq==2.6.0", "fakeredis==2.32.1"), "{python} use_rq.py"),
    ("cpython/trades_marimo@0.17.8", "3.12", ("marimo==0.17.8",), "{python} note_app.py"),
    ("rich/trades_streamlit@1.51.0", "3.12", ("streamlit==1.51.0",), "{python} -c 'from streamlit.testing.v1 import AppTest; AppTest.from_file(\"stream_app.py\").run()'; exit 1"),
    ("logging/trades_daphne@4.2.1", "3.12", ("daphne==4.2.1",), "{bin}/daphne asgi_broken:application"),
    ("pip/trades_ages@9.0.3", "3.6", ("pip==9.0.3",), "{python} -m pip install 'shop-of-nowhere-2026==1.0' --no-index"),
    ("pip/trades_ages@21.0.1", "3.8", ("pip==21.0.1",), "{python} -m pip install 'shop-of-nowhere-2026==1.0' --no-index"),
    ("uv/trades_script@0.9.11", "3.13", ("uv==0.9.11",), "{bin}/uv run --python {python} --no-project packed/app.py"),
)  # fmt: skip


def _trades() -> Iterator[Sample]:
    for name, python, packages, command in _TRADES:
        yield Sample(name=name, project="trades", python=python, packages=packages, command=command)


_OPTIONS = (
    # scenario, version, arguments
    ("log_cli", "9.2", "-o log_cli=true -o log_cli_level=INFO --tb=short test_talks.py"),
    ("times", "9.2", "-o console_output_style=times --durations 3 -vv test_talks.py"),
    ("uncaptured", "9.2", "-s -v test_talks.py"),
    ("uncaptured_quiet", "8.3", "-s -q --tb=line test_talks.py"),
    ("setup_show", "8.3", "--setup-show test_shop.py"),
    ("pdb", "8.3", "--pdb test_shop.py < /dev/null"),
    ("maxfail", "7.4", "--maxfail 2 --tb=short -rA test_talks.py"),
    ("plain_assert", "7.4", "--assert=plain --showlocals test_talks.py -W error::DeprecationWarning"),
    ("no_header", "8.3", "--no-header --no-summary -q test_shop.py"),
    ("step", "9.2", "--sw --tb=native test_talks.py"),
    ("width", "9.2", "--tb=short --showlocals -p no:logging test_shop.py"),
    ("bad_ini", "9.2", "bad_ini"),
    ("bad_version", "8.3", "bad_conf"),
    ("bad_mark", "9.2", "--strict-markers bad_mark"),
    ("exits", "8.3", "exits"),
    ("interrupts", "9.2", "interrupts"),
    ("hooked", "9.2", "hooked"),
    ("hooked", "6.2", "hooked"),
    ("deep", "9.2", "deep"),
    ("collects", "9.2", "collects"),
    ("collects_on", "7.4", "--continue-on-collection-errors --tb=short -v collects"),
    ("collects_workers", "9.2", "-n 2 collects"),
    ("narrow", "8.3", "--tb=auto test_talks.py"),
)
_OPTION_PYTESTS = {
    "9.2": ("3.13", (_NEW, "pytest-xdist==3.8.0")),
    "8.3": ("3.12", ("pytest==8.3.4",)),
    "7.4": ("3.11", ("pytest==7.4.4",)),
    "6.2": ("3.8", ("pytest==6.2.5",)),
}


def _optional() -> Iterator[Sample]:
    for scenario, version, arguments in _OPTIONS:
        python, packages = _OPTION_PYTESTS[version]
        yield Sample(
            name=f"pytest/options_{scenario}@{version}",
            project="options",
            python=python,
            packages=packages,
            env={"COLUMNS": "50"} if scenario == "narrow" else {"COLUMNS": "180"} if scenario == "width" else {},
            command=f"{{python}} -m pytest -p no:cacheprovider {arguments}".replace("-p no:cacheprovider --sw", "--sw"),
        )


_WAYS = (
    "act airflow ant autopkgtest heroku logcat logfmt loki maven nix page padded swarm tekton vagrant "
    "docker_json+logfmt docker_json+nix actions+ansible zuul+ansible docker_json+tekton"
)


def _wrapped() -> Iterator[Sample]:
    for ways in _WAYS.split():
        yield Sample(
            name=f"wrapped/ways_{ways.replace('+', '_')}@9.2",
            project="wrapped",
            python="3.13",
            packages=(_NEW,),
            command=f"( {{python}} -m pytest -p no:cacheprovider test_wrapped.py; {{python}} run.py ) 2>&1 | {{python}} wrap.py {ways.replace('+', ' ')}",
        )
