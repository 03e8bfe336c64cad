"""A clinic to write in: records of every kind the core knows, and one act that does whatever a test says."""

from collections.abc import Callable
from typing import Any

from core.actors import Actor
from core.acts import act
from core.storage import ForeignKeyField, IntegerField, Model, RecordRefField, TextField


class Person(Model):
    """Somebody the other records are about."""

    name = TextField(max_length=200)

    class Meta:
        plugin = "clinic"
        subject = "self"


class Bill(Model):
    """The root of its lines."""

    person = ForeignKeyField(Person)
    note = TextField(null=True)
    total = IntegerField(default=0)

    class Meta:
        plugin = "clinic"
        subject = "person"


class BillLine(Model):
    """A part of a bill; writing it raises the bill's version."""

    bill = ForeignKeyField(Bill)
    text = TextField()

    class Meta:
        plugin = "clinic"
        root = "bill"
        subject = "bill"


class Slip(Model):
    """Paper that may be thrown away."""

    code = TextField(max_length=40, null=True, unique=True)
    text = TextField(default="")

    class Meta:
        plugin = "clinic"
        removal = "delete"


class Stone(Model):
    """What is never removed."""

    text = TextField(default="")

    class Meta:
        plugin = "clinic"
        removal = "never"


class Pointer(Model):
    """Points at a record of any plugin."""

    target = RecordRefField(null=True)
    other = RecordRefField(null=True)

    class Meta:
        plugin = "clinic"
        removal = "delete"


TABLES = (Person, Bill, BillLine, Slip, Stone, Pointer)


@act("clinic.do")
def do(body: Callable[[], Any], by: Actor) -> Any:
    """Whatever the test says, as one act."""
    return body()


@act("clinic.write_slip")
def write_slip(text: str, by: Actor) -> Slip:
    """One slip."""
    slip: Slip = Slip.create(text=text)
    return slip


@act("clinic.write_bill")
def write_bill(name: str, lines: int, by: Actor) -> Bill:
    """A person, their bill and its lines: several rows that belong together."""
    bill: Bill = Bill.create(person=Person.create(name=name), total=lines)
    for number in range(lines):
        BillLine.create(bill=bill, text=f"line {number}")
    return bill
