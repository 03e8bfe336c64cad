"""Family and guardians, the unidentified, sensitive records, the dead, papers and photos."""

import io
from datetime import date, timedelta

import pytest
from PIL import Image

from core import clock
from core.errors import Conflict, NeedsConfirmation, Refused
from core.roles import get_visible, visible
from core.roles.break_glass import break_glass
from core.sites import Site
from core.storage import files_of
from core.storage.journal.history import history_of
from core.storage.journal.reads import read_store
from core.testing.house import HOUSE, House, Visitor, actor_of
from core.texts import reading
from plugins.patients.api import refuse_dead
from plugins.patients.drawing import EDGE
from plugins.patients.models import Document, Flag, Patient, PatientName, Relation, Telecom
from plugins.patients.services.born import Birth
from plugins.patients.services.details import ContactDetails, PatientDetails, TelecomDetails
from plugins.patients.services.family import RelationDetails, add_relation, edit_relation, guardians_of, relatives_of
from plugins.patients.services.finding import find_patients
from plugins.patients.services.flags import flags_of
from plugins.patients.services.merging.acts import merge_patients
from plugins.patients.services.papers import (
    DocumentDetails,
    add_document,
    photo_of,
    receive_page,
    receive_photo,
    set_photo,
)
from plugins.patients.services.printing import label_of, summary_of
from plugins.patients.services.registering import edit_patient, register_patient
from plugins.patients.services.sensitive import mark_sensitive
from plugins.patients.services.unidentified import identify_patient, register_unidentified
from tests.plugins.patients.test_printing import read


def born(years: int) -> date:
    today = clock.now().date()
    return date(today.year - years, 1, 1)


def picture(size: tuple[int, int] = (900, 600), kind: str = "JPEG", exif: bytes = b"") -> io.BytesIO:
    stream = io.BytesIO()
    Image.new("RGB", size, "teal").save(stream, kind, **({"exif": exif} if exif else {}))
    stream.seek(0)
    return stream


def test_family_is_seen_from_both_sides_and_guardians_decide_until_the_birthday(desk_anywhere, grace):
    def enter(name, years, **facts):
        return register_patient(
            PatientDetails(name, born_on=born(years), **facts), by=grace, is_new=True, is_complete=False
        )

    child, mother, brother = enter("Neema Kitsao", 9), enter("Zawadi Kitsao", 34), enter("Juma Kitsao", 12)
    own = add_relation(child, RelationDetails("mother", mother, may_decide=True, may_see=True), by=grace)
    add_relation(child, RelationDetails("sibling", brother), by=grace)
    add_relation(child, RelationDetails("carer", contact=ContactDetails("Mama Ali", phone="0712 555 010")), by=grace)
    assert own.until_on == date(child.born_on.year + 18, 1, 1)
    assert [(one.name, str(one.kind)) for one in relatives_of(child)] == [
        ("Zawadi Kitsao", "Mother"), ("Juma Kitsao", "Brother or sister"), ("Mama Ali", "Carer"),
    ]  # fmt: skip
    assert [(one.name, str(one.kind), one.rights) for one in relatives_of(mother)] == [("Neema Kitsao", "Child", [])]
    assert [one.name for one in guardians_of(child)] == ["Zawadi Kitsao"]
    assert not guardians_of(child, own.until_on + timedelta(days=1))
    with pytest.raises(Refused):
        add_relation(child, RelationDetails("guardian", brother, may_decide=True), by=grace)
    with pytest.raises(Refused):
        add_relation(child, RelationDetails("mother", child), by=grace)
    with pytest.raises(Refused):
        add_relation(child, RelationDetails("mother"), by=grace)
    with pytest.raises(Conflict):
        edit_relation(own, RelationDetails("mother", mother), by=grace, version=7)
    # Two who are family can't be found to be one person by mistake.
    with pytest.raises(Refused, match="family"):
        merge_patients(child, brother, "looks alike", by=grace)


def test_acts_for_the_living_ask_before_they_are_done_for_the_dead(desk, enter, grace):
    patient, child = enter("Zawadi Kitsao", "1990-01-02"), enter("Neema Kitsao", "2018-01-02")
    refuse_dead(patient)
    died = clock.now() - timedelta(days=1)
    details = PatientDetails("Zawadi Kitsao", born_on=date(1990, 1, 2), deceased_at=died)
    patient = edit_patient(patient, details, by=grace)
    assert patient.is_deceased
    with pytest.raises(NeedsConfirmation) as question:
        refuse_dead(patient)
    assert question.value.confirm_as == "for_the_dead"
    refuse_dead(patient, is_meant=True)
    with pytest.raises(NeedsConfirmation):
        add_relation(child, RelationDetails("mother", patient, may_decide=True), by=grace)
    assert add_relation(child, RelationDetails("mother", patient), by=grace).may_decide is False


