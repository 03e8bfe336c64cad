"""The press: from a template as it is written to the one that is compiled."""

from collections.abc import Callable
from typing import Any

from jinja2 import Environment, nodes
from jinja2.nodes import EvalContext
from markupsafe import Markup

from core.web.pressing.flattening import Blocks, layout_of
from core.web.pressing.folding import Folder
from core.web.pressing.inlining import SPECIAL, Build, Home, Inliner, build_of, home_of, outside_macros
from core.web.pressing.trees import copied, loaded_in, stored_in, tidied

BORROWED = "borrowed__"
# Layouts on layouts; more of them extend each other in a ring.
DEEPEST = 10


class Press:
    """Presses the templates of one environment, for one language."""

    def __init__(
        self, environment: Environment, translated: Callable[[str], Markup], known: dict[str, Callable[..., Any]]
    ) -> None:
        self.environment = environment
        self.translated = translated
        self.known = known
        self.trees: dict[str, nodes.Template] = {}
        self.homes: dict[str, Home] = {}
        self.layouts: dict[str, nodes.Template] = {}
        self.builds: dict[tuple[str, str], Build] = {}
        self.lent: dict[str, tuple[str, str]] = {}
        self.being_placed: list[str] = []
        self.names_given = 0

    def pressed(self, tree: nodes.Template, name: str) -> nodes.Template:
        """The template to compile. One without a layout may hold macros for others, and keeps what it imports."""
        is_page = tree.find(nodes.Extends) is not None or tree.find(nodes.Macro) is None
        self.trees[name] = self.folded(tree, name)
        body = self.page(name)
        found = nodes.Template(body, lineno=1)
        found = self.folded(found, name)
        found.body = tidied(found.body)
        if is_page:
            drop_unused(found)
        self.lend(found, name)
        found.body.insert(0, looked_up_once(found))
        found.set_lineno(1)
        found.set_environment(self.environment)
        self.trees = {one: tree for one, tree in self.trees.items() if tree.find(nodes.Macro) is not None}
        self.homes = {one: home for one, home in self.homes.items() if one in self.trees}
        return found

    def lend(self, tree: nodes.Template, name: str) -> None:
        """Let a template have what its written-out macros left of other templates; of its own it has it already."""
        for ours in sorted(loaded_in([tree]) & set(self.lent), reverse=True):
            template, theirs = self.lent[ours]
            if template != name:
                imported = nodes.FromImport(nodes.Const(template, lineno=1), [(theirs, ours)], False, lineno=1)
                tree.body.insert(0, imported)
                continue
            at = max(position for position, one in enumerate(tree.body) if sets(one, theirs))
            value = nodes.Name(theirs, "load", lineno=1)
            tree.body.insert(at + 1, nodes.Assign(nodes.Name(ours, "store", lineno=1), value, lineno=1))

    def page(self, name: str) -> list[nodes.Node]:
        """The statements of a template with macros written out, includes and layouts in place."""
        tree = self.worked(name)
        layout = layout_of(tree, name)
        if isinstance(layout, nodes.CondExpr):
            ways = [self.on_layout(copied(tree), one) for one in (layout.expr1, layout.expr2)]
            scopes = [[nodes.Scope(way, lineno=1)] for way in ways]
            return [nodes.If(layout.test, scopes[0], [], scopes[1], lineno=layout.lineno)]
        return self.on_layout(tree, layout)

    def on_layout(self, tree: nodes.Template, layout: nodes.Expr | None) -> list[nodes.Node]:
        """The statements of a template on its layout, that one's, and so on."""
        chain = [tree]
        while isinstance(layout, nodes.Const) and len(chain) < DEEPEST:
            chain.append(self.layout(layout.value))
            layout = layout_of(chain[-1], layout.value)
        return Blocks(chain, self.fresh).page()

    def layout(self, name: str) -> nodes.Template:
        """A layout to put blocks into, worked once: every page stands on one."""
        if name not in self.layouts:
            self.layouts[name] = self.worked(name)
        return copied(self.layouts[name])

    def worked(self, name: str) -> nodes.Template:
        """A template of one's own to change, with its macros written out and its includes in place."""
        tree = copied(self.tree(name))
        hidden = stored_in(outside_macros(tree.body))
        tree.body = Inliner(self, self.home(name), hidden).statements(tree.body)
        tree.body = self.with_includes(tree.body, name)
        return tree

    def with_includes(self, body: list[nodes.Node], name: str) -> list[nodes.Node]:
        """Statements with included templates in the place where they are asked for."""
        found: list[nodes.Node] = []
        for one in body:
            for inner in ("body", "else_", "elif_"):
                value = getattr(one, inner, None)
                if isinstance(value, list):
                    setattr(one, inner, self.with_includes(value, name))
            found.append(self.included(one, name) or one)
        return found

    def included(self, one: nodes.Node, name: str) -> nodes.Scope | None:
        """What an include shows; None for other statements, and for one whose template is known at the request only."""
        if not isinstance(one, nodes.Include) or not isinstance(one.template, nodes.Const):
            return None
        asked = one.template.value
        if not isinstance(asked, str) or one.ignore_missing or not one.with_context or asked in self.being_placed:
            return None
        self.being_placed.append(asked)
        body = self.page(asked)
        self.being_placed.pop()
        return nodes.Scope(body, lineno=one.lineno)

    # What macros need to be written out.

    def macro(self, template: str, name: str) -> nodes.Macro | None:
        """A macro of a template."""
        tree = self.tree(template)
        return next((one for one in tree.body if isinstance(one, nodes.Macro) and one.name == name), None)

    def build(self, template: str, name: str) -> Build:
        """How a macro is built, looked at once."""
        if (template, name) not in self.builds:
            macro = self.macro(template, name)
            self.builds[template, name] = build_of(macro) if macro is not None else Build(False, False)
        return self.builds[template, name]

    def home(self, template: str) -> Home:
        """What names mean at the top of a template."""
        if template not in self.homes:
            self.homes[template] = home_of(template, self.tree(template))
        return self.homes[template]

    def fresh(self, name: str) -> str:
        """A name nobody else uses."""
        self.names_given += 1
        return f"{name.partition('__')[0]}__{self.names_given}"

    def borrowed(self, template: str, name: str) -> str:
        """The name by which a page can still call what could not be written out."""
        ours = f"{BORROWED}{'_'.join(filter(str.isalnum, template))}__{name}"
        self.lent[ours] = (template, name)
        return ours

    # Reading.

    def tree(self, name: str) -> nodes.Template:
        """A template as it is written, not to be changed."""
        if name not in self.trees:
            loader: Any = self.environment.loader
            source, filename, _uptodate = loader.get_source(self.environment, name)
            self.trees[name] = self.folded(self.environment._parse(source, name, filename), name)
        return self.trees[name]

    def folded(self, tree: nodes.Template, name: str) -> nodes.Template:
        """A template with everything worked out that is known beforehand."""
        context = EvalContext(self.environment, name)
        folded: nodes.Template = Folder(context, self.translated, self.known, stored_in([tree])).visit(tree)
        return folded


