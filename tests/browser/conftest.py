"""The demonstration as a process, and a real browser that looks at it."""

import os
import queue
import re
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from tests import parts
from tests.parts import chromium as browser_part
from tests.parts import npm

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory):
    """Addresses of the running demonstration: pages, stand-in, and the set-up page with its code."""
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("UPRIVER_")},
        "UPRIVER_PORT": "0",
        "UPRIVER_OPERATOR_TOKEN": "an-operators-token",
        "UPRIVER_LOG_LEVEL": "error",
        "XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache")),
        "XDG_DATA_HOME": str(tmp_path_factory.mktemp("data")),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    lines = queue.Queue()
    reader = threading.Thread(target=lambda: [lines.put(line) for line in process.stdout], daemon=True)
    reader.start()
    said = {}
    try:
        while "standin" not in said:
            line = lines.get(timeout=60)
            for name, pattern in (
                ("pages", r"pages +(\S+)/"),
                ("setup", r"set up the App +(\S+)"),
                ("standin", r"stand-in +(\S+)/"),
            ):
                if match := re.search(pattern, line):
                    said[name] = match[1]
        yield said
    finally:
        process.terminate()
        status = process.wait(60)
        reader.join(60)  # it reads to the end before the pipe is closed under it
        process.stdout.close()
    assert status == 0


@pytest.fixture(scope="module")
def reported(demonstration):
    """The key of the first bug that was reported upstream; within two minutes, as the README promises."""
    import json

    until = time.monotonic() + 120
    while time.monotonic() < until:
        with urllib.request.urlopen(f"{demonstration['pages']}/api/bugs", timeout=10) as answer:
            rows = json.load(answer)["rows"]
        found = [row["key"] for row in rows if row["standing"] == "reported"]
        if found:
            return found[0]
        time.sleep(1)
    raise AssertionError(f"no bug was reported within two minutes: {rows}")


@pytest.fixture(scope="module")
def chromium():
    """A real browser, driven by playwright; ended with its module, since its loop would be in asynchronous tests' way."""
    part = parts.require("chromium")
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(npm.node())
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(part / "chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
            env=browser_part.environment(part),
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def axe():
    """axe-core's source."""
    folder = parts.require("axe")
    return next(folder.rglob("axe.min.js")).read_text(encoding="utf-8")
