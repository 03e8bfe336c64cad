"""The one place where everything meets: an application out of the core, its screens and every installed plugin."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from flask.sansio.app import App
from werkzeug.middleware.proxy_fix import ProxyFix

from core import __version__
from core.acts import all_acts
from core.config import Config
from core.contributions import Permission
from core.errors import MedleyError, Misuse
from core.jobs import all_jobs
from core.registry import Installed, catalogue
from core.roles.defaults import SHIPPED_ROLES
from core.roles.matrix import Guarded, as_markdown, matrix_of, shipped_matrix, undeclared
from core.screens import core_blueprints
from core.screens import plugin as core_plugin
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
from core.workflow.checking import complaints
from core.workflow.contents import shipped_content
from core.workflow.definitions import workflows_of


class Application(Flask):
    """Flask, which need not ask of each function whether it is a coroutine: none of ours is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """A view as it is."""
        return func


LARGEST_FORM = 16 * 1024 * 1024


def install_plugins() -> None:
    """Register the core's own hooks and every installed plugin, once in a process."""
    catalogue.register_core(core_plugin)
    if not catalogue.plugins:
        catalogue.load()


def install_keys(config: Config) -> None:
    """Run with the installation's keyring. It is made at the very first start only: a lost one must be found again."""
    is_first_start = not any((config.data_folder / "sites").glob("*.toml"))
    keys.install(keys.Keyring.ensure(config.keyring_path, is_first_start))


def create_app(config: Config, directory: SiteDirectory | None = None) -> Flask:
    """Build the application that serves every site of this installation."""
    install_plugins()
    follow(policy_of(config))
    install_keys(config)
    app = Application("medley", static_folder=None, template_folder="core/web/templates", root_path=root_of_house())
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_FORM, MAX_FORM_PARTS=2000, TEMPLATES_AUTO_RELOAD=False)
    app.extensions["medley_config"] = config
    app.extensions["medley_sites"] = directory = directory or SiteDirectory(config)
    prepare_templates(app, Assets(app, catalogue.in_order()), config.data_folder / ".templates")
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
        refuse_unguarded("core", (), blueprint)
        routes.update(register(app, blueprint, taken))
    for plugin in catalogue.in_order():
        blueprint = plugin.part("views", "blueprint")
        try:
            refuse_unguarded(plugin.name, permissions_near(plugin), blueprint)
            refuse_broken_workflows(plugin)
            if blueprint is not None:
                routes.update(register(app, blueprint, taken))
        except (MedleyError, AssertionError, ValueError) as unfit:
            catalogue.leave_out(plugin.name, unfit)
    return routes


def guarded_by(owner: str, blueprint: MedleyBlueprint | None) -> list[Guarded]:
    """Everything of a plugin, or of the core, that a permission guards."""
    guarded = [Guarded("route", route.endpoint, route.permission) for route in (blueprint.rules if blueprint else ())]
    guarded += [
        Guarded("act", spec.name, spec.permission) for spec in all_acts().values() if spec.name.startswith(f"{owner}.")
    ]
    guarded += [
        Guarded("job", name, spec.permission)
        for name, spec in all_jobs().items()
        if name.startswith(f"{owner}.") and spec.permission
    ]
    guarded += [
        Guarded("transition", f"{workflow.name}.{one.name}", one.permission)
        for workflow in workflows_of(owner)
        for one in workflow.transitions
    ]
    return guarded


def refuse_unguarded(owner: str, permissions: Iterable[Permission], blueprint: MedleyBlueprint | None) -> None:
    """Deny by default: what asks for a permission nobody declares is not served at all."""
    missing = undeclared(guarded_by(owner, blueprint), permissions)
    if missing:
        named = ", ".join(f"{one.kind} {one.name} asks for {one.permission}" for one in missing)
        raise Misuse(f"{named}; nobody declares that permission")


def refuse_broken_workflows(plugin: Installed) -> None:
    """Raise `Misuse` for a workflow as it is shipped that could not be put in force."""
    for workflow in workflows_of(plugin.name):
        wrong = complaints(workflow, shipped_content(workflow))
        if wrong:
            raise Misuse(f"workflow {workflow.name}: {' '.join(str(one) for one in wrong)}")


def permissions_near(plugin: Installed) -> list[Permission]:
    """The permissions a plugin may ask for: its own, and those of the plugins it requires."""
    near = (catalogue.plugins.get(name) for name in (*catalogue.needs(plugin.name), plugin.name))
    return [one for other in near if other is not None for one in other.part("permissions", "PERMISSIONS") or ()]


def permission_matrix() -> str:
    """The page `docs/permissions.md`, out of the code that is installed."""
    install_plugins()
    guarded = [one for blueprint in core_blueprints for one in guarded_by("core", blueprint)]
    permissions: list[Permission] = []
    for plugin in catalogue.in_order():
        guarded += guarded_by(plugin.name, plugin.part("views", "blueprint"))
        permissions += plugin.part("permissions", "PERMISSIONS") or ()
    return as_markdown(matrix_of(guarded, shipped_matrix(permissions)), SHIPPED_ROLES)


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


__all__ = ["create_app", "install_keys", "install_plugins", "permission_matrix"]
