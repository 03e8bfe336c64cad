"""One person, one record, whichever doors they come in by at the same moment (A-3)."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.errors import MedleyError
from core.sites import Site
from core.testing.house import HOUSE, House
from plugins.fhir.services.importing import Choices, import_files
from plugins.patients.models import Identifier, Patient
from plugins.patients.services.details import IdentifierDetails, PatientDetails
from plugins.patients.services.identifiers import TypeDetails, add_identifier_type
from plugins.patients.services.registering import register_patient
from tests.hospital import SOAK, rounds

pytestmark = SOAK
ROUNDS = rounds(2, 50)
# How many come in by each door: sixteen in all.
DESKS, FILES, PROGRAMS = 6, 5, 5
SYSTEM = "urn:ke:national-id"


def together(site: Site, works: list[Callable[[], Any]]) -> list[Any]:
    """What each piece of work came to, all begun at the same moment."""
    gate, ends = threading.Barrier(len(works)), [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        gate.wait()
        try:
            with site.activate(door="test"):
                ends[place] = work()
        except MedleyError as refusal:
            ends[place] = refusal

    threads = [threading.Thread(target=run, args=facts) for facts in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return ends


@pytest.mark.slow
def test_of_all_who_bring_one_number_through_every_door_at_once_one_gets_in(
    house: House, database_url: str, tmp_path: Path
) -> None:
    site = house.site("harbour", database_url, plugins=["patients", "fhir"])
    with site.activate(door="test"):
        card = add_identifier_type(TypeDetails("national-id", "National ID", system=SYSTEM, is_asked=True), by=HOUSE)
    desks = [house.visitor(site, house.person(site, f"Clerk {'ABCDEF'[n]}", "receptionist")) for n in range(DESKS)]
    for desk in desks:
        desk.get("/patients/new")
    for number in range(ROUNDS):
        value = f"ID-{number}"
        file = tmp_path / f"{number}.json"
        patient = {
            "resourceType": "Patient", "id": f"p{number}", "name": [{"text": f"Neema {'abcdefgh'[number % 8]}tieno"}],
            "identifier": [{"system": SYSTEM, "value": value}],
        }  # fmt: skip
        file.write_text(json.dumps({"resourceType": "Bundle", "entry": [{"resource": patient}]}), "utf-8")
        form = {
            "name": f"Neema {'abcdefgh'[number % 8]}tieno", "born": "1990", "sex": "female", "identifier": value,
            "identifier_type": "national-id", "is_new": "1",
        }  # fmt: skip
        details = PatientDetails(str(form["name"]), identifiers=(IdentifierDetails(card, value),))
        works: list[Callable[[], Any]] = [
            *(lambda n=n, form=form: desks[n].post("/patients/new", form).status_code for n in range(DESKS)),
            *(
                lambda n=n, file=file: import_files(file, HOUSE, Choices(source=f"clinic {n}")).outcomes
                for n in range(FILES)
            ),
            *(
                lambda details=details: register_patient(details, by=HOUSE, is_new=True, is_complete=False)
                for _n in range(PROGRAMS)
            ),
        ]
        assert len(works) == 16
        ends = together(site, works)
        made = [
            end for end in ends
            if end == 303 or isinstance(end, Patient) or (isinstance(end, dict) and end.get("created"))
        ]  # fmt: skip
        assert len(made) == 1, ends
        with site.activate():
            assert Identifier.select().where(Identifier.value == value).count() == 1
            assert Patient.select().count() == number + 1
