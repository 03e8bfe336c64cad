"""What holds for every noun a site declares, by every door (A-2, A-13): nouns come from the registry.

A noun somebody adds is tried the day it appears: `VALUES` has to say how one of it is entered.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import date
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest

from core.places.services import PlaceDetails, add_place
from core.resources import Relation, Resource, resources_here, writable
from core.resources.bulk.services import mark
from core.resources.counting import ask_for_count
from core.resources.custom.checking import FieldDetails
from core.resources.custom.defining import add_field
from core.resources.exporting.services import ask_for_export, save_preset
from core.resources.exporting.taking_out import order_of
from core.resources.finding import query_of
from core.resources.importing.rows import MODES, importable
from core.resources.importing.services import send_file
from core.resources.narrowing import narrowed
from core.resources.views import save_view
from core.resources.writing import create_record, edit_record
from core.roles.grants import grant_permission
from core.roles.visibility import sight_of
from core.sites import Site
from core.storage import new_uid
from core.testing.house import HOUSE, Visitor, actor_of
from plugins.api.rest.nouns import address_of
from tests.core.resources.files.tables import run_jobs
from tests.plugins.api.conftest import Program, Shop, secret_for
from tests.plugins.api.test_rights import USE, operations, plain

ROLES = ("administrator", "doctor", "receptionist", "storekeeper")
SECRET = "hushed"
Records = dict[str, Any]


def values(label: str, place: Any, held: Records) -> dict[str, Callable[[], dict[str, Any]]]:
    """How one of each noun is entered, its words all carrying this label."""
    return {
        "core.place": lambda: {"name": f"{label} room", "kind": "department", "parent": place, "code": label.upper()},
        "core.user": lambda: {"name": f"{label} Person", "sign_in": f"{label.lower()}.person", "default_place": place},
        "core.role": lambda: {"name": f"{label.lower()}_role", "label": f"{label} role"},
        "core.grant": lambda: {"user": held["core.user"], "role": held["core.role"], "place": place, "reason": label},
        "patients.patient": lambda: {
            "name": f"{label} {label[::-1]}", "sex": "female", "born_on": date(1950 + len(label), 2, len(label)),
            "phone": f"+2547125550{len(label):02d}", "area": label, "place": place,
        },
        "equipment.device": lambda: {
            "name": f"{label} pump", "serial": f"{label}-1", "kind": "pump", "place": place,
            "services": [{"done_on": date(2026, 1, 1), "what": f"{label} service"}],
        },
    }  # fmt: skip


def one_of_each(site: Site, label: str, place: Any) -> Records:
    """One record of every noun of this site, at a place."""
    held: Records = {}
    with site.activate(door="test") as activation:
        activation.actor = HOUSE
        entered = values(label, place, held)
        assert entered.keys() == resources_here().keys(), "say in `values` how one of a new noun is entered"
        for name, given in entered.items():
            held[name] = create_record(resources_here()[name], given(), HOUSE)
    return held


@pytest.fixture(scope="module")
def town(shop: Shop) -> Iterator[SimpleNamespace]:
    """Two wards and another hospital with one of everything each, and a clerk with every right, in one ward."""
    with shop.site.activate():
        top = add_place(PlaceDetails("Town", "organisation"), by=HOUSE)
        east, west = (add_place(PlaceDetails(f"{name} wing", "facility"), by=HOUSE, parent=top) for name in "EW")
    near, far = (one_of_each(shop.site, label, place) for label, place in (("Near", east), ("Hidden", west)))
    lake = shop.house.site("lake", hosts=["lake"], plugins=["equipment", "patients", "api"])
    with lake.activate():
        shore = add_place(PlaceDetails("Shore", "organisation"), by=HOUSE)
    strange = one_of_each(lake, "Strange", shore)
    clerk = shop.person(*ROLES, place=east)
    with shop.site.activate():
        grant_permission(clerk, USE, by=HOUSE)
        by = actor_of(clerk)
        nouns = dict(resources_here())
        hidden = {name for name, one in nouns.items() if not is_open(one, far[name], by)}
    assert {"equipment.device", "patients.patient"} <= hidden
    yield SimpleNamespace(
        shop=shop, near=near, far=far, strange=strange, nouns=nouns, hidden=hidden, by=by,
        clerk=Program(shop.house, shop.site, secret_for(shop.site, clerk)),
        desk=shop.house.visitor(shop.site, clerk), boss=shop.house.visitor(shop.site, shop.person(*ROLES)),
    )  # fmt: skip


def is_open(resource: Resource, record: Any, by: Any) -> bool:
    """Whether somebody may see a record."""
    sight = sight_of(resource.model, by, resource.may_view).condition
    return bool(resource.model.select().where(resource.model.uid == record.uid, sight).exists())


def closed(town: SimpleNamespace, program: Program) -> Iterator[tuple[Resource, str]]:
    """Every record that must not open: of the other ward where the clerk does not see it, of the other hospital."""
    for name, resource in town.nouns.items():
        if program is town.clerk and name in town.hidden:
            yield resource, town.far[name].uid
        yield resource, town.strange[name].uid


def says_nothing(text: str, town: SimpleNamespace, by_clerk: bool = True) -> bool:
    """Whether no word of what is closed stands in an answer."""
    words = [
        f"{one}"
        for label in ("Strange", *(["Hidden"] if by_clerk else []))
        for one in (f"{label} pump", f"{label} service", label[::-1])
    ]
    return not any(word in text for word in words)


# By URL, body, filter, sort, search: over REST.


def test_no_address_of_the_api_opens_it(town: SimpleNamespace):
    tried = 0
    for program in (town.clerk, town.shop.program):
        for resource, uid in closed(town, program):
            nobody = new_uid()
            asked = [one for one in operations(resource, uid) if uid in one[1]]
            asked += [("GET", f"{address_of(resource, uid)}?fields={name}", None, "") for name in resource.by_name]
            for method, path, body, _permission in asked:
                there = program.ask(method, path, body, If_Match='"1"')
                absent = program.ask(method, path.replace(uid, nobody), body, If_Match='"1"')
                assert plain(there) == plain(absent), (method, path)
                assert there.status_code in (403, 404), (method, path)
                tried += 1
    assert tried > 150


def test_no_list_filter_order_or_search_of_the_api_leads_to_it(town: SimpleNamespace):
    tried = 0
    for name, resource in town.nouns.items():
        address = address_of(resource)
        far, strange = town.far[name].uid, town.strange[name].uid
        for sort in resource.sorts or (None,):
            for sign in ("", "-") if sort else ("",):
                asked = f"{address}?limit=200&retired=true&count=true" + (f"&sort={sign}{sort.name}" if sort else "")
                text = town.clerk.get(asked).text
                assert strange not in text and (name not in town.hidden or far not in text), asked
                assert says_nothing(text, town), asked
                tried += 1
        for fact in resource.by_name.values():
            if not isinstance(fact.kind, Relation) or fact.load is not None or fact.kind.to not in town.nouns:
                continue
            for whose in (town.far, town.strange) if fact.kind.to in town.hidden else (town.strange,):
                answer = town.clerk.get(f"{address}?{fact.name}={whose[fact.kind.to].uid}")
                assert answer.status_code == 422 or answer.get_json()["items"] == [], (name, fact.name)
                absent = town.clerk.get(f"{address}?{fact.name}={new_uid()}")
                assert plain(answer) == plain(absent), (name, fact.name)
                tried += 1
        for words in ("Hidden", "Strange", town.far["equipment.device"].serial):
            text = town.clerk.post(f"{address}/search", {"words": words, "retired": True}).text
            assert strange not in text and (name not in town.hidden or far not in text), (name, words)
            tried += 1
    assert tried > 40


def test_nothing_of_it_is_reached_or_named_through_a_body(town: SimpleNamespace):
    tried = 0
    with town.shop.site.activate():
        facts = {name: writable(one, town.by, "create") for name, one in town.nouns.items()}
    for name, resource in town.nouns.items():
        for fact in facts[name].values():
            if not isinstance(fact.kind, Relation) or fact.kind.to not in town.nouns:
                continue
            for whose in (town.far, town.strange) if fact.kind.to in town.hidden else (town.strange,):
                uid = whose[fact.kind.to].uid
                for method, path in (
                    ("POST", address_of(resource)),
                    ("PATCH", address_of(resource, town.near[name].uid)),
                ):
                    for value in (uid, {"uid": uid}):
                        answer = town.clerk.ask(method, path, {fact.name: value}, If_Match='"1"')
                        if answer.status_code == 405:
                            continue
                        absent = town.clerk.ask(method, path, {fact.name: new_uid()}, If_Match='"1"')
                        assert (answer.status_code, plain(answer)) == (422, plain(absent)), (method, path, fact.name)
                        tried += 1
    assert tried >= 8


def test_what_nobody_asks_for_is_refused_of_every_noun(town: SimpleNamespace):
    """Mass assignment: the record's own columns, columns that are no facts, facts that are worked out."""
    tried = 0
    for name, resource in town.nouns.items():
        record = town.near[name]
        with town.shop.site.activate():
            may = {verb: writable(resource, town.by, verb) for verb in ("create", "edit")}
            known = {one.name for one in resource.lines}
            columns = set(resource.model._meta.fields) | set(resource.by_name) | {"uid", "id", "version"}
            for mode in MODES:
                brought = {one.partition(".")[0] for one in importable(resource, mode, town.by)}
                assert brought <= set(may["edit" if mode == "change" else "create"]) | known
        before = town.shop.program.get(address_of(resource, record.uid)).get_json()
        for verb, method, path in (
            ("create", "POST", address_of(resource)), ("edit", "PATCH", address_of(resource, record.uid)),
        ):  # fmt: skip
            strange = columns - set(may[verb]) - known
            answer = town.clerk.ask(method, path, dict.fromkeys(strange, "x"), If_Match=f'"{before["version"]}"')
            if answer.status_code == 405:
                continue
            assert answer.status_code == 422, (method, path, answer.text)
            told = {one["pointer"] for one in answer.get_json()["errors"]}
            assert {f"/{one}" for one in strange} <= told, (method, path)
            tried += len(strange)
        assert town.shop.program.get(address_of(resource, record.uid)).get_json() == before
    assert tried > 100


