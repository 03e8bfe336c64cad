"""Fields of the hospital's own: which nouns have some, what each asks, and how forms and records are arranged."""

import secrets
from collections.abc import Set
from typing import Any

from flask import request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms import SelectMultipleField

from core.errors import NotFound
from core.jobs import Job, JobLine
from core.jobs.overseeing import line_of
from core.resources import resource_named, resources_here
from core.resources.custom.arranging import all_sections, arrange, arrangement_of
from core.resources.custom.defining import add_field, edit_field, fields_of, restore_field, retire_field
from core.resources.custom.here import arranged, here, may_be_hidden, may_be_needed, ready_fields, site_fields
from core.resources.custom.kinds import KINDS
from core.resources.custom.models import Arrangement, CustomField
from core.resources.custom.wording import SiteText
from core.resources.declaring import Resource, Section
from core.resources.forms import made
from core.roles import get_visible
from core.roles.permissions import MANAGE_FIELDS
from core.screens.fields_forms import KIND_WORDS, data_of, form_for, groups_of, read_languages, write_languages
from core.screens.pages import blueprint, done, form_answer
from core.screens.questions import PlainForm, Question, ReasonForm
from core.texts import _
from core.web import MedleyForm, current_actor, form_page, history, render

RUNNING = ("waiting", "running")
NEW_SECTION = "own-"


class Several(SelectMultipleField):
    """Any number of short texts; what they stand for is checked by the act."""

    def __init__(self, label: Any = None, **options: Any) -> None:
        super().__init__(label, choices=[], validate_choice=False, **options)


class ArrangeForm(MedleyForm):
    """Sections and facts in their order: `s:key` begins a section, `f:name` is a fact in it."""

    beside = MedleyForm.beside | {"move"}
    place = Several()
    section_title = Several()
    section_words = Several()
    asked = Several()
    needed = Several()


def noun_of(name: str) -> Resource:
    """A noun an administrator may add to: one that is written through acts of its own."""
    return resource_named(name)


def field_of(noun: str, uid: str) -> CustomField:
    """A field of a noun."""
    found = get_visible(CustomField, uid, current_actor(), permission=MANAGE_FIELDS)
    if found.noun != noun:
        raise NotFound
    return found


def crumbs(resource: Resource | None = None) -> list[tuple[Any, str]]:
    """The way back."""
    found: list[tuple[Any, str]] = [(_("Fields and forms"), url_for("core.fields"))]
    return [*found, (resource.title, url_for("core.fields_noun", noun=resource.name))] if resource else found


@blueprint.get("/fields", permission=MANAGE_FIELDS)
def fields() -> str:
    """The nouns of the site, with how many fields it has added to each."""
    added = site_fields()
    nouns = [
        {"name": name, "title": one.title, "icon": one.icon, "about": one.about, "count": len(added.get(name, ()))}
        for name, one in resources_here().items()
        if one.acts.create is not None or one.acts.edit is not None
    ]
    return render("core/fields.html", nouns=sorted(nouns, key=lambda one: str(one["title"]).casefold()))


@blueprint.form("/fields/<noun>", permission=MANAGE_FIELDS, endpoint="fields_noun")
def fields_noun(noun: str) -> Any:
    """The arrangement of a noun, and its fields."""
    resource = noun_of(noun)
    form = ArrangeForm(data={"version": str(getattr(arrangement_of(noun), "version", ""))})
    moved = request.form.get("move", "") if request.method == "POST" else ""
    if moved:
        return render("core/fields_noun.html", form=form, **noun_facts(resource, moved_by(resource, form, moved), form))
    facts = noun_facts(resource, posted(form) if request.method == "POST" else None, form)
    if form.validated():
        sections, hidden, needed = facts["posted"]
        with form_page(form, "core/fields_noun.html", **facts):
            arrange(
                noun,
                [with_languages(one) for one in sections],
                hidden,
                needed,
                by=current_actor(),
                version=form.seen_version,
                idempotency_key=form.key,
            )
            return done(_("Saved. Forms and records look so from the next click."), "core.fields_noun", noun=noun)
    return form_answer("core/fields_noun.html", form, **facts)


@blueprint.post("/fields/<noun>/preview", permission=MANAGE_FIELDS, endpoint="fields_preview")
def fields_preview(noun: str) -> str:
    """The form as people would get it, nothing stored."""
    resource = noun_of(noun)
    sections, hidden, needed = answers_of(resource, posted(ArrangeForm()))
    draft = Arrangement(noun=noun, sections=sections, hidden=hidden, needed=needed)
    found = arranged(resource, site_fields().get(noun, ()), draft, ready_fields())
    shown = {name: fact for name, fact in found.facts.items() if name not in found.hidden and fact.is_asked}
    no_lines: dict[str, Any] = {lines.name: {} for lines in resource.lines}
    form = made(resource, {name: fact for name, fact in shown.items() if fact.load is None}, no_lines)(MultiDict())
    return render(
        "core/fields_preview.html", resource=resource, form=form, sections=found.form_sections, facts=found.facts,
        crumbs=crumbs(resource),
    )  # fmt: skip


