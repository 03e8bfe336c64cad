"""Joining two records and parting them again: who is the other, what would happen, and what happened before."""

from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length

from core.actors import Actor
from core.errors import NotFound
from core.jobs import Job
from core.roles import get_visible
from core.screens.pages import done, form_answer
from core.screens.questions import ReasonForm
from core.storage import RecordRef, is_uid, model_of
from core.storage.journal.reads import disclosed
from core.texts import _
from core.web import MedleyForm, current_actor, form_page, names_of, render
from core.web.forms import OneLine
from core.web.history import noun_words
from plugins.patients.models import Document, Merge, Patient, Relation
from plugins.patients.models.merging import MERGING, UNMERGING
from plugins.patients.permissions import MERGE, MOVE_ENTRY, VIEW
from plugins.patients.services.asking import LONGEST_QUESTION
from plugins.patients.services.duplicates import alike_to
from plugins.patients.services.family import hidden_from
from plugins.patients.services.finding import Found, find_patients
from plugins.patients.services.flags import flags_of
from plugins.patients.services.merging.acts import go_on_merging, merge_patients, unmerge_patients
from plugins.patients.services.merging.past import entries_moved, look_at_parting, merged_into, merges_of
from plugins.patients.services.merging.prospect import Prospect, Settlement, look_at_merge
from plugins.patients.services.misfiled import move_entry, wrong_patient
from plugins.patients.services.numbered import numbered
from plugins.patients.services.telling import WHOLE_REGISTER, look_for_duplicates, pairs_to_look_at, tell_apart
from plugins.patients.views.chart import Section, banner_of
from plugins.patients.views.desk import WORDS
from plugins.patients.views.pages import blueprint, crumbs_of, visible_patient
from plugins.patients.views.parts import text_of
from plugins.patients.wording import WAYS, birth_words, language_words, sex_words


class MergeForm(MedleyForm):
    """What the clerk settles before two records become one."""

    beside = MedleyForm.beside | {"one_person"}
    survivor_version = HiddenField()
    merged_version = HiddenField()
    taken = SelectMultipleField(_("Taken from the other record"))
    won = SelectMultipleField(_("Kept from the other record"))
    void = SelectMultipleField(_("Not this person's"))
    reason = StringField(_("How do you know?"), [InputRequired(), Length(max=300), OneLine()])

    def __init__(self, prospect: Prospect, **values: Any) -> None:
        super().__init__(**values)
        self.taken.choices = [(fact.name, str(fact.label)) for fact in prospect.facts]
        self.won.choices = [(clash.key, clash.label) for clash in prospect.clashes]
        self.void.choices = [(number.uid, number.value) for number in prospect.numbers]
        if request.method == "GET":
            self.taken.data = [fact.name for fact in prospect.facts if fact.is_taken]
            self.survivor_version.data = str(prospect.survivor.version)
            self.merged_version.data = str(prospect.merged.version)

    def settlement(self) -> Settlement:
        """What was settled."""
        taken, won, void = (frozenset(field.data or ()) for field in (self.taken, self.won, self.void))
        return Settlement(taken, won, void, doubts_settled=request.form.get("one_person") == "1")

    def versions(self) -> tuple[int | None, int | None]:
        """What of both the clerk saw."""
        seen = [field.data for field in (self.survivor_version, self.merged_version)]
        first, second = (
            int(one) if one and one.isascii() and one.isdigit() and len(one) < 10 else None for one in seen
        )
        return first, second


class MoveForm(ReasonForm):
    """Whose an entry really is."""

    number = StringField(_("Record number of the right patient"), [InputRequired(), Length(max=40), OneLine()])


@blueprint.form("/<uid>/merge", permission=MERGE)
def find_other(uid: str) -> str:
    """Find the other record of this person; those most alike stand there already."""
    patient = visible_patient(uid)
    by = current_actor()
    asked = request.form.get("q", "")[:LONGEST_QUESTION].strip()
    found = find_patients(asked, by=by) if asked else alike_first(patient)
    found = Found(tuple(hit for hit in found.hits if hit.uid != uid), found.is_capped, found.question)
    return render(
        "patients/merge_find.html",
        asked=asked,
        found=found,
        crumbs=crumbs_of(patient),
        **banner_of(patient, flags_of(patient)),
    )


