"""Questions before grave acts: what changes, what stays, why, and buttons that repeat the verb."""

from collections.abc import Sequence

from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from core.errors import Words
from core.screens.pages import form_answer
from core.texts import _
from core.web import MedleyForm, render
from core.web.forms import OneLine

TEMPLATE = "core/question.html"
Answer = str | tuple[str, int] | Response


class PlainForm(MedleyForm):
    """A form without a question of its own: pressing the button is the answer."""


class ReasonForm(MedleyForm):
    """A form that asks why."""

    reason = StringField(_("Reason"), [InputRequired(), Length(max=300), OneLine()])


class Question:
    """What a page asks before an act, in words."""

    def __init__(
        self,
        asked: Words,
        verb: Words,
        keep: tuple[Words, str],
        text: Words = "",
        changes: Sequence[Words] = (),
        stays: Sequence[Words] = (),
        crumbs: Sequence[tuple[Words, str]] = (),
        is_danger: bool = True,
    ) -> None:
        self.facts = {
            "question": asked,
            "verb": verb,
            "keep_label": keep[0],
            "keep_url": keep[1],
            "text": text,
            "changes": list(changes),
            "stays": list(stays),
            "crumbs": list(crumbs),
            "is_danger": is_danger,
        }

    def page(self, form: MedleyForm) -> str | tuple[str, int]:
        """The page that asks."""
        return form_answer(TEMPLATE, form, **self.facts)

    def plain_page(self, form: MedleyForm) -> str:
        """The same for a form that can't be wrong."""
        return render(TEMPLATE, form=form, **self.facts)
