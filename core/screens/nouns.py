"""The core's own nouns, declared like any plugin's: people with an account, roles, grants, places."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.actors import Actor
from core.errors import Refused, Words
from core.places.models import Place
from core.places.permissions import MANAGE_PLACES
from core.places.services import PlaceDetails, add_place, edit_place, restore_place, retire_place
from core.places.tree import place_tree
from core.resources import Action, Acts, Choice, Email, Fact, Line, Link, Relation, Resource, Section, Sort
from core.roles.editing import create_role, edit_role, retire_role
from core.roles.grants import deny, grant_permission, grant_role, revoke_grant
from core.roles.hiring import open_account
from core.roles.models import ALLOW, DENY, Grant, Role
from core.roles.permissions import GRANT, MANAGE_ROLES, MANAGE_USERS
from core.roles.rights import rights_book
from core.screens.choices import KINDS_OF_ACCOUNT, KINDS_OF_PLACE, language_name
from core.texts import _, spoken_languages
from core.users.accounts import UserDetails, deactivate_user, edit_user, reactivate_user
from core.users.models import User
from core.users.permissions import VIEW_USERS
from core.web.shell import role_words

Values = Mapping[str, Any]
WITHOUT_PAGES = frozenset({"list", "bulk", "export", "import", "api", "pick"})


def languages() -> dict[str, str]:
    """The languages the house speaks, each in its own words."""
    return {code: language_name(code) for code in spoken_languages()}


# People with an account.


def roles_of(ids: Sequence[int]) -> dict[int, str]:
    """What roles these people hold anywhere, in words, by the id of the account."""
    book = rights_book()
    found: dict[int, dict[str, None]] = {}
    rows: Any = Grant.select(Grant.user, Grant.role).where(
        Grant.user.in_(list(ids)), Grant.retired_at.is_null(), Grant.effect == ALLOW, Grant.role.is_null(False)
    )
    for user_id, role_id in rows.order_by(Grant.id).tuples():
        role = book.roles.get(role_id)
        if role is not None:
            found.setdefault(user_id, {})[role_words(role.name)] = None
    return {user_id: ", ".join(names) for user_id, names in found.items()}


def details_of(values: Values, user: User | None = None) -> UserDetails:
    """What an account says of its owner, with what was given over it."""
    names = ("sign_in", "name", "email", "kind", "locale", "default_place")
    before = {name: getattr(user, name) for name in names} if user is not None else {}
    given = {name: values[name] for name in names if name in values}
    return UserDetails(**{**before, **given})


def open_one(values: Values, by: Actor, idempotency_key: str | None = None) -> User:
    """Open an account."""
    made: User = open_account(details_of(values), by=by, idempotency_key=idempotency_key)
    return made


def change_one(
    user: User, values: Values, by: Actor, version: int | None = None, idempotency_key: str | None = None
) -> User:
    """Change what an account says."""
    details = details_of(values, user)
    changed: User = edit_user(user, details, by=by, version=version, idempotency_key=idempotency_key)
    return changed


def close_one(user: User, _values: Values, by: Actor, idempotency_key: str | None = None) -> None:
    """Close an account."""
    deactivate_user(user, by=by, idempotency_key=idempotency_key)


def reopen_one(user: User, _values: Values, by: Actor, idempotency_key: str | None = None) -> None:
    """Open an account again."""
    reactivate_user(user, by=by, idempotency_key=idempotency_key)


PEOPLE = Resource(
    model=User,
    title=_("People"),
    one=_("Person"),
    path="people",
    icon="person-badge",
    facts=(
        Fact("name", _("Name"), required=True, help=_("As the person writes it.")),
        Fact("sign_in", _("Signs in as"), required=True),
        Fact("email", _("E-mail"), Email()),
        Fact("roles", _("Roles"), Line(), load=roles_of, is_asked=False),
        Fact("kind", _("Kind of account"), Choice(KINDS_OF_ACCOUNT), default="person"),
        Fact("is_active", _("Open account"), is_asked=False),
        Fact("locale", _("Language"), Choice(languages)),
        Fact("default_place", _("Usual place")),
    ),
    columns=("name", "sign_in", "roles", "kind", "is_active"),
    facets=("is_active", "kind", "default_place"),
    sorts=(Sort("sign_in", _("Sign-in name"), by="sign_in_key"),),
    searched=("name", "sign_in", "email"),
    acts=Acts(open_one, change_one, may_create=MANAGE_USERS, may_edit=MANAGE_USERS),
    actions=(
        Action(
            "close", _("Close the account"), close_one, MANAGE_USERS, "person-x", in_bulk=True, is_danger=True,
            fits=lambda user: "" if user.is_active else _("It is closed already."),
            consequence=_("All its sessions end at once. What its owner did stays under their name."),
        ),
        Action(
            "reopen", _("Open the account again"), reopen_one, MANAGE_USERS, "person-check", in_bulk=True,
            fits=lambda user: _("It is open.") if user.is_active else "",
        ),
    ),
    identified_by=("sign_in",),
    doors=WITHOUT_PAGES,
    links=(Link(_("Grants"), "core.grants", "key", VIEW_USERS),),
    about=_("Everybody with an account."),
)  # fmt: skip


# Roles.


def people_with(ids: Sequence[int]) -> dict[int, int]:
    """How many people have each of these roles."""
    counts: dict[int, set[int]] = {}
    having: Any = Grant.select(Grant.role, Grant.user).where(
        Grant.retired_at.is_null(), Grant.effect == ALLOW, Grant.role.in_(list(ids))
    )
    for role_id, user_id in having.tuples():
        counts.setdefault(role_id, set()).add(user_id)
    return {role_id: len(counts.get(role_id, ())) for role_id in ids}


def permissions_in(ids: Sequence[int]) -> dict[int, int]:
    """How many permissions each of these roles holds."""
    roles = rights_book().roles
    return {role_id: len(roles[role_id].permissions) if role_id in roles else 0 for role_id in ids}


def words_of_roles(ids: Sequence[int]) -> dict[int, str]:
    """What each of these roles is called in the reader's language."""
    rows: Any = Role.select(Role.id, Role.name, Role.label).where(Role.id.in_(list(ids))).tuples()
    return {role_id: role_words(name) or label for role_id, name, label in rows}


