"""What a hospital decides about its equipment."""

from wtforms import IntegerField
from wtforms.validators import NumberRange

from core.settings import PluginSettings
from core.texts import _


class Settings(PluginSettings):
    """The questions on the settings page."""

    service_every_days = IntegerField(
        _("Days from one service to the next"), [NumberRange(1, 3650)], default=365,
        description=_("A device that was looked after longer ago is due."),
    )  # fmt: skip
