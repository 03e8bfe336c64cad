"""The plugins page: what is installed, what it adds, and a switch that says what follows before anything happens."""

from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from core.errors import NotFound, Refused
from core.hooks import table
from core.jobs import all_jobs
from core.registry import (
    Consequences,
    Installed,
    Plugin,
    catalogue,
    consequences,
    count_pages,
    plugin_rows,
    restore_plugin,
    state_word,
)
from core.roles.permissions import MANAGE_PLUGINS
from core.screens.pages import blueprint, done
from core.screens.questions import PlainForm
from core.screens.switching import begin_switching, going_off, switch_all_off, title_of
from core.sites import current
from core.texts import Text, _, n_
from core.web import current_actor, go, names_of, render
from core.web.filters import day
from core.web.shell import TITLES

VIEWS = ("all", "on", "off", "needs")
NEED_SOMEBODY = ("set aside", "needs upgrade", "missing", "failed", "installing")
# Hooks whose loss is told by the pages and permissions that go.
SHELL = frozenset({"navigation", "permissions", "demo_data"})
# What the core's own hooks are called for those who look after a house.
AREAS = {"home_cards": TITLES["today"], "palette_sources": _("the search field at the top")}
STATES: dict[str, tuple[str, Text]] = {
    "set aside": ("stop", _("Set aside")),
    "needs upgrade": ("hold", _("Needs upgrade")),
    "missing": ("missed", _("Code is missing")),
    "failed": ("missed", _("Could not be loaded")),
    "installing": ("active", _("Being switched on")),
}


@blueprint.get("/plugins", permission=MANAGE_PLUGINS)
def plugins() -> str:
    """Every plugin that is installed, or was."""
    return plugins_page(request.args.get("show", "all"), "")


@blueprint.get("/plugins/<name>", permission=MANAGE_PLUGINS, endpoint="plugins_show")
def plugins_show(name: str) -> str:
    """The same page with what one switch would do."""
    if not is_known(name):
        raise NotFound
    return plugins_page("all", name)


@blueprint.post("/plugins/<name>/on", permission=MANAGE_PLUGINS, endpoint="plugins_on")
def plugins_on(name: str) -> Response:
    """Switch a plugin on, or bring its tables up to date."""
    if not is_known(name):
        raise NotFound
    begun = begin_switching(name, by=current_actor())
    if begun is not None:
        return go("core.jobs_show", uid=begun.uid)
    return done(_("%(name)s is on. Nothing restarts.", name=title_of(name)), "core.plugins")


@blueprint.post("/plugins/<name>/off", permission=MANAGE_PLUGINS, endpoint="plugins_off")
def plugins_off(name: str) -> Response:
    """Switch a plugin off; with `all`, those that need it too."""
    if not is_known(name):
        raise NotFound
    names = going_off(name)
    if len(names) > 1 and request.form.get("all") != str(len(names)):
        raise Refused(
            _(
                "Plugins that are on need it: %(names)s. Turn them off first.",
                names=", ".join(map(title_of, names[:-1])),
            )
        )
    switch_all_off(names, by=current_actor())
    words = n_(
        "%(name)s is off. Every record stays.",
        "%(n)s plugins are off. Every record stays.",
        len(names),
        name=title_of(name),
    )
    return done(words, "core.plugins")


@blueprint.post("/plugins/<name>/try-again", permission=MANAGE_PLUGINS, endpoint="plugins_try_again")
def plugins_try_again(name: str) -> Response:
    """Listen again to a plugin that was set aside."""
    if not is_known(name):
        raise NotFound
    restore_plugin(name, by=current_actor(), idempotency_key=PlainForm().key)
    return done(_("%(name)s is heard again.", name=title_of(name)), "core.plugins")


def is_known(name: str) -> bool:
    """Whether a plugin of that name is installed, failed to load, or was here once."""
    if name in catalogue.plugins or name in catalogue.failures:
        return True
    return name.isascii() and name.isalnum() and Plugin.select(Plugin.id).where(Plugin.name == name).exists()


