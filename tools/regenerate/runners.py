"""What unittest and its relatives print, and what Behave, Robot and doctest print."""

from __future__ import annotations

from collections.abc import Iterator

from tools.regenerate.sample import Sample

_UNITTEST = ("2.7", "3.6", "3.8", "3.11", "3.12", "3.13")


def samples() -> Iterator[Sample]:
    """Runners by version."""
    for version in _UNITTEST:
        for scenario, module in (("suite", "tests.test_unit"), ("broken_import", "tests.test_broken")):
            yield Sample(
                name=f"unittest/{scenario}@{version}",
                project="unit",
                python=version,
                command=f"{{python}} -m unittest {'-v ' if version == '3.11' else ''}{module}",
            )
    for version in ("3.6", "3.12", "3.13"):
        yield Sample(name=f"unittest/sub@{version}", project="unit", python=version, command="{python} -m unittest sub")
    yield Sample(
        name="unittest/buffered@3.12", project="unit", python="3.12", command="{python} -m unittest -b buffered"
    )
    yield Sample(name="unittest/discover@3.12", project="unit", python="3.12", command="{python} -m unittest discover")
    for version, python in (("0.9.2", "3.8"), ("0.15.1", "3.12")):
        yield Sample(
            name=f"unittest/nose2@{version}",
            project="unit",
            python=python,
            packages=(f"nose2=={version}",),
            command="{python} -m nose2 tests.test_unit",
        )
    yield Sample(
        name="unittest/testtools@2.7.2",
        project="unit",
        packages=("testtools==2.7.2",),
        command="{python} -m testtools.run tt",
    )
    yield from _stestr()
    yield from _doctests()
    for version, python in (("21.7.0", "3.8"), ("24.11.0", "3.12")):
        yield Sample(
            name=f"trial/trial@{version}",
            project="trial",
            python=python,
            packages=(f"twisted=={version}",),
            command="{python} -m twisted.trial test_trial",
        )
    for version, python in (("2.2.28", "3.8"), ("4.2.17", "3.11"), ("5.1.4", "3.12")):
        yield Sample(
            name=f"django/suite@{version}",
            project="django_app",
            python=python,
            packages=(f"django=={version}",),
            command="{python} manage.py test",
        )
    for version, python in (("1.2.6", "3.9"), ("1.3.3", "3.12")):
        yield Sample(
            name=f"behave/shop@{version}",
            project="behaving",
            python=python,
            packages=(f"behave=={version}", "setuptools<80"),
            command="{bin}/behave --no-color",
        )
    yield Sample(
        name="robot/shop@7.1",
        project="robots",
        packages=("robotframework==7.1.1",),
        command="{bin}/robot --loglevel DEBUG --consolewidth 78 shop.robot; grep -o 'Traceback.*' output.xml | head -3",
    )


def _stestr() -> Iterator[Sample]:
    for version, python in (("4.2.1", "3.12"),):
        packages = (f"stestr=={version}", "setuptools<80", "python-subunit==1.4.4")
        run = "{bin}/stestr run --serial"
        yield Sample(name=f"stestr/run@{version}", project="unit", python=python, packages=packages, command=run)
        yield Sample(
            name=f"stestr/last@{version}",
            project="unit",
            python=python,
            packages=packages,
            command=run + " > /dev/null; {bin}/stestr last",
        )
        yield Sample(
            name=f"artifacts/stestr@{version}",
            project="unit",
            python=python,
            packages=packages,
            command=run + " > /dev/null; {bin}/stestr last --subunit > out.subunit",
            keep="out.subunit",
            ending="subunit",
            neutral=False,
        )
        yield Sample(
            name=f"artifacts/subunit1@{version}",
            project="unit",
            python=python,
            packages=packages,
            command=run + " > /dev/null; {bin}/stestr last --subunit | {bin}/subunit-2to1 > out.subunit",
            keep="out.subunit",
            ending="subunit1",
            neutral=False,
        )
        yield Sample(
            name=f"artifacts/junit_stestr@{version}",
            project="unit",
            python=python,
            packages=(*packages, "junitxml==0.7"),
            command=run + " > /dev/null; {bin}/stestr last --subunit | {bin}/subunit2junitxml > out.xml",
            keep="out.xml",
            ending="xml",
        )
    yield Sample(
        name="stestr/details@4.2.1",
        project="unit",
        python="3.12",
        packages=("stestr==4.2.1", "setuptools<80", "python-subunit==1.4.4", "testtools==2.7.2"),
        command="{bin}/stestr --test-path . run --serial tt",
    )
    yield Sample(
        name="artifacts/junit_xmlrunner@3.2",
        project="unit",
        python="3.12",
        packages=("unittest-xml-reporting==3.2.0",),
        command="{python} -m xmlrunner tests.test_unit --output-file out.xml",
        keep="out.xml",
        ending="xml",
    )
    yield Sample(
        name="artifacts/junit_nose2@0.15",
        project="unit",
        python="3.12",
        packages=("nose2==0.15.1",),
        command="{python} -m nose2 --plugin nose2.plugins.junitxml --junit-xml tests.test_unit",
        keep="nose2-junit.xml",
        ending="xml",
    )


def _doctests() -> Iterator[Sample]:
    for version in ("2.7", "3.8", "3.13"):
        yield Sample(
            name=f"doctest/module@{version}",
            project="unit",
            python=version,
            command="{python} -m doctest doctested.py",
        )
    yield Sample(
        name="doctest/pytest@8.3",
        project="unit",
        python="3.12",
        packages=("pytest==8.3.4",),
        command="{python} -m pytest -p no:cacheprovider --doctest-modules doctested.py",
    )
    yield Sample(
        name="hypothesis/unittest@6.148.0",
        project="hypotheses",
        packages=("hypothesis==6.148.0", "pytest==9.0.1"),
        command="{python} -m pytest -p no:cacheprovider --tb=short test_hypothesis.py -k small",
    )
