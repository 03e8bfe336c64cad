"""Schemathesis reads the description, asks everything it says and much it does not, and finds nothing."""

from collections import Counter
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.engine import Status, from_schema
from schemathesis.engine.events import NonFatalError, ScenarioFinished

from plugins.api.rest.limits import turnstile
from tests.hospital import SOAK, rounds
from tests.plugins.api.conftest import Shop, secret_for

pytestmark = SOAK
# What fits a schema may still be refused by a rule of the house: a number somebody else has, a place that is not there.
ALSO_RIGHT = ["2xx", "400", "401", "403", "404", "409", "412", "422"]
# Without its version a change is refused in the words RFC 6585 has for it.
HEADERS = ["401", "403", "406", "415", "422", "428"]


def config(secret: str, base: str) -> SchemathesisConfig:
    """What is tried, and how often."""
    return SchemathesisConfig.from_dict(
        {
            "base-url": base,
            "auth": {"openapi": {"token": {"bearer": secret}}},
            "seed": 12,
            "generation": {"max-examples": rounds(12, 400), "mode": "all", "deterministic": True, "database": "none"},
            "checks": {
                "ignored_auth": {"enabled": False},
                "positive_data_acceptance": {"expected-statuses": ALSO_RIGHT},
                "negative_data_rejection": {"expected-statuses": [*ALSO_RIGHT[1:], "405", "406", "415", "428"]},
                "missing_required_header": {"expected-statuses": HEADERS},
            },
        }
    )


def test_it_finds_nothing(shop: Shop):
    app = shop.house.app
    base = f"http://{shop.site.hosts[0]}"
    secret = secret_for(shop.site, shop.admin)
    headers = {"Authorization": f"Bearer {secret}"}
    schema = schemathesis.openapi.from_wsgi(
        "/api/openapi.json", app, config=config(secret, base), headers=headers, base_url=base
    )
    found: list[str] = []
    answered: Counter[tuple[str, int]] = Counter()
    for event in from_schema(schema).execute():
        turnstile.forget()
        if isinstance(event, NonFatalError):
            found.append(f"{event.phase} {event.label}: {event.value!r}")
        if isinstance(event, ScenarioFinished):
            answered.update(
                (one.request.method, one.response.status_code)
                for one in event.recorder.interactions.values()
                if one.response is not None
            )
            found += complaints(event)
    assert not found, "\n\n".join(dict.fromkeys(found))[:20000]
    assert answered.total() > 400


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
