"""Forms out of facts: fields, lines, and what they were answered with."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FieldList, Form, FormField, HiddenField

from core.actors import Actor
from core.resources.catalogue import asked_here, facts_here
from core.resources.declaring import Fact, Lines, Resource
from core.resources.kinds import Relation
from core.resources.kinds.base import Asked
from core.resources.kinds.relations import Related
from core.resources.writing import line_facts, line_values, lines_of, values_of
from core.sites import current
from core.storage import is_uid
from core.texts import reader_locale
from core.web import MedleyForm

SPARE_LINES = 1


class ResourceForm(MedleyForm):
    """The form of any noun; `names` are the facts it asks for, `parts` the facts of each list of lines."""

    beside = MedleyForm.beside | {"add_line", "draft"}
    names: tuple[str, ...] = ()
    parts: Mapping[str, tuple[str, ...]] = {}
    resource: Resource

    def values(self) -> dict[str, Any]:
        """What was answered, fact by fact; lines as lists of mappings."""
        facts = facts_here(self.resource)
        found = {name: facts[name].kind.answer(self[name]) for name in self.names}  # type: ignore[union-attr]
        for lines in self.resource.lines:
            if lines.name in self:
                found[lines.name] = answered_lines(lines, self[lines.name])
        return found

    def validated_with_lines(self) -> bool:
        """Whether a sent form holds; lines left empty ask for nothing, and asking for one more line sends nothing."""
        if "add_line" in request.form:
            return False
        loosen_blank_lines(self)
        return self.validated()

    def without_complaints(self) -> None:
        """Say nothing of what is not filled yet."""
        self.form_errors = []
        for field in self:
            field.errors = []

    def fill_from(self, fields: MultiDict[str, str]) -> None:
        """Show what a draft has kept."""
        self.process(fields)

    def leave_out(self, names: Collection[str]) -> None:
        """Don't ask for these."""
        for name in names:
            del self[name]
        self.names = tuple(name for name in self.names if name not in names)

    def with_line(self, name: str) -> None:
        """One more empty line."""
        if name in self and name in {lines.name for lines in self.resource.lines}:
            self[name].append_entry()


class LineForm(Form):
    """One line; `gone` takes it away."""

    uid = HiddenField()
    gone = BooleanField()

    class Meta(MedleyForm.Meta):
        """The same words as every form."""


def form_class(resource: Resource, by: Actor, verb: str) -> type[ResourceForm]:
    """The form by which this actor enters or changes a record; made once for each revision and set of rights."""
    kept: dict[Any, type[ResourceForm]] = current().state.keep("core.resources.forms", dict)
    facts = asked_here(resource, by, verb)
    parts = {lines.name: line_facts(lines, by, is_written=True) for lines in resource.lines}
    key = (resource.name, verb, tuple(facts), *((name, *own) for name, own in parts.items()), reader_locale())
    if key not in kept:
        kept[key] = made(resource, facts, parts)
    return kept[key]


def made(resource: Resource, facts: Mapping[str, Fact], parts: Mapping[str, Mapping[str, Fact]]) -> type[ResourceForm]:
    """A form class with a field for each fact and a list of forms for each list of lines of which any is asked."""
    fields: dict[str, Any] = {name: asked(fact) for name, fact in facts.items()}
    for lines in resource.lines:
        own = parts[lines.name]
        if not own:
            continue
        line = type("LineForm", (LineForm,), {name: asked(fact) for name, fact in own.items()})
        fields[lines.name] = FieldList(FormField(line), lines.title, max_entries=lines.most + SPARE_LINES)
    asks = {"names": tuple(facts), "parts": {name: tuple(own) for name, own in parts.items() if own}}
    return type("NounForm", (ResourceForm,), {**fields, **asks, "resource": resource})


def asked(fact: Fact) -> Any:
    """The field of one fact. One that waits for another is not held to be filled by the form."""
    kind: Any = fact.kind
    field = kind.ask(Asked(fact.label, fact.help, fact.required and fact.when is None))
    if fact.default is not None and not callable(fact.default):
        field.kwargs.setdefault("default", kind.asked_value(fact.default))
    return field


def new_form(resource: Resource, by: Actor, given: Mapping[str, Any] | None = None) -> ResourceForm:
    """The form for a new record, with values another page or a draft has for it."""
    form = form_class(resource, by, "create")(data=as_asked(resource, given or {}))
    add_spare(form)
    return form


