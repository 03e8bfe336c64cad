"""A plugin's settings at a site: one WTForms class is schema, validation and page at once.

`settings.py` of a plugin holds `class Settings(PluginSettings)` with a field for each question; what the site
has not decided has the field's default. `settings_of("patients").default_country` reads one.
"""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Field, Form

from core.actors import Actor
from core.acts import act
from core.errors import Conflict, Refused
from core.registry import Setting, catalogue
from core.sites import current, touch_revision
from core.texts import _


class PluginSettings(Form):
    """The questions a plugin asks the administrator; each field's default is the answer until then."""

    def questions(self) -> list[Field]:
        """The fields in the order they are written."""
        return list(self)


def settings_class(plugin: str) -> type[PluginSettings] | None:
    """The settings class of an installed plugin, or None when it asks nothing."""
    installed = catalogue.get(plugin)
    found: type[PluginSettings] | None = installed.part("settings", "Settings") if installed else None
    return found


def settings_of(plugin: str) -> Any:
    """The site's settings of a plugin, by attribute; read once for each revision."""
    return current().state.keep(f"settings:{plugin}", lambda: load_settings(plugin))


def load_settings(plugin: str) -> SimpleNamespace:
    """Defaults, overlaid with what this site has written."""
    schema = settings_class(plugin)
    if schema is None:
        raise Refused(_("%(name)s has no settings.", name=plugin))
    values = {field.name: field.data for field in schema()}
    for row in Setting.select().where(Setting.plugin == plugin):
        if row.name in values:
            values[row.name] = row.value["value"]
    return SimpleNamespace(**values)


def setting_rows(plugin: str) -> dict[str, Setting]:
    """What this site has written, with who set it and when."""
    return {row.name: row for row in Setting.select().where(Setting.plugin == plugin)}


@act("core.change_settings", permission="core.manage_settings")
def change_settings(plugin: str, values: Mapping[str, Any], by: Actor, version: int | None = None) -> None:
    """Store new answers of one plugin; raises `Refused` with a field's name for one that does not fit.

    `version` is what `settings_version` said when the person saw the page: `Conflict` when it is another by now.
    """
    schema = settings_class(plugin)
    if schema is None:
        raise Refused(_("%(name)s has no settings.", name=plugin))
    unknown = values.keys() - schema()._fields.keys()
    if unknown:
        raise Refused(_("%(name)s has no setting %(unknown)s.", name=plugin, unknown=", ".join(sorted(unknown))))
    answers = {**vars(load_settings(plugin)), **values}
    form = schema(formdata=MultiDict({name: as_written(value) for name, value in answers.items()}))
    if not form.validate():
        raise Refused(fields={name: str(errors[0]) for name, errors in form.errors.items() if name})
    touch_revision()  # first of all: two who answer for the first time have no row yet to wait for each other at
    rows = setting_rows(plugin)
    refuse_stale(rows, values, version)
    for field in form:
        if field.name not in values:
            continue
        row = rows.get(field.name) or Setting(plugin=plugin, name=field.name)
        row.value = {"value": field.data}
        row.save()
    touch_revision()


def settings_version(plugin: str) -> int:
    """A number that grows with each change of a plugin's settings."""
    return sum(row.version for row in setting_rows(plugin).values())


def refuse_stale(rows: Mapping[str, Setting], values: Mapping[str, Any], version: int | None) -> None:
    """Raise `Conflict` when somebody answered meanwhile."""
    if version is None or version == sum(row.version for row in rows.values()):
        return
    latest = max(rows.values(), key=lambda row: row.updated_at, default=None)
    theirs = {name: row.value["value"] for name, row in rows.items() if name in values}
    mine = {name: values[name] for name in theirs}
    by, at = (latest.updated_by, latest.updated_at) if latest is not None else ("", None)
    raise Conflict(mine=mine, theirs=theirs, by=by, at=at)


def as_written(value: Any) -> Any:
    """A value as a browser would send it."""
    if isinstance(value, bool):
        return "y" if value else ""
    if isinstance(value, (list, tuple)):
        return [str(one) for one in value]
    return "" if value is None else str(value)
