"""Requirements that a diff edits, in every file that holds them."""

from __future__ import annotations

import pytest

from bot.sources.github.edits import MOST_LINES, edits, requirement_edits

CASES = [
    pytest.param(
        "requirements.txt", "@@ -1 +1 @@\n-flask==2.2.1\n+flask==2.2.2", [("flask", "2.2.1", "2.2.2")], id="pin"
    ),
    pytest.param(
        "requirements/dev.txt", "@@ @@\n+Py_YAML>=6 ; python_version > '3.8'", [("py-yaml", None, "6")], id="new"
    ),
    pytest.param("constraints.txt", "@@ @@\n-six==1.16.0", [("six", "1.16.0", None)], id="dropped"),
    pytest.param(
        "requirements.txt",
        "@@ @@\n-a==1 \\\n-    --hash=sha256:00\n+a==2 \\\n+    --hash=sha256:11",
        [("a", "1", "2")],
        id="hashes",
    ),
    pytest.param(
        "upper-constraints.txt",
        "@@ @@\n-oslo.log===4.8.0\n+oslo.log===5.0.0",
        [("oslo-log", "4.8.0", "5.0.0")],
        id="openstack",
    ),
    pytest.param(
        "requirements.in",
        "@@ @@\n+-r base.txt\n+# comment\n+-e .\n+git+https://x.example.org/a",
        [],
        id="no requirements",
    ),
    pytest.param("requirements.txt", "@@ @@\n-a==1\n-b==2\n+b==2\n+a==1", [], id="sorted anew"),
    pytest.param(
        "pyproject.toml",
        '@@ @@ dependencies = [\n-    "httpx>=0.27",\n+    "httpx>=0.28,<0.29",',
        [("httpx", "0.27", "0.28")],
        id="PEP 621",
    ),
    pytest.param(
        "pyproject.toml", '@@ @@\n-django = "^4.2"\n+django = "^5.0"', [("django", "4.2", "5.0")], id="poetry"
    ),
    pytest.param(
        "pyproject.toml",
        '@@ @@\n-uvicorn = {extras = ["standard"], version = "0.22"}\n+uvicorn = {extras = ["standard"], version = "0.23"}',
        [("uvicorn", "0.22", "0.23")],
        id="poetry table",
    ),
    pytest.param(
        "pyproject.toml", '@@ @@\n-version = "1.0"\n+version = "1.1"\n+requires-python = ">=3.9"', [], id="own version"
    ),
    pytest.param("setup.cfg", "@@ @@\n-    attrs>=21\n+    attrs>=22", [("attrs", "21", "22")], id="setup.cfg"),
    pytest.param(
        "setup.py", "@@ @@\n-        'attrs>=21',\n+        'attrs>=22',", [("attrs", "21", "22")], id="setup.py"
    ),
    pytest.param("tox.ini", "@@ @@\n-    pytest<8\n+    pytest<9", [("pytest", "8", "9")], id="tox"),
    pytest.param("environment.yml", "@@ @@\n-  - numpy=1.26\n+  - numpy=2.0", [("numpy", "1.26", "2.0")], id="conda"),
    pytest.param(
        "poetry.lock",
        '@@ -5,7 +5,7 @@\n [[package]]\n name = "kombu"\n-version = "5.2.3"\n+version = "5.2.4"\n description = "x"',
        [("kombu", "5.2.3", "5.2.4")],
        id="lock",
    ),
    pytest.param(
        "uv.lock",
        '@@ @@ [[package]]\n name = "a"\n-version = "1"\n+version = "2"\n@@ @@\n-version = "9"\n+version = "10"',
        [("a", "1", "2")],
        id="a lock's hunk without its name says nothing",
    ),
    pytest.param(
        "Pipfile.lock",
        '@@ @@\n         "vine": {\n-            "version": "==1.3.0"\n+            "version": "==5.0.0"',
        [("vine", "1.3.0", "5.0.0")],
        id="pipenv",
    ),
    pytest.param("README.md", "@@ @@\n-flask==1\n+flask==2", [], id="prose"),
    pytest.param("src/app.py", "@@ @@\n+flask == 2", [], id="code"),
]


@pytest.mark.parametrize(("path", "patch", "expected"), CASES)
def test_a_diff_is_read(path, patch, expected):
    found = requirement_edits(path, patch)
    assert [(row.distribution, row.before, row.after) for row in found] == expected


def test_what_the_forge_does_not_show_is_said_to_be_missing():
    assert edits([("logo.png", None)]).complete
    assert not edits([("uv.lock", None)]).complete
    assert not edits([], complete=False).complete


def test_a_huge_patch_is_read_in_part():
    patch = "@@ @@\n" + "\n".join(f"+a{number}==1" for number in range(MOST_LINES * 2))
    assert len(requirement_edits("requirements.txt", patch)) < MOST_LINES
