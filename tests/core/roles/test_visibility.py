"""Which rows are seen: by place, by what plugins narrow, and in an emergency."""

import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core import clock
from core.actors import Actor, Grant
from core.acts import act
from core.errors import Conflict, Forbidden, NotFound, Refused
from core.hooks import hookimpl, plan_for, table
from core.places.models import Place
from core.roles import ALL_ROWS, NO_ROWS, actor_for, get_visible, grants, sight_of, visible
from core.roles.break_glass import awaiting_review, break_glass, end_break_glass, open_now, review_break_glass
from core.roles.models import BreakGlass
from core.roles.visibility import lies_in
from core.sites import Site
from core.storage import ForeignKeyField, Model, TextField, new_uid
from core.storage.journal.models import JournalRow
from core.users.door import load_door
from tests.core.people import HOUSE, actor_of, person, place, signed_in


class Stay(Model):
    """Somebody's stay at a place; the person is the stay itself, for short."""

    name = TextField(max_length=40)
    place = ForeignKeyField(Place, null=True)

    class Meta:
        plugin = "ward"
        table_name = "ward_stay"
        subject = "self"
        place = "place"


class Remark(Model):
    """Something written about a stay."""

    stay = ForeignKeyField(Stay)
    text = TextField(max_length=40)

    class Meta:
        plugin = "ward"
        table_name = "ward_remark"
        subject = "stay"
        root = "stay"


SEE = frozenset({"ward.view"})


@act("ward.fill")
def fill(room: Place, south: Place, by: Actor) -> dict[str, Any]:
    """A stay at each place and one without, and a remark on every stay."""
    stays = {name: Stay.create(name=name, place=at) for name, at in (("n", room), ("s", south), ("x", None))}
    for stay in stays.values():
        Remark.create(stay=stay, text=stay.name)
    return stays


def filled(site: Site) -> dict[str, Any]:
    """Two facilities with stays."""
    site.database.create_tables([Stay, Remark])
    north, south = place("North"), place("South")
    room = place("Room", "location", parent=north)

    return {"north": north, "south": south, "room": room, **fill(room, south, by=HOUSE)}


@pytest.fixture
def ward(site: Site) -> dict[str, Any]:
    """The stays on SQLite."""
    return filled(site)


@pytest.fixture
def each_ward(each_site: Site) -> dict[str, Any]:
    """The stays on each engine."""
    return filled(each_site)


@pytest.fixture
def narrowed() -> Iterator[Callable[[Any], None]]:
    """A plugin that narrows what is seen by a rule the test gives."""
    before = table.modules.get("core")

    def narrow(rule: Callable[[Any, Any], Any]) -> None:
        module = types.ModuleType("core_for_test")

        @hookimpl()
        def visibility_narrowings(model: Any, by: Any) -> Any:
            return rule(model, by)

        module.visibility_narrowings = visibility_narrowings  # type: ignore[attr-defined]
        table.modules["core"] = module
        plan_for.cache_clear()

    yield narrow
    table.modules.pop("core")
    if before is not None:
        table.modules["core"] = before
    plan_for.cache_clear()


def clinician(
    *where: Place | None, opened: frozenset[str] = frozenset(), denied: frozenset[str] = frozenset()
) -> Actor:
    """Somebody who may see stays at these places."""
    held = tuple(Grant("nurse", one.id if one is not None else None, SEE) for one in where)
    return Actor("person", new_uid(), "Nan", SEE, grants=held, opened=opened, denied=denied)


def seen(by: Actor, model: type[Model] = Stay) -> set[str]:
    """The names of the rows this actor sees."""
    return {row.name if model is Stay else row.text for row in model.select().where(visible(model, by))}


def test_a_grant_everywhere_sees_all_rows_at_no_cost(ward: dict[str, Any]) -> None:
    assert visible(Stay, clinician(None)) is ALL_ROWS
    assert seen(clinician(None)) == {"n", "s", "x"}
    assert visible(Stay, HOUSE) is ALL_ROWS