def plugins_page(view: str, opened: str) -> str:
    """The page with its tabs, one plugin's consequences open in place."""
    lines = plugin_lines()
    for line in lines:
        if line["name"] == opened and line["state"] != "failed":
            line["consequences"] = consequences_of(line)
    by_view = {
        "all": lines,
        "on": [one for one in lines if one["is_on"]],
        "off": [one for one in lines if not one["is_on"] and one["state"] not in NEED_SOMEBODY],
        "needs": [one for one in lines if one["state"] in NEED_SOMEBODY],
    }
    view = view if view in VIEWS else "all"
    words = {"all": _("All"), "on": _("On"), "off": _("Off"), "needs": _("Needs you")}
    views = [
        {
            "label": words[one],
            "url": url_for("core.plugins", show=None if one == "all" else one),
            "current": one == view,
            "count": len(by_view[one]),
        }
        for one in VIEWS
    ]
    return render(
        "core/plugins.html", lines=by_view[view], views=views, total=len(lines), on=len(by_view["on"]), view=view
    )


def plugin_lines() -> list[dict[str, Any]]:
    """Every plugin: installed, failed to load, and those whose code is gone."""
    rows = plugin_rows()
    names = names_of(row.switched_by for row in rows.values())
    lines = [line_of(plugin, rows.get(plugin.name), names) for plugin in catalogue.in_order()]
    lines += [failed_line(name, rows.get(name)) for name in sorted(catalogue.failures) if name not in catalogue.plugins]
    known = {line["name"] for line in lines}
    lines += [missing_line(row, names) for name, row in sorted(rows.items()) if name not in known]
    return sorted(lines, key=lambda line: (line["state"] not in NEED_SOMEBODY, str(line["title"]).casefold()))


def line_of(plugin: Installed, row: Plugin | None, names: dict[str, str]) -> dict[str, Any]:
    """One installed plugin as the page shows it."""
    state = state_word(plugin.name, current().state, row)
    manifest = plugin.manifest
    version = manifest.version
    if state == "needs upgrade" and row is not None and row.code_version not in ("", manifest.version):
        version = str(_("%(old)s to %(new)s", old=row.code_version, new=manifest.version))
    return {
        "name": plugin.name,
        "title": manifest.title,
        "version": version,
        "summary": manifest.summary,
        "icon": manifest.icon,
        "vendor": manifest.vendor,
        "asks": manifest.asks,
        "adds": adds(plugin),
        "needs": needs_words(plugin),
        "state": state,
        "phase": STATES.get(state),
        "is_on": plugin.name in current().state.enabled,
        "error": row.last_fault if row is not None else "",
        "faults": row.faults if row is not None else 0,
        "since": row.quarantined_at if row is not None else None,
        "switched": switched_words(row, names),
        "consequences": None,
        "has_settings": plugin.part("settings", "Settings") is not None,
    }


def bare_line(name: str, state: str, **facts: Any) -> dict[str, Any]:
    """A plugin of which there is little to say."""
    return {
        "name": name,
        "title": name.capitalize(),
        "version": "",
        "summary": "",
        "icon": "puzzle",
        "vendor": "",
        "asks": "",
        "adds": "",
        "needs": "",
        "state": state,
        "phase": STATES.get(state),
        "is_on": False,
        "error": "",
        "faults": 0,
        "since": None,
        "switched": "",
        "consequences": None,
        "has_settings": False,
        **facts,
    }


def failed_line(name: str, row: Plugin | None) -> dict[str, Any]:
    """A plugin that could not be imported, and why."""
    failure = catalogue.failures[name]
    where = f" ({failure.detail})" if failure.detail else ""
    words = _("Its code did not load when the server started. Everything else runs without it.")
    return bare_line(
        name, "failed", summary=words, error=f"{failure.reason}{where}", is_on=row is not None and row.state == "on"
    )


def missing_line(row: Plugin, names: dict[str, str]) -> dict[str, Any]:
    """A plugin this site knows and nobody has installed any more."""
    state = "missing" if row.state == "on" else "off"
    words = _("It is not installed on this server any more. Its records are kept and its journal can be read.")
    return bare_line(row.name, state, summary=words, switched=switched_words(row, names))


def switched_words(row: Plugin | None, names: dict[str, str]) -> str | Text:
    """Who threw the switch last, and when."""
    if row is None or row.switched_at is None:
        return ""
    who = names.get(row.switched_by) or _("Medley")
    if row.state == "on":
        return _("On since %(day)s, by %(who)s", day=day(row.switched_at), who=who)
    return _("Off since %(day)s, by %(who)s", day=day(row.switched_at), who=who)


