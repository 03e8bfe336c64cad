"""Writing macros out where they are called."""

from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any, Protocol

from jinja2 import nodes

from core.web.pressing.trees import CONSTANT, all_of, copied, is_call_of, loaded_in, replaced, stored_in

# What a macro may hold that only makes sense where it stands.
UNMOVABLE = (nodes.Block, nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport, nodes.Macro, nodes.NSRef)
SPECIAL = {"varargs", "kwargs", "self", "super"}
# Nodes of a macro that is worth writing out; for a larger one the call itself costs little beside what it does.
LARGEST = 70


@dataclass(slots=True)
class Home:
    """What the names of a template's top mean: macros it has or imports, constants it sets, and where all that lies."""

    macros: dict[str, tuple[str, str]] = field(default_factory=dict)
    values: dict[str, nodes.Expr] = field(default_factory=dict)
    others: dict[str, tuple[str, str]] = field(default_factory=dict)


class Library(Protocol):
    """Where macros come from."""

    def macro(self, template: str, name: str) -> nodes.Macro | None:
        """A macro of a template, not to be changed; None when there is no such."""

    def build(self, template: str, name: str) -> "Build":
        """How a macro is built, for one that is there."""

    def home(self, template: str) -> Home:
        """What names mean in a template."""

    def fresh(self, name: str) -> str:
        """A name nobody else uses."""

    def borrowed(self, template: str, name: str) -> str:
        """The name by which a page can still call a macro that could not be written out."""


def home_of(name: str, tree: nodes.Template) -> Home:
    """Read the top of a template."""
    home = Home()
    times_set = Counter(one.name for one in all_of(outside_macros(tree.body), nodes.Name) if one.ctx != "load")
    for one in tree.body:
        if isinstance(one, nodes.Macro):
            home.macros[one.name] = (name, one.name)
        elif isinstance(one, nodes.FromImport) and isinstance(one.template, nodes.Const) and not one.with_context:
            for imported in one.names:
                theirs, ours = imported if isinstance(imported, tuple) else (imported, imported)
                home.macros[ours] = (one.template.value, theirs)
        elif isinstance(one, nodes.Assign) and isinstance(one.target, nodes.Name):
            value: Any = one.node
            if times_set[one.target.name] == 1 and is_constant(value):
                home.values[one.target.name] = value
            else:
                home.others[one.target.name] = (name, one.target.name)
    return home


def outside_macros(body: list[nodes.Node]) -> list[nodes.Node]:
    """The statements of a template that are not macros."""
    return [one for one in body if not isinstance(one, nodes.Macro)]


def is_constant(node: nodes.Expr) -> bool:
    """Whether an expression is written out whole."""
    if isinstance(node, nodes.Dict):
        return all(is_constant(pair.key) and is_constant(pair.value) for pair in node.items)
    if isinstance(node, (nodes.List, nodes.Tuple)):
        return all(map(is_constant, node.items))
    return isinstance(node, CONSTANT)