# On pages: addresses, lists, files, pickers, acts for many.


def rule_of(town: SimpleNamespace, endpoint: str) -> str:
    """The address an endpoint answers at, or ""."""
    return next((one.rule for one in town.shop.house.app.url_map.iter_rules() if one.endpoint == endpoint), "")


def test_no_page_opens_it(town: SimpleNamespace):
    tried = 0
    for resource, uid in closed(town, town.clerk):
        own = f"{resource.plugin}/{resource.noun}"
        rules = [rule_of(town, resource.endpoint(verb)) for verb in ("show", "edit", "retire", "restore", "file_add")]
        rules += [rule_of(town, resource.endpoint(f"act_{one.name}")) for one in resource.actions]
        paths = [one for one in rules if "<uid>" in one and one.count("<") == 1]
        paths += [f"/{part}/{own}/<uid>" for part in ("history", "timeline", "comments")]
        for path in paths:
            for method in ("GET", "POST"):
                data = {"csrf_token": town.desk._token, "text": "x", "reason": "x", "version": "1"}
                sent = data if method == "POST" else None
                there = town.desk.open(method, path.replace("<uid>", uid), data=sent)
                absent = town.desk.open(method, path.replace("<uid>", new_uid()), data=sent)
                assert there.status_code == absent.status_code, (method, path)
                assert there.status_code in (403, 404, 405), (method, path)
                assert says_nothing(there.text, town), (method, path)
                tried += 1
    assert tried > 80


