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
    house: Any = current_app
    environment, shared = house.jinja_env, house.extensions["medley_shared"]()
    try:
        return Markup(environment.filled(panel.template, shared, {"panel": panel}, facts, panel.context))  # nosec B704  # autoescaped
    except Exception as failure:  # noqa: BLE001  a template of a plugin may raise anything
        report(panel.template.partition("/")[0], hook, failure)
        return Markup(environment.filled("core/_stub.html", shared, {"panel": panel}))  # nosec B704  # autoescaped
