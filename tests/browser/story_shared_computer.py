"""One computer at the desk, two people: locked, handed over, opened again by PIN; keys counted, nothing lost."""

import re

import pytest
from playwright.sync_api import Page, expect

from core.cli.demo import PASSWORD
from tests.browser.conftest import Hands, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def choose_pin(page: Page, address: str, pin: str) -> None:
    """Choose a PIN, by keyboard."""
    page.goto(f"{address}/me/pin")
    for label, text in (("PIN", pin), ("PIN once more", pin), ("Your password", PASSWORD)):
        page.get_by_label(label, exact=True).fill(text)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/me")


def test_a_half_written_form_outlives_the_lock_and_a_colleague(page: Page, address: str) -> None:
    sign_in(page, address, "grace")
    choose_pin(page, address, "4071")

    # Grace is half through a registration when she is called away: one click in her menu, and no question.
    page.goto(f"{address}/patients/new")
    page.get_by_label("Full name").fill("Mwana Half Written")
    hands = Hands(page)
    hands.click(page.locator(".m-user"))
    hands.click(page.get_by_role("button", name="Lock, or let a colleague in"))
    page.wait_for_url(f"{address}/locked")
    expect(page.locator("main")).to_contain_text("Grace")
    assert hands.counted() == 2
    page.go_back()
    page.wait_for_url(re.compile("/locked"))

    # A colleague signs in here, looks around, and locks in turn: outside a field one key does it.
    page.goto(f"{address}/sign-in")
    page.get_by_label("Sign-in name").fill("ingrid")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")
    choose_pin(page, address, "5829")
    page.locator("h1").click()
    page.keyboard.press("l")
    page.wait_for_url(f"{address}/locked")

    # Grace is back: she points at herself, gives her PIN, and is on her page with what she had written.
    hands = Hands(page)
    hands.click(page.get_by_role("radio", name=re.compile("Grace")))
    hands.press("Tab")
    hands.type("4071")
    hands.press("Enter")
    page.wait_for_url(f"{address}/patients/new")
    assert hands.counted() <= 7
    page.get_by_role("link", name="Go on with it").click()
    expect(page.get_by_label("Full name")).to_have_value("Mwana Half Written")
    expect(page.locator(".m-user")).to_contain_text("Grace")
    page.get_by_role("link", name="Discard").click()
    page.wait_for_url(f"{address}/patients/")


def test_the_lock_on_a_phone(phone: Page, address: str) -> None:
    sign_in(phone, address, "farah")
    choose_pin(phone, address, "7306")
    phone.locator(".m-user").click()
    phone.get_by_role("button", name="Lock, or let a colleague in").click()
    phone.wait_for_url(f"{address}/locked")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    phone.keyboard.type("7306")
    phone.keyboard.press("Enter")
    phone.wait_for_url(f"{address}/me")
