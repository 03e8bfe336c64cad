"""The network goes, and comes back."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_without_a_connection_nothing_is_lost_and_the_page_says_what_to_do(page: Page, address: str) -> None:
    sign_in(page, address, "grace")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.goto(f"{address}/patients/new")
    page.get_by_label("Full name").fill("Written Before The Cut")

    page.context.set_offline(True)
    line = page.locator("[data-m-offline]")
    expect(line).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(line).to_be_focused()
    expect(page.get_by_label("Full name")).to_have_value("Written Before The Cut")

    # The lock and the palette aside, another page can't be had; ours says so, and goes on by itself.
    page.goto(f"{address}/me")
    expect(page.get_by_role("heading", level=1)).to_contain_text("No connection")
    assert page.evaluate("getComputedStyle(document.querySelector('.m-door-card')).borderRadius") == "14px"
    page.context.set_offline(False)
    expect(page.get_by_role("heading", level=1)).to_contain_text("My account", timeout=15000)


def test_the_worker_keeps_no_page_of_a_person(page: Page, address: str) -> None:
    sign_in(page, address, "grace")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.locator(".m-cards tbody a").first.click()
    expect(page.locator(".m-banner")).to_be_visible()
    kept = page.evaluate("""async () => {
        const found = [];
        for (const name of await caches.keys())
            for (const one of await (await caches.open(name)).keys()) found.push(new URL(one.url).pathname);
        return found; }""")
    assert sorted(path for path in kept if not path.startswith("/static/")) == ["/offline"]
