"""The journal as an auditor reads it: who did what to whose record, and who was shown whom.

What is typed to find a person is turned into a uid at once: addresses carry uids only. Every look into the
journal is a row of the journal itself.
"""

from datetime import date
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response
from wtforms import DateField, SelectField, StringField
from wtforms.validators import Length, Optional

from core.acts import all_acts
from core.errors import NotFound, Refused
from core.registry import catalogue
from core.roles.permissions import VIEW_JOURNAL
from core.screens.choices import end_of, offered, plugin_title, start_of
from core.screens.pages import blueprint, form_answer
from core.sites import current
from core.storage import RecordRef, all_models, is_uid
from core.storage.journal.history import Reading, search_journal, search_reads
from core.storage.journal.models import JournalRow
from core.storage.journal.writer import note
from core.texts import Text, _
from core.users.accounts import user_named
from core.users.models import User
from core.web import MedleyForm, current_actor, form_page, go, history, names_of, render, url_of
from core.web.forms import OneLine, SaneDay, is_sane
from core.web.history import act_words, history_lines
from core.web.who import name_of

AT_ONCE = 50
OUTCOMES: dict[str, Text] = {
    "done": _("Done"),
    "refused": _("Refused"),
    "failed": _("Failed"),
    "not checked": _("Not checked"),
}
DOORS: dict[str, Text] = {
    "web": _("Browser"),
    "api": _("API"),
    "fhir": _("FHIR"),
    "hl7": _("HL7"),
    "cli": _("Command line"),
    "job": _("Job"),
    "system": _("The house itself"),
}
SHOWN: dict[str, Text] = {
    "record": _("Record"),
    "list": _("List"),
    "search": _("Search"),
    "palette": _("Quick search"),
    "export": _("Export"),
    "print": _("Print"),
    "api": _("API"),
}
CRITERIA = ("actor", "subject", "act", "plugin", "outcome", "door", "kind", "since", "until")


class JournalForm(MedleyForm):
    """What to look for."""

    actor = StringField(_("Who did it"), [Length(max=150), OneLine()], description=_("Sign-in name."))
    subject = StringField(_("Whose record"), [Length(max=100), OneLine()], description=_("Record number, or a uid."))
    act = SelectField(_("What"))
    plugin = SelectField(_("Part of the house"))
    outcome = SelectField(_("How it ended"), choices=offered(OUTCOMES.items(), _("Any")))
    door = SelectField(_("By which door"), choices=offered(DOORS.items(), _("Any")))
    since = DateField(_("From day"), [Optional(), SaneDay()])
    until = DateField(_("To day"), [Optional(), SaneDay()])

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        acts = {name: f"{act_words(name)} ({name})" for name in sorted(all_acts())}
        for name in (self.act.data or "", str(values.get("data", {}).get("act", ""))):
            acts.setdefault(name, name) if name else None
        self.act.choices = offered(sorted(acts.items(), key=lambda one: one[1].casefold()), _("Anything"))
        names = ["core", *sorted(catalogue.plugins)]
        self.plugin.choices = offered(((name, plugin_title(name)) for name in names), _("Any"))


class ReadsForm(MedleyForm):
    """Which disclosures to look for."""

    actor = StringField(_("Who looked"), [Length(max=150), OneLine()], description=_("Sign-in name."))
    subject = StringField(_("At whom"), [Length(max=100), OneLine()], description=_("Record number, or a uid."))
    kind = SelectField(_("Shown as"), choices=offered(SHOWN.items(), _("Any")))
    since = DateField(_("From day"), [Optional(), SaneDay()])
    until = DateField(_("To day"), [Optional(), SaneDay()])


@blueprint.get("/journal", permission=VIEW_JOURNAL)
def journal() -> str:
    """Rows about writing, refusals and sign-ins, newest first."""
    asked = criteria_in_address()
    wanted = wanted_of(asked)
    noted("core.search_journal", asked)
    found = search_journal(wanted, AT_ONCE + 1, before_of())
    lines = history_lines(found[:AT_ONCE], current_actor())
    rows = [
        {"line": line, "row": one.row, "subject": one.row.subject_uid}
        for line, one in zip(lines, found[:AT_ONCE], strict=True)
    ]
    older = older_url("core.journal", asked, found[AT_ONCE - 1].row.id) if len(found) > AT_ONCE else ""
    return render(
        "core/journal.html", form=form_for(JournalForm, asked), rows=rows, older_url=older, **shared_facts(asked)
    )


@blueprint.post("/journal", permission=VIEW_JOURNAL, endpoint="journal_search")
def journal_search() -> Any:
    """Turn what was typed into uids, and look."""
    return look(JournalForm(), "core.journal", "core/journal.html")


@blueprint.get("/journal/reads", permission=VIEW_JOURNAL, endpoint="journal_reads")
def journal_reads() -> str:
    """Who was shown whom, newest first."""
    asked = criteria_in_address()
    noted("core.search_reads", asked)
    found = search_reads(wanted_of(asked), AT_ONCE + 1, before_of())
    names = names_of(one.actor_uid for one in found)
    rows = [reading_line(one, names) for one in found[:AT_ONCE]]
    older = older_url("core.journal_reads", asked, found[AT_ONCE - 1].id) if len(found) > AT_ONCE else ""
    return render(
        "core/journal_reads.html", form=form_for(ReadsForm, asked), rows=rows, older_url=older, **shared_facts(asked)
    )


@blueprint.post("/journal/reads", permission=VIEW_JOURNAL, endpoint="journal_reads_search")
def journal_reads_search() -> Any:
    """Turn what was typed into uids, and look."""
    return look(ReadsForm(), "core.journal_reads", "core/journal_reads.html")