def alike_first(patient: Patient) -> Found:
    """Whoever is most like a patient."""
    alike = alike_to(patient, by=current_actor())
    disclosed("list", [one.hit.uid for one in alike], condition="patients.alike")
    return Found(tuple(one.hit for one in alike))


@blueprint.form("/<uid>/merge/<other_uid>", permission=MERGE)
def merge(uid: str, other_uid: str) -> Any:
    """What a merge would do; sent, it is done."""
    survivor, other = visible_patient(uid), visible_patient(other_uid)
    by = current_actor()
    prospect = look_at_merge(survivor, other, by)
    disclosed("record", [survivor.uid, other.uid], "merge", subject_uid=survivor.uid)
    form = MergeForm(prospect)
    facts = {"prospect": prospect, "shown": shown, "crumbs": crumbs_of(survivor), "words": WORDS}
    if form.validated():
        with form_page(form, "patients/merge.html", **facts):
            merged = merge_patients(
                survivor, other, form.reason.data, by=by, settlement=form.settlement(), versions=form.versions(),
                idempotency_key=form.key,
            )  # fmt: skip
        return after(merged, survivor)
    return form_answer("patients/merge.html", form, **facts)


def after(merged: Merge, patient: Patient) -> Response:
    """On to the chart; while a large merge goes on, to the page that says how far it is."""
    if merged.state in (MERGING, UNMERGING):
        return done(_("This is a large record. It goes on by itself."), "patients.merging", uid=merged.uid)
    return done(_("The two records are one."), "patients.show", uid=patient.uid)


@blueprint.get("/twice", permission=MERGE)
def twice() -> str:
    """People who may be in the register twice, the likeliest first."""
    running = Job.get_or_none(Job.waiting_key == f"patients.go_through:{WHOLE_REGISTER}") or Job.get_or_none(
        Job.running_key == f"patients.go_through:{WHOLE_REGISTER}"
    )
    return render("patients/twice.html", pairs=pairs_to_look_at(current_actor()), running=running, words=WORDS)


@blueprint.post("/twice/look", permission=MERGE)
def look_through() -> Response:
    """Go through the whole register."""
    found = look_for_duplicates(by=current_actor())
    return done(_("The register is gone through. You can leave this page."), "core.jobs_show", uid=found.uid)


@blueprint.post("/<uid>/apart/<other_uid>", permission=MERGE)
def tell_two_apart(uid: str, other_uid: str) -> Response:
    """They are two people."""
    tell_apart(visible_patient(uid), visible_patient(other_uid), by=current_actor())
    return done(_("Noted: they are two people."), "patients.twice")


@blueprint.get("/merging/<uid>", permission=MERGE)
def merging(uid: str) -> str:
    """How far a large merge is."""
    return render("patients/merging.html", merge=merge_of(uid))


@blueprint.post("/merging/<uid>/go-on", permission=MERGE)
def go_on(uid: str) -> Response:
    """Go on with it here and now."""
    merged = go_on_merging(merge_of(uid), by=current_actor())
    if merged.state in (MERGING, UNMERGING):
        return done(_("Some more was carried."), "patients.merging", uid=uid)
    return done(_("Done."), "patients.show", uid=merged.survivor_uid)


@blueprint.form("/<uid>/merges/<part_uid>/undo", permission=MERGE)
def undo_merge(uid: str, part_uid: str) -> Any:
    """What undoing a merge would do; sent, it is done."""
    survivor, merged = visible_patient(uid), merge_of(part_uid)
    if merged.survivor_uid != survivor.uid:
        raise NotFound
    form = ReasonForm()
    other = Patient.get(Patient.uid == merged.merged_uid)
    facts = {
        "parting": look_at_parting(merged), "survivor": survivor, "other": other, "crumbs": crumbs_of(survivor),
        "taken_over": [name for name in merged.kept.get("facts", {}) if not name.startswith("is_")],
    }  # fmt: skip
    if form.validated():
        with form_page(form, "patients/unmerge.html", **facts):
            parted = unmerge_patients(merged, form.reason.data, by=current_actor(), idempotency_key=form.key)
        if parted.state == UNMERGING:
            return after(parted, survivor)
        return done(_("They are two records again."), "patients.show", uid=other.uid)
    return form_answer("patients/unmerge.html", form, **facts)


