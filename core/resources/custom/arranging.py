"""How an administrator arranges a noun: sections, their order and what stands in them, what a form asks and insists on.

An arrangement takes nothing away: a fact it does not name stands where it was declared, and what an act needs is
always asked.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.actors import Actor
from core.acts import act
from core.errors import Conflict, Refused, Words
from core.resources.custom.checking import wrong_languages
from core.resources.custom.here import arranged, here, key_of, may_be_hidden, may_be_needed, placed, site_fields
from core.resources.custom.models import Arrangement
from core.resources.declaring import Fact, Resource, Section
from core.resources.nouns import resource_named
from core.roles.permissions import MANAGE_FIELDS
from core.sites import touch_revision
from core.texts import _

KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}")
MOST_SECTIONS, LONGEST_TITLE = 40, 120


@act("core.arrange", permission=MANAGE_FIELDS)
def arrange(
    noun: str,
    sections: Sequence[Mapping[str, Any]],
    hidden: Sequence[str],
    needed: Sequence[str],
    by: Actor,
    version: int | None = None,
) -> Arrangement:
    """Store how the records of a noun are shown and asked for here.

    `sections` are `{"key", "title", "words", "facts"}` in order; those the plugin declared have no title. `hidden` are
    the facts forms leave out, `needed` those that must be answered although the plugin does not insist.
    Raises `Refused` for a fact that is hidden although an act needs it, `Conflict` when somebody arranged meanwhile.
    """
    resource = resource_named(noun)
    wrong = wrong_sections(resource, sections) | wrong_facts(resource, hidden, needed)
    if wrong:
        raise Refused(fields=wrong)
    held = Arrangement.get_or_none(Arrangement.noun == noun) or Arrangement(noun=noun)
    if version is not None and held.id is not None and held.version != version:
        raise Conflict(by=held.updated_by, at=held.updated_at)
    held.sections = [kept_section(one) for one in sections]
    held.hidden, held.needed = sorted(set(hidden)), sorted(set(needed))
    held.save()
    touch_revision()
    return held


def kept_section(section: Mapping[str, Any]) -> dict[str, Any]:
    """A section as it is stored."""
    kept = {"key": str(section["key"]), "title": str(section.get("title") or "").strip()}
    return {**kept, "words": dict(section.get("words") or {}), "facts": list(section["facts"])}


def wrong_sections(resource: Resource, sections: Sequence[Mapping[str, Any]]) -> dict[str, Words]:
    """What does not hold together among the sections."""
    declared = {key_of(one, position) for position, one in enumerate(resource.parts)}
    keys = [str(one.get("key", "")) for one in sections]
    names = [name for one in sections for name in one.get("facts", ())]
    if len(keys) > MOST_SECTIONS:
        return {"sections": _("At most %(n)s sections.", n=MOST_SECTIONS)}
    if len(set(keys)) != len(keys) or not all(KEY.fullmatch(key) for key in keys):
        return {"sections": _("Each section is there once, under a short name.")}
    for one in sections:
        title = str(one.get("title") or "").strip()
        if len(title) > LONGEST_TITLE or (not title and one["key"] not in declared | {"own"}):
            return {"sections": _("Say what each section is called.")}
        if wrong := wrong_languages(one.get("words") or {}):
            return {"sections": wrong["words"]}
    if len(set(names)) != len(names) or not set(names) <= here(resource).facts.keys():
        return {"sections": _("Each fact stands in one section, and is one of this noun.")}
    return {}


def wrong_facts(resource: Resource, hidden: Sequence[str], needed: Sequence[str]) -> dict[str, Words]:
    """What can be neither left out nor insisted on."""
    plain = arranged(resource, site_fields().get(resource.name, ()), None).facts
    wrong: dict[str, Words] = {}
    for name in hidden:
        if name not in plain or not may_be_hidden(plain[name]):
            wrong["hidden"] = _("“%(fact)s” is needed and can't be left out.", fact=label_in(plain, name))
        elif name in needed:
            wrong["hidden"] = _("“%(fact)s” can't be left out and insisted on.", fact=label_in(plain, name))
    for name in needed:
        if name not in plain or not may_be_needed(plain[name]):
            wrong["needed"] = _("Nobody can insist on “%(fact)s”.", fact=label_in(plain, name))
    return wrong


def label_in(facts: Mapping[str, Fact], name: str) -> Words:
    """What a fact is called; its name where there is none."""
    return facts[name].label if name in facts else name


def all_sections(resource: Resource) -> list[Section]:
    """The sections as they are arranged, empty ones too, for whoever arranges them."""
    held = Arrangement.get_or_none(Arrangement.noun == resource.name)
    return placed(resource, here(resource).facts, held.sections if held is not None else ())


def arrangement_of(noun: str) -> Arrangement | None:
    """The arrangement of a noun, with its version."""
    found: Arrangement | None = Arrangement.get_or_none(Arrangement.noun == noun)
    return found
