"""What every record has, and what happens whenever one is saved.

A record is written inside an act only. Saving checks the version the person saw, raises the version,
leaves a row in the journal, and keeps references by uid findable.
"""

import re
from collections.abc import Callable
from typing import Any, ClassVar

import peewee

from core import clock
from core.errors import Conflict, Misuse
from core.sites import Site, current_site, is_active
from core.storage import fields
from core.storage.final import Final, refuse_final
from core.storage.journal.writer import Change, note_change
from core.storage.references import RecordRef, RecordRefField, keep_references
from core.storage.storing import stored_form
from core.storage.transactions import Raised, Transaction, Written, open_transaction

REMOVALS = ("never", "retire", "delete")
OWN_COLUMNS = frozenset({"id", "uid", "version", "created_at", "created_by", "updated_at", "updated_by"})
_models: dict[tuple[str, str], "type[Model]"] = {}
# What rooms above add to a record, or look up, before any of it is written: called in the transaction of each `save()`.
before_writing: "list[Callable[[Any], None]]" = []
# What rooms above keep in step with records: called in the transaction with records just stored and what changed.
after_writing: "list[Callable[[list[Any], frozenset[str]], None]]" = []
_tables: dict[str, "type[SiteTable]"] = {}


def plugin_of_module(module: str) -> str:
    """Which plugin a module belongs to: `plugins.patients.models` and `medley_greeting.models` say it themselves."""
    parts = module.split(".")
    if parts[0] == "plugins" and len(parts) > 1:
        return parts[1]
    return parts[0].removeprefix("medley_")


def snake(name: str) -> str:
    """`PatientName` → `patient_name`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


class SiteMetadata(peewee.Metadata):
    """A model's facts; its database is always that of the site being served."""

    # The options of a `class Meta`, which Peewee hands on from model to model.
    subject: str
    root: str
    place: str
    removal: str
    final: str
    after_final: tuple[str, ...]
    adds_to_final: bool
    label: str
    why: str

    def __init__(self, model: Any, plugin: str = "", table_name: str = "", **options: Any) -> None:
        self.plugin = plugin or plugin_of_module(model.__module__)
        self.noun = snake(model.__name__)
        name = table_name or (self.noun if self.noun.startswith(f"{self.plugin}_") else f"{self.plugin}_{self.noun}")
        super().__init__(model, table_name=name, **options)

    @property
    def database(self) -> Any:
        """The database of the site being served, or None outside any."""
        return current_site().database if is_active() else None

    @database.setter
    def database(self, value: Any) -> None:
        if value is not None:
            raise Misuse("a model is never bound to one database")


class SiteTable(peewee.Model):
    """A table of every site; the common root of records and infrastructure tables."""

    # What Peewee has and its stubs leave out.
    _meta: SiteMetadata
    _dirty: set[str]
    _populate_unsaved_relations: Callable[[dict[str, Any]], None]

    class Meta:
        model_metadata_class = SiteMetadata
        why = ""
        is_abstract = True

    @classmethod
    def validate_model(cls) -> None:
        """Refuse what would change rows behind the journal's back."""
        meta = cls._meta
        if meta.manytomany:
            raise Misuse(f"{cls.__name__}: ManyToManyField is not allowed; write the joining record")
        for key in meta.refs:
            if (key.on_delete or "RESTRICT").upper() not in {"RESTRICT", "NO ACTION"}:
                raise Misuse(f"{cls.__name__}.{key.name}: on_delete={key.on_delete} would change rows unseen")
        if cls.__module__ != __name__ and not cls.__name__.startswith("_"):
            _tables[meta.table_name] = cls


class Table(SiteTable):
    """An infrastructure table (sessions, throttles, drafts …): not journaled, and `Meta.why` says why not."""

    id = peewee.BigAutoField()

    @classmethod
    def validate_model(cls) -> None:
        """Besides the common rules, the reason must be written."""
        super().validate_model()
        if cls.__module__ != __name__ and not cls._meta.why:
            raise Misuse(f"{cls.__name__}: a table outside the journal says why in Meta.why")


