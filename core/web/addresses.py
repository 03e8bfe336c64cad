"""Addresses in templates: made by Flask once, then only the uids in them are exchanged."""

import re
from typing import Any

from flask import request, url_for

from core.storage import is_uid

# Shaped like a uid, so that it passes wherever one does.
MARK = "00000000-0000-7000-8000-{:012d}"
MARKS = re.compile(MARK[:24] + r"(\d{12})")
MOST_KNOWN = 4000
LONGEST_KEPT = 40
# The text between the uids, and which uid stands in each gap.
Pattern = tuple[list[str], list[int]]


class Addresses:
    """`url_for` for templates: a list of a hundred addresses asks the routes once."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Pattern] = {}

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
                return url_for(endpoint, **values)
        if endpoint.startswith(".") or request.script_root or any(name.startswith("_") for name in values):
            return url_for(endpoint, **values)
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
        found = MARKS.split(url_for(endpoint, **marked))
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[key] = found[::2], [int(gap) for gap in found[1::2]]
        return self._known[key]
