"""How a noun is declared, once: its facts, how it is found, listed, asked for and written.

    SUPPLIERS = Resource(
        model=Supplier,
        title=_("Suppliers"),
        one=_("Supplier"),
        path="suppliers",
        icon="truck",
        facts=(
            Fact("name", required=True),
            Fact("kind", kind=Choice({"drugs": _("Drugs"), "food": _("Food")})),
            Fact("email", kind=Email()),
            Fact("since_on"),
        ),
        facets=("kind", "since_on"),
        sorts=(Sort("name", by="name_key"), Sort("newest", _("Newest first"), by="id", falls=True)),
        searched=("name",),
        acts=plain_acts(Supplier, "inventory.manage_suppliers"),
    )

The list, the form, the page of a record, import, export, the API and the palette all follow from it; every door
leads to the same acts and the same permissions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import peewee

from core.contributions import Contribution
from core.errors import Misuse, Words
from core.resources.kinds import (
    Choice,
    Kind,
    KindOfState,
    MoneyAmount,
    Relation,
    Several,
    StateOf,
    Whole,
    YesNo,
    kind_of,
)
from core.storage import Model
from core.texts import _
from core.workflow import Workflow

# Names that stand for something else in the address of a list, in a form or in the API.
RESERVED = frozenset(
    {
        "view", "sort", "cols", "at", "rows", "find", "as", "version", "idempotency_key", "csrf_token", "custom", "uid",
        "id", "fields", "limit", "cursor", "q", "confirmed", "links", "created_at", "updated_at", "retired_at",
    }
)  # fmt: skip
DOORS = frozenset({"list", "board", "show", "new", "edit", "retire", "bulk", "export", "import", "api", "pick"})
FIRST_COLUMNS = 6


@dataclass(frozen=True, eq=False)
class Fact:
    """One fact of a noun.

    `name` is its name at every door and, unless `column` says otherwise, the model's column. A fact without a
    column is worked out by `load`, which is asked once for a page with the ids of its rows. `read` and `write`
    are permissions beyond those of the resource: who lacks `read` never meets the fact, not even by sorting or
    filtering; `write=""` is whoever may edit. A fact that is not `is_asked` is shown and never typed. `when`
    is the name of another fact and the values of it with which this one is asked. `within` is where in a JSON
    column the value lies; custom fields are such facts. A fact that is written `once` is given when the record is
    entered, and later changed by ways of its own.
    """

    name: str
    label: Words = ""
    kind: Kind | None = None
    column: str = ""
    help: Words = ""
    required: bool = False
    default: Any = None
    read: str = ""
    write: str = ""
    is_asked: bool = True
    load: Callable[[Sequence[int]], Mapping[int, Any]] | None = None
    when: tuple[str, tuple[Any, ...]] | None = None
    span: int = 6
    example: str = ""
    once: bool = False
    within: str = ""
    is_sealed: bool = False


@dataclass(frozen=True)
class Sort:
    """An order of a list. `by` is the column it goes by, with an index that ends in the id.

    Text goes by its normalised column. `falls`: the largest first.
    """

    name: str
    label: Words = ""
    by: str = ""
    falls: bool = False


@dataclass(frozen=True)
class Section:
    """Facts that belong together, in a form and on a record's page."""

    title: Words
    facts: tuple[str, ...]
    key: str = ""
    help: Words = ""


@dataclass(frozen=True, eq=False)
class Lines:
    """Records that are part of another one and written with it: the lines of a bill, the phones of a person.

    `parent` is the foreign key of `model` that leads to the whole. In `values` they are a list of mappings under
    `name`, each with the `uid` of a line that is there already; a line left out is taken away.
    """

    name: str
    title: Words
    model: type[Model]
    parent: str
    facts: tuple[Fact, ...]
    most: int = 50
    one: Words = ""

    @cached_property
    def by_name(self) -> dict[str, Fact]:
        """The facts of a line."""
        return {fact.name: settled(fact, self.model) for fact in self.facts}


@dataclass(frozen=True)
class Acts:
    """What writes a record, each an act or a function that calls one. None: this can't be done at any door.

    `create(values, by=…, idempotency_key=…)` and `edit(record, values, by=…, version=…, idempotency_key=…)` take a
    mapping of fact names to values, `edit` only of those that were given; then there are
    `retire(record, reason, by=…, version=…, idempotency_key=…)` and `restore(record, by=…, idempotency_key=…)`. The
    permission of each is that of its act unless it is named here. `confirms` are the words by which somebody says that
    a record is entered all the same when `create` raises `NeedsConfirmation` with that `confirm_as`: it takes each as
    a keyword that is True then.
    """

    create: Callable[..., Model] | None = None
    edit: Callable[..., Model] | None = None
    retire: Callable[..., Any] | None = None
    restore: Callable[..., Any] | None = None
    may_create: str = ""
    may_edit: str = ""
    may_retire: str = ""
    confirms: tuple[str, ...] = ()

    def permission_to(self, verb: str) -> str:
        """The permission one of them asks for; "" where it can't be done."""
        function = getattr(self, verb)
        if function is None:
            return ""
        named = {"create": self.may_create, "edit": self.may_edit}.get(verb, self.may_retire)
        spec = getattr(function, "act_spec", None)
        if named:
            return named
        if spec is not None:
            return str(spec.permission)
        raise Misuse(f"acts: say the permission to {verb}, or give an act")