@blueprint.form("/fields/<noun>/new", permission=MANAGE_FIELDS, endpoint="fields_new")
def fields_new(noun: str) -> Any:
    """Add a field: its kind first, then what that kind asks."""
    resource = noun_of(noun)
    kind = request.args.get("kind", "")
    if kind not in KINDS:
        kinds = [
            {"title": KINDS[one], "icon": KIND_WORDS[one][0], "about": KIND_WORDS[one][1],
             "url": url_for("core.fields_new", noun=noun, kind=one)}
            for one in KINDS
        ]  # fmt: skip
        return render("core/fields_kinds.html", kinds=kinds, crumbs=crumbs(resource), resource=resource)
    form = form_for(kind)()
    facts = {
        "title": _("New field: %(kind)s", kind=KINDS[kind]), "save_label": _("Add the field"),
        "back_url": url_for("core.fields_noun", noun=noun), "crumbs": crumbs(resource), "groups": groups_of(form),
    }  # fmt: skip
    if form.validated():
        with form_page(form, "core/edit.html", **facts):
            add_field(noun, form["name"].data, form.details(kind), by=current_actor(), idempotency_key=form.key)
            return done(_("The field is added. Put it where it belongs."), "core.fields_noun", noun=noun)
    return form_answer("core/edit.html", form, **facts)


@blueprint.form("/fields/<noun>/<uid>", permission=MANAGE_FIELDS, endpoint="fields_show")
def fields_show(noun: str, uid: str) -> Any:
    """Change a field, with its history."""
    resource, field = noun_of(noun), field_of(noun, uid)
    form = form_for(field.kind, field)(obj=field, data=data_of(field))
    facts = {
        "one": field, "resource": resource, "crumbs": crumbs(resource), "groups": groups_of(form),
        "past": history(field), "job": job_of(field), "is_ready": field.id in ready_fields(),
    }  # fmt: skip
    if form.validated():
        with form_page(form, "core/fields_show.html", **facts):
            details = form.details(form["kind"].data)
            edit_field(field, details, by=current_actor(), version=form.seen_version, idempotency_key=form.key)
            return done(_("Saved."), "core.fields_noun", noun=noun)
    return form_answer("core/fields_show.html", form, **facts)


@blueprint.form("/fields/<noun>/<uid>/retire", permission=MANAGE_FIELDS, endpoint="fields_retire")
def fields_retire(noun: str, uid: str) -> Any:
    """Take a field out of use."""
    field = field_of(noun, uid)
    form = ReasonForm(obj=field)
    question = Question(
        _("Take %(name)s out of use?", name=field.title),
        _("Take it out of use"),
        (_("Keep it"), url_for("core.fields_show", noun=noun, uid=uid)),
        changes=[_("It is gone from forms, lists, files and the API")],
        stays=[_("What records say in it is kept"), _("Bringing it back brings all of it back")],
    )
    if form.validated():
        with form_page(form, "core/question.html", **question.facts):
            reason = form.reason.data or ""
            retire_field(field, reason, by=current_actor(), version=form.seen_version, idempotency_key=form.key)
            return done(_("The field is out of use."), "core.fields_noun", noun=noun)
    return question.page(form)


@blueprint.post("/fields/<noun>/<uid>/restore", permission=MANAGE_FIELDS, endpoint="fields_restore")
def fields_restore(noun: str, uid: str) -> Response:
    """Use a field again."""
    restore_field(field_of(noun, uid), by=current_actor(), idempotency_key=PlainForm().key)
    return done(_("The field is in use again, with all its values."), "core.fields_noun", noun=noun)


def job_of(field: CustomField) -> JobLine | None:
    """How far the preparation of a field is, while it goes on."""
    found = Job.get_or_none(Job.waiting_key == f"core.index_field:{field.uid}") or Job.get_or_none(
        Job.name == "core.index_field", Job.unique_key == field.uid, Job.state.in_(RUNNING)
    )
    return line_of(found) if found is not None else None


# The arrangement as a form sends it.


def posted(form: ArrangeForm) -> list[dict[str, Any]]:
    """The sections as they were sent; what was sent can be anything, and the act judges it."""
    titles, languages = list(form.section_title.data or ()), list(form.section_words.data or ())
    sections: list[dict[str, Any]] = []
    for written in form.place.data or ():
        sign, _colon, name = written.partition(":")
        if sign == "s":
            is_own = name.startswith(NEW_SECTION)
            title, said = (one.pop(0) if is_own and one else "" for one in (titles, languages))
            sections.append({"key": name, "title": title, "facts": [], "languages": said})
        elif sign == "f" and sections:
            sections[-1]["facts"].append(name)
    return sections


