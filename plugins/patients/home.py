"""The desk's card on the first page after signing in."""

from core.actors import Actor
from core.contributions import Panel
from core.texts import _
from plugins.patients.permissions import VIEW
from plugins.patients.services.arrivals import arrivals_today
from plugins.patients.wording import age_words, born_words, sex_words

WORDS = {"age": age_words, "born": born_words, "sex": sex_words}


def home_card(by: Actor) -> list[Panel]:
    """A question, the way to a new record, and who was registered last today; nothing for those who may not find."""
    if not by.may(VIEW):
        return []
    facts = {"arrivals": arrivals_today(by), "words": WORDS}
    return [Panel(template="patients/panels/home.html", title=_("Find a patient"), context=facts, order=20)]
