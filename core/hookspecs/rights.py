"""Called when it is decided who may do and see what."""

from typing import Any

from core.contributions import Permission
from core.hooks import announcement, contribution, question


@contribution(Permission)
def permissions() -> list[Permission]:  # type: ignore[empty-body]
    """The permissions a plugin's acts and pages ask for, with the roles that hold them by default.

    Called by `core.roles`, once for each revision of a site. May: without them nobody holds them.

        @hookimpl()
        def permissions():
            return [Permission(name="patients.view", label=_("See patients"), roles=("doctor", "nurse"))]
    """


@question(unchecked="refuse")
def visibility_narrowings(model: Any, by: Any) -> Any:
    """A Peewee condition that narrows which rows of `model` this actor sees, or None.

    Called by `core.roles.visible` for every list, search, export and single record. Conditions are joined by
    AND: plugins narrow, never widen. A plugin that can't answer hides the rows: the request is refused.

        @hookimpl()
        def visibility_narrowings(model, by):
            if model is Patient and not by.may("greeting.see_all"):
                return Patient.created_by == by.uid
    """


@announcement()
def break_glass_opened(subject_uid: str, reason: str, until: Any, by: Any) -> None:
    """Somebody opened a record in an emergency, past what narrows their sight.

    Called by `core.roles.break_glass` inside the act. May: whoever tells the privacy officer listens here.

        @hookimpl()
        def break_glass_opened(subject_uid, reason, until, by):
            enqueue(tell_privacy_officer, subject_uid, by=by)
    """
