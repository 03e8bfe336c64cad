"""Where forms keep what was written so far, by themselves; and where a draft is forgotten."""

from flask import jsonify, request
from werkzeug.wrappers import Response

from core.resources.drafts import forget_draft, keep_draft
from core.screens.pages import blueprint
from core.web import SIGNED_IN, current_actor
from core.web.filters import time_of_day

FORM_FIELD = "m_draft"


@blueprint.post("/drafts", permission=SIGNED_IN, slides=False, endpoint="draft_keep")
def draft_keep() -> Response:
    """Keep a form as it stands; the name of the form comes beside its fields."""
    fields = [(name, value) for name, values in request.form.lists() if name != FORM_FIELD for value in values]
    saved_at = keep_draft(request.form.get(FORM_FIELD, ""), fields, current_actor())
    return jsonify(saved=time_of_day(saved_at))


@blueprint.post("/drafts/forget", permission=SIGNED_IN, endpoint="draft_forget")
def draft_forget() -> Response:
    """Forget a draft."""
    forget_draft(request.form.get(FORM_FIELD, ""), current_actor())
    return jsonify(saved="")
