from __future__ import annotations

import io

import pytest

from bot.extract.engine import Engine
from bot.extract.environment import EnvironmentReader, merged
from bot.extract.environment.names import from_file, hyphenated
from bot.extract.ledger import Ledger
from bot.extract.needles import Needles
from bot.extract.source import windows
from bot.model import Environment

NEEDLES = Needles((), (), EnvironmentReader.marks, EnvironmentReader.needles, EnvironmentReader.tellers)


def read(text: str) -> Environment:
    """What the listener makes of a log by itself, without dialects."""
    listener = EnvironmentReader()
    engine = Engine(NEEDLES, (), (), sweepers=[listener])
    engine.run(windows(io.BytesIO(text.encode())), Ledger())
    return listener.result()


def lines(*rows: str) -> str:
    return "\n".join(rows)


def versions(text: str) -> dict[str, str]:
    return {row.name: row.version for row in read(text).installed}


def local(text: str) -> set[str]:
    return {row.name for row in read(text).installed if row.local}


def test_hyphens_in_pips_last_line():
    text = "Successfully installed PyYAML-6.0.1 foo-bar-1.0.post1 pytz-2023.3.post1 python-dateutil-2.8.2 x-1.0a1 y-2!1.0+cu118"
    assert versions(text) == {
        "pyyaml": "6.0.1",
        "foo-bar": "1.0.post1",
        "pytz": "2023.3.post1",
        "python-dateutil": "2.8.2",
        "x": "1.0a1",
        "y": "2!1.0+cu118",
    }


@pytest.mark.parametrize(
    ("token", "named"),
    [
        ("zope.interface-5.4.0", ("zope-interface", "5.4.0")),
        ("backports-zoneinfo-0.2.1", ("backports-zoneinfo", "0.2.1")),
        ("py-3-1.0", ("py-3", "1.0")),
        ("foo-1.0-unknown", ("foo", "1.0-unknown")),
        ("everything", None),
        ("well-known", None),
        ("-1.0", None),
    ],
)
def test_tokens(token, named):
    assert hyphenated(token) == named


@pytest.mark.parametrize(
    ("file", "named"),
    [
        ("numpy-1.26.4-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", ("numpy", "1.26.4")),
        ("python_dateutil-2.8.2-py2.py3-none-any.whl.metadata", ("python-dateutil", "2.8.2")),
        ("foo-1.0-1-py3-none-any.whl", ("foo", "1.0")),
        ("https://x.example/ab/python-dateutil-2.8.2.tar.gz#sha256=ab", ("python-dateutil", "2.8.2")),
        ("C:\\dist\\demo-0.1.zip", ("demo", "0.1")),
        ("torch-2.1.0+cu118-cp311-cp311-linux_x86_64.whl", ("torch", "2.1.0+cu118")),
        ("README.md", None),
        ("a-b-c.whl", None),
    ],
)
def test_files(file, named):
    assert from_file(file) == named


def test_a_download_that_was_not_installed_hides_nothing():
    text = lines(
        "Successfully installed six-1.15.0",
        "Collecting six==1.16.0",
        "  Downloading six-1.16.0-py2.py3-none-any.whl (11 kB)",
        "ERROR: Could not install packages due to an OSError",
    )
    assert versions(text) == {"six": "1.15.0"}


def test_a_download_counts_where_nothing_else_is_said():
    text = "Collecting numpy>=1.20\n  Using cached numpy-1.26.4-cp311-cp311-manylinux_2_17_x86_64.whl.metadata (61 kB)"
    environment = read(text)
    assert environment.version_of("numpy") == "1.26.4"
    assert environment.python == "3.11"


def test_the_last_word_wins():
    assert versions("Successfully installed a-1\nSuccessfully installed a-2")["a"] == "2"
    assert versions("Successfully installed a-2\nSuccessfully installed a-1")["a"] == "1"


