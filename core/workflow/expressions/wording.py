"""A condition in words, for those who are told why something can't be done yet."""

from collections.abc import Mapping

from core.errors import Words
from core.texts import Text, _
from core.workflow.expressions.reading import Call, Literal, Name, Node, Several, Turned

BETWEEN: dict[str, Text] = {
    "=": _("%(left)s is %(right)s"),
    "!=": _("%(left)s is not %(right)s"),
    "<": _("%(left)s is less than %(right)s"),
    "<=": _("%(left)s is at most %(right)s"),
    ">": _("%(left)s is more than %(right)s"),
    ">=": _("%(left)s is at least %(right)s"),
    "in": _("%(left)s is one of %(right)s"),
    "and": _("%(left)s, and %(right)s"),
    "or": _("%(left)s, or %(right)s"),
    "+": _("%(left)s + %(right)s"),
    "-": _("%(left)s − %(right)s"),
    "*": _("%(left)s × %(right)s"),
}
CALLED: dict[str, Text] = {
    "today": _("today"),
    "given": _("%(given)s is given"),
    "day": _("%(given)s"),
    "year": _("the year of %(given)s"),
    "month": _("the month of %(given)s"),
    "weekday": _("the day of the week of %(given)s (1 is Monday)"),
    "length": _("the length of %(given)s"),
    "lower": _("%(given)s"),
    "starts": _("%(first)s begins with %(second)s"),
    "least": _("the least of %(given)s"),
    "most": _("the most of %(given)s"),
}


def in_words(node: Node, labels: Mapping[str, Words]) -> Words:
    """A tree as a sentence without its full stop; facts are called by their labels."""
    match node:
        case Literal(value=bool()):
            return _("yes") if node.value else _("no")
        case Literal():
            return str(node.value)
        case Name():
            return labels.get(node.name, node.name)
        case Several():
            return ", ".join(str(in_words(one, labels)) for one in node.items)
        case Call():
            given = [str(in_words(one, labels)) for one in node.given]
            parts = {
                "given": ", ".join(given),
                "first": given[0] if given else "",
                "second": given[-1] if given else "",
            }
            return CALLED[node.function] % parts
        case Turned():
            words = str(in_words(node.of, labels))
            return _("not: %(what)s", what=words) if node.sign == "not" else f"−{words}"
    sides = {"left": str(in_words(node.left, labels)), "right": str(in_words(node.right, labels))}
    return BETWEEN[node.sign] % sides