def test_a_grant_at_a_place_sees_the_rows_there_and_below(each_ward: dict[str, Any]) -> None:
    assert seen(clinician(each_ward["north"])) == {"n"}
    assert seen(clinician(each_ward["south"], each_ward["room"])) == {"n", "s"}
    sight = sight_of(Stay, clinician(each_ward["north"]))
    assert (sight.size, sight.places) == ("some", 2)


def test_without_the_permission_nothing_is_seen(ward: dict[str, Any]) -> None:
    nobody = Actor("person", new_uid(), "Tom")
    assert visible(Stay, nobody) is NO_ROWS
    assert seen(nobody) == set()


def test_a_denial_at_a_place_takes_its_rows_away(each_ward: dict[str, Any]) -> None:
    here = frozenset({f"ward.view@{each_ward['north'].id}"})
    assert seen(clinician(None, denied=here)) == {"s", "x"}
    assert seen(clinician(None, denied=frozenset({"ward.view"}))) == set()


def test_plugins_narrow_and_never_widen(ward: dict[str, Any], narrowed: Any) -> None:
    narrowed(lambda model, by: Stay.name != "n" if model is Stay else None)
    assert seen(clinician(None)) == {"s", "x"}
    assert seen(clinician(ward["north"])) == set()
    assert seen(clinician(None), Remark) == {"n", "s", "x"}


def test_a_plugin_that_fails_hides_rather_than_shows(ward: dict[str, Any], narrowed: Any) -> None:
    def broken(model: Any, by: Any) -> Any:
        raise RuntimeError("no")

    narrowed(broken)
    with pytest.raises(Refused):
        visible(Stay, clinician(None))


def test_what_is_not_visible_is_as_if_it_were_not_there(ward: dict[str, Any]) -> None:
    by = clinician(ward["north"])
    assert get_visible(Stay, ward["n"].uid, by).name == "n"
    answers = []
    for uid in (ward["s"].uid, new_uid(), "nonsense", "", "' OR 1=1 --"):
        with pytest.raises(NotFound) as missing:
            get_visible(Stay, uid, by)
        answers.append(str(missing.value))
    assert len(set(answers)) == 1


def test_a_version_seen_before_a_change_is_a_conflict(ward: dict[str, Any]) -> None:
    by = clinician(None)
    assert get_visible(Stay, ward["n"].uid, by, version="1")
    with pytest.raises(Conflict) as conflict:
        get_visible(Stay, ward["n"].uid, by, version=7)
    assert conflict.value.theirs["name"] == "n"


