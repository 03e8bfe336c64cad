"""The board of a noun: moved by menu, keyboard and mouse, and one column at a time on a phone."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, sign_in

pytestmark = pytest.mark.browser


def opened(chromium: Browser, address: str, **choices: object) -> Page:
    """The board of leave, in front of somebody who decides."""
    page = chromium.new_context(**{"viewport": DESKTOP, **choices}).new_page()  # type: ignore[arg-type]
    sign_in(page, address, "ingrid")
    page.goto(f"{address}/staff/leave/board")
    return page


def test_a_card_is_moved_by_its_menu_and_the_keyboard_alone(chromium: Browser, address: str) -> None:
    page = opened(chromium, address)
    waiting = page.locator("[data-m-column=requested] [data-m-card]")
    count = waiting.count()
    name = waiting.first.locator(".m-card-name")
    words = name.inner_text()
    name.focus()
    page.keyboard.press("ArrowDown")
    expect(waiting.nth(1).locator(".m-card-name")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"Grant: {words}")).to_be_visible()
    page.get_by_role("button", name="Grant").press("Enter")
    page.wait_for_url(re.compile(r"/staff/leave/board\?at=approved"))
    expect(waiting).to_have_count(count - 1)
    expect(page.locator("[data-m-column=approved] .m-card-name", has_text=words)).to_be_focused()


def test_a_card_is_dragged_to_where_a_step_leads_and_nowhere_else(chromium: Browser, address: str) -> None:
    page = opened(chromium, address)
    card = page.locator("[data-m-column=requested] [data-m-card]").first
    card.drag_to(page.locator("[data-m-column=withdrawn]"), source_position={"x": 120, "y": 45})
    page.wait_for_timeout(300)
    assert page.url.endswith("/staff/leave/board")
    card.drag_to(page.locator("[data-m-column=refused]"), source_position={"x": 120, "y": 45})
    page.wait_for_url(re.compile(r"/move/refuse\?from=board"))


def test_a_phone_shows_one_column_at_a_time(chromium: Browser, address: str) -> None:
    page = opened(chromium, address, viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    expect(page.locator(".m-board-col:visible")).to_have_count(1)
    page.get_by_role("link", name=re.compile("^Granted")).click()
    expect(page.locator("[data-m-column=approved]")).to_be_visible()
    expect(page.locator("[data-m-column=requested]")).to_be_hidden()
