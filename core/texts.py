"""Texts a person reads, translatable without asking who reads them.

A service raises its refusal long before anyone knows the reader's language, so `_()` returns a
text that is translated when it is shown. Catalogues lie in `locale/` of the core and of each plugin.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.support import NullTranslations, Translations
from markupsafe import escape

DEFAULT_LOCALE = "en"
_reader: ContextVar[str] = ContextVar("reader_locale", default=DEFAULT_LOCALE)
_folders: list[Path] = [Path(__file__).parent / "locale"]


class Text:
    """A sentence with its facts, translated for whoever reads it when it is turned into `str`."""

    __slots__ = ("many", "message", "number", "params")

    def __init__(self, message: str, params: dict[str, Any], many: str = "", number: int | None = None) -> None:
        self.message = message
        self.params = params
        self.many = many
        self.number = number

    def __str__(self) -> str:
        catalogue = catalogue_of(_reader.get())
        if self.number is None:
            found = catalogue.ugettext(self.message)
        else:
            found = catalogue.ungettext(self.message, self.many, self.number)
        return found % self.params if self.params else found

    def __html__(self) -> str:
        return str(escape(str(self)))

    def __mod__(self, params: dict[str, Any]) -> "Text":
        return Text(self.message, {**self.params, **params}, self.many, self.number)

    def __repr__(self) -> str:
        return f"Text({self.message!r})"

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other) if isinstance(other, (Text, str)) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.message)

    def __len__(self) -> int:
        return len(str(self))

    def __contains__(self, part: str) -> bool:
        return part in str(self)

    def __add__(self, other: object) -> str:
        return str(self) + str(other)

    def __radd__(self, other: object) -> str:
        return str(other) + str(self)

    def __lt__(self, other: object) -> bool:
        return str(self) < str(other)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(str(self), name)


def _(message: str, **params: Any) -> Text:
    """Mark a text for translation; `%(name)s` in it is filled from the keyword of that name."""
    return Text(message, params)


def n_(one: str, many: str, number: int, **params: Any) -> Text:
    """Mark a counted text; the catalogue picks the form the language has for that number."""
    return Text(one, {"n": number, **params}, many, number)


def add_catalogues(folder: Path) -> None:
    """Let a plugin's own `locale/` folder join the catalogues."""
    if folder not in _folders:
        _folders.append(folder)
        catalogue_of.cache_clear()


def catalogue_files() -> list[Path]:
    """The compiled catalogues of the core and of the plugins."""
    return [path for folder in _folders for path in sorted(folder.rglob("*.mo"))]


@lru_cache(maxsize=1)
def spoken_languages() -> tuple[str, ...]:
    """The languages the house speaks on every page: the one it is written in, and those the core has a catalogue of."""
    return (
        DEFAULT_LOCALE,
        *sorted(path.name for path in (Path(__file__).parent / "locale").glob("*") if path.is_dir()),
    )


@lru_cache(maxsize=64)
def direction_of(locale: str) -> str:
    """`rtl` for a language that is written from right to left, else `ltr`."""
    try:
        return str(Locale.parse(locale.replace("-", "_")).text_direction)
    except (UnknownLocaleError, ValueError):
        return "ltr"


@lru_cache(maxsize=64)
def catalogue_of(locale: str) -> NullTranslations:
    """The merged catalogue of one language; texts without a translation stay as written."""
    merged: NullTranslations = NullTranslations()
    for folder in _folders:
        found = Translations.load(folder, [locale])
        if not isinstance(found, Translations):
            continue
        if isinstance(merged, Translations):
            merged.merge(found)
        else:
            merged = found
    return merged


def in_every_language(message: str) -> tuple[str, ...]:
    """A text in each language the house speaks, to know again what was written in one of them."""
    return tuple(str(catalogue_of(locale).ugettext(message)) for locale in spoken_languages())


@contextmanager
def reading(locale: str) -> Iterator[None]:
    """Translate texts for this locale inside the block."""
    token = _reader.set(locale or DEFAULT_LOCALE)
    try:
        yield
    finally:
        _reader.reset(token)


def reader_locale() -> str:
    """The locale texts are translated into at this moment."""
    return _reader.get()
