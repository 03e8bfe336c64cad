"""Charts with everything on them, and the bare page that shows the same: Medley's final HTML, with its rows in loops.

One patient is made of words that occur nowhere else. Wherever Medley's page shows one of them, the bare page's template
gets the column it came from; the piece of HTML round a row becomes a loop; everything else stays as it is. So the bare
page is as large as Medley's and shows the same rows, however Medley's page may change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.actors import Actor
from core.acts import OPEN, act
from core.sites import Site
from core.storage import continue_from
from core.storage.bulk import insert_records
from core.testing.house import HOUSE
from plugins.patients.api import Patient, PatientDetails, register_patient
from plugins.patients.models import (
    Address,
    ContactPerson,
    Document,
    Flag,
    Identifier,
    IdentifierType,
    PatientName,
    Relation,
    Telecom,
)

BORN = date(1961, 3, 14)
MARK = "Qzxmarked"
KINDS = ("National identity card", "Passport")


@dataclass(frozen=True)
class Loop:
    """Rows of one kind: the piece of HTML that shows one, found by a word in it, and the columns of its words.

    A piece begins with `begins` and ends with `ends`; a kind may be shown in several places.
    """

    rows: str
    begins: str
    ends: str
    words: dict[str, str]
    holds: str = ""


@act("bench.fill_charts", permission=OPEN)
def fill_charts(patients: Sequence[Patient], by: Actor) -> None:
    """Give each of these patients what a chart in use has: thirteen rows of eight kinds, beside the phone they have."""
    kinds = [IdentifierType.create(key=f"kind{n}", label=label) for n, label in enumerate(KINDS)]
    numbered = list(enumerate(patients))
    insert_records(
        Identifier(patient=one, type=kind, value=f"{kind.id}{n:08d}", plain=f"{kind.id}{n:08d}")
        for n, one in numbered
        for kind in kinds
    )
    insert_records(PatientName(patient=one, name=f"{one.name} Wa Kale") for _n, one in numbered)
    insert_records(Telecom(patient=one, kind="phone", value=f"0711 {n:06d}", rank=2) for n, one in numbered)
    insert_records(Telecom(patient=one, kind="email", value=f"person{n}@example.org", rank=3) for n, one in numbered)
    insert_records(Address(patient=one, lines=f"Plot {n}", area="Nyali", city="Mombasa") for n, one in numbered)
    insert_records(
        ContactPerson(patient=one, name=f"Relative {n}", relation=relation, phone=f"0722 {n:06d}")
        for n, one in numbered
        for relation in ("Sister", "Son")
    )
    insert_records(Flag(patient=one, text="Allergic to penicillin", severity="stop") for _n, one in numbered)
    insert_records(
        Relation(patient=one, kind="sibling", other=other, may_collect=True)
        for one, other in zip(patients, Patient.select().order_by(Patient.id).limit(len(patients)), strict=True)
    )
    insert_records(Document(patient=one, kind="letter", title=f"Letter {n}", dated_on=BORN) for n, one in numbered)


@act("bench.mark", permission=OPEN)
def mark(by: Actor) -> Patient:
    """One patient made of words that occur nowhere else, with one row of each kind."""
    details = PatientDetails(name=f"{MARK} Person", sex="female", born_on=BORN)
    patient = register_patient(details, by=by, is_new=True)
    kind = IdentifierType.create(key="marked", label=f"{MARK}kind")
    Identifier.create(patient=patient, type=kind, value=f"{MARK}value", plain=f"{MARK}value")
    PatientName.create(patient=patient, name=f"{MARK}also")
    Telecom.create(patient=patient, kind="phone", value=f"{MARK}phone")
    Telecom.create(patient=patient, kind="email", value=f"{MARK}mail")
    Address.create(patient=patient, lines=f"{MARK}lines", area=f"{MARK}area", city=f"{MARK}city")
    ContactPerson.create(patient=patient, name=f"{MARK}name", relation=f"{MARK}relation", phone=f"{MARK}call")
    Flag.create(patient=patient, text=f"{MARK}flag", severity="stop")
    details = PatientDetails(name=f"{MARK}kin Second", sex="female", born_on=BORN)
    other = register_patient(details, by=by, is_new=True)
    Relation.create(patient=patient, kind="sibling", other=other, may_collect=True)
    Document.create(patient=patient, kind="letter", title=f"{MARK}paper", dated_on=date(2020, 5, 17))
    return patient


@act("bench.go_on_from", permission=OPEN)
def go_on_from(number: int, by: Actor) -> None:
    """Leave the numbers that the people filled in have got; an act of its own, because it holds the counter's row."""
    continue_from("patients.record", number)


def marked_patient(site: Site) -> Patient:
    """Enter the patient that shows where rows stand."""
    with site.activate(door="cli"):
        go_on_from(5_000_000, by=HOUSE)
        patient: Patient = mark(by=HOUSE)
        return patient


def uid_of(model: Any, patient: Patient, **facts: Any) -> str:
    """The uid of the one row of a kind."""
    return str(model.get(model.patient == patient, **facts).uid)


