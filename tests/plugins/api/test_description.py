"""The description of the door is OpenAPI 3.1 as its authors have it, and says what the door does."""

import jsonschema_rs
from schemathesis.specs.openapi.definitions import OPENAPI_31

from core.resources import resources_here
from plugins.api.rest.nouns import address_of
from tests.plugins.api.conftest import DEVICES, Shop, device


def test_it_is_what_the_meta_schema_says(shop: Shop):
    described = shop.program.get("/api/openapi.json").get_json()
    found = [
        f"{one.instance_path}: {one.message}" for one in jsonschema_rs.validator_for(OPENAPI_31).iter_errors(described)
    ]
    assert not found
    assert described["openapi"].startswith("3.1")


def test_every_schema_is_one(shop: Shop):
    described = shop.program.get("/api/openapi.json").get_json()
    for name, schema in described["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}), name


def test_what_comes_is_what_was_described(shop: Shop):
    described = shop.program.get("/api/openapi.json").get_json()
    found = shop.program.device(price="7.50", services=[{"done_on": "2026-01-01", "what": "Battery"}], bought_on=None)
    page = shop.program.get(f"{DEVICES}?limit=200&count=true").get_json()
    for instance, path, verb in ((found, f"{DEVICES}/{{uid}}", "get"), (page, DEVICES, "get")):
        answer = described["paths"][path][verb]["responses"]["200"]["content"]["application/json"]["schema"]
        whole = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **answer,
            "components": described["components"],
        }
        jsonschema_rs.validate(whole, instance)


def test_it_describes_what_the_reader_may_do_and_nothing_else(shop: Shop):
    paths = shop.program.get("/api/openapi.json").get_json()["paths"]
    with shop.site.activate():
        nouns = [one for one in resources_here().values() if "api" in one.doors]
    assert {address_of(one) for one in nouns} <= set(paths)
    assert set(paths[f"{DEVICES}/{{uid}}"]) == {"get", "patch", "delete"}
    viewer = shop.token(shop.person("nurse", "administrator"), "equipment.view")
    seen = viewer.get("/api/openapi.json").get_json()
    assert {path for path in seen["paths"] if path.startswith(DEVICES)} == {
        DEVICES,
        f"{DEVICES}/search",
        f"{DEVICES}/{{uid}}",
    }
    assert set(seen["paths"][f"{DEVICES}/{{uid}}"]) == {"get"}
    assert set(seen["paths"][DEVICES]) == {"get"}
    assert not [path for path in seen["paths"] if path.startswith("/api/v1/core/people")]


def test_the_page_for_people_names_every_noun_and_shows_how_to_ask(shop: Shop):
    desk = shop.house.visitor(shop.site, shop.admin)
    page = desk.get("/api/").text
    assert DEVICES in page
    assert "/api/v1/core/people" in page
    assert "curl" in page
    for line in shop.program.get("/api/v1").get_json()["nouns"]:
        assert line["address"] in page
    assert shop.program.post(DEVICES, device()).status_code == 201
