"""Putting layouts and includes in place."""

from collections.abc import Callable, Sequence

from jinja2 import nodes
from jinja2.exceptions import TemplateAssertionError

from core.web.pressing.trees import all_of, copied, is_call_of, loaded_in, replaced

# What may stand beside the blocks of a page that has a layout. Text there is never shown.
BESIDE_BLOCKS = (nodes.Assign, nodes.AssignBlock, nodes.FromImport, nodes.Import, nodes.Macro, nodes.ExprStmt)


def layout_of(tree: nodes.Template, name: str) -> nodes.Expr | None:
    """The layout a template extends: a text, or a choice between two. A computed one can't be put in place."""
    found = list(all_of([tree], nodes.Extends))
    if not found:
        return None
    layout = found[0].template
    choices = [layout.expr1, layout.expr2] if isinstance(layout, nodes.CondExpr) else [layout]
    if len(found) > 1 or found[0] not in tree.body or not all(isinstance(one, nodes.Const) for one in choices):
        raise TemplateAssertionError("a layout is named once, at the top, by a text", found[0].lineno, name)
    strange = [
        one for one in tree.body if not isinstance(one, (*BESIDE_BLOCKS, nodes.Extends, nodes.Block, nodes.Output))
    ]
    if strange:
        raise TemplateAssertionError("beside blocks, a page only imports, sets and defines", strange[0].lineno, name)
    return layout


class Blocks:
    """The blocks of a page and its layouts, and the page that comes of them."""

    def __init__(self, chain: Sequence[nodes.Template], fresh: Callable[[str], str]) -> None:
        self.chain = chain
        self.fresh = fresh
        self.bodies: dict[str, list[list[nodes.Node]]] = {}
        for tree in chain:
            for block in all_of([tree], nodes.Block):
                self.bodies.setdefault(block.name, []).append(block.body)
        self.are_used_as_values = bool(loaded_in(chain) & {"self", "super"})

    def page(self) -> list[nodes.Node]:
        """The outermost layout with everything in place; what the others import and set comes first, as it would."""
        *pages, layout = self.chain
        first = [one for tree in pages for one in tree.body if isinstance(one, BESIDE_BLOCKS)]
        return [*first, *self.statements(layout.body, "", 0)]

    def statements(self, body: list[nodes.Node], block: str, level: int) -> list[nodes.Node]:
        """Statements with blocks in place. They stand in the body of a block, so many levels up from the page's own."""
        return [placed for one in body for placed in self.statement(one, block, level)]

    def statement(self, one: nodes.Node, block: str, level: int) -> list[nodes.Node]:
        """One statement, or what comes in its place."""
        if isinstance(one, nodes.Block):
            return [self.inside(one.name, 0)]
        for branch in (one, *getattr(one, "elif_", ())):
            for inner in ("body", "else_"):
                value = getattr(branch, inner, None)
                if isinstance(value, list):
                    setattr(branch, inner, self.statements(value, block, level))
        placed: list[nodes.Node] = []
        if isinstance(one, nodes.Output):
            for shown in one.nodes:
                meant = self.meant(shown, block, level)
                placed.append(self.inside(*meant) if meant else nodes.Output([shown], lineno=one.lineno))
        else:
            placed.append(one)
        if not self.are_used_as_values:
            return placed
        return [hoisted for each in placed for hoisted in self.hoisted(each, block, level)]

    def hoisted(self, one: nodes.Node, block: str, level: int) -> list[nodes.Node]:
        """A statement that uses a block as a value, with that value set before it."""
        before: list[nodes.Node] = []

        def exchange(node: nodes.Node) -> nodes.Node | None:
            meant = self.meant(node, block, level)
            if meant is None:
                return None
            name = self.fresh("block")
            target = nodes.Name(name, "store", lineno=node.lineno)
            before.append(nodes.AssignBlock(target, None, [self.inside(*meant)], lineno=node.lineno))
            return nodes.Name(name, "load", lineno=node.lineno)

        replaced(one, exchange)
        return [*before, one]

    def meant(self, node: nodes.Node, block: str, level: int) -> tuple[str, int] | None:
        """The block, and how far up, that `self.name()` or `super()` stands for."""
        if is_call_of(node, "super") and block:
            return block, level + 1
        if not isinstance(node, nodes.Call) or not isinstance(node.node, nodes.Getattr) or node.args or node.kwargs:
            return None
        owner = node.node.node
        is_own = isinstance(owner, nodes.Name) and owner.name == "self" and node.node.attr in self.bodies
        return (node.node.attr, 0) if is_own else None

    def inside(self, block: str, level: int) -> nodes.Scope:
        """What a block shows."""
        bodies = self.bodies[block]
        body = [copied(one) for one in bodies[level]] if level < len(bodies) else []
        return nodes.Scope(self.statements(body, block, level), lineno=1)
