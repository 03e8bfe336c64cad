"""Schemathesis reads the description, asks everything it says and much it does not, and finds nothing."""

from collections import Counter
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.engine import Status, from_schema
from schemathesis.engine.events import NonFatalError, ScenarioFinished

from core.storage import new_uid
from plugins.api.rest.limits import turnstile
from tests.hospital import SOAK, rounds
from tests.plugins.api.conftest import Program, Shop, secret_for

pytestmark = SOAK
NOUNS = ("equipment", "core", "patients")
# What fits a schema may still be refused by a rule of the house: a number somebody else has, a place that is not there.
ALSO_RIGHT = ["2xx", "400", "401", "403", "404", "409", "412", "422"]
# Of what is ruled out, methods, media and missing versions have words of their own besides (RFC 9110, RFC 6585).
RULED_OUT = [*ALSO_RIGHT[1:], "405", "406", "415", "428"]
# Without its version a change is refused in the words RFC 6585 has for it.
HEADERS = ["401", "403", "406", "415", "422", "428"]


def config(secret: str, base: str, known: dict[str, str]) -> SchemathesisConfig:
    """What is tried, and how often.

    The check `ignored_auth` can't ask an application without a server: it hands on a limit of redirects nobody takes
    there. What it would ask is asked below, of every operation.
    """
    return SchemathesisConfig.from_dict(
        {
            "base-url": base,
            "auth": {"openapi": {"token": {"bearer": secret}}},
            "seed": 12,
            "parameters": known,
            "generation": {"max-examples": rounds(5, 300), "mode": "all", "deterministic": True, "database": "none"},
            "checks": {
                "ignored_auth": {"enabled": False},
                "positive_data_acceptance": {"expected-statuses": ALSO_RIGHT},
                "negative_data_rejection": {"expected-statuses": RULED_OUT},
                "missing_required_header": {"expected-statuses": HEADERS},
            },
        }
    )


@pytest.mark.parametrize("nouns", [*NOUNS, "equipment of one device"])
def test_it_finds_nothing(nouns: str, shop: Shop):
    """Every operation of these nouns; of one device with its own uid, so that most requests find it."""
    base = f"http://{shop.site.hosts[0]}"
    worker = shop.person("administrator", "doctor", "receptionist")
    secret = secret_for(shop.site, worker)
    known = {"path.uid": shop.program.device()["uid"]} if "one device" in nouns else {}
    schema = schemathesis.openapi.from_wsgi(
        "/api/openapi.json", shop.house.app, config=config(secret, base, known),
        headers={"Authorization": f"Bearer {secret}"}, base_url=base,
    ).include(path_regex=rf"^/api/v1/{nouns.split()[0]}/" + (r".*\{uid\}" if known else ""))  # fmt: skip
    found: list[str] = []
    answered: Counter[int] = Counter()
    for event in from_schema(schema).execute():
        turnstile.forget()
        if isinstance(event, NonFatalError):
            found.append(f"{event.phase} {event.label}: {event.value!r}")
        if isinstance(event, ScenarioFinished):
            answers = [one.response for one in event.recorder.interactions.values()]
            answered.update(answer.status_code for answer in answers if answer is not None)
            found += complaints(event)
    assert not found, "\n\n".join(dict.fromkeys(found))[:20000]
    assert answered[200] > 10
    assert answered.total() > 150


def test_nothing_described_is_left_untried_or_open(shop: Shop):
    """Every operation is among the nouns above, and asks for a token, a good one."""
    described = shop.program.get("/api/openapi.json").get_json()["paths"]
    tried = 0
    for path, operations in described.items():
        assert path.split("/")[3] in NOUNS, f"{path} is tried by nobody"
        for method in operations.keys() & {"get", "post", "patch", "delete"}:
            for secret in ("", "Bearer nobody-knows-this"):
                asked = path.replace("{uid}", new_uid())
                answer = Program(shop.house, shop.site).ask(method.upper(), asked, {}, Authorization=secret)
                assert answer.status_code == 401, (method, path, answer.status_code)
                tried += 1
    assert tried > 80


def complaints(event: ScenarioFinished) -> list[str]:
    """What one round of requests brought up."""
    said = []
    for checks in event.recorder.checks.values():
        for check in checks:
            failure: Failure | Any = check.failure_info.failure if check.failure_info else None
            if check.status == Status.FAILURE and failure is not None:
                code = check.failure_info.code_sample
                said.append(f"{event.label} {check.name}: {failure.title}\n{failure.message[:600]}\n{code[:800]}")
    return said