@dataclass(frozen=True)
class Action:
    """Something else that can be done with a record: from its page, for the marked rows of a list, through the API.

    `run(record, values, by=…, idempotency_key=…)` is an act, or calls one. `facts` are asked for before. `fits`
    says of a record why the action is not there for it, or "" when it is; `fits_for` says it of a record and an actor.
    """

    name: str
    label: Words
    run: Callable[..., Any]
    permission: str = ""
    icon: str = ""
    facts: tuple[Fact, ...] = ()
    fits: Callable[[Any], Words] | None = None
    fits_for: Callable[[Any, Any], Words] | None = None
    in_bulk: bool = False
    is_danger: bool = False
    consequence: Words = ""

    @property
    def asks_for(self) -> str:
        """The permission it needs."""
        spec = getattr(self.run, "act_spec", None)
        if self.permission:
            return self.permission
        if spec is not None:
            return str(spec.permission)
        raise Misuse(f"action {self.name}: say its permission, or give an act")


@dataclass(frozen=True)
class Link:
    """Another page about the same noun, beside its list."""

    label: Words
    endpoint: str
    icon: str
    permission: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Resource(Contribution):
    """A noun, and everything the house needs to know to serve it.

    `path` is where its pages lie below the plugin's own prefix; "" is the prefix itself. `named_by` is the fact that
    names a record, and leads to it from a list. `identified_by` are the facts by which an import finds a record
    that is there already. `search(words)` gives the condition for free text; without it the platform keeps
    tokens of the facts in `searched`. `doors` are the pages served; `pages` names the plugin's own where it has them
    (`{"show": "chart"}`). `says_last` are facts a person must see before
    they are shown anything else of the record in lists on a phone. With a `workflow` records have a state: it is a fact
    and a facet, its transitions are actions, and there is a board.
    """

    model: type[Model]
    title: Words
    one: Words
    facts: tuple[Fact, ...]
    path: str = ""
    icon: str = "card-list"
    named_by: str = "name"
    columns: tuple[str, ...] = ()
    facets: tuple[str, ...] = ()
    sorts: tuple[Sort, ...] = ()
    search: Callable[[str], Any] | None = None
    searched: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    lines: tuple[Lines, ...] = ()
    acts: Acts = field(default_factory=Acts)
    actions: tuple[Action, ...] = ()
    identified_by: tuple[str, ...] = ()
    doors: frozenset[str] = DOORS
    view: str = ""
    may_export: str = ""
    may_import: str = ""
    about: Words = ""
    empty: Words = ""
    links: tuple[Link, ...] = ()
    pages: Mapping[str, str] = field(default_factory=dict)
    workflow: Workflow | None = None

    def __post_init__(self) -> None:
        """Where records have a state, it is a fact like any other, and the list can be narrowed by it."""
        if self.workflow is None:
            return
        own = {fact.name for fact in self.facts}
        added = (
            Fact("state", _("State"), StateOf(self.workflow), is_asked=False),
            Fact("state_kind", _("Kind of state"), KindOfState(self.workflow), is_asked=False),
        )
        object.__setattr__(self, "facts", (*self.facts, *(one for one in added if one.name not in own)))
        object.__setattr__(self, "facets", tuple(dict.fromkeys(("state", *self.facets))))

    # A noun is itself and no other: contributions are equal when they stand in the same place of an order.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @cached_property
    def plugin(self) -> str:
        """Whose noun it is."""
        return str(self.model._meta.plugin)

    @cached_property
    def noun(self) -> str:
        """What one of it is called by programs."""
        return str(self.model._meta.noun)

    @cached_property
    def name(self) -> str:
        """Its key: `inventory.supplier`."""
        return f"{self.plugin}.{self.noun}"

    @cached_property
    def may_view(self) -> str:
        """The permission to see it."""
        return self.view or str(getattr(self.model._meta, "view", "")) or f"{self.plugin}.view"

    @cached_property
    def by_name(self) -> dict[str, Fact]:
        """The facts, every kind and label decided."""
        return {fact.name: settled(fact, self.model) for fact in self.facts}

    @cached_property
    def shown_first(self) -> tuple[str, ...]:
        """The columns of a list until its reader chooses others."""
        return self.columns or tuple(self.by_name)[:FIRST_COLUMNS]

    @cached_property
    def orders(self) -> dict[str, Sort]:
        """The sorts by name, the first being the list's own; newest first is always one of them."""
        known = {sort.name: sort for sort in self.sorts}
        known.setdefault("newest", Sort("newest", _("Newest first"), "id", falls=True))
        return known

    @cached_property
    def parts(self) -> tuple[Section, ...]:
        """The sections, those not declared made of what is left."""
        placed = {name for section in self.sections for name in section.facts}
        rest = tuple(name for name in self.by_name if name not in placed)
        return (
            (*self.sections, Section(self.one if not self.sections else _("More"), rest, "rest"))
            if rest
            else self.sections
        )

    @cached_property
    def has_search(self) -> bool:
        """Whether free text finds anything here."""
        return self.search is not None or bool(self.searched)

    def endpoint(self, verb: str) -> str:
        """The endpoint of one of its pages: `inventory.suppliers`, `inventory.suppliers_new`, `patients.new`."""
        return f"{self.plugin}.{self.page(verb)}"

    def page(self, verb: str) -> str:
        """The same without the plugin."""
        if verb in self.pages:
            return self.pages[verb]
        own = self.path.replace("/", "_").replace("-", "_")
        if verb == "list":
            return own or "index"
        return f"{own}_{verb}" if own else verb


