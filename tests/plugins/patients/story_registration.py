"""A morning at the desk: who comes, what Grace types, and what the register says at noon."""

from datetime import date

import pytest

from core import clock
from core.hooks import collect
from core.storage.journal.history import history_of
from plugins.patients.errors import IdentifierTaken, PossibleDuplicate
from plugins.patients.models import Patient
from plugins.patients.services.born import birth_said
from plugins.patients.services.details import (
    AddressDetails,
    ContactDetails,
    IdentifierDetails,
    NameDetails,
    PatientDetails,
    TelecomDetails,
)
from plugins.patients.services.finding import find_patients
from plugins.patients.services.flags import flag_patient, flags_of
from plugins.patients.services.reaching import add_telecom
from plugins.patients.services.registering import add_name, register_patient
from tests.plugins.patients.conftest import kind


def test_a_morning_at_the_desk(desk_anywhere, grace):
    national = kind()

    # Eight o'clock. Mai has never been here: the search says so, and she is registered.
    assert not find_patients("mai nguyen", by=grace).hits
    born = birth_said("02/03/1992")
    mai = register_patient(
        PatientDetails(
            "Nguyễn Thị Mai", called="Mai", sex="female", born_on=born.on, born_precision=born.precision, language="vi",
            identifiers=(IdentifierDetails(national, "2930 4471 880"),), telecoms=(TelecomDetails("0712 555 018"),),
            addresses=(AddressDetails(area="Nyali"),), contacts=(ContactDetails("Hồ Văn Tâm", "Husband"),),
        ),
        by=grace,
    )  # fmt: skip
    assert mai.number == "00000001"

    # Half past eight. An old man from Lamu has one name and knows his age alone.
    age = birth_said("78")
    juma = PatientDetails("Juma", sex="male", born_on=age.on, born_precision=age.precision)
    old_man = register_patient(juma, by=grace)
    assert old_man.born_precision == "estimated"
    assert old_man.born_on.year == clock.now().year - 78

    # Nine. Mai's sister-in-law rings for her; the last figures of the phone are enough.
    assert [hit.name for hit in find_patients("5018", by=grace).hits] == ["Nguyễn Thị Mai"]

    # Ten. Another desk is about to enter Mai again, with a slip in the name; it is asked first.
    with pytest.raises(PossibleDuplicate) as question:
        register_patient(PatientDetails("Nguyen Thy Mai", sex="female", born_on=date(1992, 3, 2)), by=grace)
    assert question.value.duplicates[0].hit.uid == mai.uid
    assert question.value.duplicates[0].score >= 80

    # Half past ten. Somebody else shows Mai's identity card: that number is taken, whatever the clerk says.
    with pytest.raises(IdentifierTaken):
        register_patient(
            PatientDetails(
                "Achieng Otieno", sex="female", born_on=date(1980, 1, 5),
                identifiers=(IdentifierDetails(national, "29304471880"),),
            ),
            by=grace, is_new=True,
        )  # fmt: skip

    # Eleven. A second Juma really is another person, and Grace says so.
    namesake = register_patient(juma, by=grace, is_new=True)
    assert namesake.number > old_man.number
    assert any(one.row.act == "patients.judged_different" for one in history_of(namesake.uid))

    # Noon. Mai brings her marriage certificate and a second phone, and the nurse wants everybody to know she may fall.
    add_name(mai, NameDetails("Trần Thị Mai", use="maiden"), by=grace)
    add_telecom(mai, TelecomDetails("0733 123 456"), by=grace)
    flag_patient(mai, "Falls risk", by=grace)
    assert [hit.number for hit in find_patients("tran mai", by=grace).hits] == ["00000001"]
    assert [hit.number for hit in find_patients("123456", by=grace).hits] == ["00000001"]
    assert [flag.text for flag in flags_of(mai)] == ["Falls risk"]
    assert Patient.get_by_id(mai.id).version == 4
    titles = [str(panel.title) for panel in collect.patients_panels(patient=mai, by=grace)]
    assert titles == ["Where to reach them", "Whom to call", "Family and guardians", "Numbers and names", "Papers"]
    assert Patient.select().count() == 3
