"""What runners print in less usual circumstances: odd ids, odd messages, options, plug-ins, wrappers."""

from __future__ import annotations

from collections.abc import Iterator

from tools.regenerate.sample import Sample

_PYTESTS = {
    "3.10": ("3.6", ("pytest==3.10.1",)),
    "5.0": ("3.7", ("pytest==5.0.1",)),
    "6.0": ("3.8", ("pytest==6.0.2",)),
    "7.0": ("3.9", ("pytest==7.0.1",)),
    "8.0": ("3.11", ("pytest==8.0.2",)),
    "9.2": ("3.13", ("pytest==9.2.0",)),
}
_UNUSUAL = {
    "auto": ("-rA", ("3.10", "6.0", "8.0", "9.2")),
    "locals": ("--tb=long --showlocals -vv", ("5.0", "7.0", "9.2")),
    "short": ("--tb=short -ra", ("3.10", "7.0", "9.2")),
    "native": ("--tb=native -v", ("6.0", "9.2")),
    "uncaptured": ("-s --tb=auto -k 'not pretends'", ("8.0",)),
    "full": ("--full-trace --tb=short -k 'three or deep or Class'", ("9.2",)),
    "line": ("--tb=line -q -rf", ("5.0", "9.2")),
    "coloured": ("--color=yes -v --code-highlight=yes", ("9.2",)),
}


def samples() -> Iterator[Sample]:
    """By runner."""
    for style, (options, versions) in _UNUSUAL.items():
        for version in versions:
            python, packages = _PYTESTS[version]
            yield Sample(
                name=f"pytest/unusual_{style}@{version}",
                project="unusual",
                python=python,
                packages=packages,
                command=f"{{python}} -m pytest -p no:cacheprovider {options}",
            )
    yield from _plugged()
    yield from _runners()
    yield from _printers()
    yield from _wrapped()
    yield from _makers()
    yield from _cut()
    yield from _services()
    yield from _mixed()


_NEW = "pytest==9.2.0"
_PLUGGED = (
    # scenario, version, python, packages, command after `python -m pytest`
    ("reruns", "16.7", "3.13", (_NEW, "pytest-rerunfailures==16.7"), "--reruns 2 -v -rR test_flaky.py"),
    ("reruns", "10.3", "3.8", ("pytest==6.2.5", "pytest-rerunfailures==10.3"), "--reruns 1 test_flaky.py"),
    ("timeout_signal", "2.4.0", "3.13", (_NEW, "pytest-timeout==2.4.0"), "--timeout 1 --timeout-method signal test_slow.py"),
    ("timeout_thread", "2.4.0", "3.13", (_NEW, "pytest-timeout==2.4.0"), "--timeout 1 --timeout-method thread -v test_slow.py"),
    ("timeout_thread", "2.1.0", "3.8", ("pytest==6.2.5", "pytest-timeout==2.1.0"), "--timeout 1 --timeout-method thread test_slow.py"),
    ("timeout_xdist", "2.4.0", "3.13", (_NEW, "pytest-timeout==2.4.0", "pytest-xdist==3.8.0"),
        "--timeout 1 --timeout-method thread -n 2 test_slow.py"),
    ("faulthandler_timeout", "9.2", "3.13", (_NEW,), "-o faulthandler_timeout=1 -x test_slow.py --deselect test_slow.py::test_after & sleep 4; kill $!; wait"),
    ("async", "1.5.0", "3.13", (_NEW, "pytest-asyncio==1.5.0"),
        "-o asyncio_mode=auto -o asyncio_default_fixture_loop_scope=function -W error test_async.py"),
    ("strict_config", "1.5.0", "3.13", (_NEW, "pytest-asyncio==1.5.0"), "-W error test_async.py"),
    ("async", "0.18.3", "3.11", ("pytest==7.0.1", "pytest-asyncio==0.18.3"), "-o asyncio_mode=auto --asyncio-mode auto test_async.py"),
    ("async_missing", "9.2", "3.13", (_NEW,), "test_async.py -W ignore"),
    ("sugar", "1.1.1", "3.13", (_NEW, "pytest-sugar"), "test_flaky.py test_plain.py"),
    ("pretty", "1.3.0", "3.13", (_NEW, "pytest-pretty"), "test_flaky.py test_plain.py"),
    ("instafail", "0.5.0", "3.13", (_NEW, "pytest-instafail==0.5.0"), "--instafail test_flaky.py test_plain.py"),
    ("forked", "1.6.0", "3.11", ("pytest==8.0.2", "pytest-forked==1.6.0"), "--forked test_dies.py"),
    ("worker_restart", "3.8.0", "3.13", (_NEW, "pytest-xdist==3.8.0"), "-n 2 --max-worker-restart=0 test_dies.py"),
    ("workers_verbose", "3.8.0", "3.13", (_NEW, "pytest-xdist==3.8.0"), "-n 2 -v test_dies.py test_flaky.py"),
    ("bdd", "9.0.1", "3.13", (_NEW, "pytest-bdd==9.0.1"), "test_bdd.py --gherkin-terminal-reporter -v"),
    ("doctested", "9.2", "3.13", (_NEW,), "--doctest-modules shop test_plain.py"),
    ("own_items", "9.2", "3.13", (_NEW,), "-p sheets a.book b.torn --continue-on-collection-errors"),
    ("plain", "5.0", "3.7", ("pytest==5.0.1",), "test_plain.py"),
    ("exits", "9.2", "3.13", (_NEW,), "test_exits.py"),
    ("stops", "7.0", "3.9", ("pytest==7.0.1",), "-x test_flaky.py"),
    ("no_option", "9.2", "3.13", (_NEW,), "--cov=shop test_flaky.py"),
    ("no_file", "9.2", "3.13", (_NEW,), "test_absent.py"),
    ("no_plugin", "9.2", "3.13", (_NEW,), "-p absent_plugin"),
    ("broken_plugin", "9.2", "3.13", (_NEW,), "-p breaks test_flaky.py"),
)  # fmt: skip


