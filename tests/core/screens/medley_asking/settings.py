"""Two questions."""

from wtforms import IntegerField, StringField
from wtforms.validators import Length, NumberRange

from core.settings import PluginSettings


class Settings(PluginSettings):
    """What the hospital decides."""

    greeting = StringField("Greeting", [Length(max=40)], default="Good morning", description="Said first.")
    chairs = IntegerField("Chairs", [NumberRange(1, 99)], default=4)
