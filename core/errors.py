"""The ways an act can fail. Doors (web, API, CLI, jobs) turn each into their own words."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from core.texts import Text, _

Words = str | Text


class MedleyError(Exception):
    """Something a person or a vendor can act on; `message` says what, in their language."""

    status = 500

    def __init__(self, message: Words = "") -> None:
        self.message: Words = message
        super().__init__(message)

    def __str__(self) -> str:
        return str(self.message)


class Misuse(MedleyError):
    """A programming mistake: the platform was called in a way it does not allow."""


class NotFound(MedleyError):
    """There is no such record, or the reader may not know of it: the two look alike."""

    status = 404

    def __init__(self, message: Words | None = None) -> None:
        super().__init__(message or _("There is no such page or record, or it is not open to you."))


class NotSignedIn(MedleyError):
    """A program showed no key that opens this door, or nobody is signed in; `why` says which, for programs."""

    status = 401

    def __init__(self, why: str = "none", message: Words | None = None) -> None:
        self.why = why
        super().__init__(message or _("Show a key that is in force, or sign in."))


class Forbidden(MedleyError):
    """The actor lacks a permission; it is named so that they know whom to ask for it."""

    status = 403

    def __init__(self, permission: str, message: Words | None = None) -> None:
        self.permission = permission
        super().__init__(message or _("This needs the permission %(name)s.", name=permission))


class Conflict(MedleyError):
    """Somebody else changed the record meanwhile; both versions are carried along.

    `mine` and `theirs` map field labels to the values this actor sent and the values now stored.
    """

    status = 409

    def __init__(
        self,
        mine: Mapping[str, Any] | None = None,
        theirs: Mapping[str, Any] | None = None,
        by: str = "",
        at: datetime | None = None,
    ) -> None:
        self.mine = dict(mine or {})
        self.theirs = dict(theirs or {})
        self.by = by
        self.at = at
        super().__init__(_("Somebody changed this record while you were working on it."))


class Refused(MedleyError):
    """A rule of the house says no; `fields` maps field names to what to do about each."""

    status = 422

    def __init__(self, message: Words = "", fields: Mapping[str, Words] | None = None) -> None:
        self.fields: dict[str, Words] = dict(fields or {})
        super().__init__(message or next(iter(self.fields.values()), _("This can't be done as it stands.")))


class KeyReused(Refused):
    """An idempotency key came back with other facts; `result_uid` is what the first one made."""

    def __init__(self, result_uid: str = "") -> None:
        self.result_uid = result_uid
        super().__init__(_("This form was already sent with other facts. Look at what was saved before you go on."))


class NotChecked(Refused):
    """Plugins that must be asked first could not answer; `reason` names them and the question, for the journal."""

    def __init__(self, question: str, names: Sequence[str]) -> None:
        self.reason = f"{question}: {', '.join(names)}"
        super().__init__(_("Not checked: %(names)s could not answer, so this waits.", names=", ".join(names)))


class NeedsConfirmation(MedleyError):
    """The act goes on when the person says so: the same call again with `confirm_as` set."""

    status = 409

    def __init__(
        self, question: Words, detail: Words = "", confirm_as: str = "confirmed", facts: Sequence[Any] = ()
    ) -> None:
        self.detail = detail
        self.confirm_as = confirm_as
        self.facts = tuple(facts)
        super().__init__(question)


class Busy(MedleyError):
    """Too many at the same door; trying again after `retry_after` seconds will do."""

    status = 503

    def __init__(self, retry_after: int = 5, message: Words | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message or _("The hospital's database is busy. Try again in a few seconds."))


class Unavailable(MedleyError):
    """Something this act needs is away: the database, a plugin waiting for its upgrade."""

    status = 503
    retry_after = 10

    def __init__(self, message: Words | None = None) -> None:
        super().__init__(message or _("The hospital's database can't be reached. Nothing was saved."))


class TooManyTries(MedleyError):
    """Guessing is slowed down; `retry_after` seconds from now the next try is heard."""

    status = 429

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(_("Too many tries. Wait %(seconds)s seconds, then try again.", seconds=retry_after))


class Doomed(MedleyError):
    """A database error inside this transaction was not handled, so nothing of it may be kept."""

    def __init__(self, cause: BaseException | None = None) -> None:
        self.cause = cause
        super().__init__(_("A database error was left unhandled, so nothing was saved."))


class PluginFailed(MedleyError):
    """A plugin whose part in this act is a duty failed, so nothing was saved."""

    status = 503
    retry_after = 30

    def __init__(self, plugin: str) -> None:
        self.plugin = plugin
        super().__init__(
            _(
                "Nothing was saved, because %(plugin)s failed. Tell your administrator; its page says why.",
                plugin=plugin,
            )
        )
