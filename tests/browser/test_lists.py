"""Lists of declared nouns in a browser: walked by keyboard, narrowed, kept as a view, and on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Hands, sideways, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
LISTS = ("/patients/all", "/people", "/roles", "/grants")


def rows(page: Page) -> list[str]:
    """The names on the page."""
    return page.locator("main .m-table tbody .m-lead").all_inner_texts()


def links(page: Page) -> list[str]:
    """Where the rows of the page lead: people may share a name."""
    found = page.locator("main .m-table tbody .m-lead a").evaluate_all("all => all.map(one => one.href)")
    return [str(one) for one in found]


def test_every_list_opens_on_a_desk_and_on_a_phone(page: Page, phone: Page, address: str) -> None:
    for window in (page, phone):
        sign_in(window, address, "ingrid")
        for path in LISTS[1:]:
            answer = window.goto(f"{address}{path}")
            assert answer is not None and answer.status == 200, path
            assert rows(window), path
            assert sideways(window) <= 0, f"{path} scrolls sideways"
            narrow = window.goto(f"{address}{path}/narrow")
            assert narrow is not None and narrow.status == 200 and sideways(window) <= 0, path


def test_a_list_is_walked_and_a_chart_opened_by_keyboard(page: Page, address: str) -> None:
    sign_in(page, address, "grace")
    page.goto(f"{address}/patients/all")
    first, second = rows(page)[:2]
    hands = Hands(page)
    hands.press("j", "j")
    assert page.evaluate("document.activeElement.innerText") == second
    hands.press("k", "Enter")
    expect(page.locator("h1")).to_contain_text(first)
    assert hands.counted() == 4


def test_a_list_is_narrowed_in_its_dialog_and_a_chip_taken_away(page: Page, address: str) -> None:
    sign_in(page, address, "grace")
    page.goto(f"{address}/patients/all")
    page.get_by_text("Filter and columns").press("Enter")
    dialog = page.locator("dialog#m-narrow")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Female").check()
    dialog.get_by_label("Language").check()
    dialog.get_by_role("button", name="Show these").press("Enter")
    expect(page.locator(".m-chip.is-on")).to_contain_text("Sex Female")
    expect(page.get_by_role("columnheader", name="Language")).to_be_visible()
    assert "sex=female" in page.url
    cells = page.locator("main .m-table tbody tr").all_inner_texts()
    assert cells and not any("Male" in text for text in cells)
    page.get_by_role("link", name="Remove filter Sex Female").press("Enter")
    expect(page.locator(".m-chip.is-on")).to_have_count(0)


def test_words_are_in_no_address_and_paging_goes_on_with_them(page: Page, address: str) -> None:
    sign_in(page, address, "grace")
    page.goto(f"{address}/patients/all")
    name = rows(page)[0].split()[0]
    page.get_by_label("Find in this list").fill(name)
    page.get_by_label("Find in this list").press("Enter")
    page.wait_for_url("**find=**")
    assert name.casefold() not in page.url.casefold()
    assert any(name in one for one in rows(page))


def test_a_view_is_kept_and_found_again(page: Page, address: str) -> None:
    sign_in(page, address, "grace")
    page.goto(f"{address}/patients/all?sex=male")
    page.get_by_role("button", name="Save this view").click()
    page.get_by_label("Name", exact=True).fill("Men")
    page.get_by_role("button", name="Save the view").click()
    expect(page.locator(".m-tabs [aria-current]")).to_have_text(re.compile("Men"))
    page.goto(f"{address}/patients/all")
    page.locator(".m-tabs").get_by_text("Men").click()
    expect(page.locator(".m-chip.is-on")).to_contain_text("Sex Male")
    page.locator("summary[aria-label='This view']").click()
    page.get_by_role("button", name="Take this view away").click()
    expect(page.locator(".m-tabs").get_by_text("Men")).to_have_count(0)


def test_pages_are_leafed_to_the_end_and_back(page: Page, address: str) -> None:
    sign_in(page, address, "grace")
    page.goto(f"{address}/patients/all?sort=name")
    first, begun = rows(page), links(page)
    page.get_by_role("link", name="Next page").click()
    page.wait_for_url("**at=**")
    assert not set(links(page)) & set(begun)
    page.get_by_role("link", name="First page").click()
    page.wait_for_url(lambda url: "at=" not in url)
    assert links(page) == begun
    page.get_by_role("link", name="Last page").click()
    page.wait_for_url("**at=last**")
    expect(page.get_by_role("link", name="Next page")).to_have_count(0)
    assert rows(page)[-1].casefold() > first[-1].casefold()


def test_on_a_phone_a_list_is_cards(phone: Page, address: str) -> None:
    sign_in(phone, address, "grace")
    phone.goto(f"{address}/patients/all")
    assert sideways(phone) <= 0
    box = phone.locator("main .m-table tbody tr").first.bounding_box()
    assert box is not None and box["width"] <= 360 and box["height"] >= 44
    phone.locator("main .m-table tbody .m-lead a").first.click()
    expect(phone.locator("h1")).to_be_visible()