def test_uninstalled():
    text = lines(
        "Successfully installed a-1 b-1",
        "Found existing installation: a 1",
        "Uninstalling a-1:",
        "  Successfully uninstalled a-1",
    )
    assert versions(text) == {"b": "1"}


def test_replaced():
    text = lines(
        "  Attempting uninstall: a",
        "    Found existing installation: a 1",
        "    Uninstalling a-1:",
        "      Successfully uninstalled a-1",
        "Successfully installed a-2",
    )
    assert versions(text) == {"a": "2"}


@pytest.mark.parametrize(
    ("line", "name", "version"),
    [
        ("Requirement already satisfied: six>=1.5 in /usr/lib/python3/dist-packages (from python-dateutil) (1.16.0)", "six", "1.16.0"),
        ("Requirement already satisfied, skipping upgrade: six in /usr/lib/python3/dist-packages (from a==1) (1.9)", "six", "1.9"),
        ("Requirement already satisfied (use --upgrade to upgrade): six in /v/lib/python2.7/site-packages (1.9.0)", "six", "1.9.0"),
        ("Requirement already up-to-date: pip in ./v/lib/python3.6/site-packages (21.3.1)", "pip", "21.3.1"),
        ("Requirement already satisfied: a[x,y]<3,>=2 in c:\\v\\lib\\site-packages (from -r r.txt (line 2)) (2.5)", "a", "2.5"),
    ],
)  # fmt: skip
def test_already_satisfied(line, name, version):
    environment = read(line)
    assert environment.version_of(name) == version
    assert not local(line)


def test_already_satisfied_in_the_checkout():
    assert local("Requirement already satisfied: demo in /home/runner/work/demo/demo/src (0.1)") == {"demo"}
    assert local(
        "Requirement already satisfied: demo==0.1 from file:///w/demo in ./v/lib/python3.9/site-packages (0.1)"
    ) == {"demo"}


def test_an_isolated_builds_own_packages_are_not_the_environments():
    text = lines(
        "Successfully installed setuptools-65.0.0",
        "Collecting demo==1.0",
        "  Running command pip subprocess to install build dependencies",
        "  Collecting setuptools>=40",
        "    Using cached setuptools-69.0.2-py3-none-any.whl (819 kB)",
        "  Successfully installed setuptools-69.0.2 wheel-0.42.0",
        "  Installing build dependencies: finished with status 'done'",
        "Successfully installed demo-1.0",
    )
    assert versions(text) == {"setuptools": "65.0.0", "demo": "1.0", "wheel": "0.42.0"}


def test_local_directories():
    text = "Processing /home/runner/work/py-demo/py-demo\nCollecting click\nSuccessfully installed click-8.1.7 demo-0.1"
    assert local(text) == {"demo"}
    text = "Obtaining file:///w/demo (from -r requirements.txt (line 1))\nCollecting click\nSuccessfully installed click-8.1.7 demo-0.1"
    assert local(text) == {"demo"}
    text = "Obtaining file:///w/repo\nBuilding editable for demo (pyproject.toml): started\nSuccessfully installed demo-0.1"
    assert local(text) == {"demo"}


def test_a_wheel_from_pips_own_cache_is_not_local():
    text = (
        "Collecting foo\nProcessing ./.cache/pip/wheels/ab/cd/foo-1.0-py3-none-any.whl\nSuccessfully installed foo-1.0"
    )
    assert versions(text) == {"foo": "1.0"}
    assert not local(text)


def test_version_control_urls_are_kept():
    text = "Collecting demo@ git+https://github.com/o/demo@abc123\nSuccessfully installed demo-1.0"
    (row,) = read(text).installed
    assert (row.url, row.local) == ("git+https://github.com/o/demo@abc123", False)
    text = "Obtaining demo from git+https://github.com/o/demo#egg=demo (from -r r.txt (line 1))\nSuccessfully installed demo-1.0"
    (row,) = read(text).installed
    assert (row.url, row.local) == ("git+https://github.com/o/demo#egg=demo", False)
    text = "Collecting git+https://github.com/o/demo.git (from -r r.txt (line 1))\nCollecting x\nSuccessfully installed demo-1.0 x-2"
    assert read(text).installed[0].url == "git+https://github.com/o/demo.git"


