"""Texts of templates, in the reader's language."""

from functools import lru_cache
from typing import Any

from babel.support import NullTranslations
from markupsafe import Markup

from core.texts import catalogue_of, reader_locale


def gettext(message: str, /, **facts: Any) -> Markup:
    """A text of a template. It may hold markup of ours; the facts filled in are escaped."""
    text = translated(catalogue_of(reader_locale()), message)
    return text % facts if facts or "%" in text else text


def ngettext(one: str, many: str, number: int, /, **facts: Any) -> Markup:
    """A counted text of a template; `%(num)s` in it is the number."""
    return Markup(catalogue_of(reader_locale()).ungettext(one, many, number)) % {"num": number, **facts}  # nosec B704  # a text of ours


def in_language(language: str, message: str) -> Markup:
    """A text of a template in one language, its facts not filled in."""
    return translated(catalogue_of(language), message)


@lru_cache(maxsize=8192)
def translated(catalogue: NullTranslations, message: str) -> Markup:
    """A text looked up once for each language."""
    return Markup(catalogue.ugettext(message))  # nosec B704  # a text of ours