@blueprint.get("/<uid>/record", permission=VIEW)
def record(uid: str) -> str:
    """What became of the record itself: records merged into it, entries moved, and the way back."""
    patient = visible_patient(uid)
    disclosed("record", [patient.uid], "record", subject_uid=patient.uid)
    past, moved = merges_of(patient), entries_moved(patient)
    kinds = {str(one.row.id): kind_moved(one.content) for one in moved}
    who = names_of([one.merge.created_by for one in past] + [one.row.actor_uid for one in moved])
    sections = [
        Section(_("Chart"), url_for("patients.show", uid=uid)),
        Section(_("The record itself"), url_for("patients.record", uid=uid), current=True),
        Section(_("History"), url_for("patients.history", uid=uid)),
    ]
    return render(
        "patients/record.html", past=past, moved=moved, kinds=kinds, who=who, merged=merged_into(patient),
        sections=sections, **banner_of(patient, flags_of(patient)),
    )  # fmt: skip


def kind_moved(content: Any) -> str:
    """What sort of entry was moved, as its plugin calls it."""
    ref = RecordRef.parse(content["entry"]) if content else None
    return noun_words(ref.plugin, ref.noun) if ref is not None else ""


@blueprint.form("/<uid>/entries/<plugin>/<noun>/<part_uid>/move", permission=MOVE_ENTRY)
def move(uid: str, plugin: str, noun: str, part_uid: str) -> Any:
    """Move an entry that lies on the wrong patient's record."""
    wrong, by = visible_patient(uid), current_actor()
    model = model_of(plugin, noun)
    entry = get_visible(model, part_uid, by) if model is not None else None
    if entry is None or wrong_patient(entry).id != wrong.id or is_of_hidden(entry, by):
        raise NotFound
    form = MoveForm(obj=entry, data={"number": ""})
    facts = {
        "title": _("Move this to the right patient"), "groups": [(wrong.name, "", (("number", 5), ("reason", 7)))],
        "save_label": _("Move it"), "back_url": url_for("patients.show", uid=uid), "crumbs": crumbs_of(wrong),
        "lead": _(
            "%(entry)s leaves %(name)s’s record, with its own history, and both records say so.",
            entry=entry_words(entry), name=wrong.name,
        ),
    }  # fmt: skip
    if form.validated():
        right = right_patient(form)
        if right is not None:
            with form_page(form, "core/edit.html", **facts):
                move_entry(entry, right, form.reason.data, by=by, idempotency_key=form.key)
            return done(_("Moved."), "patients.show", uid=right.uid)
    return form_answer("core/edit.html", form, **facts)


def is_of_hidden(entry: Any, by: Actor) -> bool:
    """Whether an entry names another patient whom the reader may not see."""
    return isinstance(entry, Relation) and entry.other is not None and bool(hidden_from(by, [entry.other.uid]))


def entry_words(entry: Any) -> str:
    """What an entry is, and what it says where it can be said in a line: “Warning: Penicillin”."""
    kind = noun_words(entry._meta.plugin, entry._meta.noun)
    said = entry.title if isinstance(entry, Document) else text_of(entry) if entry._meta.plugin == "patients" else ""
    return f"{kind}: {said}" if said else kind


def right_patient(form: MoveForm) -> Patient | None:
    """The one patient of the number typed whom the reader may see; else words beside the field."""
    found = numbered(form.number.data or "", current_actor())
    if found is None:
        form.complain("number", _("There is no record of this number."))
    return found


def merge_of(uid: str) -> Merge:
    """A merge by its uid."""
    found: Merge | None = Merge.get_or_none(Merge.uid == uid) if is_uid(uid) else None
    if found is None:
        raise NotFound
    return found


def shown(name: str, value: Any, patient: Patient) -> Any:
    """A fact of one record in words."""
    if value in ("", None):
        return ""
    words = {
        "sex": lambda: sex_words(value), "born": lambda: birth_words(value, patient.born_precision),
        "preferred_way": lambda: WAYS.get(value, value), "photo": lambda: _("There is one"),
        "language": lambda: language_words(value),
        "place": lambda: patient.place.name, "deceased": lambda: _("Yes") if value else _("No"),
        "multiple": lambda: _("Yes") if value else _("No"),
    }  # fmt: skip
    return words.get(name, lambda: value)()
