"""What belongs to a patient, each part changed on a small page: names, numbers, phones, contacts, warnings."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import url_for

from core.errors import NotFound
from core.screens.pages import done, form_answer
from core.screens.questions import Question, ReasonForm
from core.storage import Model, is_uid
from core.texts import Text, _
from core.web import MedleyForm, current_actor, form_page
from plugins.patients.forms import (
    AddressForm,
    ContactForm,
    FlagForm,
    IdentifierForm,
    NameForm,
    NumberForm,
    RelationForm,
    TelecomForm,
)
from plugins.patients.models import Address, ContactPerson, Flag, Identifier, Patient, PatientName, Relation, Telecom
from plugins.patients.permissions import EDIT, FLAG
from plugins.patients.services.family import KINDS, add_relation, edit_relation, hidden_from, retire_relation
from plugins.patients.services.flags import flag_patient, lift_flag
from plugins.patients.services.identifiers import add_identifier, edit_identifier, retire_identifier
from plugins.patients.services.reaching import (
    add_address,
    add_contact,
    add_telecom,
    edit_address,
    edit_contact,
    edit_telecom,
    retire_part,
)
from plugins.patients.services.registering import add_name, retire_name
from plugins.patients.views.pages import blueprint, crumbs_of, visible_patient


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of part: its pages' words, forms and acts."""

    model: type[Model]
    adds: Text
    changes: Text
    removes: Text
    form: type[MedleyForm]
    spans: tuple[tuple[str, int], ...]
    add: Callable[..., Any]
    remove: Callable[..., Any]
    edit: Callable[..., Any] | None = None
    edit_form: type[MedleyForm] | None = None
    edit_spans: tuple[tuple[str, int], ...] = ()
    permission: str = EDIT


RELATION_SPANS = (
    ("kind", 4), ("number", 8), ("person", 8), ("contact_phone", 4), ("may_decide", 4), ("may_see", 4),
    ("may_collect", 4), ("from_on", 4), ("until_on", 4), ("note", 12),
)  # fmt: skip
PARTS = {
    "names": Part(
        PatientName, _("Add a name"), _("Change the name"), _("Take this name away?"), NameForm,
        (("name", 8), ("use", 4)),
        lambda patient, form, **act: add_name(patient, form.details(), **act), retire_name,
    ),
    "identifiers": Part(
        Identifier, _("Add a number"), _("Correct the number"), _("Take this number away?"), IdentifierForm,
        (("type", 4), ("identifier", 8)),
        lambda patient, form, **act: add_identifier(patient, form.details(), **act), retire_identifier,
        lambda one, form, **act: edit_identifier(one, form.identifier.data, until_on=form.until_on.data, **act),
        NumberForm, (("identifier", 8), ("until_on", 4)),
    ),
    "telecoms": Part(
        Telecom, _("Add a phone or e-mail"), _("Change the phone or e-mail"), _("Take this away?"), TelecomForm,
        (("kind", 4), ("phone", 5), ("use", 3)),
        lambda patient, form, **act: add_telecom(patient, form.details(), **act), retire_part,
        lambda one, form, **act: edit_telecom(one, form.details(), **act),
    ),
    "addresses": Part(
        Address, _("Add an address"), _("Change the address"), _("Take this address away?"), AddressForm,
        (("lines", 8), ("area", 4), ("district", 4), ("city", 4), ("state", 4), ("postal_code", 4), ("country", 8)),
        lambda patient, form, **act: add_address(patient, form.details(), **act), retire_part,
        lambda one, form, **act: edit_address(one, form.details(), **act),
    ),
    "contacts": Part(
        ContactPerson, _("Add somebody to call"), _("Change whom to call"), _("Take this contact away?"), ContactForm,
        (("name", 8), ("relation", 4), ("contact_phone", 4), ("email", 4), ("address", 8)),
        lambda patient, form, **act: add_contact(patient, form.details(), **act), retire_part,
        lambda one, form, **act: edit_contact(one, form.details(), **act),
    ),
    "relations": Part(
        Relation, _("Add family or a guardian"), _("Change what they are to the patient"), _("Take this away?"),
        RelationForm, RELATION_SPANS,
        lambda patient, form, **act: add_relation(patient, form.details(act["by"]), **act), retire_relation,
        lambda one, form, **act: edit_relation(one, form.details(act["by"], one), **act),
        None, RELATION_SPANS,
    ),
    "flags": Part(
        Flag, _("Add a warning"), _("Change the warning"), _("Lift this warning?"), FlagForm,
        (("text", 8), ("severity", 4), ("until_on", 4)),
        lambda patient, form, **act: flag_patient(
            patient, form.text.data, severity=form.severity.data, until_on=form.until_on.data, **act
        ),
        lift_flag, permission=FLAG,
    ),
}  # fmt: skip
# What a stored column is called on the page that edits it.
SHOWN_AS = {Identifier: {"identifier": "value"}, Telecom: {"phone": "value"}, ContactPerson: {"contact_phone": "phone"}}