def _plugged() -> Iterator[Sample]:
    for scenario, version, python, packages, arguments in _PLUGGED:
        yield Sample(
            name=f"pytest/plugged_{scenario}@{version}",
            project="plugged",
            python=python,
            packages=packages,
            command=f"{{python}} -m pytest -p no:cacheprovider {arguments}",
        )


_RUNNERS = (
    # name, python, packages, command
    ("unittest/runners_plain@2.7", "2.7", (), "{python} -m unittest -v test_desk test_gone"),
    ("unittest/runners_plain@3.7", "3.7", (), "{python} -m unittest test_desk test_gone"),
    ("unittest/runners_plain@3.13", "3.13", (), "{python} -m unittest --durations 3 -v test_desk test_gone"),
    ("unittest/runners_buffered@3.11", "3.11", (), "{python} -m unittest -b -v test_desk"),
    ("unittest/runners_failfast@3.12", "3.12", (), "{python} -m unittest -f test_desk"),
    ("unittest/runners_locals@3.10", "3.10", (), "{python} -m unittest --locals test_desk"),
    ("unittest/runners_absent@3.12", "3.12", (), "{python} -m unittest test_absent"),
    ("unittest/runners_nose@1.3.7", "3.6", ("nose==1.3.7",), "{bin}/nosetests -v test_noses.py test_desk.py"),
    ("unittest/runners_nose_nologs@1.3.7", "2.7", ("nose==1.3.7",), "{bin}/nosetests --nologcapture -s test_noses.py"),
    ("unittest/runners_nose2@0.15.1", "3.12", ("nose2==0.15.1",), "{python} -m nose2 -v --log-capture test_desk test_gone"),
    ("unittest/runners_green@4.0.2", "3.11", ("green==4.0.2",), "{bin}/green -vv test_desk.py"),
    ("unittest/runners_green@3.3.0", "3.8", ("green==3.3.0", "setuptools<80"), "{bin}/green -s 2 test_desk.py"),
    ("unittest/runners_zope@6.6", "3.12", ("zope.testrunner==6.6", "setuptools<80"), "{bin}/zope-testrunner --path . -s zoped -vv"),
    ("unittest/runners_zope@4.9.2", "3.7", ("zope.testrunner==4.9.2",), "{bin}/zope-testrunner --path . -s zoped"),
    ("unittest/runners_testtools@2.5.0", "3.9", ("testtools==2.5.0",), "{python} -m testtools.run test_tools"),
    ("stestr/runners_parallel@4.2.1", "3.12", ("stestr==4.2.1", "python-subunit==1.4.4", "testtools==2.7.2", "setuptools<80"),
        "{bin}/stestr --test-path desks --top-dir . run --concurrency 2 test_desk"),
    ("stestr/runners_tools@3.2.1", "3.9", ("stestr==3.2.1", "python-subunit==1.4.2", "testtools==2.5.0", "setuptools<60"),
        "{bin}/stestr --test-path desks --top-dir . run --concurrency 1 --no-subunit-trace test_tools; {bin}/stestr last"),
    ("stestr/runners_gone@4.2.1", "3.12", ("stestr==4.2.1", "python-subunit==1.4.4", "setuptools<80"),
        "{bin}/stestr --test-path . --top-dir . run 'test_(desk|gone)'"),
    ("stestr/runners_subunit@1.4.4", "3.12", ("python-subunit==1.4.4", "testtools==2.7.2", "setuptools<80"),
        "{python} -m subunit.run test_tools | {bin}/subunit2pyunit --no-passthrough"),
    ("trial/runners_trial@24.11.0", "3.12", ("twisted==24.11.0",), "{python} -m twisted.trial -j2 test_trial"),
    ("trial/runners_trial@20.3.0", "3.7", ("twisted==20.3.0",), "{python} -m twisted.trial --reporter=text test_trial"),
    ("trial/runners_bw@22.10.0", "3.9", ("twisted==22.10.0", "setuptools<80"), "{python} -m twisted.trial --reporter=bwverbose test_trial"),
)  # fmt: skip


