"""Every page of an application, with an address that can be asked for."""

from flask import Flask
from werkzeug.routing import AnyConverter, IntegerConverter, Rule

from core.storage import new_uid
from core.web import RouteSpec

# Addresses that end the session which asks.
PARTING = frozenset({"core.sign_out", "core.me_sessions_end_others"})


def value_for(rule: Rule, name: str, known: dict[str, str]) -> str | int:
    """Something an address can be built with."""
    converter = rule._converters[name]
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    if isinstance(converter, IntegerConverter):
        return 999999
    return known.get(name) or new_uid()


def addresses(app: Flask, **known: str) -> list[tuple[RouteSpec, str, str]]:
    """(route, method, path) of every page; what an address names is made up unless given."""
    routes: dict[str, RouteSpec] = app.extensions["medley_routes"]
    adapter = app.url_map.bind("harbour")
    found = []
    for rule in app.url_map.iter_rules():
        route = routes.get(rule.endpoint)
        if route is None:
            continue
        values = {name: value_for(rule, name, known) for name in rule.arguments}
        path = adapter.build(rule.endpoint, values)
        found += [(route, method, path) for method in sorted(rule.methods & {"GET", "POST"})]
    return sorted(found, key=lambda one: (one[2], one[1]))
