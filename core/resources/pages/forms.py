"""The form of a noun: entering and changing, with its lines, and a draft that is not lost."""

from functools import partial
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from core.resources.catalogue import facts_here, sections_here
from core.resources.declaring import Resource
from core.resources.disclosing import people_of
from core.resources.drafts import draft_for, forget_draft, form_name
from core.resources.forms import ResourceForm, edit_form, new_form
from core.resources.writing import create_record, edit_record, restore_record, retire_record, values_of, visible_record
from core.storage.journal.reads import disclosed
from core.texts import _
from core.web import MedleyBlueprint, MedleyForm, current_actor, form_page, go, render, toast
from core.web.forms import OneLine

UNFIT = 422


class ReasonForm(MedleyForm):
    """Why a record is taken out of use."""

    reason = StringField(_("Reason"), [InputRequired(), Length(max=300), OneLine()])


def add(blueprint: MedleyBlueprint, resource: Resource) -> None:
    """The pages that write, for what the noun's acts can do."""
    path = f"/{resource.path}" if resource.path else ""
    acts = resource.acts
    if acts.create is not None and "new" in resource.doors:
        facts = {"permission": acts.permission_to("create"), "endpoint": resource.page("new")}
        blueprint.form(f"{path}/new", **facts)(partial(new, resource))
    if acts.edit is not None and "edit" in resource.doors:
        facts = {"permission": acts.permission_to("edit"), "endpoint": resource.page("edit")}
        blueprint.form(f"{path}/<uid>/edit", **facts)(partial(edit, resource))
    if acts.retire is not None and "retire" in resource.doors:
        facts = {"permission": acts.permission_to("retire"), "endpoint": resource.page("retire")}
        blueprint.form(f"{path}/<uid>/retire", **facts)(partial(retire, resource))
    if acts.restore is not None and "retire" in resource.doors:
        facts = {"permission": acts.permission_to("restore"), "endpoint": resource.page("restore")}
        blueprint.post(f"{path}/<uid>/restore", **facts)(partial(restore, resource))


def new(resource: Resource) -> Any:
    """Enter a record."""
    by = current_actor()
    draft = draft_for(form_name(resource), by)
    form = new_form(resource, by)
    facts = page_facts(resource, form, draft, None)
    if form.validated_with_lines():
        with form_page(form, "core/resource_form.html", **facts):
            record = create_record(resource, form.values(), by, form.key)
        forget_draft(form_name(resource), by)
        return toast(go(resource.endpoint("show"), uid=record.uid), _("Saved."))
    return answer(form, facts)


def edit(resource: Resource, uid: str) -> Any:
    """Change a record."""
    by = current_actor()
    record = visible_record(resource, uid, by)
    disclose(resource, record)
    draft = draft_for(form_name(resource, uid), by)
    form = edit_form(resource, record, by)
    facts = page_facts(resource, form, draft, record)
    if form.validated_with_lines():
        with form_page(form, "core/resource_form.html", **facts):
            edit_record(resource, record, form.values(), by, form.seen_version, form.key)
        forget_draft(form_name(resource, uid), by)
        return toast(go(resource.endpoint("show"), uid=uid), _("Saved."))
    return answer(form, facts)


def retire(resource: Resource, uid: str) -> Any:
    """Take a record out of use, after saying what follows."""
    by = current_actor()
    record = visible_record(resource, uid, by)
    form = ReasonForm(obj=record)
    name = name_of(resource, record)
    back = url_for(resource.endpoint("show"), uid=uid)
    facts = {
        "question": _("Take %(name)s out of use?", name=name), "verb": _("Take it out of use"), "is_danger": True,
        "keep_label": _("Keep it"), "keep_url": back, "text": "", "crumbs": crumbs(resource, record),
        "changes": [_("It leaves the lists, and nothing new can be written about it")],
        "stays": [_("Everything that was written stays readable"), _("It can be brought back")],
    }  # fmt: skip
    if form.validated():
        with form_page(form, "core/question.html", **facts):
            retire_record(resource, record, form.reason.data or "", by, form.seen_version)
        undo = url_for(resource.endpoint("restore"), uid=uid) if resource.acts.restore is not None else None
        return toast(go(resource.endpoint("list")), _("Taken out of use."), undo_url=undo)
    written = render("core/question.html", form=form, **facts)
    return (written, UNFIT) if request.method == "POST" else written


def restore(resource: Resource, uid: str) -> Response:
    """Bring a record back into use."""
    by = current_actor()
    restore_record(resource, visible_record(resource, uid, by), by)
    return toast(go(resource.endpoint("show"), uid=uid), _("Brought back into use."))


def page_facts(resource: Resource, form: ResourceForm, draft: Any, record: Any) -> dict[str, Any]:
    """What the page of a form shows besides it."""
    if record is not None:
        back, title = record_url(resource, record), _("Change %(name)s", name=name_of(resource, record))
    else:
        back, title = url_for(resource.endpoint("list")), _("New: %(noun)s", noun=resource.one)
    return {
        "resource": resource,
        "title": title,
        "facts": facts_here(resource),
        "sections": [one for one in sections_here(resource, in_form=True) if any(name in form for name in one.facts)],
        "crumbs": crumbs(resource, record),
        "back": back,
        "draft": draft,
        "in_draft": False,
        "draft_name": form_name(resource, record.uid if record is not None else ""),
    }


def answer(form: ResourceForm, facts: dict[str, Any]) -> Any:
    """The page of a form: with a draft in it, with one more line, or with what is wrong."""
    if request.method == "POST":
        wanted = request.form.get("add_line", "")
        if wanted:
            form.without_complaints()
            form.with_line(wanted)
            return render("core/resource_form.html", form=form, **facts)
        return render("core/resource_form.html", form=form, **facts), UNFIT
    in_draft = request.args.get("draft") == "1" and facts["draft"] is not None
    if in_draft:
        form.fill_from(facts["draft"].fields)
    return render("core/resource_form.html", form=form, **{**facts, "in_draft": in_draft})


def crumbs(resource: Resource, record: Any) -> list[tuple[Any, str]]:
    """The way back."""
    found = [(resource.title, url_for(resource.endpoint("list")))]
    if record is not None:
        found.append((name_of(resource, record), url_for(resource.endpoint("show"), uid=record.uid)))
    return found


def record_url(resource: Resource, record: Any) -> str:
    """The page of a record."""
    return url_for(resource.endpoint("show"), uid=record.uid)


def name_of(resource: Resource, record: Any) -> str:
    """What a record is called."""
    fact: Any = facts_here(resource)[resource.named_by]
    return str(fact.kind.words(values_of(resource, record, [resource.named_by])[resource.named_by])) or "–"


def disclose(resource: Resource, record: Any) -> None:
    """Remember whom a record shows."""
    for uid in people_of(resource.model, [record.id], [record.uid]):
        disclosed("record", [record.uid], resource.name, subject_uid=uid)
