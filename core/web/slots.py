"""Places on a page that other plugins fill. A panel that raises becomes a small box, never a broken page."""

from typing import Any

from flask import current_app
from markupsafe import Markup

from core.contributions import Panel
from core.hooks import collect, report
from core.sites import current


def slot(hook: str, **facts: Any) -> list[Markup]:
    """The panels of a slot, rendered, for whom they are open. `facts` go to the hook and to every template."""
    by = current().actor
    panels: list[Panel] = getattr(collect, hook)(**facts)
    return [render_panel(hook, panel, facts) for panel in panels if not panel.permission or by.may(panel.permission)]


def render_panel(hook: str, panel: Panel, facts: dict[str, Any]) -> Markup:
    """One panel in its box, or the stub that says it could not be shown."""
    environment = current_app.jinja_env
    shared = {"panel": panel, **current_app.extensions["medley_shared"]()}
    try:
        return Markup(environment.get_template(panel.template).render(**shared, **facts, **panel.context))  # nosec B704  # autoescaped
    except Exception as failure:  # noqa: BLE001  a template of a plugin may raise anything
        report(panel.template.partition("/")[0], hook, failure)
        return Markup(environment.get_template("core/_stub.html").render(**shared))  # nosec B704  # autoescaped
