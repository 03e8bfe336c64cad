"""The register as release 0.1 keeps it."""

import peewee

from core.storage.fields import (
    BooleanField,
    DateField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    SmallIntegerField,
    TextField,
    UTCDateTimeField,
)
from core.storage.migrations import Frozen, FrozenRecord, Steps


class Place(Frozen):
    class Meta:
        table_name = "core_place"


class Patient(FrozenRecord):
    number = TextField(max_length=40, unique=True)
    name = TextField(max_length=300)
    name_parts = JSONField(null=True)
    called = TextField(max_length=120)
    words = TextField(max_length=700)
    sex = TextField(max_length=10)
    born_on = DateField(null=True)
    born_precision = TextField(max_length=10)
    is_deceased = BooleanField()
    deceased_at = UTCDateTimeField(null=True)
    is_multiple_birth = BooleanField(null=True)
    birth_order = SmallIntegerField(null=True)
    language = TextField(max_length=35)
    further_languages = JSONField(null=True)
    place = ForeignKeyField(Place, null=True, index=False)

    class Meta:
        table_name = "patients_patient"
        indexes = ((("place", "id"), False),)


class PatientName(FrozenRecord):
    patient = ForeignKeyField(Patient)
    use = TextField(max_length=12)
    name = TextField(max_length=300)
    name_parts = JSONField(null=True)
    from_on = DateField(null=True)
    until_on = DateField(null=True)

    class Meta:
        table_name = "patients_patient_name"


class IdentifierType(FrozenRecord):
    key = TextField(max_length=40, unique=True)
    label = TextField(max_length=120)
    system = TextField(max_length=200, null=True, unique=True)
    code = TextField(max_length=20)
    check_digit = TextField(max_length=30)
    shape = TextField(max_length=60)
    is_unique = BooleanField()
    is_asked = BooleanField()

    class Meta:
        table_name = "patients_identifier_type"


class Identifier(FrozenRecord):
    patient = ForeignKeyField(Patient)
    type = ForeignKeyField(IdentifierType)
    value = TextField(max_length=120)
    plain = TextField(max_length=120, index=True)
    claim = TextField(max_length=150, null=True, unique=True)
    use = TextField(max_length=12)
    from_on = DateField(null=True)
    until_on = DateField(null=True)

    class Meta:
        table_name = "patients_identifier"


class Telecom(FrozenRecord):
    patient = ForeignKeyField(Patient)
    kind = TextField(max_length=10)
    value = TextField(max_length=200)
    e164 = TextField(max_length=20)
    lookup = TextField(max_length=200, null=True, index=True)
    use = TextField(max_length=10)
    rank = SmallIntegerField()

    class Meta:
        table_name = "patients_telecom"


class Address(FrozenRecord):
    patient = ForeignKeyField(Patient)
    use = TextField(max_length=10)
    lines = TextField(max_length=400)
    area = TextField(max_length=120)
    district = TextField(max_length=120)
    city = TextField(max_length=120)
    state = TextField(max_length=120)
    postal_code = TextField(max_length=20)
    country = TextField(max_length=60)

    class Meta:
        table_name = "patients_address"


class ContactPerson(FrozenRecord):
    patient = ForeignKeyField(Patient)
    name = TextField(max_length=300)
    relation = TextField(max_length=120)
    relation_code = TextField(max_length=40)
    phone = TextField(max_length=60)
    e164 = TextField(max_length=20)
    email = TextField(max_length=200)
    address = TextField(max_length=400)

    class Meta:
        table_name = "patients_contact_person"


class Flag(FrozenRecord):
    patient = ForeignKeyField(Patient)
    text = TextField(max_length=200)
    severity = TextField(max_length=10)
    until_on = DateField(null=True)

    class Meta:
        table_name = "patients_flag"


class SearchToken(Frozen):
    id = None
    token = IntegerField()
    owner_id = IntegerField()
    place_id = IntegerField()
    born_year = SmallIntegerField()

    class Meta:
        table_name = "patients_search_token"
        primary_key = peewee.CompositeKey("token", "owner_id", "place_id", "born_year")


def up(migrator, db):
    steps = Steps(migrator, db)
    steps.create_tables(Patient, PatientName, IdentifierType, Identifier, Telecom, Address, ContactPerson, Flag)
    # The key is the whole row: on SQLite, as on InnoDB, the table is its index and nothing else.
    steps.sql(
        sqlite="CREATE TABLE IF NOT EXISTS patients_search_token ("
        "token INTEGER NOT NULL, owner_id INTEGER NOT NULL, place_id INTEGER NOT NULL, born_year INTEGER NOT NULL,"
        " PRIMARY KEY (token, owner_id, place_id, born_year)) WITHOUT ROWID"
    )
    if steps.engine != "sqlite":
        steps.create_tables(SearchToken)
