"""Which kinds of identifiers a hospital keeps."""

from typing import Any

from flask import url_for

from core.errors import NotFound
from core.screens.pages import done, form_answer
from core.screens.questions import Question, ReasonForm
from core.texts import _
from core.web import current_actor, form_page, render
from plugins.patients.forms import KindForm
from plugins.patients.models import IdentifierType
from plugins.patients.permissions import CONFIGURE
from plugins.patients.services.identifiers import (
    add_identifier_type,
    edit_identifier_type,
    identifier_types,
    retire_identifier_type,
)
from plugins.patients.views.pages import blueprint

NEW = (("label", 8), ("short", 4), ("shape", 4), ("check_digit", 4), ("system", 8), ("is_unique", 12), ("is_asked", 12))
OLD = tuple(pair for pair in NEW if pair[0] not in ("short", "is_unique"))


@blueprint.get("/kinds", permission=CONFIGURE)
def kinds() -> str:
    """The kinds in use."""
    return render("patients/kinds.html", kinds=identifier_types())


@blueprint.form("/kinds/new", permission=CONFIGURE)
def add_kind() -> Any:
    """Keep one more kind."""
    form = KindForm()
    facts = page_facts(_("New kind of number"), NEW)
    if form.validated():
        with form_page(form, "core/edit.html", **facts):
            add_identifier_type(form.details(), by=current_actor(), idempotency_key=form.key)
        return done(_("Saved."), "patients.kinds")
    return form_answer("core/edit.html", form, **facts)


@blueprint.form("/kinds/<key>", permission=CONFIGURE)
def edit_kind(key: str) -> Any:
    """Change a kind."""
    kind = kind_of(key)
    form = KindForm(obj=kind)
    facts = page_facts(kind.label, OLD)
    del form.short, form.is_unique  # these stay as they are
    if form.validated():
        with form_page(form, "core/edit.html", **facts):
            edit_identifier_type(kind, form.details(kind), by=current_actor(), version=form.seen_version)
        return done(_("Saved."), "patients.kinds")
    return form_answer("core/edit.html", form, **facts)


@blueprint.form("/kinds/<key>/retire", permission=CONFIGURE)
def retire_kind(key: str) -> Any:
    """Offer a kind no longer."""
    kind = kind_of(key)
    form = ReasonForm(obj=kind)
    question = Question(
        _("Keep no more numbers of the kind “%(kind)s”?", kind=kind.label), _("Keep no more"),
        (_("Go on keeping them"), url_for("patients.kinds")),
        changes=[_("It is not offered any more")], stays=[_("Numbers that people have stay on their charts")],
    )  # fmt: skip
    if form.validated():
        with form_page(form, "core/question.html", **question.facts):
            retire_identifier_type(kind, form.reason.data, by=current_actor())
        return done(_("Saved."), "patients.kinds")
    return question.page(form)


def kind_of(key: str) -> IdentifierType:
    """A kind in use by its key."""
    found = IdentifierType.get_or_none(IdentifierType.key == key) if len(key) <= 40 and "\x00" not in key else None
    if found is None or found.is_retired:
        raise NotFound
    return found


def page_facts(title: Any, spans: tuple[tuple[str, int], ...]) -> dict[str, Any]:
    """What the page of a kind shows besides its form."""
    return {
        "title": title, "groups": [(_("Kind"), "", spans)], "save_label": _("Save"),
        "back_url": url_for("patients.kinds"), "crumbs": [(_("Kinds of numbers"), url_for("patients.kinds"))],
    }  # fmt: skip
