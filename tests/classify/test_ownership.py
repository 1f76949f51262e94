"""Who owns a frame, by its path, the installed set and the project."""

from __future__ import annotations

import pytest

from bot.classify.ownership import ground, owned, path_in_wheel
from bot.facts import Fact, Facts, TopLevels
from bot.model import Frame, normalized
from tests.classify.build import case_of

INSTALLED = {
    "pyyaml": "6", "flask": "3", "google-cloud-storage": "2", "google-api-core": "2", "oslo-log": "6", "zope-interface": "6",
    "pandas": "2", "scikit-learn": "1", "black": "22", "pip": "23", "setuptools": "68", "pytest": "8", "kombu": "5", "shop": "1",
    "attrs": "23", "importlib-metadata": "5",
}  # fmt: skip
SITE = "/home/u/.venv/lib/python3.11/site-packages"

PATHS = [
    (f"{SITE}/yaml/__init__.py", "f", "third-party", "pyyaml"),
    (f"{SITE}/flask/app.py", "f", "third-party", "flask"),
    (f"{SITE}/google/cloud/storage/blob.py", "f", "third-party", "google-cloud-storage"),
    (f"{SITE}/google/api_core/retry.py", "f", "third-party", "google-api-core"),
    (f"{SITE}/oslo_log/log.py", "f", "third-party", "oslo-log"),
    (f"{SITE}/zope/interface/declarations.py", "f", "third-party", "zope-interface"),
    (f"{SITE}/sklearn/base.py", "f", "third-party", "scikit-learn"),
    (f"{SITE}/attr/_make.py", "f", "third-party", "attrs"),
    (f"{SITE}/importlib_metadata/__init__.py", "f", "third-party", "importlib-metadata"),
    (f"{SITE}/shop/cart.py", "f", "project", None),
    (f"{SITE}/setuptools/_vendor/packaging/version.py", "f", "vendored", "setuptools"),
    (f"{SITE}/pip/_vendor/urllib3/util.py", "f", "harness", None),
    (f"{SITE}/pip/_internal/cli/main.py", "f", "harness", None),
    (f"{SITE}/_pytest/python.py", "f", "harness", "pytest"),
    (f"{SITE}/unheard_of/core.py", "f", "third-party", "unheard-of"),
    (f"{SITE}/Rates-1.2-py3.8.egg/rates/core.py", "f", "third-party", "rates"),
    (r"C:\hostedtoolcache\windows\Python\3.11.7\x64\lib\site-packages\flask\app.py", "f", "third-party", "flask"),
    (r"C:\hostedtoolcache\windows\Python\3.11.7\x64\lib\json\decoder.py", "f", "stdlib", None),
    (r"D:\a\shop\shop\shop\cart.py", "f", "project", None),
    ("/opt/hostedtoolcache/Python/3.11.7/x64/lib/python3.11/json/decoder.py", "f", "stdlib", None),
    ("/root/.pyenv/versions/3.8.18/lib/python3.8/unittest/loader.py", "f", "harness", None),
    ("/usr/lib/python3.11/json/decoder.py", "f", "stdlib", None),
    ("/opt/conda/envs/x/lib/python3.10/asyncio/base_events.py", "f", "stdlib", None),
    ("/opt/conda/envs/x/lib/python3.10/site-packages/pandas/core/frame.py", "f", "third-party", "pandas"),
    ("/usr/lib/python3.11/importlib/__init__.py", "f", "harness", None),
    ("<frozen importlib._bootstrap>", "_find_and_load", "harness", None),
    ("<frozen codecs>", "decode", "stdlib", None),
    ("<string>", "<module>", "generated", None),
    ("/opt/hostedtoolcache/Python/3.7.16/x64/bin/celery", "<module>", "generated", None),
    ("/home/runner/work/shop/shop/.tox/py311/bin/stestr", "<module>", "generated", None),
    (r"D:\a\shop\shop\.venv\Scripts\black.exe\__main__.py", "<module>", "generated", None),
    ("/home/runner/work/shop/shop/bin/deploy", "main", "project", None),
    ("<attrs generated init shop.Cart>", "__init__", "generated", None),
    ("/home/runner/work/shop/shop/templates/cart.html", "top-level template code", "generated", None),
    ("/home/runner/work/shop/shop/shop/cart.py", "f", "project", None),
    ("/home/zuul/src/opendev.org/openstack/shop/shop/cart.py", "f", "project", None),
    (
        "/home/zuul/src/opendev.org/openstack/shop/.tox/py311/lib/python3.11/site-packages/kombu/five.py",
        "f",
        "third-party",
        "kombu",
    ),
    ("/usr/local/lib/python3.11/dist-packages/flask/app.py", "f", "third-party", "flask"),
    ("/usr/lib/python3/dist-packages/apt/cache.py", "f", "unknown", "apt"),
    ("/tmp/pip-build-env-x/overlay/lib/python3.12/site-packages/hatchling/build.py", "f", "third-party", "hatchling"),
    (
        "/root/.cache/uv/builds-v0/.tmpAbC/lib/python3.9/site-packages/setuptools/dist.py",
        "f",
        "third-party",
        "setuptools",
    ),
    ("/tmp/pip-install-2a/pyyaml_0123456789abcdef0123456789abcdef/setup.py", "f", "third-party", "pyyaml"),
    ("/root/.cache/uv/sdists-v9/pypi/rates/1.0/AbCd/src/setup.py", "f", "third-party", "rates"),
]


def _owned(*frames, dialect="python", answers=()):
    base = ground(case_of(installed=INSTALLED, local=("shop",)), Facts(answers))
    return owned(frames, base, dialect=dialect)


@pytest.mark.parametrize(("path", "function", "role", "distribution"), PATHS, ids=[path[-50:] for path, *_ in PATHS])
def test_path(path, function, role, distribution):
    (row,) = _owned(Frame(file=path, line=1, function=function))
    assert (row.role, row.distribution) == (role, distribution)


def test_the_project_comes_first_even_in_site_packages():
    (row,) = _owned(Frame(file=f"{SITE}/shop/cart.py"))
    assert row.role == "project"


def test_compiled_code_keeps_the_path_of_its_build():
    rows = _owned(
        Frame(file="/opt/x64/bin/black", function="<module>"),
        Frame(file="src/black/__init__.py", line=1409, function="patch_click"),
        Frame(file="pandas/_libs/hashtable.pyx", line=7, function="pandas._libs.hashtable.PyObjectHashTable.get_item"),
    )
    assert [row.distribution for row in rows] == [None, "black", "pandas"]


def test_a_relative_path_under_pytest_is_the_projects():
    (row, _) = _owned(Frame(file="src/black/__init__.py"), Frame(file=f"{SITE}/flask/app.py"), dialect="pytest")
    assert row.role == "project"


def test_the_index_outranks_the_table():
    told = Fact(question=TopLevels(distribution=normalized("kombu")), answer=("yaml",), known=True)
    (row,) = _owned(Frame(file=f"{SITE}/yaml/loader.py"), answers=[told])
    assert row.distribution == "kombu"


def test_path_in_wheel():
    rows = _owned(
        Frame(file=f"{SITE}/flask/app.py"),
        Frame(file="/root/.cache/uv/builds-v0/.tmpA/lib/python3.9/site-packages/setuptools/dist.py"),
        Frame(file=f"{SITE}/Rates-1.2-py3.8.egg/rates/core.py"),
    )
    assert [path_in_wheel(row) for row in rows] == ["flask/app.py", "setuptools/dist.py", "rates/core.py"]