def make_role(values: Values, by: Actor, idempotency_key: str | None = None) -> Role:
    """Make a role of the site's own, holding nothing yet."""
    made: Role = create_role(values["name"], values["label"], (), by=by, idempotency_key=idempotency_key)
    return made


def change_role(
    role: Role, values: Values, by: Actor, version: int | None = None, idempotency_key: str | None = None
) -> Role:
    """Change what a role is called, and how strictly its people sign in."""
    changed: Role = edit_role(
        role, by=by, label=values.get("label"), needs_second_factor=values.get("needs_second_factor"),
        idle_minutes=(values["idle_minutes"] or 0) if "idle_minutes" in values else None,
        version=version, idempotency_key=idempotency_key,
    )  # fmt: skip
    return changed


ROLES = Resource(
    model=Role,
    title=_("Roles"),
    one=_("Role"),
    path="roles",
    icon="shield-lock",
    facts=(
        Fact("called", _("Role"), Line(), load=words_of_roles, is_asked=False),
        Fact("name", _("Short name"), required=True),
        Fact("label", _("What it is called"), required=True),
        Fact("needs_second_factor", _("Asks for a second factor")),
        Fact("idle_minutes", _("Minutes a session may rest")),
        Fact("is_shipped", _("Comes with Medley"), is_asked=False),
        Fact("permissions", _("Permissions"), load=permissions_in, is_asked=False),
        Fact("people", _("People"), load=people_with, is_asked=False),
    ),
    named_by="called",
    columns=("called", "needs_second_factor", "is_shipped", "permissions", "people"),
    sorts=(Sort("name", _("Short name")),),
    acts=Acts(
        make_role, change_role, retire_role, may_create=MANAGE_ROLES, may_edit=MANAGE_ROLES, may_retire=MANAGE_ROLES
    ),
    identified_by=("name",),
    doors=WITHOUT_PAGES,
    links=(Link(_("All side by side"), "core.roles_matrix", "grid", VIEW_USERS),),
)


# Grants.


def words_of_grants(ids: Sequence[int]) -> dict[int, str]:
    """What each of these grants gives or withholds."""
    book = rights_book()
    found = {}
    rows: Any = Grant.select(Grant.id, Grant.role, Grant.permission).where(Grant.id.in_(list(ids))).tuples()
    for grant_id, role_id, permission in rows:
        role, known = book.roles.get(role_id), book.permissions.get(permission or "")
        words = role_words(role.name) if role is not None else str(known.label) if known is not None else permission
        found[grant_id] = words or str(_("A role out of use"))
    return found