def _runners() -> Iterator[Sample]:
    for name, python, packages, command in _RUNNERS:
        yield Sample(name=name, project="runners", python=python, packages=packages, command=command)


_PRINTERS = (
    # name, python, packages, command
    ("loguru/printers@0.7.3", "3.12", ("loguru==0.7.3",), "{python} with_loguru.py"),
    ("loguru/printers_coloured@0.6.0", "3.9", ("loguru==0.6.0",), "{python} with_loguru.py colour"),
    ("structlog/printers@25.5.0", "3.13", ("structlog==25.5.0", "rich==14.2.0"), "{python} with_structlog.py"),
    ("structlog/printers_better@21.5.0", "3.8", ("structlog==21.5.0", "better_exceptions==0.3.3"), "{python} with_structlog.py"),
    ("rich/printers_locals@14.2.0", "3.13", ("rich==14.2.0",), "{python} with_rich_locals.py 70"),
    ("rich/printers_wide@12.6.0", "3.7", ("rich==12.6.0",), "{python} with_rich_locals.py 160"),
    ("rich/printers_coloured@14.2.0", "3.12", ("rich==14.2.0",), "{python} with_rich_locals.py 100 colour"),
    ("rich/printers_typer@0.20.0", "3.12", ("typer==0.20.0", "rich==14.2.0"), "{python} with_typer.py coffee"),
    ("rich/printers_usage@0.20.0", "3.12", ("typer==0.20.0", "rich==14.2.0"), "{python} with_typer.py coffee --count x"),
    ("cpython/printers_better@0.3.3", "3.11", ("better_exceptions==0.3.3",), "{python} with_better_exceptions.py"),
    ("cpython/printers_friendly@0.7.61", "3.11", ("friendly-traceback==0.7.61",), "{python} with_friendly.py"),
    ("ipython/printers_verbose@9.1.0", "3.12", ("ipython==9.1.0",), "{python} with_ultratb.py Verbose"),
    ("ipython/printers_context@8.18.1", "3.9", ("ipython==8.18.1",), "{python} with_ultratb.py Context old"),
    ("cpython/printers_cgitb@3.8", "3.8", (), "{python} with_cgitb.py"),
    ("cpython/printers_pdb@3.12", "3.12", (), "{python} -m pdb -c continue with_pdb.py < /dev/null"),
    ("cpython/printers_dev@3.12", "3.12", (), "{python} -X dev with_dev.py"),
    ("cpython/printers_trace@3.11", "3.11", (), "{python} -m trace --trace with_pdb.py"),
    ("cpython/printers_module@3.10", "3.10", (), "{python} -m with_pdb"),
    ("cpython/printers_command@3.13", "3.13", (), "{python} -c 'import shop; shop.total([\"coffee\"])'"),
    ("cpython/printers_stdin@3.9", "3.9", (), "{python} < with_pdb.py"),
    ("cpython/printers_warning@3.12", "3.12", (), "{python} -W error with_warnings.py"),
    ("cpython/printers_groups@3.12", "3.12", (), "{python} with_nested_groups.py"),
    ("cpython/printers_long@3.7", "3.7", (), "{python} with_long.py"),
    ("cpython/printers_argparse@3.12", "3.12", (), "{python} with_fire_argparse.py --count x"),
    ("cpython/printers_click@8.3.0", "3.12", ("click==8.3.0",), "{python} with_click.py --count x"),
    ("workers/printers_futures@3.12", "3.12", (), "{python} with_futures.py"),
    ("workers/printers_joblib@1.5.2", "3.12", ("joblib==1.5.2",), "{python} with_joblib.py"),
    ("workers/printers_dask@2025.11.0", "3.12", ("dask==2025.11.0",), "{python} with_dask.py"),
    ("workers/printers_distributed@2025.11.0", "3.12", ("distributed==2025.11.0",), "{python} with_dask.py distributed"),
    ("workers/printers_tblib@3.2.2", "3.12", ("tblib==3.2.2",), "{python} with_tblib.py"),
)  # fmt: skip


