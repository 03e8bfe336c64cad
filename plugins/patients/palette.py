"""People in the palette: Ctrl+K, a few letters, Enter."""

from flask import url_for

from core.actors import Actor
from core.contributions import PaletteItem
from core.storage.journal.reads import disclosed, seen_last
from plugins.patients.models import Patient
from plugins.patients.permissions import VIEW
from plugins.patients.services.finding import find_patients, scope_of
from plugins.patients.services.hits import Hit, read
from plugins.patients.spelling import folded
from plugins.patients.wording import age_words, born_words, sex_words


def find_for_palette(words: str, by: Actor, limit: int) -> list[PaletteItem]:
    """The people who fit best, each with what tells them from namesakes."""
    if not by.may(VIEW):
        return []
    found = find_patients(words, by=by, limit=limit, kind="palette")
    return [item_of(hit, found.question.words) for hit in found.hits]


def seen_last_for_palette(by: Actor, limit: int) -> list[PaletteItem]:
    """The people whose charts the reader had open last, of those still open to them."""
    uids = seen_last(by.uid, limit)
    if not uids or not by.may(VIEW):
        return []
    hits = {hit.uid: hit for hit in read(Patient.uid.in_(uids), scope_of(by))}
    shown = [hits[uid] for uid in uids if uid in hits]
    disclosed("palette", [hit.uid for hit in shown], "seen last")
    return [item_of(hit, ()) for hit in shown]


def item_of(hit: Hit, words: tuple[str, ...]) -> PaletteItem:
    """One person as a line of the palette."""
    facts = (hit.number, born_words(hit), age_words(hit), sex_words(hit.sex), hit.area)
    return PaletteItem(
        label=hit.name,
        detail=" · ".join(str(fact) for fact in facts if fact),
        url=url_for("patients.show", uid=hit.uid),
        icon="person",
        marks=marks_of(hit.name, words),
    )


def marks_of(name: str, words: tuple[str, ...]) -> list[tuple[int, int]]:
    """The stretches of a name that were typed, as written there."""
    marks = []
    start = 0
    for part in name.split(" "):
        plain = folded(part).replace(" ", "")
        typed = max((word for word in words if plain.startswith(word)), key=len, default="")
        if typed:
            end = next(end for end in range(len(part) + 1) if len(folded(part[:end])) >= len(typed))
            marks.append((start, start + end))
        start += len(part) + 1
    return marks