def test_somebody_unknown_is_registered_in_three_facts_and_identified_without_typing_again(desk_anywhere, grace):
    patient = register_unidentified("male", Birth(born(30)), "tattoo of an anchor, found at the ferry", by=grace)
    number = patient.number
    assert patient.is_unidentified
    assert [flag.text for flag in flags_of(patient)] == ["Not identified: tattoo of an anchor, found at the ferry"]
    stood_in = patient.name
    identified = identify_patient(
        patient, PatientDetails("Peter Otieno", sex="male", born_on=date(1995, 4, 3)), by=grace, version=patient.version
    )
    assert (identified.uid, identified.number, identified.is_unidentified) == (patient.uid, number, False)
    assert PatientName.get().name == stood_in
    assert flags_of(identified) == []
    for asked in ("otieno", stood_in, number):
        assert [hit.uid for hit in find_patients(asked, by=grace).hits] == [patient.uid], asked
    with pytest.raises(Refused):
        identify_patient(identified, PatientDetails("Somebody Else"), by=grace)
    # Another turns out to be Peter himself: their records are joined, and the name of the living is kept.
    other = register_unidentified("male", Birth(None), "", by=grace)
    merge_patients(identified, other, "his brother came", by=grace)
    kept = Patient.get_by_id(identified.id)
    assert (kept.name, kept.is_unidentified) == ("Peter Otieno", False)


@pytest.mark.parametrize("languages", [("ar", "en"), ("en", "ar")])
def test_the_warning_is_lifted_in_whatever_language_it_was_written(desk, grace, languages):
    with reading(languages[0]):
        patient = register_unidentified("male", Birth(None), "", by=grace)
    with reading(languages[1]):
        assert len(flags_of(patient)) == 1
        identified = identify_patient(patient, PatientDetails("Peter Otieno", sex="male"), by=grace)
    assert flags_of(identified) == []


def test_a_sensitive_record_is_hidden_opened_with_a_reason_and_journaled(house: House, site: Site):
    with site.activate(door="test"):
        facts = {"sex": "female", "born_on": date(1990, 1, 2)}
        secret = register_patient(
            PatientDetails("Zawadi Kitsao", telecoms=(TelecomDetails("0712 555 018"),), **facts), by=HOUSE
        )
        plain = register_patient(PatientDetails("Amina Yusuf", **facts), by=HOUSE, is_new=True)
    doctor, nurse = house.person(site, "Farah Doctor", "doctor"), house.person(site, "Nia Nurse", "nurse")
    his, hers = house.visitor(site, doctor), house.visitor(site, nurse)
    assert hers.get(f"/patients/{secret.uid}").status_code == 200
    page = his.post(f"/patients/{secret.uid}/sensitive", {"reason": "a colleague"})
    assert (page.status_code, page.location) == (303, f"/patients/{secret.uid}/reason")

    # Those who may not see it find nothing, anywhere; everybody else is as open as before.
    assert hers.get(f"/patients/{secret.uid}").status_code == 404
    assert secret.uid not in hers.post("/patients/", {"q": "Zawadi"}).text
    assert plain.uid in hers.post("/patients/", {"q": "Amina"}).text
    with site.activate():
        nurse_now = actor_of(nurse)
        assert [one.uid for one in Patient.select().where(visible(Patient, nurse_now))] == [plain.uid]
        assert Telecom.select().where(visible(Telecom, nurse_now)).count() == 0

    # Those who may have to say why; the reason is in the journal.
    answer = his.get(f"/patients/{secret.uid}/history")
    assert (answer.status_code, answer.location) == (303, f"/patients/{secret.uid}/reason")
    assert his.post(f"/patients/{secret.uid}/reason", {"reason": "x"}).status_code == 422
    assert his.post(f"/patients/{secret.uid}/reason", {"reason": "on the ward round"}).status_code == 303
    assert "Sensitive record" in his.get(f"/patients/{secret.uid}").text
    with site.activate():
        [said] = [one.row for one in history_of(secret.uid) if one.row.act == "patients.open_sensitive"]
        assert (said.reason, said.actor_uid, said.subject_uid) == ("on the ward round", doctor.uid, secret.uid)
        # In an emergency a nurse gets in all the same, and has said why by that.
        break_glass(secret.ref, "collapsed in the hall", by=nurse_now)
        assert get_visible(Patient, secret.uid, actor_of(nurse)).uid == secret.uid
    assert hers.get(f"/patients/{secret.uid}").status_code == 200
    with site.activate():
        mark_sensitive(Patient.get_by_id(secret.id), False, "no longer", by=HOUSE)
    assert secret.uid in hers.post("/patients/", {"q": "Zawadi"}).text


