"""The tree of places: what may lie where, and which places lie in which."""

import pytest

from core.errors import Conflict, Forbidden, Refused
from core.places import services
from core.places.models import Place
from core.places.services import PlaceDetails
from core.places.tree import place_tree, subtree_ids
from core.sites import Site
from tests.core.people import HOUSE, actor_of, at_once, person, place


def test_a_subtree_holds_the_place_and_all_in_it(each_site: Site) -> None:
    house = place("Kenyatta", "organisation")
    north, south = place("North", parent=house), place("South", parent=house)
    ward = place("Ward 3", "location", parent=place("Medicine", "department", parent=north))
    assert subtree_ids(north.id) == {north.id, ward.parent_id, ward.id}
    assert subtree_ids(house.id) >= {south.id, ward.id}
    assert place_tree().chain(ward.id) == (ward.id, ward.parent_id, north.id, house.id)
    assert place_tree().name_of(ward.id) == "Kenyatta › North › Medicine › Ward 3"


def test_the_path_finds_the_same_subtree_in_the_database(site: Site) -> None:
    house = place("Kenyatta", "organisation")
    ward = place("Ward 3", "location", parent=place("North", parent=house))
    found = {row.id for row in Place.select().where(Place.path.startswith(house.path))}
    assert found == subtree_ids(house.id)
    assert ward.path.startswith(house.path)


@pytest.mark.parametrize(
    ("kind", "parent"),
    [("department", None), ("location", None), ("facility", "department"), ("organisation", "facility")],
)
def test_kinds_keep_their_order(site: Site, kind: str, parent: str | None) -> None:
    above = None
    if parent == "department":
        above = place("Medicine", "department", parent=place("North"))
    elif parent:
        above = place("North", parent)
    with pytest.raises(Refused) as refused:
        services.add_place(PlaceDetails("Odd", kind), by=HOUSE, parent=above)
    assert set(refused.value.fields) == {"parent"}


def test_a_code_belongs_to_one_place(site: Site) -> None:
    services.add_place(PlaceDetails("North", "facility", code="N1"), by=HOUSE)
    with pytest.raises(Refused) as refused:
        services.add_place(PlaceDetails("South", "facility", code="N1"), by=HOUSE)
    assert set(refused.value.fields) == {"code"}


def test_a_code_asked_for_by_two_at_once_is_given_once(each_site: Site) -> None:
    results = at_once(4, lambda index: services.add_place(PlaceDetails(f"P{index}", "facility", code="N1"), by=HOUSE))
    assert sum(isinstance(one, Place) for one in results) == 1
    assert sum(isinstance(one, Refused) for one in results) == 3


def test_a_place_in_use_below_keeps_the_place_in_use(site: Site) -> None:
    north = place("North")
    ward = place("Ward", "location", parent=north)
    with pytest.raises(Refused, match="Ward"):
        services.retire_place(north, "closed", by=HOUSE)
    services.retire_place(ward, "closed", by=HOUSE)
    services.retire_place(north, "closed", by=HOUSE)
    assert subtree_ids(north.id) == {north.id, ward.id}
    with pytest.raises(Refused, match="out of use"):
        services.restore_place(ward, by=HOUSE)


def test_a_place_takes_the_time_zone_from_above(site: Site) -> None:
    north = services.add_place(PlaceDetails("North", "facility", zone="Africa/Nairobi"), by=HOUSE)
    ward = place("Ward", "location", parent=north)
    assert place_tree().zone_of(ward.id) == "Africa/Nairobi"
    with pytest.raises(Refused):
        services.add_place(PlaceDetails("South", "facility", zone="Africa/Atlantis"), by=HOUSE)


def test_renaming_shows_at_once_and_refuses_what_is_stale(site: Site) -> None:
    north = place("North")
    services.rename_place(north, "North Wing", by=HOUSE, version=1)
    assert place_tree().name_of(north.id) == "North Wing"
    with pytest.raises(Conflict):
        services.rename_place(Place.get_by_id(north.id), "Other", by=HOUSE, version=1)


def test_only_those_who_manage_places_change_them(site: Site) -> None:
    with pytest.raises(Forbidden):
        services.add_place(PlaceDetails("North", "facility"), by=actor_of(person("jane", "nurse")))
