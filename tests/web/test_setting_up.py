"""The set-up page: opened by the one-time code, it makes an App at the forge and keeps its credentials to itself."""

from __future__ import annotations

import html
import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.app import account_of, announce, compose, configured
from bot.config import Settings
from bot.errors import ConfigError
from bot.sources.github.forge import Account
from bot.web.keys import PARTS
from bot.web.setup import FILE, save, saved
from tests.pipeline.fakes import FakeAnalyst
from tests.web.conftest import site

pytestmark = pytest.mark.slow  # each test has a service of its own


@pytest.fixture
async def fresh(github, tmp_path):
    """A site without an App, at a stand-in."""
    account = Account(api=github.world.api, web=github.world.web)
    async with site(tmp_path, account) as made:
        made.folder = tmp_path
        made.key = made.service.page[PARTS].set_up.code
        yield made


async def pressed(browser, where) -> str:
    """Open the page, press its button and the forge's; the address that the forge sends the browser back to."""
    page = await (await browser.get(f"/setup?key={where.key}")).text()
    action = html.unescape(re.search(r'action="([^"]+/settings/apps/new[^"]*)"', page)[1])
    manifest = html.unescape(re.search(r'name="manifest" value="([^"]*)"', page)[1])
    async with browser.session.post(action, data={"manifest": manifest}) as asked:
        text = await asked.text()
    fields = {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', text)}
    base = action.partition("/settings/")[0]
    made = await browser.session.post(f"{base}/settings/apps/create", data=fields, allow_redirects=False)
    return made.headers["Location"]


@pytest.mark.parametrize("query", ["", "?key=", "?key=guessed", "?key=%C3%BC"])
async def test_without_the_code_it_stays_shut(fresh, query):
    answer = await fresh.browser().get(f"/setup{query}")
    page = await answer.text()
    assert answer.status == (403 if query else 200)
    assert "manifest" not in page
    assert fresh.key not in page


async def test_the_code_is_printed_where_the_operator_reads_it(fresh, capsys):
    announce(fresh.service, "http://127.0.0.1:1")
    assert f"http://127.0.0.1:1/setup?key={fresh.key}" in capsys.readouterr().out


async def test_the_page_asks_for_what_the_manifest_says_and_may_post_to_the_forge_only(fresh, github):
    answer = await fresh.browser().get(f"/setup?key={fresh.key}")
    page = await answer.text()
    manifest = json.loads(html.unescape(re.search(r'name="manifest" value="([^"]*)"', page)[1]))
    base = fresh.address("").rstrip("/")
    assert manifest["hook_attributes"] == {"url": f"{base}/webhooks/github", "active": True}
    assert manifest["redirect_url"] == f"{base}/setup/created"
    assert f"form-action 'self' {github.world.web.rstrip('/')}" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"


async def test_an_organization_is_named_in_the_address(fresh):
    page = await (await fresh.browser().get(f"/setup?key={fresh.key}&organization=a%2Fb%22")).text()
    assert "/organizations/a%2Fb%22/settings/apps/new" in page


async def test_one_click_makes_the_app_and_the_next_start_works_with_it(fresh, github):
    settings = fresh.service.settings.model_copy(update={"api_tokens": Settings().api_tokens})
    assert not configured(settings)
    browser = fresh.browser()
    answer = await browser.session.get(await pressed(browser, fresh))
    assert answer.status == 200
    file = fresh.folder / FILE
    assert file.stat().st_mode & 0o777 == 0o600
    made = max(github.world.apps.values(), key=lambda row: row.id)
    kept = saved(fresh.folder)
    assert (kept["id"], kept["pem"], kept["webhook_secret"]) == (made.id, made.private_key, made.webhook_secret)
    page = await answer.text()
    assert not any(secret in page for secret in (made.private_key, made.webhook_secret, made.client_secret))
    assert configured(settings)
    assert account_of(settings).app_id == str(made.id)


async def test_what_starts_afterwards_has_the_saved_secret_and_no_set_up(fresh, github, tmp_path):
    browser = fresh.browser()
    await browser.session.get(await pressed(browser, fresh))
    made = max(github.world.apps.values(), key=lambda row: row.id)
    again = Settings(data=tmp_path, cache=tmp_path / "cache", offline=True, github_api=github.world.api)
    service = await compose(again, analyst=FakeAnalyst())
    try:
        assert service.settings.secret == made.webhook_secret
        assert service.page[PARTS].set_up is None
        assert service.page[PARTS].sign_in is not None
    finally:
        await service.close()


async def test_the_code_works_once_and_the_page_closes(fresh):
    browser = fresh.browser()
    back = await pressed(browser, fresh)
    assert (await browser.session.get(back)).status == 200
    before = (fresh.folder / FILE).read_bytes()
    assert (await browser.session.get(back)).status == 409
    answer = await browser.get(f"/setup?key={fresh.key}")
    assert "created and saved" in await answer.text()
    assert (fresh.folder / FILE).read_bytes() == before


@pytest.mark.parametrize("change", ["state=", "state=forged", "code=invented"])
async def test_an_answer_that_was_not_asked_for_makes_no_app(fresh, change):
    browser = fresh.browser()
    query = {name: values[0] for name, values in parse_qs(urlsplit(await pressed(browser, fresh)).query).items()}
    name, _, value = change.partition("=")
    answer = await browser.get("/setup/created", params={**query, name: value})
    assert answer.status == (502 if name == "code" else 400)
    assert not (fresh.folder / FILE).exists()


async def test_a_site_with_an_app_has_no_set_up(github, tmp_path):
    save(tmp_path, {"id": 1, "pem": github.app.private_key, "webhook_secret": "s"})
    async with site(tmp_path) as where:
        assert (await where.browser().get("/setup?key=")).status == 404
        assert (await where.browser().get("/setup/created?code=a&state=b")).status == 400


def test_a_file_that_others_can_read_is_refused(tmp_path):
    path = save(tmp_path, {"id": 1, "pem": "p", "webhook_secret": "s"})
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        saved(tmp_path)


def test_an_answer_without_credentials_is_not_kept(tmp_path):
    with pytest.raises(ConfigError, match="webhook_secret"):
        save(tmp_path, {"id": 1, "pem": "p"})
    assert saved(tmp_path) is None
