"""The one blueprint of the core's pages; each module of this room adds its own to it."""

from typing import Any

from flask import request
from werkzeug.wrappers import Response

from core.errors import Words
from core.web import MedleyBlueprint, MedleyForm, go, render, toast

blueprint = MedleyBlueprint("core", "core.screens", url_prefix="")
UNFIT = 422


def form_answer(template: str, form: MedleyForm, /, **facts: Any) -> str | tuple[str, int]:
    """The page of a form; one that was sent and did not hold says so in its status too."""
    written = render(template, form=form, **facts)
    return (written, UNFIT) if request.method == "POST" else written


def done(words: Words, endpoint: str, /, phase: str = "done", **values: Any) -> Response:
    """Send the reader on, and let the next page say what was done."""
    return toast(go(endpoint, **values), words, phase)
