"""The ways registering a patient can stop."""

from collections.abc import Sequence
from typing import Any

from core.errors import NeedsConfirmation, Refused
from core.texts import _


class PossibleDuplicate(NeedsConfirmation):
    """Somebody very like this person is in the register; `duplicates` say who, how alike and in what."""

    def __init__(self, duplicates: Sequence[Any]) -> None:
        self.duplicates = tuple(duplicates)
        super().__init__(
            _("Is this a new person?"),
            _("Somebody very like this one is already registered. Open their record if it is the same person."),
            confirm_as="is_new",
            facts=self.duplicates,
        )


class IdentifierTaken(Refused):
    """Another patient has this number already. Who it is, is not said to those who may not see them."""

    def __init__(self, field: str = "identifier") -> None:
        super().__init__(fields={field: _("Another patient is registered with this number.")})
