"""What a browser is told to refuse, and what it does not keep."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
WATCH = """addEventListener("securitypolicyviolation", refused =>
    console.warn(`refused ${refused.violatedDirective} ${refused.blockedURI}`))"""
DESK = ("/", "/me", "/find", "/patients/", "/patients/new")
HOUSE = (
    *("/", "/plugins", "/plugins/fhir", "/people", "/roles", "/places"),
    *("/settings", "/settings/patients", "/jobs", "/journal"),
)


@pytest.fixture
def refused(page: Page) -> Iterator[list[str]]:
    """What the content policy refused in this window."""
    found: list[str] = []
    page.add_init_script(WATCH)
    page.on("console", lambda said: found.append(said.text) if said.text.startswith("refused ") else None)
    yield found


def test_no_page_does_what_the_policy_refuses(page: Page, address: str, refused: list[str]) -> None:
    sign_in(page, address, "grace")
    for path in DESK:
        page.goto(f"{address}{path}")
    page.goto(f"{address}/patients/")
    page.locator("#q").fill("amina")
    expect(page.get_by_text("None of these the person in front of you?")).to_be_visible()
    page.locator("[data-patients-results] tbody a").first.click()
    expect(page.locator(".m-banner")).to_be_visible()
    chart = page.url
    for part in ("history", "edit", "telecoms/new", "retire"):
        page.goto(f"{chart}/{part}")
    page.keyboard.press("Control+k")
    page.keyboard.type("amina")
    expect(page.locator("#m-palette-list [role=option]").first).to_be_visible()
    assert refused == []


def test_no_page_of_the_house_does_what_the_policy_refuses(page: Page, address: str, refused: list[str]) -> None:
    sign_in(page, address, "ingrid")
    for path in HOUSE:
        page.goto(f"{address}{path}")
        expect(page.locator("h1").first).to_be_visible()
    assert refused == []


def test_a_script_that_is_slipped_into_a_page_does_not_run(chromium: Browser, address: str) -> None:
    page = chromium.new_page()
    page.add_init_script(WATCH)
    page.goto(f"{address}/sign-in")
    with page.expect_console_message(lambda said: said.text.startswith("refused script-src")):
        page.evaluate(
            """() => { const slipped = document.createElement("div");
            slipped.innerHTML = "<img src='data:,' onerror='window.ran = true'>"; document.body.append(slipped); }"""
        )
    assert page.evaluate("window.ran") is None
    page.close()


def test_the_back_button_after_signing_out_shows_nothing_of_a_patient(page: Page, address: str) -> None:
    sign_in(page, address, "grace")
    link = page.locator(".m-cards tbody a").first
    name = link.inner_text()
    link.click()
    expect(page.locator(".m-banner h1")).to_contain_text(name)
    number = page.locator(".m-banner [title='Record number']").inner_text()
    page.locator(".m-user").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{address}/sign-in*")
    for _ in range(3):
        page.go_back()
        expect(page.get_by_label("Sign-in name")).to_be_visible()
        shown = page.content()
        assert name not in shown
        assert number not in shown
