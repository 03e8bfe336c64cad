"""The history of any record as a page of its own, for those who may see the record."""

from typing import Any

from flask import request

from core.actors import Actor
from core.errors import NotFound
from core.places.permissions import MANAGE_PLACES
from core.roles import get_visible
from core.roles.permissions import MANAGE_FIELDS, MANAGE_SETTINGS, VIEW_JOURNAL
from core.screens.pages import blueprint
from core.sites import current
from core.storage import RecordRef, is_uid, model_of
from core.storage.journal.history import history_of
from core.storage.journal.reads import disclosed
from core.users.permissions import VIEW_USERS
from core.web import SIGNED_IN, current_actor, history, render, url_of
from core.web.history import noun_words

# Which permission opens the records of the core; all others ask for the journal's.
OPENED_BY = {
    "user": VIEW_USERS,
    "role": VIEW_USERS,
    "grant": VIEW_USERS,
    "place": MANAGE_PLACES,
    "setting": MANAGE_SETTINGS,
    "custom_field": MANAGE_FIELDS,
    "arrangement": MANAGE_FIELDS,
}


@blueprint.get("/history/<plugin>/<noun>/<uid>", permission=SIGNED_IN, endpoint="history")
def history_page(plugin: str, noun: str, uid: str) -> str:
    """What happened to a record; also when its plugin is off or gone, for those who read the journal."""
    by = current_actor()
    if not is_uid(uid):
        raise NotFound
    record = record_seen(plugin, noun, uid, by)
    ref = RecordRef(plugin, noun, uid)
    if record is None and not history_of(uid, 1):
        raise NotFound
    before = request.args.get("before", "")
    past = history(ref, before=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None)
    disclosed("record", [], "history", record.subject_uid if record is not None else uid)
    return render(
        "core/history.html", past=past, what=noun_words(plugin, noun), record_url=url_of(ref) if record else ""
    )


def record_seen(plugin: str, noun: str, uid: str, by: Actor) -> Any:
    """The record, fetched through what the reader may see; None for an auditor where its plugin is not there."""
    model = model_of(plugin, noun)
    state = current().state
    if model is not None and plugin == "core":
        return get_visible(model, uid, by, permission=OPENED_BY.get(noun, VIEW_JOURNAL))
    if model is not None and plugin in state.enabled - state.waiting:
        return get_visible(model, uid, by)
    if not by.may(VIEW_JOURNAL):
        raise NotFound
    return None
