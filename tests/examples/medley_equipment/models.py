"""Devices, and the times they were looked after."""

from core.places.models import Place
from core.storage import (
    BooleanField,
    CurrencyField,
    DateField,
    ForeignKeyField,
    Model,
    MoneyField,
    TextField,
    UTCDateTimeField,
)


class Device(Model):
    """A thing the hospital owns. `key` is its name as lists are ordered by it."""

    name = TextField(max_length=120)
    key = TextField(max_length=160)
    serial = TextField(max_length=60, unique=True)
    kind = TextField(max_length=20, default="")
    state = TextField(max_length=20, default="in_use")
    is_mobile = BooleanField(default=False)
    place = ForeignKeyField(Place, null=True)
    bought_on = DateField(null=True)
    checked_at = UTCDateTimeField(null=True)
    currency = CurrencyField(null=True)
    price = MoneyField(null=True)
    note = TextField(max_length=2000, default="")

    class Meta:
        place = "place"
        label = "Device"
        unseen = ("key",)
        indexes = (
            (("key", "id"), False),
            (("kind", "id"), False),
            (("state", "id"), False),
            (("bought_on", "id"), False),
            (("is_mobile", "id"), False),
        )


class Service(Model):
    """One time a device was looked after."""

    device = ForeignKeyField(Device, backref="services")
    done_on = DateField()
    what = TextField(max_length=200)
    is_passed = BooleanField(default=True)

    class Meta:
        root = "device"
        label = "Service"
