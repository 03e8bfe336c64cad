"""Labels, wristbands and summaries: they can be scanned, and every script comes out."""

from datetime import date

import pypdfium2
import pytest
import zxingcpp

from core.testing.house import HOUSE, House
from core.texts import reading
from plugins.patients.services.details import AddressDetails, ContactDetails, PatientDetails, TelecomDetails
from plugins.patients.services.family import KINDS, RIGHTS, RelationDetails, add_relation
from plugins.patients.services.flags import flag_patient
from plugins.patients.services.printing import FONTS, Paper, label_of, summary_of, wristband_of
from plugins.patients.services.registering import register_patient
from plugins.patients.wording import SEXES, WAYS, age_words

NAMES = (
    "Zawadi Kitsao", "محمد حسن علي", "Nguyễn Thị Mai", "王秀英", "यूसुफ रहमान", "ሰላም ተስፋዬ", "Шевченко Олена", "יוסף כהן",
    "ประเสริฐ", "রহিমা খাতুন", "தமிழ்ச்செல்வி",
)  # fmt: skip


def scanned(content: bytes) -> list[str]:
    """What a scanner reads off the first page."""
    page = pypdfium2.PdfDocument(content)[0]
    return sorted({one.text for one in zxingcpp.read_barcodes(page.render(scale=6).to_pil())})


def read(content: bytes) -> str:
    """The text of a PDF."""
    return "\n".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(content))


@pytest.mark.parametrize("name", NAMES)
def test_a_label_scans_and_no_letter_of_a_name_is_missing(desk, enter, grace, name):
    patient = enter(name, "1992-03-02", sex="female")
    label = label_of(patient, by=grace, copies=2)
    assert len(pypdfium2.PdfDocument(label.content)) == 2
    assert scanned(label.content) == [patient.number]
    paper = Paper("A4")
    paper.has([name])
    known = set(paper.fonts["noto"].cmap).union(*(paper.fonts[one.lower()].cmap for one in paper.loaded))
    assert {letter for letter in name if ord(letter) not in known} == set()


def test_a_wristband_scans_both_ways_and_warns(desk, enter, grace):
    patient = enter("Zawadi Kitsao", "1992-03-02", sex="female")
    flag_patient(patient, "Penicillin", by=grace, severity="stop")
    band = wristband_of(patient, by=grace)
    assert scanned(band.content) == [patient.number]
    assert "Penicillin" in read(band.content)


def test_a_summary_is_in_the_language_of_the_patient(desk, grace):
    facts = {"sex": "female", "born_on": date(1992, 3, 2)}
    words = {"en": "Record number", "sw": "Namba ya rekodi", "fr": "Numéro de dossier", "es": "Número de registro"}
    for language, said in words.items():
        patient = register_patient(
            PatientDetails(
                "Zawadi Kitsao", language=language, telecoms=(TelecomDetails("0712 555 018"),),
                addresses=(AddressDetails(area="Nyali"),), contacts=(ContactDetails("Tam", "Husband"),), **facts,
            ),
            by=grace, is_new=True, is_complete=False,
        )  # fmt: skip
        text = read(summary_of(patient, by=grace).content)
        for part in (said, "Zawadi Kitsao", patient.number, "0712 555 018", "Nyali", "Tam", "1/1"):
            assert part in text, (language, part)
        assert scanned(summary_of(patient, by=grace).content) == [patient.number]
    arabic = register_patient(PatientDetails("محمد حسن", language="ar", **facts), by=grace, is_new=True)
    page = pypdfium2.PdfDocument(summary_of(arabic, by=grace).content)[0]
    left = page.get_textpage().get_charbox(0)[0]
    assert left > page.get_width() / 3  # it is set from the right


@pytest.mark.parametrize("language", ["ar", "es", "fr", "sw"])
def test_every_word_that_can_be_printed_is_in_the_language(desk, language):
    words = [*SEXES.values(), *WAYS.values(), *(kind.label for kind in KINDS.values()), RIGHTS["may_decide"]]
    untold = [str(one) for one in words if said_in("en", one) == said_in(language, one)]
    assert untold == (["Parent"] if language == "fr" else [])  # it is a French word, too


def said_in(language: str, words: object) -> str:
    with reading(language):
        return str(words)


def test_dates_ages_sex_family_and_warnings_are_said_in_the_language(desk, grace):
    facts = {"name": "Zawadi Kitsao", "sex": "female", "preferred_way": "sms"}
    child = register_patient(
        PatientDetails(language="sw", born_on=date(2019, 8, 4), **facts), by=HOUSE, is_new=True, is_complete=False
    )
    mother = register_patient(PatientDetails("Amina Kitsao", born_on=date(1980, 1, 2)), by=HOUSE, is_complete=False)
    add_relation(child, RelationDetails("mother", mother, may_decide=True), by=HOUSE)
    flag_patient(child, "Penicillin", by=HOUSE)
    text = read(summary_of(child, by=grace).content)
    with reading("sw"):
        age = age_words(child)
    for words in ("Mwanamke", "4 Ago 2019", age, "Mama", "Amina Kitsao", "Tahadhari", "Penicillin"):
        assert words in text, words
    for words in ("Female", "Aug", "year", "Mother", "Decides", "Warnings", "Record number", "Printed", "Summary"):
        assert words not in text, words
    for paper in (label_of, wristband_of):
        assert "4 Ago 2019" in read(paper(child, by=grace).content)


def test_labels_and_summaries_are_printed_from_the_chart_and_journaled(house: House, site):
    clerk = house.visitor(site, house.person(site, "Grace Clerk", "receptionist"))
    with site.activate():
        details = PatientDetails("Zawadi Kitsao", sex="female", born_on=date(1992, 3, 2))
        patient = register_patient(details, by=HOUSE)
    for what in ("label", "wristband", "summary"):
        answer = clerk.get(f"/patients/{patient.uid}/print/{what}")
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
        assert answer.data.startswith(b"%PDF-")
    assert clerk.get(f"/patients/{patient.uid}/print/other").status_code == 404


def test_the_fonts_come_with_their_licences():
    assert "SIL OPEN FONT LICENSE" in (FONTS / "OFL.txt").read_text("utf-8")
    said = (FONTS / "README.txt").read_text("utf-8")
    assert all(font.name in said for font in FONTS.glob("*.ttf"))