def give(values: Values, by: Actor, idempotency_key: str | None = None) -> Grant:
    """Give a role or one permission to somebody, or withhold it."""
    user, role, permission = values["user"], values.get("role"), values.get("permission") or ""
    span = {name: values[name] for name in ("place", "from_at", "until_at") if values.get(name) is not None}
    span |= {"reason": values.get("reason") or "", "by": by, "idempotency_key": idempotency_key}
    made: Grant
    if values.get("effect") == DENY:
        made = deny(user, permission=permission, role=role, **span)
    elif role is not None:
        made = grant_role(user, role, **span)
    else:
        made = grant_permission(user, permission, **span)
    return made


GRANTS = Resource(
    model=Grant,
    title=_("Grants"),
    one=_("Grant"),
    path="grants",
    icon="key",
    facts=(
        Fact("what", _("What"), Line(), load=words_of_grants, is_asked=False),
        Fact("user", _("Who"), Relation(User, "name", VIEW_USERS), required=True),
        Fact("role", _("Role"), Relation(Role, "label", VIEW_USERS)),
        Fact("permission", _("One permission")),
        Fact("effect", _("Effect"), Choice({ALLOW: _("Given"), DENY: _("Withheld")}), default=ALLOW),
        Fact("place", _("Where")),
        Fact("from_at", _("From")),
        Fact("until_at", _("Until")),
        Fact("reason", _("Reason"), span=12),
    ),
    named_by="what",
    columns=("what", "user", "effect", "place", "from_at", "until_at"),
    facets=("user", "role", "place"),
    sections=(Section(_("Grant"), ("what", "user", "role", "permission", "effect", "place"), "grant"),),
    acts=Acts(give, None, revoke_grant, may_create=GRANT, may_retire=GRANT),
    doors=frozenset({"list", "show", "retire", "bulk", "export", "api"}),
    about=_("What was given to and withheld from whom, where and until when."),
)


# Places.


def full_names(ids: Sequence[int]) -> dict[int, str]:
    """The names of places with those they lie in."""
    tree = place_tree()
    return {place_id: tree.name_of(place_id) for place_id in ids}


def place_details(values: Values, place: Place | None = None) -> PlaceDetails:
    """What is said about a place, with what was given over it."""
    names = ("name", "kind", "code", "zone")
    before = {name: getattr(place, name) or "" for name in names} if place is not None else {}
    return PlaceDetails(**{**before, **{name: values[name] or "" for name in names if name in values}})


def add_one(values: Values, by: Actor, idempotency_key: str | None = None) -> Place:
    """Add a place."""
    parent = values.get("parent")
    made: Place = add_place(place_details(values), by=by, parent=parent, idempotency_key=idempotency_key)
    return made


def change_place(
    place: Place, values: Values, by: Actor, version: int | None = None, idempotency_key: str | None = None
) -> Place:
    """Change a place's name, code or time zone; its kind and where it lies stay."""
    wrong: dict[str, Words] = {}
    if values.get("kind", place.kind) != place.kind:
        wrong["kind"] = _("The kind of a place stays.")
    if "parent" in values and values["parent"] != place.parent:
        wrong["parent"] = _("A place stays where it lies.")
    if wrong:
        raise Refused(fields=wrong)
    details = place_details(values, place)
    changed: Place = edit_place(place, details, by=by, version=version, idempotency_key=idempotency_key)
    return changed


PLACES = Resource(
    model=Place,
    title=_("Places"),
    one=_("Place"),
    path="places",
    icon="geo-alt",
    facts=(
        Fact("name", _("Name"), required=True),
        Fact("full_name", _("Full name"), Line(), load=full_names, is_asked=False),
        Fact("kind", _("Kind"), Choice(KINDS_OF_PLACE), default="location"),
        Fact("code", _("Code")),
        Fact("parent", _("Lies in"), Relation(Place)),
        Fact("zone", _("Time zone")),
    ),
    facets=("parent",),
    columns=("name", "full_name", "kind", "code"),
    sorts=(Sort("tree", _("As they lie in each other"), by="path"),),
    searched=("name", "code"),
    acts=Acts(
        add_one, change_place, retire_place, restore_place,
        may_create=MANAGE_PLACES, may_edit=MANAGE_PLACES, may_retire=MANAGE_PLACES,
    ),
    identified_by=("code",),
    doors=frozenset({"export", "import", "api", "pick"}),
)  # fmt: skip

RESOURCES = (PEOPLE, ROLES, GRANTS, PLACES)