def chart_template(page: str, patient: Patient) -> str:
    """The bare chart: `person` is the patient's row, `rows` the others by kind, `text` what is worked out of them."""
    template = guarded(page)
    for loop in loops_of_chart(patient):
        template = with_loop(template, loop)
    return with_words(template, person_words(patient, "person"))


def found_template(page: str, patient: Patient) -> str:
    """The bare search page: `people` are rows, `asked` is what was typed."""
    words = {**person_words(patient, "one"), f"{MARK}phone": "{{ one[8] or '' }}", f"{MARK}area": "{{ one[9] or '' }}"}
    template = with_loop(guarded(page), Loop("people", "<tr>", "</tr>", words, patient.uid))
    return with_words(template, {f"{MARK} Person": "{{ asked }}"})


def guarded(page: str) -> str:
    """A page that holds nothing Jinja would take for its own."""
    if "{{" in page or "{%" in page or "{#" in page:
        raise SystemExit("the page holds marks of a template")
    return page


def person_words(patient: Patient, row: str) -> dict[str, str]:
    """Where the words of a patient's own row come from."""
    return {
        patient.uid: f"{{{{ {row}[2] }}}}",
        patient.name: f"{{{{ {row}[5] }}}}",
        ">QP<": f">{{{{ text.initials({row}[5]) }}}}<",
        patient.number: f"{{{{ {row}[4] }}}}",
        "Female": f"{{{{ text.sexes[{row}[6]] }}}}",
        "14 Mar 1961": f"{{{{ text.day({row}[3]) }}}}",
        f"{years_of(BORN)} years": f"{{{{ text.age({row}[3]) }}}} years",
    }


def years_of(born_on: date) -> int:
    """The age the marked patient is shown with."""
    today = date.today()  # noqa: DTZ011  the bare page asks no zone
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))


def loops_of_chart(patient: Patient) -> list[Loop]:
    """The rows of a chart, each with the places where it is shown."""
    line = ("<li>", "</li>")
    flag = uid_of(Flag, patient)
    words = {flag: "{{ one[2] }}", f"{MARK}flag": "{{ one[4] }}"}
    address = f"{MARK}lines, {MARK}area, {MARK}city"
    kin = Relation.get(Relation.patient == patient).other
    return [
        Loop("rows.flag", '<span class="m-st', "</svg>" + f"{MARK}flag</span>", words, f"{MARK}flag"),
        Loop("rows.flag", '<a class="m-menu-item"', "</a>", words, flag),
        Loop(
            "rows.identifier", *line,
            {
                uid_of(Identifier, patient): "{{ one[2] }}", f"{MARK}kind": "{{ one[4] }}",
                f"{MARK}value": "{{ one[5] }}",
            },
            f"{MARK}value",
        ),
        Loop(
            "rows.name", *line,
            {uid_of(PatientName, patient): "{{ one[2] }}", f"{MARK}also": "{{ one[4] }}"}, f"{MARK}also",
        ),
        Loop(
            "rows.phone", *line,
            {uid_of(Telecom, patient, kind="phone"): "{{ one[2] }}", f"{MARK}phone": "{{ one[4] }}"}, f"{MARK}phone",
        ),
        Loop(
            "rows.email", *line,
            {uid_of(Telecom, patient, kind="email"): "{{ one[2] }}", f"{MARK}mail": "{{ one[4] }}"}, f"{MARK}mail",
        ),
        Loop(
            "rows.address", *line, {uid_of(Address, patient): "{{ one[2] }}", address: "{{ text.line(one) }}"}, address,
        ),
        Loop(
            "rows.contact", *line,
            {
                uid_of(ContactPerson, patient): "{{ one[2] }}", f"{MARK}name": "{{ one[4] }}",
                f"{MARK}relation": "{{ one[5] }}", f"{MARK}call": "{{ one[6] }}",
            },
            f"{MARK}call",
        ),
        Loop(
            "rows.relation", *line,
            {uid_of(Relation, patient): "{{ one[2] }}", kin.name: "{{ one[4] }}", kin.uid: "{{ one[5] }}"}, kin.name,
        ),
        Loop(
            "rows.paper", *line,
            {
                uid_of(Document, patient): "{{ one[2] }}", f"{MARK}paper": "{{ one[4] }}",
                "17 May 2020": "{{ text.day(one[3]) }}",
            },
            f"{MARK}paper",
        ),
    ]  # fmt: skip


def with_loop(template: str, loop: Loop) -> str:
    """A template with a piece in a loop."""
    at = template.index(loop.holds)
    start = template.rindex(loop.begins, 0, at)
    end = template.index(loop.ends, start) + len(loop.ends)
    piece = with_words(template[start:end], loop.words)
    return f"{template[:start]}{{% for one in {loop.rows} %}}{piece}{{% endfor %}}{template[end:]}"


def with_words(template: str, words: dict[str, str]) -> str:
    """A template with columns in the place of words, longer words first."""
    for word in sorted(words, key=len, reverse=True):
        template = template.replace(word, words[word])
    return template


def is_whole(template: str) -> bool:
    """Whether no word of the marked patient is left."""
    return MARK not in template