def test_many_places_are_compared_inside_the_database(
    each_ward: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.roles.visibility.MOST_IDS", 1)
    assert seen(clinician(each_ward["north"])) == {"n"}
    assert lies_in(Stay.place, frozenset({each_ward["north"].id, each_ward["room"].id})) is not None


def test_in_an_emergency_one_persons_rows_are_seen_and_no_others(each_ward: dict[str, Any], narrowed: Any) -> None:
    narrowed(lambda model, by: model.created_by == "nobody")
    assert seen(clinician(None)) == set()
    opened = clinician(each_ward["south"], opened=frozenset({each_ward["n"].uid}))
    assert seen(opened) == {"n"}
    assert seen(opened, Remark) == {"n"}


def test_an_emergency_adds_no_permission_and_lifts_no_denial(ward: dict[str, Any]) -> None:
    opened = frozenset({ward["n"].uid})
    without = Actor("person", new_uid(), "Tom", frozenset({"core.sign_in"}), opened=opened)
    assert seen(without) == set()
    assert seen(clinician(ward["south"], opened=opened, denied=frozenset({f"ward.view@{ward['north'].id}"}))) == {"s"}


def test_breaking_the_glass_opens_from_the_next_request_and_ends_by_itself(ward: dict[str, Any]) -> None:
    doctor = person("dora", "doctor")
    token = signed_in(doctor)
    with clock.freeze():
        opened = break_glass(ward["n"].ref, "unconscious, no history", by=actor_of(doctor), hours=1)
        assert actor_for(load_door(token)).opened == {ward["n"].uid}
        assert load_door(token).grants == load_door(signed_in(doctor)).grants
        assert [one.uid for one in open_now(actor_of(doctor))] == [opened.uid]
    with clock.freeze():
        clock.advance(hours=1, seconds=1)
        assert load_door(signed_in(doctor)).opened == frozenset()


def test_two_emergencies_and_two_grants_are_each_read_once(each_ward: dict[str, Any]) -> None:
    doctor = person("dora", "doctor", "nurse")
    token = signed_in(doctor)
    break_glass(each_ward["n"].ref, "unconscious", by=actor_of(doctor))
    break_glass(each_ward["s"].ref, "unconscious", by=actor_of(doctor))
    answer = load_door(token)
    assert len(answer.grants) == 2
    assert answer.opened == {each_ward["n"].uid, each_ward["s"].uid}


def test_the_emergency_is_in_the_journal_of_the_person_it_is_about(ward: dict[str, Any]) -> None:
    break_glass(ward["n"].ref, "unconscious", by=actor_of(person("dora", "doctor")))
    rows = JournalRow.select().where(JournalRow.act == "core.break_glass", JournalRow.subject_uid == ward["n"].uid)
    assert {row.change for row in rows} == {"created", "noted"}


@pytest.mark.parametrize("role", ["administrator", "receptionist", "patient", "auditor"])
def test_who_is_no_clinician_breaks_nothing(ward: dict[str, Any], role: str) -> None:
    with pytest.raises(Forbidden):
        break_glass(ward["n"].ref, "curious", by=actor_of(person("tom", role)))


@pytest.mark.parametrize("kind", ["patient", "proxy", "service", "job", "system"])
def test_only_staff_in_person_break_the_glass(ward: dict[str, Any], kind: str) -> None:
    with pytest.raises(Forbidden):
        break_glass(ward["n"].ref, "unconscious", by=Actor(kind, new_uid(), "X", frozenset({"core.break_glass"})))


def test_an_emergency_needs_a_reason_a_limit_and_a_person(ward: dict[str, Any]) -> None:
    by = actor_of(person("dora", "doctor"))
    with pytest.raises(Refused):
        break_glass(ward["n"].ref, " . ", by=by)
    with pytest.raises(Refused):
        break_glass(ward["n"].ref, "unconscious", by=by, hours=9)
    with pytest.raises(NotFound):
        break_glass(
            ward["n"].ref._replace(uid=new_uid()) if hasattr(ward["n"].ref, "_replace") else gone(ward), "xxxxxx", by=by
        )
    with pytest.raises(NotFound):
        break_glass(person("eve").ref, "unconscious", by=by)


def gone(ward: dict[str, Any]) -> Any:
    """A reference to nobody."""
    ref = ward["n"].ref
    return type(ref)(ref.plugin, ref.noun, new_uid())


def test_emergencies_wait_for_somebody_elses_review(ward: dict[str, Any]) -> None:
    doctor = person("dora", "doctor", "auditor")
    by = actor_of(doctor)
    opened = break_glass(ward["n"].ref, "unconscious", by=by)
    assert [one.uid for one in awaiting_review()] == [opened.uid]
    with pytest.raises(Refused):
        review_break_glass(opened, "fine", by=by)
    review_break_glass(opened, "was on duty, rightly so", by=actor_of(person("ann", "auditor")))
    assert awaiting_review() == []
    with pytest.raises(Refused):
        review_break_glass(BreakGlass.get(), "again", by=actor_of(person("una", "auditor")))


def test_an_emergency_can_end_early(ward: dict[str, Any]) -> None:
    doctor = person("dora", "doctor")
    token, by = signed_in(doctor), actor_of(doctor)
    opened = break_glass(ward["n"].ref, "unconscious", by=by)
    end_break_glass(opened, by=by)
    assert load_door(token).opened == frozenset()
    with pytest.raises(NotFound):
        end_break_glass(opened, by=actor_of(person("tom", "doctor")))


def test_a_grant_given_through_the_door_limits_rows_too(ward: dict[str, Any]) -> None:
    ann = person("ann", "auditor", place=ward["north"])
    by = actor_for(load_door(signed_in(ann)))
    assert grants.grants_of(ann)[0].place_id == ward["north"].id
    sight = sight_of(Stay, by, permission="core.view_users")
    assert {row.name for row in Stay.select().where(sight.condition)} == {"n"}
