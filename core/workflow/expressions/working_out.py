"""Working a condition out, over facts that were looked up before. What is unknown stays unknown, as in "perhaps"."""

import operator
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from core.workflow.expressions.functions import FUNCTIONS, bounded
from core.workflow.expressions.reading import Call, Literal, Name, Node, Pair, Several, Turned

LONGEST_TEXT = 2000
MOST_VALUES = 200
COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
SUMS: dict[str, Callable[[Any, Any], Any]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}


def work_out(node: Node, facts: Mapping[str, Any], today: date) -> Any:
    """The value of a checked condition, None where a fact it hangs on is unknown. It holds only where this is True."""
    match node:
        case Literal():
            return node.value
        case Name():
            return plain(facts.get(node.name))
        case Several():
            return tuple(work_out(one, facts, today) for one in node.items)
        case Call():
            return call(node, facts, today)
        case Turned():
            value = work_out(node.of, facts, today)
            return None if value is None else (not value) if node.sign == "not" else -value
    return pair(node, facts, today)


def plain(value: Any) -> Any:
    """A fact as the language knows values; anything else is unknown, and a long one is cut."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, Decimal)):
        return bounded(value)
    if isinstance(value, str):
        return str(value)[:LONGEST_TEXT]
    if type(value) is date:
        return value
    if isinstance(value, (tuple, list, set, frozenset)):
        return tuple(str(one)[:LONGEST_TEXT] for one in list(value)[:MOST_VALUES])
    return None


def call(node: Call, facts: Mapping[str, Any], today: date) -> Any:
    """One of the listed functions."""
    function = FUNCTIONS[node.function]
    if not function.takes:
        return function.work(today)
    given = [work_out(one, facts, today) for one in node.given]
    if None in given and not function.asks_for_unknown:
        return None
    return function.work(given) if function.is_open else function.work(*given)


def pair(node: Pair, facts: Mapping[str, Any], today: date) -> Any:
    """Two parts together."""
    left = work_out(node.left, facts, today)
    if node.sign in ("and", "or"):
        decides = node.sign == "or"
        if left is decides:
            return decides
        right = work_out(node.right, facts, today)
        return decides if right is decides else None if None in (left, right) else right
    right = work_out(node.right, facts, today)
    if left is None or right is None:
        return None
    if node.sign == "in":
        return True if left in right else None if None in right else False
    return COMPARED[node.sign](left, right) if node.sign in COMPARED else summed(node.sign, left, right)


def summed(sign: str, left: Any, right: Any) -> Any:
    """A sum, difference or product, unknown where it leaves what is sensible."""
    if isinstance(left, date):
        if isinstance(right, date):
            return (left - right).days
        try:
            return left + timedelta(days=int(right)) if sign == "+" else left - timedelta(days=int(right))
        except OverflowError:
            return None
    return bounded(SUMS[sign](left, right))


def names_in(node: Node) -> frozenset[str]:
    """The facts a condition hangs on."""
    match node:
        case Name():
            return frozenset({node.name})
        case Several():
            return frozenset().union(*(names_in(one) for one in node.items))
        case Call():
            return frozenset().union(*(names_in(one) for one in node.given))
        case Turned():
            return names_in(node.of)
        case Pair():
            return names_in(node.left) | names_in(node.right)
    return frozenset()