def test_no_list_file_picker_or_act_for_many_shows_it(town: SimpleNamespace):
    tried = 0
    for name, resource in town.nouns.items():
        foreign = [town.strange[name].uid, *([town.far[name].uid] if name in town.hidden else [])]
        if "list" in resource.doors:
            where = rule_of(town, resource.endpoint("list"))
            for sort in resource.sorts or (None,):
                page = town.desk.get(where + (f"?sort={sort.name}&as=all" if sort else "?as=all")).text
                assert not any(uid in page for uid in foreign) and says_nothing(page, town), where
            columns = ["uid", *resource.by_name, *(one.name for one in resource.lines)]
            if "export" in resource.doors:
                rows = exported(town.desk, rule_of(town, resource.endpoint("export")), columns)
                assert len(rows) > 1
                text = "\n".join(",".join(row) for row in rows)
                assert not any(uid in text for uid in foreign) and says_nothing(text, town), where
                tried += 1
            bulk = rule_of(town, resource.endpoint("bulk"))
            if bulk:
                run = town.desk.post(bulk, {"uid": foreign, "list": ""}).location
                page = town.desk.get(run).text
                assert says_nothing(page, town)
                assert town.desk.post(f"{run}?do=retire", {"reason": "mine"}).status_code < 500
                assert says_nothing(town.desk.get(run).text, town)
                tried += 1
        if "pick" in resource.doors:
            found = town.desk.post("/pick", {"to": name, "q": "Hidden" if name in town.hidden else "Strange"})
            assert not any(uid in found.text for uid in foreign)
            tried += 1
    with town.shop.site.activate():
        for name in town.hidden:
            model = town.nouns[name].model
            assert model.get(model.uid == town.far[name].uid).version == town.far[name].version
    assert tried > 10


