"""What an administrator does with fields: add one, change it, take it out of use, bring it back.

Taking a field out of use takes nothing away from any record: its values stay, and so does what the journal says.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import peewee

from core import clock
from core.actors import Actor
from core.acts import act
from core.errors import Conflict, Refused, Words
from core.jobs import enqueue
from core.resources.custom.checking import NAME, FieldDetails, checked_details
from core.resources.custom.kinds import WIDENINGS
from core.resources.custom.models import CustomField, PreparedField
from core.resources.custom.preparing import index_field, not_ready
from core.resources.nouns import resource_named, resources_here
from core.roles.permissions import MANAGE_FIELDS, MANAGE_ROLES
from core.sites import current_site, touch_revision
from core.storage import model_of, savepoint
from core.texts import _

MOST_FIELDS = 200
# Acts that began before a field was there end within this time; then its index can be filled.
SETTLED_AFTER = timedelta(seconds=5)
PLAIN = (
    "is_required", "is_sensitive", "is_restricted", "is_filterable", "is_unique", "is_searched",
)  # fmt: skip


@act("core.add_field", permission=MANAGE_FIELDS)
def add_field(noun: str, name: str, details: FieldDetails, by: Actor) -> CustomField:
    """Give the records of a noun one more fact. Raises `Refused` for a name that is taken, also by a retired field."""
    resource = resource_named(noun)
    if not NAME.fullmatch(name):
        raise Refused(fields={"name": _("Write x_ and then small letters, digits and underscores.")})
    if name in resource.by_name or name in {one.name for one in resource.lines}:
        raise Refused(fields={"name": _("This noun has a fact of that name already.")})
    if CustomField.select().where(CustomField.noun == noun).count() >= MOST_FIELDS:
        raise Refused(_("At most %(n)s fields.", n=MOST_FIELDS))
    refuse_own_search(noun, details)
    made = CustomField(noun=noun, name=name)
    take_over(made, details, checked_details(details), by)
    try:
        with savepoint():
            made.save()
    except peewee.IntegrityError as clash:
        raise Refused(fields={"name": taken_words(noun, name)}) from clash
    made_known(made, by)
    return made


@act("core.edit_field", permission=MANAGE_FIELDS)
def edit_field(field: CustomField, details: FieldDetails, by: Actor, version: int | None = None) -> CustomField:
    """Change a field. Its kind changes only where every value it could have is one of the new kind as well."""
    if version is not None and field.version != version:
        raise Conflict(by=field.updated_by, at=field.updated_at)
    rules = checked_details(details, field.rules or {})
    refuse_own_search(field.noun, details)
    refuse_unfitting(field, details)
    was = (field.kind, *kept_for(field))
    take_over(field, details, rules, by)
    if was != (field.kind, *kept_for(field)):
        not_ready(field)
    field.save()
    made_known(field, by)
    return field


@act("core.retire_field", permission=MANAGE_FIELDS)
def retire_field(field: CustomField, reason: str, by: Actor, version: int | None = None) -> None:
    """Take a field away from every door. What records say in it is kept, and comes back with it."""
    if not reason.strip():
        raise Refused(fields={"reason": _("Say why.")})
    if version is not None and field.version != version:
        raise Conflict(by=field.updated_by, at=field.updated_at)
    not_ready(field)
    field.retire(reason.strip())
    touch_revision()


@act("core.restore_field", permission=MANAGE_FIELDS)
def restore_field(field: CustomField, by: Actor) -> None:
    """Bring a field back, with all its values."""
    field.restore()
    made_known(field, by)


def made_known(field: CustomField, by: Actor) -> None:
    """Let every worker know, and have the index filled where there is to be one."""
    touch_revision()
    is_ready = PreparedField.select().where(PreparedField.field_id == field.id).exists()
    if keeps_step(field) and not is_ready:
        enqueue(index_field, field.uid, by=by, due=clock.now() + SETTLED_AFTER, unique_key=field.uid)


def kept_for(field: CustomField) -> tuple[bool, bool]:
    """Whether the values of a field are kept for lists, and its words for the search."""
    return field.is_filterable or field.is_unique, field.is_searched


def keeps_step(field: CustomField) -> bool:
    """Whether anything is kept in step with it."""
    return any(kept_for(field))


def take_over(field: CustomField, details: FieldDetails, rules: Mapping[str, Any], by: Actor) -> None:
    """Write the details into the field."""
    roles = (list(details.read_roles), list(details.write_roles))
    if roles != (list(field.read_roles or ()), list(field.write_roles or ())):
        by.require(MANAGE_ROLES)
    field.kind, field.title, field.help = details.kind, details.title.strip(), details.help.strip()
    field.words, field.rules = {one: dict(texts) for one, texts in details.words.items()}, dict(rules)
    field.read_roles, field.write_roles = roles
    for name in PLAIN:
        setattr(field, name, getattr(details, name))


def refuse_own_search(noun: str, details: FieldDetails) -> None:
    """Raise `Refused` where a noun finds its records in a way of its own, which knows no custom fields."""
    if details.is_searched and not resource_named(noun).searched:
        raise Refused(fields={"is_searched": _("Records of this kind have a search of their own.")})


def refuse_unfitting(field: CustomField, details: FieldDetails) -> None:
    """Raise `Refused` where values that are there would not fit what the field is to become."""
    wrong: dict[str, Words] = {}
    changes_kind = details.kind != field.kind and (field.kind, details.kind) not in WIDENINGS
    points_elsewhere = details.kind == "relation" and details.rules.get("to") != (field.rules or {}).get("to")
    if (changes_kind or points_elsewhere or details.is_sensitive != field.is_sensitive) and has_values(field):
        if changes_kind or points_elsewhere:
            wrong["kind" if changes_kind else "to"] = _(
                "Records have values of this kind. Add another field, and take this one out of use."
            )
        if details.is_sensitive != field.is_sensitive:
            wrong["is_sensitive"] = _("Records have values already. Add another field for what is to be encrypted.")
    if details.is_unique and not field.is_unique and has_values(field):
        wrong["is_unique"] = _("Records have values already, which may be alike.")
    if wrong:
        raise Refused(fields=wrong)


def has_values(field: CustomField) -> bool:
    """Whether any record, retired ones too, says something in this field."""
    plugin, _dot, noun = field.noun.partition(".")
    model = model_of(plugin, noun)
    if model is None:
        return True
    written: Any = model._meta.fields["custom"].cast("CHAR" if current_site().engine == "mariadb" else "TEXT")
    return bool(model.select(model.id).where(model.custom.is_null(False), written.contains(field.uid)).exists())


def taken_words(noun: str, name: str) -> Words:
    """Who has the name, and what to do about it."""
    held = CustomField.get_or_none(CustomField.noun == noun, CustomField.name == name)
    if held is not None and held.is_retired:
        return _("“%(title)s” had this name. Bring it back, or write another name.", title=held.title)
    return _("There is a field of this name already.")


def fields_of(noun: str) -> list[CustomField]:
    """All fields of a noun, those out of use too, in the order they were made."""
    if noun not in resources_here():
        return []
    return list(CustomField.select().where(CustomField.noun == noun).order_by(CustomField.id))
