"""What is no JSON, or JSON nobody needs, is refused in words; nothing of it makes a 5xx or takes long (A-26, A-30)."""

import json
import random
import time
from collections import Counter
from typing import Any
from urllib.parse import quote

import pytest

from plugins.api.rest.limits import turnstile
from tests.hospital import SOAK, rounds
from tests.plugins.api.conftest import DEVICES, Program, Shop, device

pytestmark = SOAK
PROBLEM = "application/problem+json"
LONG = 100_000


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"", b"null", b"[]", b'"x"', b"7", b'{"name": NaN}', b'{"name": Infinity}', b'{"name": 1, "name": 2}',
        b'{"name": "\xff"}', b'{"name": "\\ud800"}', b'{"name": "\\u0000"}', b'{"\\ud800": 1}', b'{"name": 01}',
        b"{'a': 1}",
        b'{"price": ' + b"9" * 5000 + b"}",
        b'{"price": 1.' + b"0" * 5000 + b"}", b'{"a": ' + b"[" * 50 + b"]" * 50 + b"}",
        b"[" * 100_000, b'{"a":' * 100_000, b"\xef\xbb\xbf{}", b"{} {}", b"{},", "{}".encode("utf-16"),
    ],
)  # fmt: skip
def test_what_is_no_json_is_refused_in_words(shop: Shop, body: bytes):
    answer = shop.program.post(DEVICES, body, Content_Type="application/json")
    assert answer.status_code in (400, 422), answer.text
    assert answer.mimetype == PROBLEM
    assert answer.get_json()["instance"].startswith("urn:medley:request:")


def test_other_media_methods_and_sizes_are_refused(shop: Shop):
    ask = shop.program.ask
    for media in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "application/json; charset=latin-1",
    ):
        assert shop.program.post(DEVICES, b"{}", Content_Type=media).status_code == 415, media
    large = shop.program.post(DEVICES, b'{"note": "' + b"x" * 1_100_000 + b'"}')
    assert (large.status_code, large.mimetype) == (413, PROBLEM)
    assert shop.program.get(DEVICES, Accept="text/html").status_code == 406
    assert shop.program.get(DEVICES, Accept="text/html, application/*;q=0.5").status_code == 200
    for method, path in (
        ("PUT", DEVICES),
        ("PATCH", DEVICES),
        ("OPTIONS", DEVICES),
        ("TRACE", DEVICES),
        ("GET", f"{DEVICES}/search"),
    ):
        answer = ask(method, path, {})
        assert (answer.status_code, answer.mimetype) == (405, PROBLEM), (method, path)
        assert "POST" in answer.headers["Allow"]


# Mutations, seeded.

ODD: list[Any] = [
    None, True, False, 0, -1, 2**31, 2**63, 2**64, 10**30, 1.5, -0.0, 1e308, "", " ", "0", "-", "true", "null",
    "x" * 5000, "\u202e", "\u0000", "é", "e\u0301", "1" * 60, "2026-02-30", "9999-12-31", "0001-01-01",
    "2026-01-01T25:00:00Z", [], {}, [[]], [{}],
    {"uid": None}, {"amount": "NaN"}, {"amount": 1, "currency": "zzz"},
    "' OR 1=1 --", "../../etc/passwd", "=1+1", "{{7*7}}", "<script>", "%s", "%00", "\U0001f600", "\ud83d", "a,b",
    "..",     "2026-01-01..", "..x", "x" * 121,
]  # fmt: skip
NAMES = (
    "name", "serial", "kind", "state", "is_mobile", "place", "bought_on", "checked_at", "price", "note", "services",
    "uid", "id", "version", "custom", "x_1", "__class__", "", "sort", "a" * 300,
)  # fmt: skip
CORE = tuple(f"/api/v1/core/{noun}" for noun in ("people", "roles", "grants", "places"))
HEADERS = ("If-Match", "Idempotency-Key", "Accept", "Content-Type", "X-CSRF-Token", "Range", "Authorization")