def look(form: MedleyForm, endpoint: str, template: str) -> Any:
    """Send the reader to the answer, under an address that names nobody."""
    facts = {"rows": [], "older_url": "", **shared_facts({})}
    if form.validated():
        with form_page(form, template, **facts):
            return go(endpoint, **in_address(form))
    return form_answer(template, form, **facts)


def in_address(form: MedleyForm) -> dict[str, str]:
    """What was asked, as an address may carry it."""
    found: dict[str, str] = {}
    for name in CRITERIA:
        value = form[name].data if name in form else None
        if not value:
            continue
        if name == "actor":
            found[name] = actor_uid(value.strip())
        elif name == "subject":
            found[name] = subject_uid(value.strip())
        else:
            found[name] = value.isoformat() if isinstance(value, date) else value
    return found


def actor_uid(typed: str) -> str:
    """Whom a sign-in name, or a uid, stands for."""
    if is_uid(typed) or typed.startswith("system:"):
        return typed[:60]
    user = user_named(typed)
    if user is None:
        raise Refused(fields={"actor": _("Nobody signs in under this name.")})
    return str(user.uid)


def subject_uid(typed: str) -> str:
    """Whom a record number, a sign-in name or a uid stands for."""
    if is_uid(typed):
        return typed
    models: list[Any] = list(all_models())
    for model in models:
        if (
            model._meta.subject == "self"
            and "number" in model._meta.fields
            and model._meta.plugin in current().state.enabled
        ):
            record = model.get_or_none(model._meta.fields["number"] == typed)
            if record is not None:
                return str(record.uid)
    user = user_named(typed)
    if user is None:
        raise Refused(fields={"subject": _("No record has this number.")})
    return str(user.uid)


def criteria_in_address() -> dict[str, str]:
    """What an address asks for: known names, sane values."""
    asked = {name: request.args.get(name, "")[:120] for name in CRITERIA}
    return {name: value for name, value in asked.items() if value and value.isprintable()}


def wanted_of(asked: dict[str, str]) -> dict[str, Any]:
    """The question as the journal understands it."""
    since, until = day_of(asked.get("since")), day_of(asked.get("until"))
    return {
        "actor_uid": asked.get("actor"),
        "subject_uid": asked.get("subject"),
        "act": asked.get("act"),
        "plugin": asked.get("plugin"),
        "outcome": asked.get("outcome"),
        "door": asked.get("door"),
        "kind": asked.get("kind"),
        "since": start_of(since),
        "until": end_of(until),
    }


def day_of(written: str | None) -> date | None:
    """A day out of an address; what is none asks for nothing."""
    try:
        day = date.fromisoformat(written or "")
    except ValueError:
        return None
    return day if is_sane(day) else None


def before_of() -> int | None:
    """Below which id a page begins."""
    written = request.args.get("before", "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 19 else None


def form_for(kind: type[MedleyForm], asked: dict[str, str]) -> MedleyForm:
    """The form, filled with what is being looked for."""
    known: dict[str, Any] = {**asked, "since": day_of(asked.get("since")), "until": day_of(asked.get("until"))}
    if asked.get("actor"):
        user = User.get_or_none(User.uid == asked["actor"]) if is_uid(asked["actor"]) else None
        known["actor"] = user.sign_in if user is not None else asked["actor"]
    return kind(data=known)


def shared_facts(asked: dict[str, str]) -> dict[str, Any]:
    """Tabs, and whether anything was asked for."""
    here = (request.endpoint or "").removesuffix("_search")
    keep: dict[str, Any] = {name: asked.get(name) for name in ("actor", "subject", "since", "until")}
    lines = (("core.journal", _("What was done")), ("core.journal_reads", _("Who was shown whom")))
    views = [{"label": words, "url": url_for(name, **keep), "current": here == name} for name, words in lines]
    return {"views": views, "is_asked": bool(asked), "outcomes": OUTCOMES, "doors": DOORS}


def noted(act: str, asked: dict[str, str]) -> None:
    """A look into the journal is a row too."""
    note(act, content=dict(asked), subject_uid=asked["subject"] if is_uid(asked.get("subject", "")) else "")


def older_url(endpoint: str, asked: dict[str, str], before: int) -> str:
    """The page after this one."""
    return url_for(endpoint, before=before, **asked)  # type: ignore[arg-type]


def reading_line(one: Reading, names: dict[str, str]) -> dict[str, Any]:
    """One disclosure in words."""
    return {
        "at": one.at,
        "who": names.get(one.actor_uid) or one.actor_uid,
        "role": one.role,
        "kind": SHOWN.get(one.kind, one.kind),
        "shown": one.shown,
        "number": len(one.uids),
        "subject": one.subject_uid or (one.uids[0] if len(one.uids) == 1 else ""),
        "door": DOORS.get(one.door, one.door),
        "source": one.source,
    }


@blueprint.get("/journal/<uid>", permission=VIEW_JOURNAL, endpoint="journal_show")
def journal_show(uid: str) -> str | Response:
    """One row with all it says, and what changed."""
    row = JournalRow.get_or_none(JournalRow.uid == uid) if is_uid(uid) else None
    if row is None:
        raise NotFound
    note("core.read_journal_row", content={"row": uid}, subject_uid=row.subject_uid)
    found = [
        one
        for one in search_journal({"record_uid": row.record_uid, "act": row.act}, 1, row.id + 1)
        if one.row.uid == uid
    ]
    line = history_lines(found, current_actor())[0]
    ref = RecordRef(row.plugin, row.noun, row.record_uid) if row.noun and row.record_uid else None
    return render(
        "core/journal_show.html",
        line=line,
        row=row,
        doors=DOORS,
        outcomes=OUTCOMES,
        behalf=name_of(row.on_behalf),
        record_url=url_of(ref) if ref is not None else "",
        past=history(ref) if ref is not None else None,
    )