@blueprint.form("/<uid>/<any(names, identifiers, telecoms, addresses, contacts, relations):kind>/new", permission=EDIT)
def add_part(uid: str, kind: str) -> Any:
    """Add one part to a patient."""
    return adding(uid, kind)


@blueprint.form("/<uid>/flags/new", permission=FLAG)
def add_flag(uid: str) -> Any:
    """Put a warning on a chart."""
    return adding(uid, "flags")


@blueprint.form("/<uid>/<any(identifiers, telecoms, addresses, contacts, relations):kind>/<part_uid>", permission=EDIT)
def edit_part(uid: str, kind: str, part_uid: str) -> Any:
    """Change one part of a patient."""
    patient, part = visible_patient(uid), PARTS[kind]
    one = own_part(patient, part, part_uid)
    made = part.edit_form or part.form
    shown = {field: getattr(one, column) for field, column in SHOWN_AS.get(part.model, {}).items()}
    if isinstance(one, Relation):
        if one.other is not None and hidden_from(current_actor(), [one.other.uid]):
            raise NotFound
        shown = {"number": one.other.number if one.other else "", "person": one.contact.name if one.contact else ""}
    form = made(obj=one, data=shown)
    facts = page_facts(patient, part.changes, part.edit_spans or part.spans)
    if form.validated() and part.edit is not None:
        with form_page(form, "core/edit.html", **facts):
            part.edit(one, form, by=current_actor(), version=form.seen_version, idempotency_key=form.key)
        return done(_("Saved."), "patients.show", uid=uid)
    return form_answer("core/edit.html", form, **facts)


@blueprint.form(
    "/<uid>/<any(names, identifiers, telecoms, addresses, contacts, relations):kind>/<part_uid>/remove", permission=EDIT
)
def remove_part(uid: str, kind: str, part_uid: str) -> Any:
    """Take one part away, with the reason."""
    return removing(uid, kind, part_uid)


@blueprint.form("/<uid>/flags/<part_uid>/remove", permission=FLAG)
def remove_flag(uid: str, part_uid: str) -> Any:
    """Lift a warning."""
    return removing(uid, "flags", part_uid)


def adding(uid: str, kind: str) -> Any:
    """The page that adds a part."""
    patient, part = visible_patient(uid), PARTS[kind]
    form = part.form()
    facts = page_facts(patient, part.adds, part.spans)
    if form.validated():
        with form_page(form, "core/edit.html", **facts):
            part.add(patient, form, by=current_actor(), idempotency_key=form.key)
        return done(_("Saved."), "patients.show", uid=uid)
    return form_answer("core/edit.html", form, **facts)


def removing(uid: str, kind: str, part_uid: str) -> Any:
    """The page that takes a part away."""
    patient, part = visible_patient(uid), PARTS[kind]
    one = own_part(patient, part, part_uid)
    form = ReasonForm(obj=one)
    back = url_for("patients.show", uid=uid)
    question = Question(
        part.removes, _("Take it away"), (_("Keep it"), back), text=text_of(one),
        changes=[_("It is no longer shown on the chart")], stays=[_("The history keeps it, with your reason")],
        crumbs=crumbs_of(patient),
    )  # fmt: skip
    if form.validated():
        with form_page(form, "core/question.html", **question.facts):
            part.remove(one, form.reason.data, by=current_actor(), version=form.seen_version)
        return done(_("Taken away."), "patients.show", uid=uid)
    return question.page(form)


def own_part(patient: Patient, part: Part, uid: str) -> Any:
    """A part in use of this very patient; anybody else's is not found."""
    model: Any = part.model
    found = model.get_or_none((model.uid == uid) & (model.patient == patient.id)) if is_uid(uid) else None
    if found is None or found.is_retired:
        raise NotFound
    return found


def page_facts(patient: Patient, title: Text, spans: tuple[tuple[str, int], ...]) -> dict[str, Any]:
    """What the page of a part shows besides its form."""
    return {
        "title": title, "groups": [(patient.name, "", spans)], "save_label": _("Save"),
        "back_url": url_for("patients.show", uid=patient.uid), "crumbs": crumbs_of(patient),
    }  # fmt: skip


def text_of(one: Any) -> str:
    """What a part says, in one line."""
    if isinstance(one, Relation):
        return str(KINDS.get(one.kind, KINDS["other"]).label)
    facts = [getattr(one, name, "") for name in ("text", "value", "kind", "name", "lines", "area", "city")]
    return ", ".join(str(fact) for fact in facts if fact)
