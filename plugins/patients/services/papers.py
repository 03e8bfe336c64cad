"""Papers of a patient: scans and letters with their pages, and the photo on the chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import IO, Any

from PIL import Image, ImageOps

from core.actors import Actor
from core.acts import act
from core.errors import NotFound, Refused
from core.settings import settings_of
from core.storage import StoredFile, Upload, attach, files_of, receive
from core.storage.prepared import prepared
from core.texts import Text, _
from plugins.patients.models import Document, Patient
from plugins.patients.permissions import EDIT
from plugins.patients.services.details import one_line
from plugins.patients.services.fit import refuse_unfit

KINDS: dict[str, Text] = {
    "identity": _("Identity paper"), "insurance": _("Insurance"), "referral": _("Referral"), "consent": _("Consent"),
    "letter": _("Letter"), "result": _("Result"), "discharge": _("Discharge letter"), "legal": _("Legal paper"),
    "other": _("Other"), "photo": _("Photo"),
}  # fmt: skip
PICTURES = frozenset(("image/png", "image/jpeg", "image/webp"))
TAKEN = PICTURES | {"application/pdf", "text/plain"}
# What a browser shows by itself without running anything in it.
SHOWN = PICTURES | {"application/pdf"}
MOST_PAGES = 40
PHOTO_EDGE = 480
LARGEST_PHOTO = 10 * 1024 * 1024
MOST_PIXELS = 60_000_000
# What the format itself says of a JPEG; everything else was written by somebody.
PLAIN_JPEG = frozenset(("jfif", "jfif_version", "jfif_unit", "jfif_density"))


@dataclass(frozen=True, slots=True)
class DocumentDetails:
    """What a paper is."""

    kind: str
    title: str = ""
    dated_on: date | None = None


@act("patients.add_document", permission=EDIT)
def add_document(patient: Patient, details: DocumentDetails, pages: Sequence[Upload], by: Actor) -> Document:
    """Keep a paper with a patient: one file, or the scanned pages in their order."""
    refuse_unfit(patient)
    if details.kind not in KINDS:
        raise Refused(fields={"kind": _("Choose one of the list.")})
    if not pages:
        raise Refused(fields={"file": _("Choose a file, or take a picture of the paper.")})
    title = one_line(details.title)[:200] or str(KINDS[details.kind])
    document: Document = Document.create(patient=patient, kind=details.kind, title=title, dated_on=details.dated_on)
    for page in pages:
        attach(document, page)
    return document


@act("patients.retire_document", permission=EDIT)
def retire_document(document: Document, reason: str, by: Actor, version: int | None = None) -> None:
    """Take a paper away; it can be read no more on the chart, and is kept with the reason."""
    if not reason.strip():
        raise Refused(fields={"reason": _("Say why it is taken away.")})
    if version is not None:
        document.version = version
    document.retire(reason.strip())


def receive_page(name: str, stream: Any) -> Upload:
    """Take in one file of a paper; what it is, is told by its content. Raises `Refused` for what can't be kept."""
    return receive(name, stream, TAKEN, int(settings_of("patients").largest_document) * 1024 * 1024)


@act("patients.set_photo", permission=EDIT)
def set_photo(patient: Patient, photo: Upload, by: Actor) -> Patient:
    """Put a photo on the chart; the one before stays among the papers."""
    document = add_document(patient, DocumentDetails("photo"), [photo], by=by)
    patient = Patient.get_by_id(patient.id)
    patient.photo_uid = document.uid
    patient.save()
    return patient


def receive_photo(stream: IO[bytes]) -> Upload:
    """Take in a portrait: turned upright, made small, and without what the camera wrote into it, such as the place."""
    content = stream.read(LARGEST_PHOTO + 1)
    if len(content) > LARGEST_PHOTO:
        raise Refused(fields={"file": _("The file is too large.")})
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Refused(fields={"file": _("The picture is too large.")})
            if is_portrait(picture, content):
                picture.load()
                return receive("photo.jpg", BytesIO(content), frozenset(("image/jpeg",)))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as unreadable:
        raise Refused(fields={"file": _("This is not a picture (JPEG, PNG or WebP).")}) from unreadable
    small = ImageOps.fit(upright, (min(PHOTO_EDGE, upright.width), min(PHOTO_EDGE, upright.height)))
    written = BytesIO()
    small.save(written, "JPEG", quality=85)
    written.seek(0)
    return receive("photo.jpg", written, frozenset(("image/jpeg",)))


def is_portrait(picture: Image.Image, content: bytes) -> bool:
    """Whether a picture is as this house keeps portraits: small, and with nothing in it but the picture."""
    has_only_pixels = set(picture.info) <= PLAIN_JPEG and content.endswith(b"\xff\xd9")
    return (
        picture.format == "JPEG" and picture.mode == "RGB" and max(picture.size) <= PHOTO_EDGE and has_only_pixels
        and not {name for name, _said in getattr(picture, "applist", ())} - {"APP0"}
    )  # fmt: skip


def documents_of(patient: Patient) -> list[Document]:
    """A patient's papers in use, the latest first."""
    return papers_in_use(patient.id)


@prepared
def papers_in_use(patient):
    """The query for a patient's papers."""
    in_use = (Document.patient == patient, Document.retired_at.is_null(), Document.kind != "photo")
    return Document.select().where(*in_use).order_by(Document.id.desc())


def page_of(document: Document, number: int) -> StoredFile:
    """One page of a paper, counted from 1."""
    pages = files_of(document)
    if not 1 <= number <= len(pages):
        raise NotFound
    return pages[number - 1]


def photo_of(patient: Patient) -> StoredFile:
    """The portrait on the chart."""
    document = Document.get_or_none(Document.uid == patient.photo_uid) if patient.photo_uid else None
    if document is None or document.is_retired or document.patient_id != patient.id:
        raise NotFound
    return page_of(document, 1)
