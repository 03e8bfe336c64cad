"""Texts are translated for whoever reads them, when they read them."""

from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from core import texts
from core.texts import _, add_catalogues, catalogue_of, n_, reader_locale, reading


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A catalogue with three German texts."""
    catalogue = Catalog(locale="de")
    catalogue.add("Bed %(number)s is free", "Bett %(number)s ist frei")
    catalogue.add(("%(n)s patient", "%(n)s patients"), ("%(n)s Mensch", "%(n)s Menschen"))
    folder = tmp_path / "locale" / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as stream:
        write_mo(stream, catalogue)
    monkeypatch.setattr(texts, "_folders", list(texts._folders))
    add_catalogues(tmp_path / "locale")
    yield
    catalogue_of.cache_clear()


def test_a_text_made_before_anyone_read_it_is_read_in_the_readers_language(german: None):
    words = _("Bed %(number)s is free", number=7)
    assert str(words) == "Bed 7 is free"
    with reading("de"):
        assert str(words) == f"{words}" == "Bett 7 ist frei"
        with reading("en"):
            assert words == "Bed 7 is free"
    assert reader_locale() == "en"


def test_a_count_has_the_form_its_language_wants(german: None):
    assert [str(n_("%(n)s patient", "%(n)s patients", number)) for number in (1, 2)] == ["1 patient", "2 patients"]
    with reading("de"):
        assert [str(n_("%(n)s patient", "%(n)s patients", number)) for number in (1, 2)] == ["1 Mensch", "2 Menschen"]


def test_a_text_without_a_translation_stays_as_written(german: None):
    with reading("de"):
        assert str(_("Nobody has translated this")) == "Nobody has translated this"
    with reading("xx_NOWHERE"):
        assert str(_("Bed %(number)s is free", number=1)) == "Bed 1 is free"


def test_a_text_on_a_page_is_escaped_with_its_facts():
    assert _("Hello %(name)s", name='<b>"O\'Neil" & co').__html__() == "Hello &lt;b&gt;&#34;O&#39;Neil&#34; &amp; co"


def test_a_percent_sign_needs_no_care_without_facts():
    assert str(_("100 % sure")) == "100 % sure"


def test_a_text_behaves_like_the_words_it_is():
    words = _("Home")
    assert words == "Home"
    assert ("<" + words + ">", len(words), "om" in words, words.upper()) == ("<Home>", 4, True, "HOME")
    assert sorted([_("b"), _("a")]) == ["a", "b"]
