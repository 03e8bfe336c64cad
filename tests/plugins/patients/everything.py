"""A row in every table that can point at a patient, found by introspection, and what a hospital holds as a digest."""

import hashlib
import itertools
from typing import Any

from core.sites import Site, current_site
from core.storage import RecordRef, all_tables, new_uid
from core.storage.model import Model
from core.storage.pointing import REFERENCE, Pointer
from core.testing.samples import sample_values
from plugins.patients.models import IdentifierType, Patient
from plugins.patients.services.merging.prospect import person_of, pointers

# What tells of what happened, or is worked out anew: no part of what a merge must bring back.
APART = (
    "core_journal", "core_read", "core_job", "core_announcement", "core_idempotency", "core_numbering", "core_number",
    "core_session", "core_catch_up", "patients_merge", "sqlite_", "core_migration", "core_site_state",
)  # fmt: skip
VOLATILE = ("version", "updated_at", "updated_by")
_counter = itertools.count(1)

# Tables of plugins whose code nobody has here: a record, a badge of which a person has one, tags keyed by the person,
# a log that points twice, and one that points by the uid.
VENDORS = (
    (
        "CREATE TABLE vendor_note (id {serial}, uid VARCHAR(36) NOT NULL, version INTEGER NOT NULL, updated_at"
        " {moment}, updated_by VARCHAR(60), patient_id BIGINT NOT NULL REFERENCES patients_patient (id),"
        " words VARCHAR(80){keys})"
    ),
    (
        "CREATE TABLE vendor_badge (patient_id BIGINT PRIMARY KEY REFERENCES patients_patient (id), code VARCHAR(20)"
        "{keys})"
    ),
    (
        "CREATE TABLE vendor_tag (patient_id BIGINT NOT NULL REFERENCES patients_patient (id), tag VARCHAR(20) NOT"
        " NULL, PRIMARY KEY (patient_id, tag){keys})"
    ),
    (
        "CREATE TABLE vendor_call (id {serial}, patient_id BIGINT NOT NULL REFERENCES patients_patient (id), other_id"
        " BIGINT REFERENCES patients_patient (id){keys}{other})"
    ),
    "CREATE TABLE vendor_card (id {serial}, whose VARCHAR(36){collation} REFERENCES patients_patient (uid){uids})",
    (
        "CREATE TABLE vendor_link (id {serial}, uid VARCHAR(36) NOT NULL, version INTEGER NOT NULL, updated_at"
        " {moment}, updated_by VARCHAR(60), target VARCHAR(140))"
    ),
)
WORDS = {
    "sqlite": {"serial": "INTEGER PRIMARY KEY", "moment": "TEXT", "keys": "", "other": "", "uids": "", "collation": ""},
    "postgresql": {
        "serial": "BIGSERIAL PRIMARY KEY", "moment": "TIMESTAMP", "keys": "", "other": "", "uids": "",
        "collation": ' COLLATE "C"',
    },
    "mariadb": {
        "serial": "BIGINT AUTO_INCREMENT PRIMARY KEY", "moment": "DATETIME(6)",
        "keys": ", FOREIGN KEY (patient_id) REFERENCES patients_patient (id)",
        "other": ", FOREIGN KEY (other_id) REFERENCES patients_patient (id)",
        "uids": ", FOREIGN KEY (whose) REFERENCES patients_patient (uid)",
        "collation": " CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
    },
}  # fmt: skip


def build_vendors(site: Site) -> None:
    """Make the tables of plugins that are not installed."""
    for statement in VENDORS:
        site.database.execute_sql(statement.format(**WORDS[site.engine]))


def run(sql: str, *params: Any) -> None:
    """One statement, its marks those of the engine."""
    site = current_site()
    site.database.execute_sql(sql.replace("?", site.database.param), params)


