"""Known-bad code that cannot come in. Each gate lists the offences under a root, less a short written list."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.sources import Source, sources

MIGRATIONS = "migrations are no part of an act; Peewee's runner opens them"

# What may stay, and why. `test_an_exception_is_still_needed` strikes out what is no longer there.
ALLOWED: dict[tuple[str, str], str] = {
    ("built_sql", "core/storage/transactions.py"): "savepoints are named by a counter of ours and can't be parameters",
    ("built_sql", "core/storage/journal/history.py"): "the conditions are literal pieces joined as the question asks",
    ("built_sql", "core/storage/journal/writer.py"): "tables and columns of the journal itself; values are parameters",
    ("built_sql", "core/storage/fields/text.py"): "a column's type, out of a table in the same file",
    ("built_sql", "core/storage/backup/engines.py"): "names of tables and sequences the database itself gave; quoted",
    ("built_sql", "core/storage/backup/running.py"): "names of tables the database itself gave; quoted",
    ("built_sql", "core/storage/checks.py"): "names of settings, out of a table in the same file",
    (
        "built_sql",
        "core/storage/pointing.py",
    ): "names of tables and columns out of the database's own catalogue, quoted",
    ("built_sql", "core/storage/moving.py"): "the same names; what they are set to are parameters",
    ("built_sql", "core/storage/about.py"): "the same names; what is looked for are parameters",
    ("built_sql", "core/storage/migrations/steps.py"): "DDL takes no parameters; names of frozen scripts, quoted",
    ("built_sql", "core/storage/resealing.py"): "columns of our own models, quoted; values are parameters",
    ("peewee_atomic", "core/storage/migrations/running.py"): MIGRATIONS,
    ("peewee_atomic", "core/storage/migrations/steps.py"): MIGRATIONS,
    ("markup", "core/resources/sheet.py"): "the rows of a list, every value escaped in one go in the same file",
    ("markup", "core/web/frame.py"): "a template of the frame, rendered with autoescape on",
    ("markup", "core/web/slots.py"): "a template of the plugin, rendered with autoescape on",
    ("markup", "core/web/words.py"): "texts of templates, out of the code and its catalogues",
    ("open_imports", "core/testing/examination.py"): "imports each module of the plugin examined, in a child process",
}

MONEY = re.compile(r"\b(Money\w*|RateField|QuantityField|Decimal)\b")
MONEY_PLACES = re.compile(r"money|billing|invoice|payment|price|tariff|claim|ledger|cash")
EXECUTES = ("execute", "execute_sql", "executemany", "executescript", "raw", "SQL", "RawQuery")
TEXT_CALLS = ("format", "format_map", "join", "replace")
QUOTES = ("quoted", "_table", "int")  # the core's functions which quote a table's or column's name; and numbers
UNPICKLES = ("pickle", "cPickle", "dill", "shelve", "marshal", "jsonpickle", "joblib")
ASKS_THE_TIME = (
    *("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today"),
    *("datetime.datetime.utcfromtimestamp", "time.time", "time.time_ns", "time.localtime", "time.gmtime"),
)
APP_WIDE = (
    *("before_app_request", "after_app_request", "teardown_app_request", "app_errorhandler", "app_url_defaults"),
    *("app_context_processor", "app_template_filter", "app_template_global", "app_template_test"),
    *("app_url_value_preprocessor", "before_request_funcs", "after_request_funcs"),
)


def peewee_atomic(root: Path) -> list[str]:
    """Only our own `atomic()` opens a transaction: Peewee's knows neither doom nor site."""
    return calls_of_attribute(root, "atomic", "use core.storage.atomic()")


def bound_context(root: Path) -> list[str]:
    """`bind_ctx` changes the model for every thread of the process."""
    return calls_of_attribute(root, "bind_ctx", "the model finds its site's database by itself")


def many_to_many(root: Path) -> list[str]:
    """`ManyToManyField` makes a hidden model, which no site, journal or export knows."""
    return [
        source.at(node, "write the model between the two: a hidden one is journaled by nobody")
        for source in sources(root)
        for node in source.nodes
        if (isinstance(node, ast.Name) and node.id == "ManyToManyField")
        or (isinstance(node, ast.Attribute) and node.attr == "ManyToManyField")
        or (isinstance(node, ast.alias) and node.name == "ManyToManyField")
    ]


