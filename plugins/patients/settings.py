"""What a hospital decides about its register."""

from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, NumberRange, Optional, Regexp

from core.settings import PluginSettings
from core.texts import _


class Settings(PluginSettings):
    """The questions on the settings page of the register."""

    number_pattern = StringField(
        _("Record numbers look like"),
        [Length(1, 60), Regexp(r"^[^{}]*(\{(year|yy)\}[^{}]*)?\{n(:0\d+d)?\}[^{}]*(\{check\})?$")],
        default="{n:08d}",
        description=_("{n:08d} is a count in eight digits; {year} and {check}, a check digit, may stand beside it."),
    )
    country = StringField(
        _("Country for phone numbers without a country code"),
        [Optional(), Regexp(r"^[A-Z]{2}$")],
        default="",
        description=_("Two letters, as KE. Left empty it is the site's own."),
    )
    asks_birth = BooleanField(_("A birth date or an age must be given"), default=True)
    asks_sex = BooleanField(_("The sex must be given"), default=True)
    asks_phone = BooleanField(_("A phone must be given"), default=False)
    searches_while_typing = BooleanField(
        _("Search while somebody types"),
        default=True,
        description=_("Switch it off where the line is slow; Enter searches."),
    )
    search_pause = IntegerField(_("Pause before searching, in milliseconds"), [NumberRange(100, 3000)], default=300)
    shows_duplicates_from = IntegerField(
        _("Show people who may be the same from"), [NumberRange(30, 100)], default=60, description=_("Of 100.")
    )
    asks_about_duplicates_from = IntegerField(
        _("Ask before registering somebody that alike"), [NumberRange(30, 100)], default=80, description=_("Of 100.")
    )
    weighs_most = SelectField(
        _("What tells people apart best here"),
        choices=[
            SelectChoice("birth", _("The birth date")),
            SelectChoice("phone", _("The phone number")),
            SelectChoice("name", _("The name")),
        ],
        default="birth",
        description=_("Choose the name where many do not know their birth date, the phone where nobody shares one."),
    )
