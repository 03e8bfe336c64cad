"""Ways a request can fail that only programs meet."""

from collections.abc import Mapping

from core.errors import MedleyError, Refused, Words
from core.texts import _


class Unfit(Refused):
    """What was sent does not fit; `pointers` maps JSON pointers into the body to what is wrong there."""

    def __init__(self, pointers: Mapping[str, Words] | None = None, message: Words = "") -> None:
        self.pointers = dict(pointers or {})
        super().__init__(message or _("Something in this request does not fit."))


class UnfitQuery(Refused):
    """The address asks for what is not there; `parameters` maps names of parameters to what is wrong with each."""

    def __init__(self, parameters: Mapping[str, Words]) -> None:
        self.parameters = dict(parameters)
        super().__init__(_("Something in this address does not fit."))


class NoJson(MedleyError):
    """The body is not JSON as RFC 8259 has it, or JSON nobody needs."""

    status = 400


class WrongMedia(MedleyError):
    """The body is of a sort nobody here reads."""

    status = 415

    def __init__(self) -> None:
        super().__init__(_("Send JSON, and say so: Content-Type: application/json."))


class NotGiven(MedleyError):
    """The program accepts no sort of answer that is given here."""

    status = 406

    def __init__(self) -> None:
        super().__init__(_("Answers are application/json, and application/problem+json where something is wrong."))


class WrongMethod(MedleyError):
    """This can't be done with that; `allowed` can."""

    status = 405

    def __init__(self, allowed: tuple[str, ...]) -> None:
        self.allowed = allowed
        super().__init__(_("This address takes %(methods)s.", methods=", ".join(allowed)))


class VersionMissing(MedleyError):
    """A change without the version it changes."""

    status = 428

    def __init__(self) -> None:
        super().__init__(_('Say which version you change: If-Match: "3", as the ETag of the record says.'))


class Stale(MedleyError):
    """The record is another by now than the version named."""

    status = 412

    def __init__(self) -> None:
        super().__init__(_("Somebody changed this record meanwhile."))


class BadKey(MedleyError):
    """The idempotency key can't be one."""

    status = 400

    def __init__(self) -> None:
        super().__init__(_("An Idempotency-Key has 1 to 200 letters, digits and signs."))


class TooMany(MedleyError):
    """More requests than the hospital allows; `retry_after` seconds from now the next is heard."""

    status = 429

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(_("Too many requests. Wait %(seconds)s seconds.", seconds=retry_after))
