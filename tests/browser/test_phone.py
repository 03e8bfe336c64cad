"""The desk on a phone, 360 pixels wide: nothing scrolls sideways, everything can be hit with a thumb."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sideways, sign_in, take_out_of_use

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
# What can be pressed and is seen, and yet smaller than 24 pixels on a side.
SMALL_TARGETS = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
    .filter(one => one.checkVisibility({visibilityProperty: true}) && one.type !== "hidden")
    .map(one => [one, one.getBoundingClientRect()])
    .filter(([one, box]) => box.width > 1 && box.height > 1 && box.right > 0 && box.bottom > 0)
    .filter(([one, box]) => box.width < 24 || box.height < 24)
    .map(([one, box]) => `${one.outerHTML.slice(0, 90)} ${Math.round(box.width)}x${Math.round(box.height)}`)"""
# Numbers that are broken over two lines.
BROKEN_NUMBERS = """() => [...document.querySelectorAll("main .m-num, main .m-code")]
    .filter(one => !one.children.length && one.textContent.trim() && /^[\\d\\s+-]+$/.test(one.textContent))
    .filter(one => {
        const range = document.createRange();
        range.selectNodeContents(one);
        return range.getClientRects().length > 1;
    })
    .map(one => one.textContent)"""


def assert_fits(phone: Page) -> None:
    """The page holds on a phone."""
    assert sideways(phone) <= 0, phone.url
    assert phone.evaluate(SMALL_TARGETS) == []
    assert phone.evaluate(BROKEN_NUMBERS) == []


def test_the_first_page_and_the_search_hold_on_a_phone(phone: Page, address: str) -> None:
    sign_in(phone, address, "grace")
    expect(phone.get_by_role("heading", name="Find a patient")).to_be_visible()
    assert_fits(phone)
    phone.get_by_role("searchbox").fill("amina")
    phone.get_by_role("button", name="Find", exact=True).click()
    expect(phone.get_by_text("None of these the person in front of you?")).to_be_visible()
    assert_fits(phone)
    register = phone.get_by_role("button", name="Register a new patient").bounding_box()
    assert register is not None and register["width"] >= 320


def test_somebody_is_registered_on_a_phone_and_told_of_likely_duplicates(phone: Page, address: str) -> None:
    sign_in(phone, address, "grace")
    phone.goto(f"{address}/patients/")
    known = phone.locator("[data-patients-results] tbody a").first.inner_text()
    phone.goto(f"{address}/patients/new")
    assert_fits(phone)
    note = phone.locator("[data-patients-alike-note]")
    expect(note).to_be_hidden()
    phone.get_by_label("Full name").fill(known)
    phone.get_by_label("Called").focus()
    expect(note).to_be_visible()
    assert_fits(phone)
    note.get_by_role("link").click()
    expect(phone.locator("#patients-alike")).to_be_in_viewport()

    phone.get_by_label("Full name").fill("Zawadi Kitsao Mwaringa")
    phone.get_by_label("Date of birth").fill("34")
    expect(note).to_be_hidden()
    phone.get_by_label("Sex").select_option("female")
    phone.get_by_label("Mobile phone").fill("0712 555 018")
    phone.get_by_label("Next of kin").fill("Oluwaseun Adeyemi-Kristjansdottir")
    phone.get_by_label("Their phone").fill("0712 555 019")
    phone.get_by_role("button", name="Register", exact=True).click()
    phone.wait_for_url(re.compile(r"/patients/[0-9a-f-]{36}$"))
    chart = phone.url
    try:
        expect(phone.locator(".m-banner")).to_contain_text("about 34 years")
        assert_fits(phone)
        banner = phone.locator(".m-banner").bounding_box()
        assert banner is not None and banner["height"] <= 90
        menu = phone.locator(".m-banner summary")
        menu.click()
        expect(phone.get_by_role("link", name="Change facts")).to_be_in_viewport()
        assert_fits(phone)
        phone.keyboard.press("Escape")
        phone.get_by_role("link", name="Change", exact=True).first.click()
        expect(phone.get_by_label("Number or address")).to_be_visible()
        assert_fits(phone)
    finally:
        take_out_of_use(phone, chart)