class Model(SiteTable):
    """A record: journaled, versioned, with a uid for life.

    Meta options: `subject` ("self", or the foreign key that leads to the person the record is about),
    `root` (the foreign key to the record whose version this one raises), `place` (the foreign key to the
    place that limits who sees it), `removal` ("never", "retire" or "delete"), `label` (what it is called),
    `final` (a column that, once true, lets nothing of the record or its parts change but what `after_final` names),
    `adds_to_final` (parts such as an addendum, which a final record still takes).
    """

    id = peewee.BigAutoField()
    uid = fields.UidField(default=fields.new_uid, unique=True)
    version = fields.IntegerField(default=1)
    created_at = fields.UTCDateTimeField(null=True)
    created_by = fields.TextField(max_length=60, default="")
    updated_at = fields.UTCDateTimeField(null=True)
    updated_by = fields.TextField(max_length=60, default="")
    custom = fields.JSONField(null=True)
    retired_at = fields.UTCDateTimeField(null=True)
    retired_by = fields.TextField(max_length=60, null=True)
    retired_reason = fields.TextField(max_length=300, null=True)

    _sql: ClassVar[dict[tuple[str, str], str]] = {}
    _fields: ClassVar[dict[type, list[Any]]] = {}

    class Meta:
        subject = ""
        root = ""
        place = ""
        removal = "retire"
        final = ""
        after_final = ()
        adds_to_final = False
        label = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._site: Site | None = current_site() if is_active() else None
        super().__init__(*args, **kwargs)

    @classmethod
    def validate_model(cls) -> None:
        """Besides the common rules, the options must name what exists."""
        super().validate_model()
        if cls.__module__ == __name__:
            return
        meta = cls._meta
        if meta.removal not in REMOVALS:
            raise Misuse(f"{cls.__name__}: removal is one of {', '.join(REMOVALS)}")
        for option in ("root", "place", "subject"):
            named = getattr(meta, option)
            if named and named != "self" and not isinstance(meta.fields.get(named), peewee.ForeignKeyField):
                raise Misuse(f"{cls.__name__}: Meta.{option} names {named!r}, which is not a foreign key of it")
        for named in (meta.final, *meta.after_final):
            if named and named not in meta.fields:
                raise Misuse(f"{cls.__name__}: {named!r}, by which it is final, is not a column of it")
        if not cls.__name__.startswith("_"):
            _models[(meta.plugin, meta.noun)] = cls

    @property
    def ref(self) -> RecordRef:
        """How other records, the journal and the API refer to this one."""
        return RecordRef(self._meta.plugin, self._meta.noun, self.uid)

    @property
    def subject_uid(self) -> str:
        """The uid of the person this record is about, or "" when it is about nobody."""
        named = self._meta.subject
        if not named:
            return ""
        if named == "self":
            return str(self.uid)
        person = getattr(self, named)
        return person.subject_uid or str(person.uid) if person is not None else ""

    @property
    def is_final(self) -> bool:
        """Whether the record can't be changed any more: corrections are entries of their own."""
        return bool(self._meta.final and self.__data__.get(self._meta.final))

    @property
    def is_retired(self) -> bool:
        """Whether the record was taken out of use."""
        return self.retired_at is not None

    def save(self, force_insert: bool = False, only: Any = None) -> int:
        """Store the record and its journal row; raises `Conflict` when somebody changed it meanwhile."""
        transaction = self._writing()
        for call in before_writing:
            call(self)
        if self.id is None or force_insert:
            self._insert(transaction)
        elif self._dirty:
            self._update(transaction)
        return 1

    def hold(self) -> None:
        """Lock the row until the act ends; raises `Conflict` when it is not the version that was seen."""
        transaction = self._writing()
        self._refuse_stale(transaction, self._stored(transaction))

    def retire(self, reason: str) -> None:
        """Take the record out of use; it stays readable, with the reason."""
        if self._meta.removal == "never":
            raise Misuse(f"{type(self).__name__} is never removed")
        transaction = self._writing()
        self.retired_at = clock.now()
        self.retired_by = transaction.activation.actor.uid
        self.retired_reason = reason
        self._update(transaction, kind="retired")

    def restore(self) -> None:
        """Bring a retired record back into use."""
        self.retired_at = self.retired_by = self.retired_reason = None
        self._update(self._writing(), kind="restored")

    def delete_instance(self, recursive: bool = False, delete_nullable: bool = False) -> int:
        """Remove the row; allowed only where the model says `removal = "delete"`. Its journal stays."""
        if recursive or self._meta.removal != "delete":
            raise Misuse(f"{type(self).__name__} is not deleted; retire it")
        transaction = self._writing()
        before = self._stored(transaction)
        self._refuse_stale(transaction, before)
        refuse_final(type(self), before, ())
        database = transaction.site.database
        mark = database.param
        database.execute_sql(f"DELETE FROM {self._table()} WHERE id = {mark}", (self.id,))  # noqa: S608  own table name
        keep_references(self, transaction, gone=True)
        self._raise_root(transaction)
        self.version += 1
        note_change(transaction, Change("deleted", self, {name: [old, None] for name, old in before.items()}))
        tell_written([self], frozenset())
        return 1

    # How a save works, in the order it happens.

    def _writing(self) -> Transaction:
        transaction = open_transaction()
        if not transaction.act:
            raise Misuse(f"{type(self).__name__} is written inside an act only")
        if self._site is not None and self._site is not transaction.site:
            raise Misuse(f"a record of {self._site.name} can't be saved at {transaction.site.name}")
        return transaction

    def _remember(self, transaction: Transaction) -> None:
        transaction.written.append(Written(self, self.id, self.version, frozenset(self._dirty)))

    def _insert(self, transaction: Transaction) -> None:
        self._remember(transaction)
        self.created_at = self.updated_at = clock.now()
        self.created_by = self.updated_by = transaction.activation.actor.uid
        self.version = 1
        self._populate_unsaved_relations(self.__data__)
        stored = stored_form(self)
        database = transaction.site.database
        cursor = database.execute_sql(self._insert_sql(transaction.site), list(stored.values()))
        self.id = cursor.fetchone()[0] if transaction.site.engine == "postgresql" else cursor.lastrowid
        self._dirty.clear()
        self._site = transaction.site
        keep_references(self, transaction)
        transaction.raised_roots[(self._meta.table_name, self.id)] = Raised(last_savepoint(transaction), 1)
        self._raise_root(transaction)
        written = {k: [None, v] for k, v in stored.items() if v is not None and k not in OWN_COLUMNS}
        note_change(transaction, Change("created", self, written))
        tell_written([self], frozenset(written))

    def _update(self, transaction: Transaction, kind: str = "changed") -> None:
        before = self._stored(transaction)
        self._refuse_stale(transaction, before)
        names = self._dirty - OWN_COLUMNS
        columns = {field.name: field for field in self._columns()}
        sent = {name: columns[name].db_value(self.__data__.get(name)) for name in columns if name in names}
        changed = {name: value for name, value in sent.items() if before[name] != value}
        if not changed:
            self._dirty.clear()
            return
        refuse_final(type(self), before, changed)
        root = (self._meta.table_name, self.id)
        self._remember(transaction)
        self.version = before["version"] if root in transaction.raised_roots else before["version"] + 1
        transaction.raised_roots.setdefault(root, Raised(last_savepoint(transaction), before["version"]))
        self.updated_at = clock.now()
        self.updated_by = transaction.activation.actor.uid
        own = {name: columns[name].db_value(self.__data__[name]) for name in ("version", "updated_at", "updated_by")}
        values = {**changed, **own}
        mark = transaction.site.database.param
        pairs = ", ".join(f"{quoted(columns[name].column_name, transaction.site)} = {mark}" for name in values)
        sql = f"UPDATE {self._table()} SET {pairs} WHERE id = {mark} AND version = {mark}"  # noqa: S608  own names
        cursor = transaction.site.database.execute_sql(sql, [*values.values(), self.id, before["version"]])
        if cursor.rowcount != 1:
            raise Conflict
        self._dirty.clear()
        keep_references(self, transaction)
        self._raise_root(transaction)
        note_change(transaction, Change(kind, self, {name: [before[name], new] for name, new in changed.items()}))
        tell_written([self], frozenset(changed))

    def _refuse_stale(self, transaction: Transaction, before: dict[str, Any]) -> None:
        raised_here = transaction.raised_roots.get((self._meta.table_name, self.id))
        if self.version in (before["version"], raised_here and raised_here.before):
            return
        columns = {field.name: field for field in self._columns()}
        mine = {name: self.__data__.get(name) for name in sorted(self._dirty - OWN_COLUMNS)}
        theirs = {name: columns[name].python_value(before[name]) for name in mine}
        at = columns["updated_at"].python_value(before["updated_at"])
        raise Conflict(mine=mine, theirs=theirs, by=before["updated_by"], at=at)

    def _stored(self, transaction: Transaction) -> dict[str, Any]:
        """The row as the database has it, locked until the act ends."""
        site = transaction.site
        columns = self._columns()
        names = ", ".join(quoted(field.column_name, site) for field in columns)
        lock = "" if site.engine == "sqlite" else " FOR UPDATE"
        sql = f"SELECT {names} FROM {self._table()} WHERE id = {site.database.param}{lock}"  # noqa: S608  own names
        row = site.database.execute_sql(sql, (self.id,)).fetchone()
        if row is None:
            raise Conflict
        return {
            field.name: field.db_value(field.python_value(value)) for field, value in zip(columns, row, strict=True)
        }

    def _raise_root(self, transaction: Transaction) -> None:
        named = self._meta.root
        if not named:
            return
        field = self._meta.fields[named]
        root_id = self.__data__.get(named)
        root = (field.rel_model._meta.table_name, root_id)
        if root_id is None or root in transaction.raised_roots:
            return
        site = transaction.site
        mark = site.database.param
        table = quoted(root[0], site)
        lock = "" if site.engine == "sqlite" else " FOR UPDATE"
        final = quoted(field.rel_model._meta.final, site) if field.rel_model._meta.final else "1 = 0"
        sql = f"SELECT version, {final} FROM {table} WHERE id = {mark}{lock}"  # noqa: S608  own names
        found = site.database.execute_sql(sql, (root_id,)).fetchone()
        before = found[0] if found else 0
        if found and found[1] and not self._meta.adds_to_final:
            raise Final
        transaction.raised_roots[root] = Raised(last_savepoint(transaction), before)
        by = transaction.activation.actor.uid
        at = field.rel_model._meta.fields["updated_at"].db_value(clock.now())
        sql = f"UPDATE {table} SET version = version + 1, updated_at = {mark}, updated_by = {mark} WHERE id = {mark}"  # noqa: S608  own names
        site.database.execute_sql(sql, (at, by, root_id))
        held = self.__rel__.get(named)
        if held is not None and held.version == before:  # a stale one stays stale, and its own save is refused
            held._remember(transaction)
            held.__data__["version"] = before + 1

    @classmethod
    def _columns(cls) -> list[Any]:
        if cls not in Model._fields:
            Model._fields[cls] = [field for field in cls._meta.sorted_fields if field.name != "id"]
        return Model._fields[cls]

    @classmethod
    def _table(cls) -> str:
        return quoted(cls._meta.table_name, current_site())

    @classmethod
    def _insert_sql(cls, site: Site) -> str:
        key = (cls._meta.table_name, site.engine)
        if key not in Model._sql:
            columns = cls._columns()
            names = ", ".join(quoted(field.column_name, site) for field in columns)
            marks = ", ".join([site.database.param] * len(columns))
            back = " RETURNING id" if site.engine == "postgresql" else ""
            table = quoted(cls._meta.table_name, site)
            Model._sql[key] = f"INSERT INTO {table} ({names}) VALUES ({marks}){back}"  # noqa: S608  own names
        return Model._sql[key]


