"""What happened to a record, as its history tab tells it: who, when, what was there before and what after.

It reads the journal, so it works for records of plugins that are off or gone.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee
from flask import current_app, url_for

from core.actors import Actor
from core.acts import all_acts
from core.roles import ALL_ROWS, NO_ROWS, visible
from core.sites import current
from core.storage import EncryptedField, MoneyField, RecordRef, UTCDateTimeField, model_of
from core.storage.journal.history import Happening, history_of, later_happenings
from core.storage.money import EXPONENTS, Money
from core.texts import Text, _
from core.users.models import User
from core.web.filters import moment
from core.web.who import names_of

SHOWN_AT_ONCE = 20
LONGEST_SHOWN = 400
LOOKED_AT = 200
CHANGES: dict[str, Text] = {
    "created": _("Entered"),
    "changed": _("Changed"),
    "retired": _("Taken out of use"),
    "restored": _("Brought back into use"),
    "deleted": _("Removed"),
    "noted": _("Noted"),
    "moved": _("Moved to another record"),
}
# What the core notes beside acts, and acts whose own words speak to programmers.
WORDS: dict[str, Text] = {
    "core.sign_in": _("Sign in"),
    "core.sign_out": _("Sign out"),
    "core.complete_sign_in": _("Sign in with a code"),
    "core.password_kept": _("New password"),
    "core.search_journal": _("Look into the journal"),
    "core.search_reads": _("Look at who was shown whom"),
    "core.read_journal_row": _("Open a row of the journal"),
    "core.invite_user": _("Make a link for a new password"),
    "core.end_session": _("End a session"),
    "core.end_sessions": _("End all sessions"),
    "core.remember_device": _("Remember a computer"),
    "core.forget_device": _("Forget a computer"),
}
ICONS = {
    "created": "plus",
    "changed": "pencil",
    "retired": "archive",
    "restored": "arrow-repeat",
    "deleted": "trash",
    "moved": "arrow-left-right",
}
NAMED_BY = ("label", "name", "title", "number", "code")


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One value before and after, as words."""

    label: str
    before: str
    after: str


# Rooms above explain columns they know more of: plugin, noun, column, the values before and after. None: not theirs.
change_readers: list[Callable[[str, str, str, Any], "list[ChangeLine] | None"]] = []


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that happened."""

    id: int
    uid: str
    at: datetime
    who: str
    role: str
    act: str
    what: str | Text
    noun: str
    outcome: str
    reason: str
    icon: str
    changes: list[ChangeLine]
    is_erased: bool


@dataclass(frozen=True, slots=True)
class RecordHistory:
    """A page of a record's history, newest first. `older_url` leads on when there is more."""

    lines: list[HistoryLine]
    url: str
    older_url: str


def history(record: Any, limit: int = SHOWN_AT_ONCE, before: int | None = None) -> RecordHistory:
    """The history of a record the reader was allowed to fetch; `core/_history.html` shows it.

    `record` is a record or a `RecordRef`. Parts that belong to another plugin tell what they say only to
    those who may see that plugin's records.
    """
    ref = record if isinstance(record, RecordRef) else RecordRef.of(record)
    found = history_of(ref.uid, limit + 1, before)
    lines = history_lines(found[:limit], current().actor, ref.plugin)
    address = url_for("core.history", plugin=ref.plugin, noun=ref.noun, uid=ref.uid)
    more = found[limit - 1].row.id if len(found) > limit else 0
    older = url_for("core.history", plugin=ref.plugin, noun=ref.noun, uid=ref.uid, before=more) if more else ""
    return RecordHistory(lines, address, older)


def history_lines(found: list[Happening], by: Actor, own_plugin: str = "") -> list[HistoryLine]:
    """Rows of the journal as words. With `own_plugin`, others' contents need their `view` permission."""
    names = names_of(one.row.actor_uid for one in found)
    return [line_of(one, names, not own_plugin or is_open(one.row.plugin, own_plugin, by)) for one in found]


def is_open(plugin: str, own_plugin: str, by: Actor) -> bool:
    """Whether the reader of one plugin's record may read what another plugin wrote on it."""
    return plugin in (own_plugin, "core") or by.may(f"{plugin}.view")


def line_of(one: Happening, names: dict[str, str], with_content: bool) -> HistoryLine:
    """One row as words."""
    row = one.row
    content = one.content if with_content else None
    return HistoryLine(
        id=row.id,
        uid=row.uid,
        at=row.at,
        who=names.get(row.actor_uid) or str(_("Nobody signed in")),
        role=row.role,
        act=row.act,
        what=act_words(row.act) if row.change == "noted" else CHANGES.get(row.change, row.change),
        noun=noun_words(row.plugin, row.noun),
        outcome=row.outcome,
        reason=row.reason,
        icon=ICONS.get(row.change, "journal-text"),
        changes=change_lines(row.plugin, row.noun, content, row),
        is_erased=bool(row.digest) and with_content and one.content is None,
    )


