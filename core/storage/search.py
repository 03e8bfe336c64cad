"""Text as people type it, turned into small tokens that are found by equality on every engine.

A plugin keeps a table of its own with one row for each token of a record and asks it with the tokens
of what was typed, rarest first; names are then ranked by likeness. No engine's own text search is used:
the three differ, and none knows that Müller may be typed Mueller.

How many tokens: prefixes are kept at 2, 3, 4 and 6 letters. Five letters are looked up at four and
seven or more at six, then compared with the stored name; leaving out those lengths saves a third of the
rows. "Katherine Njeri Wanjiku" makes 14 tokens: 3 or 4 prefixes and a sound for each word. A name in three
Chinese characters makes 5: each character and each pair.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import jellyfish

PREFIX_LENGTHS = (2, 3, 4, 6)
TAIL_LENGTHS = (4, 6, 8)
LONGEST_TOKEN = 12
MOST_WORDS = 24
LONGEST_WORD = 64
LONGEST_TEXT = 2000
MOST_KNOWN = 8192

# Letters that Unicode does not take apart, as they are commonly typed without their key.
LETTERS = str.maketrans(
    {
        "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h", "ŋ": "n", "ŧ": "t",
        "ə": "a", "ĸ": "k", "ſ": "s", "ς": "σ",
        # Arabic and Persian: forms of alef, hamza, ya, kaf and ta marbuta that spelling leaves open.
        "\u0671": "\u0627", "\u0649": "\u064a", "\u06cc": "\u064a", "\u0629": "\u0647", "\u06a9": "\u0643",
        "\u06c0": "\u0647", "\u06c1": "\u0647", "\u06be": "\u0647", "\u0621": None, "\u0640": None,
    }
)  # fmt: skip
# Accents, Hebrew points and Arabic vowel signs; the vowel signs of Indian scripts are letters and stay.
MARKS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc"
    "\u06df-\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
APOSTROPHES = "'\u2019\u2018\u02bc`\u00b4\u02bb\u02bf\u02be\u05f4\u05f3"
HYPHENS = "\\-\u2010\u2011\u2012\u2013\u05be"
UNSEEN = "\u00ad\u200b-\u200f\u2060\ufeff"
JOINTS = re.compile(f"[{APOSTROPHES}{UNSEEN}]|(?<=\\w)[{HYPHENS}](?=\\w)")
PARTED = re.compile(f"[{APOSTROPHES}{HYPHENS}]")
WORD = re.compile(r"[^\W_]+(?:[\u0900-\u0dff\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff]+[^\W_]*)*")
# Scripts written without spaces between words: Han, kana and hangul.
DENSE = "\u1100-\u11ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
DENSE_RUN = re.compile(f"[{DENSE}]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """One word of what was typed: a record fits when it has any of these tokens."""

    word: str
    token: str
    sound: str = ""

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens to look for, the exact one first."""
        return (self.token, self.sound) if self.sound else (self.token,)


def normalise(text: str) -> str:
    """Write a text without accents, capitals and punctuation, for sorting and comparing.

    `"O'Brien-Núñez,  Áine"` becomes `obriennunez aine`. Every script stays its own.
    """
    return " ".join(WORD.findall(JOINTS.sub("", _plain(text))))


def words(text: str) -> list[str]:
    """The words of a text, each once: `O'Brien` gives obrien, o and brien."""
    found: dict[str, None] = {}
    for piece in _plain(text).split():
        for word in WORD.findall(JOINTS.sub("", piece)):
            found[word[:LONGEST_WORD]] = None
        parts = PARTED.split(piece)
        if len(parts) > 1:
            found.update((word[:LONGEST_WORD], None) for part in parts for word in WORD.findall(part))
        if len(found) >= MOST_WORDS:
            break
    return list(found)[:MOST_WORDS]


def prefixes(word: str, lengths: Iterable[int] = PREFIX_LENGTHS) -> list[str]:
    """The beginnings of a word that are kept; a word shorter than the shortest is kept whole."""
    kept = [word[:length] for length in lengths if length <= len(word)]
    return kept or ([word] if word else [])


def phonetic(word: str) -> str:
    """How a word in Latin letters sounds, by Metaphone (Philips 1990); "" for other scripts and very short words."""
    if len(word) < 3 or not word.isascii() or not word.isalpha():
        return ""
    sound = jellyfish.metaphone(word)[: LONGEST_TOKEN - 1]
    return f"~{sound}" if sound else ""


def tails(text: str) -> list[str]:
    """The last digits of a telephone or other number: 4, 6 and 8, whatever was written before and between them."""
    digits = _digits(text)
    return [f"#{digits[-length:]}" for length in TAIL_LENGTHS if length <= len(digits)]


def tokens(text: str) -> set[str]:
    """Everything a name or title is found by."""
    found: set[str] = set()
    for word in words(text):
        found |= _word_tokens(word)
    return found


@lru_cache(maxsize=MOST_KNOWN)
def _word_tokens(word: str) -> frozenset[str]:
    """What one word is found by. The same names and terms come again and again, most of all in a file."""
    found = _dense_tokens(word) if DENSE_RUN.search(word) else {*prefixes(word), phonetic(word)}
    return frozenset(found - {""})


def asked(text: str) -> list[Asked]:
    """What to look for when this was typed: a record should have a token of every one of these.

    A word that is still being typed is found by its beginning, a misspelt one by its sound.
    """
    found: dict[str, Asked] = {}
    for word in WORD.findall(JOINTS.sub("", _plain(text)))[:MOST_WORDS]:
        word = word[:LONGEST_WORD]
        if DENSE_RUN.search(word):
            found.update((token, Asked(token, token)) for token in _dense_asked(word))
        else:
            found[word] = Asked(word, prefixes(word)[-1], phonetic(word))
    return list(found.values())


def asked_number(text: str) -> str:
    """The token to look for when digits of a telephone number were typed; "" when they are too few."""
    kept = tails(text)
    return kept[-1] if kept else ""


def _plain(text: str) -> str:
    """Fold case, width, accents and spelling variants, and write every digit as 0 to 9."""
    if text.isascii():
        return text[:LONGEST_TEXT].lower()
    folded = unicodedata.normalize("NFKD", text[:LONGEST_TEXT]).casefold().translate(LETTERS)
    folded = unicodedata.normalize("NFC", MARKS.sub("", unicodedata.normalize("NFKD", folded)))
    if folded.isascii():
        return folded
    return "".join(str(unicodedata.digit(sign)) if sign.isdigit() else sign for sign in folded)


def _digits(text: str) -> str:
    return "".join(str(unicodedata.digit(sign)) for sign in text[:LONGEST_TEXT] if sign.isdecimal())


def _dense_tokens(word: str) -> set[str]:
    """The characters and pairs of a word in a script without spaces; what is mixed in counts as a word."""
    found: set[str] = set()
    for run in DENSE_RUN.findall(word):
        found.update(run)
        found.update(run[place : place + 2] for place in range(len(run) - 1))
    for rest in DENSE_RUN.split(word):
        found.update(prefixes(rest))
    return found


def _dense_asked(word: str) -> list[str]:
    """The pairs that were typed, or the single character."""
    found: list[str] = []
    for run in DENSE_RUN.findall(word):
        found.extend([run] if len(run) == 1 else [run[place : place + 2] for place in range(len(run) - 1)])
    found.extend(prefixes(rest)[-1] for rest in DENSE_RUN.split(word) if rest)
    return found