def test_uv():
    text = lines(
        "Using CPython 3.12.1 interpreter at: /usr/bin/python3.12",
        "Resolved 4 packages in 12ms",
        "   Built demo @ file:///home/runner/work/demo/demo",
        "Uninstalled 2 packages in 2ms",
        "Installed 3 packages in 8ms",
        " - gone==0.9",
        " - click==8.1.6",
        " + click==8.1.7",
        " ~ demo==0.1.0 (from file:///home/runner/work/demo/demo)",
        " + tool==2.0 (from git+https://github.com/o/tool@0123abc)",
    )
    environment = read("Successfully installed gone-0.9\n" + text)
    assert {row.name: row.version for row in environment.installed} == {
        "click": "8.1.7",
        "demo": "0.1.0",
        "tool": "2.0",
    }
    assert environment.python == "3.12.1"
    assert local(text) == {"demo"}
    assert [row.line for row in environment.installed if row.name == "click"] == [9]


def test_a_diff_is_no_list_of_uvs():
    assert not versions("-six==1.15.0\n+six==1.16.0")


def test_poetry_and_pdm():
    text = lines(
        "Package operations: 3 installs, 1 update, 1 removal",
        "  - Removing old (0.1)",
        "  • Installing certifi (2024.2.2)",
        "  - Installing certifi (2024.2.2): Pending...",
        "  - Updating urllib3 (1.26.0 -> 2.0.7)",
        "  - Installing lib (1.0 /work/lib)",
        "  - Installing skip (1.0): Skipped for the following reason: Not required",
        "Installing the current project: my-app (0.1.0)",
        "  ✔ Install click 8.1.7 successful",
        "  ✔ Update idna 3.4 -> 3.6 successful",
    )
    assert versions("Successfully installed old-0.1\n" + text) == {
        "certifi": "2024.2.2",
        "urllib3": "2.0.7",
        "lib": "1.0",
        "my-app": "0.1.0",
        "click": "8.1.7",
        "idna": "3.6",
    }
    assert local(text) == {"lib", "my-app"}


def test_conda():
    text = lines(
        "The following NEW packages will be INSTALLED:",
        "",
        "  _libgcc_mutex      conda-forge/linux-64::_libgcc_mutex-0.1-conda_forge",
        "  numpy              conda-forge/linux-64::numpy-1.26.4-py311h64a7726_0 ",
        "  python             conda-forge/linux-64::python-3.11.7-hab00c5b_1_cpython",
        "  python-dateutil    conda-forge/noarch::python-dateutil-2.8.2-pyhd8ed1ab_0",
        "    six:             1.16.0-py311_0           conda-forge",
        "",
        "The following packages will be UPDATED:",
        "",
        "  certifi            pkgs/main::certifi-2022.12.7-py311 --> conda-forge::certifi-2024.2.2-pyhd8ed1ab_0",
        "",
        "Proceed ([y]/n)?",
        "  pandas             1.0",
    )
    environment = read(text)
    assert {row.name: row.version for row in environment.installed} == {
        "numpy": "1.26.4",
        "python-dateutil": "2.8.2",
        "six": "1.16.0",
        "certifi": "2024.2.2",
    }
    assert environment.python == "3.11.7"


def test_mamba():
    text = lines(
        "  Package          Version  Build               Channel           Size",
        "──────────────────────────────────────────────────────────────────────",
        "  Install:",
        "──────────────────────────────────────────────────────────────────────",
        "",
        "  + numpy           1.26.4  py311h64a7726_0     conda-forge        8MB",
        "  + python          3.11.7  hab00c5b_1_cpython  conda-forge       31MB",
        "",
        "  Summary:",
        "  + scipy           1.0",
    )
    assert versions(text) == {"numpy": "1.26.4"}


