"""A fact that is another record: chosen by its name, kept by its key, found by its uid."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from wtforms import StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import TextInput

from core.actors import Actor
from core.errors import NotFound, Words
from core.resources.kinds.base import MOST_PICKED, Asked, Kind, Picked, Unreadable, trimmed
from core.roles import ALL_ROWS, NO_ROWS, get_visible, visible
from core.sites import current
from core.storage import Model, is_uid
from core.storage.prepared import prepared
from core.texts import _

HIDDEN = _("Not open to you")


@dataclass(frozen=True, slots=True)
class Related:
    """Another record as lists, files and the API show it; one that is not open to the reader is not named."""

    uid: str
    label: str
    is_open: bool = True


class RelationField(StringField):
    """A field that holds the uid of a record; the page lets its reader find it by words.

    `to` is the model's key (`patients.patient`), `shown` the name of the record chosen.
    """

    widget = TextInput()

    def __init__(self, *facts: Any, to: str = "", **options: Any) -> None:
        super().__init__(*facts, **options)
        self.to = to
        self.shown = ""
        self.is_relation = True


class Relation(Kind):
    """A record of `model`, named by its column `named_by`. Nobody can choose, or learn of, what they may not see."""

    name = "relation"
    narrows = "choice"

    def __init__(self, model: type[Model], named_by: str = "name", permission: str | None = None) -> None:
        self.model = model
        self.named_by = named_by
        self.permission = permission

    @property
    def to(self) -> str:
        """The key of the other model."""
        return f"{self.model._meta.plugin}.{self.model._meta.noun}"

    def ask(self, asked: Asked) -> Any:
        """A field that finds records while one types."""
        rules = [*([InputRequired()] if asked.is_required else []), Length(max=60), _Findable(self)]
        return RelationField(asked.label, rules, description=asked.help, to=self.to)

    def asked_value(self, value: Any) -> Any:
        """The uid."""
        return value.uid if value is not None else ""

    def answer(self, field: Any) -> Any:
        """The record that was chosen."""
        return self.read(field.data or "")

    def label_of(self, record: Any) -> str:
        """What a record is called."""
        return str(getattr(record, self.named_by))

    def read(self, written: str) -> Any:
        """A record by its uid, or by its name where no other has the same."""
        text = trimmed(written)
        if not text:
            return None
        by = current().actor
        if is_uid(text):
            return self.visible_record(text, by)
        named: Any = self.model._meta.fields[self.named_by]
        condition = visible(self.model, by, self.permission)
        found = list(self.model.select().where(named == text, condition, self.model.retired_at.is_null()).limit(2))
        if len(found) == 1:
            return found[0]
        if found:
            raise Unreadable(_("Several are called so. Write the uid of the one that is meant."))
        raise Unreadable(_("There is none of this name, or it is not open to you."))

    def visible_record(self, uid: str, by: Actor) -> Any:
        """A record of this uid, if this actor may see it."""
        try:
            return get_visible(self.model, uid, by, permission=self.permission)
        except NotFound as missing:
            raise Unreadable(_("There is no such record, or it is not open to you.")) from missing

    def from_json(self, value: Any) -> Any:
        """A uid, alone or as `{"uid": …}`."""
        if value is None:
            return None
        if isinstance(value, dict):
            value = value.get("uid")
        if not is_uid(value):
            raise Unreadable(_("This must be the uid of a record."))
        return self.visible_record(value, current().actor)

    def as_json(self, value: Any) -> Any:
        """Its uid and what it is called."""
        if value is None:
            return None
        found = self.related(value)
        return {"uid": found.uid, "label": found.label}

    def stored(self, value: Any) -> Any:
        """Its uid: what it is called may change."""
        return None if value is None else value.uid

    def unstored(self, kept: Any) -> Any:
        """The record as it is called today."""
        return self.named((kept,)).get(kept) if kept else None

    def keys(self, value: Any) -> tuple[str, ...]:
        """Its uid."""
        return () if value is None else (str(value.uid),)

    def schema(self) -> dict[str, Any]:
        """A uid with a label that is only for reading."""
        parts = {"uid": {"type": "string", "format": "uuid"}, "label": {"type": "string", "readOnly": True}}
        return {"type": "object", "properties": parts, "required": ["uid"]}

    def takes(self) -> dict[str, Any]:
        """The same, or the uid alone."""
        return {"anyOf": [self.schema(), {"type": "string", "format": "uuid"}]}

    def words(self, value: Any) -> Words:
        """What it is called."""
        return "" if value is None else self.related(value).label

    def related(self, value: Any) -> Related:
        """A record as the reader may know of it."""
        if isinstance(value, Related):
            return value
        if visible(self.model, current().actor, self.permission) is ALL_ROWS:
            return Related(value.uid, self.label_of(value))
        return self.load((value.id,))[value.id]

    def as_cell(self, value: Any) -> Any:
        """What it is called."""
        return str(self.words(value))

    def pick(self, written: str) -> Picked:
        """Records by their uids; the condition compares their keys."""
        if written == "-":
            return Picked("empty")
        uids = [part for part in written.split(",") if is_uid(part)][:MOST_PICKED]
        condition = visible(self.model, current().actor, self.permission)
        rows: Any = self.model.select(self.model.id).where(self.model.uid.in_(uids), condition).tuples()
        ids = tuple(sorted(one for (one,) in rows)) if uids else ()
        if not ids:
            raise Unreadable(_("There is no such record, or it is not open to you."))
        return Picked("in", ids)

    def picked_words(self, picked: Picked) -> Words:
        """What the records are called."""
        if picked.how == "empty":
            return super().picked_words(picked)
        return ", ".join(one.label for one in self.load(picked.values).values())

    def few(self, most: int) -> list[Related]:
        """All records the reader may choose, where there are no more than `most`; else none."""
        named: Any = self.model._meta.fields[self.named_by]
        condition = visible(self.model, current().actor, self.permission)
        rows: Any = self.model.select(self.model.uid, named).where(condition, self.model.retired_at.is_null())
        found = [Related(uid, str(label)) for uid, label in rows.order_by(named).limit(most + 1).tuples()]
        return found if len(found) <= most else []

    def load(self, ids: Sequence[Any]) -> Mapping[int, Related]:
        """The records of these keys in one statement, as they are shown."""
        wanted = sorted({one for one in ids if one is not None})
        if not wanted:
            return {}
        rows = by_keys(self.model, self.named_by)(wanted)
        open_here = self.open_among(self.model.id, wanted)
        return {key: shown(uid, label, open_here is None or key in open_here) for key, uid, label in rows}

    def open_among(self, column: Any, wanted: Sequence[Any]) -> frozenset[Any] | None:
        """Those of these records that the reader may see; None where all of the model are."""
        condition = visible(self.model, current().actor, self.permission)
        if condition is ALL_ROWS:
            return None
        if condition is NO_ROWS:
            return frozenset()
        rows: Any = self.model.select(column).where(column.in_(wanted), condition).tuples()
        return frozenset(one for (one,) in rows)

    def named(self, uids: Sequence[str]) -> Mapping[str, Related]:
        """The records of these uids in one statement, as they are shown."""
        wanted = sorted({one for one in uids if one})
        if not wanted:
            return {}
        named: Any = self.model._meta.fields[self.named_by]
        rows: Any = self.model.select(self.model.uid, named).where(self.model.uid.in_(wanted))
        open_here = self.open_among(self.model.uid, wanted)
        return {uid: shown(uid, label, open_here is None or uid in open_here) for uid, label in rows.tuples()}


def shown(uid: str, label: Any, is_open: bool) -> Related:
    """A record by its name, or by the word that it is not open."""
    return Related(uid, str(label if is_open else HIDDEN), is_open)


@cache
def by_keys(model: type[Model], named_by: str) -> Callable[..., list[Any]]:
    """The query for what records are called, by their keys; made once for each model."""
    named: Any = model._meta.fields[named_by]
    return prepared(lambda keys: model.select(model.id, model.uid, named).where(model.id.in_(keys)).tuples())


class _Findable:
    """A validator: the record is there and open to the reader."""

    def __init__(self, kind: Relation) -> None:
        self.kind = kind

    def __call__(self, form: Any, field: Any) -> None:
        if not field.data:
            return
        try:
            field.shown = self.kind.label_of(self.kind.read(field.data))
        except Unreadable as unreadable:
            field.errors = [*field.errors, str(unreadable.words)]
            field.process_errors = [*field.process_errors, str(unreadable.words)]
