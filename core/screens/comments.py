"""Comments on any record, and its timeline as a page of its own."""

from typing import Any

from flask import current_app, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from core.errors import NotFound
from core.resources.comments import LONGEST, add_comment, comment_of, commented, edit_comment, retire_comment
from core.resources.nouns import resource_named
from core.resources.timeline import timeline_of
from core.screens.pages import blueprint, form_answer
from core.screens.questions import PlainForm
from core.storage import RecordRef
from core.storage.journal.reads import disclosed
from core.texts import _
from core.web import SIGNED_IN, MedleyForm, current_actor, form_page, render, toast, url_of
from core.web.history import noun_words


class CommentForm(MedleyForm):
    """What somebody has to say."""

    text = TextAreaField(_("Comment"), [InputRequired(), Length(max=LONGEST)])


def page_of(ref: RecordRef) -> str:
    """The page of a record; its timeline where it has none."""
    endpoint = resource_named(f"{ref.plugin}.{ref.noun}").endpoint("show")
    if endpoint in current_app.view_functions:
        return url_for(endpoint, uid=ref.uid)
    return url_of(ref) or url_for("core.timeline", plugin=ref.plugin, noun=ref.noun, uid=ref.uid)


@blueprint.get("/timeline/<plugin>/<noun>/<uid>", permission=SIGNED_IN, endpoint="timeline")
def timeline(plugin: str, noun: str, uid: str) -> str:
    """What happened round a record, from a place on."""
    by = current_actor()
    record = commented(f"{plugin}.{noun}", uid, by)
    disclosed("record", [], "timeline", record.subject_uid)
    found = timeline_of(resource_named(f"{plugin}.{noun}"), record, by, request.args.get("before"))
    facts = {"record_url": page_of(RecordRef(plugin, noun, uid)), "what": noun_words(plugin, noun)}
    return render("core/timeline.html", timeline=found, form=CommentForm(), **facts)


@blueprint.form("/comments/<plugin>/<noun>/<uid>", permission=SIGNED_IN, endpoint="comment_add")
def comment_add(plugin: str, noun: str, uid: str) -> Any:
    """Say something about a record."""
    by = current_actor()
    record = commented(f"{plugin}.{noun}", uid, by)
    disclosed("record", [], "comment", record.subject_uid)
    back = page_of(RecordRef(plugin, noun, uid))
    form = CommentForm()
    facts = edit_facts(_("Comment"), _("Add the comment"), back)
    if form.validated():
        with form_page(form, "core/edit.html", **facts):
            add_comment(f"{plugin}.{noun}", uid, form.text.data or "", by=by, idempotency_key=form.key)
        return toast(to_page(back), _("The comment is added."))
    return form_answer("core/edit.html", form, **facts)


@blueprint.form("/comments/<uid>/edit", permission=SIGNED_IN, endpoint="comment_edit")
def comment_edit(uid: str) -> Any:
    """Correct a comment of one's own."""
    by = current_actor()
    found = comment_of(uid, by)
    if found.created_by != by.uid or found.is_retired:
        raise NotFound
    back = page_of(found.about)
    form = CommentForm(obj=found)
    facts = edit_facts(_("Change a comment"), _("Save"), back)
    if form.validated():
        with form_page(form, "core/edit.html", **facts):
            edit_comment(found, form.text.data or "", by=by, version=form.seen_version, idempotency_key=form.key)
        return toast(to_page(back), _("Saved."))
    return form_answer("core/edit.html", form, **facts)


@blueprint.post("/comments/<uid>/retire", permission=SIGNED_IN, endpoint="comment_retire")
def comment_retire(uid: str) -> Response:
    """Take a comment of one's own back."""
    by = current_actor()
    found = comment_of(uid, by)
    retire_comment(found, by=by, idempotency_key=PlainForm().key)
    return toast(to_page(page_of(found.about)), _("The comment is taken back."))


def to_page(address: str) -> Response:
    """Send the reader on to a record; a reload there sends nothing twice."""
    return redirect(address, code=303)


def edit_facts(title: Any, save_label: Any, back: str) -> dict[str, Any]:
    """What the page of a comment shows besides it."""
    groups = [("", "", [("text", 12)])]
    return {"title": title, "save_label": save_label, "back_url": back, "crumbs": [], "groups": groups}
