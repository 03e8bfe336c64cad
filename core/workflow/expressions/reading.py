"""From text to a tree, by a closed grammar; everything that is not in it is refused at its place.

    either   = both { "or" both }
    both     = turned { "and" turned }
    turned   = "not" turned | compared
    compared = sum [ ( "=" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in" ) sum ]
    sum      = product { ( "+" | "-" ) product }
    product  = signed { "*" signed }
    signed   = "-" signed | single
    single   = number | text | "true" | "false" | name | name "(" [ either { "," either } ] ")"
             | "(" either ")" | "[" either { "," either } "]"

There are no attributes, no indexes and no names but those of declared facts and listed functions. Length, number of
signs and depth are bounded, and each part of the tree is worked out at most once, so the time is bounded too.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from core.errors import MedleyError, Words
from core.texts import _

LONGEST = 500
MOST_SIGNS = 200
DEEPEST = 20
MOST_IN_LIST = 50
LONGEST_NUMBER = 12
WORDS_OF_THE_LANGUAGE = frozenset({"and", "or", "not", "in", "true", "false"})
COMPARISONS = {"=": "=", "==": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
SIGN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<number>[0-9]+(?:\.[0-9]+)?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<text>"[^"\\\r\n]*"|'[^'\\\r\n]*')
    |(?P<mark>==|!=|<=|>=|[-=<>+*()\[\],])""",
    re.VERBOSE,
)


class Unfit(MedleyError):
    """A condition that can't be used: what is wrong, and at which letter of it."""

    status = 422

    def __init__(self, message: Words, at: int = 0) -> None:
        self.at = at
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign of a text: its sort, what is written, and where."""

    sort: str
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as it is written."""

    value: int | Decimal | str | bool
    at: int


@dataclass(frozen=True, slots=True)
class Name:
    """A declared fact."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """One of the listed functions."""

    function: str
    given: tuple["Node", ...]
    at: int


@dataclass(frozen=True, slots=True)
class Several:
    """A list that is written out."""

    items: tuple["Node", ...]
    at: int


@dataclass(frozen=True, slots=True)
class Turned:
    """`not` of something that is so or not, `-` of a number."""

    sign: str
    of: "Node"
    at: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two parts and what stands between them."""

    sign: str
    left: "Node"
    right: "Node"
    at: int


Node = Literal | Name | Call | Several | Turned | Pair


@lru_cache(maxsize=512)
def read(text: str) -> Node:
    """The tree of a condition; raises `Unfit` with the place of the first sign that does not belong."""
    return _Reader(signs_of(text)).whole()


def signs_of(text: str) -> list[Sign]:
    """The signs of a text, spaces left out."""
    if len(text) > LONGEST:
        raise Unfit(_("A condition has at most %(n)s letters.", n=LONGEST), LONGEST)
    found: list[Sign] = []
    at = 0
    while at < len(text):
        match = SIGN.match(text, at)
        if match is None:
            raise Unfit(_("“%(sign)s” has no meaning in a condition.", sign=text[at]), at)
        sort = str(match.lastgroup)
        if sort != "space":
            if sort == "number" and len(match.group()) > LONGEST_NUMBER:
                raise Unfit(_("A number has at most %(n)s digits.", n=LONGEST_NUMBER), at)
            found.append(Sign(sort, match.group(), at))
        at = match.end()
    if len(found) > MOST_SIGNS:
        raise Unfit(_("The condition is too long. Say it more simply."), found[MOST_SIGNS].at)
    return [*found, Sign("end", "", len(text))]


class _Reader:
    """Reads signs from the start to the end, one rule of the grammar a method."""

    def __init__(self, signs: list[Sign]) -> None:
        self.signs = signs
        self.place = 0
        self.depth = 0

    @property
    def next(self) -> Sign:
        return self.signs[self.place]

    def take(self) -> Sign:
        sign = self.next
        self.place += 1
        return sign

    def is_next(self, *texts: str) -> bool:
        return self.next.sort in ("mark", "name") and self.next.text in texts

    def expect(self, text: str) -> None:
        if not self.is_next(text):
            raise Unfit(_("Here “%(sign)s” is missing.", sign=text), self.next.at)
        self.take()

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unfit(_("Too much stands inside other things. Say it more simply."), self.next.at)

    def whole(self) -> Node:
        if self.next.sort == "end":
            raise Unfit(_("The condition is empty."))
        found = self.either()
        if self.next.sort != "end":
            raise Unfit(_("“%(sign)s” does not belong here.", sign=self.next.text), self.next.at)
        return found

    def either(self) -> Node:
        self.deeper()
        found = self.both()
        while self.is_next("or"):
            sign = self.take()
            found = Pair("or", found, self.both(), sign.at)
        self.depth -= 1
        return found

    def both(self) -> Node:
        found = self.turned()
        while self.is_next("and"):
            sign = self.take()
            found = Pair("and", found, self.turned(), sign.at)
        return found

    def turned(self) -> Node:
        if not self.is_next("not"):
            return self.compared()
        sign = self.take()
        self.deeper()
        found = Turned("not", self.turned(), sign.at)
        self.depth -= 1
        return found

    def compared(self) -> Node:
        left = self.sum()
        at = self.next.at
        if self.is_next(*COMPARISONS):
            return Pair(COMPARISONS[self.take().text], left, self.sum(), at)
        if self.is_next("in"):
            self.take()
            return Pair("in", left, self.sum(), at)
        if self.is_next("not"):
            self.take()
            self.expect("in")
            return Turned("not", Pair("in", left, self.sum(), at), at)
        return left

    def sum(self) -> Node:
        found = self.product()
        while self.is_next("+", "-"):
            sign = self.take()
            found = Pair(sign.text, found, self.product(), sign.at)
        return found

    def product(self) -> Node:
        found = self.signed()
        while self.is_next("*"):
            sign = self.take()
            found = Pair("*", found, self.signed(), sign.at)
        return found

    def signed(self) -> Node:
        if not self.is_next("-"):
            return self.single()
        sign = self.take()
        self.deeper()
        found = Turned("-", self.signed(), sign.at)
        self.depth -= 1
        return found

    def single(self) -> Node:
        sign = self.take()
        match sign.sort:
            case "number":
                return Literal(Decimal(sign.text) if "." in sign.text else int(sign.text), sign.at)
            case "text":
                return Literal(sign.text[1:-1], sign.at)
            case "name":
                return self.named(sign)
            case "mark" if sign.text == "(":
                found = self.either()
                self.expect(")")
                return found
            case "mark" if sign.text == "[":
                return Several(self.listed("]", sign), sign.at)
            case "end":
                raise Unfit(_("Something is missing at the end."), sign.at)
        raise Unfit(_("“%(sign)s” does not belong here.", sign=sign.text), sign.at)

    def named(self, sign: Sign) -> Node:
        if sign.text in ("true", "false"):
            return Literal(sign.text == "true", sign.at)
        if sign.text in WORDS_OF_THE_LANGUAGE:
            raise Unfit(_("“%(sign)s” does not belong here.", sign=sign.text), sign.at)
        if not self.is_next("("):
            return Name(sign.text, sign.at)
        self.take()
        return Call(sign.text, self.listed(")", sign), sign.at)

    def listed(self, end: str, begin: Sign) -> tuple[Node, ...]:
        found: list[Node] = []
        while not self.is_next(end):
            if found:
                self.expect(",")
            found.append(self.either())
        self.take()
        if len(found) > MOST_IN_LIST:
            raise Unfit(_("At most %(n)s of them.", n=MOST_IN_LIST), begin.at)
        return tuple(found)