def moved_by(resource: Resource, form: ArrangeForm, move: str) -> list[dict[str, Any]]:
    """The sections after one move; nothing is stored yet."""
    sections = posted(form)
    verb, _colon, name = move.partition(":")
    if verb == "new":
        key = f"{NEW_SECTION}{secrets.token_hex(3)}"
        return [*sections, {"key": key, "title": str(_("New section")), "facts": [], "languages": ""}]
    at = next((number for number, one in enumerate(sections) if one["key"] == name), None)
    if verb in ("section-up", "section-down") and at is not None:
        other = at + (1 if verb == "section-down" else -1)
        if 0 <= other < len(sections):
            sections[at], sections[other] = sections[other], sections[at]
    elif verb == "gone" and at is not None and len(sections) > 1:
        left = sections.pop(at)
        sections[max(0, at - 1)]["facts"] += left["facts"]
    elif verb in ("up", "down"):
        move_fact(sections, name, 1 if verb == "down" else -1)
    return sections


def move_fact(sections: list[dict[str, Any]], name: str, step: int) -> None:
    """A fact one place on; past the end of its section it goes to the next one."""
    for number, one in enumerate(sections):
        if name not in one["facts"]:
            continue
        at = one["facts"].index(name)
        if 0 <= at + step < len(one["facts"]):
            one["facts"][at], one["facts"][at + step] = one["facts"][at + step], name
        elif 0 <= number + step < len(sections):
            one["facts"].remove(name)
            into = sections[number + step]["facts"]
            into.insert(0 if step > 0 else len(into), name)
        return


def answers_of(resource: Resource, sections: list[dict[str, Any]]) -> tuple[list[Any], list[str], list[str]]:
    """Sections, facts left out of forms, and facts insisted on, as the act takes them."""
    asked, needed = set(request.form.getlist("asked")), set(request.form.getlist("needed"))
    held = arranged(resource, site_fields().get(resource.name, ()), None)
    hidden = [name for name, fact in held.facts.items() if may_be_hidden(fact) and name not in asked | needed]
    return sections, hidden, [name for name, fact in held.facts.items() if may_be_needed(fact) and name in needed]


def with_languages(section: dict[str, Any]) -> dict[str, Any]:
    """A section as the act takes it; raises `Refused` for languages that can't be read."""
    return {
        **{name: section[name] for name in ("key", "title", "facts")},
        "words": read_languages(section["languages"]),
    }


def noun_facts(resource: Resource, sections: list[dict[str, Any]] | None, form: ArrangeForm) -> dict[str, Any]:
    """What the page of a noun shows: as it was sent, or as it is stored."""
    now = here(resource)
    found: list[dict[str, Any]]
    hidden: Set[str]
    needed: Set[str]
    plain = arranged(resource, site_fields().get(resource.name, ()), None)
    if sections is None:
        found = [section_told(one) for one in all_sections(resource)]
        hidden, needed = now.hidden, now.needed
    else:
        _sections, left_out, insisted = answers_of(resource, sections)
        found, hidden, needed = sections, frozenset(left_out), frozenset(insisted)
    declared = {one.key: one.title for one in all_sections(resource)}
    boxes = [
        {
            "key": one["key"],
            "title": one["title"] or declared.get(one["key"], one["key"]),
            "is_own": one["key"].startswith(NEW_SECTION),
            "languages": one["languages"],
            "facts": [line_for(plain.facts[name], hidden, needed) for name in one["facts"] if name in plain.facts],
        }
        for one in found
    ]
    every = fields_of(resource.name)
    return {
        "resource": resource, "boxes": boxes, "crumbs": crumbs(), "posted": (sections, sorted(hidden), sorted(needed)),
        "uids": {one.name: one.uid for one in every},
        "fields": [field_line(one) for one in every if not one.is_retired],
        "retired": [one for one in every if one.is_retired],
    }  # fmt: skip


def section_told(section: Section) -> dict[str, Any]:
    """A section as it is stored: one of the site's own with its first title, and those in other languages."""
    title = section.title
    own = title if isinstance(title, SiteText) else None
    words = {language: {"title": said} for language, said in own.languages.items()} if own is not None else {}
    return {
        "key": section.key, "title": own.message if own is not None else str(title), "facts": list(section.facts),
        "languages": write_languages(words),
    }  # fmt: skip


def line_for(fact: Any, hidden: Set[str], needed: Set[str]) -> dict[str, Any]:
    """One fact in the arrangement."""
    return {
        "name": fact.name, "label": fact.label, "kind": getattr(fact.kind, "name", ""), "is_own": bool(fact.within),
        "may_hide": may_be_hidden(fact), "may_need": may_be_needed(fact), "is_required": fact.required,
        "is_hidden": fact.name in hidden, "is_needed": fact.name in needed, "is_asked": fact.is_asked,
    }  # fmt: skip


def field_line(field: CustomField) -> dict[str, Any]:
    """One field in the list."""
    waits = (field.is_filterable or field.is_unique) and field.id not in ready_fields()
    return {"field": field, "kind": KINDS[field.kind], "waits": waits, "job": job_of(field) if waits else None}
