"""Signing in and looking after the house, in a browser."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import sideways, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PAGES = ("/", "/me", "/plugins", "/people", "/roles", "/places", "/settings", "/jobs", "/journal")


def test_somebody_signs_in_and_out_by_keyboard(page: Page, address: str) -> None:
    sign_in(page, address, "grace")
    assert "Grace Wanjiru" in page.locator(".m-user").inner_text()
    page.locator(".m-user").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign out").press("Enter")
    page.wait_for_url(f"{address}/sign-in*")
    page.goto(f"{address}/me")
    assert "/sign-in" in page.url


def test_a_wrong_password_says_what_to_do_and_keeps_the_name(page: Page, address: str) -> None:
    page.goto(f"{address}/sign-in")
    page.keyboard.type("grace")
    page.keyboard.press("Tab")
    page.keyboard.type("not the password at all")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    assert page.get_by_label("Sign-in name").input_value() == "grace"
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"


def test_every_page_of_the_house_opens_on_a_desk_and_on_a_phone(page: Page, phone: Page, address: str) -> None:
    for window in (page, phone):
        sign_in(window, address, "ingrid")
        for path in PAGES:
            answer = window.goto(f"{address}{path}")
            assert answer is not None and answer.status == 200, path
            assert sideways(window) <= 0, f"{path} scrolls sideways"
            assert window.locator("h1").count() >= 1, path


def test_the_palette_finds_a_page_by_keyboard_from_anywhere(page: Page, address: str) -> None:
    sign_in(page, address, "ingrid")
    page.goto(f"{address}/me")
    page.keyboard.press("Control+k")
    page.keyboard.type("plug")
    page.wait_for_selector("#m-palette-list [role=option]")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/plugins*")
