"""Words people may have meant: every word of a name is kept once, and found by what is left without one of its letters.

`Wajniru` and `Wanjiru` share `Wajiru`. So a slip of the pen, a letter too many or too few, and two letters changed
about are found wherever in the word they are, the first letter included, and there are far fewer words than people.
"""

from collections.abc import Iterable
from typing import Any

from rapidfuzz.distance import OSA

from core.sites import current, current_site
from core.storage import after_commit
from core.storage.prepared import prepared
from plugins.patients.models import SpellingWord
from plugins.patients.spelling import is_unspaced
from plugins.patients.tokens import number_of

SHORTEST, LONGEST = 3, 16
# From this length on two slips are forgiven.
LONG = 7
MOST_MEANT = 8
MOST_READ = 400
ROWS_AT_ONCE = 200
MOST_KNOWN = 200_000
# Words known to be kept, by hospital and revision: a restore or an erasure begins a new one.
_known: dict[tuple[str, str], set[str]] = {}


def has_spelling(word: str) -> bool:
    """Whether a slip in a word can be told from another word."""
    return len(word) >= SHORTEST and word.isalpha() and not is_unspaced(word[0])


def slips_of(word: str) -> set[int]:
    """The tokens of a word: itself, and each way of leaving one letter out."""
    some = word[:LONGEST]
    return {number_of("x", some), *(number_of("x", some[:at] + some[at + 1 :]) for at in range(len(some)))}


def keep_words(words: Iterable[str], anew: bool = False) -> None:
    """Keep words that are new here, in the act that brings them; `anew` trusts nothing this process remembers."""
    known = set() if anew else known_here()
    fresh = sorted(word[:40] for word in set(words) - known if has_spelling(word))
    if not fresh:
        return
    there = {word for (word,) in words_kept([number_of("x", word[:LONGEST]) for word in fresh], fresh)}
    rows = sorted((token, word) for word in fresh if word not in there for token in slips_of(word))
    for start in range(0, len(rows), ROWS_AT_ONCE):
        insert_ignoring(rows[start : start + ROWS_AT_ONCE])
    after_commit(lambda: remember(known, fresh))


def known_here() -> set[str]:
    """The words this process knows to be kept at this hospital."""
    key = (current_site().database_url, current().state.revision)
    if key not in _known:
        for old in [one for one in _known if one[0] == key[0]]:
            del _known[old]
        _known[key] = set()
    return _known[key]


def remember(known: set[str], words: list[str]) -> None:
    """They are kept for good now."""
    if len(known) > MOST_KNOWN:
        known.clear()
    known.update(words)


def insert_ignoring(rows: list[tuple[int, str]]) -> None:
    """Insert words; those another desk brought at the same moment are there already."""
    query: Any = SpellingWord.insert_many(rows, fields=[SpellingWord.token, SpellingWord.word])
    query.on_conflict_ignore().execute()


@prepared
def words_kept(tokens, words):
    """The query for those of some words that are kept."""
    return SpellingWord.select(SpellingWord.word).where(
        SpellingWord.token.in_(tokens), SpellingWord.word.in_(words)
    ).tuples()  # fmt: skip


@prepared
def words_near(tokens, most):
    """The query for words that share what is left without a letter."""
    return SpellingWord.select(SpellingWord.word).where(SpellingWord.token.in_(tokens)).limit(most).tuples()


def meant_by(word: str) -> list[str]:
    """The words somebody may have meant, the nearest first; the word itself is none of them."""
    if not has_spelling(word):
        return []
    near = {one for (one,) in words_near(sorted(slips_of(word)), MOST_READ)} - {word}
    told = [(slips_between(word, one), abs(len(word) - len(one)), one) for one in near]
    most = 2 if len(word) >= LONG else 1
    return [one for slips, _length, one in sorted(told) if slips <= most][:MOST_MEANT]


def slips_between(one: str, other: str) -> int:
    """How many slips of the pen lie between two words: a letter wrong, too many or too few, or two changed about."""
    return int(OSA.distance(one, other, score_cutoff=2))
