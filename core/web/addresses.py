"""Addresses in templates: made by Flask once, then only the uids in them are exchanged."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import flask
from flask import current_app, request

from core.storage import is_uid
from core.storage.fields.uids import UID_SHAPE

# Shaped like a uid, so that it passes wherever one does.
MARK = "00000000-0000-7000-8000-{:012d}"
MARKS = re.compile(MARK[:24] + r"(\d{12})")
MOST_KNOWN = 4000
LONGEST_KEPT = 40
MOST_ROOTS = 20
# The text between the uids, and which uid stands in each gap.
Pattern = tuple[list[str], list[int]]


class Addresses:
    """`url_for` for templates: a list of a hundred addresses asks the routes once."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Pattern] = {}
        self._below: dict[str, Shapes] = {}

    def below(self, root: str) -> Callable[..., str]:
        """The `address` of pressed templates, for pages that lie under this root of their host."""
        shapes = self._below.get(root)
        if shapes is None:
            if len(self._below) >= MOST_ROOTS:
                self._below.clear()
            shapes = self._below[root] = Shapes(self)
        return shapes.filled

    def to(self, endpoint: str, /, **values: Any) -> str:
        """The address of a page, as Flask would write it."""
        uids: list[str] = []
        key: list[Any] = [endpoint]
        for name, value in values.items():
            if is_uid(value):
                uids.append(value)
                key.append(name)
            elif type(value) in (str, int) and (type(value) is int or len(value) <= LONGEST_KEPT):
                key.append((name, value))
            else:
                return flask.url_for(endpoint, **values)
        if endpoint.startswith(".") or request.script_root or any(name.startswith("_") for name in values):
            return flask.url_for(endpoint, **values)
        known = self._known.get(tuple(key))
        if known is None:
            known = self._learn(tuple(key), endpoint, values)
        between, gaps = known
        if not gaps:
            return between[0]
        parts = [between[0]]
        for gap, text in zip(gaps, between[1:], strict=True):
            parts += (uids[gap], text)
        return "".join(parts)

    def _learn(self, key: tuple[Any, ...], endpoint: str, values: dict[str, Any]) -> Pattern:
        """Ask Flask for the address with marks where the uids are."""
        uids = [name for name, value in values.items() if is_uid(value)]
        marked = {**values, **{name: MARK.format(position) for position, name in enumerate(uids)}}
        found = MARKS.split(flask.url_for(endpoint, **marked))
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[key] = found[::2], [int(gap) for gap in found[1::2]]
        return self._known[key]


def url_for(endpoint: str, /, **values: Any) -> str:
    """The address of a page, as Flask would write it, for views that write many."""
    addresses: Addresses = current_app.extensions["medley_addresses"]
    return addresses.to(endpoint, **values)


class Shapes:
    """Addresses whose shape a template knows: `plugin.page|uid|kind=names` and the values it leaves open, in order."""

    def __init__(self, addresses: Addresses) -> None:
        self.addresses = addresses
        self._known: dict[str, tuple[str, bool]] = {}
        self._uids: set[str] = set()

    def filled(self, shape: str, *values: Any) -> str:
        """The address of this shape with these values, as Flask would write it."""
        known = self._known.get(shape)
        if known is None:
            known = self._known[shape] = self._learn(shape)
        text, is_in_order = known
        if not values and text:
            return text
        if is_in_order:
            for value in values:
                if type(value) is not str or (value not in self._uids and not self._is_uid(value)):
                    break
            else:
                return text % values
        endpoint, given = named(shape, values)
        return self.addresses.to(endpoint, **given)

    def _is_uid(self, value: str) -> bool:
        """Whether a value may stand in an address as it is; a page asks the same of a few again and again."""
        if UID_SHAPE.fullmatch(value) is None:
            return False
        if len(self._uids) >= MOST_KNOWN:
            self._uids.clear()
        self._uids.add(value)
        return True

    def _learn(self, shape: str) -> tuple[str, bool]:
        """The text of a shape with a place for each value, and whether they come in the order of the template."""
        marks = [MARK.format(position) for position in range(shape.count("|") + 1)]
        endpoint, values = named(shape, marks)
        found = MARKS.split(flask.url_for(endpoint, **values))
        gaps = [int(gap) for gap in found[1::2]]
        text = "%s".join(part.replace("%", "%%") if gaps else part for part in found[::2])
        return text, gaps == list(range(len(gaps))) and bool(gaps)


def named(shape: str, values: Sequence[Any]) -> tuple[str, dict[str, Any]]:
    """The endpoint and the values by name."""
    endpoint, *parts = shape.split("|")
    given = iter(values)
    return endpoint, {
        name: fixed if is_fixed else next(given) for name, is_fixed, fixed in (part.partition("=") for part in parts)
    }
