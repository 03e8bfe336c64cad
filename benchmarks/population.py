"""A million invented patients with names as common as in life, loaded straight into a site's tables.

Going through the acts would take hours; the rows are made by the same functions and are the same. Names come from
the demo's lists, with a long tail of rare ones made up from their syllables, so that the commonest are met far oftener
than the rarest: in life one Vietnamese in three is a Nguyễn, and half of all family names have one bearer.
"""

import contextlib
import datetime
import random
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pymysql

from core.sites import Site
from core.storage import new_uid
from core.storage.migrations import apply
from plugins.patients.demo_names import PEOPLES, People
from plugins.patients.services.reindexing import EDITION
from plugins.patients.services.spelling import has_spelling, slips_of
from plugins.patients.spelling import folded, starts_of
from plugins.patients.tokens import tokens_of

ROOT = Path(__file__).parent.parent
ROOMS = (("core", ROOT / "core" / "migrations"), ("patients", ROOT / "plugins" / "patients" / "migrations"))
FACILITIES, DEPARTMENTS = 20, 50
CHUNK = 20_000
MOMENT = "2026-01-01 08:00:00.000000"
SHARES = {
    "kenyan": 40, "coastal": 14, "somali": 8, "ethiopian": 5, "arabic": 3, "vietnamese": 6, "indian": 8, "spanish": 8,
    "icelandic": 1, "chinese": 3, "ukrainian": 1, "indonesian": 2, "european": 1,
}  # fmt: skip


class Person(NamedTuple):
    """One invented patient."""

    id: int
    name: str
    sex: str
    born_on: datetime.date
    phone: str
    place: int


def people(count: int, seed: int = 7) -> Iterator[Person]:
    """The same people for the same seed."""
    chance = random.Random(seed)
    crowds = [with_tail(one, random.Random(seed + position)) for position, one in enumerate(PEOPLES)]
    weights = [SHARES[one.key] for one in crowds]
    leaves = FACILITIES * DEPARTMENTS
    first_leaf = 2 + FACILITIES
    for number in range(1, count + 1):
        crowd = chance.choices(crowds, weights)[0]
        sex = "female" if chance.random() < 0.52 else "male"
        age = min(100 * 365, int(abs(chance.gauss(0, 1)) * 32 * 365) + chance.randrange(365))
        yield Person(
            number,
            crowd.name(chance, sex),
            sex,
            datetime.date(2026, 1, 1) - datetime.timedelta(days=age),
            f"2547{chance.randrange(10**8):08d}",
            first_leaf + number % leaves,
        )


def with_tail(crowd: People, chance: random.Random) -> People:
    """The same people with thousands of rarer names after the common ones."""
    return replace(
        crowd,
        women=tail(crowd.women, 400, chance),
        men=tail(crowd.men, 400, chance),
        families=tail(crowd.families, 20_000, chance) if len(crowd.families) > 10 else crowd.families,
    )


def tail(names: Sequence[str], size: int, chance: random.Random) -> tuple[str, ...]:
    """Rare names made of beginnings and endings of common ones."""
    if not names or (len(names[0]) < 3 and not names[0].isascii()):
        return tuple(names)
    found = dict.fromkeys(names)
    starts = sorted({name[: 2 + len(name) % 3] for name in names if len(name) > 3})
    middles = [*sorted({name[1:3].lower() for name in names if len(name) > 4}), ""]
    ends = sorted({name[-3:] for name in names if len(name) > 3})
    while starts and len(found) < size and len(found) < len(starts) * len(middles) * len(ends) // 2:
        found[chance.choice(starts) + chance.choice(middles) + chance.choice(ends)] = None
    return tuple(found)


