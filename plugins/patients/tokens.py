"""What a patient is found by: small numbers that stand for beginnings, words, pairs and sounds of their names.

Every token is compared by equality, so that a search is a walk along one stretch of one index, newest
patient first. A number can stand for two things by accident; whoever finds a row looks at the name too.
"""

from collections.abc import Iterable
from datetime import date
from zlib import crc32

from core.storage.search import PREFIX_LENGTHS
from plugins.patients.spelling import is_unspaced, sound_of, starts_of

# The beginnings of a word that are kept. A longer one is looked for by the longest of these and checked in the name.
LENGTHS = PREFIX_LENGTHS
MOST_PAIRED = 6


def number_of(kind: str, text: str) -> int:
    """The token of a text, a signed number of 32 bits."""
    return crc32(f"{kind}{text}".encode()) - 0x80000000


def word_token(word: str) -> int:
    """A whole word."""
    return number_of("w", word)


def prefix_token(prefix: str) -> int:
    """The beginning of a word, from two letters on (from one in scripts without spaces)."""
    kept = max((length for length in LENGTHS if length <= len(prefix)), default=1)
    return number_of("p", prefix[:kept])


def pair_token(one: str, other: str, letters: int) -> int:
    """Two words of one name by their first two or three letters, in either order."""
    first, second = sorted((one[:letters], other[:letters]))
    return number_of(str(letters), f"{first}|{second}")


def sound_token(sound: str) -> int:
    """How a word sounds."""
    return number_of("s", sound)


def year_token(year: int) -> int:
    """The year somebody was born."""
    return number_of("y", str(year))


def day_token(day: date) -> int:
    """The day somebody was born."""
    return number_of("d", day.isoformat())


def month_token(year: int, month: int) -> int:
    """The month of a year somebody was born in."""
    return number_of("m", f"{year}-{month:02d}")


def birthday_token(month: int, day: int) -> int:
    """The day of any year somebody was born on."""
    return number_of("b", f"{month:02d}-{day:02d}")


def number_token(number: str) -> int:
    """A record number, whatever stands between its digits and however many zeros before them."""
    return number_of("n", plain_number(number).lstrip("0"))


def plain_number(text: str) -> str:
    """A number as it is compared: letters and digits only, capitals."""
    return "".join(letter for letter in text if letter.isalnum()).upper()


def sound_pair_token(one: str, other: str) -> int:
    """Two words of one name by their sounds, in either order."""
    first, second = sorted((one, other))
    return number_of("S", f"{first}|{second}")


def tokens_of(names: Iterable[str], number: str, born_on: date | None = None, precision: str = "day") -> set[int]:
    """Every token of a person with these names, this record number and birth date."""
    found = {number_token(number)}
    if born_on is not None:
        found.add(year_token(born_on.year))
        if precision in ("day", "month"):
            found.add(month_token(born_on.year, born_on.month))
        if precision == "day":
            found |= {day_token(born_on), birthday_token(born_on.month, born_on.day)}
    for name in names:
        words = starts_of(name)
        for word in words:
            found |= word_tokens(word)
        paired = [word for word in words[:MOST_PAIRED] if len(word) > 1]
        for position, word in enumerate(paired):
            for other in paired[position + 1 :]:
                found |= pair_tokens(word, other)
    return found


def word_tokens(word: str) -> set[int]:
    """A word: itself, its beginnings, its sound."""
    found = {word_token(word), *(number_of("p", word[:length]) for length in LENGTHS if length <= len(word))}
    if is_unspaced(word[0]):
        found.add(number_of("p", word[0]))
    sound = sound_of(word)
    return found | {sound_token(sound)} if sound else found


def pair_tokens(one: str, other: str) -> set[int]:
    """Two words of one name: their beginnings and their sounds together."""
    found = {pair_token(one, other, 2)}
    if len(one) > 2 and len(other) > 2:
        found.add(pair_token(one, other, 3))
    if sound_of(one) and sound_of(other):
        found.add(sound_pair_token(sound_of(one), sound_of(other)))
    return found
