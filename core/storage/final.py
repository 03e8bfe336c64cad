"""Records that are final: nothing of them changes any more, whoever tries."""

from collections.abc import Iterable, Mapping
from typing import Any

from core.errors import Refused
from core.texts import _


class Final(Refused):
    """Something that is final was to be changed."""

    def __init__(self) -> None:
        super().__init__(_("This is final and can't be changed. Enter a correction beside it."))


def refuse_final(model: Any, before: Mapping[str, Any], changed: Iterable[str]) -> None:
    """Raise `Final` when a stored row is final and more of it changes than may; no columns stand for its removal."""
    meta = model._meta
    if meta.final and before.get(meta.final) and not (changed and set(changed) <= set(meta.after_final)):
        raise Final
