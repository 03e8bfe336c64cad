"""How names are compared: folded to plain letters, cut into words, and by their sound.

`Guðrún`, `GUDRUN` and `gudrun` are one word here; the name itself is always kept as it was written.
"""

import unicodedata
from functools import lru_cache

import jellyfish

MOST_WORDS = 16
LONGEST_WORD = 40
APOSTROPHES = dict.fromkeys(map(ord, "'’ʼ‘`´ʻʿʾ′"), "'")
# Letters that no decomposition takes apart: Latin with strokes, and spellings of Arabic that people mix.
FOLDED = str.maketrans(
    {
        "đ": "d", "ð": "d", "þ": "th", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i", "ŋ": "ng", "ħ": "h",
        "ŧ": "t", "ə": "e", "ß": "ss", "ґ": "г", "ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ء": "", "ـ": "",
    }
)  # fmt: skip


def folded(text: str) -> str:
    """The text in small letters without accents, points and vowel marks."""
    if text.isascii():
        return text.lower()
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", bare.casefold().translate(FOLDED))


def words_of(text: str) -> list[str]:
    """The words of a name or a query, folded, in their order, at most `MOST_WORDS`.

    Hyphens part words and apostrophes do not: `Marie-Claire` is two words, `Ng’ang’a` is one.
    """
    plain = folded(text.translate(APOSTROPHES))
    found: list[str] = []
    letters: list[str] = []
    for letter in plain:
        if letter.isalnum() or _is_vowel_sign(letter):
            letters.append(letter)
        elif letter != "'" and letters:
            found.append("".join(letters)[:LONGEST_WORD])
            letters = []
    if letters:
        found.append("".join(letters)[:LONGEST_WORD])
    return found[:MOST_WORDS]


def starts_of(text: str) -> list[str]:
    """The words a name can be found by: its words, and what people take for words inside them.

    The last part of `王秀英` and of `O’Brien`, and an Arabic name without its article, are looked for too.
    """
    found = words_of(text)
    for word in list(found):
        if is_unspaced(word[0]):
            found += [word[position:] for position in range(1, min(len(word), 4))]
        elif word.startswith("ال") and len(word) > 4:
            found.append(word[2:])
    if not text.isascii() or "'" in text:
        for part in folded(text.translate(APOSTROPHES)).split():
            head, mark, tail = part.partition("'")
            tail = "".join(letter for letter in tail if letter.isalnum())
            if mark and len(head) <= 2 and len(tail) >= 4:
                found.append(tail)
    return list(dict.fromkeys(found))[: MOST_WORDS + 8]


def is_unspaced(letter: str) -> bool:
    """Whether a letter belongs to a script that writes names without spaces: Chinese, Japanese, Korean."""
    return "\u2e80" <= letter <= "\u9fff" or "\uac00" <= letter <= "\ud7af" or "\U00020000" <= letter <= "\U0003ffff"


@lru_cache(maxsize=20_000)
def sound_of(word: str) -> str:
    """What a word sounds like, for names heard and not seen: `Mohammed` and `Mohamed` are alike. "" when unknown."""
    if not word.isascii() or not word.isalpha() or len(word) < 3:
        return ""
    return jellyfish.metaphone(word)


def _is_vowel_sign(letter: str) -> bool:
    return letter > "\u0900" and unicodedata.category(letter) in ("Mc", "Mn")
