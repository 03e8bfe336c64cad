"""A noun as it is at the site being served: its declared facts, the site's own, and how the site arranged them."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from core.contributions import Permission
from core.resources.custom.kinds import FACETS, FILTERABLE, SORTED, kind_for
from core.resources.custom.models import Arrangement, CustomField, PreparedField
from core.resources.custom.wording import SiteText, in_languages
from core.resources.declaring import Fact, Resource, Section, Sort
from core.resources.nouns import resources_here
from core.sites import current, is_active
from core.storage import model_of
from core.texts import _

COLUMN = "custom"
OWN_SECTION = "own"
OWN_TITLE = _("Further facts")


@dataclass(frozen=True)
class CustomFact(Fact):
    """A fact the site added. `field_id` is its key in the index of values."""

    field_id: int = 0
    sort_of: str = ""
    is_filterable: bool = False
    is_indexed: bool = False
    is_unique: bool = False
    is_searched: bool = False

    @property
    def keeps_index(self) -> bool:
        """Whether its values are kept where lists and the search for doubles find them."""
        return self.is_filterable or self.is_unique


@dataclass(frozen=True)
class Here:
    """A noun at one site, at one revision."""

    facts: dict[str, Fact]
    custom: dict[str, CustomFact]
    sections: tuple[Section, ...]
    form_sections: tuple[Section, ...]
    facets: tuple[str, ...]
    orders: dict[str, Sort]
    hidden: frozenset[str] = frozenset()
    needed: frozenset[str] = frozenset()


def here(resource: Resource) -> Here:
    """The noun at the site being served; as it was declared where none is."""
    if not is_active():
        return arranged(resource, (), None)
    found: Here = current().state.keep(f"custom:{resource.name}", partial(at_this_site, resource))
    return found


def at_this_site(resource: Resource) -> Here:
    """Put together what the site has decided about one noun."""
    return arranged(resource, site_fields().get(resource.name, ()), arrangements().get(resource.name), ready_fields())


def site_fields() -> dict[str, list[CustomField]]:
    """The fields in use at this site, by noun, in the order they were made; read once for each revision."""
    found: dict[str, list[CustomField]] = current().state.keep("custom fields", load_fields)
    return found


def load_fields() -> dict[str, list[CustomField]]:
    """Read them."""
    found: dict[str, list[CustomField]] = {}
    for field in CustomField.select().where(CustomField.retired_at.is_null()).order_by(CustomField.id):
        found.setdefault(field.noun, []).append(field)
    return found


def ready_fields() -> frozenset[int]:
    """The fields lists can go by; read once for each revision."""
    found: frozenset[int] = current().state.keep(
        "prepared fields", lambda: frozenset(one.field_id for one in PreparedField.select())
    )
    return found


def arrangements() -> dict[str, Arrangement]:
    """The arrangements of this site, by noun; read once for each revision."""
    found: dict[str, Arrangement] = current().state.keep(
        "arrangements", lambda: {one.noun: one for one in Arrangement.select()}
    )
    return found


def arranged(
    resource: Resource,
    fields: Iterable[CustomField],
    arrangement: Arrangement | None,
    ready: Set[int] = frozenset(),
) -> Here:
    """A noun with the site's fields in the site's order."""
    custom = {field.name: fact_of(field, field.id in ready) for field in fields if field.name not in resource.by_name}
    facts: dict[str, Fact] = {**resource.by_name, **custom}
    kept: Mapping[str, Any] = vars(arrangement)["__data__"] if arrangement is not None else {}
    needed = frozenset(name for name in kept.get("needed") or () if name in facts and may_be_needed(facts[name]))
    facts = {name: replace(fact, required=True) if name in needed else fact for name, fact in facts.items()}
    hidden = frozenset(name for name in kept.get("hidden") or () if name in facts and may_be_hidden(facts[name]))
    sections = tuple(one for one in placed(resource, facts, kept.get("sections") or ()) if one.facts)
    in_form = (replace(one, facts=tuple(name for name in one.facts if name not in hidden)) for one in sections)
    indexed = [fact for fact in custom.values() if fact.is_filterable and fact.is_indexed]
    sorts = {one.name: Sort(one.name, one.label, one.name) for one in indexed if one.sort_of in SORTED}
    return Here(
        facts,
        {name: fact for name, fact in facts.items() if isinstance(fact, CustomFact)},
        sections,
        tuple(one for one in in_form if one.facts),
        (*resource.facets, *(fact.name for fact in indexed if fact.sort_of in FACETS)),
        {**resource.orders, **sorts},
        hidden,
        needed,
    )


def may_be_hidden(fact: Fact) -> bool:
    """Whether a form can do without it: an act insists on what is required."""
    return fact.is_asked and not fact.required


def may_be_needed(fact: Fact) -> bool:
    """Whether a site can insist on it: it is asked for, and there is no answer that means nothing was said."""
    return fact.is_asked and fact.load is None and not fact.required and getattr(fact.kind, "name", "") != "yes_no"


def placed(resource: Resource, facts: Mapping[str, Fact], wanted: Iterable[Mapping[str, Any]]) -> list[Section]:
    """The sections in the site's order, empty ones too; what it placed nowhere stands where it was declared."""
    declared = {key_of(one, position): one for position, one in enumerate(resource.parts)}
    found: dict[str, Section] = {}
    taken: set[str] = set()
    for one in wanted:
        key = str(one["key"])
        own = Section(SiteText(str(one.get("title") or ""), in_languages(one.get("words"), "title")), (), key)
        names = tuple(name for name in one["facts"] if name in facts and name not in taken)
        taken.update(names)
        found[key] = replace(declared.get(key, own if own.title else Section(OWN_TITLE, (), key)), facts=names, key=key)
    for key, section in declared.items():
        rest = tuple(name for name in section.facts if name not in taken)
        held = found.get(key, replace(section, facts=(), key=key))
        found[key] = replace(held, facts=(*held.facts, *rest))
    added = tuple(name for name in facts if name not in taken and name not in resource.by_name)
    if added:
        held = found.get(OWN_SECTION, Section(OWN_TITLE, (), OWN_SECTION))
        found[OWN_SECTION] = replace(held, facts=(*held.facts, *added))
    return list(found.values())


