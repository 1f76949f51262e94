"""A project's own name, as its files say it; what computes a name or is broken says none."""

import pytest

from bot.sources.projectfiles import distribution_made, named


@pytest.mark.parametrize(
    ("path", "text", "name"),
    [
        ("pyproject.toml", '[project]\nname = "Acme.Widgets"', "acme-widgets"),
        ("pyproject.toml", '[tool.poetry]\nname = "widgets"', "widgets"),
        ("pyproject.toml", '[tool.flit.metadata]\nmodule = "w"\ndist-name = "widgets"', "widgets"),
        ("pyproject.toml", "[tool.ruff]\nline-length = 100", None),
        ("pyproject.toml", '[project]\nname = ["a"]', None),
        ("pyproject.toml", 'project = "x"', None),
        ("pyproject.toml", "[project", None),
        ("pyproject.toml", '[project]\nname = "-- not a name"', None),
        ("setup.cfg", "[metadata]\nname = python-novaclient\n[files]\npackages =\n  novaclient", "python-novaclient"),
        ("setup.cfg", "[flake8]\nmax-line-length = 100", None),
        ("setup.cfg", "no section", None),
        ("setup.py", "from setuptools import setup\nsetup(name='widgets', version=VERSION)", "widgets"),
        ("setup.py", "import setuptools\nsetuptools.setup(name='widgets')", "widgets"),
        ("setup.py", "from setuptools import setup\nsetup(name=NAME)", None),
        ("setup.py", "setup(name='a')\nsetup(name='b')", None),
        ("setup.py", "print 'python 2'", None),
        ("setup.py", "(" * 5000, None),
    ],
)
def test_names(path, text, name):
    assert named(path, text) == name


async def test_the_first_file_that_names_one_wins():
    files = {"pyproject.toml": "[build-system]", "setup.cfg": "[metadata]\nname = a", "setup.py": "setup(name='b')"}
    asked = []

    async def read(path):
        asked.append(path)
        return files.get(path)

    assert await distribution_made(read) == "a"
    assert asked == ["pyproject.toml", "setup.cfg"]
