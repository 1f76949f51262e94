"""From claims to trackers: labels, forges, and addresses that only look like one."""

from __future__ import annotations

import pytest

from bot.indexes.metadata import read_told
from bot.indexes.tracker import Rank, candidates, normal_label, place_of

GITHUB = "https://github.com/owner/repo/issues"

ADDRESSES = {
    "https://github.com/owner/repo": GITHUB,
    "http://www.github.com/owner/repo/": GITHUB,
    "https://github.com/owner/repo.git": GITHUB,
    "git+https://github.com/owner/repo.git@main#egg=x": GITHUB,
    "git@github.com:owner/repo.git": GITHUB,
    "ssh://git@github.com/owner/repo.git": GITHUB,
    "github.com/owner/repo": GITHUB,
    "https://github.com/owner/repo/issues": GITHUB,
    "https://github.com/owner/repo/tree/main/packages/part": GITHUB,
    "https://github.com/owner/repo/packages/part": GITHUB,
    "https://github.com/owner/repo/blob/main/README.md#readme": GITHUB,
    "https://github.com/owner": None,
    "https://github.com/sponsors/owner": None,
    "https://github.com/orgs/owner/discussions": None,
    "https://owner.github.io/repo": None,
    "https://raw.githubusercontent.com/owner/repo/main/LICENSE": None,
    "https://gitlab.com/group/sub/repo": "https://gitlab.com/group/sub/repo/-/issues",
    "https://gitlab.com/group/repo/-/issues": "https://gitlab.com/group/repo/-/issues",
    "https://gitlab.gnome.org/group/repo/tree/master": "https://gitlab.gnome.org/group/repo/-/issues",
    "https://gitlab.com/group": None,
    "https://foss.heptapod.net/group/repo/wikis/home": "https://foss.heptapod.net/group/repo/-/issues",
    "https://opendev.org/openstack/thing": "https://bugs.launchpad.net/thing",
    "https://opendev.org/cgit/openstack/thing/": "https://bugs.launchpad.net/thing",
    "https://docs.openstack.org/thing/latest/": "https://bugs.launchpad.net/thing",
    "https://docs.openstack.org/": None,
    "https://launchpad.net/thing": "https://bugs.launchpad.net/thing",
    "https://bugs.launchpad.net/thing/+filebug": "https://bugs.launchpad.net/thing",
    "https://launchpad.net/~owner": None,
    "https://codeberg.org/owner/repo": "https://codeberg.org/owner/repo/issues",
    "https://bitbucket.org/owner/repo/src": "https://bitbucket.org/owner/repo/issues",
    "https://pagure.io/repo": "https://pagure.io/repo/issues",
    "https://git.sr.ht/~owner/repo": "https://todo.sr.ht/~owner/repo",
    "https://sourceforge.net/projects/thing/": "https://sourceforge.net/p/thing/bugs",
    "https://savannah.gnu.org/projects/thing": "https://savannah.gnu.org/bugs/?group=thing",
    "http://code.google.com/p/thing": None,
    "https://example.org/thing": None,
    "not an address": None,
    "": None,
    "https://[broken": None,
}


@pytest.mark.parametrize(("url", "tracker"), ADDRESSES.items())
def test_addresses(url, tracker):
    place = place_of(url)
    assert (place.tracker if place else None) == tracker


@pytest.mark.parametrize(
    ("label", "normal"),
    [
        ("Bug Tracker", "bugtracker"),
        ("GitHub: issues", "githubissues"),
        ("Source-Code", "sourcecode"),
        ("home_page", "homepage"),
    ],
)
def test_labels_are_normalised(label, normal):
    assert normal_label(label) == normal


def first(*urls, told=(), name=""):
    found = candidates(urls, told, name)
    return (found[0].url, found[0].rank) if found else None


CLAIMS = {
    "tracker before source": (
        (("Source", "https://github.com/owner/repo"), ("Bug Tracker", "https://bugs.launchpad.net/thing")),
        ("https://bugs.launchpad.net/thing", Rank.TRACKER),
    ),
    "a tracker of its own": (
        (("Issues", "https://bugs.example.org/thing/"),),
        ("https://bugs.example.org/thing/", Rank.TRACKER),
    ),
    "a tracker that is only the repository": ((("Tracker", "https://github.com/owner/repo"),), (GITHUB, Rank.TRACKER)),
    "a tracker that is nothing": (
        (("Tracker", "https://github.com/owner"), ("Code", "https://github.com/owner/repo")),
        (GITHUB, Rank.SOURCE),
    ),
    "only a home page": ((("Homepage", "https://github.com/owner/repo"),), (GITHUB, Rank.PAGE)),
    "issues under another label": ((("Help", GITHUB),), (GITHUB, Rank.ISSUES)),
    "funding is no tracker": ((("Funding", "https://github.com/owner/repo"),), None),
    "a sponsor is no repository": ((("Homepage", "https://github.com/sponsors/owner"),), None),
    "documentation only": ((("Documentation", "https://docs.example.org"),), None),
    "a chat": ((("Chat", "https://gitter.im/owner/repo"),), None),
    "a dead forge": ((("Tracker", "http://code.google.com/p/thing/issues"),), None),
    "a faded forge comes last": (
        (("Tracker", "https://bitbucket.org/a/b/issues"), ("Homepage", "https://github.com/owner/repo")),
        (GITHUB, Rank.PAGE),
    ),
}


@pytest.mark.parametrize("case", CLAIMS.values(), ids=CLAIMS)
def test_claims(case):
    urls, expected = case
    assert first(*urls) == expected


DESCRIPTION = b"""Metadata-Version: 2.1
Name: thing

Thing
=====
.. image:: https://badges.example.org/thing.svg
* Source: https://opendev.org/openstack/thing
* Bugs: https://bugs.launchpad.net/python-thing
See also https://github.com/other/project and [Issues](https://github.com/owner/thing/issues).
"""


def test_descriptions_name_trackers():
    found = candidates((), read_told(DESCRIPTION), "thing")
    assert [candidate.url for candidate in found][:2] == [
        "https://bugs.launchpad.net/python-thing",
        "https://github.com/owner/thing/issues",
    ]
    assert "https://github.com/other/project/issues" not in [candidate.url for candidate in found]


def test_a_description_in_the_headers_is_read_too():
    old = b"Metadata-Version: 1.1\nName: thing\nDescription: Thing\n        :Source: https://github.com/owner/thing\n        \n"
    assert first(told=read_told(old), name="thing") == ("https://github.com/owner/thing/issues", Rank.TOLD_SOURCE)


def test_metadata_outranks_the_description():
    told = read_told(DESCRIPTION)
    assert first(("Source", "https://github.com/owner/repo"), told=told, name="thing") == (GITHUB, Rank.SOURCE)