def fill_every_table(patient: Patient, shared: str = "") -> None:
    """Give a patient at least one row wherever something can point at them; call it inside an act."""
    number = next(_counter)
    for pointer in pointers():
        model = all_tables().get(pointer.table)
        if model is not None and pointer.kind != REFERENCE and pointer.table != "patients_patient":
            fill_table(model, pointer, patient)
    uid, link = new_uid(), new_uid()
    run("INSERT INTO vendor_note (uid, version, patient_id, words) VALUES (?, 1, ?, ?)", uid, patient.id, f"n{number}")
    run("INSERT INTO vendor_badge (patient_id, code) VALUES (?, ?)", patient.id, f"badge {number}")
    for tag in ("own", f"t{number}", *([shared] if shared else [])):
        run("INSERT INTO vendor_tag (patient_id, tag) VALUES (?, ?)", patient.id, tag)
    run("INSERT INTO vendor_call (patient_id, other_id) VALUES (?, ?)", patient.id, patient.id)
    run("INSERT INTO vendor_card (whose) VALUES (?)", patient.uid)
    ref = str(RecordRef.of(patient))
    run("INSERT INTO vendor_link (uid, version, target) VALUES (?, 1, ?)", link, ref)
    run(
        "INSERT INTO core_reference (source_table, source_column, source_uid, plugin, noun, target_uid)"
        " VALUES ('vendor_link', 'target', ?, 'patients', 'patient', ?)", link, patient.uid,
    )  # fmt: skip


def fill_table(model: Any, pointer: Pointer, patient: Patient) -> None:
    """One row of an installed table that points at this patient, and at nobody else."""
    own = {
        field.name: patient
        for field in model._meta.sorted_fields
        if getattr(field, "rel_model", None) is Patient and field.column_name == pointer.column
    }
    if pointer.kind == "uid":
        own = {model._meta.columns[pointer.column].name: patient.uid}
    values = sample_values_without_patients(model)
    record = model(**{**values, **own})
    if "is_deceased" not in values:
        record.save() if isinstance(record, Model) else record.save(force_insert=True)


def sample_values_without_patients(model: Any) -> dict[str, Any]:
    """Values for what must be there; whoever else is needed is one stranger for all."""
    stranger = Patient.get(Patient.number == "stranger")
    kind = IdentifierType.get()
    fields = {field.name: getattr(field, "rel_model", None) for field in model._meta.sorted_fields}
    known = {Patient: stranger, IdentifierType: kind}
    must = {name: known[rel] for name, rel in fields.items() if rel in known and not model._meta.fields[name].null}

    class Rest:
        class _meta:
            sorted_fields = [field for field in model._meta.sorted_fields if field.name not in must]

    return {**sample_values(Rest, None), **must}


def rows_of(table: str) -> list[dict[str, Any]]:
    """Every row of a table, without what every change raises."""
    site = current_site()
    mark = site.database.quote[0]
    cursor = site.database.execute_sql(f"SELECT * FROM {mark}{table}{mark}")
    names = [column[0] for column in cursor.description]
    return [
        {name: value for name, value in zip(names, row, strict=True) if name not in VOLATILE}
        for row in cursor.fetchall()
    ]


def contents() -> dict[str, list[str]]:
    """What the hospital holds, table by table."""
    return {
        name: sorted(map(repr, rows_of(name))) for name in current_site().database.get_tables()
        if not name.startswith(APART)
    }  # fmt: skip


def digest() -> str:
    """What the hospital holds, as one value."""
    return hashlib.sha256(repr(sorted(contents().items())).encode()).hexdigest()


def pointing(patient: Patient) -> dict[str, int]:
    """How many rows of each column point at a patient."""
    site = current_site()
    person = person_of(patient)
    found = {}
    for pointer in pointers():
        mark = site.database.quote[0]
        sql = f"SELECT COUNT(*) FROM {mark}{pointer.table}{mark} WHERE {mark}{pointer.column}{mark} = ?"
        cursor = site.database.execute_sql(sql.replace("?", site.database.param), (person.value_for(pointer),))
        found[f"{pointer.table}.{pointer.column}"] = cursor.fetchone()[0]
    return found
