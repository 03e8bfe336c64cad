"""The register of equipment."""

from core.storage.fields import (
    BooleanField,
    CurrencyField,
    DateField,
    ForeignKeyField,
    MoneyField,
    TextField,
    UTCDateTimeField,
)
from core.storage.migrations import Frozen, FrozenRecord, Steps


class Place(Frozen):
    class Meta:
        table_name = "core_place"


class Device(FrozenRecord):
    name = TextField(max_length=120)
    key = TextField(max_length=160)
    serial = TextField(max_length=60, unique=True)
    kind = TextField(max_length=20)
    state = TextField(max_length=20)
    is_mobile = BooleanField()
    place = ForeignKeyField(Place, null=True)
    bought_on = DateField(null=True)
    checked_at = UTCDateTimeField(null=True)
    currency = CurrencyField(null=True)
    price = MoneyField(null=True)
    note = TextField(max_length=2000)

    class Meta:
        table_name = "equipment_device"
        indexes = (
            (("key", "id"), False),
            (("kind", "id"), False),
            (("state", "id"), False),
            (("bought_on", "id"), False),
            (("is_mobile", "id"), False),
        )


class Service(FrozenRecord):
    device = ForeignKeyField(Device)
    done_on = DateField()
    what = TextField(max_length=200)
    is_passed = BooleanField()

    class Meta:
        table_name = "equipment_service"


def up(migrator, db):
    """Make the tables."""
    Steps(migrator, db).create_tables(Device, Service)