def act_words(name: str) -> str:
    """What an act is for, in the first line its service says about itself; its name where it is gone."""
    if name in WORDS:
        return str(WORDS[name])
    spec = all_acts().get(name)
    if spec is not None and spec.summary:
        return spec.summary.partition(";")[0].rstrip(".")
    return name.partition(".")[2].replace("_", " ").capitalize() or name


def noun_words(plugin: str, noun: str) -> str:
    """What a kind of record is called, also when its plugin is gone."""
    if not noun:
        return ""
    model: Any = model_of(plugin, noun)
    return str(model._meta.label) if model is not None and model._meta.label else noun.replace("_", " ").capitalize()


def change_lines(plugin: str, noun: str, content: dict[str, Any] | None, row: Any = None) -> list[ChangeLine]:
    """The values that changed, in words; what is sealed stays so. `row` is their row of the journal."""
    model = model_of(plugin, noun)
    fields: dict[str, Any] = model._meta.fields if model is not None else {}
    meta: Any = model._meta if model is not None else None
    unseen = (*getattr(meta, "unseen", ()), meta.root) if meta is not None else ()
    lines = []
    for name, pair in (content or {}).items():
        if name in unseen:
            continue
        told = next((said for read in change_readers if (said := read(plugin, noun, name, pair)) is not None), None)
        if told is not None:
            lines += told
            continue
        if not isinstance(pair, list) or len(pair) != 2:
            lines.append(ChangeLine(label_of(name), "", plain(pair)))
            continue
        if isinstance(fields.get(name), MoneyField):
            before, after = money_words(fields[name], pair, content or {}, row)
        else:
            before, after = (value_words(fields.get(name), value) for value in pair)
        if before or after:
            lines.append(ChangeLine(field_label(fields.get(name), name), before, after))
    return lines


def money_words(field: MoneyField, pair: list[Any], content: dict[str, Any], row: Any) -> tuple[str, str]:
    """A sum before and after, each in the currency the record had then."""
    told = content.get(field.currency_field)
    if isinstance(told, list) and len(told) == 2:
        currencies = (told[0] or told[1], told[1] or told[0])
    else:
        currencies = (currency_then(field, row),) * 2
    before, after = (
        "" if minor is None else str(Money.of_minor(int(minor), code)) if code in EXPONENTS else plain(minor)
        for minor, code in zip(pair, currencies, strict=True)
    )
    return before, after


def currency_then(field: MoneyField, row: Any) -> str:
    """The currency of a record after a row of the journal: what the next change of it found, or what it is now."""
    if row is None:
        return ""
    for later in later_happenings(row.record_uid, row.id, LOOKED_AT):
        told = (later.content or {}).get(field.currency_field)
        if isinstance(told, list) and told:
            return str(told[0] or "")
    model: Any = field.model
    now = model.select(model._meta.fields[field.currency_field]).where(model.uid == row.record_uid).tuples().first()
    return str(now[0] or "") if now else ""


def field_label(field: Any, name: str) -> str:
    """What a column is called."""
    return str(getattr(field, "verbose_name", "") or label_of(name))


def label_of(name: str) -> str:
    """A column's name as words."""
    return name.removesuffix("_id").replace("_", " ").capitalize()


def value_words(field: Any, stored: Any) -> str:
    """A stored value as people read it."""
    if stored is None or stored == "":
        return ""
    if isinstance(field, EncryptedField) or (isinstance(stored, str) and stored.startswith("v1:") and field is None):
        return str(_("(sealed)"))
    if isinstance(field, peewee.ForeignKeyField):
        return pointed_at(field, stored)
    if isinstance(field, UTCDateTimeField):
        return str(moment(field.python_value(stored)))
    if isinstance(stored, str) and str(getattr(field, "name", "")).endswith("_by"):
        return names_of((stored,)).get(stored, stored)
    if isinstance(field, peewee.BooleanField):
        return str(_("Yes") if stored else _("No"))
    return plain(stored)


def pointed_at(field: Any, key: Any) -> str:
    """The name of the record a column points at."""
    model: Any = field.rel_model
    named = next((name for name in NAMED_BY if name in model._meta.fields), "")
    if not named or (model is not User and model._meta.subject):
        return f"#{key}"
    sight = ALL_ROWS if model is User else visible(model, current().actor)
    if sight is not ALL_ROWS and (
        sight is NO_ROWS or not model.select(model.id).where(model.id == key, sight).exists()
    ):
        return str(_("(not open to you)"))
    row = model.select(model._meta.fields[named]).where(model.id == key).tuples().first()
    return str(row[0]) if row and row[0] else f"#{key}"


def plain(value: Any) -> str:
    """A value without a field to speak for it."""
    words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return words if len(words) <= LONGEST_SHOWN else words[:LONGEST_SHOWN] + "…"


def url_of(ref: RecordRef) -> str:
    """The page of a record, when its plugin has one: endpoint `<plugin>.<noun>` or `<plugin>.show`."""
    for endpoint in (f"{ref.plugin}.{ref.noun}", f"{ref.plugin}.show"):
        if endpoint in current_app.view_functions:
            rules = list(current_app.url_map.iter_rules(endpoint))
            if rules and rules[0].arguments == {"uid"}:
                return url_for(endpoint, uid=ref.uid)
    return ""
