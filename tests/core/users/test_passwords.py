"""What makes a password good here: length, and that nobody else would think of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Refused
from core.users import passwords
from core.users.policy import follow
from tests.core.people import CHEAP

NAMES = ("jane.wanjiku", "Jane Wanjiku", "Kenyatta Hospital", "medley")


def is_accepted(password: str, has_second_factor: bool = False) -> bool:
    """Whether the house takes this password."""
    return not passwords.objection_to(password, NAMES, has_second_factor)


@pytest.mark.parametrize(
    ("password", "alone", "with_code"),
    [
        ("heron-pa", False, True),
        ("heron-p", False, False),
        ("fourteen-heron", False, True),
        ("fifteen-herons!", True, True),
        ("seven grey herons at dawn", True, True),
        ("ქართული ანბანი არის", True, True),
        ("医院的密码是很长的一句话没有人知道", True, True),
        ("🦆🐸🦉🐢🦀🐙🦋🐝🐞🦎🐍🐊🦖🐳🐬", True, True),
    ],
)
def test_length_decides(password: str, alone: bool, with_code: bool) -> None:
    assert (is_accepted(password), is_accepted(password, True)) == (alone, with_code)


@pytest.mark.parametrize(
    "password",
    [
        "password", "PASSWORD", "p@ssw0rd", "password1", "Password123!", "passwordpassword", "qwertyuiop",
        "123456789012345", "987654321098765", "abcdefghijklmnop", "aaaaaaaaaaaaaaaa", "abcabcabcabcabcabc",
        "qwertyuiopasdfgh", "1qaz2wsx3edc4rfv", "basketball12345", "iloveyou2024!!!!", "jane.wanjiku2024",
        "JaneWanjiku12345", "kenyatta hospital", "KenyattaHospital2026", "wanjikuwanjikuwanjiku",
    ],
)  # fmt: skip
def test_what_others_would_guess_is_refused(password: str) -> None:
    assert not is_accepted(password, has_second_factor=True)


def test_the_list_of_known_passwords_is_long() -> None:
    assert len([one for one in passwords.common_passwords() if len(one) >= 8]) >= 10_000


def test_nothing_asks_for_digits_or_capitals() -> None:
    assert is_accepted("only small letters and spaces")


def test_long_passwords_are_taken_whole() -> None:
    follow(CHEAP)
    long = "herons at dawn " * 60
    kept = passwords.hash_of(long + "x")
    assert passwords.is_right(kept, long + "x")
    assert not passwords.is_right(kept, long + "y")
    assert not is_accepted("ab" + "long heron " * 100)


def test_every_keyboards_spelling_of_a_letter_is_the_same() -> None:
    follow(CHEAP)
    kept = passwords.hash_of("Ångström’s fünf Störche")
    assert passwords.is_right(kept, "A\u030angstro\u0308m’s fu\u0308nf Sto\u0308rche")
    assert not passwords.is_right(kept, "ångström’s fünf störche")


def test_a_hash_is_argon2id() -> None:
    follow(CHEAP)
    assert passwords.hash_of("seven grey herons").startswith("$argon2id$")


def test_without_a_hash_no_password_is_right() -> None:
    follow(CHEAP)
    assert not passwords.is_right("", "nobody")
    assert not passwords.is_right("garbage", "nobody")


def test_the_refusal_names_the_field() -> None:
    with pytest.raises(Refused) as refused:
        passwords.check_password("short")
    assert set(refused.value.fields) == {"password"}


def test_the_meter_rises_with_the_password() -> None:
    scores = [
        passwords.strength_of(one, NAMES, has_second_factor=True).score
        for one in ("password", "heronpad", "heron-pad-lake", "heron-pad-lake-bird", "seven grey herons at dawn")
    ]
    assert scores == sorted(scores)
    assert (scores[0], scores[-1]) == (0, 4)


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_gets_an_answer(password: str) -> None:
    passwords.strength_of(password, NAMES)


def test_a_hundred_kilobytes_are_answered_at_once() -> None:
    for text in ("a" * 100_000, "ab" * 50_000, "1" * 100_000, "\u0390" * 100_000):
        assert passwords.objection_to(text, NAMES)