def exported(visitor: Visitor, where: str, columns: list[str]) -> list[list[str]]:
    """The rows of a file."""
    visitor.get(where)
    answer = visitor.post(where, {"list": "as=all", "column": columns, "file_format": "csv"})
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.text, newline="")))


def test_an_act_for_many_says_of_every_noun_what_became_of_it(town: SimpleNamespace):
    """The page that tells how it ended names each record as its noun names it."""
    tried, label = 0, "Zanzibar"
    spares = one_of_each(town.shop.site, label, town.near["core.place"].parent)
    for name, resource in town.nouns.items():
        bulk, spare = rule_of(town, resource.endpoint("bulk")), spares[name]
        if not bulk or resource.acts.permission_to("retire") == "":
            continue
        town.boss.get("/me")
        run = town.boss.post(bulk, {"uid": [spare.uid], "list": ""}).location
        town.boss.get(f"{run}?do=retire")
        assert town.boss.post(f"{run}?do=retire", {"reason": "Tried"}).status_code == 303
        page = town.boss.get(run)
        assert page.status_code == 200, name
        assert label in page.text, name
        tried += 1
    assert tried >= 3


# A fact one may not read, of every noun.


@pytest.fixture(scope="module")
def sealed(town: SimpleNamespace) -> SimpleNamespace:
    """A restricted field of every noun, filled in on the record the clerk sees."""
    details = FieldDetails(
        kind="line", title="Whispered", is_restricted=True, is_filterable=True, read_roles=("auditor",),
        write_roles=("auditor",),
    )  # fmt: skip
    with town.shop.site.activate(door="test") as activation:
        activation.actor = HOUSE
        for name, resource in town.nouns.items():
            add_field(name, "x_secret", details, by=HOUSE)
            if resource.acts.edit is not None:
                record = resource.model.get(resource.model.uid == town.near[name].uid)
                edit_record(resource, record, {"x_secret": SECRET}, HOUSE)
            else:
                held = dict(town.near)
                given = values("Whisper", held["core.place"], held)[name]()
                create_record(resource, {**given, "x_secret": SECRET}, HOUSE)
    run_jobs(town.shop.site, 100)
    return town


