"""Handling syntax trees of templates: copying them, asking which names they use, and tidying what others left."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from jinja2 import nodes

N = TypeVar("N", bound=nodes.Node)
CONSTANT = (nodes.Const, nodes.TemplateData)
# Statements whose inside is a scope of its own: a name set there is not seen after it.
SCOPES = (nodes.Scope, nodes.With, nodes.For, nodes.Macro, nodes.CallBlock, nodes.FilterBlock)


def copied(node: N) -> N:
    """A tree of its own, so that a template put in two places is changed in one only."""
    twin = type(node)(*[_copied_value(getattr(node, field)) for field in node.fields])
    twin.lineno, twin.environment = node.lineno, node.environment
    return twin


def _copied_value(value: Any) -> Any:
    if isinstance(value, nodes.Node):
        return copied(value)
    return [_copied_value(one) for one in value] if isinstance(value, list) else value


def all_of(trees: Iterable[nodes.Node], kind: type[N]) -> Iterator[N]:
    """Every node of a kind in these trees, the trees themselves included."""
    for tree in trees:
        if isinstance(tree, kind):
            yield tree
        yield from tree.find_all(kind)


def stored_in(trees: Iterable[nodes.Node]) -> set[str]:
    """The names that are set anywhere in these trees: by `set`, `for`, `with`, or as a parameter."""
    return {one.name for one in all_of(trees, nodes.Name) if one.ctx != "load"}


def loaded_in(trees: Iterable[nodes.Node]) -> set[str]:
    """The names that are asked for anywhere in these trees."""
    return {one.name for one in all_of(trees, nodes.Name) if one.ctx == "load"}


def is_call_of(node: nodes.Node, name: str) -> bool:
    """Whether a node calls this name, with nothing in the brackets."""
    return (
        isinstance(node, nodes.Call)
        and isinstance(node.node, nodes.Name)
        and node.node.name == name
        and not (node.args or node.kwargs or node.dyn_args or node.dyn_kwargs)
    )


def replaced(node: nodes.Node, exchange: Callable[[nodes.Node], nodes.Node | None]) -> None:
    """Exchange expressions and statements below a node, wherever `exchange` gives another for one."""
    for field in node.fields:
        value = getattr(node, field)
        if isinstance(value, list):
            value[:] = [_exchanged(one, exchange) for one in value]
        elif isinstance(value, nodes.Node):
            setattr(node, field, _exchanged(value, exchange))


def _exchanged(one: Any, exchange: Callable[[nodes.Node], nodes.Node | None]) -> Any:
    if not isinstance(one, nodes.Node):
        return one
    other = exchange(one)
    if other is not None:
        return other
    replaced(one, exchange)
    return one


def tidied(body: list[nodes.Node]) -> list[nodes.Node]:
    """Statements without needless scopes, and with neighbouring text joined."""
    flat: list[nodes.Node] = []
    for one in body:
        for inner in ("body", "else_", "elif_"):
            value = getattr(one, inner, None)
            if isinstance(value, list):
                setattr(one, inner, tidied(value))
        flat += one.body if isinstance(one, nodes.Scope) and is_open(one.body) else [one]
    joined: list[nodes.Node] = []
    for one in flat:
        if isinstance(one, nodes.Output) and joined and isinstance(joined[-1], nodes.Output):
            joined[-1].nodes += one.nodes
        elif not isinstance(one, nodes.Output) or one.nodes:
            joined.append(one)
    return joined


def is_open(body: list[nodes.Node]) -> bool:
    """Whether statements set no name that a scope would have to keep from those after it."""
    for one in body:
        if isinstance(one, (nodes.Assign, nodes.AssignBlock, nodes.Import, nodes.FromImport, nodes.Macro, nodes.Block)):
            return False
        if isinstance(one, nodes.If) and not (is_open(one.body) and is_open(list(one.elif_)) and is_open(one.else_)):
            return False
    return True
