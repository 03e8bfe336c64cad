"""Pointers by uid are found without the code that wrote them."""

import pytest

from core.errors import Refused
from core.sites import Site
from core.storage import RecordRef, new_uid, record_of, references_to
from tests.core.storage.clinic import Pointer, Slip, do
from tests.hospital import HOUSE


def pointer_at(target: object, other: object = None) -> Pointer:
    return do(lambda: Pointer.create(target=target, other=other), by=HOUSE)


def pointing(uid: str, site: Site) -> list[tuple[str, str, str]]:
    return references_to(uid, site.database)


def test_every_pointer_at_a_record_is_found(clinic: Site):
    slip = do(lambda: Slip.create(text="target"), by=HOUSE)
    first, second = pointer_at(slip), pointer_at(None, other=slip.ref)
    assert pointing(slip.uid, clinic) == [
        ("clinic_pointer", "target", first.uid),
        ("clinic_pointer", "other", second.uid),
    ]
    assert record_of(Pointer.get_by_id(first.id).target) == slip


def test_a_pointer_turned_elsewhere_is_found_there_only(clinic: Site):
    one, two = (do(lambda: Slip.create(), by=HOUSE) for _one in range(2))
    pointer = pointer_at(one)
    pointer.target = two
    do(pointer.save, by=HOUSE)
    assert (pointing(one.uid, clinic), len(pointing(two.uid, clinic))) == ([], 1)


def test_a_pointer_that_is_gone_points_at_nothing(clinic: Site):
    slip = do(lambda: Slip.create(), by=HOUSE)
    pointer = pointer_at(slip)
    do(pointer.delete_instance, by=HOUSE)
    assert pointing(slip.uid, clinic) == []


def test_a_record_of_an_absent_plugin_is_referred_to_all_the_same(clinic: Site):
    ref = RecordRef("absent", "thing", new_uid())
    pointer = pointer_at(ref)
    assert Pointer.get_by_id(pointer.id).target == ref
    assert record_of(ref) is None
    assert len(pointing(ref.uid, clinic)) == 1


@pytest.mark.parametrize(
    "text", ["", "clinic", "clinic.slip", "clinic:uid", ".slip:uid", "clinic.:uid", "clinic.slip:"]
)
def test_what_is_not_a_reference_is_refused(text: str):
    with pytest.raises(Refused):
        RecordRef.parse(text)
