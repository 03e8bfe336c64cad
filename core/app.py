"""The one place where everything meets: an application out of the core, its screens and every installed plugin."""

import logging

from flask import Flask
from flask.sansio.app import App
from werkzeug.middleware.proxy_fix import ProxyFix

from core import __version__
from core.config import Config
from core.errors import MedleyError, Misuse
from core.registry import catalogue
from core.screens import plugin as core_plugin
from core.screens import core_blueprints
from core.sites import SiteDirectory
from core.storage import keys
from core.users.policy import follow, policy_of
from core.web.assets import Assets
from core.web.blueprint import MedleyBlueprint, RouteSpec
from core.web.door import Door
from core.web.errors import map_errors
from core.web.headers import add_headers
from core.web.health import add_health
from core.web.proxies import ProxyGuard
from core.web.rendering import forget_toast, prepare_templates

LARGEST_FORM = 16 * 1024 * 1024
log = logging.getLogger("medley")


def install_plugins() -> None:
    """Register the core's own hooks and every installed plugin, once in a process."""
    catalogue.register_core(core_plugin)
    if not catalogue.plugins:
        catalogue.load()


def create_app(config: Config, directory: SiteDirectory | None = None) -> Flask:
    """Build the application that serves every site of this installation."""
    install_plugins()
    follow(policy_of(config))
    keys.install(keys.Keyring.ensure(config.keyring_path))
    app = Flask("medley", static_folder=None, template_folder="core/web/templates", root_path=root_of_house())
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_FORM, MAX_FORM_PARTS=2000, TEMPLATES_AUTO_RELOAD=False)
    app.extensions["medley_config"] = config
    app.extensions["medley_sites"] = directory = directory or SiteDirectory(config)
    prepare_templates(app, Assets(app, catalogue.in_order()))
    add_health(app, directory, __version__)
    routes = app.extensions["medley_routes"] = register_pages(app)
    Door(app, directory, routes)
    app.after_request(forget_toast)
    add_headers(app)
    map_errors(app)
    if config.trusted_proxies:
        app.wsgi_app = ProxyGuard(app.wsgi_app, ProxyFix(app.wsgi_app, x_host=1), config.trusted_proxies)  # type: ignore[method-assign]
    return app


def root_of_house() -> str:
    """The folder that holds `core/`."""
    return str(core_plugin.HOUSE)


def register_pages(app: Flask) -> dict[str, RouteSpec]:
    """Register the pages of the core and of all plugins; the site decides at the door which are there."""
    routes: dict[str, RouteSpec] = {}
    taken: set[tuple[str, str]] = set()
    for blueprint in core_blueprints:
        routes.update(register(app, blueprint, taken))
    for plugin in catalogue.in_order():
        blueprint = plugin.part("views", "blueprint")
        if blueprint is None:
            continue
        try:
            routes.update(register(app, blueprint, taken))
        except (MedleyError, AssertionError, ValueError) as unfit:
            log.error("the pages of plugin %s are left out: %s", plugin.name, unfit)
            catalogue.leave_out(plugin.name, unfit)
    return routes


def register(app: App, blueprint: MedleyBlueprint, taken: set[tuple[str, str]]) -> dict[str, RouteSpec]:
    """One blueprint's pages; raises `Misuse` for one that stands where another is already."""
    for route in blueprint.rules:
        for method in route.methods:
            address = (f"{blueprint.url_prefix or ''}{route.rule}", method)
            if address in taken:
                raise Misuse(f"{blueprint.name} has two pages at {address[1]} {address[0]}")
            taken.add(address)
    app.register_blueprint(blueprint)
    return {route.endpoint: merged(route, blueprint) for route in blueprint.rules}


def merged(route: RouteSpec, blueprint: MedleyBlueprint) -> RouteSpec:
    """A route with all methods of its endpoint, which must agree on the permission."""
    same = [one for one in blueprint.rules if one.endpoint == route.endpoint]
    if len({one.permission for one in same}) > 1:
        raise Misuse(f"{route.endpoint} asks for two different permissions")
    return route


__all__ = ["create_app", "install_plugins"]
