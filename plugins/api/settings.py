"""What a hospital decides about its API."""

from wtforms import IntegerField
from wtforms.validators import NumberRange

from core.settings import PluginSettings
from core.texts import _


class Settings(PluginSettings):
    """The questions on the settings page of the API."""

    token_days = IntegerField(
        _("A token is good for so many days"),
        [NumberRange(1, 3650)],
        default=90,
        description=_("What the page of a new token offers first."),
    )
    most_token_days = IntegerField(_("At most"), [NumberRange(1, 3650)], default=366)
    requests_a_minute = IntegerField(
        _("Requests a minute for each token"),
        [NumberRange(1, 1_000_000)],
        default=600,
        description=_("Counted in each process that serves. Beyond it answers are 429 until the minute is over."),
    )
    source_requests_a_minute = IntegerField(
        _("Requests a minute from each address"),
        [NumberRange(1, 1_000_000)],
        default=1200,
        description=_("Whatever they show, requests without a good token included."),
    )