def sets(one: nodes.Node, name: str) -> bool:
    """Whether a statement at the top of a template gives this name its meaning."""
    if isinstance(one, nodes.Macro):
        return one.name == name
    return isinstance(one, nodes.Assign) and isinstance(one.target, nodes.Name) and one.target.name == name


def looked_up_once(tree: nodes.Template) -> nodes.If:
    """What makes the compiler look facts up at the top, and not again in each turn of a loop. It shows nothing."""
    names = sorted(loaded_in([tree]) - stored_in([tree]) - SPECIAL)
    asked: list[nodes.Expr] = [nodes.Name(name, "load", lineno=1) for name in names]
    return nodes.If(nodes.Const(False, lineno=1), [nodes.Output(asked, lineno=1)], [], [], lineno=1)


def drop_unused(tree: nodes.Template) -> None:
    """Leave out imports and macros nobody asks for any more."""
    used = loaded_in([tree])

    def kept(body: list[nodes.Node]) -> list[nodes.Node]:
        found: list[nodes.Node] = []
        for one in body:
            for inner in ("body", "else_", "elif_"):
                value = getattr(one, inner, None)
                if isinstance(value, list):
                    setattr(one, inner, kept(value))
            if isinstance(one, nodes.FromImport):
                one.names = [name for name in one.names if (name[1] if isinstance(name, tuple) else name) in used]
                if not one.names:
                    continue
            if not isinstance(one, nodes.Macro) or one.name in used:
                found.append(one)
        return found

    tree.body = tidied(kept(tree.body))