def cascades(root: Path) -> list[str]:
    """No record disappears or forgets because another one did."""
    return [
        source.at(call, f"on_delete={keyword.value.value!r}: rows go by an act, not by a constraint")
        for source in sources(root)
        for call in source.calls()
        for keyword in call.keywords
        if keyword.arg in ("on_delete", "on_update")
        and isinstance(keyword.value, ast.Constant)
        and str(keyword.value.value).upper() in ("CASCADE", "SET NULL", "SET DEFAULT")
    ]


def clocks(root: Path) -> list[str]:
    """Only core/clock.py asks the time, and it answers with a zone."""
    return [
        source.at(call, f"{source.meaning(call.func)}(): ask core.clock")
        for source in sources(root)
        if source.path != "core/clock.py"
        for call in source.calls()
        if source.meaning(call.func) in ASKS_THE_TIME
    ]


def evaluated(root: Path) -> list[str]:
    """Data is never run as code."""
    offences = []
    for source in sources(root):
        for call in source.calls():
            meant = source.meaning(call.func)
            if meant in ("eval", "exec", "builtins.eval", "builtins.exec", "yaml.load", "yaml.unsafe_load"):
                offences.append(source.at(call, f"{meant}() runs data as code"))
        for found in source.imports:
            if found.full.partition(".")[0] in UNPICKLES:
                offences.append(source.at(found.node, f"{found.module} builds whatever the data says"))
    return offences


def markup(root: Path) -> list[str]:
    """What a person typed is escaped: `Markup()` takes literal text only, and templates never say `|safe`."""
    offences = []
    for source in sources(root):
        for call in source.calls():
            if source.meaning(call.func).rpartition(".")[2] == "Markup":
                given = [*call.args, *(keyword.value for keyword in call.keywords)]
                if not all(isinstance(value, ast.Constant) for value in given):
                    offences.append(source.at(call, "Markup() on data: let the template escape it"))
            offences += [
                source.at(call, "autoescape is never switched off")
                for keyword in call.keywords
                if keyword.arg == "autoescape" and isinstance(keyword.value, ast.Constant) and not keyword.value.value
            ]
    return offences + list(in_templates(root, r"\|\s*safe\b", "|safe shows what was typed as HTML")) + list(
        in_templates(root, r"\{%-?\s*autoescape\s+false", "autoescape is never switched off")
    )  # fmt: skip


def text_templates(root: Path) -> list[str]:
    """A template is a file: one made from a string is one made from data sooner or later."""
    return [
        source.at(call, f"{source.meaning(call.func)}(): put the template into a file")
        for source in sources(root)
        for call in source.calls()
        if source.meaning(call.func).rpartition(".")[2] in ("render_template_string", "stream_template_string")
    ]


def built_sql(root: Path) -> list[str]:
    """Values travel as parameters: no statement is put together from strings.

    Placeholders (`database.param`) and names of tables and columns that went through `quoted()` are no values.
    """
    offences = []
    for source in sources(root):
        constants = assigned(source.tree)
        for scope in scopes(source):
            built = constants | assigned(scope)
            for call in calls_in(scope):
                if called(call) in EXECUTES and call.args and is_built(call.args[0], built):
                    offences.append(source.at(call, "a statement built from strings: pass values as parameters"))
    return offences


def money_in_floats(root: Path) -> list[str]:
    """Money, rates and quantities never pass through binary fractions, where 0.1 + 0.2 is not 0.3."""
    offences = []
    for source in sources(root):
        about_money = MONEY_PLACES.search(source.path) or MONEY.search(source.text)
        for node in source.nodes:
            if isinstance(node, ast.Call) and called(node) in ("FloatField", "DoubleField"):
                offences.append(source.at(node, f"{called(node)}: use MoneyField, RateField or QuantityField"))
            elif about_money and isinstance(node, ast.Call) and source.meaning(node.func) == "float":
                offences.append(source.at(node, "float() beside money: use Decimal or integers"))
            elif about_money and isinstance(node, ast.Constant) and isinstance(node.value, float):
                offences.append(source.at(node, f"{node.value} beside money: write Decimal('{node.value}')"))
    return offences


def app_wide(root: Path) -> list[str]:
    """A blueprint's `app_*` functions reach every page of every site, also where the plugin is off."""
    return [
        source.at(node, f"{node.attr} reaches the sites where the plugin is off")
        for source in sources(root, "plugins")
        for node in source.nodes
        if isinstance(node, ast.Attribute) and node.attr in APP_WIDE
    ]


