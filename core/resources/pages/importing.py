"""The wizard a list comes in by: file, columns, test run, import. Each page stands by itself and can be left."""

from functools import partial
from typing import Any

from flask import Response as FlaskResponse
from flask import request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, FileField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, ValidationError

from core.actors import Actor
from core.errors import NotFound
from core.jobs import job_progress
from core.resources.catalogue import writable
from core.resources.declaring import Resource
from core.resources.files.numbering import facts_of_lines, place_of
from core.resources.files.reading import first_rows, samples_of
from core.resources.files.writing import CSV_TYPE, XLSX_TYPE
from core.resources.importing import services
from core.resources.importing.jobs import opened
from core.resources.importing.models import DONE, FAILED, SENT, STOPPED, TESTED, UNDONE, Import
from core.resources.importing.questions import answer_question, questions_of
from core.resources.importing.rest import rest_pieces
from core.resources.importing.rows import ADD, BOTH, CHANGE, UID
from core.resources.importing.template import template_of
from core.storage import RecordRef
from core.texts import _, n_
from core.web import MedleyBlueprint, MedleyForm, current_actor, form_page, go, render, streamed, toast, url_of

UNFIT = 422
PROBLEMS_SHOWN = 50
OFFERED_LINES = 5
MODE_WORDS = {
    BOTH: _("Add new ones, and change those that are there"),
    ADD: _("Add new ones only"),
    CHANGE: _("Change those that are there only"),
}


class FileForm(MedleyForm):
    """The file."""

    file = FileField(_("File"), description=_("Excel (.xlsx) or CSV, at most 16 MB. The first row names the columns."))

    def validate_file(self, field: Any) -> None:
        """Something was sent."""
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            raise ValidationError(str(_("Choose a file.")))


class AnswerForm(MedleyForm):
    """What one cell is put right as."""

    problem = StringField(_("Row"), [Length(max=20)])
    answer = StringField(_("Put right as"), [Length(max=services.LONGEST_ANSWER)])


class PlainForm(MedleyForm):
    """A form without a question of its own: pressing the button is the answer."""

    beside = frozenset({"confirmed", "act"})


def add(blueprint: MedleyBlueprint, resource: Resource) -> None:
    """The pages of the wizard, where something can be brought in at all."""
    permission = services.permission_to_import(resource)
    if not {"list", "import"} <= resource.doors or not permission:
        return
    path = f"/{resource.path}/import" if resource.path else "/import"

    def page(verb: str) -> dict[str, Any]:
        return {"permission": permission, "endpoint": resource.page(verb)}

    blueprint.form(path, **page("import"))(partial(begin, resource))
    blueprint.get(f"{path}/template", **page("import_template"))(partial(template, resource))
    blueprint.get(f"{path}/<uid>", **page("import_show"))(partial(show, resource))
    blueprint.form(f"{path}/<uid>/columns", **page("import_columns"))(partial(columns, resource))
    blueprint.post(f"{path}/<uid>/answer", **page("import_answer"))(partial(answer, resource))
    blueprint.post(f"{path}/<uid>/go", **page("import_go"))(partial(go_on, resource))
    blueprint.get(f"{path}/<uid>/rest", **page("import_rest"))(partial(rest, resource))


def begin(resource: Resource) -> Any:
    """Choose a file."""
    by = current_actor()
    services.require_import(resource, by)
    form = FileForm()
    facts = {"resource": resource, "imports": services.imports_of(resource, by), "crumbs": crumbs(resource)}
    if form.validated():
        sent = request.files["file"]
        with form_page(form, "core/resource_import.html", **facts):
            found = services.send_file(resource, sent.filename or "", sent.stream, by)  # type: ignore[arg-type]
        return go(resource.endpoint("import_columns"), uid=found.uid)
    written = render("core/resource_import.html", form=form, **facts)
    return (written, UNFIT) if request.method == "POST" else written


def crumbs(resource: Resource) -> list[tuple[Any, str]]:
    """The way back."""
    return [(resource.title, url_for(resource.endpoint("list")))]


