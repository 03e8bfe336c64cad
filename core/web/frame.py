"""Parts of the frame that look the same at every request: rendered once for each revision, and kept.

A part may depend on the site, on the reader's language and on what its key names, on nothing else.
"""

from collections.abc import Hashable
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from core.sites import current
from core.texts import reader_locale

MOST_KEPT = 400


@pass_context
def kept(context: Context, template: str, *key: Hashable) -> Markup:
    """A template of the frame, from memory where it was rendered for the same key before.

    `key` names every fact of the page and its reader the template shows.
    """
    parts: dict[tuple[Any, ...], Markup] = current().state.keep("core.web.frame", dict)
    known = (template, reader_locale(), *key)
    found = parts.get(known)
    if found is None:
        if len(parts) >= MOST_KEPT:
            parts.clear()
        found = parts[known] = Markup(context.environment.get_template(template).render(context.get_all()))  # nosec B704  # rendered with autoescape on
    return found
