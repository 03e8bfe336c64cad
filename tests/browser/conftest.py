"""A demo hospital served on this machine, and a browser in front of it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from core.cli.demo import PASSWORD

HOUSE = Path(__file__).parents[2]
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update"),
]
DESKTOP, PHONE = {"width": 1366, "height": 768}, {"width": 360, "height": 740}


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the demo hospital is served, until the tests end."""
    with served(tmp_path_factory.mktemp("demo")) as url:
        yield url


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A fresh demo hospital in this folder, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": str(HOUSE), "MEDLEY_DATA_FOLDER": str(folder / "data")}
    command = [sys.executable, "-c", "from core.cli import main; main()", "demo", "--port", str(port)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(url, server, folder / "log")
            yield url
        finally:
            server.terminate()
            server.wait(20)


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the hospital is ready."""
    for _ in range(600):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=1) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8", "replace")[-3000:])


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all journeys."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("CI"):
            raise AssertionError("Chromium is missing: apt-get install chromium")
        pytest.skip("Chromium is not installed (Debian package chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh window on a desk; what goes wrong in its scripts fails the test."""
    yield from window(chromium, DESKTOP)


@pytest.fixture
def second(chromium: Browser) -> Iterator[Page]:
    """Somebody else's window on a desk."""
    yield from window(chromium, DESKTOP)


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A fresh window on a phone."""
    yield from window(chromium, PHONE)


def window(chromium: Browser, size: dict[str, int]) -> Iterator[Page]:
    """A window that listens for errors."""
    context = chromium.new_context(viewport=size, locale="en-GB")
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    yield opened
    context.close()
    expected = ("status of 4", "status of 5")
    assert not [fault for fault in faults if not any(words in fault for words in expected)], faults


def sign_in(page: Page, address: str, name: str) -> None:
    """Sign in at the door, by keyboard alone."""
    page.goto(f"{address}/sign-in")
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")


def sideways(page: Page) -> int:
    """How many pixels the page can be scrolled sideways."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


class Hands:
    """Hands on a keyboard: what they press is counted; where they may reach for the mouse, each click is one more."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.keys = 0

    def press(self, *keys: str) -> None:
        """Press keys one after the other; a chord is one."""
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1

    def type(self, text: str) -> None:
        """Type a text."""
        self.page.keyboard.type(text)
        self.keys += len(text)

    def click(self, place: Locator) -> None:
        """Click somewhere."""
        place.click()
        self.keys += 1

    def tab_to(self, place: Locator, most: int = 40) -> None:
        """Press Tab until a place has the focus."""
        for _ in range(most):
            if place.evaluate("place => place === document.activeElement"):
                return
            self.press("Tab")
        raise AssertionError(f"{place} can't be reached by keyboard")

    def counted(self) -> int:
        """How many keys and clicks there were since the last count."""
        pressed, self.keys = self.keys, 0
        return pressed


def take_out_of_use(page: Page, chart: str) -> None:
    """Leave the register as it was found."""
    page.goto(f"{chart}/retire")
    page.get_by_label("Reason").fill("entered by a test")
    page.get_by_role("button", name="Take it out of use").click()
    expect(page.get_by_role("heading", name="Patients", level=1)).to_be_visible()
