"""Source files as the laws read them: parsed once, with the names that imports give to things."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

FOLDERS = ("core", "plugins")


@dataclass(frozen=True)
class Import:
    """One imported name: `from core.storage import bulk` is module `core.storage`, name `bulk`."""

    node: ast.Import | ast.ImportFrom
    module: str
    name: str
    local: str

    @property
    def full(self) -> str:
        """The whole dotted name."""
        return f"{self.module}.{self.name}" if self.name else self.module


@dataclass(frozen=True)
class Source:
    """One Python file."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed file."""
        return ast.parse(self.text, self.path)

    @cached_property
    def module(self) -> str:
        """The name it is imported by."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The module's name, cut at the dots."""
        return tuple(self.module.split("."))

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the tree."""
        return tuple(ast.walk(self.tree))

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """Every import, wherever it hides; relative ones are resolved."""
        return tuple(found for node in self.nodes for found in self._imports_of(node))

    @cached_property
    def for_types_only(self) -> frozenset[ast.AST]:
        """The imports under `if TYPE_CHECKING:`."""
        guards = [node for node in self.tree.body if isinstance(node, ast.If) and is_type_checking(node.test)]
        return frozenset(inner for guard in guards for inner in guard.body)

    @cached_property
    def names(self) -> dict[str, str]:
        """What each imported name stands for: `dt` → `datetime.datetime`."""
        return {found.local: found.full for found in self.imports}

    def meaning(self, node: ast.AST) -> str:
        """Spell an expression out by what its first name was imported from, or return ''."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id, node.id)
        if isinstance(node, ast.Attribute) and (base := self.meaning(node.value)):
            return f"{base}.{node.attr}"
        return ""

    def calls(self) -> Iterator[ast.Call]:
        """Every call."""
        return (node for node in self.nodes if isinstance(node, ast.Call))

    def at(self, node: ast.AST, complaint: str) -> str:
        """Say what is wrong where."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}: {complaint}"

    @property
    def is_package(self) -> bool:
        """Tell whether this is a folder's `__init__.py`."""
        return self.path.endswith("__init__.py")

    @property
    def is_migration(self) -> bool:
        """Tell whether this is a frozen, numbered script; `core/storage/migrations/` holds what runs them."""
        return re.search(r"/migrations/\d[^/]*$", self.path) is not None

    def _imports_of(self, node: ast.AST) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                # `import a.b` binds `a`, `import a.b as c` binds a.b
                yield Import(node, alias.name, "", alias.asname or first)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                depth = len(self.parts) - node.level + self.is_package
                module = ".".join((*self.parts[:depth], *filter(None, [module])))
            for alias in node.names:
                yield Import(node, module, alias.name, alias.asname or alias.name)


def is_type_checking(test: ast.expr) -> bool:
    """Tell whether a condition is the type checker's."""
    return isinstance(test, ast.Name | ast.Attribute) and ast.unparse(test).endswith("TYPE_CHECKING")


@cache
def parsed(path: str, text: str) -> Source:
    """Keep a parsed file for the next law."""
    return Source(path, text)


def sources(root: Path, *folders: str) -> list[Source]:
    """Read the Python files of some folders; a folder that is not there holds none."""
    files = (file for folder in folders or FOLDERS for file in sorted((root / folder).rglob("*.py")))
    return [parsed(file.relative_to(root).as_posix(), file.read_text("utf-8")) for file in files]


def statements(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return a body without its docstring."""
    return body[1:] if body and is_text(body[0]) else body


def is_text(node: ast.stmt) -> bool:
    """Tell whether a statement is a bare string."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
