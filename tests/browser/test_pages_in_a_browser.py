"""What people see, in a real browser: nothing for axe to complain of, nothing from outside, nothing that needs scripts."""

import re
from urllib.parse import urlsplit

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("reported")]

PAGES = [
    "/",
    "/failures",
    "/threads",
    "/ledger",
    "/distributions",
    "/projects",
    "/deliveries",
    "/sign-in",
    "/nowhere",
    "BUG",
    "FAILURE",
    "DISTRIBUTION",
    "PROJECT",
]
AXE = "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target).join(' ')))"


@pytest.fixture
def look(chromium, demonstration, axe):
    """Open a page and return it; every request and every complaint of the browser is kept."""
    made = []

    def go(path, *, scheme="light", scripts=True, width=1200, bypass=False):
        context = chromium.new_context(
            color_scheme=scheme,
            java_script_enabled=scripts,
            viewport={"width": width, "height": 900},
            bypass_csp=bypass,
        )
        made.append(context)
        page = context.new_page()
        page.complaints, page.asked = [], []
        page.on("console", lambda row: page.complaints.append(row.text) if row.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("request", lambda request: page.asked.append(request.url))
        page.status = page.goto(demonstration["pages"] + path).status
        return page

    yield go
    for context in made:
        context.close()


@pytest.fixture
def place(look, reported):
    """The path of a page by its name."""

    def find(name):
        if name == "BUG":
            return f"/bugs/{reported}"
        wanted = {"FAILURE": "/failures/", "DISTRIBUTION": "/distributions/", "PROJECT": "/projects/"}.get(name)
        if wanted is None:
            return name
        links = look(f"/bugs/{reported}").eval_on_selector_all(
            "a[href]", "rows => rows.map(row => row.getAttribute('href'))"
        )
        links += look("/").eval_on_selector_all("a[href]", "rows => rows.map(row => row.getAttribute('href'))")
        return next(link.split("#")[0] for link in links if link.startswith(wanted))

    return find


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(look, place, axe, name, scheme):
    page = look(place(name), scheme=scheme, bypass=True)
    page.add_script_tag(content=axe)
    assert page.evaluate(AXE) == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_comes_from_outside_and_the_policy_holds(look, place, demonstration, name):
    page = look(place(name))
    assert {urlsplit(url).netloc for url in page.asked} == {urlsplit(demonstration["pages"]).netloc}
    assert [row for row in page.complaints if "status of 40" not in row] == []
    assert "Demonstration" in page.inner_text("body")


@pytest.mark.parametrize("name", ["/", "BUG", "FAILURE"])
def test_without_scripts_and_on_a_phone(look, place, name):
    page = look(place(name), scripts=False, width=360)
    assert page.status == 200
    assert page.inner_text("h1")
    wide = look(place(name), width=360).evaluate("document.documentElement.scrollWidth")
    assert wide <= 360


def test_the_reported_bug_shows_what_was_posted_and_leads_to_the_stand_in(look, reported, demonstration):
    page = look(f"/bugs/{reported}")
    text = page.inner_text("body")
    assert "upriver-fingerprint" in text
    assert re.search(r"numcodecs.*0\.16\.0", text, re.DOTALL)
    links = page.eval_on_selector_all("a[href^=http]", "rows => rows.map(row => row.href)")
    assert links
    assert {urlsplit(link).netloc for link in links} == {urlsplit(demonstration["standin"]).netloc}


def test_every_link_of_the_pages_leads_somewhere(look, demonstration):
    seen, todo = set(), ["/"]
    while todo and len(seen) < 60:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        page = look(path)
        assert page.status in {200, 403}, path
        todo += [
            link
            for link in page.eval_on_selector_all(
                "a[href^='/']", "rows => rows.map(row => row.getAttribute('href').split('#')[0])"
            )
            if link not in seen
        ]
    assert len(seen) > 15


def test_the_keyboard_reaches_the_first_bug(look):
    page = look("/")
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.getAttribute('href') || ''"))
    assert any(link.startswith("/bugs/") for link in reached)


def test_an_operator_signs_in_sees_what_is_buried_and_turns_a_switch(look, demonstration, axe):
    page = look("/buried", bypass=True)
    assert page.status == 403
    page.goto(demonstration["pages"] + "/sign-in")
    page.fill("input[type=password]", "an-operators-token")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    assert page.goto(demonstration["pages"] + "/buried").status == 200
    page.goto(demonstration["pages"] + "/switches")
    page.add_script_tag(content=axe)
    assert page.evaluate(AXE) == []
    page.click("button:has-text('Stop all writing')")
    page.wait_for_selector("button:has-text('Write again')")
    page.click("button:has-text('Write again')")
    page.wait_for_selector("button:has-text('Stop all writing')")


def test_the_app_is_created_in_one_click(look, demonstration):
    page = look(demonstration["setup"].removeprefix(demonstration["pages"]))
    assert page.status == 200
    page.click("form[action*='/settings/apps/new'] button")
    assert page.url.startswith(demonstration["standin"])
