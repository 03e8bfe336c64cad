"""The wizard, as a storekeeper goes through it."""

import io

from tests.core.resources.files.tables import run_jobs

ROWS = "Name,Serial number,Kind\r\nPump,P-1,pump\r\nBed,B-1,bedd\r\n,B-2,bed\r\nMonitor,M-1,monitor\r\n"


def upload(visitor, text, name="devices.csv"):
    page = visitor.get("/equipment/import").get_data(as_text=True)
    assert "An empty file" in page
    content = text if isinstance(text, bytes) else text.encode()
    return visitor.post("/equipment/import", {"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")


def test_a_storekeeper_brings_a_list_in(store):
    keeper = store.visitor("storekeeper")
    where = upload(keeper, ROWS).location
    page = keeper.get(where).get_data(as_text=True)
    assert "Read as UTF-8, with commas." in page and "P-1" in page
    sent = {"column_0": "name", "column_1": "serial", "column_2": "kind", "mode": "both"}
    answer = keeper.post(where, sent)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    shown = answer.location
    assert "Every row is tried" in keeper.get(shown).get_data(as_text=True)
    run_jobs(store.site)
    page = keeper.get(shown).get_data(as_text=True)
    assert "Import 2 ready rows" in page and "bedd" in page and "This is needed." in page

    rest = keeper.get(f"{shown}/rest").get_data(as_text=True)
    assert rest.splitlines()[0].endswith(",Error") and len(rest.splitlines()) == 3

    keeper.get(shown)
    assert keeper.post(f"{shown}/go", {"act": "accept"}).status_code == 303
    keeper.get(shown)
    assert keeper.post(f"{shown}/go", {"act": "run"}).status_code == 303
    run_jobs(store.site)
    page = keeper.get(shown).get_data(as_text=True)
    assert "The import is done" in page
    listed = keeper.get("/equipment/").get_data(as_text=True)
    assert "P-1" in listed and "B-1" in listed and "M-1" in listed and "B-2" not in listed

    keeper.get(shown)
    assert keeper.post(f"{shown}/go", {"act": "undo"}).status_code == 303
    run_jobs(store.site)
    assert "taken back" in keeper.get(shown).get_data(as_text=True)
    assert "P-1" not in keeper.get("/equipment/").get_data(as_text=True)


def test_what_is_missing_is_told_beside_the_columns(store):
    keeper = store.visitor("storekeeper")
    where = upload(keeper, ROWS).location
    keeper.get(where)
    answer = keeper.post(where, {"column_0": "name", "column_1": "", "column_2": "", "mode": "both"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "No column brings what is needed: Serial number, Kind." in page


def test_what_is_no_table_is_refused_on_the_page(store):
    keeper = store.visitor("storekeeper")
    for content, words in ((b"", "empty"), (b"PK\x03\x04garbage", "damaged"), (b"\xd0\xcf\x11\xe0x", ".xls")):
        answer = upload(keeper, content)
        assert answer.status_code == 422 and words in answer.get_data(as_text=True)


def test_an_import_is_open_to_whoever_sent_it_and_the_wizard_to_whoever_may_enter(store):
    where = upload(store.visitor("storekeeper"), ROWS).location
    boss = store.visitor("administrator")
    assert boss.get(where).status_code == 404
    assert store.visitor("nurse").get("/equipment/import").status_code == 403


def test_the_empty_template_names_the_columns_and_its_example_is_passed_over(store):
    keeper = store.visitor("storekeeper")
    sent = keeper.get("/equipment/import/template").data
    where = upload(keeper, sent, "devices.xlsx").location
    page = keeper.get(where).get_data(as_text=True)
    assert 'selected value="serial"' in page
    fields = {
        f"column_{place}": name
        for place, name in enumerate(
            ("name", "serial", "kind", "state", "is_mobile", "place", "bought_on", "checked_at", "note")
        )
    }
    shown = keeper.post(where, {**fields, "mode": "both"}).location
    run_jobs(store.site)
    assert "Ready" in keeper.get(shown).get_data(as_text=True)
    assert ">0<" in keeper.get(shown).get_data(as_text=True).replace("\n", "")
