"""The tree of places a hospital is made of."""

from core.storage import Model
from core.storage.fields import ForeignKeyField, TextField

KINDS = ("organisation", "facility", "department", "location")


class Place(Model):
    """An organisation, one of its facilities, a department there, or a location: a ward, a room, a store.

    `path` holds the uids from the root down to this place, so that a subtree is one range of an index.
    An empty `zone` means the zone of the place above, in the end the site's.
    """

    parent_id: int | None
    parent = ForeignKeyField("self", null=True, backref="children")
    kind = TextField(max_length=20)
    name = TextField(max_length=120)
    code = TextField(max_length=40, null=True, unique=True)
    zone = TextField(max_length=60, default="")
    path = TextField(max_length=400, index=True)

    class Meta:
        removal = "retire"
        view = "core.sign_in"
        label = "Place"
        unseen = ("path",)
