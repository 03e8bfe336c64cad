"""One act for many records: what, to how many and why not to the others; then it runs, and says how it ended."""

from functools import partial
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from core.actors import Actor
from core.jobs import job_progress
from core.resources.bulk.models import ASKED, BulkRun
from core.resources.bulk.running import (
    EDIT,
    RETIRE,
    Choice,
    choice_of,
    choices_for,
    count_of,
    names_among,
    outcomes_of,
    preview_of,
)
from core.resources.bulk.services import begin, is_running, mark, run_of, stop
from core.resources.catalogue import writable
from core.resources.declaring import Fact, Resource
from core.resources.finding import EXACT_UNTIL
from core.resources.kinds.base import Asked
from core.resources.pages.viewing import sent_list
from core.storage import RecordRef
from core.texts import _
from core.web import MedleyBlueprint, MedleyForm, current_actor, form_page, go, render, url_of
from core.web.filters import number
from core.web.forms import OneLine

UNFIT = 422
SHOWN = 100


class PlainForm(MedleyForm):
    """A form without a question of its own: pressing the button is the answer."""


class ReasonForm(MedleyForm):
    """Why records are taken out of use."""

    reason = StringField(_("Reason"), [InputRequired(), Length(max=300), OneLine()])


def add(blueprint: MedleyBlueprint, resource: Resource) -> None:
    """Where marked rows are sent, the page that asks, and the one that tells."""
    if not {"list", "bulk"} <= resource.doors or not has_acts(resource):
        return
    path = f"/{resource.path}/bulk" if resource.path else "/bulk"

    def page(verb: str) -> dict[str, Any]:
        return {"permission": resource.may_view, "endpoint": resource.page(verb)}

    blueprint.post(path, **page("bulk"))(partial(take, resource))
    blueprint.form(f"{path}/<uid>", **page("bulk_show"))(partial(show, resource))
    blueprint.post(f"{path}/<uid>/stop", **page("bulk_stop"))(partial(halt, resource))


def has_acts(resource: Resource) -> bool:
    """Whether anything can be done with many records."""
    acts = resource.acts
    has_steps = resource.workflow is not None
    own = any(action.in_bulk for action in resource.actions)
    return bool(acts.edit or acts.retire or acts.restore or own or has_steps)


def take(resource: Resource) -> Response:
    """Keep what was marked, and ask what is to be done."""
    by = current_actor()
    takes_all = request.form.get("all") == "y"
    kept = sent_list(resource).as_json() if takes_all else None
    run = mark(resource, None if takes_all else request.form.getlist("uid"), kept, by=by)
    return go(resource.endpoint("bulk_show"), uid=run.uid)


def show(resource: Resource, uid: str) -> Any:
    """Ask what is to be done, or tell how it went."""
    by = current_actor()
    run = run_of(resource, uid, by)
    if run.state != ASKED:
        return told(resource, run, by)
    choices = choices_for(resource, by)
    verb = request.args.get("do", "")
    count = count_of(resource, run, by, EXACT_UNTIL + 1)
    facts: dict[str, Any] = {
        "resource": resource, "run": run, "choices": choices, "choice": None, "preview": None,
        "count": number(min(count, EXACT_UNTIL)) + ("+" if count > EXACT_UNTIL else ""),
        "crumbs": [(resource.title, url_for(resource.endpoint("list")))], "to_change": [], "fact": None,
    }  # fmt: skip
    if not any(one.verb == verb for one in choices):
        return render("core/resource_bulk.html", form=PlainForm(), **facts)
    choice = choice_of(resource, verb, by)
    return asked(resource, run, choice, facts, by)


def asked(resource: Resource, run: BulkRun, choice: Choice, facts: dict[str, Any], by: Actor) -> Any:
    """The page of one choice: what it needs to know, and what it would do."""
    facts["choice"] = choice
    known = {name: fact for name, fact in writable(resource, by).items() if fact.when is None}
    asks = list(choice.facts)
    if choice.verb == EDIT:
        facts["to_change"] = [(name, fact.label) for name, fact in known.items()]
        fact = known.get(request.args.get("fact", ""))
        if fact is None:
            return render("core/resource_bulk.html", form=PlainForm(), **facts)
        facts["fact"], asks = fact, [fact]
    facts["preview"] = preview_of(resource, run, choice, by)
    form = form_for(choice, asks)()
    if form.validated():
        given: dict[str, Any] = {"values": answers(form, asks)}
        if choice.verb == RETIRE:
            given["reason"] = form.reason.data
        with form_page(form, "core/resource_bulk.html", **facts):
            begin(run, resource, choice.verb, given, by)
        return go(resource.endpoint("bulk_show"), uid=run.uid)
    written = render("core/resource_bulk.html", form=form, **facts)
    return (written, UNFIT) if request.method == "POST" else written


def answers(form: Any, asks: list[Fact]) -> dict[str, Any]:
    """What was answered, as JSON keeps it."""
    found: dict[str, Any] = {}
    for fact in asks:
        kind: Any = fact.kind
        found[fact.name] = kind.as_json(kind.answer(form[fact.name]))
    return found


def form_for(choice: Choice, asks: list[Fact]) -> Any:
    """The form a choice asks its facts with."""
    fields = {fact.name: fact.kind.ask(Asked(fact.label, fact.help, fact.required)) for fact in asks}  # type: ignore[union-attr]
    return type("BulkForm", (ReasonForm if choice.verb == RETIRE else PlainForm,), fields)


def told(resource: Resource, run: BulkRun, by: Actor) -> str:
    """How far it is, and how it ended for each."""
    running = is_running(run)
    left = list(outcomes_of(run, False, SHOWN)) if not running else []
    done = list(outcomes_of(run, True, SHOWN)) if not running else []
    uids = [one.record_uid for one in (*left, *done)]
    return render(
        "core/resource_bulk_show.html",
        resource=resource,
        run=run,
        choice=next((one for one in choices_for(resource, by) if one.verb == run.verb), None),
        running=running,
        line=job_progress(run.job_uid, by) if run.job_uid else None,
        left=left,
        done=done,
        names=names_among(resource, uids, by),
        urls={uid: url_of(RecordRef(resource.plugin, resource.noun, uid)) for uid in uids},
        crumbs=[(resource.title, url_for(resource.endpoint("list")))],
    )


def halt(resource: Resource, uid: str) -> Response:
    """Stop it."""
    by = current_actor()
    stop(run_of(resource, uid, by), by=by)
    return go(resource.endpoint("bulk_show"), uid=uid)