class Mutant:
    """Requests that are nearly right."""

    def __init__(self, seed: int, found: dict[str, Any]) -> None:
        self.chance = random.Random(seed)
        self.found = found

    def value(self, depth: int = 0) -> Any:
        """Something odd, alone or nested."""
        pick = self.chance.random()
        if pick < 0.1 and depth < 6:
            return [self.value(depth + 1) for _one in range(self.chance.randrange(4))]
        if pick < 0.2 and depth < 6:
            return {self.chance.choice(NAMES): self.value(depth + 1) for _one in range(self.chance.randrange(4))}
        return self.chance.choice(ODD)

    def body(self) -> Any:
        """A body: a good one with something odd in it, or bytes nobody sent."""
        facts: Any = device() if self.chance.random() < 0.7 else {}
        for _one in range(self.chance.choice((0, 0, 0, 1, 1, 2, 3))):
            facts[self.chance.choice(NAMES)] = self.value()
        if self.chance.random() < 0.2:
            facts["services"] = [{"done_on": self.value(), "what": self.value(), "uid": self.value()}]
        written = json.dumps(facts).encode()
        if self.chance.random() < 0.15:
            cut = bytearray(written)
            for _one in range(self.chance.randrange(1, 6)):
                cut[self.chance.randrange(len(cut))] = self.chance.randrange(256)
            return bytes(cut)
        return written

    def path(self) -> str:
        """An address: mostly one that is there."""
        uid = self.found["uid"] if self.chance.random() < 0.8 else self.written()
        base = self.chance.choice(
            (DEVICES, *(f"/api/v1/core/{noun}" for noun in ("people", "roles", "grants", "places")))
        )
        ends = ("", "/search", f"/{uid}", f"/{uid}", f"/{uid}/actions/repair")
        return base + self.chance.choice(ends)

    def query(self) -> str:
        """What the address asks for."""
        if self.chance.random() < 0.6:
            return ""
        own = ("limit", "cursor", "fields", "count", "retired")
        pairs = [
            f"{quote(self.chance.choice((*NAMES, *own)))}={self.written()}"
            for _one in range(self.chance.randrange(1, 4))
        ]
        return "?" + "&".join(pairs)

    def written(self) -> str:
        """Something odd, as addresses have it."""
        return quote(str(self.value()), safe="/", errors="replace")

    def headers(self) -> dict[str, str]:
        """What the headers say."""
        seen = self.chance.choice((self.found["version"], self.found["version"], 99))
        sent = {"If_Match": f'"{seen}"'} if self.chance.random() < 0.8 else {}
        if self.chance.random() < 0.2:
            odd = (
                str(self.value())
                .encode("ascii", "ignore")
                .decode()
                .replace("\r", "")
                .replace("\n", "")
                .replace("\x00", "")
            )
            sent[self.chance.choice(HEADERS).replace("-", "_")] = odd
        return sent

    def send(self, program: Program) -> Any:
        """One of them."""
        method = self.chance.choice(("GET", "POST", "POST", "PATCH", "DELETE", "PUT", "HEAD"))
        body = self.body() if method not in ("GET", "HEAD") else None
        return program.ask(method, self.path() + self.query(), body, **self.headers())


def test_no_request_makes_a_5xx(shop: Shop):
    """20,000 mutated requests in a soak (A-26): no 5xx, none slow, and nothing refused is stored."""
    found = shop.program.device()
    mutant, told, slowest = Mutant(26, found), Counter(), 0.0
    for number in range(rounds(1500, 20_000)):
        began = time.perf_counter()
        answer = mutant.send(shop.program)
        took = time.perf_counter() - began
        slowest = max(slowest, took)
        told[answer.status_code] += 1
        assert answer.status_code < 500, (number, answer.request.path, answer.text)
        assert answer.mimetype in ("application/json", PROBLEM) or not answer.data or answer.status_code == 404
        if number % 100 == 0:
            turnstile.forget()
            found.update(shop.program.get(f"{DEVICES}/{found['uid']}").get_json())
    assert slowest < 5
    assert {200, 201, 400, 404, 405, 412, 415, 422, 428} <= set(told)
    assert not told[429]


PAYLOADS: list[str] = [
    "a" * LONG, "1" * LONG, "-" * LONG, "." * LONG, "," * LONG, " " * LONG, "\u0301" * LONG, "a," * (LONG // 2),
    "1.." * (LONG // 3), "é" * LONG, "@" * LONG, "a@" * (LONG // 2), "2026-01-01" * (LONG // 10), "T" * LONG,
    "+" * LONG, "\u202e" * LONG, "%" * LONG, "\\" * LONG, "'" * LONG, "ﷺ" * (LONG // 3),
]  # fmt: skip


def test_no_input_of_a_hundred_thousand_letters_takes_a_second(shop: Shop):
    """Each text input with each payload (A-30)."""
    found = shop.program.device()
    slow = []
    for number, payload in enumerate(PAYLOADS):
        for name in ("name", "kind", "bought_on", "checked_at", "price", "note", "place", "services", payload[:1000]):
            began = time.perf_counter()
            answer = shop.program.post(DEVICES, device(**{name: payload}))
            assert answer.status_code == 422, (number, name)
            slow.append((time.perf_counter() - began, number, name))
        for body in ({"words": payload}, {"filter": {"kind": payload}}, {"cursor": payload}, {"sort": payload}):
            began = time.perf_counter()
            assert shop.program.post(f"{DEVICES}/search", body).status_code == 422
            slow.append((time.perf_counter() - began, number, str(body)[:20]))
    assert max(slow)[0] < 1, max(slow)
    assert shop.program.get(f"{DEVICES}/{found['uid']}").status_code == 200