def _printers() -> Iterator[Sample]:
    for name, python, packages, command in _PRINTERS:
        yield Sample(name=name, project="printers", python=python, packages=packages, command=command)


_WAYS = (
    "actions actions_run zuul gitlab jenkins jenkins_elapsed azure buildkite compose compose_plain kubectl kubernetes journald"
    " docker_build docker_json circle ts make npm bazel travis teamcity ansible cirrus concourse drone earthly"
)


def _wrapped() -> Iterator[Sample]:
    for way in _WAYS.split():
        yield Sample(
            name=f"wrapped/{way}@9.2",
            project="wrapped",
            python="3.13",
            packages=(_NEW,),
            command=f"( {{python}} -m pytest -p no:cacheprovider test_wrapped.py; {{python}} run.py ) 2>&1 | {{python}} wrap.py {way}",
        )


_PIP = "{python} -m pip install"
_MAKERS = (
    # name, python, packages, command
    ("pip/makers_deep@26.0", "3.13", ("pip==26.0",), f"{_PIP} ./bad_setup_deep"),
    ("pip/makers_deep@18.1", "3.6", ("pip==18.1", "setuptools==40.8", "wheel==0.33"), f"{_PIP} ./bad_setup_deep"),
    ("pip/makers_deep@19.3.1", "3.7", ("pip==19.3.1", "setuptools==41.6", "wheel==0.33"), f"{_PIP} -v ./bad_setup_deep"),
    ("pip/makers_toml@25.3", "3.12", ("pip==25.3",), f"{_PIP} ./bad_toml"),
    ("pip/makers_hatch@25.3", "3.12", ("pip==25.3",), f"{_PIP} ./bad_hatch"),
    ("pip/makers_poetry@25.3", "3.12", ("pip==25.3",), f"{_PIP} ./bad_poetry"),
    ("pip/makers_flit@25.3", "3.12", ("pip==25.3",), f"{_PIP} ./bad_flit"),
    ("pip/makers_pdm@25.3", "3.12", ("pip==25.3",), f"{_PIP} ./bad_pdm"),
    ("pip/makers_meson@25.3", "3.12", ("pip==25.3",), f"{_PIP} ./bad_meson"),
    ("pip/makers_scikit@25.3", "3.12", ("pip==25.3",), f"{_PIP} ./bad_scikit"),
    ("pip/makers_cython@24.0", "3.11", ("pip==24.0",), f"{_PIP} ./bad_cython"),
    ("pip/makers_missing@26.0", "3.13", ("pip==26.0",), f"{_PIP} ./needs_missing"),
    ("pip/makers_python@26.0", "3.13", ("pip==26.0",), f"{_PIP} ./needs_python"),
    ("pip/makers_conflict@26.0", "3.13", ("pip==26.0",), f"{_PIP} -r conflicts/requirements.txt"),
    ("pip/makers_conflict@20.2.4", "3.8", ("pip==20.2.4",), f"{_PIP} -r conflicts/requirements.txt; {{python}} -m pip check"),
    ("uv/makers_deep@0.9.11", "3.13", ("uv==0.9.11",), "{bin}/uv pip install --python {python} ./bad_setup_deep"),
    ("uv/makers_sync@0.9.11", "3.13", ("uv==0.9.11",), "cd conflicts && {bin}/uv sync --python {python}"),
    ("uv/makers_run@0.9.11", "3.13", ("uv==0.9.11",), "cd bad_hatch && {bin}/uv run --python {python} python -c 1"),
    ("uv/makers_pdm@0.9.11", "3.13", ("uv==0.9.11",), "{bin}/uv pip install --python {python} ./bad_pdm"),
    ("uv/makers_build@0.9.11", "3.13", ("uv==0.9.11",), "{bin}/uv build --python {python} ./bad_setup_deep"),
    ("uv/makers_missing@0.9.11", "3.13", ("uv==0.9.11",), "{bin}/uv pip install --python {python} ./needs_missing"),
    ("build/makers_deep@1.3.0", "3.12", ("build==1.3.0",), "{python} -m build bad_setup_deep"),
    ("build/makers_meson@1.3.0", "3.12", ("build==1.3.0",), "{python} -m build -w bad_meson"),
    ("build/makers_hatch@1.16.1", "3.12", ("hatch==1.16.1",), "cd bad_hatch && {bin}/hatch build"),
    ("build/makers_poetry@2.2.1", "3.12", ("poetry==2.2.1",), "cd poetries && {bin}/poetry --no-ansi lock 2>&1 | sed 's/connect to [^ ]*/connect to index.example/'"),
    ("build/makers_pdm@2.26.1", "3.12", ("pdm==2.26.1",), "cd conflicts && {bin}/pdm lock"),
    ("build/makers_pdm_build@2.26.1", "3.12", ("pdm==2.26.1",), "cd bad_pdm && {bin}/pdm build"),
    ("tox/makers_deep@4.32.0", "3.12", ("tox==4.32.0",), "cd bad_setup_deep && {bin}/tox"),
    ("tox/makers_deep@3.28.0", "3.8", ("tox==3.28.0", "setuptools<80"), "cd bad_setup_deep && {bin}/tox"),
    ("tox/makers_nox@2025.11.12", "3.12", ("nox==2025.11.12",), "{bin}/nox"),
)  # fmt: skip


