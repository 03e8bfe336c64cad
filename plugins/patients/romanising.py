"""Names in other scripts as a clerk with a Latin keyboard would type them: `Олена` is found by `olena`.

It is for finding only. Letters of Cyrillic and Greek have their usual Latin ones. Arabic and Hebrew write mostly
consonants, so a name is known by how those sound. Syllables of Ethiopic, kana, hangul and the scripts of India carry
their reading in the name Unicode gives them.
"""

import unicodedata
from functools import lru_cache

CYRILLIC = dict(
    zip("абвгґдеєжзиіїйклмнопрстуфхцчшщъыьэюяё", (
        "a", "b", "v", "g", "g", "d", "e", "e", "zh", "z", "i", "i", "i", "i", "k", "l", "m", "n", "o", "p", "r", "s",
        "t", "u", "f", "kh", "ts", "ch", "sh", "shch", "", "y", "", "e", "iu", "ia", "e",
    ), strict=True)
)  # fmt: skip
GREEK = dict(
    zip("αβγδεζηθικλμνξοπρστυφχψω", (
        "a", "v", "g", "d", "e", "z", "i", "th", "i", "k", "l", "m", "n", "x", "o", "p", "r", "s", "t", "y", "f", "ch",
        "ps", "o",
    ), strict=True)
)  # fmt: skip
ARABIC = dict(
    zip("ابتثجحخدذرزسشصضطظعغفقكلمنهويپچژگ", (
        "a", "b", "t", "th", "j", "h", "kh", "d", "dh", "r", "z", "s", "sh", "s", "d", "t", "z", "a", "gh", "f", "q",
        "k", "l", "m", "n", "h", "w", "y", "p", "ch", "zh", "g",
    ), strict=True)
)  # fmt: skip
HEBREW = dict(
    zip("אבגדהוזחטיכלמנסעפצקרשתךםןףץ", (
        "a", "b", "g", "d", "h", "v", "z", "h", "t", "y", "k", "l", "m", "n", "s", "a", "p", "ts", "k", "r", "sh", "t",
        "k", "m", "n", "p", "ts",
    ), strict=True)
)  # fmt: skip
LETTERS = CYRILLIC | GREEK
CONSONANTS = ARABIC | HEBREW
SYLLABLES = ("ETHIOPIC SYLLABLE ", "HANGUL SYLLABLE ", "HIRAGANA LETTER ", "KATAKANA LETTER ")
INDIAN = (
    "DEVANAGARI",
    "BENGALI",
    "GURMUKHI",
    "GUJARATI",
    "ORIYA",
    "TAMIL",
    "TELUGU",
    "KANNADA",
    "MALAYALAM",
    "SINHALA",
)
FEMININE = "ه"  # a last one is heard as an `a`
NASALS = {"ANUSVARA": "n", "CANDRABINDU": "n", "VISARGA": "h"}


@lru_cache(maxsize=20_000)
def romanised(word: str) -> str:
    """A folded word in Latin letters; "" for one that is in them already, or in a script that has no readings here."""
    if word.isascii():
        return ""
    found = "".join(map(reading_of, word))
    if word[-1] == FEMININE:
        found = f"{found[:-1]}a"
    found = without_last_vowel(found) if "\u0900" <= word[0] <= "\u0dff" else found
    return found if found.isascii() and found.isalpha() else ""


@lru_cache(maxsize=4096)
def reading_of(letter: str) -> str:
    """One letter or syllable in Latin letters."""
    if letter.isascii():
        return letter
    known = LETTERS.get(letter) or CONSONANTS.get(letter)
    if known is not None:
        return known
    name = unicodedata.name(letter, "")
    for script in SYLLABLES:
        if name.startswith(script):
            return name.removeprefix(script).rpartition(" ")[2].lower()
    return indian(name)


def indian(name: str) -> str:
    """A sign of an Indian script, by its name: a consonant carries an `a` until a vowel sign takes its place."""
    script, _space, rest = name.partition(" ")
    if script not in INDIAN:
        return ""
    what, _space, reading = rest.rpartition(" ")
    if what == "VOWEL SIGN":
        return "\b" + reading.lower()
    if what == "SIGN":
        return "\b" if reading == "VIRAMA" else NASALS.get(reading, "")
    return reading.lower() if what == "LETTER" else ""


def without_last_vowel(text: str) -> str:
    """Let vowel signs take the place of the vowel that a consonant carries, and leave out a last short one."""
    found = ""
    for letter in text:
        if letter == "\b":
            found = found.removesuffix("a")
        else:
            found += letter
    found = found if len(found) < 4 or found.endswith("aa") else found.removesuffix("a")
    for long, short in (("aa", "a"), ("ii", "i"), ("uu", "u"), ("ph", "f")):
        found = found.replace(long, short)
    return found
