"""JSON as it comes in: strictly what RFC 8259 says, once for each name, no deeper and no larger than anybody needs."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NoReturn

from flask import Request

from core.errors import Words
from core.texts import _
from plugins.api.errors import NoJson, NotGiven, WrongMedia

LARGEST = 1024 * 1024
DEEPEST = 16
LONGEST_NUMBER = 60
MEDIA = frozenset({"application/json", "application/merge-patch+json"})


def body_of(request: Request) -> dict[str, Any]:
    """The object a request carries; nothing at all is an empty one. Raises for everything that is not an object."""
    request.max_content_length = LARGEST
    written = request.get_data(cache=True)
    if not written:
        return {}
    if request.mimetype not in MEDIA or request.mimetype_params.get("charset", "utf-8").lower() not in (
        "utf-8",
        "utf8",
    ):
        raise WrongMedia
    found = parsed(written)
    if not isinstance(found, dict):
        raise NoJson(_("Send one JSON object."))
    return found


def refuse_deaf(request: Request) -> None:
    """Raise `NotGiven` for a program that would not take JSON."""
    accepted = request.headers.get("Accept")
    if accepted and "*/*" not in accepted and "application/json" not in accepted:
        if not request.accept_mimetypes.best_match(("application/json", "application/problem+json")):
            raise NotGiven


def parsed(written: bytes) -> Any:
    """A JSON text as Python has it, decimals exact; raises `NoJson` saying why not."""
    try:
        text = written.decode("utf-8")
        found = json.loads(
            text, object_pairs_hook=once, parse_float=decimal, parse_int=whole, parse_constant=refuse_constant
        )
    except UnicodeDecodeError as unreadable:
        raise NoJson(_("The body is not UTF-8.")) from unreadable
    except RecursionError as unreadable:
        raise NoJson(_("The body is nested too deeply.")) from unreadable
    except ValueError as unreadable:
        raise NoJson(_("The body is not JSON.")) from unreadable
    refuse_strange(found)
    return found


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names all differ: with two of the same nobody knows which was meant."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NoJson(_("A name stands in an object twice."))
    return found


def decimal(written: str) -> Decimal:
    """A number with its decimals as written."""
    if len(written) > LONGEST_NUMBER:
        raise NoJson(_("A number is too long."))
    return Decimal(written)


def whole(written: str) -> int:
    """A whole number."""
    if len(written) > LONGEST_NUMBER:
        raise NoJson(_("A number is too long."))
    return int(written)


def refuse_constant(_written: str) -> NoReturn:
    """NaN and Infinity are Python's, not JSON's."""
    raise NoJson(_("The body is not JSON."))


def refuse_strange(found: Any) -> None:
    """Raise `NoJson` for what lies too deep and for text that is none: lone surrogates, NUL."""
    level: list[Any] = [found]
    for _depth in range(DEEPEST + 1):
        level = [inner for one in level for inner in inside(one)]
        if not level:
            return
    raise NoJson(_("The body is nested too deeply."))


def inside(value: Any) -> Iterator[Any]:
    """What lies in a value, its texts looked at."""
    if isinstance(value, str):
        complaint = unreadable(value)
        if complaint:
            raise NoJson(complaint)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield inner
    elif isinstance(value, list):
        yield from value


def unreadable(text: str) -> Words:
    """What is wrong with a text as such, or ""."""
    if "\x00" in text:
        return _("A text holds a NUL.")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        return _("A text holds half a character (a lone surrogate).")
    return ""