def test_papers_are_what_they_say_and_photos_lose_what_the_camera_wrote(desk, enter, grace):
    patient = enter("Zawadi Kitsao")
    pages = [receive_page("../../page 1.jpg", picture()), receive_page("letter.pdf", io.BytesIO(b"%PDF-1.7 letter"))]
    paper = add_document(patient, DocumentDetails("referral", "From Dr Ali"), pages, by=grace)
    assert [(file.name, file.media_type, file.about_uid) for file in files_of(paper)] == [
        ("page 1.jpg", "image/jpeg", patient.uid), ("letter.pdf", "application/pdf", patient.uid),
    ]  # fmt: skip
    for name, content in (
        ("run.html", b"<script>alert(1)</script>"), ("picture.jpg", b"%PDF-1.7"), ("empty.pdf", b""),
        ("program.pdf", b"MZ\x90\x00"), ("big.pdf", b"%PDF-" + b"0" * (11 * 1024 * 1024)),
    ):  # fmt: skip
        with pytest.raises(Refused):
            receive_page(name, io.BytesIO(content))
    with pytest.raises(Refused):
        add_document(patient, DocumentDetails("referral"), [], by=grace)

    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    patient = set_photo(patient, receive_photo(picture(exif=exif.tobytes())), by=grace)
    with photo_of(patient).open() as stream, Image.open(stream) as kept:
        assert max(kept.size) <= 480
        assert not kept.getexif()
    for content in (b"GIF89a", b"\xff\xd8\xff broken", b""):
        with pytest.raises(Refused):
            receive_photo(io.BytesIO(content))
    assert Document.select().count() == 2


@pytest.fixture
def clerk(house: House, site: Site) -> Visitor:
    return house.visitor(site, house.person(site, "Grace Clerk", "receptionist"))


