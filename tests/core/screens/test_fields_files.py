"""Fields and arrangements from one hospital to another: as a file, all of it or nothing."""

import io
import json

import pytest
from click.testing import CliRunner

from core.cli.main import cli
from core.errors import Refused
from core.resources.catalogue import facts_here, resource_named, sections_here
from core.resources.custom.arranging import arrange
from core.resources.custom.checking import FieldDetails
from core.resources.custom.copying import bring_in, definitions_of, read, written
from core.resources.custom.defining import add_field, fields_of, retire_field
from core.testing.house import HOUSE
from tests.core.screens.test_custom_fields import DEVICES, NOUN, layout, place, text_of

__all__ = ["place"]
SIZES = [
    {"code": "s", "title": "Small", "words": {"de": {"title": "Klein"}}},
    {"code": "l", "title": "Large", "words": {}},
]
SECTIONS = [
    {"key": "own-1", "title": "Money", "words": {"de": {"title": "Geld"}}, "facts": ["price", "x_size"]},
    {"key": "device", "facts": ["name", "serial"]},
]


@pytest.fixture
def file(place):
    """What a hospital decided, as a file."""
    with place.site.activate(door="cli") as activation:
        activation.actor = HOUSE
        size = FieldDetails(
            "Size", "choice", words={"de": {"title": "Größe"}}, rules={"choices": SIZES, "default": "s"}
        )
        add_field(DEVICES.name, "x_size", size, by=HOUSE)
        add_field(DEVICES.name, "x_twin", FieldDetails("Twin", "relation", rules={"to": DEVICES.name}), by=HOUSE)
        secret = FieldDetails("Code", "line", rules={"longest": 8}, is_sensitive=True, read_roles=("administrator",))
        add_field(DEVICES.name, "x_code", secret, by=HOUSE)
        arrange(DEVICES.name, SECTIONS, ["note"], ["bought_on"], by=HOUSE)
        return written(DEVICES.name).encode()


@pytest.fixture
def other(place):
    """Another hospital with the same plugin."""
    site = place.house.site("lakeside", plugins=("equipment",))
    with site.activate(door="cli") as activation:
        activation.actor = HOUSE
        yield site


def test_what_one_hospital_decided_stands_at_another_and_comes_out_alike(file, other):
    assert bring_in(DEVICES.name, read(file), by=HOUSE) == 3
    assert json.loads(written(DEVICES.name)) == json.loads(file)
    facts = facts_here(resource_named(DEVICES.name))
    assert facts["x_size"].kind.choices["s"] == "Small" and facts["x_code"].is_sealed
    assert str(sections_here(resource_named(DEVICES.name))[0].title) == "Money"
    assert facts["bought_on"].required


def test_brought_in_again_it_changes_what_has_the_same_name_and_takes_nothing_away(file, other):
    add_field(DEVICES.name, "x_own", FieldDetails("Own", "line"), by=HOUSE)
    bring_in(DEVICES.name, read(file), by=HOUSE)
    size = next(one for one in fields_of(DEVICES.name) if one.name == "x_size")
    retire_field(size, "too small", by=HOUSE)
    changed = json.loads(file)
    changed["fields"][0]["title"] = "How large"
    bring_in(DEVICES.name, read(json.dumps(changed).encode()), by=HOUSE)
    held = {one.name: (one.title, one.is_retired) for one in fields_of(DEVICES.name)}
    assert held["x_size"] == ("How large", False) and held["x_own"] == ("Own", False)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda told: told["fields"][0].update(kind="colour"), "x_size: Choose one of the list."),
        (lambda told: told["fields"][2].update(read_roles=["wizard"]), "x_code: There is no role wizard here."),
        (lambda told: told["fields"][0].update(name="size"), "size: Write x_"),
        (lambda told: told["fields"][1]["rules"].update(to="nobody.knows"), "x_twin: "),
        (lambda told: told["arrangement"]["sections"][0]["facts"].append("x_gone"), "Arrangement: "),
        (lambda told: told["arrangement"]["sections"][0].update(words={"Deutsch": {"title": "x"}}), "Arrangement: "),
        (lambda told: told["arrangement"].update(hidden=["name"]), "Arrangement: "),
        (lambda told: told.update(noun="equipment.service"), "The file is about equipment.service."),
    ],
)
def test_a_file_of_which_something_does_not_fit_changes_nothing(file, other, change, said):
    told = json.loads(file)
    change(told)
    with pytest.raises(Refused) as refused:
        bring_in(DEVICES.name, read(json.dumps(told).encode()), by=HOUSE)
    assert str(refused.value.fields["file"]).startswith(said)
    assert fields_of(DEVICES.name) == [] and definitions_of(DEVICES.name)["arrangement"] is None


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\xff\xfe\x00", b"[]", b"{}", b'{"format": "medley fields"}', b"[" * 100_000,
        b'{"format": "medley fields", "version": 9, "noun": "a", "fields": []}',
        b'{"format": "medley fields", "version": 1, "noun": "a", "fields": [{"title": 3}]}',
        b'{"format": "medley fields", "version": 1, "noun": "a", "fields": [], "arrangement": {"sections": 1}}',
        b'{"format": "medley fields", "version": 1, "noun": "a", "fields": [{"rules": {"choices": [1]}}]}',
        b'{"format": "medley fields", "version": 1, "noun": "a", "fields": [], "who": 1}',
    ],
)  # fmt: skip
def test_what_is_no_such_file_is_told(content):
    with pytest.raises(Refused) as refused:
        read(content)
    assert "file" in refused.value.fields