class Inliner:
    """Writes out the calls of one template.

    `hidden` are names that mean something else here than at its top, `open` the macros being written out at this
    moment, outermost first.
    """

    def __init__(
        self, library: Library, home: Home, hidden: Set[str] = frozenset(), open_: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self.library = library
        self.home = home
        self.hidden = hidden
        self.open = open_

    def statements(self, body: list[nodes.Node]) -> list[nodes.Node]:
        """The same statements, with macros in the place of their calls."""
        return [written for one in body for written in self.statement(one)]

    def statement(self, one: nodes.Node) -> list[nodes.Node]:
        """One statement, or what comes in its place."""
        if isinstance(one, nodes.Macro):
            hidden = stored_in([one])
            one.body = Inliner(self.library, self.home, hidden, self.open).statements(one.body)
            return [one]
        for inner in ("body", "else_", "elif_"):
            value = getattr(one, inner, None)
            if isinstance(value, list):
                setattr(one, inner, self.statements(value))
        if isinstance(one, nodes.Output):
            return self.output(one)
        if isinstance(one, nodes.CallBlock) and not (one.args or one.defaults):
            return self.written_out(one.call, one.body) or [one]
        return [one]

    def output(self, output: nodes.Output) -> list[nodes.Node]:
        """What is shown one after another, calls of macros between the rest."""
        found: list[nodes.Node] = []
        for one in output.nodes:
            written = self.shown(one)
            if written is None:
                written = [nodes.Output([one], lineno=one.lineno)]
            found += written
        return found

    def shown(self, one: nodes.Expr) -> list[nodes.Node] | None:
        """The statements that show what an expression shows, where there are macros to write out in it."""
        if isinstance(one, nodes.Call):
            return self.written_out(one)
        if isinstance(one, nodes.CondExpr):
            first = self.shown(one.expr1)
            second = self.shown(one.expr2) if one.expr2 is not None else []
            if first is None and not second:
                return None
            if first is None:
                first = [nodes.Output([one.expr1], lineno=one.lineno)]
            if second is None:
                second = [nodes.Output([one.expr2], lineno=one.lineno)]
            return [nodes.If(one.test, first, [], second, lineno=one.lineno)]
        return None

    def written_out(self, call: nodes.Call, caller: list[nodes.Node] | None = None) -> list[nodes.Node] | None:
        """A macro's own statements with these arguments; None when this call has to stay a call."""
        origin = self.origin_of(call)
        macro = self.library.macro(*origin) if origin is not None else None
        given = arguments(macro, call) if macro is not None else None
        if origin is None or macro is None or given is None:
            return None
        build = self.library.build(*origin)
        if not (build.bare if caller is None else build.with_caller):
            return None
        body: list[nodes.Node] = [copied(one) for one in macro.body]
        answer_caller(body, caller is not None)
        set_in_body = stored_in(body)
        names = {name: self.library.fresh(name) for name in (*given, *sorted(set_in_body - set(given)))}
        fixed = {name: value for name, value in given.items() if is_constant(value) and name not in set_in_body}
        rename(body, names, fixed)
        home = self.library.home(origin[0])
        body = Inliner(self.library, home, open_=(*self.open, origin)).statements(body)
        self.bring_along(body, home)
        for one in body:
            one.set_lineno(call.lineno, override=True)
        if caller is not None:
            body = with_caller(body, caller)
        bound = {names[name]: value for name, value in given.items() if name not in fixed}
        if not bound:
            return [nodes.Scope(body, lineno=call.lineno)]
        targets: list[nodes.Expr] = [nodes.Name(name, "param", lineno=call.lineno) for name in bound]
        return [nodes.With(targets, list(bound.values()), body, lineno=call.lineno)]

    def origin_of(self, call: nodes.Call) -> tuple[str, str] | None:
        """The template and the name of the macro a call means."""
        if not isinstance(call.node, nodes.Name) or call.node.name in self.hidden:
            return None
        origin = self.home.macros.get(call.node.name)
        return None if origin in self.open else origin

    def bring_along(self, body: list[nodes.Node], home: Home) -> None:
        """Give what is left of a macro's own names a meaning on the page it is written into."""

        def meant(node: nodes.Node) -> nodes.Node | None:
            if not isinstance(node, nodes.Name) or node.ctx != "load":
                return None
            if node.name in home.values:
                return copied(home.values[node.name])
            lies_at = home.macros.get(node.name) or home.others.get(node.name)
            if lies_at is not None:
                node.name = self.library.borrowed(*lies_at)
            return None

        replaced(nodes.Scope(body), meant)


def arguments(macro: nodes.Macro, call: nodes.Call) -> dict[str, nodes.Expr] | None:
    """What each parameter of a macro gets; None when that shows only at the request, or the call is wrong."""
    names = [parameter.name for parameter in macro.args]
    if call.dyn_args or call.dyn_kwargs or len(call.args) > len(names):
        return None
    given = dict(zip(names, call.args, strict=False))
    for keyword in call.kwargs:
        if keyword.key not in names or keyword.key in given:
            return None
        given[keyword.key] = keyword.value
    if not all(map(is_constant, macro.defaults)):
        return None
    defaults = dict(zip(names[len(names) - len(macro.defaults) :], macro.defaults, strict=True))
    if not set(names) <= set(given) | set(defaults):
        return None
    return {name: given[name] if name in given else copied(defaults[name]) for name in names}


@dataclass(frozen=True, slots=True)
class Build:
    """What of a macro decides whether it can be written out, with an inside and without."""

    bare: bool
    with_caller: bool


def build_of(macro: nodes.Macro) -> Build:
    """Look a macro over: it may hold nothing tied to its place, and only ask for its caller or show it."""
    if sum(1 for _one in all_of(macro.body, nodes.Node)) > LARGEST:
        return Build(False, False)
    if any(True for kind in UNMOVABLE for _one in all_of(macro.body, kind)):
        return Build(False, False)
    if loaded_in(macro.body) & SPECIAL or "caller" in {one.name for one in macro.args}:
        return Build(False, False)
    inner = (nodes.For, nodes.CallBlock, nodes.FilterBlock, nodes.AssignBlock)
    if any("caller" in loaded_in([one]) for kind in inner for one in all_of(macro.body, kind)):
        return Build(False, False)
    wanted = sum(one.name == "caller" for one in all_of(macro.body, nodes.Name))
    asked = sum(
        isinstance(one.node, nodes.Name) and one.node.name == "caller" for one in all_of(macro.body, nodes.Test)
    )
    shown = sum(is_call_of(one, "caller") for output in all_of(macro.body, nodes.Output) for one in output.nodes)
    is_whole = wanted == asked + shown
    return Build(is_whole and (bool(asked) or not shown), is_whole)


def answer_caller(body: list[nodes.Node], is_there: bool) -> None:
    """Settle the question whether a macro was given an inside."""

    def answer(node: nodes.Node) -> nodes.Node | None:
        if isinstance(node, nodes.Test) and isinstance(node.node, nodes.Name) and node.node.name == "caller":
            return nodes.Const(is_there == (node.name == "defined"), lineno=node.lineno)
        return None

    replaced(nodes.Scope(body), answer)


def rename(body: list[nodes.Node], names: Mapping[str, str], fixed: Mapping[str, nodes.Expr]) -> None:
    """Give what a macro sets names of its own, and put in what is constant."""

    def exchange(node: nodes.Node) -> nodes.Node | None:
        if not isinstance(node, nodes.Name) or node.name not in names:
            return None
        if node.ctx == "load" and node.name in fixed:
            return copied(fixed[node.name])
        node.name = names[node.name]
        return None

    replaced(nodes.Scope(body), exchange)


def with_caller(body: list[nodes.Node], caller: list[nodes.Node]) -> list[nodes.Node]:
    """The statements of a macro, with the inside of the call block where it is shown."""
    found: list[nodes.Node] = []
    for one in body:
        for inner in ("body", "else_", "elif_"):
            value = getattr(one, inner, None)
            if isinstance(value, list):
                setattr(one, inner, with_caller(value, caller))
        if not isinstance(one, nodes.Output):
            found.append(one)
            continue
        for shown in one.nodes:
            if is_call_of(shown, "caller"):
                found.append(nodes.Scope([copied(statement) for statement in caller], lineno=one.lineno))
            else:
                found.append(nodes.Output([shown], lineno=one.lineno))
    return found
