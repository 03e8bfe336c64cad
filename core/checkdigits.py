"""Check digits: how a mistyped number is noticed before it becomes somebody else's chart.

Spaces, hyphens, dots and slashes between the digits are passed over; anything else makes a number invalid.
"""

from collections.abc import Callable

from core.errors import Misuse

SEPARATORS = str.maketrans("", "", " -./")

# Verhoeff, J.: Error Detecting Decimal Codes, Mathematical Centre Tract 29, Amsterdam 1969:
# multiplication in the dihedral group of order 10, and the permutation applied by position.
_DIHEDRAL = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_PERMUTATION = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip
_INVERSE = "0432156789"


class NoCheckDigit(ValueError):
    """This number has no check digit under the algorithm and must be passed over when numbers are given out."""


def append(algorithm: str, text: str) -> str:
    """Return the text with its check character, or characters, at the end.

    Raises `NoCheckDigit` where the algorithm has none for this number, `ValueError` where the text
    holds something else than digits.
    """
    return text + _algorithm(algorithm)(_digits(text))


def validate(algorithm: str, text: str) -> bool:
    """Whether the check characters at the end of the text fit what stands before them."""
    compute = _algorithm(algorithm)
    plain = text.translate(SEPARATORS).upper()
    size = 2 if algorithm == "mod97" else 1
    try:
        return len(plain) > size and compute(_digits(plain[:-size])) == plain[-size:]
    except ValueError:
        return False


def luhn(digits: str) -> str:
    """ISO/IEC 7812-1, annex B (HL7 calls it M10): payment cards, US NPI (with 80840 before it), many record numbers."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def verhoeff(digits: str) -> str:
    """Verhoeff 1969: finds every single wrong digit and every swap of neighbours; India's Aadhaar uses it."""
    state = 0
    for place, digit in enumerate(reversed(digits), start=1):
        state = int(_DIHEDRAL[state][int(_PERMUTATION[place % 8][int(digit)])])
    return _INVERSE[state]


def mod97(digits: str) -> str:
    """ISO/IEC 7064 MOD 97-10: two check digits, as in IBAN and LEI."""
    return f"{98 - int(digits) * 100 % 97:02d}"


def mod11(digits: str) -> str:
    """Weights 2 to 10 from the right, again and again; remainder ten has no number.

    NHS Data Dictionary, "NHS number": 9 digits and the check digit.
    """
    total = sum(int(digit) * (2 + place % 9) for place, digit in enumerate(reversed(digits)))
    check = -total % 11
    if check == 10:
        raise NoCheckDigit(f"{digits} has no check digit by modulus 11")
    return str(check)


def mod11_2(digits: str) -> str:
    """ISO/IEC 7064 MOD 11-2, where ten is written X: ISNI and ORCID."""
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2 % 11
    check = (12 - total) % 11
    return "X" if check == 10 else str(check)


ALGORITHMS: dict[str, Callable[[str], str]] = {
    "luhn": luhn,
    "verhoeff": verhoeff,
    "mod97": mod97,
    "mod11": mod11,
    "mod11-2": mod11_2,
}


def _algorithm(name: str) -> Callable[[str], str]:
    if name not in ALGORITHMS:
        raise Misuse(f"there is no check digit algorithm {name!r}; known: {', '.join(ALGORITHMS)}")
    return ALGORITHMS[name]


def _digits(text: str) -> str:
    plain = text.translate(SEPARATORS)
    if not plain or not plain.isascii() or not plain.isdigit():
        raise ValueError("check digits are made of digits")
    return plain
