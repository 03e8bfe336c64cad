"""Records that not everybody who works here may open, and nobody without saying why."""

from datetime import timedelta
from typing import Any

from core import clock
from core.actors import Actor
from core.acts import act
from core.errors import Refused
from core.settings import settings_of
from core.sites import current, touch_revision
from core.storage.journal.writer import note
from core.texts import _
from plugins.patients.models import Patient, ReasonGiven
from plugins.patients.permissions import MARK_SENSITIVE, SEE_SENSITIVE, VIEW
from plugins.patients.services.fit import refuse_unfit

SHORTEST_REASON = 4


@act("patients.mark_sensitive", permission=MARK_SENSITIVE)
def mark_sensitive(patient: Patient, is_sensitive: bool, reason: str, by: Actor) -> Patient:
    """Let a record be open only to those who may see sensitive ones, or to everybody again."""
    refuse_unfit(patient)
    if not reason.strip():
        raise Refused(fields={"reason": _("Say why.")})
    patient.is_sensitive = is_sensitive
    patient.save()
    note("patients.mark_sensitive", reason=reason.strip(), record=patient, content={"sensitive": is_sensitive})
    touch_revision()
    return patient


def keep_closed(patient: Patient) -> None:
    """Inside an act that brings a record in: one that is sensitive where it comes from is so here from the start."""
    if patient.is_sensitive:
        return
    patient.is_sensitive = True
    patient.save()
    note("patients.mark_sensitive", reason=str(_("It came in marked so.")), record=patient, content={"sensitive": True})
    touch_revision()


@act("patients.open_sensitive", permission=VIEW)
def open_sensitive(patient: Patient, reason: str, by: Actor) -> None:
    """Say why a sensitive record is opened; it is open to this person for some hours, and the reason is journaled."""
    if len(reason.strip()) < SHORTEST_REASON:
        raise Refused(fields={"reason": _("Say in a few words why you need to see this record.")})
    hours = int(settings_of("patients").reason_holds_hours)
    ReasonGiven.delete().where(ReasonGiven.until_at < clock.now()).execute()
    ReasonGiven.create(user_uid=by.uid, about_uid=patient.uid, until_at=clock.now() + timedelta(hours=hours))
    note("patients.open_sensitive", reason=reason.strip(), record=patient)


def may_open(patient: Patient, by: Actor) -> bool:
    """Whether somebody need not say why: the record is not sensitive, they said it, or opened it in an emergency."""
    if not patient.is_sensitive or patient.uid in by.opened or by.kind == "system":
        return True
    said = (ReasonGiven.user_uid == by.uid) & (ReasonGiven.about_uid == patient.uid)
    return bool(ReasonGiven.select().where(said, ReasonGiven.until_at > clock.now()).exists())


def narrowing_for(model: Any, by: Actor) -> Any:
    """The condition that hides sensitive patients, and all that is about them, from those who may not see them.

    A hospital without any sensitive record pays nothing for it: whether there is one hangs on the revision.
    """
    if by.may(SEE_SENSITIVE) or not has_sensitive():
        return None
    return not_sensitive(model)


def not_sensitive(model: Any) -> Any:
    """That a row is not about a sensitive patient; None for rows that are about no patient."""
    if model is Patient:
        return Patient.is_sensitive == False  # noqa: E712  a condition, not a comparison
    subject = getattr(model._meta, "subject", "")
    field = model._meta.fields.get(subject)
    if field is None:
        return None
    if field.rel_model is Patient:
        hidden = Patient.select(Patient.id).where(Patient.is_sensitive == True)  # noqa: E712  the same
        return field.is_null() | field.not_in(hidden)
    further = not_sensitive(field.rel_model)
    return (
        None
        if further is None
        else field.is_null() | field.in_(field.rel_model.select(field.rel_model.id).where(further))
    )


def has_sensitive() -> bool:
    """Whether this hospital has any sensitive record."""
    return bool(current().state.keep("patients.sensitive", any_sensitive))


def any_sensitive() -> bool:
    """The question itself."""
    return bool(Patient.select(Patient.id).where(Patient.is_sensitive == True).exists())  # noqa: E712  a condition
