"""Texts a hospital wrote itself, in the languages it wrote them in."""

from collections.abc import Mapping

from core.texts import Text, reader_locale


class SiteText(Text):
    """A text of the site's own: the reader's language where the site wrote it in that, else as it was first written."""

    __slots__ = ("languages",)

    def __init__(self, message: str, languages: Mapping[str, str] | None = None) -> None:
        super().__init__(message, {})
        self.languages = {language: text for language, text in (languages or {}).items() if text}

    def __str__(self) -> str:
        reader = reader_locale()
        return self.languages.get(reader) or self.languages.get(reader.partition("_")[0]) or self.message

    def __mod__(self, params: object) -> "Text":
        return self

    def __hash__(self) -> int:
        return hash(self.message)


def in_languages(words: Mapping[str, Mapping[str, str]] | None, name: str) -> dict[str, str]:
    """One text out of all that is kept in other languages."""
    return {language: str(texts.get(name, "")) for language, texts in (words or {}).items()}
