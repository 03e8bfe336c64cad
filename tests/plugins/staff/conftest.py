"""A hospital with a few people who work there."""

from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from core.places.services import PlaceDetails, add_place
from core.resources.writing import create_record
from core.testing.house import House, actor_of
from plugins.staff.models import Licence, Member
from plugins.staff.resources import LICENCE_NOUN, MEMBERS
from tests.hospital import HOUSE

NINE, FIVE = 9 * 60, 17 * 60


def hired(name: str, *hours: dict[str, Any], **facts: Any) -> Member:
    """Somebody who works here, with weekly hours."""
    values = {"name": name, "profession": "doctor", "hours": list(hours), **facts}
    made: Any = create_record(MEMBERS, values, HOUSE)
    return Member.get_by_id(made.id)


def on(weekday: int, begins: int = NINE, ends: int = FIVE, **facts: Any) -> dict[str, Any]:
    """Hours on one day of every week."""
    return {"weekday": str(weekday), "begins": begins, "ends": ends, "from_on": date(2020, 1, 1), **facts}


def licensed(member: Member, expires_on: date | None, **facts: Any) -> Licence:
    """A licence of somebody's."""
    values = {"member": member, "name": "Licence to practise", "kind": "licence", "expires_on": expires_on, **facts}
    made: Any = create_record(LICENCE_NOUN, values, HOUSE)
    return Licence.get_by_id(made.id)


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """One hospital for the tests of a file: a doctor and a nurse with accounts, an administrator, a department."""
    house = House(tmp_path_factory.mktemp("house"))
    site = house.site(plugins=["staff", "api"])
    people = {role: house.person(site, f"{role} person", role) for role in ("doctor", "nurse", "administrator")}
    with site.activate(door="test"):
        top = add_place(PlaceDetails("Harbour", "organisation"), by=HOUSE)
        main = add_place(PlaceDetails("Main", "facility", "MAIN"), by=HOUSE, parent=top)
        members = {role: hired(f"{role} person", on(1), user=people[role], place=main) for role in ("doctor", "nurse")}
        actors = {role: actor_of(user) for role, user in people.items()}
    yield SimpleNamespace(
        house=house, site=site, people=people, members=members, actors=actors, top=top, main=main,
        visitor=lambda role: house.visitor(site, people[role]),
    )  # fmt: skip
    house.close()


@pytest.fixture
def at_ward(ward: SimpleNamespace) -> Iterator[SimpleNamespace]:
    """That hospital, entered."""
    with ward.site.activate(door="test"):
        yield ward