def adds(plugin: Installed) -> str:
    """What a plugin adds, counted."""
    pages = count_pages(plugin)
    hooks = sum(1 for hook in table.specs if plugin.name in table.implementers(hook))
    jobs = sum(1 for spec in all_jobs().values() if spec.plugin == plugin.name)
    permissions = len(plugin.part("permissions", "PERMISSIONS") or ())
    counted = (
        (pages, n_("one page", "%(n)s pages", pages)),
        (hooks, n_("joins in at one place", "joins in at %(n)s places", hooks)),
        (jobs, n_("one background job", "%(n)s background jobs", jobs)),
        (permissions, n_("one permission", "%(n)s permissions", permissions)),
    )
    words = ", ".join(str(text) for number, text in counted if number)
    return words[:1].upper() + words[1:]


def needs_words(plugin: Installed) -> str:
    """What a plugin needs, with whether it is there."""
    enabled = current().state.enabled
    parts = []
    for name in sorted(plugin.manifest.requires):
        words = (
            _("%(name)s, which is on")
            if name in enabled
            else _("%(name)s, which is off")
            if name in catalogue.plugins
            else _("%(name)s, which is not installed")
        )
        parts.append(str(words % {"name": title_of(name)}))
    return "; ".join(parts)


def consequences_of(line: dict[str, Any]) -> dict[str, Any]:
    """What the switch of one plugin would do, in words."""
    name, title = line["name"], line["title"]
    found = consequences(name)
    leaving = going_off(name) if not found.turns_on else []
    where = current().site.title
    asked = (
        _("If %(name)s is turned on at %(where)s") if found.turns_on else _("If %(name)s is turned off at %(where)s")
    )
    return {
        "title": asked % {"name": title, "where": where},
        "turns_on": found.turns_on,
        "obstacles": found.obstacles if found.turns_on else (),
        "needed_by": [title_of(one) for one in leaving[:-1]],
        "all": len(leaving),
        "effects": effects_on(found) if found.turns_on else effects_off(found, leaving),
    }


def effects_on(found: Consequences) -> list[tuple[str, str | Text]]:
    """What appears."""
    along = ", ".join(title_of(one) for one in found.comes_along)
    lines: list[tuple[str, str | Text]] = []
    if along:
        lines.append(("collection", _("These come along, because it needs them: %(names)s", names=along)))
    if found.pages:
        lines.append(
            (
                "window",
                n_(
                    "One page appears for those who may open it",
                    "%(n)s pages appear for those who may open them",
                    found.pages,
                ),
            )
        )
    if found.permissions:
        lines.append(
            (
                "shield-lock",
                n_(
                    "One permission is added to the roles it names",
                    "%(n)s permissions are added to the roles they name",
                    found.permissions,
                ),
            )
        )
    if found.hooks:
        lines.append(("puzzle", n_("It joins in at one place", "It joins in at %(n)s places", len(found.hooks))))
    lines.append(("database", _("Its tables are made, if they are not there yet. What it kept before is there again")))
    return lines


def effects_off(found: Consequences, leaving: list[str]) -> list[tuple[str, str | Text]]:
    """What goes, and what stays."""
    kept = consequence_rows(leaving)
    lines: list[tuple[str, str | Text]] = []
    if found.pages:
        lines.append(("eye-slash", n_("One page is closed", "%(n)s pages are closed", found.pages)))
    if kept:
        lines.append(("shield-check", n_("Every record stays: one row", "Every record stays: %(n)s rows", kept)))
    else:
        lines.append(("shield-check", _("It keeps no records yet; what it was told stays")))
    joined = sorted({area_of(hook) for hook in found.hooks if hook not in SHELL})
    if joined:
        lines.append(("slash-circle", _("It no longer joins in: %(places)s", places=", ".join(joined))))
    lines.append(("pause-circle", _("Its jobs wait until it is on again")))
    return lines


def consequence_rows(names: list[str]) -> int:
    """How many records these plugins keep."""
    return sum(consequences(name).rows for name in names)


def area_of(hook: str) -> str:
    """Where a hook belongs, in words."""
    owner = table.specs[hook].owner
    if owner != "core":
        return title_of(owner)
    return str(AREAS.get(hook, hook.replace("_", " ")))