def template(resource: Resource) -> Response:
    """The empty file to fill in."""
    by = current_actor()
    services.require_import(resource, by)
    answer = FlaskResponse(template_of(resource, by), mimetype=XLSX_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="{resource.noun.replace("_", "-")}-template.xlsx"'
    return answer


def columns(resource: Resource, uid: str) -> Any:
    """Say which fact each column is."""
    by = current_actor()
    found = services.import_of(resource, uid, by)
    if services.state_of(found) not in (SENT, TESTED, FAILED):
        return go(resource.endpoint("import_show"), uid=uid)
    form = columns_form(resource, found, by)
    with opened(found) as sheet:
        rows = first_rows(sheet, 8)
    places = [
        {"head": head, "field": f"column_{place}", "samples": samples_of(rows, place)}
        for place, head in enumerate(found.heads)
    ]
    facts = {"resource": resource, "found": found, "places": places, "crumbs": crumbs(resource)}
    if form.validated():
        mapping = {head: form[f"column_{place}"].data for place, head in enumerate(found.heads)}
        with form_page(form, "core/resource_import_columns.html", **facts):
            services.map_columns(found, resource, mapping, form.mode.data, form.clears_empty.data, by=by)
        return go(resource.endpoint("import_show"), uid=uid)
    written = render("core/resource_import_columns.html", form=form, **facts)
    return (written, UNFIT) if request.method == "POST" else written


def columns_form(resource: Resource, found: Import, by: Actor) -> Any:
    """A select for each column of the file, and what is done with the rows."""
    facts = writable(resource, by, "create") | writable(resource, by, "edit")
    facts |= facts_of_lines(resource, by, lines_offered(found))
    offered = [SelectChoice("", _("Leave it out")), SelectChoice(UID, _("Uid"))]
    offered += [SelectChoice(name, fact.label) for name, fact in facts.items()]
    modes = [SelectChoice(mode, MODE_WORDS[mode]) for mode in services.modes_for(resource, by)]
    fields: dict[str, Any] = {
        f"column_{place}": SelectField(head, choices=offered, default=found.mapping.get(head, ""))
        for place, head in enumerate(found.heads)
    }
    fields["mode"] = RadioField(_("What is done with the rows"), choices=modes, default=found.mode)
    fields["clears_empty"] = BooleanField(_("An empty cell clears what is there"), default=found.clears_empty)
    return type("ColumnsForm", (MedleyForm,), fields)()


def lines_offered(found: Import) -> int:
    """How many lines of a record a column can be chosen for: some, or as many as the file has."""
    places = [place_of(name) for name in found.mapping.values()]
    return max([OFFERED_LINES, *(one.number for one in places if one is not None)])


def show(resource: Resource, uid: str) -> Any:
    """How far it is, what is wrong, and what can be done."""
    by = current_actor()
    found = services.import_of(resource, uid, by)
    if found.state == SENT:
        return go(resource.endpoint("import_columns"), uid=uid)
    return render("core/resource_import_show.html", form=AnswerForm(), **facts_of(resource, found, by))


def facts_of(resource: Resource, found: Import, by: Actor) -> dict[str, Any]:
    """What the page shows."""
    state = services.state_of(found)
    written = request.args.get("after", "")
    after = int(written) if written.isascii() and written.isdigit() and len(written) < 16 else 0
    shown = services.problems_of(found, after, PROBLEMS_SHOWN + 1)
    line = job_progress(found.job_uid, by) if found.job_uid else None
    left = services.left_of(found) if state in (UNDONE, STOPPED, DONE) else []
    return {
        "resource": resource,
        "found": found,
        "state": state,
        "line": line,
        "crumbs": crumbs(resource),
        "problems": shown[:PROBLEMS_SHOWN],
        "next_after": shown[PROBLEMS_SHOWN - 1].id if len(shown) > PROBLEMS_SHOWN else 0,
        "wrong": services.problem_counts(found),
        "questions": questions_of(found) if state == TESTED else [],
        "left": left,
        "urls": {one.record_uid: url_of(RecordRef(resource.plugin, resource.noun, one.record_uid)) for one in left},
        "why": line.error if line is not None and state != found.state else found.error,
    }


def answer(resource: Resource, uid: str) -> Response:
    """Put one cell right."""
    by = current_actor()
    found = services.import_of(resource, uid, by)
    form = AnswerForm()
    written = str(form.problem.data or "")
    if not form.validated() or not (written.isascii() and written.isdigit() and len(written) < 16):
        raise NotFound
    with form_page(form, "core/resource_import_show.html", **facts_of(resource, found, by)):
        count = services.put_right(found, resource, int(written), form.answer.data or "", by=by)
    return toast(
        go(resource.endpoint("import_show"), uid=uid), n_("One row is put right.", "%(n)s rows are put right.", count)
    )


def go_on(resource: Resource, uid: str) -> Response:
    """Try it, let it run, stop it, take it back."""
    by = current_actor()
    found = services.import_of(resource, uid, by)
    if request.form.get("act") == "say":
        return say(resource, found, by)
    acts = {
        "test": services.test_again, "run": services.begin_import, "stop": services.stop_import,
        "undo": services.begin_undo, "accept": services.accept_fixes,
    }  # fmt: skip
    act = acts.get(request.form.get("act", ""))
    if act is None:
        raise NotFound
    act(found, by=by)
    return go(resource.endpoint("import_show"), uid=uid)


def say(resource: Resource, found: Import, by: Actor) -> Response:
    """Answer a question about some rows, or about one."""
    line = request.form.get("line", "")
    one = int(line) if line.isascii() and line.isdigit() and len(line) < 16 else None
    asks, choice = request.form.get("asks", ""), request.form.get("choice", "")
    count = answer_question(found, asks, choice, by=by, line=one)
    said = n_("One row is answered for.", "%(n)s rows are answered for.", count)
    return toast(go(resource.endpoint("import_show"), uid=found.uid), said)


def rest(resource: Resource, uid: str) -> Response:
    """The rows that were left out, with what is wrong."""
    found = services.import_of(resource, uid, current_actor())
    response = streamed(rest_pieces(found), CSV_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{resource.noun.replace("_", "-")}-left-out.csv"'
    return response