def _makers() -> Iterator[Sample]:
    for name, python, packages, command in _MAKERS:
        yield Sample(name=name, project="makers", python=python, packages=packages, command=command)


_CUT = (
    ("end", "9.2", "3.13", (_NEW,), "-v -k 'Outer or Class or links' | head -15; echo 'Killed'"),
    ("end_workers", "3.8.0", "3.13", (_NEW, "pytest-xdist==3.8.0"), "-v -n 1 -k 'Outer or Class or links' | head -26"),
    ("begin", "8.0", "3.11", ("pytest==8.0.2",), "--tb=short -k 'Outer or Class or links' | tail -n +13"),
)


def _cut() -> Iterator[Sample]:
    for scenario, version, python, packages, arguments in _CUT:
        yield Sample(
            name=f"pytest/cut_{scenario}@{version}",
            project="unusual",
            python=python,
            packages=packages,
            command=f"{{python}} -m pytest -p no:cacheprovider {arguments}",
        )


_SERVICES = (
    # name, python, packages, command
    ("logging/services_gunicorn@23.0", "3.12", ("gunicorn==23.0.0",), "bash ask.sh {bin}/gunicorn -b 127.0.0.1:8123 wsgi_app:app"),
    ("logging/services_gunicorn_boot@20.1", "3.9", ("gunicorn==20.1.0", "setuptools<80"), "{bin}/gunicorn -b 127.0.0.1:8123 boot_fails:app"),
    ("logging/services_uvicorn@0.38", "3.12", ("uvicorn==0.38.0",), "bash ask.sh {bin}/uvicorn --port 8123 asgi_app:app"),
    ("logging/services_uvicorn_boot@0.20", "3.9", ("uvicorn==0.20.0",), "{bin}/uvicorn --port 8123 boot_fails:app"),
    ("logging/services_hypercorn@0.18", "3.12", ("hypercorn==0.18.0",), "bash ask.sh {bin}/hypercorn -b 127.0.0.1:8123 asgi_app:app"),
    ("logging/services_waitress@3.0", "3.11", ("waitress==3.0.2",), "bash ask.sh {bin}/waitress-serve --listen 127.0.0.1:8123 wsgi_app:app"),
    ("logging/services_flask@3.1", "3.12", ("flask==3.1.2",), "bash ask.sh {bin}/flask --app flask_app run --port 8123"),
    ("logging/services_aiohttp@3.13", "3.12", ("aiohttp==3.13.2",), "bash ask.sh {python} aio_app.py"),
    ("workers/services_celery@5.5", "3.12", ("celery==5.5.3",), "{python} celery_app.py; exit 1"),
    ("workers/services_apscheduler@3.11", "3.12", ("apscheduler==3.11.1",), "{python} sched_app.py"),
    ("workers/services_anyio@4.11", "3.12", ("anyio==4.11.0",), "{python} anyio_fails.py"),
    ("ipython/services_nbconvert@7.16", "3.12", ("nbconvert==7.16.6", "ipykernel==6.30.1"), "{python} -m nbconvert --to notebook --execute notebook.ipynb"),
    ("ipython/services_papermill@2.6", "3.12", ("papermill==2.6.0", "ipykernel==6.30.1"), "{python} -m papermill --no-progress-bar notebook.ipynb out.ipynb"),
    ("ipython/services_nbval@0.11", "3.12", ("nbval==0.11.0", "pytest==8.3.4", "ipykernel==6.30.1"), "{python} -m pytest -p no:cacheprovider --nbval notebook.ipynb"),
    ("sphinx/services_mkdocs@1.6", "3.12", ("mkdocs==1.6.1",), "{bin}/mkdocs build"),
    ("sphinx/services_event@8.2", "3.12", ("sphinx==8.2.3",), "{python} -m sphinx -N -W sphinxed out"),
    ("sphinx/services_event@9.0", "3.13", ("sphinx==9.0.4",), "{python} -m sphinx -N sphinxed out"),
    ("sphinx/services_event@5.3", "3.9", ("sphinx==5.3.0",), "{python} -m sphinx -N -T sphinxed out"),
    ("sphinx/services_event_whole@8.2", "3.12", ("sphinx==8.2.3",), "{python} -m sphinx -N -T sphinxed out"),
    ("sphinx/services_no_config@8.2", "3.12", ("sphinx==8.2.3",), "{python} -m sphinx -N . out"),
    ("sphinx/services_no_theme@7.4", "3.11", ("sphinx==7.4.7",), "{python} -m sphinx -N -D html_theme=nowhere sphinxed out"),
    ("sphinx/services_version@4.5", "3.9", ("sphinx==4.5.0", "docutils<0.18", "alabaster<0.7.14", "sphinxcontrib-applehelp==1.0.8",
        "sphinxcontrib-devhelp==1.0.6", "sphinxcontrib-htmlhelp==2.0.5", "sphinxcontrib-qthelp==1.0.7",
        "sphinxcontrib-serializinghtml==1.1.10"), "{python} -m sphinx -N sphinxed out"),
    ("stestr/services_no_command@4.1", "3.11", ("stestr==4.1.0",), "{bin}/stestr rum"),
    ("build/services_refused@60.0", "3.9", ("setuptools==60.0.0",), "cd old_setup && {python} setup.py egg_info"),
    ("doctest/services_sphinx@8.2", "3.12", ("sphinx==8.2.3",), "{python} -m sphinx -N -b doctest doctested out; cat out/output.txt"),
    ("precommit/services_black@25.11", "3.12", ("black==25.11.0",), "{python} -m black --check bad_black.py"),
    ("cpython/services_sqlalchemy@2.0", "3.12", ("sqlalchemy==2.0.44",), "{python} alembic_env.py"),
    ("cpython/services_pandas@2.3", "3.12", ("pandas==2.3.3",), "{python} pandas_fails.py"),
    ("cpython/services_pydantic@2.12", "3.12", ("pydantic==2.12.4",), "{python} pydantic_fails.py"),
    ("cpython/services_jinja@3.1", "3.12", ("jinja2==3.1.6",), "{python} jinja_fails.py"),
    ("cpython/services_attrs@25.4", "3.12", ("attrs==25.4.0",), "{python} attrs_fails.py"),
    ("cpython/services_requests@2.32", "3.12", ("requests==2.32.5",), "no_proxy='*' {python} requests_fails.py"),
)  # fmt: skip


