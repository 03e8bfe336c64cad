"""A page of settings for each plugin that asks something: name, help, answer, who set it and when."""

from typing import Any

from flask import url_for

from core.errors import NotFound
from core.registry import catalogue
from core.roles.permissions import MANAGE_SETTINGS
from core.screens.pages import blueprint, done, form_answer
from core.settings import PluginSettings, change_settings, setting_rows, settings_class, settings_of, settings_version
from core.sites import current
from core.texts import _
from core.web import MedleyForm, current_actor, form_page, names_of, render
from core.web.filters import moment

HOUSE_FIELDS = frozenset({"idempotency_key", "version"})


def plugins_that_ask() -> list[dict[str, Any]]:
    """The plugins that are on and have settings."""
    state = current().state
    return [
        {
            "name": plugin.name,
            "title": plugin.manifest.title,
            "icon": plugin.manifest.icon,
            "summary": plugin.manifest.summary,
        }
        for plugin in sorted(catalogue.plugins.values(), key=lambda one: str(one.manifest.title).casefold())
        if plugin.name in state.enabled - state.waiting and settings_class(plugin.name) is not None
    ]


@blueprint.get("/settings", permission=MANAGE_SETTINGS)
def settings() -> str:
    """What can be set at this site."""
    return render("core/settings.html", plugins=plugins_that_ask())


@blueprint.form("/settings/<plugin>", permission=MANAGE_SETTINGS, endpoint="settings_show")
def settings_show(plugin: str) -> Any:
    """The questions of one plugin."""
    asking = plugins_that_ask()
    schema = settings_class(plugin)
    if schema is None or plugin not in {one["name"] for one in asking}:
        raise NotFound
    values = {**vars(settings_of(plugin)), "version": settings_version(plugin)}
    form = form_class(schema)(data=values)
    questions = [field for field in form if field.name not in HOUSE_FIELDS]
    facts = {
        "title": next(one["title"] for one in asking if one["name"] == plugin),
        "questions": questions,
        "set_by": who_set(plugin),
        "sections": [
            {
                "label": one["title"],
                "url": url_for("core.settings_show", plugin=one["name"]),
                "current": one["name"] == plugin,
            }
            for one in asking
        ],
    }
    if form.validated():
        with form_page(form, "core/settings_show.html", **facts):
            answers = {field.name: field.data for field in questions}
            change_settings(plugin, answers, by=current_actor(), version=form.seen_version, idempotency_key=form.key)
            return done(_("Saved. It holds from the next click."), "core.settings_show", plugin=plugin)
    return form_answer("core/settings_show.html", form, **facts)


def form_class(schema: type[PluginSettings]) -> type[MedleyForm]:
    """A plugin's questions with what every form of the house carries."""
    return type("SettingsForm", (MedleyForm, schema), {})


def who_set(plugin: str) -> dict[str, str]:
    """Who gave each answer and when, in words."""
    rows = setting_rows(plugin)
    names = names_of(row.updated_by for row in rows.values())
    return {
        name: str(_("%(who)s, %(at)s", who=names.get(row.updated_by) or _("Medley"), at=moment(row.updated_at)))
        for name, row in rows.items()
    }
