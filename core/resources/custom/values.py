"""Values of custom fields as a record's `custom` column keeps them: by the uid of the field, sealed where it is."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from core.errors import Words
from core.resources.declaring import Fact
from core.resources.kinds import Relation
from core.storage import Model, keys
from core.storage.fields.sealed import SEALED
from core.texts import _


def value_in(fact: Fact, model: type[Model], uid: str, custom: Mapping[str, Any] | None) -> Any:
    """The value of one custom fact of one record."""
    kind: Any = fact.kind
    return kind.unstored(kept_in(fact, model, uid, custom))


def values_in(fact: Fact, model: type[Model], rows: Sequence[Any], customs: Sequence[Any]) -> list[Any]:
    """The values of one custom fact of many records (or rows of a list), related records named in one statement."""
    kind: Any = fact.kind
    kept = [kept_in(fact, model, row.uid, custom) for row, custom in zip(rows, customs, strict=True)]
    if isinstance(kind, Relation):
        named = kind.named([one for one in kept if one])
        return [named.get(one) for one in kept]
    return [kind.unstored(one) for one in kept]


def kept_in(fact: Fact, model: type[Model], uid: str, custom: Mapping[str, Any] | None) -> Any:
    """The same as JSON keeps it, opened; None where there is none."""
    kept = (custom or {}).get(fact.within)
    return opened(str(kept[SEALED]), place_of(model, fact.within), uid) if is_sealed(kept) else kept


def to_keep(fact: Fact, model: type[Model], uid: str, value: Any) -> Any:
    """What is kept of a value; None where it is empty and nothing is."""
    kind: Any = fact.kind
    kept = kind.stored(value)
    if kept is None or kept == "" or kept == []:
        return None
    return bound_to(fact, model, uid, kept)


def bound_to(fact: Fact, model: type[Model], uid: str, kept: Any) -> Any:
    """A kept value, opened, as the record of this uid keeps it: sealed where the fact is."""
    return {SEALED: sealed(kept, place_of(model, fact.within), uid)} if fact.is_sealed else kept


def kept_words(fact: Fact, kept: Any) -> Words:
    """What is kept, as people read it where only the value is at hand; what is sealed stays so."""
    kind: Any = fact.kind
    return _("(sealed)") if is_sealed(kept) else kind.words(kind.unstored(kept))


def is_sealed(kept: Any) -> TypeGuard[dict[str, str]]:
    """Whether a kept value is encrypted."""
    return isinstance(kept, dict) and SEALED in kept


def place_of(model: type[Model], field_uid: str) -> str:
    """The table, column and field a sealed value is bound to, beside its record."""
    return f"{model._meta.table_name}.custom.{field_uid}"


def sealed(kept: Any, place: str, uid: str) -> str:
    """A value nobody reads without the key, and nobody can move to another record or field."""
    written = json.dumps(kept, separators=(",", ":"), ensure_ascii=False)
    return keys.site_keys().seal(written.encode(), f"{place}|{uid}".encode())


def opened(kept: str, place: str, uid: str) -> Any:
    """A sealed value again; raises `keys.SealBroken` when it was changed or moved."""
    owner = f"{place}|{uid}".encode()
    try:
        return json.loads(keys.site_keys().open(kept, owner))
    except keys.SealBroken:
        keys.look_again()
        return json.loads(keys.site_keys().open(kept, owner))
