"""Answers for fields that hold another record: what fits the words typed, of what the reader may see."""

from typing import Any

from flask import jsonify, request
from werkzeug.wrappers import Response

from core.errors import NotFound
from core.resources import resource_named
from core.resources.picking import options_for
from core.screens.pages import blueprint
from core.web import SIGNED_IN, current_actor

MOST_LETTERS = 200


@blueprint.post("/pick", permission=SIGNED_IN)
def pick() -> Response:
    """Records to choose from; what is looked for never stands in an address."""
    by = current_actor()
    resource = resource_named(request.form.get("to", "")[:120])
    if not by.may(resource.may_view):
        raise NotFound
    found: list[dict[str, Any]] = options_for(resource, request.form.get("q", "")[:MOST_LETTERS].strip(), by)
    return jsonify(options=found)
