"""The import wizard in a browser, from the file to taking it back."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sideways, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
WORK = 30_000


def test_a_list_of_people_comes_in_and_goes_again(page: Page, phone: Page, address: str, tmp_path: Path) -> None:
    sent = tmp_path / "people.csv"
    sent.write_text(
        "Name,Signs in as,Kind of account\nNew One,new.one,Person\nNew Two,new.two,Persn\n,new.three,Person\n", "utf-8"
    )
    sign_in(page, address, "ingrid")
    page.goto(f"{address}/people/import")
    page.get_by_label("File").set_input_files(sent)
    page.get_by_role("button", name="Go on to the columns").click()
    expect(page.get_by_text("Read as UTF-8, with commas.")).to_be_visible()
    columns = page.url
    page.get_by_role("button", name="Test run").click()
    expect(page.get_by_text("Nothing has been saved")).to_be_visible(timeout=WORK)
    expect(page.get_by_text("Persn")).to_be_visible()
    sign_in(phone, address, "ingrid")
    for window in (page, phone):
        if window is phone:
            window.goto(page.url)
        assert sideways(window) <= 0
    phone.goto(columns)
    assert sideways(phone) <= 0
    page.get_by_role("button", name="Accept one suggestion").click()
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("The import is done")).to_be_visible(timeout=WORK)
    page.get_by_role("button", name="Take the import back").click()
    expect(page.get_by_text("The import was taken back")).to_be_visible(timeout=WORK)
