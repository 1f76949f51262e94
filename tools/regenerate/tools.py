"""What installers, build front-ends, linters and documentation builders print when they fail."""

from __future__ import annotations

from collections.abc import Iterator

from tools.regenerate.sample import Sample

_PIPS = (("20.3.4", "3.6"), ("21.3.1", "3.8"), ("23.0", "3.9"), ("24.3.1", "3.11"), ("25.3", "3.13"))


def samples() -> Iterator[Sample]:
    """Tools by version."""
    for version, python in _PIPS:
        packages = (f"pip=={version}", "setuptools<80", "wheel")
        pip = "{python} -m pip install --no-build-isolation"
        for scenario, command in (
            ("bad_setup", f"{pip} ./bad_setup"),
            ("bad_backend", f"{pip} ./bad_backend"),
            ("bad_c", f"{pip} ./bad_c"),
            ("conflict", "{python} -m pip install --dry-run -r conflict/requirements.txt"),
            ("nowhere", "{python} -m pip install --index-url http://127.0.0.1:9/simple --retries 0 absent"),
        ):
            if scenario == "conflict" and version == "20.3.4":
                continue
            text = command.replace("--dry-run", "--dry-run" if version >= "23" else "")
            yield Sample(
                name=f"pip/{scenario}@{version}", project="packaging", python=python, packages=packages, command=text
            )
    yield Sample(
        name="pip/isolated@24.3.1",
        project="packaging",
        packages=("pip==24.3.1",),
        command="{python} -m pip install ./bad_setup",
    )
    uv = ("uv==0.5.11", "setuptools<80", "wheel")
    for scenario, command in (
        ("bad_setup", "{bin}/uv pip install --python {python} ./bad_setup"),
        ("bad_backend", "{bin}/uv pip install --python {python} ./bad_backend"),
        ("bad_c", "{bin}/uv pip install --python {python} --no-build-isolation ./bad_c"),
        ("conflict", "{bin}/uv pip install --dry-run --python {python} -r conflict/requirements.txt"),
        ("installed", "{bin}/uv pip install --python {python} ./good"),
    ):
        yield Sample(name=f"uv/{scenario}@0.5.11", project="packaging", packages=uv, command=command)
    yield Sample(
        name="build/bad_backend@1.2.2",
        project="packaging",
        packages=("build==1.2.2",),
        command="{python} -m build --wheel --no-isolation bad_backend",
    )
    for version, python in (("3.28.0", "3.8"), ("4.23.2", "3.11")):
        for flags in ("", "-v"):
            yield Sample(
                name=f"tox/good{flags}@{version}",
                project="packaging",
                python=python,
                packages=(f"tox=={version}", "setuptools<80"),
                command=f"cd good && {{bin}}/tox {flags}",
            )
    yield Sample(
        name="tox/nox@2024.10.9",
        project="packaging",
        packages=("nox==2024.10.9", "six==1.16.0"),
        command="cd good && {bin}/nox",
    )
    yield from _linters()


def _linters() -> Iterator[Sample]:
    for name, python, packages, command in (
        ("mypy/plugin@1.13.0", "3.11", ("mypy==1.13.0",), "{python} -m mypy --show-traceback code.py"),
        ("mypy/plugin_quiet@1.13.0", "3.11", ("mypy==1.13.0",), "{python} -m mypy code.py"),
        ("mypy/plugin@0.812", "3.8", ("mypy==0.812",), "{python} -m mypy --show-traceback code.py"),
        ("pylint/checker@3.3.2", "3.11", ("pylint==3.3.2",), "PYTHONPATH=. {python} -m pylint --load-plugins=plugin_pylint code.py"),
        ("flake8/plugin@7.1.1", "3.11", ("flake8==7.1.1",), "{python} -m flake8 -j1 code.py"),
        ("sphinx/directive@8.1.3", "3.11", ("sphinx==8.1.3",), "{python} -m sphinx -N . out"),
        ("sphinx/directive_traceback@8.1.3", "3.11", ("sphinx==8.1.3",), "{python} -m sphinx -N -T . out"),
        ("sphinx/directive@3.5.4", "3.8", ("sphinx==3.5.4", "jinja2<3.1", "docutils<0.17", "sphinxcontrib-applehelp<1.0.3",
            "sphinxcontrib-devhelp<1.0.3", "sphinxcontrib-htmlhelp<2", "sphinxcontrib-qthelp<1.0.4",
            "sphinxcontrib-serializinghtml<1.1.6", "alabaster<0.7.13", "setuptools<80"), "{python} -m sphinx -N . out"),
        ("precommit/local@4.0.1", "3.11", ("pre-commit==4.0.1",),
            "git init -q . && git add -A && {bin}/pre-commit run --all-files --color never"),
    ):  # fmt: skip
        yield Sample(name=name, project="linting", python=python, packages=packages, command=command)
