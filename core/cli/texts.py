"""`medley texts`: the catalogues of translations, brought up to date and checked.

A language is spoken by the house once `core/locale/LANGUAGE` is there; every plugin then has a catalogue of it too.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from core.cli.context import House, pass_house, plainly
from core.screens import plugin as core_plugin
from core.texts import spoken_languages

WORDS = {"_": None, "gettext": None, "n_": (1, 2), "ngettext": (1, 2)}
WHERE = [("**/templates/**", "jinja2"), ("**.py", "python")]
FACT = re.compile(r"%\((\w+)\)s|%%|%")
TAG = re.compile(r"</?[a-z]+[^>]*>")
MOST_SHOWN = 20
NO_DAY = datetime(1970, 1, 1, tzinfo=UTC)
Id = str | tuple[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """The core, or a plugin: whose texts are translated together."""

    name: str
    folder: Path

    def path(self, language: str) -> Path:
        """Where its catalogue of a language lies."""
        return self.folder / "locale" / language / "LC_MESSAGES" / "messages.po"

    def texts(self) -> list[Id]:
        """Every text that waits for translation, in order."""
        found = extract_from_dir(str(self.folder), WHERE, {"**/templates/**": {}}, WORDS)
        texts: set[Id] = {
            one if isinstance(one, str) else (one[0], one[1]) for _file, _line, one, _said, _context in found
        }
        return sorted(texts, key=lambda one: one if isinstance(one, str) else one[0])

    def catalogue(self, language: str) -> Catalog:
        """What is translated so far."""
        path = self.path(language)
        if not path.is_file():
            return Catalog(locale=language)
        with path.open("rb") as stream:
            return read_po(stream, locale=language)


def parts_of(folder: Path | None = None) -> list[Part]:
    """One plugin, or the core and every plugin that lies beside it."""
    if folder is not None:
        return [Part(folder.name, folder)]
    plugins = sorted(path.parent for path in (core_plugin.HOUSE / "plugins").glob("*/plugin.py"))
    return [Part("core", core_plugin.HOUSE / "core"), *(Part(path.name, path) for path in plugins)]


def brought_up_to_date(part: Part, language: str) -> Catalog:
    """The catalogue with every text there is now: translated ones keep their translation, others are empty."""
    known = part.catalogue(language)
    fresh = Catalog(
        locale=language, project=f"Medley {part.name}", fuzzy=False, header_comment=f"# Medley: {part.name}."
    )
    for text in part.texts():
        before = known.get(text if isinstance(text, str) else text[0])
        keeps = before is not None and isinstance(before.id, str) == isinstance(text, str)
        fresh.add(text, before.string if before is not None and keeps else "")
    return fresh


def store(part: Part, language: str, catalogue: Catalog) -> None:
    """Write a catalogue, and what is read at run time."""
    path = part.path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        write_po(stream, catalogue, width=120, sort_output=True, omit_header=False)
    path.write_text(without_dates(path.read_text("utf-8")), "utf-8")
    path.with_suffix(".mo").write_bytes(compiled(part.catalogue(language)))


def without_dates(written: str) -> str:
    """A catalogue that differs only where its texts do."""
    lines = [
        line
        for line in written.splitlines()
        if not re.match(r'"(POT-Creation-Date|PO-Revision-Date|Generated-By):', line)
    ]
    return "\n".join(lines).rstrip() + "\n"


def compiled(catalogue: Catalog) -> bytes:
    """A catalogue as it is read at run time; the same texts are the same bytes, on whatever day."""
    catalogue.creation_date = catalogue.revision_date = NO_DAY
    stream = io.BytesIO()
    write_mo(stream, catalogue)
    return stream.getvalue()


def faults_in(part: Part, language: str) -> Iterator[str]:
    """What is missing or wrong in a catalogue, in words."""
    known = part.catalogue(language)
    for text in part.texts():
        first = text if isinstance(text, str) else text[0]
        message = known.get(first)
        if message is None or isinstance(message.id, str) != isinstance(text, str):
            yield f"not in the catalogue: {first}"
        elif not all(strings_of(message)):
            yield f"not translated: {first}"
        else:
            yield from (f"{fault}: {first}" for fault in faults_of(message))
    path = part.path(language).with_suffix(".mo")
    if not path.is_file() or path.read_bytes() != compiled(known):
        yield "what is read at run time is not what is written: run “medley texts update”"


def strings_of(message: Message) -> list[str]:
    """A translation in all its forms."""
    found: Any = message.string
    return [found] if isinstance(found, str) else list(found)


def faults_of(message: Message) -> Iterator[str]:
    """A translation has the facts and the markup of its text, no others; forms of a count may leave the number out."""
    ids: Any = message.id
    wanted = ids if isinstance(ids, str) else ids[1]
    facts, tags = set(FACT.findall(wanted)), sorted(TAG.findall(wanted))
    for form in strings_of(message):
        here = set(FACT.findall(form))
        may_lack = {"n", "num"} if not isinstance(ids, str) else set()
        if not here <= facts or not facts - may_lack <= here:
            yield "other facts than in the text"
        if sorted(TAG.findall(form)) != tags:
            yield "other markup than in the text"


@click.group("texts")
def texts() -> None:
    """The catalogues of translations."""


@texts.command("update")
@click.argument("language")
@click.option(
    "--plugin",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of one plugin.",
)
@pass_house
@plainly
def update(house: House, /, language: str, folder: Path | None) -> None:
    """Bring the catalogues of LANGUAGE up to date: what is new is added empty, what is gone leaves."""
    for part in parts_of(folder):
        catalogue = brought_up_to_date(part, language)
        store(part, language, catalogue)
        waiting = sum(not all(strings_of(message)) for message in catalogue if message.id)
        house.say(f"{part.path(language)}: {len(catalogue)} texts, {waiting} to be translated")


@texts.command("check")
@click.argument("languages", nargs=-1)
@click.option(
    "--plugin",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of one plugin.",
)
@pass_house
@plainly
def check(house: House, /, languages: tuple[str, ...], folder: Path | None) -> None:
    """Say what is missing or wrong in the catalogues; all spoken languages when none are named."""
    found = 0
    for language in languages or spoken_languages()[1:]:
        for part in parts_of(folder):
            faults = list(faults_in(part, language))
            found += len(faults)
            for fault in faults[:MOST_SHOWN]:
                house.say(f"{language} {part.name}: {fault}")
            if len(faults) > MOST_SHOWN:
                house.say(f"{language} {part.name}: … and {len(faults) - MOST_SHOWN} more")
    if found:
        raise click.exceptions.Exit(1)
    house.say("Every text is translated.")


COMMANDS = (texts,)
