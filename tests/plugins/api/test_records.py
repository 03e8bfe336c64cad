"""Records over HTTP: entered, read, changed by the version that was seen, taken out of use, acted upon."""

from tests.plugins.api.conftest import DEVICES, Shop, device


def test_a_record_is_entered_read_changed_and_taken_out_of_use(shop: Shop):
    program = shop.program
    made = program.post(
        DEVICES,
        device(
            name="Scanner",
            kind="scanner",
            price="12.50",
            services=[{"done_on": "2026-01-02", "what": "Looked after", "is_passed": True}],
        ),
    )
    assert made.status_code == 201, made.text
    found = made.get_json()
    assert made.headers["Location"] == f"{DEVICES}/{found['uid']}"
    assert made.headers["ETag"] == f'"{found["version"]}"'
    read = program.get(made.headers["Location"])
    assert read.get_json() == found
    assert found["price"] == {"amount": "12.5", "currency": "USD"}
    assert found["services"][0]["what"] == "Looked after"
    changed = program.ask("PATCH", made.headers["Location"], {"name": "Scanner 2"}, If_Match=made.headers["ETag"])
    assert (changed.status_code, changed.get_json()["name"]) == (200, "Scanner 2")
    gone = program.ask("DELETE", made.headers["Location"], {"reason": "Broken"}, If_Match=changed.headers["ETag"])
    assert gone.status_code == 200
    assert gone.get_json()["retired_at"]
    listed = program.get(DEVICES).get_json()["items"]
    assert found["uid"] not in [one["uid"] for one in listed]
