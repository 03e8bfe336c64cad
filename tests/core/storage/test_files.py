"""Files keep their content, show their true type, and never choose where they lie."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import peewee
import pytest

import core
from core.actors import Actor, system_actor
from core.acts import act
from core.errors import NotFound, Refused
from core.sites import Site
from core.storage import fields, files
from core.storage.migrations import apply
from core.storage.model import Model
from tests.core.storage.sites import site_at

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
SAMPLES = {
    "x-ray.png": (PNG, "image/png"),
    "photo.JPG": (b"\xff\xd8\xff\xe0" + b"\0" * 20, "image/jpeg"),
    "a.gif": (b"GIF89a" + b"\0" * 9, "image/gif"),
    "a.webp": (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
    "letter.pdf": (b"%PDF-1.7\n", "application/pdf"),
    "IM0001": (b"\0" * 128 + b"DICM\x02\x00", "application/dicom"),
    "note.txt": ("Fièvre depuis 3 jours\n".encode(), "text/plain"),
    "list.csv": ("\ufeffname,born\nÁine,1990-01-01\n".encode(), "text/csv"),
}


class Leaflet(Model):
    title = fields.TextField(max_length=40, default="")

    class Meta:
        plugin = "lot"
        subject = "self"


@act("lot.attach")
def attach_to_new_leaflet(upload: files.Upload, by: Actor) -> Leaflet:
    leaflet = Leaflet.create(title="one")
    files.attach(leaflet, upload)
    return leaflet


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = site_at(f"sqlite:///{tmp_path}/site.db", tmp_path)
    with made.activate():
        apply(made, [("core", Path(core.__file__).parent / "migrations")])
        peewee.SchemaManager(Leaflet, made.database).create_all()
        yield made


def zipped(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return stream.getvalue()


@pytest.mark.parametrize("name", list(SAMPLES))
def test_a_file_comes_back_as_it_was_sent(site: Site, name: str) -> None:
    content, media_type = SAMPLES[name]
    leaflet = attach_to_new_leaflet(files.receive(name, io.BytesIO(content)), by=system_actor("test"))
    (kept,) = files.files_of(leaflet)
    assert (kept.name, kept.media_type, kept.size, kept.subject_uid) == (name, media_type, len(content), leaflet.uid)
    with kept.open() as stream:
        assert stream.read() == content
    assert kept.created_by == system_actor("test").uid
    assert files.verify() == []


def test_office_documents_are_told_from_other_archives(site: Site) -> None:
    document = zipped("[Content_Types].xml", "word/document.xml")
    sheet = zipped("[Content_Types].xml", "xl/workbook.xml")
    assert files.receive("a.docx", io.BytesIO(document)).media_type == files.OFFICE["word/"]
    assert files.receive("a.xlsx", io.BytesIO(sheet)).media_type == files.OFFICE["xl/"]
    assert files.receive("a.zip", io.BytesIO(zipped("a.txt"))).media_type == "application/zip"
    for name, content in (("a.zip", document), ("a.docx", zipped("a.txt")),
                          ("a.docx", zipped("[Content_Types].xml", "word/a.xml", "word/vbaProject.bin"))):  # fmt: skip
        with pytest.raises(Refused):
            files.receive(name, io.BytesIO(content))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("photo.png", b"<html><script>"),
        ("photo.html", b"<html>"),
        ("photo.svg", b"<svg onload=alert(1)>"),
        ("letter.pdf", b"MZ\x90\x00" + bytes(range(256))),
        ("note.txt", b"\x00\x01\x02"),
        ("note.txt", b"\xff\xfe\xfd"),
        ("photo.png.exe", PNG),
        ("empty.txt", b""),
        ("zip.zip", b"PK\x03\x04broken"),
    ],
)
def test_what_is_not_what_it_says_is_refused_and_leaves_nothing(site: Site, name: str, content: bytes) -> None:
    with pytest.raises(Refused) as refused:
        files.receive(name, io.BytesIO(content))
    assert "file" in refused.value.fields
    files.tidy()
    assert list(files.store_of_site().all()) == []


def test_an_archive_of_a_version_nobody_knows_is_refused(site: Site) -> None:
    archive = bytearray(zipped("[Content_Types].xml", "xl/workbook.xml"))
    archive[archive.index(b"PK\x01\x02") + 6] = 245
    with pytest.raises(Refused):
        files.receive("a.xlsx", io.BytesIO(bytes(archive)))


def test_a_file_too_large_is_refused_and_leaves_nothing(site: Site) -> None:
    with pytest.raises(Refused):
        files.receive("note.txt", io.BytesIO(b"a" * 1_000_001), limit=1_000_000)
    assert not [path for path in (site.folder / "files").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\scan.png", "scan.png"),
        ("..", "file"),
        ("a\x00b\u202egnp.txt", "abgnp.txt"),
        ("x" * 300 + ".png", "x" * 116 + ".png"),
        ("  .htaccess ", "htaccess"),
        ("Ünï 王.pdf", "Ünï 王.pdf"),
    ],
)
def test_a_name_is_only_a_name(given: str, kept: str) -> None:
    assert files.safe_name(given) == kept


def test_an_address_is_never_a_path(site: Site) -> None:
    store = files.store_of_site()
    for address in ("../../x", "a" * 63, "A" * 64, "", "/" * 64):
        with pytest.raises(NotFound):
            store.open(address)
        with pytest.raises(NotFound):
            store.remove(address)


def test_equal_contents_are_kept_once_and_a_damaged_one_is_noticed_and_mended(site: Site) -> None:
    upload = files.receive("a.png", io.BytesIO(PNG))
    attach_to_new_leaflet(upload, by=system_actor("test"))
    attach_to_new_leaflet(files.receive("b.png", io.BytesIO(PNG)), by=system_actor("test"))
    assert list(files.store_of_site().all()) == [upload.sha256]
    place = site.folder / "files" / upload.sha256[:2] / upload.sha256[2:4] / upload.sha256
    assert place.stat().st_mode & 0o077 == 0
    place.write_bytes(PNG[:-1])
    assert files.verify() == [upload.sha256]
    files.receive("c.png", io.BytesIO(PNG))
    assert files.verify() == []
    place.unlink()
    assert files.verify() == [upload.sha256]


def test_what_no_act_attached_is_tidied_away(site: Site) -> None:
    attach_to_new_leaflet(files.receive("a.png", io.BytesIO(PNG)), by=system_actor("test"))
    left = files.receive("a.txt", io.BytesIO(b"left over"))
    assert files.tidy(dry_run=True) == [left.sha256]
    assert files.tidy() == [left.sha256]
    assert files.tidy() == []
