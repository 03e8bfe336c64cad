"""Numbers that others gave to a person, and the kinds of them a hospital keeps."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import peewee

from core import checkdigits
from core.actors import Actor
from core.acts import act
from core.errors import Conflict, Refused
from core.texts import Text, _
from plugins.patients.errors import IdentifierTaken
from plugins.patients.models import Identifier, IdentifierType, Patient
from plugins.patients.permissions import CONFIGURE, EDIT
from plugins.patients.services.details import IdentifierDetails, one_line
from plugins.patients.services.fit import refuse_unfit
from plugins.patients.tokens import plain_number

ANY = {"#": str.isdigit, "@": str.isalpha, "*": str.isalnum}


@dataclass(frozen=True, slots=True)
class TypeDetails:
    """A kind of identifier: how it looks, whether a check digit guards it, whether one person alone has it."""

    key: str
    label: str
    system: str = ""
    code: str = ""
    check_digit: str = ""
    shape: str = ""
    is_unique: bool = True
    is_asked: bool = False


@act("patients.add_identifier_type", permission=CONFIGURE)
def add_identifier_type(details: TypeDetails, by: Actor) -> IdentifierType:
    """Keep one more kind of identifier. Raises `Refused` for a key or system that is there already."""
    details = checked_type(details)
    return IdentifierType.create(
        key=details.key, label=details.label, system=details.system or None, code=details.code,
        check_digit=details.check_digit, shape=details.shape, is_unique=details.is_unique, is_asked=details.is_asked,
    )  # fmt: skip


@act("patients.edit_identifier_type", permission=CONFIGURE)
def edit_identifier_type(
    kind: IdentifierType, details: TypeDetails, by: Actor, version: int | None = None
) -> IdentifierType:
    """Change a kind of identifier; numbers stored already stay as they are. Its key stays too."""
    details = checked_type(details, kind)
    if version is not None:
        kind.version = version
    for name in ("label", "code", "check_digit", "shape", "is_asked"):
        setattr(kind, name, getattr(details, name))
    kind.system = details.system or None
    kind.save()
    return kind


@act("patients.retire_identifier_type", permission=CONFIGURE)
def retire_identifier_type(kind: IdentifierType, reason: str, by: Actor) -> None:
    """Offer this kind no longer; the numbers people have stay."""
    if not reason.strip():
        raise Refused(fields={"reason": _("Say why it is no longer used.")})
    kind.retire(reason.strip())


def identifier_types(is_asked: bool | None = None) -> list[IdentifierType]:
    """The kinds in use, by label; only those asked for when somebody registers, if wished."""
    query = IdentifierType.select().where(IdentifierType.retired_at.is_null()).order_by(IdentifierType.label)
    return list(query if is_asked is None else query.where(IdentifierType.is_asked == is_asked))


def checked_type(details: TypeDetails, kind: IdentifierType | None = None) -> TypeDetails:
    """The details of a kind; raises `Refused` naming what does not hold."""
    wrong: dict[str, Text] = {}
    if not details.key.replace("-", "").replace("_", "").isalnum() or not details.key.isascii():
        wrong["key"] = _("Use small letters, digits and hyphens.")
    if not details.label.strip():
        wrong["label"] = _("Say what people call it.")
    if details.check_digit and details.check_digit not in checkdigits.ALGORITHMS:
        wrong["check_digit"] = _("Choose one of the list.")
    if len(details.shape) > 60:
        wrong["shape"] = _("This is too long.")
    same = IdentifierType.key == details.key
    if details.system:
        same |= IdentifierType.system == details.system
    others = IdentifierType.id != (kind.id if kind else 0)
    if not wrong and IdentifierType.select(IdentifierType.id).where(same, others).exists():
        wrong["key"] = _("There is a kind with this key or system already.")
    if wrong:
        raise Refused(fields=wrong)
    return details


@act("patients.add_identifier", permission=EDIT)
def add_identifier(patient: Patient, details: IdentifierDetails, by: Actor) -> Identifier:
    """Give a patient one more number. Raises `IdentifierTaken` when it is somebody else's."""
    refuse_unfit(patient)
    return store_identifiers(patient, (details,))[0]


@act("patients.edit_identifier", permission=EDIT)
def edit_identifier(
    identifier: Identifier, value: str, by: Actor, version: int | None = None, until_on: date | None = None
) -> Identifier:
    """Correct a number, or say until when it holds."""
    if version is not None:
        identifier.version = version
    details = checked_identifier(IdentifierDetails(identifier.type, value))
    identifier.value = details.value
    identifier.plain = plain_number(details.value)
    identifier.claim = claim_of(details)
    identifier.until_on = until_on
    with refusing_taken():
        identifier.save()
    return identifier


@act("patients.retire_identifier", permission=EDIT)
def retire_identifier(identifier: Identifier, reason: str, by: Actor, version: int | None = None) -> None:
    """Take a number away that was never this person's, or is void; it is free for its owner then."""
    if not reason.strip():
        raise Refused(fields={"reason": _("Say why the number is taken away.")})
    if version is not None and identifier.version != version:
        raise Conflict(by=identifier.updated_by, at=identifier.updated_at)
    identifier.claim = None
    identifier.save()
    identifier.retire(reason.strip())


def checked_identifier(details: IdentifierDetails, field: str = "identifier") -> IdentifierDetails:
    """The number as it is stored; raises `Refused` when its shape or check digit does not fit its kind."""
    value = one_line(details.value)
    plain = plain_number(value)
    if not plain or len(value) > 120:
        raise Refused(fields={field: _("Write the number.")})
    kind = details.type
    if kind.is_retired:
        raise Refused(fields={field: _("%(kind)s is no longer kept here.", kind=kind.label)})
    if kind.shape and not fits_shape(plain, kind.shape):
        raise Refused(fields={field: _("%(kind)s looks like %(shape)s.", kind=kind.label, shape=kind.shape)})
    if kind.check_digit and not checkdigits.validate(kind.check_digit, value):
        raise Refused(fields={field: _("The last digit does not fit. Compare it with the card.")})
    return IdentifierDetails(kind, value, details.use, details.from_on, details.until_on)


def fits_shape(plain: str, shape: str) -> bool:
    """Whether a number has the letters and digits of a mask, whatever stands between them."""
    mask = [sign for sign in shape if sign in ANY or sign.isalnum()]
    return len(mask) == len(plain) and all(
        ANY[sign](letter) if sign in ANY else sign.upper() == letter for sign, letter in zip(mask, plain, strict=True)
    )


def claim_of(details: IdentifierDetails) -> str | None:
    """What makes a number one person's alone, where its kind says so."""
    return f"{details.type.id}:{plain_number(details.value)}" if details.type.is_unique else None


def store_identifiers(
    patient: Patient, identifiers: tuple[IdentifierDetails, ...], field: str = "identifier"
) -> list[Identifier]:
    """Store a patient's numbers; of several people who claim the same at once, the first keeps it."""
    held = [checked_identifier(details, field) for details in identifiers]
    stored: list[Identifier] = []
    with refusing_taken(field):
        for details in held:
            stored.append(
                Identifier.create(
                    patient=patient, type=details.type, value=details.value, plain=plain_number(details.value),
                    claim=claim_of(details), use=details.use, from_on=details.from_on, until_on=details.until_on,
                )
            )  # fmt: skip
    return stored


@contextmanager
def refusing_taken(field: str = "identifier") -> Iterator[None]:
    """Turn the clash of two claims into `IdentifierTaken`, which ends the act: nothing of it is kept."""
    try:
        yield
    except peewee.IntegrityError as clash:
        raise IdentifierTaken(field) from clash
