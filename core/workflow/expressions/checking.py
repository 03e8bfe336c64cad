"""Whether a condition makes sense: every name is known, every comparison compares like with like."""

from collections.abc import Mapping
from decimal import Decimal

from core.errors import Words
from core.texts import _
from core.workflow.expressions.functions import ANY, DAY, FUNCTIONS, NUMBER, TEXT, TEXTS, YES_NO
from core.workflow.expressions.reading import Call, Literal, Name, Node, Pair, Several, Turned, Unfit, read

SORT_WORDS: dict[str, Words] = {
    NUMBER: _("a number"), TEXT: _("a text"), DAY: _("a day"), YES_NO: _("yes or no"), TEXTS: _("several texts"),
}  # fmt: skip
LIST_OF = "list:"


def checked(text: str, sorts: Mapping[str, str]) -> Node:
    """The tree of a condition over facts of these sorts; raises `Unfit` for what could never be worked out."""
    node = read(text)
    found = sort_of(node, sorts)
    if found != YES_NO:
        raise Unfit(_("A condition is so or not; this is %(sort)s.", sort=words_of(found)), node.at)
    return node


def sort_of(node: Node, sorts: Mapping[str, str]) -> str:
    """What a part of a condition comes to."""
    match node:
        case Literal(value=bool()):
            return YES_NO
        case Literal(value=int() | Decimal()):
            return NUMBER
        case Literal():
            return TEXT
        case Name():
            return sort_of_name(node, sorts)
        case Call():
            return sort_of_call(node, sorts)
        case Several():
            return sort_of_list(node, sorts)
        case Turned():
            wanted = YES_NO if node.sign == "not" else NUMBER
            expect(node.of, wanted, sorts)
            return wanted
    return sort_of_pair(node, sorts)


def expect(node: Node, wanted: str, sorts: Mapping[str, str]) -> None:
    """Raise `Unfit` where something of another sort stands."""
    found = sort_of(node, sorts)
    if wanted != ANY and found != wanted:
        complaint = _("Here %(wanted)s is needed; this is %(found)s.", wanted=words_of(wanted), found=words_of(found))
        raise Unfit(complaint, node.at)


def sort_of_name(node: Name, sorts: Mapping[str, str]) -> str:
    """The sort of a fact; one that nobody declares is named, with those there are."""
    if node.name not in sorts:
        known = ", ".join(sorted(sorts)) or "–"
        raise Unfit(_("There is no fact “%(name)s”. There are: %(known)s.", name=node.name, known=known), node.at)
    return sorts[node.name]


def sort_of_call(node: Call, sorts: Mapping[str, str]) -> str:
    """The sort of a function's answer."""
    function = FUNCTIONS.get(node.function)
    if function is None:
        known = ", ".join(sorted(FUNCTIONS))
        complaint = _("There is no function “%(name)s”. There are: %(known)s.", name=node.function, known=known)
        raise Unfit(complaint, node.at)
    count = len(function.takes)
    if len(node.given) < count or (len(node.given) > count and not function.is_open):
        raise Unfit(_("“%(name)s” takes %(n)s in its brackets.", name=node.function, n=count), node.at)
    for position, one in enumerate(node.given):
        expect(one, function.takes[min(position, count - 1)], sorts)
    return function.gives


def sort_of_list(node: Several, sorts: Mapping[str, str]) -> str:
    """A list of things of one sort."""
    if not node.items:
        raise Unfit(_("The list is empty."), node.at)
    first = sort_of(node.items[0], sorts)
    for one in node.items:
        expect(one, first, sorts)
    return LIST_OF + first


def sort_of_pair(node: Pair, sorts: Mapping[str, str]) -> str:
    """What two parts come to together."""
    if node.sign in ("and", "or"):
        expect(node.left, YES_NO, sorts)
        expect(node.right, YES_NO, sorts)
        return YES_NO
    left, right = sort_of(node.left, sorts), sort_of(node.right, sorts)
    if node.sign == "in":
        if right not in (LIST_OF + left, TEXTS if left == TEXT else ""):
            raise Unfit(_("After “in” stands a list of things of the same sort."), node.at)
        return YES_NO
    if node.sign in ("+", "-", "*"):
        return sort_of_sum(node, left, right)
    if left != right or left.startswith(LIST_OF) or left == TEXTS:
        complaint = _("%(left)s can't be compared with %(right)s.", left=words_of(left), right=words_of(right))
        raise Unfit(complaint, node.at)
    if node.sign not in ("=", "!=") and left not in (NUMBER, DAY):
        raise Unfit(_("Only numbers and days have an order."), node.at)
    return YES_NO


def sort_of_sum(node: Pair, left: str, right: str) -> str:
    """Numbers with numbers; a day and a number of days; the days between two days."""
    if left == right == NUMBER:
        return NUMBER
    if left == DAY and right == NUMBER and node.sign != "*":
        return DAY
    if left == right == DAY and node.sign == "-":
        return NUMBER
    facts = {"sign": node.sign, "left": words_of(left), "right": words_of(right)}
    raise Unfit(_("“%(sign)s” does not work between %(left)s and %(right)s.", **facts), node.at)


def words_of(sort: str) -> Words:
    """What a sort is called."""
    return SORT_WORDS.get(sort, _("a list"))
