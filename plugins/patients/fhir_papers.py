"""The photo and the papers of a patient as FHIR R4 has them, Attachment and DocumentReference, and read back.

What comes in goes through the checks of what people bring: content and type must agree, and sizes are limited.
"""

import binascii
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from typing import Any

from core.actors import Actor
from core.contributions import Contribution
from core.errors import NotFound, Refused
from core.roles import get_visible, visible
from core.settings import settings_of
from core.storage import StoredFile, Upload, files_of, is_uid
from core.storage.files import ENDINGS, safe_name
from core.texts import _
from plugins.patients.fhir_words import PAPER, PAPER_KIND, dicts, own_system, partial_date, text
from plugins.patients.models import Document, Identifier, IdentifierType, Patient
from plugins.patients.permissions import IMPORT, VIEW
from plugins.patients.services.details import one_line
from plugins.patients.services.fit import survivor_of
from plugins.patients.services.papers import (
    KINDS,
    LARGEST_PHOTO,
    MOST_PAGES,
    DocumentDetails,
    add_document,
    photo_of,
    receive_page,
    receive_photo,
    set_photo,
)
from plugins.patients.services.prepared import rows_of

# So much content of one record travels in a bundle, which is put together in memory; what is beyond is named, not sent.
MOST_CONTENT = 64 * 1024 * 1024
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


@dataclass(slots=True)
class Room:
    """How much content still fits into what is being written."""

    left: int = field(default_factory=lambda: MOST_CONTENT)


def attachment_of(file: StoredFile, room: Room) -> dict[str, Any]:
    """An Attachment with its content; one that is lost or does not fit any more says so instead."""
    facts = {"contentType": file.media_type, "size": file.size, "title": file.name}
    if file.size > room.left:
        return {**facts, "_data": {"extension": [{"url": ABSENT, "valueCode": "unsupported"}]}}
    try:
        with file.open() as source:
            content = source.read()
    except NotFound:
        return {**facts, "_data": {"extension": [{"url": ABSENT, "valueCode": "error"}]}}
    room.left -= file.size
    return {**facts, "data": b64encode(content).decode()}


