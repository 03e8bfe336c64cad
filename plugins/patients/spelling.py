"""How names are compared: folded to plain letters, cut into words, and by their sound (`core.storage.search`).

`Guðrún`, `GUDRUN` and `gudrun` are one word here; the name itself is always kept as it was written.
"""

from functools import lru_cache

from core.storage.search import DENSE_RUN, normalise, phonetic, words
from plugins.patients.romanising import romanised

MOST_WORDS = 16
LONGEST_WORD = 40
ARTICLE = "ال"


def folded(text: str) -> str:
    """The text in small letters without accents, points and punctuation."""
    return normalise(text)


def words_of(text: str) -> list[str]:
    """The words of what somebody typed, folded, in their order."""
    return [word[:LONGEST_WORD] for word in normalise(text).split()[:MOST_WORDS]]


def starts_of(text: str) -> list[str]:
    """The words a name can be found by: its words, and what people take for words inside them.

    The last part of `王秀英` and of `O’Brien`, an Arabic name without its article, and other scripts written in Latin
    letters are looked for too.
    """
    found = [word[:LONGEST_WORD] for word in words(text)]
    for word in list(found):
        if is_unspaced(word[0]):
            found += [word[position:] for position in range(1, min(len(word), 4))]
        elif word.startswith(ARTICLE) and len(word) > 4:
            found.append(word[2:])
        reading = romanised(word)
        if reading:
            found.append(reading[:LONGEST_WORD])
    return list(dict.fromkeys(found))[: MOST_WORDS + 8]


def is_unspaced(letter: str) -> bool:
    """Whether a letter belongs to a script that writes names without spaces: Chinese, Japanese, Korean."""
    return not letter.isascii() and DENSE_RUN.match(letter) is not None


@lru_cache(maxsize=20_000)
def sound_of(word: str) -> str:
    """What a word sounds like, for names heard and not seen: `Mohammed` and `Mohamed` are alike. "" when unknown."""
    return phonetic(word)
