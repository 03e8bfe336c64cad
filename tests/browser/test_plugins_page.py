"""The administrator switches plugins off and on, and the hospital changes at the next click."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def switch(page: Page, address: str, name: str, words: str) -> None:
    """Press a plugin's switch, and then the button that means it."""
    page.goto(f"{address}/plugins")
    page.locator(f"#{name} [role=switch]").click()
    page.locator(f"#{name}").get_by_role("button", name=words).click()


def is_on(page: Page, address: str, name: str, state: bool) -> None:
    """Look at a plugin's switch."""
    page.goto(f"{address}/plugins")
    expect(page.locator(f"#{name} [role=switch]")).to_have_attribute("aria-checked", "true" if state else "false")


def switch_on(page: Page, address: str, name: str) -> None:
    """Switch a plugin on, and wait until its page says that it is."""
    switch(page, address, name, "Turn it on")
    expect(page.get_by_text(re.compile(r" is on\b"))).to_be_visible(timeout=20_000)
    is_on(page, address, name, True)


def status_of(page: Page, url: str) -> int:
    """What the server answers to this reader."""
    answer = page.goto(url)
    assert answer is not None
    return answer.status


def test_a_plugin_says_what_follows_before_it_goes(page: Page, address: str) -> None:
    sign_in(page, address, "ingrid")
    page.goto(f"{address}/plugins")
    page.locator("#fhir [role=switch]").focus()
    page.keyboard.press("Space")
    page.wait_for_url("**/plugins/fhir*")
    ahead = page.locator("#fhir section")
    expect(ahead).to_contain_text("Takes effect at the next click, nothing restarts")
    assert ahead.locator(".m-effects li").count() >= 1
    is_on(page, address, "fhir", True)
    try:
        switch(page, address, "fhir", "Turn it off")
        is_on(page, address, "fhir", False)
        page.goto(f"{address}/plugins?show=off")
        expect(page.locator("#fhir")).to_be_visible()
    finally:
        switch_on(page, address, "fhir")


def test_without_the_register_its_pages_are_gone_and_with_it_all_is_back(
    page: Page, second: Page, address: str
) -> None:
    sign_in(page, address, "ingrid")
    sign_in(second, address, "grace")
    second.goto(f"{address}/patients/")
    names = second.locator("[data-patients-results] tbody").inner_text()
    second.locator("[data-patients-results] tbody a").first.click()
    second.wait_for_url(re.compile(r"/patients/[0-9a-f-]{36}$"))
    chart, banner = second.url, second.locator(".m-banner").inner_text()
    try:
        switch(page, address, "patients", "Turn it off")
        is_on(page, address, "patients", False)
        assert status_of(second, f"{address}/patients/") == 404
        assert status_of(second, chart) == 404
        assert status_of(second, f"{address}/") == 200
        expect(second.get_by_role("link", name="Patients")).to_have_count(0)
        expect(second.get_by_role("heading", name="Find a patient")).to_have_count(0)
    finally:
        switch_on(page, address, "patients")
    assert status_of(second, f"{address}/patients/") == 200
    assert second.locator("[data-patients-results] tbody").inner_text() == names
    assert status_of(second, chart) == 200
    assert second.locator(".m-banner").inner_text() == banner
