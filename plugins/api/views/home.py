"""The page about the API: which nouns there are, how to ask for them, and what the problems mean."""

from typing import Any

from flask import request

from core.actors import Actor
from core.resources import Resource, actions_here
from core.settings import settings_of
from core.texts import _
from core.web import current_actor, render
from plugins.api.permissions import USE
from plugins.api.rest.nouns import address_of, open_nouns
from plugins.api.views.pages import blueprint

PROBLEMS = (
    ("not-signed-in", 401, _("No token that is in force was shown. Its detail says why not.")),
    ("forbidden", 403, _("The token, or its owner, lacks the permission that is named.")),
    ("stale", 412, _("The record is another by now. Both versions are in the answer: look, and send yours again.")),
    ("version-missing", 428, _("A change says which version it changes, with If-Match and the record's ETag.")),
    ("unfit", 422, _("Facts or parameters do not fit; each is named with where it stands.")),
    ("refused", 422, _("A rule of the hospital says no, and says why.")),
    ("key-reused", 422, _("An Idempotency-Key came again with another request.")),
    ("confirmation", 409, _("Somebody must look at this first; do it on a page.")),
    ("too-many", 429, _("The minute is used up. Retry-After says how many seconds are left.")),
)


@blueprint.get("/", permission=USE)
def index() -> str:
    """Where everything is."""
    by = current_actor()
    nouns = [line_of(one, by) for one in open_nouns(by)]
    return render(
        "api/index.html", nouns=nouns, problems=PROBLEMS, limit=settings_of("api").requests_a_minute,
        root=request.url_root.rstrip("/"), example=nouns[0]["address"] if nouns else "",
    )  # fmt: skip


def line_of(resource: Resource, by: Actor) -> dict[str, Any]:
    """One noun, and what may be done with it."""
    verbs = {"create": _("Enter"), "edit": _("Change"), "retire": _("Take out of use")}
    asked = {verb: resource.acts.permission_to(verb) for verb in verbs}
    found: list[Any] = [_("Read"), *(words for verb, words in verbs.items() if asked[verb] and by.may(asked[verb]))]
    found += [one.label for one in actions_here(resource) if by.may(one.asks_for)]
    return {"title": resource.title, "icon": resource.icon, "address": address_of(resource), "verbs": found}
