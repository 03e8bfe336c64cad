"""Finding and registering: the two pages of the desk."""

from datetime import date
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from core import clock
from core.actors import Actor
from core.resources.custom.part import with_custom, write_with_custom
from core.resources.drafts import draft_for, forget_draft
from core.roles import visible
from core.screens.pages import form_answer
from core.settings import settings_of
from core.sites import current_site
from core.storage.journal.reads import disclosed
from core.texts import _
from core.web import current_actor, form_page, go, render, toast
from plugins.patients.forms import RegistrationForm
from plugins.patients.models import Patient
from plugins.patients.permissions import REGISTER, VIEW
from plugins.patients.resources import PATIENTS
from plugins.patients.services.asking import LONGEST_QUESTION
from plugins.patients.services.details import PatientDetails
from plugins.patients.services.duplicates import Duplicate, likely_duplicates
from plugins.patients.services.finding import Found, find_patients
from plugins.patients.services.hits import COLUMNS, Hit, with_reach
from plugins.patients.services.prepared import rows_of
from plugins.patients.services.registering import register_patient
from plugins.patients.views.pages import blueprint, present_place
from plugins.patients.wording import age_at, age_words, birth_words, born_words, sex_words

NEWEST = 10
DRAFT = "patients.register"
WORDS = {"age": age_words, "born": born_words, "sex": sex_words}


@blueprint.get("/", permission=VIEW)
def index() -> str:
    """Find somebody; below, who was registered last."""
    by = current_actor()
    query: Any = Patient.select(*COLUMNS).where(visible(Patient, by), Patient.retired_at.is_null())
    newest = with_reach([Hit(*row) for row in rows_of(query.order_by(Patient.id.desc()).limit(NEWEST))])
    disclosed("list", [hit.uid for hit in newest], condition="patients.newest")
    return search_page("", Found(tuple(newest)))


@blueprint.post("/", permission=VIEW)
def find() -> str:
    """The answer to a search: the whole page, or only its results for the page's own script."""
    asked = request.form.get("q", "")[:LONGEST_QUESTION].strip()
    if not asked:
        return index()
    found = find_patients(asked, by=current_actor())
    if request.headers.get("X-CSRF-Token"):
        return render("patients/_results.html", asked=asked, found=found, words=WORDS)
    return search_page(asked, found)


def search_page(asked: str, found: Found) -> str:
    """The search page with these results."""
    return render("patients/index.html", asked=asked, found=found, words=WORDS, settings=settings_of("patients"))


@blueprint.form("/new", permission=REGISTER)
def register() -> Any:
    """Register somebody on one page."""
    by = current_actor()
    if "carried" in request.form:
        return registration_page(carried_over(request.form["carried"], asking(by)), [])
    draft = draft_for(DRAFT, by) if request.method == "GET" else None
    in_draft = draft is not None and request.args.get("draft") == "1"
    form = asking(by)(draft.fields if draft is not None and in_draft else None)
    if request.method == "GET":
        return registration_page(form, [], draft=draft, in_draft=in_draft)
    if not form.validated():
        return registration_page(form, []), 422
    alike: list[Duplicate] = []
    with form_page(form, "patients/register.html", alike=alike, words=WORDS, must_decide=False, draft_name=DRAFT):
        details = form.details(present_place())
        is_new = request.form.get("is_new") == "1"
        alike += likely_duplicates(details, by=by)
        if alike and not is_new and alike[0].score >= settings_of("patients").asks_about_duplicates_from:
            disclosed("list", [one.hit.uid for one in alike], condition="patients.alike")
            return registration_page(form, alike, must_decide=True, typed_born=born_typed(details)), 409
        patient = write_with_custom(
            PATIENTS, "create", form, facts=(details, is_new), by=by, idempotency_key=form.key,
            write=lambda: register_patient(details, by=by, is_new=is_new),
        )  # fmt: skip
    forget_draft(DRAFT, by)
    return registered(patient)


def asking(by: Actor) -> type[Any]:
    """The form of the desk, with the fields this hospital has added."""
    return with_custom(RegistrationForm, PATIENTS, by, "create")


def registered(patient: Any) -> Response:
    """On to the chart."""
    return toast(go("patients.show", uid=patient.uid), _("Registered under %(number)s.", number=patient.number))


@blueprint.post("/alike", permission=REGISTER, slides=False)
def alike() -> str:
    """Who may be the person that is being typed; asked by the page's script."""
    by = current_actor()
    details = asking(by)().details_so_far()
    found = likely_duplicates(details, by=by)
    disclosed("list", [one.hit.uid for one in found], condition="patients.alike")
    born = said_back(details.born_on, details.born_precision) if details.born_on else ""
    return render("patients/_alike.html", alike=found, born=born, typed_born=born_typed(details), words=WORDS)


def born_typed(details: PatientDetails) -> str:
    """The birth that was typed, no more exact than it was said."""
    return birth_words(details.born_on, details.born_precision) if details.born_on else ""


def said_back(born_on: date, precision: str) -> str:
    """A birth as it was understood, with the age that goes with it."""
    age = age_at(born_on, precision, clock.today(current_site().zone))
    return f"{birth_words(born_on, precision)}, {age}"


def registration_page(
    form: RegistrationForm,
    found: list[Duplicate],
    must_decide: bool = False,
    typed_born: str = "",
    draft: Any = None,
    in_draft: bool = False,
) -> str:
    """The registration page, with whoever may be the same beside it."""
    facts = {
        "alike": found,
        "words": WORDS,
        "must_decide": must_decide,
        "typed_born": typed_born,
        "draft": draft,
        "in_draft": in_draft,
        "draft_name": DRAFT,
    }
    answer = form_answer("patients/register.html", form, **facts)
    return answer if isinstance(answer, str) else answer[0]


def carried_over(asked: str, kind: type[Any]) -> Any:
    """A form that begins with what was looked for, so that nothing is typed twice."""
    form = kind(formdata=MultiDict())
    text = asked[:LONGEST_QUESTION].strip()
    if any(map(str.isalpha, text)):
        form.name.data = " ".join(part for part in text.split() if not any(map(str.isdigit, part)))
    elif sum(map(str.isdigit, text)) >= 7 and "/" not in text:
        form.phone.data = text
    else:
        form.born.data = text
    return form