def test_the_page_takes_it_out_and_brings_it_in(place, file):
    assert place.kim.get(f"{NOUN}/file").status_code == 403
    answer = place.ada.get(f"{NOUN}/file")
    assert answer.data == file and "equipment-device-fields.json" in answer.headers["Content-Disposition"]
    place.ada.get(f"{NOUN}/bring-in")
    sent = {"file": (io.BytesIO(file.replace(b"Money", b"Sums")), "fields.json")}
    answer = place.ada.post(f"{NOUN}/bring-in", sent, content_type="multipart/form-data")
    assert answer.status_code == 303, text_of(answer)
    assert "Sums" in text_of(place.ada.get(NOUN))
    place.ada.get(f"{NOUN}/bring-in")
    wrong = {"file": (io.BytesIO(b"{}"), "fields.json")}
    answer = place.ada.post(f"{NOUN}/bring-in", wrong, content_type="multipart/form-data")
    assert answer.status_code == 422 and "This is not a file of fields." in text_of(answer)


def test_the_command_takes_it_out_and_brings_it_in(place, file, other, tmp_path):
    environment = {
        "MEDLEY_DATA_FOLDER": str(place.house.config.data_folder),
        "MEDLEY_KEYS_FILE": str(place.house.config.keys_file),
    }
    target = tmp_path / "fields.json"
    ran = CliRunner().invoke(
        cli, ["fields", "export", DEVICES.name, "--site", place.site.name, "-o", str(target)], env=environment
    )
    assert ran.exit_code == 0, ran.output
    assert json.loads(target.read_text("utf-8")) == json.loads(file)
    ran = CliRunner().invoke(
        cli, ["fields", "import", DEVICES.name, str(target), "--site", "lakeside"], env=environment
    )
    assert ran.exit_code == 0 and "3 fields" in ran.output, ran.output


def test_a_section_is_called_in_the_languages_of_its_readers(place):
    place.ada.get(NOUN)
    sent = {"place": ["s:own-9", "f:price"], "section_title": ["Money"], "section_words": ["de: Geld\nfr: Argent"]}
    answer = place.ada.post(NOUN, sent)
    assert answer.status_code == 303, text_of(answer)
    page = text_of(place.ada.get(NOUN))
    assert "de: Geld\nfr: Argent" in page and layout(page)[0] == "s:own-9"
    with place.site.activate(door="cli"):
        (section, *_others) = sections_here(resource_named(DEVICES.name))
        assert section.title.languages == {"de": "Geld", "fr": "Argent"}
    place.ada.get(NOUN)
    answer = place.ada.post(NOUN, {**sent, "section_words": ["Geld"]})
    assert answer.status_code == 422 and "Write a language, a colon and its words" in text_of(answer)
