"""Every language the house speaks is spoken on every page."""

from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from click.testing import CliRunner

from core.cli.main import cli
from core.cli.texts import Part, brought_up_to_date, faults_in, parts_of, store
from core.texts import direction_of, spoken_languages

PAGE = """<h1>{{ _("Beds") }}</h1>{{ ngettext("One bed", "%(num)s beds", 3) }}"""
CODE = """
from core.texts import _, n_

SAID = _("Ward %(name)s is full", name="A")
COUNTED = n_("%(n)s day", "%(n)s days", 2)
"""


@pytest.mark.parametrize("language", spoken_languages()[1:])
@pytest.mark.parametrize("part", parts_of(), ids=lambda part: part.name)
def test_every_text_is_translated(part: Part, language: str) -> None:
    assert list(faults_in(part, language)) == []


@pytest.mark.parametrize("language", spoken_languages()[1:])
def test_a_text_reads_alike_wherever_it_is_said(language: str) -> None:
    """Catalogues are merged: of two translations of one text the last would be read everywhere."""
    known: dict[Any, dict[str, str]] = {}
    for part in parts_of():
        for message in part.catalogue(language):
            if message.id:
                known.setdefault(message.id, {})[str(message.string)] = part.name
    assert {text: found for text, found in known.items() if len(found) > 1} == {}


@pytest.fixture
def beds(tmp_path: Path) -> Part:
    """A plugin with four texts."""
    folder = tmp_path / "beds"
    (folder / "templates" / "beds").mkdir(parents=True)
    (folder / "templates" / "beds" / "show.html").write_text(PAGE)
    (folder / "services.py").write_text(CODE)
    return Part("beds", folder)


def translated(part: Part, **strings: object) -> None:
    """Fill the catalogue in, by the first word of each text."""
    catalogue = Catalog(locale="de")
    for message in brought_up_to_date(part, "de"):
        if message.id:
            first = message.id if isinstance(message.id, str) else message.id[1]
            catalogue.add(message.id, strings.get(first.split()[-1], message.string))
    store(part, "de", catalogue)


GOOD = {
    "Beds": "Betten", "beds": ("Ein Bett", "%(num)s Betten"), "full": "Station %(name)s ist voll",
    "days": ("Ein Tag", "%(n)s Tage"),
}  # fmt: skip


def test_what_is_said_in_code_and_on_pages_waits_for_translation(beds: Part) -> None:
    store(beds, "de", brought_up_to_date(beds, "de"))
    assert sorted(faults_in(beds, "de")) == [
        "not translated: %(n)s day", "not translated: Beds", "not translated: One bed",
        "not translated: Ward %(name)s is full",
    ]  # fmt: skip
    translated(beds, **GOOD)
    assert list(faults_in(beds, "de")) == []


@pytest.mark.parametrize(
    ("word", "string", "fault"),
    [
        ("full", "Station ist voll", "other facts"),
        ("full", "Station %(nome)s ist voll", "other facts"),
        ("full", "100 % %(name)s", "other facts"),
        ("Beds", "<b>Betten</b>", "other markup"),
        ("days", ("%(n)s Tag", "%(m)s Tage"), "other facts"),
        ("days", ("Ein Tag", ""), "not translated"),
    ],
)
def test_a_translation_that_would_break_its_page_is_told(beds: Part, word: str, string: object, fault: str) -> None:
    translated(beds, **{**GOOD, word: string})
    [found] = faults_in(beds, "de")
    assert found.startswith(fault)


def test_a_translation_outlives_texts_that_come_and_go(beds: Part) -> None:
    translated(beds, **GOOD)
    (beds.folder / "services.py").write_text(
        'from core.texts import _\nNEW = _("New"), _("Ward %(name)s is full", name=1)'
    )
    store(beds, "de", brought_up_to_date(beds, "de"))
    assert list(faults_in(beds, "de")) == ["not translated: New"]
    assert "days" not in beds.path("de").read_text()


def test_a_catalogue_that_was_not_compiled_is_told(beds: Part) -> None:
    translated(beds, **GOOD)
    beds.path("de").with_suffix(".mo").write_bytes(b"")
    [found] = faults_in(beds, "de")
    assert "medley texts update" in found


def test_a_vendor_brings_a_catalogue_up_to_date_and_is_told_what_is_missing(beds: Part) -> None:
    run = CliRunner().invoke(cli, ["texts", "update", "fr", "--plugin", str(beds.folder)])
    assert (run.exit_code, "4 texts, 4 to be translated" in run.output) == (0, True), run.output
    run = CliRunner().invoke(cli, ["texts", "check", "fr", "--plugin", str(beds.folder)])
    assert (run.exit_code, run.output.count("not translated")) == (1, 4), run.output


def test_a_language_is_read_from_its_own_side() -> None:
    assert [direction_of(one) for one in ("ar", "ar_EG", "he", "ur", "en", "sw-KE", "xx", "")] == [
        *("rtl", "rtl", "rtl", "rtl"), *("ltr", "ltr", "ltr", "ltr"),
    ]  # fmt: skip
