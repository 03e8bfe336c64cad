"""What is final does not change, whoever tries: by the record, its parts, in bulk, or past the house's own code."""

import peewee
import pytest
from playhouse.migrate import SchemaMigrator

from core.storage import BooleanField, ForeignKeyField, IntegerField, Model, TextField
from core.storage.bulk import change_where
from core.storage.final import Final
from core.storage.migrations import Steps
from core.testing.house import HOUSE
from tests.core.storage.clinic import do


class Invoice(Model):
    """A bill that is issued once."""

    text = TextField(max_length=80)
    is_issued = BooleanField(default=False)
    paid = IntegerField(default=0)

    class Meta:
        plugin = "clinic"
        removal = "delete"
        final = "is_issued"
        after_final = ("paid",)


class InvoiceLine(Model):
    """A part of it."""

    invoice = ForeignKeyField(Invoice)
    text = TextField(max_length=80)

    class Meta:
        plugin = "clinic"
        root = "invoice"
        removal = "delete"


class InvoiceNote(Model):
    """What may still be added to it."""

    invoice = ForeignKeyField(Invoice)
    text = TextField(max_length=80)

    class Meta:
        plugin = "clinic"
        root = "invoice"
        adds_to_final = True


@pytest.fixture
def invoices(site_on):
    if not Invoice.table_exists():
        site_on.database.create_tables((Invoice, InvoiceLine, InvoiceNote))
        steps = Steps(SchemaMigrator.from_database(site_on.database), site_on.database)
        steps.keep_final("clinic_invoice", "is_issued", ("text",))
    return site_on


def issued() -> tuple[Invoice, InvoiceLine]:
    """An issued invoice with a line, all in one act."""

    def write():
        invoice = Invoice.create(text="as issued", is_issued=True)
        return invoice, InvoiceLine.create(invoice=invoice, text="a line")

    found: tuple[Invoice, InvoiceLine] = do(write, by=HOUSE)
    return found


def change(record: Model, **facts: object) -> None:
    """Change a record as any plugin would."""
    for name, value in facts.items():
        setattr(record, name, value)
    record.save()


def test_nothing_of_an_issued_invoice_changes(invoices):
    invoice, line = issued()
    attempts = [
        lambda: change(Invoice.get_by_id(invoice.id), text="other"),
        lambda: change(Invoice.get_by_id(invoice.id), is_issued=False),
        lambda: change(Invoice.get_by_id(invoice.id), text="other", paid=5),
        lambda: Invoice.get_by_id(invoice.id).delete_instance(),
        lambda: Invoice.get_by_id(invoice.id).retire("because"),
        lambda: change(InvoiceLine.get_by_id(line.id), text="other"),
        lambda: InvoiceLine.get_by_id(line.id).delete_instance(),
        lambda: InvoiceLine.create(invoice=Invoice.get_by_id(invoice.id), text="one more"),
        lambda: change_where(Invoice, Invoice.id == invoice.id, {"text": "other"}),
    ]
    before = Invoice.get_by_id(invoice.id).__data__
    for attempt in attempts:
        with pytest.raises(Final):
            do(attempt, by=HOUSE)
    assert Invoice.get_by_id(invoice.id).__data__ == before
    assert [one.text for one in InvoiceLine.select().where(InvoiceLine.invoice == invoice)] == ["a line"]


def test_what_may_still_change_does(invoices):
    invoice, _line = issued()
    do(lambda: change(Invoice.get_by_id(invoice.id), paid=5), by=HOUSE)
    do(lambda: change_where(Invoice, Invoice.id == invoice.id, {"paid": 6}), by=HOUSE)
    do(lambda: InvoiceNote.create(invoice=Invoice.get_by_id(invoice.id), text="paid by two"), by=HOUSE)
    found = Invoice.get_by_id(invoice.id)
    assert (found.paid, found.is_final, found.version) == (6, True, 4)


def test_a_draft_still_changes_and_is_issued(invoices):
    draft = do(lambda: Invoice.create(text="draft"), by=HOUSE)
    do(lambda: change(Invoice.get_by_id(draft.id), text="better", is_issued=True), by=HOUSE)
    assert Invoice.get_by_id(draft.id).text == "better"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE clinic_invoice SET text = 'forged' WHERE id = {id}",
        "UPDATE clinic_invoice SET is_issued = {no} WHERE id = {id}",
        "DELETE FROM clinic_invoice WHERE id = {id}",
    ],
)
def test_the_database_itself_refuses(invoices, sql):
    invoice = do(lambda: Invoice.create(text="as issued", is_issued=True), by=HOUSE)
    no = "FALSE" if invoices.engine == "postgresql" else "0"
    with pytest.raises(peewee.PeeweeException):
        invoices.database.execute_sql(sql.format(id=invoice.id, no=no))
    invoices.database.execute_sql(f"UPDATE clinic_invoice SET paid = 9 WHERE id = {invoice.id}")
    found = Invoice.get_by_id(invoice.id)
    assert (found.text, found.is_issued, found.paid) == ("as issued", True, 9)
