"""The register: patients, the names, numbers and addresses they have, whom to call, and what to be warned of."""

from core.places.models import Place
from core.storage import (
    BooleanField,
    DateField,
    ForeignKeyField,
    JSONField,
    Model,
    SmallIntegerField,
    TextField,
    UTCDateTimeField,
)

SEXES = ("female", "male", "other", "unknown")
PRECISIONS = ("", "day", "month", "year", "estimated")
SEVERITIES = ("info", "caution", "stop")


class Patient(Model):
    """A person in the register, under a record number of their own.

    `name` is as the person writes it. `words` repeats every name folded for comparison. `born_precision`
    tells how much of `born_on` is known; "estimated" means it was worked out from an age. `merged_into` is the
    record that stands for this one since the two were found to be one person; while rows are still being carried
    over (or back) both are `is_merging`, and nobody is shown half of either.
    """

    number = TextField(max_length=40, unique=True)
    name = TextField(max_length=300)
    name_parts = JSONField(null=True)
    called = TextField(max_length=120, default="")
    words = TextField(max_length=700, default="")
    sex = TextField(max_length=10, default="unknown")
    born_on = DateField(null=True)
    born_precision = TextField(max_length=10, default="")
    is_deceased = BooleanField(default=False)
    deceased_at = UTCDateTimeField(null=True)
    is_multiple_birth = BooleanField(null=True)
    birth_order = SmallIntegerField(null=True)
    language = TextField(max_length=35, default="")
    further_languages = JSONField(null=True)
    place = ForeignKeyField(Place, null=True, index=False)
    preferred_way = TextField(max_length=10, default="")
    is_unidentified = BooleanField(default=False)
    is_sensitive = BooleanField(default=False, index=True)
    photo_uid = TextField(max_length=36, default="")
    merged_into = ForeignKeyField("self", null=True)
    is_merging = BooleanField(default=False)

    class Meta:
        subject = "self"
        place = "place"
        removal = "retire"
        label = "Patient"
        indexes = (
            (("place", "id"), False),
            (("words", "id"), False),
            (("sex", "id"), False),
            (("born_on", "id"), False),
            (("is_deceased", "id"), False),
        )


class PatientName(Model):
    """A further name: maiden, from before, in another script, one they are also known by."""

    patient = ForeignKeyField(Patient, backref="names")
    use = TextField(max_length=12, default="usual")
    name = TextField(max_length=300)
    name_parts = JSONField(null=True)
    from_on = DateField(null=True)
    until_on = DateField(null=True)

    class Meta:
        subject = root = "patient"
        label = "Further name"


class IdentifierType(Model):
    """A kind of number people carry: national identity, passport, insurance, another hospital's record.

    `shape` is a mask (`#` a digit, `@` a letter, `*` either). `system` is the URI that FHIR knows it by.
    """

    key = TextField(max_length=40, unique=True)
    label = TextField(max_length=120)
    system = TextField(max_length=200, null=True, unique=True)
    code = TextField(max_length=20, default="")
    check_digit = TextField(max_length=30, default="")
    shape = TextField(max_length=60, default="")
    is_unique = BooleanField(default=True)
    is_asked = BooleanField(default=False)

    class Meta:
        removal = "retire"
        label = "Kind of identifier"


class Identifier(Model):
    """A number somebody else gave the person. `claim` holds the type and the number while it is theirs alone."""

    patient = ForeignKeyField(Patient, backref="identifiers")
    type = ForeignKeyField(IdentifierType)
    value = TextField(max_length=120)
    plain = TextField(max_length=120, index=True)
    claim = TextField(max_length=150, null=True, unique=True)
    use = TextField(max_length=12, default="")
    from_on = DateField(null=True)
    until_on = DateField(null=True)

    class Meta:
        subject = root = "patient"
        label = "Identifier"


class Telecom(Model):
    """A way to reach the person. `lookup` is what a search compares: a phone's digits backwards, or the address."""

    patient = ForeignKeyField(Patient, backref="telecoms")
    kind = TextField(max_length=10, default="phone")
    value = TextField(max_length=200)
    e164 = TextField(max_length=20, default="")
    lookup = TextField(max_length=200, null=True, index=True)
    use = TextField(max_length=10, default="")
    rank = SmallIntegerField(default=1)

    class Meta:
        subject = root = "patient"
        label = "Phone or address"


class Address(Model):
    """Where the person lives or gets letters."""

    patient = ForeignKeyField(Patient, backref="addresses")
    use = TextField(max_length=10, default="home")
    lines = TextField(max_length=400, default="")
    area = TextField(max_length=120, default="")
    district = TextField(max_length=120, default="")
    city = TextField(max_length=120, default="")
    state = TextField(max_length=120, default="")
    postal_code = TextField(max_length=20, default="")
    country = TextField(max_length=60, default="")

    class Meta:
        subject = root = "patient"
        label = "Address"


class ContactPerson(Model):
    """Somebody to call for the patient: next of kin, guardian, neighbour."""

    patient_id: int
    patient = ForeignKeyField(Patient, backref="contacts")
    name = TextField(max_length=300, default="")
    relation = TextField(max_length=120, default="")
    relation_code = TextField(max_length=40, default="")
    phone = TextField(max_length=60, default="")
    e164 = TextField(max_length=20, default="")
    email = TextField(max_length=200, default="")
    address = TextField(max_length=400, default="")

    class Meta:
        subject = root = "patient"
        label = "Contact"


class Flag(Model):
    """What everybody who opens the chart must see first."""

    patient = ForeignKeyField(Patient, backref="flags")
    text = TextField(max_length=200)
    severity = TextField(max_length=10, default="info")
    until_on = DateField(null=True)

    class Meta:
        subject = root = "patient"
        label = "Warning"
