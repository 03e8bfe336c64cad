"""A plugin's pages. A route without a stated permission can't be registered."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from flask import Blueprint

from core.errors import Misuse
from core.users.keys import KeyTable

F = TypeVar("F", bound=Callable[..., Any])
# Stated, never defaults: anybody at all; anybody who is signed in.
OPEN = "open"
SIGNED_IN = "core.sign_in"
METHODS = {"get": "GET", "post": "POST", "put": "PUT", "patch": "PATCH", "delete": "DELETE"}


@dataclass(frozen=True, slots=True)
class RouteSpec:
    """A route and the permission it asks for.

    `door` is what the journal calls the way in. `keys` open the route to programs, beside sessions; what such a route
    refuses is told to a program, never by sending it to a page.
    """

    endpoint: str
    rule: str
    methods: tuple[str, ...]
    permission: str
    is_form: bool = True
    slides: bool = True
    door: str = "web"
    keys: KeyTable | None = None


class MedleyBlueprint(Blueprint):
    """A Flask blueprint under one name: URL prefix, templates and endpoints all carry it."""

    def __init__(self, name: str, import_name: str, url_prefix: str | None = None, **options: Any) -> None:
        self.rules: list[RouteSpec] = []
        options.setdefault("template_folder", "templates")
        super().__init__(name, import_name, url_prefix=f"/{name}" if url_prefix is None else url_prefix, **options)

    @property
    def folder(self) -> Path:
        """Where the plugin lies."""
        return Path(self.root_path)

    def route(
        self,
        rule: str,
        *,
        permission: str = "",
        slides: bool = True,
        door: str = "web",
        keys: KeyTable | None = None,
        **options: Any,
    ) -> Callable[[F], F]:
        """Register a view; `permission` is stated for each.

        `slides=False` for what a page asks by itself (polling, suggestions): it does not keep a session awake.
        `keys` let programs in that show one of them (`core.users.keys`).
        """
        if not permission:
            raise Misuse(f"{self.name}{rule}: a route states its permission")

        def register(view: F) -> F:
            endpoint = options.pop("endpoint", "") or view.__name__
            methods = tuple(options.get("methods") or ("GET",))
            own = f"{self.name}.{endpoint}"
            self.rules.append(RouteSpec(own, rule, methods, permission, slides=slides, door=door, keys=keys))
            self.add_url_rule(rule, endpoint, view, **options)
            return view

        return register

    def get(self, rule: str, **options: Any) -> Callable[[F], F]:
        """A page."""
        return self.route(rule, methods=["GET"], **options)

    def post(self, rule: str, **options: Any) -> Callable[[F], F]:
        """A form sent."""
        return self.route(rule, methods=["POST"], **options)

    def form(self, rule: str, **options: Any) -> Callable[[F], F]:
        """A page with a form that is sent to itself."""
        return self.route(rule, methods=["GET", "POST"], **options)

    def _refuse(self, *_args: Any, **_options: Any) -> NoReturn:
        raise Misuse(f"{self.name}: app-wide handlers would reach every hospital; use a hook of the core")

    def record(self, func: Any) -> None:
        """Remember what is done when the application is built: only what Flask does for this blueprint's own pages."""
        if getattr(func, "__module__", "") != "flask.sansio.blueprints":
            self._refuse()
        super().record(func)

    app_errorhandler = app_template_filter = app_template_global = app_template_test = _refuse
    before_app_request = after_app_request = teardown_app_request = app_context_processor = _refuse
    app_url_value_preprocessor = app_url_defaults = record_once = _refuse
