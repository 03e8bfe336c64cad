"""People are found however their names are typed."""

import random
import time

import pytest

from core.storage.search import LONGEST_TOKEN, asked, asked_number, normalise, phonetic, prefixes, tails, tokens, words


def finds(typed: str, name: str) -> bool:
    """Whether what was typed leads to the name."""
    kept = tokens(name)
    wanted = asked(typed)
    return bool(wanted) and all(kept & set(one.tokens) for one in wanted)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("O'Brien-Núñez,  Áine", "obriennunez aine"),
        ("STRASSE straße", "strasse strasse"),
        ("Łukasz Ørsted Đorđe Işık Þór Œuvre Æsir", "lukasz orsted dorde isik thor oeuvre aesir"),
        ("İstanbul", "istanbul"),
        ("مُحَمَّد أحمد إبراهيم آمنة فاطمة ليلى", "محمد احمد ابراهيم امنه فاطمه ليلي"),
        ("ـمـحـمـد", "محمد"),
        ("Фёдор Йосиф", "федор иосиф"),
        ("Γιώργος", "γιωργοσ"),
        ("שָׁלוֹם", "שלום"),
        ("कुमारी शर्मा", "कुमारी शर्मा"),
        ("王小明", "王小明"),
        ("ＡＢＣ １２３", "abc 123"),
        ("١٢٣", "123"),
        ("  ", ""),
        ("x_y", "x y"),
    ],
)
def test_a_text_is_written_plainly_in_its_own_script(text: str, plain: str) -> None:
    assert normalise(text) == plain
    assert normalise(plain) == plain


def test_joined_names_count_whole_and_in_parts() -> None:
    assert words("O'Brien") == ["obrien", "o", "brien"]
    assert words("Abdul-Rahman Ali") == ["abdulrahman", "abdul", "rahman", "ali"]
    assert words("al- -x '") == ["al", "x"]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("kath", "Katherine Njeri Wanjiku"),
        ("kathe", "Katherine Njeri Wanjiku"),
        ("wanjiku katherine", "Katherine Njeri Wanjiku"),
        ("wa ka", "Katherine Njeri Wanjiku"),
        ("obrien", "Áine O’Brien"),
        ("o'brien", "Áine OBrien"),
        ("brien", "Áine O'Brien"),
        ("Mueller", "Jürgen Müller"),
        ("Muller", "Jürgen Müller"),
        ("Smyth", "John Smith"),
        ("Mohamed", "Muhammad Ali"),
        ("abdulrahman", "Abdul-Rahman"),
        ("أحمد", "احمد علي"),
        ("فاطمه", "فاطمة الزهراء"),
        ("小明", "王小明"),
        ("王", "王小明"),
        ("王小明", "王小明"),
        ("김철", "김철수"),
        ("शर्", "कुमारी शर्मा"),
        ("li", "Li Ng"),
    ],
)
def test_a_name_is_found_as_it_is_typed(typed: str, name: str) -> None:
    assert finds(typed, name)


@pytest.mark.parametrize(("typed", "name"), [("karl", "Katherine"), ("明王", "王小明"), ("zz", "Áine"), ("", "Áine")])
def test_another_name_is_not(typed: str, name: str) -> None:
    assert not finds(typed, name)


def test_a_name_makes_few_tokens() -> None:
    assert len(tokens("Katherine Njeri Wanjiku")) == 14
    assert len(tokens("王小明")) == 5
    assert len(tokens("Mohammed Ali Hassan")) <= 16
    assert all(len(token) <= LONGEST_TOKEN for token in tokens("Maximiliana Schwarzenbergerova " * 3))


def test_a_telephone_is_found_by_its_last_digits() -> None:
    kept = tails("+254 712-345-678")
    assert kept == ["#5678", "#345678", "#12345678"]
    assert {asked_number("0712 345 678"), asked_number("5678"), asked_number("345678")} <= set(kept)
    assert asked_number("78") == ""
    assert tails("٠٧١٢٣٤٥٦") == ["#3456", "#123456", "#07123456"]


def test_sounds_are_for_latin_words() -> None:
    assert phonetic("smith") == phonetic("smyth") == "~SM0"
    assert phonetic("محمد") == phonetic("li") == phonetic("abc1") == ""
    assert prefixes("ab") == ["ab"] and prefixes("a") == ["a"] and prefixes("") == []


def test_hostile_text_takes_no_time() -> None:
    chance = random.Random(1)
    payloads = ["a" * 100_000, "'" * 100_000, "-a" * 50_000, "\u0301" * 100_000, "王" * 100_000, "\u0640" * 100_000,
                "".join(chr(chance.randrange(1, 0xD800)) for _ in range(100_000))]  # fmt: skip
    for payload in payloads:
        started = time.perf_counter()
        normalise(payload)
        assert len(tokens(payload)) < 4500
        asked(payload)
        assert time.perf_counter() - started < 0.5