def _refuse_unseen_write(name: str) -> Any:
    def refused(cls: type[Model], *args: Any, **kwargs: Any) -> Any:
        raise Misuse(f"{cls.__name__}.{name}() would write past the journal; use save() or core.storage.bulk")

    return classmethod(refused)


for _name in (
    "insert", "insert_many", "insert_from", "replace", "replace_many", "update", "delete", "bulk_create",
    "bulk_update", "set_by_id", "delete_by_id", "get_or_create", "truncate_table",
):  # fmt: skip
    setattr(Model, _name, _refuse_unseen_write(_name))


def quoted(name: str, site: Site) -> str:
    """An identifier of ours, quoted for the site's engine."""
    mark = site.database.quote[0]
    return f"{mark}{name}{mark}"


def tell_written(records: "list[Any]", columns: frozenset[str]) -> None:
    """Let the rooms above keep in step; no columns are named when the records are gone."""
    for call in after_writing:
        call(records, columns)


def last_savepoint(transaction: Transaction) -> int:
    """The number of the savepoint statements are in at the moment; 0 outside any."""
    return transaction.savepoints[-1] if transaction.savepoints else 0


def all_models() -> list[type[Model]]:
    """Every journaled model of every installed plugin."""
    return list(_models.values())


def all_tables() -> dict[str, type[SiteTable]]:
    """Every table class by table name: records and infrastructure."""
    return dict(_tables)


def model_of(plugin: str, noun: str) -> type[Model] | None:
    """The model a reference names, or None when its plugin is not installed."""
    return _models.get((plugin, noun))


def record_of(ref: RecordRef) -> Model | None:
    """The record a reference names, or None when it, or its plugin, is not there."""
    model = model_of(ref.plugin, ref.noun)
    return model.get_or_none(model.uid == ref.uid) if model is not None else None


__all__ = [
    "Model",
    "RecordRef",
    "RecordRefField",
    "Table",
    "all_models",
    "all_tables",
    "model_of",
    "record_of",
]