def test_a_fact_one_may_not_read_is_not_filtered_sorted_or_asked_by(sealed: SimpleNamespace):
    """Over REST it is as unknown as one that is not there; to those who may read it, it is."""
    told = 0
    for name, resource in sealed.nouns.items():
        address = address_of(resource)
        for ask in ("x_{}=" + SECRET, "x_{}=-", "sort=x_{}", "sort=-x_{}", "fields=x_{}"):
            answer, absent = (sealed.clerk.get(f"{address}?{ask.format(one)}") for one in ("secret", "nothing"))
            assert answer.status_code == absent.status_code == 422, (name, ask)
            assert answer.text.replace("secret", "nothing").count("x_nothing") == absent.text.count("x_nothing")
        for body in ({"filter": {"x_secret": SECRET}}, {"sort": "x_secret"}, {"fields": ["x_secret"]}):
            assert sealed.clerk.post(f"{address}/search", body).status_code == 422, (name, body)
        everything = sealed.clerk.get(f"{address}?limit=200&retired=true").text
        assert SECRET not in everything and "x_secret" not in everything, name
        assert sealed.clerk.post(f"{address}/search", {"words": SECRET}).json.get("items", []) == [], name
        for method, path in (("POST", address), ("PATCH", address_of(resource, sealed.near[name].uid))):
            answer = sealed.clerk.ask(method, path, {"x_secret": "mine"}, If_Match='"1"')
            if answer.status_code == 405:
                continue
            assert answer.status_code == 422 and SECRET not in answer.text, (method, path)
            assert "/x_secret" in {one["pointer"] for one in answer.json["errors"]}
        told += 1
    assert told == len(sealed.nouns)


def test_nor_do_pages_and_files_tell_it(sealed: SimpleNamespace):
    tried = 0
    for name, resource in sealed.nouns.items():
        if "list" not in resource.doors:
            continue
        where = rule_of(sealed, resource.endpoint("list"))
        whole = rows_in(sealed.desk.get(where).text)
        for ask in ("x_secret=" + SECRET, "x_secret=nothing", "sort=x_secret", "sort=-x_secret", "cols=x_secret"):
            page = sealed.desk.get(f"{where}?{ask}").text
            assert rows_in(page) == whole, (name, ask)
            assert "Whispered" not in page and SECRET not in page.replace(ask, ""), (name, ask)
        rows = exported(sealed.desk, rule_of(sealed, resource.endpoint("export")), ["uid", "x_secret"])
        assert rows[0] == ["uid"], name
        narrow = sealed.desk.get(rule_of(sealed, resource.endpoint("narrow"))).text
        assert "x_secret" not in narrow and "Whispered" not in narrow
        with sealed.shop.site.activate() as activation:
            activation.actor = sealed.by
            assert not any("x_secret" in importable(resource, mode, sealed.by) for mode in MODES)
        for path in (f"/history/{name.replace('.', '/')}", f"/timeline/{name.replace('.', '/')}"):
            page = sealed.desk.get(f"{path}/{sealed.near[name].uid}").text
            assert SECRET not in page and "Whispered" not in page, (path, name)
        tried += 1
    assert tried >= 4


def rows_in(page: str) -> int:
    """How many rows a list shows."""
    return page.partition("<tbody")[2].partition("</tbody>")[0].count("<tr")


# Two forms loaded, both sent.


