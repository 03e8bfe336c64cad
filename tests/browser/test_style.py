"""The parts of a page look as they did when somebody last looked at them.

After a change on purpose, `python -m tests.browser.test_style` takes them anew; look at them before you keep them.
"""

import io
import shutil
import tempfile
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import DESKTOP, FLAGS, served, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
KEPT = Path(__file__).parent / "looks"
LOOKS = ("light", "dark", "turned")
WIDTH = 480
CLEARLY, FEW = 40, 0.004


def picture(page: Page, address: str, look: str) -> Image.Image:
    """All parts, small and in grey: what moves or changes its colour shows, how letters are smoothed does not."""
    page.goto(f"{address}/style?look={look}")
    page.evaluate("document.fonts.ready")
    return small(page)


def small(page: Page) -> Image.Image:
    """What the window shows now."""
    taken = Image.open(io.BytesIO(page.locator("#main").screenshot(animations="disabled"))).convert("L")
    return taken.resize((WIDTH, round(taken.height * WIDTH / taken.width)), Image.Resampling.BOX)


def difference(one: Image.Image, other: Image.Image) -> float:
    """The share of places in which two pictures clearly differ."""
    if abs(one.height - other.height) > one.height * 0.01:
        return 1.0
    height = min(one.height, other.height)
    found = ImageChops.difference(*(each.crop((0, 0, WIDTH, height)) for each in (one, other)))
    return sum(found.histogram()[CLEARLY:]) / (WIDTH * height)


def test_the_parts_look_as_they_did(page: Page, address: str) -> None:
    sign_in(page, address, "ingrid")
    for look in LOOKS:
        kept = Image.open(KEPT / f"style-{look}.png")
        assert difference(kept, picture(page, address, look)) < FEW, look


def test_a_part_that_changed_is_noticed(page: Page, address: str) -> None:
    sign_in(page, address, "ingrid")
    kept = Image.open(KEPT / "style-light.png")
    for change in (".m-b, .btn { background: #444 !important; }", ".m-table { display: none !important; }"):
        page.goto(f"{address}/style?look=light")
        page.evaluate(
            """rule => { const sheet = new CSSStyleSheet();
            sheet.replaceSync(rule); document.adoptedStyleSheets = [sheet]; }""",
            change,
        )
        assert difference(kept, small(page)) >= FEW, change


def keep() -> None:
    """Take the pictures anew."""
    KEPT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = chromium.new_context(viewport=DESKTOP, locale="en-GB").new_page()
        sign_in(page, address, "ingrid")
        for look in LOOKS:
            picture(page, address, look).save(KEPT / f"style-{look}.png", optimize=True)
        chromium.close()


if __name__ == "__main__":
    keep()
