"""Writing a pressed template as Python: calls of plain functions stay plain calls, and text is escaped without ado."""

from collections.abc import Callable
from keyword import iskeyword
from typing import Any

import markupsafe
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape

# What `markupsafe.escape` does to a text, without marking the result.
_escaped: Callable[[str], str] = vars(markupsafe)["_escape_inner"]
# Functions templates are given that want nothing of the page they are called on.
DIRECT = frozenset({"address", "asset", "csp_nonce", "csrf_token", "gettext", "_", "may", "url_for"})
# And those that want its context, first of all.
WITH_CONTEXT = frozenset({"kept"})
PLAIN = DIRECT | WITH_CONTEXT
# What follows the compiler's first line, on the same one, so that the numbers of lines stay true.
ESCAPING = f"; from {__name__} import shown as escape"


def shown(value: Any) -> str:
    """A value as it stands in a page. Parts of a page are joined once, so nothing is marked as safe on its own."""
    kind = type(value)
    if kind is str:
        return _escaped(value)
    found: str = value if kind is Markup else escape(value)
    return found


class HouseCode(CodeGenerator):
    """Jinja's generator, but that asks the context only about calls that need it."""

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
        """Call a plain function plainly: the context would look at each call for what it wants to be passed."""
        called = node.node.name if isinstance(node.node, nodes.Name) and not forward_caller else ""
        plain = DIRECT if frame.loop_frame or frame.block_frame else PLAIN
        if called not in plain or node.dyn_args or node.dyn_kwargs or any(iskeyword(one.key) for one in node.kwargs):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        if called in WITH_CONTEXT:
            self.write(f"{self.get_context_ref()}, ")
        for one in node.args:
            self.visit(one, frame)
            self.write(", ")
        for keyword in node.kwargs:
            self.write(f"{keyword.key}=")
            self.visit(keyword.value, frame)
            self.write(", ")
        self.write(")")

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        """Look at the object first, as Jinja does, and ask Jinja only where it has no such attribute."""
        if not isinstance(node.node, (nodes.Name, nodes.Getattr)):
            super().visit_Getattr(node, frame)
            return
        self.write("(found if (found := getattr(")
        self.visit(node.node, frame)
        self.write(f", {node.attr!r}, missing)) is not missing else environment.getattr(")
        self.visit(node.node, frame)
        self.write(f", {node.attr!r}))")
