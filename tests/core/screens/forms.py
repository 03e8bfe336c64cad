"""Filling the form of a page as a browser would: what it holds, with some fields changed."""

import re
from html.parser import HTMLParser

from werkzeug.datastructures import MultiDict


class Fields(HTMLParser):
    """The fields of the forms of a page, with what they hold."""

    def __init__(self) -> None:
        super().__init__()
        self.values: MultiDict[str, str] = MultiDict()
        self.select = ""
        self.is_first = False

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        name = facts.get("name") or ""
        if tag == "select":
            self.select, self.is_first = name, True
        elif tag == "option" and self.select:
            if self.is_first or "selected" in facts:
                self.values.setlist(self.select, [facts.get("value") or ""])
            self.is_first = False
        elif tag in ("input", "textarea") and name:
            if facts.get("type") not in ("checkbox", "radio") or "checked" in facts:
                self.values.add(name, facts.get("value") or "")

    def handle_endtag(self, tag):
        if tag == "select":
            self.select = ""


def fields_of(page: str) -> MultiDict[str, str]:
    """What the page's main part would send."""
    parser = Fields()
    main = re.search(r"<main.*?</main>", page, re.DOTALL)
    parser.feed(main.group(0) if main else page)
    return parser.values


def send(visitor, path: str, **changes):
    """Open the page, change some fields and send it."""
    values = fields_of(visitor.get(path).text)
    for name, value in changes.items():
        values.setlist(name, value if isinstance(value, list) else [value])
    values.setlist("csrf_token", [visitor._token])
    return visitor.open("POST", path, data=values)
