"""Working out what is known before any request: sentences in one language, static files, settled choices."""

import re
from collections.abc import Callable, Set
from typing import Any

from jinja2 import nodes
from jinja2.nodes import EvalContext, Impossible
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from core.web.pressing.trees import CONSTANT

FACT = re.compile(r"%\((\w+)\)s")
PLAIN = (str, int, float, bool, type(None))
SETTLED = (
    nodes.Compare, nodes.Not, nodes.Test, nodes.Filter, nodes.Concat, nodes.Add, nodes.Getitem, nodes.Getattr,
)  # fmt: skip


class Folder(NodeTransformer):
    """Puts results in the place of expressions whose result can't differ between two requests.

    `known` names functions that always give the same for the same constants: the address of a static file.
    `translated` gives a sentence in the language the template is compiled for. `hidden` are names the template sets.
    """

    def __init__(
        self,
        context: EvalContext,
        translated: Callable[[str], Markup],
        known: dict[str, Callable[..., Any]],
        hidden: Set[str] = frozenset(),
    ) -> None:
        self.context = context
        self.translated = translated
        self.known = {name: function for name, function in known.items() if name not in hidden}
        self.sentences = {"_", "gettext"} - hidden
        self.places_addresses = not {"url_for", "address"} & hidden

    def visit_Macro(self, node: nodes.Macro) -> nodes.Macro:
        """What is left a macro knows nothing of the page, and so not where the house lies on its host."""
        before, self.places_addresses = self.places_addresses, False
        self.generic_visit(node)
        self.places_addresses = before
        return node

    def visit_Output(self, node: nodes.Output) -> nodes.Output:
        """Text with its facts becomes text, fact, text."""
        self.generic_visit(node)
        node.nodes = [piece for one in node.nodes for piece in self.pieces(one)]
        return node

    def pieces(self, one: nodes.Expr) -> list[nodes.Expr]:
        """A sentence with facts in pieces, each escaped where it is shown; anything else whole."""
        if not (isinstance(one, nodes.Call) and self.is_sentence(one) and one.kwargs):
            return [one]
        facts = {fact.key: fact.value for fact in one.kwargs}
        between = FACT.split(str(self.translated(one.args[0].value)))  # type: ignore[attr-defined]
        texts, names = between[::2], between[1::2]
        if any("%" in text for text in texts) or not set(names) <= set(facts) or len(set(names)) < len(names):
            return [one]
        found: list[nodes.Expr] = [nodes.TemplateData(texts[0], lineno=one.lineno)]
        for name, text in zip(names, texts[1:], strict=True):
            found += (facts[name], nodes.TemplateData(text, lineno=one.lineno))
        return [piece for piece in found if not (isinstance(piece, nodes.TemplateData) and not piece.data)]

    def is_sentence(self, call: nodes.Call) -> bool:
        """Whether a call asks for the translation of a text that stands in the template."""
        return (
            isinstance(call.node, nodes.Name)
            and call.node.name in self.sentences
            and len(call.args) == 1
            and isinstance(call.args[0], nodes.Const)
            and isinstance(call.args[0].value, str)
            and not call.dyn_args
            and not call.dyn_kwargs
        )

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:
        """A sentence without facts, or a function that is known beforehand."""
        self.generic_visit(node)
        if self.places_addresses and isinstance(node.node, nodes.Name) and node.node.name == "url_for":
            return placed(node)
        if self.is_sentence(node) and not node.kwargs:
            text = self.translated(node.args[0].value)  # type: ignore[attr-defined]
            return node if "%" in text else nodes.TemplateData(str(text), lineno=node.lineno)
        constants = [*node.args, *(one.value for one in node.kwargs)]
        if node.dyn_args or node.dyn_kwargs or not all(isinstance(one, nodes.Const) for one in constants):
            return node
        called = self.called(node.node)
        if called is None:
            return node
        values = [one.value for one in node.args]  # type: ignore[attr-defined]
        return self.constant(node, called(*values, **{one.key: one.value.value for one in node.kwargs}))  # type: ignore[attr-defined]

    def called(self, node: nodes.Expr) -> Callable[..., Any] | None:
        """The function a call means, where calling it now gives what calling it later would."""
        if isinstance(node, nodes.Name):
            return self.known.get(node.name)
        if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Dict) and node.attr == "get":
            try:
                table: dict[Any, Any] = node.node.as_const(self.context)
            except Impossible:
                return None
            return table.get
        return None

    def constant(self, node: nodes.Expr, value: Any) -> nodes.Expr:
        """A value as part of the template, if it is one that can stand there."""
        if isinstance(value, Markup):
            return nodes.TemplateData(str(value), lineno=node.lineno)
        return nodes.Const(value, lineno=node.lineno) if isinstance(value, PLAIN) else node

    def generic_visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> nodes.Node:
        """Fold what is inside, then the whole where nothing in it is open any more."""
        super().generic_visit(node, *args, **kwargs)
        if isinstance(node, SETTLED):
            try:
                return self.constant(node, node.as_const(self.context))
            except Exception:  # noqa: BLE001  what can't be worked out now is worked out at the request, or fails there
                return node
        return node

    def visit_CondExpr(self, node: nodes.CondExpr) -> nodes.Expr:
        """A choice that is settled."""
        self.generic_visit(node)
        if not isinstance(node.test, CONSTANT):
            return node
        chosen = node.expr1 if truth(node.test) else node.expr2
        return chosen if chosen is not None else nodes.Const("", lineno=node.lineno)

    def visit_And(self, node: nodes.And) -> nodes.Expr:
        """A first half that settles the whole."""
        self.generic_visit(node)
        return node if not isinstance(node.left, CONSTANT) else node.right if truth(node.left) else node.left

    def visit_Or(self, node: nodes.Or) -> nodes.Expr:
        """A first half that settles the whole."""
        self.generic_visit(node)
        return node if not isinstance(node.left, CONSTANT) else node.left if truth(node.left) else node.right

    def visit_If(self, node: nodes.If) -> nodes.Node | list[nodes.Node]:
        """Branches that are always or never taken."""
        open_: list[nodes.If] = []
        rest: list[nodes.Node] | None = None
        for branch in (nodes.If(node.test, node.body, [], [], lineno=node.lineno), *node.elif_):
            self.generic_visit(branch)
            if not isinstance(branch.test, CONSTANT):
                open_.append(branch)
            elif truth(branch.test):
                rest = branch.body
                break
        if rest is None:
            rest = self.generic_visit(nodes.Scope(node.else_, lineno=node.lineno)).body  # type: ignore[attr-defined]
        if not open_:
            return rest
        first, *others = open_
        return nodes.If(first.test, first.body, others, rest, lineno=first.lineno)

    def visit_For(self, node: nodes.For) -> nodes.Node | list[nodes.Node]:
        """A list that is always empty."""
        self.generic_visit(node)
        return node.else_ if isinstance(node.iter, (nodes.Tuple, nodes.List)) and not node.iter.items else node


def placed(call: nodes.Call) -> nodes.Call:
    """The call of `address` that gives what a call of `url_for` would: its shape is one text, the rest are values."""
    endpoint = call.args[0] if len(call.args) == 1 else None
    if not isinstance(endpoint, nodes.Const) or call.dyn_args or call.dyn_kwargs:
        return call
    shape = [endpoint.value]
    values: list[nodes.Expr] = []
    for one in call.kwargs:
        if not isinstance(one.value, nodes.Const):
            shape.append(one.key)
            values.append(one.value)
        elif isinstance(one.value.value, str) and not set(one.value.value) & set("=|"):
            shape.append(f"{one.key}={one.value.value}")
        else:
            return call
    if any(part.startswith("_") for part in shape[1:]) or endpoint.value.startswith("."):
        return call
    arguments = [nodes.Const("|".join(shape), lineno=call.lineno), *values]
    return nodes.Call(nodes.Name("address", "load", lineno=call.lineno), arguments, [], None, None, lineno=call.lineno)


def truth(node: nodes.Expr) -> bool:
    """Whether a constant counts as true."""
    return bool(node.data if isinstance(node, nodes.TemplateData) else node.value)  # type: ignore[attr-defined]
