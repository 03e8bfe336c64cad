"""What makes a password acceptable here, after NIST SP 800-63B-4, and how it is kept.

Length and a list of passwords everybody knows decide; nothing asks for digits or capitals, and nothing
expires. A password is normalised once (NFKC), hashed whole with Argon2id, and hashed anew at sign-in when
the installation has raised the cost.
"""

import gzip
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from core.errors import Refused, Words
from core.texts import Text, _
from core.users.policy import SignInPolicy, policy

SHORTEST_ALONE = 15
SHORTEST_WITH_SECOND_FACTOR = 8
LONGEST = 1024
COMMON_PASSWORDS = Path(__file__).parent / "data" / "common_passwords.txt.gz"
ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789",
    "1234567890qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
)
LOOKALIKES = str.maketrans("013457@$!", "oieastasi")
TRIMMINGS = re.compile(r"^[\W\d_]{1,8}|[\W\d_]{1,8}$")
LEAST_NAME = 4


@dataclass(frozen=True, slots=True)
class Strength:
    """What the meter shows: 0 (refused) to 4 (strong), a word for it, and what would help."""

    score: int
    label: Text
    advice: Words = ""


def normalised(password: str) -> str:
    """The one form a password is compared in, so that every keyboard's spelling of it is the same."""
    return unicodedata.normalize("NFKC", password)


def hash_of(password: str) -> str:
    """The Argon2id hash to keep for this password."""
    with hashing_places(policy().hashes_at_once):
        return hasher(policy()).hash(normalised(password))


def is_right(kept: str, password: str) -> bool:
    """Whether the password belongs to the hash. Without one, the same work is done and the answer is no."""
    if len(password) > 4 * LONGEST:  # decomposed letters may be longer than what was counted when it was chosen
        password, kept = "", ""
    with hashing_places(policy().hashes_at_once):
        try:
            return hasher(policy()).verify(kept or stand_in(policy()), normalised(password)) and bool(kept)
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(kept: str) -> bool:
    """Whether the installation asks for a costlier hash than this one."""
    return hasher(policy()).check_needs_rehash(kept)


def check_password(password: str, names: Iterable[str] = (), has_second_factor: bool = False) -> None:
    """Refuse a password that is too short, too long, known to everybody, or made of the person's or site's name."""
    objection = objection_to(password, names, has_second_factor)
    if objection:
        raise Refused(fields={"password": objection})


def objection_to(password: str, names: Iterable[str] = (), has_second_factor: bool = False) -> Words:
    """Why this password is not acceptable, or nothing."""
    text = normalised(password)
    least = SHORTEST_WITH_SECOND_FACTOR if has_second_factor else SHORTEST_ALONE
    if len(text) < least:
        return _("Use at least %(least)s characters. A few words in a row are easy to remember.", least=least)
    if len(text) > LONGEST:
        return _("Use at most %(most)s characters.", most=LONGEST)
    if "\0" in text:
        return _("This password holds a character that can't be typed.")
    if is_common(text):
        return _("Many people use this password, so it would be guessed. Choose another.")
    if is_made_of_names(text, names):
        return _("Don't build the password on your own name or the hospital's.")
    return ""


def strength_of(password: str, names: Iterable[str] = (), has_second_factor: bool = False) -> Strength:
    """How well a password would stand up to guessing, for the meter beside the field."""
    objection = objection_to(password, names, has_second_factor)
    if objection:
        return Strength(0, _("Not acceptable"), objection)
    variety = len(set(normalised(password).casefold()))
    worth = min(len(password), variety * 2)
    if worth < 12:
        return Strength(1, _("Weak"), _("Add another word or two."))
    if worth < 16:
        return Strength(2, _("Fair"), _("Add another word."))
    if worth < 22:
        return Strength(3, _("Good"))
    return Strength(4, _("Strong"))


def is_common(password: str) -> bool:
    """Whether it is on the list of known passwords, also with digits put on, letters swapped, or repeated."""
    text = normalised(password).casefold()
    unit = repeated_unit(text)
    spellings = {text, text.replace(" ", ""), unit, trimmed(text)}
    spellings |= {spelling.translate(LOOKALIKES) for spelling in spellings}
    known = common_passwords()
    return any(spelling in known or is_plain_row(spelling) for spelling in spellings if spelling) or len(unit) < 4


def is_made_of_names(password: str, names: Iterable[str]) -> bool:
    """Whether taking the names out leaves hardly anything of the password."""
    text = normalised(password).casefold()
    rest = text
    for word in sorted(words_of(names), key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest != text and len(re.sub(r"[\W\d_]", "", rest)) < LEAST_NAME


def words_of(names: Iterable[str]) -> set[str]:
    """The words of some names that are long enough to be recognised in a password."""
    words: set[str] = set()
    for name in names:
        whole = normalised(name).casefold()
        words.update(part for part in [whole, *re.split(r"[\W_]+", whole)] if len(part) >= LEAST_NAME)
    return words


def repeated_unit(text: str) -> str:
    """The shortest part that, repeated, gives the text: `abc` of `abcabcabca`."""
    for size in range(1, len(text) // 2 + 1):
        if (text[:size] * (len(text) // size + 1))[: len(text)] == text:
            return text[:size]
        if size > 64:
            break
    return text


def trimmed(text: str) -> str:
    """The text without the digits and signs people put at its ends."""
    return TRIMMINGS.sub("", text)


def is_plain_row(text: str) -> bool:
    """Whether it runs along the alphabet, the digits or a row of keys, forwards or backwards."""
    if len(text) < LEAST_NAME:
        return False
    for row in ROWS:
        endless = row * (len(text) // len(row) + 2)
        if text in endless or text[::-1] in endless:
            return True
    return False


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """The list of passwords everybody knows, read once per process when a password is first chosen."""
    return frozenset(gzip.decompress(COMMON_PASSWORDS.read_bytes()).decode("utf-8").splitlines())


@lru_cache(maxsize=8)
def hasher(chosen: SignInPolicy) -> PasswordHasher:
    """Argon2id at the cost the policy names."""
    return PasswordHasher(
        time_cost=chosen.hash_rounds,
        memory_cost=chosen.hash_memory_kib,
        parallelism=chosen.hash_lanes,
        type=Type.ID,
    )


@lru_cache(maxsize=8)
def stand_in(chosen: SignInPolicy) -> str:
    """A hash no password belongs to, verified when there is no such user so that the answer takes as long."""
    return hasher(chosen).hash("nobody")


@lru_cache(maxsize=8)
def hashing_places(number: int) -> BoundedSemaphore:
    """Bounds the memory hashing may take at one moment in this process."""
    return BoundedSemaphore(number)