class FormReader(HTMLParser):
    """The forms of a page, each with the fields a browser would send."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self.area = self.choice = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        name = facts.get("name", "")
        if tag == "form":
            self.forms.append({"action": facts.get("action", "")})
        elif tag == "input" and name and self.forms:
            is_mark = facts.get("type") in ("checkbox", "radio")
            if facts.get("type") not in ("submit", "file") and (not is_mark or "checked" in facts):
                self.forms[-1][name] = facts.get("value", "on" if is_mark else "")
        elif tag == "textarea":
            self.area = name
        elif tag == "select":
            self.choice = name
        elif tag == "option" and self.choice and self.forms:
            if "selected" in facts or self.choice not in self.forms[-1]:
                self.forms[-1][self.choice] = facts.get("value", "")

    def handle_data(self, data: str) -> None:
        if self.area and self.forms:
            self.forms[-1][self.area] = data.lstrip("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = ""
        elif tag == "select":
            self.choice = ""


def form_of(visitor: Visitor, where: str) -> dict[str, Any]:
    """The form of a page that changes a record, as it was loaded."""
    page = visitor.get(where)
    assert page.status_code == 200, (where, page.status_code)
    return next(one for one in FormReader(page.text).forms if "version" in one and ("name" in one or "label" in one))


def test_of_two_forms_loaded_and_sent_the_later_is_told_of_the_first(town: SimpleNamespace):
    """A-2 for every noun that can be changed: nothing is overwritten, and the page shows both versions."""
    tried = set()
    other = town.shop.house.visitor(town.shop.site, town.shop.person(*ROLES))
    for name, resource in town.nouns.items():
        if resource.acts.edit is None:
            continue
        rule = rule_of(town, resource.endpoint("edit")) or rule_of(town, resource.endpoint("show"))
        where = rule.replace("<uid>", town.near[name].uid)
        mine, theirs = form_of(town.boss, where), form_of(other, where)
        asked = "name" if "name" in mine and name != "core.role" else "label"
        sent = town.boss.post(mine.pop("action") or where, {**mine, asked: "First Writer"})
        assert sent.status_code == 303, (name, sent.text)
        late = other.post(theirs.pop("action") or where, {**theirs, asked: "Second Writer"})
        assert late.status_code == 409, (name, late.status_code)
        assert "First Writer" in late.text and "Second Writer" in late.text, name
        with town.shop.site.activate():
            kept = resource.model.get(resource.model.uid == town.near[name].uid)
            assert getattr(kept, asked) == "First Writer", name
        tried.add(name)
    assert tried == {"core.user", "core.role", "core.place", "patients.patient", "equipment.device"}


# What somebody keeps or has at work of a noun is theirs alone.


def kept_of(resource: Resource, by: Any) -> dict[str, str]:
    """One of everything somebody can have of a noun, by the part of the address that names it."""
    narrowing = narrowed(resource, {}, by)
    query = query_of(resource, narrowing, by)
    first = next(iter(resource.by_name))
    found = {
        "count/<count_uid>": ask_for_count(query, by=by).uid,
        "bulk/<uid>": mark(resource, None, narrowing.as_json(), by=by).uid,
        "views/<uid>": save_view(resource.name, "Mine", narrowing.as_json(), False, by=by).uid,
        "presets/<preset_uid>": save_preset(resource, "Mine", [first], False, by=by).uid,
        "export/<export_uid>": ask_for_export(order_of(resource, narrowing, [first], "csv", by), by=by).uid,
    }
    if "import" in resource.doors:
        found["import/<uid>"] = send_file(resource, "x.csv", io.BytesIO(b"A,B\r\n1,2\r\n"), by).uid
    return found


def test_what_somebody_keeps_of_a_noun_opens_to_nobody_else(town: SimpleNamespace):
    """Exports, imports, counts, acts for many, views and kept columns, to another with the same rights."""
    tried = 0
    owner = town.shop.person(*ROLES)
    other = town.shop.house.visitor(town.shop.site, town.shop.person(*ROLES))
    routes = [one for one in town.shop.house.app.url_map.iter_rules() if one.rule.count("<") == 1]
    for name, resource in town.nouns.items():
        if "list" not in resource.doors:
            continue
        where = rule_of(town, resource.endpoint("list")).rstrip("/")
        with town.shop.site.activate() as activation:
            by = activation.actor = actor_of(owner)
            kept = kept_of(resource, by)
        for part, uid in kept.items():
            own = [one for one in routes if one.rule.startswith(f"{where}/") and f"/{part}" in one.rule]
            assert own, (name, part)
            for route in own:
                for method in sorted(route.methods & {"GET", "POST"}):
                    there, absent = (
                        other.open(
                            method, re.sub("<.*>", one, route.rule),
                            data={"csrf_token": other._token, "act": "run"} if method == "POST" else None,
                        )
                        for one in (uid, new_uid())
                    )  # fmt: skip
                    assert there.status_code == absent.status_code == 404, (method, route.rule)
                    tried += 1
    assert tried > 40
