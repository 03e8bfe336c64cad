"""A morning at the desk, by keyboard alone: who comes, which keys Grace presses, and how many."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Hands, sign_in, take_out_of_use

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
CHART = re.compile(r"/patients/[0-9a-f-]{36}$")
WALK_IN = "Zawadi Kitsao Mwaringa"
FIELDS = "#m-form :is(input, select, textarea):visible"


def test_a_patient_is_found_with_one_chord_a_few_letters_and_enter(page: Page, address: str) -> None:
    sign_in(page, address, "grace")
    words = page.locator(".m-cards tbody a").first.inner_text().split()
    asked = " ".join(word[:4] for word in words[:2]).lower()

    hands = Hands(page)
    hands.press("Control+k")
    hands.type(asked)
    expect(page.locator("#m-palette-list [role=option]").first).to_contain_text(words[0][:4])
    hands.press("Enter")
    page.wait_for_url(CHART)
    assert hands.counted() <= 2 + len(asked) <= 11
    for word in words[:2]:
        expect(page.locator(".m-banner h1")).to_contain_text(word[:4])


def test_a_morning_at_the_desk(page: Page, second: Page, address: str) -> None:
    sign_in(page, address, "grace")
    hands = Hands(page)
    charts = []
    try:
        # Eight o'clock. Zawadi has never been here: nobody is found, and what was typed is carried into the form.
        look_for(hands, WALK_IN)
        hands.tab_to(page.get_by_role("button", name="Register a new patient"))
        hands.press("Enter")
        expect(page.get_by_label("Full name")).to_have_value(WALK_IN)
        assert hands.counted() <= len("patients") + len(WALK_IN) + 7

        # She is registered on one page, whose fields are seen at a glance.
        assert 9 <= page.locator(FIELDS).count() <= 12
        fill_in(hands, born="2 mar 1992", sex="Fem", phone="0712 555 018")
        hands.press("Control+Enter")
        page.wait_for_url(CHART)
        charts.append(page.url)
        assert hands.counted() <= 45
        banner = page.locator(".m-banner")
        for fact in (WALK_IN, "Female", "2 Mar 1992"):
            expect(banner).to_contain_text(fact)
        expect(page.locator("#reach")).to_contain_text("0712 555 018")

        # Nine. Another clerk wrote her down with a slip; the desk says so while it is typed, with the score.
        begin_registering(page, address)
        hands.type("Zawadi Kitsau Mwaringa")
        fill_in(hands, born="2 mar 1992", sex="Fem")
        hands.press("Tab")
        beside = page.locator("[data-patients-alike-here] section").first
        expect(beside).to_contain_text(re.compile(r"(8\d|9\d|100) of 100"))
        expect(beside.get_by_role("row").filter(has_text="Name")).to_contain_text("Zawadi Kitsau Mwaringa")
        expect(beside.get_by_role("row").filter(has_text="Name")).to_contain_text(WALK_IN)
        phone_row = beside.get_by_role("row").filter(has_text="Phone")
        expect(phone_row).to_contain_text("0712 555 018")
        expect(phone_row).not_to_contain_text("different")

        # Sent all the same, nothing is entered: it asks, and the answer is the record she has.
        hands.press("Control+Enter")
        expect(page.get_by_role("alert")).to_contain_text("Not registered yet")
        expect(page.get_by_role("alert")).to_be_focused()
        hands.tab_to(page.get_by_role("link", name="Open this record").first)
        hands.press("Enter")
        page.wait_for_url(charts[0])

        # Ten. Her number has changed.
        hands.counted()
        hands.tab_to(page.locator("#reach li").filter(has_text="0712").get_by_role("link", name="Change"))
        hands.press("Enter")
        number = page.get_by_label("Number or address")
        expect(number).to_have_value("0712 555 018")
        hands.tab_to(number)
        hands.press("Control+a")
        hands.type("0712 555 019")
        hands.press("Control+Enter")
        page.wait_for_url(CHART)
        expect(page.locator("#reach")).to_contain_text("0712 555 019")
        assert hands.counted() <= 45

        # Eleven. Her twin sister comes, who is another person: the clerk says so, and it goes.
        begin_registering(page, address)
        hands.type("Zawadi Kitsao Mwaringo")
        fill_in(hands, born="2 mar 1992", sex="Fem")
        hands.press("Control+Enter")
        expect(page.get_by_role("alert")).to_be_focused()
        hands.press("Control+Enter")
        expect(page.get_by_role("button", name="Register as a new person")).to_be_focused()
        hands.press("Enter")
        page.wait_for_url(CHART)
        charts.append(page.url)
        expect(page.locator(".m-banner")).to_contain_text("Zawadi Kitsao Mwaringo")
        assert charts[0] != charts[1]

        # Noon. The doctor and the desk change her at the same time; whoever saves last sees both versions.
        sign_in(second, address, "farah")
        second.goto(f"{charts[0]}/edit")
        page.goto(f"{charts[0]}/edit")
        call(hands, "Zawa")
        expect(page.locator(".m-banner h1")).to_contain_text("(Zawa)")
        doctor = Hands(second)
        call(doctor, "Mama Neema")
        expect(second.get_by_role("heading", level=1)).to_have_text("Changed by someone else meanwhile")
        expect(second.locator(".m-note").first).to_contain_text("Grace Wanjiru")
        both = second.get_by_role("row").filter(has_text="Called")
        expect(both).to_contain_text("Mama Neema")
        expect(both).to_contain_text("Zawa")
        doctor.tab_to(second.get_by_role("button", name="Keep mine"))
        doctor.press("Enter")
        second.wait_for_url(charts[0])
        expect(second.locator(".m-banner h1")).to_contain_text("(Mama Neema)")
    finally:
        for chart in charts:
            take_out_of_use(page, chart)


def look_for(hands: Hands, name: str) -> None:
    """Go to the search page from anywhere, and ask."""
    page = hands.page
    hands.press("Control+k")
    hands.type("patients")
    expect(page.locator("#m-palette-list [role=option]").first).to_contain_text("Patients")
    hands.press("Enter")
    expect(page.locator("#q")).to_be_focused()
    hands.type(name)
    hands.press("Enter")
    expect(page.get_by_text("None of these the person in front of you?")).to_be_visible()


def begin_registering(page: Page, address: str) -> None:
    """Open the form; it waits for the name."""
    page.goto(f"{address}/patients/new")
    expect(page.get_by_label("Full name")).to_be_focused()


def fill_in(hands: Hands, born: str, sex: str, phone: str = "") -> None:
    """The facts asked of everybody; the name stands already."""
    page = hands.page
    hands.tab_to(page.get_by_label("Date of birth"))
    hands.type(born)
    hands.press("Tab")
    hands.type(sex)
    if phone:
        hands.tab_to(page.get_by_label("Mobile phone"))
        hands.type(phone)


def call(hands: Hands, name: str) -> None:
    """Write how somebody is called, and save."""
    hands.tab_to(hands.page.get_by_label("Called"))
    hands.press("Control+a")
    hands.type(name)
    hands.press("Control+Enter")


def test_somebody_nobody_knows_and_one_record_for_each_person(page: Page, second: Page, address: str) -> None:
    sign_in(page, address, "grace")
    hands = Hands(page)
    charts = []
    try:
        # Night. A man is brought in whom nobody knows: three fields, and he has a record.
        page.goto(f"{address}/patients/unidentified")
        hands.tab_to(page.get_by_label("Sex, as it looks"))
        hands.counted()
        hands.type("Mal")
        hands.press("Tab")
        hands.type("40")
        hands.press("Tab")
        hands.type("anchor tattoo")
        hands.press("Control+Enter")
        page.wait_for_url(CHART)
        charts.append(page.url)
        assert hands.counted() <= 22
        banner = page.locator(".m-banner")
        for words in ("Unknown man", "Not identified", "anchor tattoo"):
            expect(banner).to_contain_text(words)

        # Morning. His wife comes; who he is, is said on the same record.
        number = banner.get_by_title("Record number").inner_text()
        page.goto(f"{charts[0]}/identify")
        expect(page.get_by_label("Full name")).to_be_focused()
        hands.type("Barnaba Kwechua Lenaiyara")
        hands.press("Control+Enter")
        page.wait_for_url(charts[0])
        expect(banner).to_contain_text("Barnaba Kwechua Lenaiyara")
        expect(banner).to_contain_text(number)
        expect(banner).not_to_contain_text("Not identified")

        # Another desk enters him once more. The records officer finds the two with a slip in the name, and joins them.
        begin_registering(page, address)
        hands.type("Barnaba Lenaiyara Ole")
        fill_in(hands, born="12 dec 1949", sex="Mal", phone="0712 555 044")
        hands.press("Control+Enter")
        page.wait_for_url(CHART)
        charts.append(page.url)
        sign_in(second, address, "rose")
        officer = Hands(second)
        second.goto(f"{charts[0]}/merge")
        expect(second.get_by_role("searchbox").last).to_be_focused()
        officer.type("lenayiara ole")
        officer.press("Enter")
        expect(second.locator("tbody a").first).to_contain_text("Barnaba Lenaiyara Ole")
        officer.tab_to(second.get_by_role("link", name="Compare").first)
        officer.press("Enter")
        expect(second.get_by_text("What is carried over")).to_be_visible()
        expect(second.locator("aside")).to_contain_text("Phone or address")
        officer.tab_to(second.get_by_label("How do you know?"))
        officer.type("his card")
        officer.press("Control+Enter")
        second.wait_for_url(charts[0])
        assert officer.counted() <= 60
        expect(second.locator("#reach")).to_contain_text("0712 555 044")
        expect(second.locator("#identifiers")).to_contain_text("Also registered as")

        # The old link leads on; and when it was wrong after all, the two are parted again.
        second.goto(charts[1])
        assert second.url == charts[0]
        second.goto(f"{charts[0]}/record")
        officer.tab_to(second.get_by_role("link", name="Part them again"))
        officer.press("Enter")
        expect(second.get_by_label("Reason")).to_be_focused()
        officer.type("two cards")
        officer.press("Control+Enter")
        second.wait_for_url(charts[1])
        expect(second.locator("#reach")).to_contain_text("0712 555 044")
    finally:
        for chart in charts:
            take_out_of_use(page, chart)
