"""Every page that can be reached by links is looked at by axe (WCAG 2.2 A and AA), in light and in dark.

Pages are found by following links from the first one; of pages that differ only in what they are about, one is looked
at. What a page opens (menus, dialogs) is closed then; the journeys look into those.
"""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Error, Page

from tests.browser.conftest import DESKTOP, PHONE, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LINKS = "() => [...document.querySelectorAll('a[href^=\"/\"]:not([download])')].map(link => link.getAttribute('href'))"
LOOK = """async ([tags, only]) => {
    const options = only ? { runOnly: { type: 'rule', values: only } } : { runOnly: { type: 'tag', values: tags } };
    const found = await axe.run(document, { ...options, resultTypes: ['violations'] });
    const where = one => one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(' | ');
    return found.violations.map(one => `${one.id}: ${where(one)}`); }"""
DARK = "() => { document.documentElement.dataset.bsTheme = document.documentElement.dataset.mShown = 'dark'; }"
ABOUT = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)\d+(?=/|$)|(?<=/)(core|patients|fhir|api)\.[a-z_.]+")
FILES = re.compile(
    r"^/(static|api|fhir|sign-out)(/|$)|\.(csv|xlsx|json|pdf|svg|png)$|/(file|content|picture|photo|preview|summary|label|wristband)$"
)
MOST = 150


def pages(page: Page, address: str, start: str = "/") -> Iterator[str]:
    """One page of each kind, the first ones first; the window is at each as it is given out."""
    waiting, known = [start], {kind_of(start)}
    while waiting and len(known) < MOST:
        path = waiting.pop(0)
        try:
            answer = page.goto(f"{address}{path}")
        except Error as refused:
            assert "Download is starting" in refused.message, path
            continue
        if answer is None or answer.status != 200 or "text/html" not in answer.headers.get("content-type", ""):
            continue
        yield path
        for link in page.evaluate(LINKS):
            kind = kind_of(link)
            if kind not in known and not FILES.search(link.partition("?")[0]):
                known.add(kind)
                waiting.append(link.partition("#")[0])
    assert not waiting, "there are more kinds of pages than are looked at"


def kind_of(link: str) -> str:
    """What pages that are made alike have in common."""
    return ABOUT.sub("*", re.split(r"[?#]", link)[0])


def faults(page: Page, tags: list[str] | None = None, only: list[str] | None = None) -> list[str]:
    """What axe finds fault with."""
    page.evaluate(f"() => {{ if (!window.axe) {{ {AXE_SCRIPT} }} }}")
    found: list[str] = page.evaluate(LOOK, [tags or TAGS, only])
    return found


@pytest.mark.parametrize(("name", "language"), [("grace", "en"), ("farah", "ar"), ("ingrid", "en")])
def test_axe_finds_nothing_on_any_page(chromium: Browser, address: str, name: str, language: str) -> None:
    context = chromium.new_context(viewport=DESKTOP, locale="en-GB", color_scheme="light", reduced_motion="reduce")
    page = context.new_page()
    bad: dict[str, list[str]] = {}
    try:
        page.goto(f"{address}/sign-in")
        bad["/sign-in"] = faults(page)
        sign_in(page, address, name)
        speak(page, address, language)
        for path in pages(page, address):
            found = faults(page)
            page.set_viewport_size(PHONE)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
                found.append("wider than a phone")
            page.evaluate(DARK)
            bad[path] = [*found, *(f"dark, on a phone: {one}" for one in faults(page, only=["color-contrast"]))]
            page.set_viewport_size(DESKTOP)
        assert len(bad) > 10
    finally:
        speak(page, address, "")
        context.close()
    assert {path: found for path, found in bad.items() if found} == {}


def speak(page: Page, address: str, language: str) -> None:
    """Choose a language; "" for the hospital's."""
    page.goto(f"{address}/me/preferences")
    page.locator("[name=locale]").select_option(language)
    page.locator("[type=submit][form=m-form]").click()
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.dir") == ("rtl" if language == "ar" else "ltr")
