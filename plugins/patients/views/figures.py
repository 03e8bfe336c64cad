"""Figures about the register."""

from datetime import date
from typing import Any

from werkzeug.wrappers import Response

from core.jobs import Job
from core.screens.pages import done
from core.texts import Text, _, reader_locale
from core.web import current_actor, render
from plugins.patients.permissions import COUNT
from plugins.patients.services.counting import AGES, WHOLE, count_register, latest_count, names_of_places
from plugins.patients.views.pages import blueprint
from plugins.patients.wording import SEXES, language_words, written_day

PRECISIONS: dict[str, Text] = {
    "day": _("To the day"), "month": _("To the month"), "year": _("To the year"), "estimated": _("An age only"),
    "none": _("Not known"),
}  # fmt: skip
ALSO_KNOWN: dict[str, Text] = {
    "phone": _("A phone or e-mail"), "number": _("A number others gave"), "contact": _("Somebody to call"),
}  # fmt: skip
SHOWN = 12
COUNTED = ("sex", "ages", "months", "places", "languages", "born", "known")


@blueprint.get("/statistics", permission=COUNT)
def statistics() -> str:
    """What the register held when it was counted last."""
    count = latest_count()
    key = f"patients.count_all:{WHOLE}"
    running = Job.get_or_none((Job.waiting_key == key) | (Job.running_key == key))
    tables = tables_of(count.facts) if count is not None else []
    return render("patients/statistics.html", count=count, tables=tables, running=running)


@blueprint.post("/statistics/count", permission=COUNT)
def count_again() -> Response:
    """Count again."""
    found = count_register(by=current_actor())
    return done(_("The register is being counted."), "core.jobs_show", uid=found.uid)


def tables_of(facts: dict[str, Any]) -> list[tuple[Text, list[tuple[Any, int]]]]:
    """The figures as tables of words and numbers, those with nothing in them left out."""
    counted: dict[str, dict[str, int]] = {name: facts.get(name, {}) for name in COUNTED}
    places = names_of_places(list(counted["places"]))
    words: list[tuple[Text, list[tuple[Any, int]]]] = [
        (_("Sex"), [(label, counted["sex"].get(code, 0)) for code, label in SEXES.items()]),
        (_("Age, of the living"), ages(counted["ages"])),
        (_("Registered by month"), months(counted["months"])),
        (_("Registered at"), most([(places.get(one, _("No place")), n) for one, n in counted["places"].items()])),
        (_("Language"), most([(language_words(one) if one != "none" else _("Not asked yet"), n)
                              for one, n in counted["languages"].items()])),
        (_("Birth date known"), [(label, counted["born"].get(code, 0)) for code, label in PRECISIONS.items()]),
        (_("Also known"), [(label, counted["known"].get(name, 0)) for name, label in ALSO_KNOWN.items()]),
    ]  # fmt: skip
    return [(title, [row for row in found if row[1]]) for title, found in words if any(row[1] for row in found)]


def months(counted: dict[str, int]) -> list[tuple[Any, int]]:
    """The last months, the latest first."""
    latest = sorted(counted.items(), reverse=True)[:SHOWN]
    locale = reader_locale().replace("-", "_")
    return [
        (written_day(date.fromisoformat(f"{month}-01"), "MMM y", locale), n) for month, n in latest if len(month) == 7
    ]


def ages(counted: dict[str, int]) -> list[tuple[Any, int]]:
    """People by age, all sexes together."""
    groups = [f"{low}-{high}" for low, high in AGES]
    labels = [*(f"{low} – {high}" for low, high in AGES[:-1]), f"{AGES[-1][0]} +"]
    sums = {group: sum(n for name, n in counted.items() if name.startswith(f"{group} ")) for group in groups}
    return [(label, sums[group]) for label, group in zip(labels, groups, strict=True)]


def most(found: list[tuple[Any, int]]) -> list[tuple[Any, int]]:
    """The largest first."""
    return sorted(found, key=lambda row: -row[1])[:SHOWN]