def fill(site: Site, count: int, seed: int = 7) -> None:
    """Create the tables and load the population. The site's database must be empty."""
    apply(site, ROOMS)
    with site.activate():
        load = LOADERS[site.engine](site.database)
        load.rows("core_place", PLACE_COLUMNS, place_rows())
        buckets = [array("Q") for _number in range(256)]
        places, years = array("H", [0]), array("H", [0])
        words: set[str] = set()
        for chunk in chunks(people(count, seed)):
            load.rows("patients_patient", PATIENT_COLUMNS, map(patient_row, chunk))
            load.rows("patients_telecom", TELECOM_COLUMNS, map(telecom_row, chunk))
            for person in chunk:
                words.update(starts_of(person.name))
                places.append(person.place)
                years.append(person.born_on.year)
                for token in tokens_of((person.name,), number_of(person), person.born_on):
                    packed = (token + 0x80000000) << 32 | person.id
                    buckets[packed >> 56].append(packed)
        for position, bucket in enumerate(buckets):
            load.rows("patients_search_token", TOKEN_COLUMNS, token_rows(sorted(bucket), places, years))
            buckets[position] = array("Q")
        load.rows("patients_spelling", ("token", "word"), spelling_rows(words))
        load.rows("patients_index_state", ("id", "edition"), [(1, EDITION)])
        load.done()


def token_rows(packed: list[int], places: Sequence[int], years: Sequence[int]) -> Iterator[tuple[int, int, int, int]]:
    """The rows of sorted tokens, in the order of their key."""
    for one in packed:
        patient = one & 0xFFFFFFFF
        yield (one >> 32) - 0x80000000, patient, places[patient], years[patient]


def spelling_rows(words: set[str]) -> Iterator[tuple[int, str]]:
    """The rows of words and of what is left of them without a letter, in the order of their key."""
    yield from sorted({(token, word[:40]) for word in words if has_spelling(word) for token in slips_of(word)})


def chunks(persons: Iterator[Person]) -> Iterator[list[Person]]:
    """People by the thousand."""
    chunk: list[Person] = []
    for person in persons:
        chunk.append(person)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


RECORD_COLUMNS = ("uid", "version", "created_at", "created_by", "updated_at", "updated_by")
PLACE_COLUMNS = ("id", *RECORD_COLUMNS, "parent_id", "kind", "name", "zone", "path")
PATIENT_COLUMNS = (
    "id", *RECORD_COLUMNS, "number", "name", "called", "words", "sex", "born_on", "born_precision", "is_deceased",
    "language", "place_id", "is_unidentified", "is_sensitive", "is_merging", "preferred_way", "photo_uid",
)  # fmt: skip
TELECOM_COLUMNS = ("id", *RECORD_COLUMNS, "patient_id", "kind", "value", "e164", "lookup", "use", "rank")
TOKEN_COLUMNS = ("token", "owner_id", "place_id", "born_year")


def record() -> tuple[Any, ...]:
    """What every record begins with."""
    return new_uid(), 1, MOMENT, "population", MOMENT, "population"


def number_of(person: Person) -> str:
    """The record number."""
    return f"{person.id:08d}"


def patient_row(person: Person) -> tuple[Any, ...]:
    """A patient as the table has it."""
    words = " ".join(starts_of(person.name))
    return (
        person.id, *record(), number_of(person), person.name, "", words, person.sex, person.born_on.isoformat(), "day",
        False, "", person.place, False, False, False, "", "",
    )  # fmt: skip


def telecom_row(person: Person) -> tuple[Any, ...]:
    """A patient's phone as the table has it."""
    return (
        person.id,
        *record(),
        person.id,
        "phone",
        f"0{person.phone[3:]}",
        f"+{person.phone}",
        person.phone[::-1],
        "mobile",
        1,
    )


def place_rows() -> Iterator[tuple[Any, ...]]:
    """One organisation, its facilities, and their departments, each with a thousandth of the patients."""
    root = record()
    yield 1, *root, None, "organisation", "Benchmark", "", f"/{root[0]}/"
    paths = {}
    for one in range(FACILITIES):
        own = record()
        paths[one] = f"/{root[0]}/{own[0]}/"
        yield 2 + one, *own, 1, "facility", f"Facility {one}", "", paths[one]
    for one in range(FACILITIES * DEPARTMENTS):
        own = record()
        facility = one // DEPARTMENTS
        path = f"{paths[facility]}{own[0]}/"
        yield 2 + FACILITIES + one, *own, 2 + facility, "department", f"Department {one}", "", path


