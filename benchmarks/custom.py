"""The same page of fifty of a million rows, narrowed by a field the hospital added and put in the order of one."""

from collections.abc import Iterator
from typing import Any

import peewee

from benchmarks.figures import Figure
from benchmarks.ground import hospital, servers
from benchmarks.lists import PATIENTS, lists_at
from core import clock
from core.resources.custom.checking import FieldDetails
from core.resources.custom.defining import add_field
from core.resources.custom.here import fact_of
from core.resources.custom.models import CustomField, CustomIndex, PreparedField
from core.sites import Site, touch_revision
from core.storage import atomic, model_of
from core.testing.house import HOUSE

TITLE = "Lists by a custom field: a page of 50 rows, requests per second, eight at a time, against bare Flask"
NOUN, NAME = "patients.patient", "x_scheme"
# One record in ten has each of these; one in ten thousand has the last.
COMMON, RARE = tuple(f"s{number}" for number in range(10)), "rare"


def measure(engines: tuple[str, ...], patients: int | None = None) -> Iterator[Figure]:
    """Each case on each engine."""
    cases = {
        "a custom facet a tenth has, first page": f"{NAME}=s3&rows=50",
        "a custom facet a tenth has, by name, last page": f"{NAME}=s3&rows=50&sort=name&at=last",
        "a custom facet few have, by name": f"{NAME}={RARE}&rows=50&sort=name",
        "in the order of a custom field": f"rows=50&sort={NAME}",
    }
    with servers() as databases:
        for engine in engines:
            with hospital(engine, databases, patients or PATIENTS) as ground:
                with ground.site.activate(door="cli"):
                    give_values(ground.site)
                yield from lists_at(ground, engine, cases)


def give_values(site: Site) -> CustomField:
    """A field of patients with a value in every record and a complete index, written past the acts for speed."""
    choices = [{"code": code, "title": code.upper()} for code in (*COMMON, RARE)]
    details = FieldDetails("Scheme", "choice", rules={"choices": choices}, is_filterable=True)
    field: CustomField = add_field(NOUN, NAME, details, by=HOUSE)
    model: Any = model_of(*NOUN.split("."))
    assert fact_of(field).keeps_index
    last = len(COMMON)
    for number, code in enumerate((*COMMON, RARE)):
        is_rare = rest(site, model.id, 10_000) == 7
        which = is_rare if number == last else (rest(site, model.id, last) == number) & ~is_rare
        with atomic():
            peewee.ModelUpdate(model, {model.custom: {field.uid: code}}).where(which).execute()
            columns = [CustomIndex.field_id, CustomIndex.value, CustomIndex.owner_id]
            rows = model.select(peewee.Value(field.id), peewee.Value(code), model.id).where(which)
            CustomIndex.insert_from(rows, columns).execute()
    with atomic():
        PreparedField.insert(field_id=field.id, at=clock.now()).execute()
        touch_revision()
    return field


def rest(site: Site, key: Any, number: int) -> Any:
    """What is left of a key divided by a number; SQLite has no function for it."""
    return peewee.Expression(key, "%", number) if site.engine == "sqlite" else peewee.fn.MOD(key, number)
