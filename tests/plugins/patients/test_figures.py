"""Figures about the register, and tokens made anew when the rules of the search change."""

from datetime import date

from core.jobs import enqueue
from core.sites import Site
from core.testing.house import HOUSE, House
from plugins.patients.models import Count, IndexState, SearchToken, SpellingWord
from plugins.patients.services.counting import latest_count
from plugins.patients.services.details import PatientDetails, TelecomDetails
from plugins.patients.services.merging.acts import merge_patients
from plugins.patients.services.registering import register_patient
from plugins.patients.services.reindexing import EDITION, check_index
from tests.plugins.patients.test_records import work


def test_the_register_is_counted_by_a_job_and_shown(house: House, site: Site) -> None:
    doctor = house.visitor(site, house.person(site, "Farah Doctor", "doctor"))
    assert "Nothing was counted yet" in doctor.get("/patients/statistics").text
    with site.activate(door="test"):
        people = [
            register_patient(
                PatientDetails(
                    f"{name} Kitsao", sex=sex, born_on=date(year, 1, 2), language="sw",
                    telecoms=(TelecomDetails("0712 555 018"),) if sex == "female" else (),
                ),
                by=HOUSE, is_new=True, is_complete=False,
            )
            for name, sex, year in (("Zawadi", "female", 1990), ("Juma", "male", 2020), ("Neema", "female", 1991))
        ]  # fmt: skip
        merge_patients(people[0], people[2], "one card", by=HOUSE)
    assert doctor.post("/patients/statistics/count").status_code == 303
    work(site, lambda: Count.select().exists())
    with site.activate():
        facts = latest_count().facts
    assert {name: n for name, n in facts["all"].items() if n} == {"patients": 2, "joined": 1}
    assert (facts["sex"], facts["known"]["phone"]) == ({"female": 1, "male": 1}, 1)
    page = doctor.get("/patients/statistics").text
    for words in ("Registered by month", "Swahili", "Joined with others"):
        assert words in page


def test_an_older_index_is_brought_up_to_date(house: House, site: Site) -> None:
    with site.activate(door="test"):
        for name in ("Zawadi Kitsao", "Олена Шевченко"):
            register_patient(PatientDetails(name, born_on=date(1990, 1, 2)), by=HOUSE, is_complete=False)
        tokens, words = set(SearchToken.select().tuples()), set(SpellingWord.select().tuples())
        some = sorted(token for token, *_rest in tokens)[::3]
        SearchToken.delete().where(SearchToken.token.in_(some)).execute()
        SpellingWord.delete().execute()
        enqueue(check_index, by=HOUSE)
    work(site, lambda: IndexState.select().where(IndexState.edition == EDITION).exists())
    with site.activate():
        assert set(SearchToken.select().tuples()) == tokens
        assert set(SpellingWord.select().tuples()) == words
