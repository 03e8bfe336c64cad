"""Addresses in templates: made by Flask once for each kind of page, then by filling in the values."""

import re
from typing import Any

from flask import current_app, request, url_for

MARK = "medleyslot{}x"
MARKS = re.compile(r"medleyslot(\d+)x")
PLAIN = re.compile(r"[A-Za-z0-9-]+")
# The text between the values, and which value stands in each gap.
Pattern = tuple[tuple[str, ...], tuple[int, ...]]


class Addresses:
    """`url_for` for templates: one list of addresses needs one look at the routes."""

    def __init__(self) -> None:
        self._patterns: dict[tuple[str, ...], Pattern | None] = {}

    def __call__(self, endpoint: str, /, **values: Any) -> str:
        """The address of a page. What is not plain is left to Flask: relative names, prefixes, other characters."""
        given = tuple(values.values())
        if request.script_root or not all(type(value) is str and PLAIN.fullmatch(value) for value in given):
            return url_for(endpoint, **values)
        key = (endpoint, *values)
        if key not in self._patterns:
            self._patterns[key] = self._learnt(endpoint, tuple(values))
        pattern = self._patterns[key]
        if pattern is None:
            return url_for(endpoint, **values)
        between, order = pattern
        parts = [between[0]]
        for position, text in zip(order, between[1:], strict=True):
            parts += (given[position], text)
        return "".join(parts)

    @staticmethod
    def _learnt(endpoint: str, names: tuple[str, ...]) -> Pattern | None:
        """The address with gaps, or None where Flask has to look each time."""
        rules = list(current_app.url_map.iter_rules(endpoint)) if not endpoint.startswith(".") else []
        if len(rules) != 1 or any(name.startswith("_") for name in names):
            return None
        if any(type(converter).__name__ != "UnicodeConverter" for converter in rules[0]._converters.values()):
            return None
        made = url_for(endpoint, **{name: MARK.format(position) for position, name in enumerate(names)})
        found = MARKS.split(made)
        return tuple(found[::2]), tuple(map(int, found[1::2]))