class SqliteLoad:
    """Rows in one transaction, in the order of the key."""

    def __init__(self, database: Any) -> None:
        self.connection = database.connection()
        self.connection.execute("PRAGMA cache_size = -400000")
        self.connection.execute("BEGIN")

    def rows(self, table: str, columns: Sequence[str], rows: Any) -> None:
        """Insert many rows."""
        marks = ", ".join("?" * len(columns))
        self.connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)  # noqa: S608  own names

    def done(self) -> None:
        """Keep them, and let the planner look at them."""
        self.connection.execute("COMMIT")
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.connection.execute("PRAGMA cache_size = -8000")


class PostgresqlLoad:
    """COPY, the key of the tokens last."""

    def __init__(self, database: Any) -> None:
        self.connection = database.connection()

    def rows(self, table: str, columns: Sequence[str], rows: Any) -> None:
        """Copy many rows."""
        statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        with self.connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)

    def done(self) -> None:
        """Do what autovacuum would do within minutes."""
        for table in ("patients_patient", "patients_telecom", "patients_search_token"):
            self.connection.execute(f"VACUUM ANALYZE {table}")
            if table != "patients_search_token":
                self.connection.execute(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))")  # noqa: S608  own names


class MariadbLoad:
    """Inserts of many rows at once, without the checks that only matter one row at a time."""

    def __init__(self, database: Any) -> None:
        self.connection: pymysql.Connection[Any] = database.connection()
        with self.connection.cursor() as cursor:
            cursor.execute("SET SESSION unique_checks = 0, foreign_key_checks = 0")

    def rows(self, table: str, columns: Sequence[str], rows: Any) -> None:
        """Insert many rows, a few thousand in a statement."""
        names = ", ".join(f"`{column}`" for column in columns)
        with self.connection.cursor() as cursor:
            cursor.execute("BEGIN")
            for some in batches(rows):
                values = ", ".join(f"({', '.join(map(literal, row))})" for row in some)
                cursor.execute(f"INSERT INTO {table} ({names}) VALUES {values}")  # noqa: S608  own rows
            cursor.execute("COMMIT")

    def done(self) -> None:
        """Let the planner look at them."""
        with self.connection.cursor() as cursor:
            for table in ("patients_patient", "patients_telecom", "patients_search_token"):
                cursor.execute(f"ANALYZE TABLE {table}")
                cursor.fetchall()


def batches(rows: Any) -> Iterator[list[Any]]:
    """Rows a few thousand at a time."""
    some: list[Any] = []
    for row in rows:
        some.append(row)
        if len(some) == 4000:
            yield some
            some = []
    if some:
        yield some


def literal(value: Any) -> str:
    """A value of ours as SQL."""
    if value is None:
        return "NULL"
    if isinstance(value, (bool, int)):
        return str(int(value))
    escaped = str(value).replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


LOADERS: dict[str, Any] = {"sqlite": SqliteLoad, "postgresql": PostgresqlLoad, "mariadb": MariadbLoad}


def size_of(site: Site) -> dict[str, int]:
    """Bytes the database takes, whole and by its largest tables."""
    with site.activate():
        database = site.database
        if site.engine == "sqlite":
            pages = database.execute_sql("PRAGMA page_count").fetchone()[0]
            sizes = {"whole": pages * database.execute_sql("PRAGMA page_size").fetchone()[0]}
            with contextlib.suppress(Exception):
                rows = database.execute_sql(
                    "SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC LIMIT 6"
                )
                sizes |= dict(rows.fetchall())
            return sizes
        if site.engine == "postgresql":
            sql = (
                "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' ORDER BY 2 DESC LIMIT 4"
            )
            whole = database.execute_sql("SELECT pg_database_size(current_database())").fetchone()[0]
            return {"whole": whole, **dict(database.execute_sql(sql).fetchall())}
        sql = (
            "SELECT table_name, data_length + index_length FROM information_schema.tables"
            " WHERE table_schema = DATABASE() ORDER BY 2 DESC"
        )
        sizes = {name: int(size) for name, size in database.execute_sql(sql).fetchall()}
        return {"whole": sum(sizes.values()), **dict(list(sizes.items())[:4])}


__all__ = ["Person", "fill", "folded", "people", "size_of"]
