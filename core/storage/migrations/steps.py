"""The steps migrations are made of. Each looks first whether it was done, so that a script can be run again.

MariaDB commits every DDL statement at once: a script that failed half-way leaves its first steps
behind, and its second run must pass over them. On the other engines a failed script leaves nothing.
"""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import peewee
from playhouse.migrate import SchemaMigrator, make_index_name

from core.errors import Misuse
from core.storage import fields
from core.storage.migrations.locking import let_others_write
from core.storage.model import Table

Chunk = Callable[[int], int | None]
_peewee: Any = peewee  # its stubs know less than it offers


class MigrationStep(Table):
    """How far a migration's work on data has come, stored in the same transaction as the work."""

    script = fields.TextField(max_length=200)
    step = fields.TextField(max_length=120)
    cursor = fields.BigIntegerField(default=0)
    is_done = fields.BooleanField(default=False)

    class Meta:
        table_name = "core_migration_step"
        indexes = ((("script", "step"), True),)
        why = "progress of migrations, read by nobody else"


class Steps:
    """What a script does to the tables, one statement at a time, each only when it is still to be done."""

    def __init__(self, migrator: SchemaMigrator, db: Any) -> None:
        self.migrator: Any = migrator
        self.db = db
        self.script: str = getattr(migrator, "script", "")
        self.engine: str = db.engine

    def create_tables(self, *models: type[peewee.Model]) -> None:
        """Create tables of frozen models with their indexes, in the order their foreign keys need."""
        for model in _peewee.sort_models(models):
            manager: Any = peewee.SchemaManager(model, self.db)
            manager.create_table(safe=True)
            present = self._index_names(model._meta.table_name)
            for index in model._meta.fields_to_index():
                name = getattr(index, "_name", None)
                if name is None or name not in present:
                    self.db.execute(manager._create_index(index, safe=False))

    def drop_table(self, table: str) -> None:
        """Drop a table, for `after` migrations of what was exported."""
        if self._has_table(table):
            self.migrator.migrate(self.migrator.drop_table(table))

    def rename_table(self, old: str, new: str) -> None:
        """Rename a table."""
        if not self._has_table(new):
            self.migrator.migrate(self.migrator.rename_table(old, new))

    def add_column(self, table: str, name: str, field: peewee.Field) -> None:
        """Add a column, in one statement.

        A column that is not null takes its default into the table itself, so that code of the
        release before, which does not know the column, can go on inserting rows. A default made for
        each row can't be written that way: add the column with `null=True`, fill it with `chunks`,
        then `set_not_null`.
        """
        if name not in self._columns(table):
            field = field.clone()
            literal = self._literal_default(field, f"{table}.{name}")
            if literal is not None:
                field.constraints = [*(field.constraints or ()), peewee.SQL(f"DEFAULT {literal}")]
            alone = field.clone()
            alone.index = alone.unique = False
            self.migrator.migrate(self.migrator.alter_add_column(table, name, alone, allow_not_null=True))
        if isinstance(field, peewee.ForeignKeyField):
            self._add_foreign_key(table, name, field)
        if field.index or field.unique:
            self.add_index(table, (name,), unique=field.unique)

    def drop_column(self, table: str, name: str) -> None:
        """Drop a column with its indexes and foreign keys."""
        if name not in self._columns(table):
            return
        points = [key for key in self.db.get_foreign_keys(table) if key.column == name]
        if self.engine == "mariadb":
            for key in points:
                self._run(f"ALTER TABLE {self._quoted(table)} DROP FOREIGN KEY {self._quoted(key.name)}")
        for index in self.db.get_indexes(table):
            if name in index.columns and not index.name.startswith("sqlite_autoindex_"):
                self.drop_index(table, index.name)
        if self.engine == "sqlite" and points:
            self._look_for_orphans()
            self.migrator.migrate(self.migrator.drop_column(table, name, legacy=True))
        else:
            self._run(f"ALTER TABLE {self._quoted(table)} DROP COLUMN {self._quoted(name)}")

    def rename_column(self, table: str, old: str, new: str) -> None:
        """Rename a column; only for `after` migrations, since the release before still asks for the old name."""
        if new not in self._columns(table):
            self._run(f"ALTER TABLE {self._quoted(table)} RENAME COLUMN {self._quoted(old)} TO {self._quoted(new)}")

    def set_not_null(self, table: str, name: str) -> None:
        """Require a value, once every row has one."""
        if self._columns(table)[name].null:
            self._change_nulls(table, name, self.migrator.add_not_null)

    def drop_not_null(self, table: str, name: str) -> None:
        """Allow rows without a value."""
        if not self._columns(table)[name].null:
            self._change_nulls(table, name, self.migrator.drop_not_null)

    def alter_type(self, table: str, name: str, field: peewee.Field) -> None:
        """Change a column's type; doing it twice does no harm."""
        self._look_for_orphans()
        field = field.clone()
        field.name = name
        if self.engine == "mariadb":
            field.column_name = name
            context = self.db.get_sql_context()
            sql, params = context.sql(field.ddl(context)).query()
            self._run(f"ALTER TABLE {self._quoted(table)} MODIFY {sql}", params)
        else:
            self.migrator.migrate(self.migrator.alter_column_type(table, name, field))

    def add_index(self, table: str, columns: tuple[str, ...], unique: bool = False, name: str = "") -> None:
        """Add an index, by the name Peewee gives it unless another is given."""
        name = name or make_index_name(table, columns)
        if name not in self._index_names(table):
            self.migrator.migrate(self.migrator.add_index(table, columns, unique, name=name))

    def drop_index(self, table: str, name: str) -> None:
        """Drop an index by its name."""
        if name in self._index_names(table):
            self.migrator.migrate(self.migrator.drop_index(table, name))

    def sql(self, sqlite: str = "", postgresql: str = "", mariadb: str = "", unless: bool = False) -> None:
        """Run what one engine needs alone (an exclusion constraint, a partial index), `unless` it is there."""
        statement = {"sqlite": sqlite, "postgresql": postgresql, "mariadb": mariadb}[self.engine]
        if statement and not unless:
            self._run(statement)

    def keep_final(self, table: str, final: str, fixed: tuple[str, ...]) -> None:
        """Let the database itself refuse changes of these columns, and removal, once the column `final` is true.

        The last word behind `Meta.final`, for whoever comes past the house's own code.
        """
        mark = self._quoted
        name, words = f"{table}_final", f"{table} is final"
        differs = {
            "sqlite": "OLD.{0} IS NOT NEW.{0}", "postgresql": "OLD.{0} IS DISTINCT FROM NEW.{0}",
            "mariadb": "NOT (OLD.{0} <=> NEW.{0})",
        }[self.engine]  # fmt: skip
        changed = " OR ".join(differs.format(mark(column)) for column in (final, *fixed))
        for verb, condition in (("UPDATE", f"OLD.{mark(final)} AND ({changed})"), ("DELETE", f"OLD.{mark(final)}")):
            own = f"{name}_{verb.lower()}"
            self.sql(
                sqlite=f"CREATE TRIGGER IF NOT EXISTS {own} BEFORE {verb} ON {table} WHEN {condition}"
                f" BEGIN SELECT RAISE(ABORT, '{words}'); END",
                postgresql=f"CREATE OR REPLACE FUNCTION {own}() RETURNS trigger LANGUAGE plpgsql AS"
                f" $$ BEGIN RAISE EXCEPTION '{words}'; END $$",
                mariadb=f"CREATE OR REPLACE TRIGGER {own} BEFORE {verb} ON {table} FOR EACH ROW"
                f" IF {condition} THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{words}'; END IF",
            )
            self.sql(
                postgresql=f"CREATE OR REPLACE TRIGGER {own} BEFORE {verb} ON {table} FOR EACH ROW"
                f" WHEN ({condition}) EXECUTE FUNCTION {own}()",
            )

    def data(self, step: str, work: Callable[[], None]) -> None:
        """Change rows, exactly once: the work and the note that it is done are one transaction. No DDL inside."""

        def once(after: int) -> None:
            work()

        self.chunks(step, once)

    def chunks(self, step: str, work: Chunk) -> None:
        """Change many rows a few hundred at a time.

        `work(after)` changes the next rows with an id above `after` and returns the last id it met, or
        None when there are no more. Where it stopped is stored with each chunk; write `atomic = False`
        at the top of the script so that each chunk is a transaction of its own on every engine.
        """
        self._look_for_orphans()
        row = MigrationStep.get_or_none(MigrationStep.script == self.script, MigrationStep.step == step)
        while row is None or not row.is_done:
            with self.db.atomic():
                if row is None:
                    row = MigrationStep.create(script=self.script, step=step)
                reached = work(row.cursor)
                if reached is not None and reached <= row.cursor:
                    raise Misuse(f"{self.script}: step {step!r} does not move on from {row.cursor}")
                row.is_done = reached is None
                row.cursor = row.cursor if reached is None else reached
                row.save()
            let_others_write(self.db)

    def _change_nulls(self, table: str, name: str, elsewhere: Callable[[str, str], Any]) -> None:
        self._look_for_orphans()
        if self.engine != "mariadb":
            self.migrator.migrate(elsewhere(table, name))
            return
        # MODIFY forgets what it is not told: the whole definition, with collation, default and check, is repeated.
        shown = self.db.execute_sql(f"SHOW CREATE TABLE {self._quoted(table)}").fetchone()[1]
        line = next(line.strip().rstrip(",") for line in shown.splitlines() if line.strip().startswith(f"`{name}` "))
        self._run(f"ALTER TABLE {self._quoted(table)} MODIFY " + with_other_nulls(line))

    def _look_for_orphans(self) -> None:
        """Rows or whole tables are rewritten: have foreign keys checked where the engine has them off."""
        self.migrator.rewrites_rows = True

    # What the database has.

    def _has_table(self, table: str) -> bool:
        return table in self.db.get_tables()

    def _columns(self, table: str) -> dict[str, Any]:
        return {column.name: column for column in self.db.get_columns(table)}

    def _index_names(self, table: str) -> set[str]:
        return {index.name for index in self.db.get_indexes(table)}

    def _quoted(self, name: str) -> str:
        mark = self.db.quote[0]
        return f"{mark}{name}{mark}"

    def _run(self, statement: str, params: Any = None) -> None:
        self.db.execute_sql(statement, params)

    def _add_foreign_key(self, table: str, name: str, field: peewee.ForeignKeyField) -> None:
        if self.engine != "mariadb" or any(key.column == name for key in self.db.get_foreign_keys(table)):
            return
        target = field.rel_model._meta.table_name
        constraint = self.migrator.add_foreign_key_constraint(table, name, target, field.rel_field.column_name)
        self.migrator.migrate(constraint)

    def _literal_default(self, field: Any, where: str) -> str | None:
        default = field.default
        if default is None:
            if not field.null:
                raise Misuse(f"{where}: a column that is not null needs a default to be added with")
            return None
        if callable(default):
            if not field.null:
                raise Misuse(f"{where}: a default made for each row is filled in by chunks, then set_not_null")
            return None
        field.name = field.column_name = where.rpartition(".")[2]
        return literal(field.db_value(default), self.engine)


def with_other_nulls(definition: str) -> str:
    """Turn a column's definition, as MariaDB shows it, from nullable to NOT NULL or back."""
    if " NOT NULL" in definition.partition(" DEFAULT ")[0]:
        return definition.replace(" NOT NULL", " NULL", 1)
    if " DEFAULT NULL" in definition:
        return definition.replace(" DEFAULT NULL", " NOT NULL", 1)
    head, default, rest = definition.partition(" DEFAULT ")
    return f"{head} NOT NULL{default}{rest}"


def literal(value: Any, engine: str) -> str:
    """Write a stored value into DDL, where parameters are not allowed."""
    if isinstance(value, bool):
        return "TRUE" if value and engine == "postgresql" else "FALSE" if engine == "postgresql" else str(int(value))
    if isinstance(value, int | Decimal):
        return str(value)
    if isinstance(value, date | datetime):
        value = value.isoformat()
    if not isinstance(value, str):
        raise Misuse(f"a default of type {type(value).__name__} can't be written into a table")
    escaped = value.replace("'", "''")
    return "'" + (escaped.replace("\\", "\\\\") if engine == "mariadb" else escaped) + "'"
