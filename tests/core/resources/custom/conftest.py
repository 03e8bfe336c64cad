"""A hospital with a register of equipment, on each engine in turn; the site's own fields go when a test ends."""

import secrets
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

EXAMPLES = str(Path(__file__).parents[3] / "examples")
sys.path.insert(0, EXAMPLES)

from medley_equipment.resources import DEVICES  # noqa: E402  the example is found in the folder named above

from core import clock  # noqa: E402
from core.actors import Actor  # noqa: E402
from core.jobs import Job, all_jobs  # noqa: E402
from core.jobs.carrying_out import carry_out  # noqa: E402
from core.jobs.claiming import candidates, claim  # noqa: E402
from core.jobs.models import WAITING  # noqa: E402
from core.registry import Found, catalogue  # noqa: E402
from core.resources.custom.checking import RULES_OF, FieldDetails  # noqa: E402
from core.resources.custom.defining import add_field, retire_field  # noqa: E402
from core.resources.custom.models import CustomField  # noqa: E402
from core.resources.writing import create_record  # noqa: E402
from core.testing.house import HOUSE, House, actor_of  # noqa: E402
from tests.servers import ENGINES, Servers, require  # noqa: E402

RULES = {name for names in RULES_OF.values() for name in names} | {"default"}


@pytest.fixture(scope="module", params=ENGINES)
def register(
    request: pytest.FixtureRequest, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SimpleNamespace]:
    require(request.param, servers)
    house = House(tmp_path_factory.mktemp("house"))
    if "equipment" not in catalogue.plugins:
        catalogue.add(Found("equipment", "medley_equipment"))
    url = servers.url(request.param)
    site = house.site(url=url, plugins=("equipment",), zone="Africa/Nairobi", country="KE", currency="KES")
    yield SimpleNamespace(house=house, site=site)
    house.close()
    servers.drop(url)


@pytest.fixture
def at_register(register: SimpleNamespace) -> Iterator[Any]:
    """The site, entered for the length of a test."""
    with register.site.activate(door="test") as activation:
        activation.actor = HOUSE
        yield register.site


@pytest.fixture
def with_roles(register: SimpleNamespace) -> Callable[..., Actor]:
    """What the door makes of somebody with these roles."""
    made: dict[tuple[str, ...], Any] = {}

    def act_as(*roles: str) -> Actor:
        if roles not in made:
            made[roles] = register.house.person(register.site, f"Robin {'-'.join(roles)} {id(made)}", *roles)
        return actor_of(made[roles])

    return act_as


@pytest.fixture
def add(at_register: Any) -> Iterator[Callable[..., CustomField]]:
    """Adds fields to devices; they are out of use when the test ends."""
    made: list[CustomField] = []

    def add_one(name: str, kind: str = "line", /, **facts: Any) -> CustomField:
        rules = {one: facts.pop(one) for one in list(facts) if one in RULES}
        facts.setdefault("title", name.capitalize())
        details = FieldDetails(kind=kind, rules=rules, **facts)
        made.append(add_field(DEVICES.name, f"x_{name}_{len(made)}{secrets.token_hex(3)}", details, by=HOUSE))
        carry_out_all(at_register)
        return made[-1]

    yield add_one
    for field in CustomField.select().where(CustomField.id.in_([one.id for one in made])):
        if not field.is_retired:
            retire_field(field, "the test is over", by=HOUSE)


def carry_out_all(site: Any) -> None:
    """Do the waiting jobs of custom fields at once, in this thread."""
    spec = all_jobs()["core.index_field"]
    Job.update(ready_at=clock.now()).where(Job.name == spec.name, Job.state == WAITING).execute()
    for candidate in candidates([spec]):
        claimed = claim(candidate, spec, "test")
        if claimed is not None:
            carry_out(site, claimed, "test")


@pytest.fixture
def device(at_register: Any) -> Callable[..., Any]:
    """Enters a device with these values, through the door every other uses."""

    def enter(by: Actor = HOUSE, key: str | None = None, **values: Any) -> Any:
        serial = values.pop("serial", secrets.token_hex(6))
        facts = {"name": "Pump", "serial": serial, "kind": "pump", **values}
        return create_record(DEVICES, facts, by=by, idempotency_key=key)

    return enter
