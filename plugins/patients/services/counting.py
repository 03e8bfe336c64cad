"""Figures about the register: how many, of what age, from where, and how much is known of them.

A million rows are not counted while somebody waits for a page: a job counts, and the page shows when it did.
"""

from collections import Counter
from datetime import date, datetime
from typing import Any

from core import clock
from core.actors import Actor
from core.acts import act
from core.jobs import Job, Run, enqueue, job
from core.places.models import Place
from core.sites import current_site
from core.storage import rows
from core.storage.prepared import prepared
from plugins.patients.models import ContactPerson, Count, Identifier, Patient, Telecom
from plugins.patients.permissions import COUNT

AT_ONCE = 5000
WHOLE = "whole-register"
AGES = ((0, 4), (5, 14), (15, 24), (25, 34), (35, 44), (45, 54), (55, 64), (65, 74), (75, 200))
KNOWN: dict[str, Any] = {"phone": Telecom, "number": Identifier, "contact": ContactPerson}
KEPT = 30


@act("patients.count", permission=COUNT)
def count_register(by: Actor) -> Job:
    """Let the register be counted."""
    return enqueue(count_all, by=by, unique_key=WHOLE)


@job("patients.count_all", permission=COUNT, heavy=True)
def count_all(run: Run) -> None:
    """Count everybody, some thousands at a time."""
    held = run.cursor or {"last": 0, "counted": {}}
    found = {name: Counter(values) for name, values in held["counted"].items()}
    last = held["last"]
    [(total,)] = highest() or [(0,)]
    today = clock.today(current_site().zone)
    while last < total:
        count_some(found, last, last + AT_ONCE, today)
        last += AT_ONCE
        run.cursor = {"last": last, "counted": found}
        run.progress(min(last, total), total)
    with run.step():
        Count.create(taken_at=clock.now(), facts={name: dict(values) for name, values in found.items()})
        old = [row.id for row in Count.select(Count.id).order_by(Count.id.desc()).offset(KEPT).limit(1000)]
        Count.delete().where(Count.id.in_(old)).execute()


def count_some(found: dict[str, Counter[str]], after: int, until: int, today: date) -> None:
    """Add the people between two ids."""
    for name in ("all", "sex", "ages", "born", "months", "places", "languages", "known"):
        found.setdefault(name, Counter())
    for row in people_between(after, until):
        count_one(found, row, today)
    for name, model in KNOWN.items():
        owners = model.select(model.patient).where(
            model.patient > after, model.patient <= until, model.retired_at.is_null()
        )
        found["known"][name] += len({owner for (owner,) in rows(owners)})


def count_one(found: dict[str, Counter[str]], row: tuple[Any, ...], today: date) -> None:
    """Add one person."""
    sex, born_on, precision, is_dead, is_unknown, is_sensitive, merged, retired_at, created_at, place, language = row
    if retired_at is not None:
        found["all"]["joined" if merged else "out_of_use"] += 1
        return
    found["all"]["patients"] += 1
    for name, is_so in (("dead", is_dead), ("unidentified", is_unknown), ("sensitive", is_sensitive)):
        found["all"][name] += int(bool(is_so))
    found["sex"][sex] += 1
    found["born"][precision or "none"] += 1
    found["languages"][language or "none"] += 1
    found["places"][str(place or 0)] += 1
    moment: datetime = created_at.astimezone(current_site().zone)
    found["months"][f"{moment:%Y-%m}"] += 1
    if born_on is not None and not is_dead:
        age = today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))
        group = next((f"{low}-{high}" for low, high in AGES if low <= age <= high), "")
        found["ages"][f"{group} {sex}"] += 1


def latest_count() -> Count | None:
    """The figures of the last count."""
    found: Count | None = Count.select().order_by(Count.id.desc()).first()
    return found


def names_of_places(ids: list[str]) -> dict[str, str]:
    """What the places in the figures are called."""
    wanted = [int(one) for one in ids if one != "0"]
    return {str(number): name for number, name in rows(Place.select(Place.id, Place.name).where(Place.id.in_(wanted)))}


@prepared
def highest():
    """The query for the highest id."""
    return Patient.select(Patient.id).order_by(Patient.id.desc()).limit(1).tuples()


@prepared
def people_between(after, until):
    """The query for what is counted of some people."""
    own = Patient
    columns = (
        own.sex, own.born_on, own.born_precision, own.is_deceased, own.is_unidentified, own.is_sensitive,
        own.merged_into, own.retired_at, own.created_at, own.place, own.language,
    )  # fmt: skip
    return own.select(*columns).where(own.id > after, own.id <= until).tuples()