def settled(fact: Fact, model: type[Model]) -> Fact:
    """A fact with the kind and label its column gives it."""
    column: Any = None if fact.load is not None else model._meta.fields.get(fact.column or fact.name)
    kind = fact.kind if fact.kind is not None else Whole() if fact.load is not None else kind_of(column)
    label = fact.label or getattr(column, "verbose_name", "") or fact.name.replace("_", " ").capitalize()
    return Fact(**{**vars(fact), "kind": kind, "label": label, "column": fact.column or fact.name})


def column_of(resource: Resource, fact: Fact) -> Any:
    """The model's column of a fact, or None where it is worked out."""
    return None if fact.load is not None else resource.model._meta.fields.get(fact.column)


def refuse_unfit(resource: Resource) -> None:
    """Raise `Misuse` for a declaration that could not be served; asked once, when its pages are registered."""
    at = f"resource {resource.name}"
    names = [fact.name for fact in resource.facts]
    twice = {name for name in names if names.count(name) > 1}
    if twice or RESERVED & set(names):
        raise Misuse(f"{at}: facts need names of their own, not {', '.join(sorted(twice | (RESERVED & set(names))))}")
    for fact in resource.by_name.values():
        if fact.load is None and column_of(resource, fact) is None and fact.is_asked is False:
            raise Misuse(f"{at}: {fact.name} has neither a column nor a way to load it")
        if fact.when is not None and fact.when[0] not in resource.by_name:
            raise Misuse(f"{at}: {fact.name} waits for {fact.when[0]}, which is no fact")
    for what, named in (
        ("columns", resource.columns), ("facets", resource.facets), ("searched", resource.searched),
        ("identified_by", resource.identified_by), ("named_by", (resource.named_by,)),
        ("sections", tuple(name for section in resource.sections for name in section.facts)),
    ):  # fmt: skip
        missing = [name for name in named if name not in resource.by_name]
        if missing:
            raise Misuse(f"{at}: {what} names {', '.join(missing)}, which is no fact")
    refuse_slow(resource, at)
    if not resource.doors <= DOORS:
        raise Misuse(f"{at}: there are no doors {', '.join(sorted(resource.doors - DOORS))}")


def refuse_slow(resource: Resource, at: str) -> None:
    """Raise `Misuse` where a list would have to look at every row: facets and sorts have an index."""
    for name in resource.facets:
        fact = resource.by_name[name]
        if not fact.kind or not fact.kind.narrows:
            raise Misuse(f"{at}: a {fact.kind and fact.kind.name} is no facet")
        if not leads_an_index(resource.model, column_of(resource, fact)):
            raise Misuse(f"{at}: the facet {name} has no index that begins with it")
    for sort in resource.orders.values():
        column = resource.model._meta.fields.get(sort.by or sort.name)
        if column is None:
            raise Misuse(f"{at}: the sort {sort.name} goes by no column")
        if not leads_an_index(resource.model, column):
            raise Misuse(f"{at}: the sort {sort.name} has no index that begins with its column")


def leads_an_index(model: type[Model], column: Any) -> bool:
    """Whether some index of the table begins with this column."""
    if column is None:
        return False
    if column.primary_key or column.unique or column.index:
        return True
    if isinstance(column, peewee.ForeignKeyField) and column.index:
        return True
    leading = [parts[0] for parts, _unique in getattr(model._meta, "indexes", ()) if not isinstance(parts, str)]
    return column.name in leading or column.column_name in leading


__all__ = [
    "Action",
    "Acts",
    "Choice",
    "Fact",
    "Lines",
    "MoneyAmount",
    "Relation",
    "Resource",
    "Section",
    "Several",
    "Sort",
    "YesNo",
    "column_of",
    "refuse_unfit",
]
