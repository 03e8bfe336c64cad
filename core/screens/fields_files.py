"""The fields and the arrangement of a noun as a file: taken out here, brought in at another hospital."""

from typing import Any

from flask import Response, request, url_for
from wtforms import FileField
from wtforms.validators import ValidationError

from core.resources import resource_named
from core.resources.custom.copying import LARGEST, bring_in, read, written
from core.roles.permissions import MANAGE_FIELDS
from core.screens.pages import blueprint, done, form_answer
from core.texts import _
from core.web import MedleyForm, current_actor, form_page


class FieldsFileForm(MedleyForm):
    """The file."""

    file = FileField(_("File"), description=_("A file of fields that another hospital took out, .json."))

    def validate_file(self, field: Any) -> None:
        """Something was sent."""
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            raise ValidationError(str(_("Choose a file.")))


@blueprint.get("/fields/<noun>/file", permission=MANAGE_FIELDS, endpoint="fields_file")
def fields_file(noun: str) -> Response:
    """The fields and the arrangement, to be kept or brought in elsewhere."""
    resource = resource_named(noun)
    answer = Response(written(noun), mimetype="application/json")
    name = f"{resource.name.replace('.', '-')}-fields.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@blueprint.form("/fields/<noun>/bring-in", permission=MANAGE_FIELDS, endpoint="fields_bring_in")
def fields_bring_in(noun: str) -> Any:
    """Take over what another hospital decided."""
    resource = resource_named(noun)
    form = FieldsFileForm()
    facts = {
        "title": _("Bring fields in: %(noun)s", noun=resource.title), "save_label": _("Bring them in"),
        "back_url": url_for("core.fields_noun", noun=noun),
        "crumbs": [(_("Fields and forms"), url_for("core.fields")),
                   (resource.title, url_for("core.fields_noun", noun=noun))],
        "groups": [("", _("Fields of the same short name are changed, others are added, and none is taken away."),
                    [("file", 12)])],
    }  # fmt: skip
    if form.validated():
        with form_page(form, "core/fields_bring_in.html", **facts):
            content = request.files["file"].stream.read(LARGEST + 1)
            count = bring_in(noun, read(content), by=current_actor(), idempotency_key=form.key)
            return done(_("%(n)s fields are brought in.", n=count), "core.fields_noun", noun=noun)
    return form_answer("core/fields_bring_in.html", form, **facts)
