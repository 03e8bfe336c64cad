"""Medley on a home screen: what the browser is told, and that it keeps nothing of anybody."""

import json
import re

from core.web.assets import CORE


def test_the_manifest_names_the_hospital_and_its_pictures(hospital):
    answer = hospital.house.visitor(hospital.site).get("/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    told = json.loads(answer.text)
    assert (told["name"], told["display"], told["start_url"]) == ("Harbour", "standalone", "/")
    for icon in told["icons"]:
        picture = hospital.house.visitor(hospital.site).get(icon["src"])
        assert picture.mimetype == "image/png"
        width = int.from_bytes(picture.data[16:20], "big")
        assert icon["sizes"] == f"{width}x{width}"


def test_the_worker_keeps_the_page_without_a_connection_and_files_of_ours_alone(hospital):
    visitor = hospital.house.visitor(hospital.site)
    answer = visitor.get("/service-worker.js")
    assert answer.mimetype == "text/javascript"
    parts = re.findall(r'"(/static/[^"]+)"', answer.text)
    assert len(parts) == 7
    assert all(visitor.get(part).status_code == 200 for part in parts)
    assert set(re.findall(r'"(/[^"]*)"', answer.text)) == {*parts, "/offline"}


def test_the_page_without_a_connection_needs_nobody_and_only_what_is_kept(hospital):
    visitor = hospital.house.visitor(hospital.site)
    page, worker = visitor.get("/offline").text, visitor.get("/service-worker.js").text
    assert "No connection" in page
    styles = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    assert len(styles) == 3
    assert all(f'"{style}"' in worker for style in styles)


def test_every_script_is_a_file_the_pages_name():
    named = "".join(path.read_text("utf-8") for path in (CORE.parent / "templates").rglob("*") if path.is_file())
    named += "".join(path.read_text("utf-8") for path in (CORE / "js").glob("*.js"))
    assert not [path.name for path in (CORE / "js").glob("*.js") if path.name not in named]
