from __future__ import annotations

import io

import pytest

from bot.extract import read


def said(text: str) -> dict[str, str]:
    return {row.name: row.version for row in read(io.BytesIO(text.encode())).environment.installed}


def test_what_micromamba_links():
    text = (
        "Linking numpy-1.26.4-py311h64a7726_0\n"
        "Linking scikit-learn-1.4.1.post1-py311hc009520_0\n"
        "Linking python-3.11.8-hab00c5b_0_cpython\n\nTransaction finished\n"
    )
    assert said(text) == {"numpy": "1.26.4", "scikit-learn": "1.4.1.post1"}
    assert read(io.BytesIO(text.encode())).environment.python == "3.11.8"


def test_condas_list_as_json():
    text = '[\n  {\n    "dist_name": "python-dateutil-2.9.0-pyhd8ed1ab_0",\n    "name": "python-dateutil"\n  }\n]\n'
    assert said(text) == {"python-dateutil": "2.9.0"}


@pytest.mark.parametrize(
    "line",
    [
        "Linking CXX shared library libshop.so",
        "[ 50%] Linking C executable shop-1.0-static",
        "Linking shop-1.0",
        "Linking to /usr/lib/libshop-1.0-2.so",
    ],
)
def test_what_linkers_say_is_no_installation(line):
    assert said(line + "\n") == {}
