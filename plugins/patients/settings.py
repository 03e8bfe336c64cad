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
            SelectChoice("own", _("As weighed below")),
        ],
        default="birth",
        description=_("Choose the name where many do not know their birth date, the phone where nobody shares one."),
    )
    weight_of_name = IntegerField(_("Weight of the name"), [NumberRange(0, 100)], default=52)
    weight_of_born = IntegerField(_("Weight of the birth date"), [NumberRange(0, 100)], default=28)
    weight_of_phone = IntegerField(_("Weight of the phone"), [NumberRange(0, 100)], default=12)
    weight_of_sex = IntegerField(_("Weight of the sex"), [NumberRange(0, 100)], default=4)
    weight_of_area = IntegerField(_("Weight of the area"), [NumberRange(0, 100)], default=4)
    lists_duplicates_from = IntegerField(
        _("List people of the whole register who may be the same from"), [NumberRange(30, 100)], default=75,
        description=_("Of 100."),
    )  # fmt: skip
    adult_from = IntegerField(
        _("Guardians decide until the age of"), [NumberRange(0, 30)], default=18,
        description=_("A guardian of somebody younger is asked for no end date; it is that birthday."),
    )  # fmt: skip
    reason_holds_hours = IntegerField(
        _("The reason for opening a sensitive record holds, in hours"), [NumberRange(1, 72)], default=8
    )
    largest_document = IntegerField(_("Largest file of a document, in MB"), [NumberRange(1, 15)], default=10)
    label_width = IntegerField(_("Width of labels, in mm"), [NumberRange(30, 120)], default=60)
    label_height = IntegerField(_("Height of labels, in mm"), [NumberRange(20, 100)], default=30)
