"""Acts for nouns without rules of their own: enter, change, take out of use, bring back.

A noun that has rules writes its own services; these are what such a service begins as.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import peewee

from core.actors import Actor
from core.acts import act
from core.errors import Conflict, NotFound, Refused
from core.resources.declaring import Acts, Lines
from core.storage import Model, savepoint
from core.texts import _


def plain_acts(
    model: type[Model],
    permission: str,
    *,
    retire: str = "",
    lines: tuple[Lines, ...] = (),
    before: Callable[[Any], None] | None = None,
) -> Acts:
    """`<plugin>.create_<noun>`, `edit_`, `retire_` and `restore_`, all for one permission (`retire` names another).

    `lines` are written with the record, in the same transaction. `before` is given the record before it is stored,
    for columns that follow from others.
    """
    meta = model._meta
    name = f"{meta.plugin}.%s_{meta.noun}"
    removing = retire or permission

    @act(name % "create", permission=permission)
    def create(values: Mapping[str, Any], by: Actor) -> Model:
        """Enter a record."""
        return written(model(), values, lines, before)

    @act(name % "edit", permission=permission)
    def edit(record: Model, values: Mapping[str, Any], by: Actor, version: int | None = None) -> Model:
        """Change a record."""
        if version is not None:
            record.version = version
        return written(record, values, lines, before)

    @act(name % "retire", permission=removing)
    def take_out(record: Model, reason: str, by: Actor, version: int | None = None) -> None:
        """Take a record out of use."""
        if record.is_retired:
            raise Refused(_("It is out of use already."))
        if not reason.strip():
            raise Refused(fields={"reason": _("Say why it is taken out of use.")})
        if version is not None:
            record.version = version
        record.retire(reason.strip())

    @act(name % "restore", permission=removing)
    def bring_back(record: Model, by: Actor) -> None:
        """Bring a record back into use."""
        if not record.is_retired:
            raise Refused(_("It is in use."))
        record.restore()

    kept = meta.removal == "never"
    return Acts(create, edit, None if kept else take_out, None if kept else bring_back)


def written(
    record: Model,
    values: Mapping[str, Any],
    lines: tuple[Lines, ...] = (),
    before: Callable[[Any], None] | None = None,
) -> Model:
    """Set the facts that were given, store the record, then its lines where they were given."""
    beside = {one.name for one in lines}
    for name, value in values.items():
        if name not in beside:
            setattr(record, name, value)
    if before is not None:
        before(record)
    if record.id is not None and beside & values.keys():
        record.hold()  # where only lines change, nothing of the record itself would tell that it is another by now
    save_alone(record)
    for one in lines:
        if one.name in values:
            write_lines(record, one, values[one.name] or ())
    return record


def save_alone(record: Model) -> None:
    """Store a record; raises `Refused`, naming the fact, for a value only one record may have."""
    alone = unique_fields(type(record))
    if not alone:
        record.save()
        return
    try:
        with savepoint():
            record.save()
    except peewee.IntegrityError as clash:
        held = [field.name for field in alone if is_held(record, field)]
        if not held:
            raise
        words = _("Another record has this already; it may be one that is out of use.")
        raise Refused(fields=dict.fromkeys(held, words)) from clash


@cache
def unique_fields(model: type[Model]) -> tuple[Any, ...]:
    """The columns of which no two records have the same."""
    return tuple(field for field in model._meta.sorted_fields if field.unique and field.name != "uid")


def is_held(record: Model, field: Any) -> bool:
    """Whether another record has this value."""
    model = type(record)
    same = model.select(model.id).where(field == record.__data__.get(field.name))
    return bool((same if record.id is None else same.where(model.id != record.id)).exists())


def write_lines(record: Model, lines: Lines, given: Any) -> None:
    """Bring the lines of a record in step with what was given; raises `Conflict` when one of them is gone."""
    parent: Any = lines.model._meta.fields[lines.parent]
    present = {
        line.uid: line for line in lines.model.select().where(parent == record.id, lines.model.retired_at.is_null())
    }
    kept = set()
    for values in given:
        uid = values.get("uid")
        line = present.get(uid) if uid else lines.model(**{lines.parent: record})
        if line is None:
            raise NotFound(_("One of the lines is not part of this record.")) if uid not in kept else Conflict()
        for name, value in values.items():
            if name != "uid":
                setattr(line, name, value)
        line.save()
        kept.add(line.uid)
    for uid, line in present.items():
        if uid in kept:
            continue
        if line._meta.removal == "delete":
            line.delete_instance()
        else:
            line.retire(str(_("Taken out of the list")))