GATES = (
    peewee_atomic,
    bound_context,
    many_to_many,
    cascades,
    clocks,
    evaluated,
    markup,
    text_templates,
    built_sql,
    money_in_floats,
    app_wide,
)


EMPTY = ast.Constant("")


def calls_of_attribute(root: Path, name: str, advice: str) -> list[str]:
    """List the calls `anything.name()`, but for modules of ours which offer that name."""
    return [
        source.at(call, f".{name}(): {advice}")
        for source in sources(root)
        for call in source.calls()
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == name
        and not source.meaning(call.func).startswith("core.storage.")
    ]


def in_templates(root: Path, pattern: str, complaint: str) -> Iterator[str]:
    """List the lines of templates that match."""
    for folder in ("core", "plugins"):
        for file in sorted((root / folder).glob("**/templates/**/*")):
            if file.is_file():
                for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
                    if re.search(pattern, line):
                        yield f"{file.relative_to(root).as_posix()}:{number}: {complaint}"


def scopes(source: Source) -> Iterator[ast.AST]:
    """The module and every function in it."""
    yield source.tree
    yield from (node for node in source.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def inside(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope without those of the functions in it, which are scopes of their own."""
    for child in ast.iter_child_nodes(scope):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from inside(child)


def calls_in(scope: ast.AST) -> Iterator[ast.Call]:
    """The calls a scope makes itself."""
    return (node for node in inside(scope) if isinstance(node, ast.Call))


def assigned(scope: ast.AST) -> dict[str, list[ast.expr]]:
    """What a scope puts into its names."""
    values: dict[str, list[ast.expr]] = {}
    for node in inside(scope):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    # `text += part` builds as `text = text + part` does
                    value = ast.BinOp(EMPTY, ast.Add(), node.value) if isinstance(node, ast.AugAssign) else node.value
                    values.setdefault(target.id, []).append(value)
    return values


def is_built(value: ast.expr, names: dict[str, list[ast.expr]]) -> bool:
    """Tell whether a text is put together at run time from anything but literals, placeholders and quoted names."""
    if isinstance(value, ast.Name):
        rest = {name: given for name, given in names.items() if name != value.id}
        return any(is_built(given, rest) for given in names.get(value.id, ()))
    if isinstance(value, ast.IfExp):
        return is_built(value.body, names) or is_built(value.orelse, names)
    is_format = called(value) in TEXT_CALLS
    is_sum = isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mod | ast.Add)
    return (isinstance(value, ast.JoinedStr) or is_sum or is_format) and not is_harmless(value, names)


def is_harmless(value: ast.expr, names: dict[str, list[ast.expr]]) -> bool:
    """Tell whether a piece of a statement can carry nothing that a person typed."""
    if isinstance(value, ast.Constant):
        return True
    if isinstance(value, ast.Attribute):
        return value.attr == "param"  # the engine's own placeholder
    if isinstance(value, ast.Name):
        rest = {name: given for name, given in names.items() if name != value.id}
        if value.id not in names:
            return value.id.isupper()  # a constant out of another module
        return all(is_harmless(given, rest) for given in names[value.id])
    if isinstance(value, ast.Call) and called(value) in QUOTES:
        return True
    return all(is_harmless(piece, names) for piece in pieces(value)) and bool(pieces(value))


def pieces(value: ast.expr) -> list[ast.expr]:
    """Take a text apart into what it is put together from; what can't be taken apart has no pieces."""
    if isinstance(value, ast.JoinedStr):
        return [piece.value if isinstance(piece, ast.FormattedValue) else piece for piece in value.values]
    if isinstance(value, ast.BinOp):
        return [value.left, value.right]
    if isinstance(value, ast.IfExp):
        return [value.body, value.orelse]
    if isinstance(value, ast.List | ast.Tuple):
        return list(value.elts)
    if isinstance(value, ast.GeneratorExp | ast.ListComp):
        return [value.elt]
    if isinstance(value, ast.Call) and called(value) in TEXT_CALLS and isinstance(value.func, ast.Attribute):
        return [value.func.value, *value.args, *(keyword.value for keyword in value.keywords)]
    return []


def called(value: ast.expr) -> str:
    """Return the last name of what a call calls."""
    if not isinstance(value, ast.Call):
        return ""
    return getattr(value.func, "attr", "") or getattr(value.func, "id", "")