def test_conda_list():
    text = "# packages in environment at /opt/conda:\n#\n# Name                    Version                   Build  Channel\nnumpy                     1.26.4          py311h64a7726_0    conda-forge\nrequests                  2.31.0                   pypi_0    pypi\nDone"
    assert versions(text) == {"numpy": "1.26.4", "requests": "2.31.0"}


def test_pip_list():
    text = lines(
        "Package    Version Editable project location",
        "---------- ------- -------------------------",
        "click      8.1.7",
        "demo       0.1     /home/runner/work/demo/demo",
        "",
        "Run pytest 8",
        "pytest     8.0.0",
    )
    assert versions(text) == {"click": "8.1.7", "demo": "0.1"}
    assert local(text) == {"demo"}


def test_pip_list_behind_a_prefix():
    text = (
        "#9 1.203 Package    Version\n#9 1.203 ---------- -------\n#9 1.204 click      8.1.7\n#9 10.20 idna       3.6"
    )
    assert versions(text) == {"click": "8.1.7", "idna": "3.6"}


def test_pip_list_as_json():
    text = '[{"name": "click", "version": "8.1.7"}, {"name": "demo", "version": "0.1", "editable_project_location": "/w/demo"}]'
    assert versions(text) == {"click": "8.1.7", "demo": "0.1"}
    assert local(text) == {"demo"}
    assert not versions('[{"name": "click", "version"')


def test_freeze():
    text = lines(
        "Successfully installed b-1",
        "+ python -m pip freeze",
        "A==1.0",
        "b==2.0",
        "# Editable install with no version control (demo==0.1)",
        "-e /home/runner/work/demo/demo",
        "# Editable Git install with no remote (own==0.3)",
        "-e /home/runner/work/own",
    )
    assert versions(text) == {"a": "1.0", "b": "2.0", "demo": "0.1", "own": "0.3"}
    assert local(text) == {"demo", "own"}


def test_an_echoed_requirement_hides_nothing():
    text = 'Successfully installed a-2\na==1\nb==1 ; python_version < "3"\nc==1 \\\n    --hash=sha256:ab'
    assert versions(text) == {"a": "2", "b": "1", "c": "1"}


def test_tox():
    text = lines(
        "py39 inst-nodeps: /w/.tox/.tmp/package/1/demo-0.1.tar.gz",
        "py39 installed: attrs==23.1.0,# Editable install with no version control (own==3.0),-e /w/own,demo @ file:///w/.tox/.tmp/package/1/demo-0.1.tar.gz",
        ".pkg: freeze> python -m pip freeze --all",
        ".pkg: setuptools==65.0,wheel==0.4",
        "py311: freeze> python -m pip freeze --all",
        "py311: attrs==23.2.0,pip==23.3",
        "py311: py==1.0",
    )
    assert versions(text) == {
        "attrs": "23.2.0", "own": "3.0", "demo": "0.1", "pip": "23.3", "setuptools": "65.0", "wheel": "0.4", "py": "1.0",
    }  # fmt: skip
    assert local(text) == {"own", "demo"}


def test_pytests_banner():
    text = lines(
        "platform linux -- Python 3.11.7, pytest-8.3.4, pluggy-1.5.0 -- /usr/bin/python3",
        "plugins: xdist-3.5.0, cov-4.1.0",
    )
    environment = read(text)
    assert (environment.python, environment.python_line, environment.platform) == ("3.11.7", 1, "linux")
    assert versions(text) == {"pytest": "8.3.4", "pluggy": "1.5.0", "pytest-xdist": "3.5.0", "pytest-cov": "4.1.0"}


