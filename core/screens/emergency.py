"""Opening a record in an emergency, and looking into it afterwards."""

from typing import Any

from flask import request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response
from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from core.errors import NotFound
from core.roles import get_visible
from core.roles.break_glass import HOURS, MOST_HOURS, awaiting_review, break_glass, end_break_glass, review_break_glass
from core.roles.models import BreakGlass
from core.roles.permissions import BREAK_GLASS, REVIEW_BREAK_GLASS
from core.screens.choices import offered
from core.screens.pages import blueprint, done, form_answer
from core.screens.questions import PlainForm
from core.storage import RecordRef, is_uid, record_of
from core.texts import _, n_
from core.users.models import User
from core.web import MedleyForm, current_actor, form_page, go, name_of, names_of, render, toast, url_of
from core.web.history import noun_words


class EmergencyForm(MedleyForm):
    """Why a record has to be opened now."""

    reason = TextAreaField(
        _("Why you need to see this now"),
        [InputRequired(), Length(min=5, max=1000)],
        description=_("It is read by whoever reviews emergencies."),
        render_kw={"rows": 3},
    )
    hours = SelectField(_("For how long"), default=str(HOURS))

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.hours.choices = offered(
            (str(number), n_("%(n)s hour", "%(n)s hours", number)) for number in (1, 2, HOURS, MOST_HOURS)
        )


class ReviewForm(MedleyForm):
    """What a look into an emergency found."""

    remark = TextAreaField(_("What you found"), [InputRequired(), Length(max=1000)], render_kw={"rows": 3})


@blueprint.form("/break-glass/<plugin>/<noun>/<uid>", permission=BREAK_GLASS, endpoint="break_glass")
def open_in_emergency(plugin: str, noun: str, uid: str) -> Any:
    """Say why, and open one person's records for some hours."""
    ref = RecordRef(plugin, noun, uid)
    record = record_of(ref) if is_uid(uid) else None
    if record is None or record.subject_uid != uid or isinstance(record, User):
        raise NotFound
    form = EmergencyForm()
    facts = {"what": noun_words(plugin, noun), "back_url": url_of(ref) or url_for("core.home"), "most": MOST_HOURS}
    if form.validated():
        with form_page(form, "core/break_glass.html", **facts):
            break_glass(ref, form.reason.data, by=current_actor(), hours=int(form.hours.data), idempotency_key=form.key)
            target = url_of(ref)
            response = redirect(target, 303) if target else go("core.home")
            return toast(response, _("The record is open. It is noted, and it will be reviewed."), "caution")
    return form_answer("core/break_glass.html", form, **facts)


@blueprint.post("/break-glass/<uid>/end", permission=BREAK_GLASS, endpoint="break_glass_end")
def break_glass_end(uid: str) -> Response:
    """End one's own emergency access before its time."""
    opened = BreakGlass.get_or_none(BreakGlass.uid == uid) if is_uid(uid) else None
    if opened is None:
        raise NotFound
    end_break_glass(opened, by=current_actor(), idempotency_key=PlainForm().key)
    return done(_("The emergency access is ended."), "core.home")


@blueprint.get("/emergencies", permission=REVIEW_BREAK_GLASS)
def emergencies() -> str:
    """Emergency accesses nobody has looked into, the oldest first; or those reviewed."""
    with_reviewed = request.args.get("reviewed") == "1"
    rows: list[Any] = awaiting_review()
    if with_reviewed:
        rows = list(
            BreakGlass.select().where(BreakGlass.reviewed_at.is_null(False)).order_by(BreakGlass.id.desc()).limit(200)
        )
    people = (
        {row.id: row for row in User.select(User.id, User.name).where(User.id.in_([one.user_id for one in rows]))}
        if rows
        else {}
    )
    reviewers = names_of(one.reviewed_by for one in rows)
    views = [
        {"label": _("To review"), "url": url_for("core.emergencies"), "current": not with_reviewed},
        {"label": _("Reviewed"), "url": url_for("core.emergencies", reviewed=1), "current": with_reviewed},
    ]
    return render(
        "core/emergencies.html",
        rows=rows,
        people=people,
        views=views,
        reviewers=reviewers,
        with_reviewed=with_reviewed,
        kinds=kinds_of(rows),
    )


def kinds_of(rows: list[BreakGlass]) -> dict[int, str]:
    """What kind of record each was."""
    return {row.id: noun_words(*row.subject_model.partition(".")[::2]) for row in rows}


@blueprint.form("/emergencies/<uid>", permission=REVIEW_BREAK_GLASS, endpoint="emergencies_show")
def emergencies_show(uid: str) -> Any:
    """Look into one emergency access and sign it off."""
    opened = get_visible(BreakGlass, uid, current_actor(), permission=REVIEW_BREAK_GLASS)
    form = ReviewForm()
    facts = {
        "opened_access": opened,
        "who": opened.user.name,
        "user_uid": opened.user.uid,
        "is_own": opened.user.uid == current_actor().uid,
        "kind": noun_words(*opened.subject_model.partition(".")[::2]),
        "reviewer": name_of(opened.reviewed_by),
    }
    if form.validated():
        with form_page(form, "core/emergencies_show.html", **facts):
            review_break_glass(opened, form.remark.data, by=current_actor(), idempotency_key=form.key)
            return done(_("Signed off."), "core.emergencies")
    return form_answer("core/emergencies_show.html", form, **facts)