def test_papers_and_photos_on_their_pages(site: Site, clerk: Visitor):
    with site.activate():
        details = PatientDetails("Zawadi Kitsao", sex="female", born_on=date(1990, 1, 2))
        patient = register_patient(details, by=HOUSE)
    at = f"/patients/{patient.uid}"
    clerk.get(f"{at}/documents/new")
    sent = {"csrf_token": clerk._token, "kind": "letter", "title": "From Dr Ali", "file": (picture(), "scan.jpg")}
    answer = clerk.post(f"{at}/documents/new", sent | {}, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text[-3000:]
    with site.activate():
        paper = Document.get()
    assert "From Dr Ali" in clerk.get(at).text
    assert "/pages/1" in clerk.get(f"{at}/documents/{paper.uid}").text
    page = clerk.get(f"{at}/documents/{paper.uid}/pages/1")
    assert (page.status_code, page.mimetype, page.headers["X-Content-Type-Options"]) == (200, "image/jpeg", "nosniff")
    assert "sandbox" in page.headers["Content-Security-Policy"]
    assert page.data.startswith(b"\xff\xd8\xff")
    assert clerk.get(f"{at}/documents/{paper.uid}/pages/2").status_code == 404
    wrong = sent | {"file": (io.BytesIO(b"<script>"), "scan.jpg"), "csrf_token": clerk._token}
    refused = clerk.post(f"{at}/documents/new", wrong, content_type="multipart/form-data")
    assert refused.status_code == 422
    assert clerk.get(f"{at}/photo").status_code == 404
    sent = {"csrf_token": clerk._token, "file": (picture(), "me.jpg")}
    assert clerk.post(f"{at}/photo/new", sent, content_type="multipart/form-data").status_code == 303
    assert clerk.get(f"{at}/photo").mimetype == "image/jpeg"
    assert f"{at}/photo" in clerk.get(at).text


def test_the_first_page_of_a_pdf_is_seen_and_what_cannot_be_drawn_is_not(site: Site, clerk: Visitor):
    with site.activate():
        patient = register_patient(PatientDetails("Zawadi Kitsao", sex="female", born_on=date(1990, 1, 2)), by=HOUSE)
        good = label_of(patient, HOUSE).content
        files = {"letter.pdf": good, "broken.pdf": b"%PDF-1.7 letter", "note.txt": b"Dear colleague"}
        pages = [receive_page(name, io.BytesIO(content)) for name, content in files.items()]
        paper = add_document(patient, DocumentDetails("letter", "From Dr Ali"), pages, by=HOUSE)
    at = f"/patients/{patient.uid}/documents/{paper.uid}"
    shown = clerk.get(at).text
    assert [f"{at}/pages/{number}/preview" in shown for number in (1, 2, 3)] == [True, True, False]
    drawn = clerk.get(f"{at}/pages/1/preview")
    assert (drawn.status_code, drawn.mimetype) == (200, "image/jpeg")
    assert "sandbox" in drawn.headers["Content-Security-Policy"]
    with Image.open(io.BytesIO(drawn.data)) as picture_of_it:
        assert max(picture_of_it.size) == EDGE
        assert len(picture_of_it.getcolors(2**20) or "many") > 2, "something is drawn on it"
    for number in (2, 3, 4):
        assert clerk.get(f"{at}/pages/{number}/preview").status_code == 404
    with site.activate():
        looked = read_store(site).database.execute_sql("SELECT uids FROM core_read WHERE shown = 'paper'").fetchall()
        assert [patient.uid in uids for (uids,) in looked] == [True, True]


def test_family_and_the_unknown_on_their_pages(site: Site, clerk: Visitor):
    with site.activate():
        facts = {"sex": "female", "born_on": date(1990, 1, 2)}
        mother = register_patient(PatientDetails("Zawadi Kitsao", **facts), by=HOUSE)
        child = register_patient(PatientDetails("Neema Kitsao", sex="female", born_on=born(7)), by=HOUSE)
    path = f"/patients/{child.uid}/relations/new"
    assert clerk.post(path, {"kind": "mother", "number": "nobody"}).status_code == 422
    sent = {"kind": "mother", "number": mother.number, "may_decide": "y", "note": "birth certificate 77"}
    assert clerk.post(path, sent).status_code == 303
    chart = clerk.get(f"/patients/{child.uid}").text
    for words in ("Zawadi Kitsao", "Mother", "Decides for them", "birth certificate 77"):
        assert words in chart
    assert "Neema Kitsao" in clerk.get(f"/patients/{mother.uid}").text
    with site.activate():
        relation = Relation.get()
    page = clerk.get(f"/patients/{child.uid}/relations/{relation.uid}")
    assert mother.number in page.text
    answer = clerk.post("/patients/unidentified", {"sex": "male", "age": "30", "seen": "blue shirt"})
    assert answer.status_code == 303
    chart = clerk.get(answer.location).text
    assert "Not identified: blue shirt" in chart
    form = clerk.get(f"{answer.location}/identify")
    assert form.status_code == 200
    answer = clerk.post(f"{answer.location}/identify", {"name": "Peter Otieno", "born": "1995", "sex": "male"})
    assert answer.status_code == 303
    assert "Peter Otieno" in clerk.get(answer.location).text
    with site.activate():
        assert Flag.select().where(Flag.retired_at.is_null()).count() == 0


def test_who_a_relative_is_stays_with_those_who_may_see_their_record(house: House, site: Site):
    with site.activate(door="test"):
        facts = {"sex": "female", "born_on": date(1990, 1, 2)}
        mother = register_patient(PatientDetails("Zawadi Kitsao", **facts), by=HOUSE)
        child = register_patient(PatientDetails("Neema Kitsao", sex="female", born_on=born(7)), by=HOUSE)
        own = add_relation(child, RelationDetails("mother", mother, may_decide=True, note="card 77"), by=HOUSE)
        mark_sensitive(mother, True, "works here", by=HOUSE)
    farah = house.person(site, "Farah Doctor", "doctor", "receptionist")
    grace = house.person(site, "Grace Clerk", "receptionist")
    doctor, clerk = house.visitor(site, farah), house.visitor(site, grace)
    at = f"/patients/{child.uid}"
    seen = doctor.get(at).text
    assert all(words in seen for words in ("Zawadi Kitsao", "card 77", mother.uid))
    assert f'relations/{own.uid}"' in seen

    # That there is a mother who decides is told to the desk; who she is, and where her record lies, is not.
    hidden = clerk.get(at)
    assert hidden.status_code == 200
    assert all(words in hidden.text for words in ("A record you may not see", "Mother", "Decides for them"))
    assert not any(words in hidden.text for words in ("Zawadi", mother.number, mother.uid))
    assert clerk.get(f"{at}/relations/{own.uid}").status_code == 404
    assert clerk.post(f"{at}/relations/{own.uid}", {"kind": "mother", "may_see": "y"}).status_code == 404
    removal = clerk.get(f"{at}/relations/{own.uid}/remove").text
    assert "Mother" in removal
    assert "Zawadi" not in removal
    assert "Zawadi" not in clerk.get(f"{at}/history").text
    with site.activate():
        assert "Zawadi" in read(summary_of(child, actor_of(farah)).content)
        assert "Zawadi" not in read(summary_of(child, actor_of(grace)).content)
        # Whoever is named on a chart was shown, and that is in the audit.
        rows = read_store(site).database.execute_sql("SELECT actor_uid, uids FROM core_read").fetchall()
        assert any(mother.uid in uids for actor, uids in rows if actor == farah.uid)
        assert not any(mother.uid in uids for actor, uids in rows if actor == grace.uid)
    # On her own chart her child stands, for those who may open it.
    assert clerk.get(f"/patients/{mother.uid}").status_code == 404
