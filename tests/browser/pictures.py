"""The pictures of the README and the documentation, taken anew: python -m tests.browser.pictures

It serves a demo hospital of its own and writes docs/pictures. ImageMagick makes the files small; without it they
stay as the browser wrote them.
"""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import click
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.conftest import DESKTOP, FLAGS, HOUSE, PHONE, served, sign_in

PICTURES = HOUSE / "docs" / "pictures"
LARGEST = 120_000
COLOURS = 128
# The demo hospital is the same each time; these are people in it.
SOUGHT = "amina"
FAMILIES = ("mohamed", "ali", "hassan", "otieno", "mwangi", "wanjiru")
KNOWN = "Swafiya Mbarak Abdalla"
SLIP = "Swafia Mbarak Abdala"


def take_pictures() -> None:
    """All of them."""
    PICTURES.mkdir(exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, "--hide-scrollbars"])
        desk = window(browser, address, "grace")
        search(desk, address)
        keep(desk, "search")
        register(desk, address)
        keep(desk, "register")
        doctor = window(browser, address, "farah")
        chart = warned_of(doctor, address)
        keep(doctor, "chart")
        night = window(browser, address, "farah", color_scheme="dark")
        night.goto(chart)
        keep(night, "chart-dark")
        lists = window(browser, address, "grace")
        lists.goto(f"{address}/patients/all?sex=female&sort=name")
        keep(lists, "list")
        officer = window(browser, address, "rose")
        joining(officer, address)
        keep(officer, "joining")
        administrator = window(browser, address, "ingrid")
        administrator.goto(f"{address}/plugins/patients")
        keep(administrator, "plugins")
        administrator.goto(f"{address}/api/")
        keep(administrator, "api")
        administrator.goto(f"{address}/staff/leave/board")
        keep(administrator, "staff-leave")
        administrator.goto(f"{address}/staff/")
        administrator.locator(".m-lead a").first.click()
        keep(administrator, "staff")
        bring_in(administrator, address, Path(folder) / "people.csv")
        keep(administrator, "import")
        arranged(administrator, address)
        keep(administrator, "fields")
        phone = window(browser, address, "grace", viewport=PHONE, device_scale_factor=2)
        search(phone, address)
        keep(phone, "search-phone")
        browser.close()


def joining(page: Page, address: str) -> None:
    """What joining two records would do: somebody known, and the same person as another clerk wrote her."""
    chart = re.compile(r"/patients/[0-9a-f-]{36}$")
    page.goto(f"{address}/patients/new")
    page.get_by_label("Full name").fill(SLIP)
    page.get_by_label("Called").fill("Swafi")
    page.get_by_label("Date of birth").fill("2009")
    page.get_by_label("Sex").select_option(label="Female")
    page.get_by_label("Mobile phone").fill("0733 123 456")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(chart)
    other = page.url.rpartition("/")[2]
    page.goto(f"{address}/patients/")
    page.locator("#q").fill(KNOWN)
    page.keyboard.press("Enter")
    page.locator("tbody a", has_text=KNOWN).first.click()
    page.wait_for_url(chart)
    page.goto(f"{page.url}/merge/{other}")
    page.get_by_label("How do you know?").fill("The same identity card, shown at the desk")


def bring_in(page: Page, address: str, file: Path) -> None:
    """The test run of an import, with something wrong in it."""
    file.write_text("Name,Signs in as,Kind of account\nAda Obi,ada,Person\nLi Wei,li.wei,Persn\n,sam,Person\n", "utf-8")
    page.goto(f"{address}/people/import")
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Go on to the columns").click()
    page.get_by_role("button", name="Test run").click()
    expect(page.get_by_text("Nothing has been saved")).to_be_visible(timeout=30_000)


def window(browser: Browser, address: str, name: str, **choices: object) -> Page:
    """Somebody's window, signed in."""
    options = {"viewport": DESKTOP, "locale": "en-GB", "color_scheme": "light", "reduced_motion": "reduce", **choices}
    page = browser.new_context(**options).new_page()  # type: ignore[arg-type]
    sign_in(page, address, name)
    return page


def search(page: Page, address: str, words: str = SOUGHT) -> None:
    """The search page with people found."""
    page.goto(f"{address}/patients/")
    page.locator("#q").fill(words)
    page.locator("#q").press("Enter")
    expect(page.get_by_text("None of these the person in front of you?")).to_be_attached()


def register(page: Page, address: str) -> None:
    """Somebody who is in the register already, written with a slip."""
    search(page, address, KNOWN)
    row = page.locator("[data-patients-results] tbody tr").filter(has_text=KNOWN).first
    born, phone = row.locator("td").nth(2).locator("bdi").inner_text(), row.locator("td").nth(4).inner_text()
    page.goto(f"{address}/patients/new")
    page.get_by_label("Full name").fill(SLIP)
    page.get_by_label("Date of birth").fill(born)
    page.get_by_label("Sex").select_option("female")
    page.get_by_label("Mobile phone").fill(phone)
    page.get_by_label("Area or village").focus()
    likely = page.locator("[data-patients-alike-here] section").first
    expect(likely).to_contain_text(re.compile(r"(9\d|100) of 100"))
    expect(likely.get_by_role("row").filter(has_text="Phone")).to_contain_text("same")


def warned_of(page: Page, address: str) -> str:
    """Open a chart with a warning and several numbers; its address."""
    for family in FAMILIES:
        search(page, address, family)
        links = page.locator("[data-patients-results] tbody a").evaluate_all("links => links.map(link => link.href)")
        for link in links:
            page.goto(link)
            if page.locator(".m-banner .m-k").count() and page.locator("#identifiers li").count() >= 3:
                return str(link)
    raise AssertionError("nobody in the demo hospital has a warning and two numbers")


def arranged(page: Page, address: str) -> None:
    """The arrangement of the register of patients, with fields of the hospital's own."""
    elder, card = ("line", "x_village_elder", "Village elder"), ("day", "x_card_until", "Card valid until")
    for kind, name, title in (elder, card):
        page.goto(f"{address}/fields/patients.patient/new?kind={kind}")
        page.get_by_label("What people call it").fill(title)
        page.get_by_label("Short name").fill(name)
        page.get_by_role("button", name="Add the field").click()
    page.goto(f"{address}/fields/patients.patient")
    handle = page.get_by_role("button", name="Move Card valid until with the arrow keys")
    for _step in range(2):
        handle.press("ArrowUp")
    handle.scroll_into_view_if_needed()


def keep(page: Page, name: str) -> None:
    """Write what the window shows, small."""
    target = PICTURES / f"{name}.png"
    page.mouse.move(0, 0)
    page.screenshot(path=target, animations="disabled", caret="hide")
    if shutil.which("convert"):
        small = ("-strip", "-dither", "None", "-colors", str(COLOURS), "-define", "png:compression-level=9")
        subprocess.run(["convert", target, *small, f"PNG8:{target}"], check=True)
    size = target.stat().st_size
    if size > LARGEST:
        raise AssertionError(f"{target.name} has {size} bytes, more than {LARGEST}")
    click.echo(f"{target.name} {size // 1000} kB")


if __name__ == "__main__":
    take_pictures()