def edit_form(resource: Resource, record: Any, by: Actor) -> ResourceForm:
    """The form that shows a record as it is."""
    kind = form_class(resource, by, "edit")
    values = values_of(resource, record, kind.names)
    data = as_asked(resource, values)
    held = {lines.name: held_lines(lines, kind.parts[lines.name], record) for lines in parts_of(kind)}
    for lines in parts_of(kind):
        data[lines.name] = [line_as_asked(lines, uid, line) for uid, line in held[lines.name].items()]
    form = kind(data=data)
    if form.version.data in (None, ""):
        form.version.data = str(record.version)
    add_spare(form)
    for lines in parts_of(kind):
        name_related(form[lines.name], held[lines.name])
    form.leave_out(hidden_among(resource, values))
    for name in form.names:
        fact = facts_here(resource)[name]
        if fact.kind is not None and fact.kind.name == "relation" and hasattr(form[name], "shown"):
            form[name].shown = form[name].shown or str(fact.kind.words(values[name]))
    return form


def hidden_among(resource: Resource, values: Mapping[str, Any]) -> set[str]:
    """The facts of a record that name another one which is not open to the reader: they stay as they are."""
    facts = facts_here(resource)
    return {
        name
        for name, value in values.items()
        if value is not None and isinstance(kind := facts[name].kind, Relation) and not kind.related(value).is_open
    }


def add_spare(form: ResourceForm) -> None:
    """An empty line to write in, where there is none."""
    for lines in form.resource.lines:
        if lines.name in form and not form[lines.name].entries:
            form[lines.name].append_entry()


def as_asked(resource: Resource, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as the fields of a form are given them."""
    facts = facts_here(resource)
    return {name: facts[name].kind.asked_value(value) for name, value in values.items() if name in facts}  # type: ignore[union-attr]


def parts_of(form: Any) -> list[Lines]:
    """The lists of lines a form asks for."""
    return [lines for lines in form.resource.lines if lines.name in form.parts]


def held_lines(lines: Lines, names: Sequence[str], record: Any) -> dict[str, dict[str, Any]]:
    """The lines of a record by their uids, with these facts."""
    held = lines_of(lines, record)
    values = {name: line_values(lines.by_name[name], held) for name in names}
    return {line.uid: {name: values[name][place] for name in names} for place, line in enumerate(held)}


def line_as_asked(lines: Lines, uid: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """A line as its fields are given it."""
    facts = lines.by_name
    return {"uid": uid, **{name: facts[name].kind.asked_value(value) for name, value in values.items()}}  # type: ignore[union-attr]


def name_related(field: Any, held: Mapping[str, Mapping[str, Any]]) -> None:
    """Records that lines point at are shown by their names; one that is not open to the reader stays as it is."""
    for entry in field.entries:
        form = entry.form
        for name, value in held.get(form.uid.data or "", {}).items():
            if isinstance(value, Related) and not value.is_open:
                del form[name]
            elif isinstance(value, Related) and form[name].data == value.uid:
                form[name].shown = value.label


def answered_lines(lines: Lines, field: Any) -> list[dict[str, Any]]:
    """The lines that were filled; empty ones and those taken away are left out."""
    kept = []
    for entry in field.entries:
        form = entry.form
        uid = form.uid.data or ""
        if form.gone.data:
            continue
        values = {name: fact.kind.answer(form[name]) for name, fact in lines.by_name.items() if name in form}  # type: ignore[union-attr]
        if not uid and is_blank(form, lines):
            continue
        kept.append({**({"uid": uid} if is_uid(uid) else {}), **values})
    return kept


def is_blank(form: Any, lines: Lines) -> bool:
    """Whether nothing was written in a new line."""
    return all(
        not (form[name].raw_data and any(str(one).strip() for one in form[name].raw_data))
        for name, fact in lines.by_name.items()
        if name in form and fact.kind is not None and fact.kind.name != "yes_no"
    )


def loosen_blank_lines(form: ResourceForm) -> None:
    """Ask nothing of lines that were left empty or taken away."""
    for lines in form.resource.lines:
        if lines.name not in form:
            continue
        for entry in form[lines.name].entries:
            if entry.form.gone.data or (not entry.form.uid.data and is_blank(entry.form, lines)):
                for field in entry.form:
                    field.validators = ()
                    field.errors = []
                    field.process_errors = []


def shown_errors(form: ResourceForm, fields: Sequence[str]) -> list[str]:
    """The facts among these that have something wrong."""
    return [name for name in fields if name in form and form[name].errors]
