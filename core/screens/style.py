"""The page for those who build: every part of a page in its states, and what one writes for it."""

from typing import Any

from flask import current_app, request, url_for
from wtforms import BooleanField, DateField, PasswordField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from core.contributions import Panel
from core.roles.permissions import MANAGE_PLUGINS
from core.screens.choices import offered
from core.screens.pages import blueprint
from core.texts import Text, _, direction_of, reader_locale
from core.web import MedleyForm, render
from core.web.slots import render_panel

SAMPLES: dict[str, Text] = {
    "words": _("Words"),
    "colours": _("Colours"),
    "buttons": _("Buttons"),
    "states": _("States and labels"),
    "notes": _("Notes"),
    "boxes": _("Boxes, figures, what happened"),
    "table": _("A list"),
    "fields": _("Fields"),
    "choices": _("Views, switches, menus, progress"),
    "compare": _("Two versions"),
}
LOOKS: dict[str, Text] = {
    "": _("As you have it"), "light": _("Light"), "dark": _("Dark"), "turned": _("From the other side"),
}  # fmt: skip


class SampleForm(MedleyForm):
    """One field of each kind, one of them with a mistake."""

    name = StringField(_("Full name"), [InputRequired()], description=_("As the person writes it."))
    called = StringField(_("Called"))
    sex = SelectField(_("Sex"), choices=offered([("f", _("Female")), ("m", _("Male"))], _("Not asked yet")))
    born = DateField(_("Date of birth"), [InputRequired()])
    secret = PasswordField(_("Password"), [InputRequired()])
    came = RadioField(_("Came by"), choices=offered([("walk", _("Walked in")), ("ambulance", _("Ambulance"))]))
    notes = TextAreaField(_("Notes"))
    agrees = BooleanField(_("Agrees to reminders"))


@blueprint.get("/style", permission=MANAGE_PLUGINS)
def style() -> str:
    """All parts, in the colours and from the side one asks for."""
    look = request.args.get("look", "")
    facts: dict[str, Any] = {"theme": look} if look in {"light", "dark"} else {}
    if look == "turned":
        facts["direction"] = "ltr" if direction_of(reader_locale()) == "rtl" else "rtl"
    form = SampleForm(data={"name": "", "came": "walk", "agrees": True})
    form.name.errors = [_("Write the name.")]
    samples = [
        {
            "key": key,
            "title": title,
            "source": source_of(key),
            "shown": render_panel(
                "style", Panel(template=f"core/style/{key}.html", title=title, context={"form": form}), {}
            ),
        }
        for key, title in SAMPLES.items()
    ]
    looks = [
        {"label": label, "url": url_for("core.style", look=value or None), "current": value == look}
        for value, label in LOOKS.items()
    ]
    return render("core/style.html", samples=samples, looks=looks, **facts)


def source_of(key: str) -> str:
    """What a sample is written as."""
    environment: Any = current_app.jinja_env
    source: str = environment.loader.get_source(environment, f"core/style/{key}.html")[0]
    return source
