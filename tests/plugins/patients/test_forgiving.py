"""A search that forgives: slips of the pen, other scripts, part of a birth date, a phone with or without its prefix."""

import pytest

from core.acts import OPEN, act
from plugins.patients.models import SpellingWord
from plugins.patients.romanising import romanised
from plugins.patients.services.asking import understood
from plugins.patients.services.details import PatientDetails, TelecomDetails
from plugins.patients.services.finding import find_patients
from plugins.patients.services.registering import edit_patient
from plugins.patients.services.spelling import meant_by, slips_of
from plugins.patients.spelling import folded
from tests.plugins.patients.conftest import entering


@pytest.fixture
def register(desk_anywhere, grace):
    enter = entering(grace)
    for name, born in (
        ("Grace Wanjiru Kamau", "1992-03-02"), ("Peter Otieno", "1980-12-31"), ("Guðrún Jónsdóttir", "1975-06-01"),
        ("Шевченко Олена Іванівна", "1990-03-15"), ("محمد حسن", "1985-03-02"), ("ሰላም ተስፋዬ", "1999-01-01"),
        ("Mary Njeri", "1992-03-20"), ("Nguyễn Thị Mai", "2001-07-04"), ("यूसुफ रहमान", "1970-02-02"),
    ):  # fmt: skip
        enter(name, born)
    enter("Zawadi Kitsao", "1992-11-05", telecoms=(TelecomDetails("0712 555 018"),))
    return enter


def names(asked: str, by) -> list[str]:
    return [hit.name for hit in find_patients(asked, by=by).hits]


MEANT = (
    ("wajniru grace", "Grace Wanjiru Kamau"),  # two letters changed about
    ("wanjiiru", "Grace Wanjiru Kamau"),  # one too many
    ("wanjru kamau", "Grace Wanjiru Kamau"),  # one too few
    ("vanjiru", "Grace Wanjiru Kamau"),  # the first letter wrong
    ("kamau wanjru grase", "Grace Wanjiru Kamau"),  # three names in another order, two of them wrong
    ("gudrun jonsdotir", "Guðrún Jónsdóttir"),
    ("Jonsdottir Gudrún", "Guðrún Jónsdóttir"),
    ("nguyne mai", "Nguyễn Thị Mai"),
    ("shevchenko olena", "Шевченко Олена Іванівна"),
    ("olena", "Шевченко Олена Іванівна"),
    ("mohammed hassan", "محمد حسن"),
    ("selam", "ሰላም ተስፋዬ"),
    ("yusuf rahman", "यूसुफ रहमान"),
    ("Отиено", "Peter Otieno"),
    ("kitsau zawadi", "Zawadi Kitsao"),
    ("sawadi kitsao 1992", "Zawadi Kitsao"),
    ("wajniru 2 mar 1992", "Grace Wanjiru Kamau"),
)


def test_what_is_misspelt_or_of_another_script_is_found(register, grace):
    for asked, first in MEANT:
        assert names(asked, grace)[:1] == [first], asked


BORN = (
    ("03/1992", {"Grace Wanjiru Kamau", "Mary Njeri"}),
    ("mar 1992", {"Grace Wanjiru Kamau", "Mary Njeri"}),
    ("1992-03", {"Grace Wanjiru Kamau", "Mary Njeri"}),
    ("2 mar", {"Grace Wanjiru Kamau", "محمد حسن"}),
    ("2/3", {"Grace Wanjiru Kamau", "محمد حسن"}),
    ("grace 2/3", {"Grace Wanjiru Kamau"}),
    ("mary 03/1992", {"Mary Njeri"}),
    ("mary 04/1992", set()),
    ("peter 2/3", set()),
)


def test_part_of_a_birth_date_is_enough(register, grace):
    for asked, found in BORN:
        assert set(names(asked, grace)) == found, asked


def test_a_phone_is_found_with_or_without_its_prefix(register, grace):
    for asked in (
        "0712 555 018", "712555018", "+254 712 555 018", "00254712555018", "254712555018", "555018", "(0712) 555-018",
    ):  # fmt: skip
        assert names(asked, grace) == ["Zawadi Kitsao"], asked


@pytest.mark.parametrize("stored", ["0712555018", "+254712555018", "254712555018"])
def test_and_however_it_was_stored(desk, enter, grace, stored):
    enter("Zawadi Kitsao", telecoms=(TelecomDetails(stored),))
    for asked in ("0712 555 018", "+254712555018", "712555018"):
        assert names(asked, grace) == ["Zawadi Kitsao"], asked


def test_what_is_spelt_right_comes_first(desk, enter, grace):
    for name in ("Mery Kamau", "Mary Kamou", "Mary Kamau", "Marya Kamau"):
        enter(name)
    assert names("mary kamau", grace) == ["Mary Kamau", "Marya Kamau"]
    assert names("maru kamau", grace)[0] == "Mary Kamau"


def test_words_are_kept_once_and_learned_when_somebody_is_renamed(desk, enter, grace):
    first = enter("Grace Wanjiru")
    rows = SpellingWord.select().count()
    enter("Wanjiru Grace")
    assert SpellingWord.select().count() == rows == len(slips_of("grace")) + len(slips_of("wanjiru"))
    assert meant_by("wajniru") == ["wanjiru"]
    edit_patient(first, PatientDetails("Grace Nyambura"), by=grace)
    assert meant_by("nyambrua") == ["nyambura"]
    assert names("nyambrua", grace) == ["Grace Nyambura"]


def test_a_word_of_an_act_that_was_taken_back_is_learned_the_next_time(desk, enter, grace):
    @act("patients.fail_for_a_test", permission=OPEN)
    def failing(by):
        enter("Grace Wanjiru")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        failing(by=grace)
    assert meant_by("wajniru") == []
    enter("Grace Wanjiru")
    assert meant_by("wajniru") == ["wanjiru"]


def test_scripts_are_read_as_they_sound():
    read = {"Олена": "olena", "Γιώργος": "giorgos", "さくら": "sakura", "김": "gim", "राम": "ram", "فاطمة": "fatma"}
    assert {name: romanised(folded(name)) for name in read} == read
    assert romanised("grace") == romanised("王") == ""


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("03/1992", (1992, 3, None)), ("1992-03", (1992, 3, None)), ("mar 1992", (1992, 3, None)),
        ("2 mar", (None, None, (3, 2))), ("31.12.", (None, None, None)), ("2/3", (None, None, (3, 2))),
        ("1992", (1992, None, None)), ("mary 1992", (1992, None, None)), ("13/1992", (None, None, None)),
        ("40 2", (None, None, None)), ("0712 555 018", (None, None, None)), ("2 mar 1992", (None, None, None)),
    ],
)  # fmt: skip
def test_parts_of_dates_are_understood(asked, said):
    question = understood(asked)
    assert (question.year, question.month, question.birthday) == said
