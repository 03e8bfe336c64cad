"""Papers and the photo: taking them in, and showing them in a way that runs nothing in them."""

from typing import Any
from urllib.parse import quote

from flask import request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response
from wtforms import DateField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from core.errors import NotFound, Refused
from core.screens.pages import done, form_answer
from core.screens.questions import Question, ReasonForm
from core.storage import StoredFile, files_of, is_uid
from core.storage.journal.reads import disclosed
from core.texts import _
from core.web import MedleyForm, current_actor, form_page, render
from core.web.forms import OneLine
from core.web.headers import SEALED
from plugins.patients.models import Document, Patient
from plugins.patients.permissions import EDIT, VIEW
from plugins.patients.services.flags import flags_of
from plugins.patients.services.papers import (
    KINDS,
    MOST_PAGES,
    SHOWN,
    DocumentDetails,
    add_document,
    documents_of,
    page_of,
    photo_of,
    receive_page,
    receive_photo,
    retire_document,
    set_photo,
)
from plugins.patients.services.preview import PDF, first_page
from plugins.patients.views.chart import banner_of
from plugins.patients.views.pages import blueprint, crumbs_of, visible_patient


class DocumentForm(MedleyForm):
    """A paper and its pages."""

    beside = MedleyForm.beside | {"file"}
    kind = SelectField(_("Kind of paper"), choices=[SelectChoice(k, v) for k, v in KINDS.items() if k != "photo"])
    title = StringField(_("Title"), [Length(max=200), OneLine()])
    dated_on = DateField(_("Dated"), [Optional()])

    def show_refusal(self, refusal: Refused) -> None:
        """What is wrong with a file stands above the form."""
        super().show_refusal(
            Refused(refusal.fields.get("file", refusal.message)) if "file" in refusal.fields else refusal
        )


class PhotoForm(DocumentForm):
    """Only a picture."""

    kind = title = dated_on = None


def files_sent() -> list[FileStorage]:
    """The files of a form, those left empty passed over."""
    return [one for one in request.files.getlist("file")[:MOST_PAGES] if one.filename]


@blueprint.get("/<uid>/documents", permission=VIEW)
def documents(uid: str) -> str:
    """All papers of a patient."""
    patient = visible_patient(uid)
    disclosed("record", [patient.uid], "papers", subject_uid=patient.uid)
    return render(
        "patients/papers.html",
        papers=documents_of(patient),
        kinds=KINDS,
        crumbs=crumbs_of(patient),
        **banner_of(patient, flags_of(patient)),
    )


@blueprint.form("/<uid>/documents/new", permission=EDIT)
def add_paper(uid: str) -> Any:
    """Take in a paper: files, or pictures of its pages."""
    patient = visible_patient(uid)
    form = DocumentForm()
    facts = {"patient": patient, "crumbs": crumbs_of(patient), "is_photo": False}
    if form.validated():
        with form_page(form, "patients/paper_form.html", **facts):
            pages = [receive_page(one.filename or "", one.stream) for one in files_sent()]
            details = DocumentDetails(form.kind.data, form.title.data or "", form.dated_on.data)
            add_document(patient, details, pages, by=current_actor(), idempotency_key=form.key)
        return done(_("Kept."), "patients.documents", uid=uid)
    return form_answer("patients/paper_form.html", form, **facts)


@blueprint.get("/<uid>/documents/<part_uid>", permission=VIEW)
def document(uid: str, part_uid: str) -> str:
    """One paper, its pages under each other."""
    patient = visible_patient(uid)
    paper = own_paper(patient, part_uid)
    disclosed("record", [patient.uid], "paper", subject_uid=patient.uid)
    return render(
        "patients/paper.html", paper=paper, pages=files_of(paper), shown=SHOWN, kinds=KINDS, crumbs=crumbs_of(patient),
        **banner_of(patient, flags_of(patient)),
    )  # fmt: skip


@blueprint.get("/<uid>/documents/<part_uid>/pages/<int:page>", permission=VIEW)
def page(uid: str, part_uid: str, page: int) -> Response:
    """The content of one page."""
    patient = visible_patient(uid)
    file = page_of(own_paper(patient, part_uid), page)
    disclosed("record", [patient.uid], "paper", subject_uid=patient.uid)
    return sent(file, "download" in request.args)


@blueprint.get("/<uid>/documents/<part_uid>/pages/<int:page>/preview", permission=VIEW, slides=False)
def preview(uid: str, part_uid: str, page: int) -> Response:
    """The first page of a PDF as a picture."""
    patient = visible_patient(uid)
    picture = first_page(page_of(own_paper(patient, part_uid), page))
    disclosed("record", [patient.uid], "paper", subject_uid=patient.uid)
    answer = Response(picture, mimetype="image/jpeg")
    answer.headers["Content-Security-Policy"] = SEALED
    return answer


@blueprint.form("/<uid>/documents/<part_uid>/remove", permission=EDIT)
def remove_paper(uid: str, part_uid: str) -> Any:
    """Take a paper away, with the reason."""
    patient = visible_patient(uid)
    paper = own_paper(patient, part_uid)
    form = ReasonForm(obj=paper)
    question = Question(
        _("Take this paper away?"), _("Take it away"), (_("Keep it"), url_for("patients.documents", uid=uid)),
        text=paper.title, changes=[_("It is no longer shown on the chart")],
        stays=[_("The history keeps it, with your reason")], crumbs=crumbs_of(patient),
    )  # fmt: skip
    if form.validated():
        with form_page(form, "core/question.html", **question.facts):
            retire_document(paper, form.reason.data, by=current_actor(), version=form.seen_version)
        return done(_("Taken away."), "patients.documents", uid=uid)
    return question.page(form)


@blueprint.form("/<uid>/photo/new", permission=EDIT)
def add_photo(uid: str) -> Any:
    """Put a photo on the chart."""
    patient = visible_patient(uid)
    form = PhotoForm()
    facts = {"patient": patient, "crumbs": crumbs_of(patient), "is_photo": True}
    if form.validated():
        with form_page(form, "patients/paper_form.html", **facts):
            found = files_sent()
            if not found:
                raise Refused(fields={"file": _("Choose a picture, or take one.")})
            set_photo(patient, receive_photo(found[0].stream), by=current_actor(), idempotency_key=form.key)
        return done(_("Saved."), "patients.show", uid=uid)
    return form_answer("patients/paper_form.html", form, **facts)


@blueprint.get("/<uid>/photo", permission=VIEW, slides=False)
def photo(uid: str) -> Response:
    """The portrait on the chart."""
    patient = visible_patient(uid)
    file = photo_of(patient)
    disclosed("record", [patient.uid], "photo", subject_uid=patient.uid)
    return sent(file, False)


def own_paper(patient: Patient, uid: str) -> Document:
    """A paper in use of this very patient."""
    found = Document.get_or_none(Document.uid == uid, Document.patient == patient.id) if is_uid(uid) else None
    if found is None or found.is_retired:
        raise NotFound
    return found


def sent(file: StoredFile, is_download: bool) -> Response:
    """A content as the browser gets it: of the type it was found to be, never run, never kept."""
    answer = Response(file.open(), mimetype=file.media_type, direct_passthrough=True)
    kind = "inline" if file.media_type in SHOWN and not is_download else "attachment"
    answer.headers["Content-Disposition"] = f"{kind}; filename*=UTF-8''{quote(file.name)}"
    answer.headers["Content-Length"] = str(file.size)
    if file.media_type != PDF:
        answer.headers["Content-Security-Policy"] = SEALED
    return answer
