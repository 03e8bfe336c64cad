"""Files of a record: added by whoever may change it, open to whoever sees it, and never a page of ours."""

import io

from tests.core.resources.conftest import entered

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64
SCRIPT = b"<html><script>alert(1)</script></html>"


def sent(visitor, where, content, name):
    visitor.get(where)
    return visitor.post(f"{where}/files", {"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")


def links(page):
    return [part.split('"')[0] for part in page.split('href="')[1:] if "/files/" in part.split('"')[0]]


def test_a_picture_is_kept_shown_and_taken_away(store):
    keeper = store.visitor("storekeeper")
    where = entered(keeper)
    assert sent(keeper, where, PNG, "label.png").status_code == 303
    page = keeper.get(where).get_data(as_text=True)
    assert "label.png" in page
    picture = links(page)[0]
    shown = keeper.get(picture)
    assert shown.data == PNG and shown.headers["Content-Disposition"].startswith("inline")
    plain = picture.partition("?")[0]
    assert keeper.get(plain).headers["Content-Disposition"].startswith("attachment")
    keeper.get(where)
    assert keeper.post(f"{plain}/retire").status_code == 303
    assert "label.png" not in keeper.get(where).get_data(as_text=True).partition("Activity")[0]
    assert keeper.get(plain).status_code == 404


def test_what_is_not_what_its_name_says_is_refused_and_text_is_never_run(store):
    keeper = store.visitor("storekeeper")
    where = entered(keeper)
    assert sent(keeper, where, SCRIPT, "photo.png").status_code == 422
    assert sent(keeper, where, SCRIPT, "page.html").status_code == 422
    assert sent(keeper, where, SCRIPT, "notes.txt").status_code == 303
    link = links(keeper.get(where).get_data(as_text=True))[0]
    answer = keeper.get(f"{link}?shown=y")
    assert answer.mimetype == "text/plain" and answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_is_open_with_its_record_and_closed_with_it(store):
    keeper = store.visitor("storekeeper")
    where, other = entered(keeper), entered(keeper, serial="P-2", name="Another")
    sent(keeper, where, PNG, "label.png")
    link = links(keeper.get(where).get_data(as_text=True))[0].partition("?")[0]
    nurse = store.visitor("nurse")
    assert nurse.get(link).status_code == 200
    assert sent(nurse, where, PNG, "other.png").status_code == 403
    assert nurse.post(f"{link}/retire").status_code == 403
    elsewhere = link.replace(where.rpartition("/")[2], other.rpartition("/")[2])
    assert elsewhere != link and keeper.get(elsewhere).status_code == 404
