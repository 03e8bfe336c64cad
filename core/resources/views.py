"""Views people saved of a list: their own, and those shared with everybody who may see the list."""

from collections.abc import Mapping
from typing import Any

from core.actors import Actor
from core.acts import act
from core.errors import Forbidden, NotFound, Refused
from core.resources.declaring import Resource
from core.resources.models import SavedView
from core.roles.permissions import SHARE_VIEWS
from core.storage import is_uid
from core.storage.prepared import prepared
from core.texts import _
from core.users.models import User

MOST = 40
LONGEST_TITLE = 80


@prepared
def stored_views(noun: str, owner_uid: str) -> Any:
    """The views of a list one person is offered."""
    mine = (User.uid == owner_uid) | (SavedView.is_shared == True)  # noqa: E712  a condition of the database
    return (
        SavedView.select(SavedView.uid, SavedView.title, SavedView.is_shared)
        .join(User)
        .where(SavedView.noun == noun, SavedView.retired_at.is_null(), mine)
        .order_by(SavedView.id)
        .limit(MOST)
        .objects(SavedView)
    )


def views_for(resource: Resource, by: Actor) -> list[SavedView]:
    """The views of a list this reader is offered."""
    return stored_views(resource.name, by.uid)


def view_of(resource: Resource, uid: str, by: Actor) -> SavedView | None:
    """A saved view by its uid, or None where it is not there or not for this reader."""
    if not is_uid(uid):
        return None
    found = SavedView.get_or_none(SavedView.uid == uid, SavedView.noun == resource.name, SavedView.retired_at.is_null())
    if found is None or not (found.is_shared or found.owner.uid == by.uid):
        return None
    view: SavedView = found
    return view


@act("core.save_view", permission="core.sign_in")
def save_view(noun: str, title: str, narrowing: Mapping[str, Any], is_shared: bool, by: Actor) -> SavedView:
    """Save a view of a list; sharing it with everybody is a right of its own."""
    title = " ".join(title.split())
    if not title or len(title) > LONGEST_TITLE:
        raise Refused(fields={"title": _("Give it a name of at most %(n)s letters.", n=LONGEST_TITLE)})
    if is_shared:
        by.require(SHARE_VIEWS)
    owner = User.get_or_none(User.uid == by.uid)
    if owner is None:
        raise Refused(_("Only people with an account keep views."))
    if SavedView.select().where(SavedView.owner == owner, SavedView.retired_at.is_null()).count() >= MOST:
        raise Refused(_("You keep %(n)s views. Take one away first.", n=MOST))
    made: SavedView = SavedView.create(
        noun=noun, owner=owner, title=title, narrowing=dict(narrowing), is_shared=is_shared
    )
    return made


@act("core.drop_view", permission="core.sign_in")
def drop_view(view: SavedView, by: Actor) -> None:
    """Take a saved view away: one's own, or a shared one by those who may share."""
    if view.owner.uid != by.uid and not view.is_shared:
        raise NotFound
    if view.owner.uid != by.uid and not by.may(SHARE_VIEWS):
        raise Forbidden(SHARE_VIEWS)
    view.retire(str(_("Taken away")))