@pytest.mark.parametrize(
    "rows",
    [
        ["Successfully installed plug-4.2.0 flask-3.0.0 pytest-twin-2.0", "plugins: plug-4.2.0, flask-1.3.0, twin-2.0"],
        [
            "plugins: plug-4.2.0, flask-1.3.0, twin-2.0",
            "Installed 3 packages in 3ms",
            " + plug==4.2.0",
            " + flask==3.0.0",
            " + pytest-twin==2.0",
        ],
    ],
    ids=["before", "after"],
)
def test_plugins_are_named_by_what_is_installed(rows):
    """pytest prints `x` for `pytest-x` and for `x`; whether the set is printed before the banner or after it."""
    assert versions(lines(*rows)) == {"plug": "4.2.0", "flask": "3.0.0", "pytest-flask": "1.3.0", "pytest-twin": "2.0"}


@pytest.mark.parametrize(
    ("line", "python"),
    [
        ("Python 3.11.7", "3.11.7"),
        ("Python 2.7.18", "2.7.18"),
        ("Python 3.13.0rc1", "3.13.0rc1"),
        ("Python 3.11.7 (main, Dec  4 2023, 18:10:11) [GCC 12.2.0] on linux", "3.11.7"),
        ("3.12.1 (main, Jan  5 2024, 10:00:00) [GCC 12.2.0]", "3.12.1"),
        ("3.10.14 (39dc8d3c85a7, Aug 30 2024, 08:27:45)", None),
        ("platform linux -- Python 3.9.19[pypy-7.3.16-final], pytest-8.3.4, pluggy-1.5.0", "pypy3.9.19"),
        ("Successfully set up CPython (3.11.7)", "3.11.7"),
        ("Successfully set up PyPy 7.3.16 with Python (3.10.14)", "pypy3.10.14"),
        ("  pythonLocation: /opt/hostedtoolcache/Python/3.9.18/x64", "3.9.18"),
        ("Using Python 3.12.1 environment at: /v", "3.12.1"),
        ("created virtual environment CPython3.8.18.final.0-64 in 180ms", "3.8.18"),
        ("Package demo requires a different Python: 3.6.15 not in '>=3.8'", None),
        ("This library needs Python 3.12 or newer", None),
        (
            "Requirement already satisfied, skipping upgrade: six in /usr/local/lib/python3.8/dist-packages (1.16.0)",
            "3.8",
        ),
    ],
)
def test_interpreters(line, python):
    assert read(line).python == python


def test_a_less_exact_interpreter_does_not_win():
    assert read("Python 3.11.7\nDownloading numpy-1.26.4-cp312-cp312-linux_x86_64.whl").python == "3.11.7"


def test_paths_answer_what_nobody_said():
    listener = EnvironmentReader()
    assert listener.result(["/w/.tox/py312/lib/python3.12/site-packages/x.py"]).python == "3.12"
    listener = EnvironmentReader()
    found = listener.result(["C:\\hostedtoolcache\\windows\\Python\\3.9.13\\x64\\lib\\site-packages\\x.py"])
    assert found.platform == "win32"


def test_a_resolvers_complaint_says_what_is_there():
    line = "aiobotocore 2.4.0 requires botocore<1.27.60,>=1.27.59, but you have botocore 1.31.0 which is incompatible."
    assert versions(line) == {"botocore": "1.31.0"}


def test_artifacts_complete_the_log():
    log, other = read("Successfully installed a-1"), read("Python 3.11.7\nSuccessfully installed a-2 b-1")
    both = merged(log, [other])
    assert (both.version_of("a"), both.version_of("b"), both.python) == ("1", "1", "3.11.7")


@pytest.mark.parametrize(
    "line",
    [
        "Successfully installed " + "a-" * 100_000,
        "x" * 100_000 + "==1",
        "Requirement already satisfied: " + "(" * 100_000 + "1)",
        "py3 installed: " + "a==1," * 40_000,
        "plugins: " + "-" * 100_000,
        "[" * 50_000 + '[{"name": "',
        '[{"name": "' + "[" * 100_000,
        "The following packages will be INSTALLED:",
        "Package Version Build",
    ],
)
def test_hostile_lines_are_survived(line):
    read(line + "\n \n   :\n  + \n-->\n::--\n")
