"""Shape and wording of what is asked for a new token."""

from typing import Any

from wtforms import IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from core.screens.choices import offered
from core.texts import _
from core.web import MedleyForm
from core.web.forms import OneLine


class TokenForm(MedleyForm):
    """What a program needs a token for."""

    name = StringField(
        _("What it is for"),
        [InputRequired(), Length(max=80), OneLine()],
        description=_("As “Laboratory link” or “Monthly statistics”. It is how you find it again."),
    )
    owner = SelectField(
        _("Whose rights it has"), description=_("Its owner's, at most: what they may do no more, it may do no more.")
    )
    days = IntegerField(_("Good for so many days"), [InputRequired(), NumberRange(1, 3650)])
    sources = TextAreaField(
        _("Only from these addresses"),
        [Optional(), Length(max=1000)],
        description=_("One address or network on each line, as 10.0.0.7 or 10.0.0.0/24. Empty is from anywhere."),
    )
    scopes = SelectMultipleField(
        _("It may"), [InputRequired()], widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )

    def offer(self, owners: list[tuple[str, Any]], scopes: list[tuple[str, Any]]) -> "TokenForm":
        """Let these be chosen."""
        self.owner.choices = offered(owners)
        self.scopes.choices = [SelectChoice(name, words) for name, words in scopes]
        return self