def content_of(attachment: dict[str, Any], largest: int) -> bytes:
    """The content of an Attachment; raises `Refused` for what is not there, not base64, or larger than may be kept."""
    written = attachment.get("data")
    if not isinstance(written, str) or not written:
        raise Refused(_("The file itself is not in there."))
    if len(written) * 3 // 4 > largest + 3:
        raise Refused(_("The file is larger than %(limit)s MB.", limit=largest // 1024**2))
    try:
        return b64decode("".join(written.split()), validate=True)
    except binascii.Error as unreadable:
        raise Refused(_("It is not written as FHIR R4 says.")) from unreadable


# The photo.


def photo_out(patient: Patient) -> list[dict[str, Any]]:
    """The portrait on the chart, if there is one."""
    try:
        return [attachment_of(photo_of(patient), Room())]
    except NotFound:
        return []


def bring_photo(patient: Patient, resource: dict[str, Any], by: Actor) -> list[str]:
    """Put the photo of a resource on the chart, unless it was there before; in words, why it can't be kept."""
    for attachment in dicts(resource, "photo")[:1]:
        try:
            photo = receive_photo(BytesIO(content_of(attachment, LARGEST_PHOTO)))
            if photo.sha256 not in portraits_of(patient):
                set_photo(Patient.get_by_id(patient.id), photo, by=by)
        except Refused as refusal:
            return [f"photo: {next(iter(refusal.fields.values()), refusal.message)}"]
    return []


def portraits_of(patient: Patient) -> set[str]:
    """The digests of every photo a patient ever had: one that was replaced or taken away does not come back."""
    photos = Document.select().where(Document.patient == patient.id, Document.kind == "photo")
    return {page.sha256 for photo in photos for page in files_of(photo)}


def was_kept(patient: Patient, kept: DocumentDetails, digests: list[str]) -> Document | None:
    """The paper or photo of a patient that is this very one, page by page; one that was taken away too."""
    same = (Document.patient == patient.id, Document.kind == kept.kind, Document.title == kept.title)
    for paper in Document.select().where(*same).order_by(Document.id):
        if paper.dated_on == kept.dated_on and [page.sha256 for page in files_of(paper)] == digests:
            found: Document = paper
            return found
    return None


# Papers.


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperWriting(Contribution):
    """Writes the papers of a patient, the oldest first."""

    key: str = "paper"
    order: int = 60
    resource_type: str = "DocumentReference"

    def subject_of(self, named: str, by: Actor) -> str:
        """Papers name nobody; the register does."""
        return ""

    def write(self, subject_uid: str, by: Actor) -> list[dict[str, Any]]:
        """One resource for each paper in use that this actor may see."""
        found = Patient.get_or_none(Patient.uid == subject_uid)
        if found is None:
            return []
        patient, room = get_visible(Patient, subject_uid, by, permission=VIEW), Room()
        in_use = (Document.patient == patient.id, Document.retired_at.is_null(), Document.kind != "photo")
        papers = Document.select().where(*in_use, visible(Document, by, VIEW)).order_by(Document.id)
        return [paper_out(paper, patient, room) for paper in papers]


def paper_out(paper: Document, patient: Patient, room: Room) -> dict[str, Any]:
    """A paper with its pages."""
    label = str(KINDS.get(paper.kind, paper.kind))
    dated = {"creation": paper.dated_on.isoformat()} if paper.dated_on else {}
    return {
        "resourceType": "DocumentReference",
        "id": paper.uid,
        "meta": {
            "versionId": str(paper.version), "lastUpdated": paper.updated_at.isoformat(), "profile": [PAPER],
        },
        "status": "current",
        "type": {"coding": [{"system": PAPER_KIND, "code": paper.kind, "display": label}], "text": label},
        "subject": {
            "reference": f"urn:uuid:{patient.uid}",
            "identifier": {"system": own_system(), "value": patient.number},
            "display": patient.name,
        },
        "date": paper.created_at.isoformat(),
        "description": paper.title,
        "content": [{"attachment": {**attachment_of(page, room), **dated}} for page in files_of(paper)],
    }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperMapping(Contribution):
    """Reads one paper as this house writes it; a paper that is here already is left alone, also one taken away."""

    key: str = "paper"
    resource_type: str = "DocumentReference"
    profile: str = PAPER

    def read(self, resource: dict[str, Any], known_uid: str, by: Actor) -> tuple[str, ...]:
        """Keep a paper with the patient its subject names; raises `Refused` for one nobody knows, and for bad pages."""
        by.require(IMPORT)
        patient = subject_in(resource)
        for uid in filter(is_uid, (known_uid, text(resource, "id"))):
            known = Document.get_or_none(Document.uid == uid)
            if known is not None and survivor_of(known.patient).id != patient.id:
                number = known.patient.number
                raise Refused(
                    _("This paper is with patient %(number)s here. Move it there, if it is wrong.", number=number)
                )
            if known is not None:
                return known.uid, "unchanged"
        attachments = [
            one["attachment"] for one in dicts(resource, "content") if isinstance(one.get("attachment"), dict)
        ]
        if len(attachments) > MOST_PAGES:
            raise Refused(_("At most %(n)s pages.", n=MOST_PAGES))
        pages = [page_in(one, number) for number, one in enumerate(attachments, start=1)]
        details = details_in(resource, attachments)
        kept = was_kept(patient, details, [page.sha256 for page in pages])
        if kept is not None:
            return kept.uid, "unchanged"
        made: Document = add_document(patient, details, pages, by=by)
        return made.uid, "created"


def subject_in(resource: dict[str, Any]) -> Patient:
    """The patient a paper is about: by the record number of this hospital, or one that came in with them."""
    subject = resource.get("subject")
    identifier = subject.get("identifier") if isinstance(subject, dict) else None
    system, number = text(identifier, "system"), text(identifier, "value")
    if system == own_system():
        found = Patient.get_or_none(Patient.number == number)
    else:
        held = (IdentifierType.system == system, Identifier.value == number, Identifier.retired_at.is_null())
        owners = rows_of(Identifier.select(Identifier.patient).join(IdentifierType).where(*held).limit(1))
        found = Patient.get_by_id(owners[0][0]) if system and number and owners else None
    if found is None:
        raise Refused(_("The patient this paper is about is not here."))
    return survivor_of(found)


def page_in(attachment: dict[str, Any], number: int) -> Upload:
    """One page, taken in as a person's upload is; its type is told by its content."""
    content = content_of(attachment, int(settings_of("patients").largest_document) * 1024 * 1024)
    stated = text(attachment, "contentType").partition(";")[0].strip().lower()
    ending = ENDINGS.get(stated, ("",))[0]
    name = safe_name(text(attachment, "title")) if text(attachment, "title") else f"{number}.{ending}".rstrip(".")
    page = receive_page(name, BytesIO(content))
    if stated and page.media_type != stated:
        raise Refused(_("The file is not what its name says."))
    return page


def details_in(resource: dict[str, Any], attachments: list[dict[str, Any]]) -> DocumentDetails:
    """Kind, title and day of a paper."""
    codings = dicts(resource.get("type"), "coding")
    kinds = [text(one, "code") for one in codings if text(one, "system") == PAPER_KIND and text(one, "code") in KINDS]
    kind = next((one for one in kinds if one != "photo"), "other")
    title = one_line(text(resource, "description"))[:200] or str(KINDS[kind])
    return DocumentDetails(kind, title, dated_in(attachments))


def dated_in(attachments: list[dict[str, Any]]) -> date | None:
    """The day that stands on a paper."""
    return partial_date(text(attachments[0], "creation")[:10])[0] if attachments else None