def key_of(section: Section, position: int) -> str:
    """The key of a declared section: its own, or its place among the others."""
    return section.key or f"section{position}"


def fact_of(field: CustomField, is_ready: bool = False) -> CustomFact:
    """A field as a fact."""
    rules: dict[str, Any] = field.rules or {}
    kind = kind_for(field.kind, rules)
    plugin, _dot, noun = str(rules.get("to", "")).partition(".")
    is_there = field.kind != "relation" or model_of(plugin, noun) is not None
    default = rules.get("default")
    has_own = field.is_restricted or field.is_sensitive
    return CustomFact(
        field.name,
        SiteText(field.title, in_languages(field.words, "title")),
        kind,
        COLUMN,
        SiteText(field.help, in_languages(field.words, "help")) if field.help else "",
        field.is_required,
        None if default is None else kind.unstored(default),
        read_permission(field) if has_own else "",
        write_permission(field) if has_own else "",
        is_there,
        span=12 if field.kind in ("text", "several") else 6,
        within=field.uid,
        is_sealed=field.is_sensitive,
        field_id=field.id,
        sort_of=field.kind,
        is_filterable=field.is_filterable and field.kind in FILTERABLE,
        is_indexed=is_ready,
        is_unique=field.is_unique,
        is_searched=field.is_searched,
    )


def read_permission(field: CustomField) -> str:
    """The permission to know of a field that is not everybody's."""
    return f"core.read_{field.noun.replace('.', '_')}_{field.name}"


def write_permission(field: CustomField) -> str:
    """The permission to write it."""
    return f"core.write_{field.noun.replace('.', '_')}_{field.name}"


def field_permissions() -> list[Permission]:
    """The permissions of the fields of this site that have some of their own."""
    found: list[Permission] = []
    for noun, fields in site_fields().items() if is_active() else ():
        resource = resources_here().get(noun)
        for field in fields:
            if not (field.is_restricted or field.is_sensitive):
                continue
            words = {
                "field": SiteText(field.title, in_languages(field.words, "title")),
                "noun": resource.title if resource is not None else noun,
            }
            found += [
                Permission(
                    name=read_permission(field),
                    label=_("%(noun)s: see “%(field)s”", **words),
                    roles=tuple(field.read_roles or ()),
                ),
                Permission(
                    name=write_permission(field),
                    label=_("%(noun)s: fill in “%(field)s”", **words),
                    roles=tuple(field.write_roles or ()),
                ),
            ]
    return found
