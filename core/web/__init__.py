"""The doors made of HTTP: requests pass one door, pages speak one look, errors say what to do."""

from core.web.addresses import url_for
from core.web.blueprint import OPEN, SIGNED_IN, MedleyBlueprint, RouteSpec
from core.web.forms import MedleyForm, form_page
from core.web.history import RecordHistory, history, url_of
from core.web.rendering import go, render, toast
from core.web.request import current_actor, door_answer
from core.web.streaming import streamed
from core.web.who import name_of, names_of

__all__ = [
    "OPEN",
    "SIGNED_IN",
    "MedleyBlueprint",
    "MedleyForm",
    "RecordHistory",
    "RouteSpec",
    "current_actor",
    "door_answer",
    "form_page",
    "go",
    "history",
    "name_of",
    "names_of",
    "render",
    "streamed",
    "toast",
    "url_for",
    "url_of",
]