def _services() -> Iterator[Sample]:
    for name, python, packages, command in _SERVICES:
        yield Sample(name=name, project="services", python=python, packages=packages, command=command)


_MIXED = (
    # name, python, packages, command
    ("pytest/mixed_pytester@9.2", "3.13", (_NEW,), "COLUMNS=80 {python} -m pytest -p no:cacheprovider test_pytester.py"),
    ("pytest/mixed_pytester@7.0", "3.9", ("pytest==7.0.1",), "COLUMNS=80 {python} -m pytest -p no:cacheprovider --tb=short test_pytester.py"),
    ("hypothesis/mixed_stateful@6.148.0", "3.12", ("pytest==8.3.4", "hypothesis==6.148.0"), "{python} -m pytest -p no:cacheprovider test_stateful.py"),
    ("hypothesis/mixed_stateful@6.60.0", "3.8", ("pytest==7.4.4", "hypothesis==6.60.0"), "{python} -m pytest -p no:cacheprovider --tb=short test_stateful.py"),
    ("faulthandler/mixed_threads@3.12", "3.12", (), "{python} threads.py"),
    ("faulthandler/mixed_threads@3.7", "3.7", (), "{python} threads.py"),
    ("workers/mixed_two@3.12", "3.12", (), "bash two.sh {python}"),
    ("django/mixed_parallel@5.2", "3.12", ("django==5.2.8", "tblib==3.2.2"), "{python} manage.py test djangos --parallel 2 -v 2"),
    ("django/mixed_debug@4.2", "3.10", ("django==4.2.26",), "{python} manage.py test djangos --debug-mode --debug-sql --timing"),
    ("django/mixed_old@1.11", "3.6", ("django==1.11.29",), "{python} manage.py test djangos"),
    ("django/mixed_check@5.2", "3.12", ("django==5.2.8",), "BROKEN=check {python} manage.py check"),
    ("django/mixed_app@5.2", "3.12", ("django==5.2.8",), "BROKEN=app {python} manage.py migrate"),
    ("django/mixed_command@5.2", "3.12", ("django==5.2.8",), "{python} manage.py loaddata nothing"),
    ("tox/mixed_parallel@4.32.0", "3.12", ("tox==4.32.0",), "{bin}/tox -p all"),
    ("tox/mixed_refused@4.32.0", "3.12", ("tox==4.32.0",), "{bin}/tox -e b -x testenv.allowlist_externals= -x testenv.commands=make"),
    ("mypy/mixed_plugin@1.19.0", "3.13", ("mypy==1.19.0",), "{python} -m mypy --show-traceback code_here.py"),
    ("pylint/mixed_plugin@4.0.4", "3.13", ("pylint==4.0.4",), "PYTHONPATH=. {python} -m pylint --load-plugins plugin_pylint code_here.py"),
)  # fmt: skip


def _mixed() -> Iterator[Sample]:
    for name, python, packages, command in _MIXED:
        yield Sample(name=name, project="mixed", python=python, packages=packages, command=command)
