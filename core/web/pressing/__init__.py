"""Templates worked into one piece before they are compiled.

A page is written in layouts, macros and sentences, so that it reads well and looks like every other. None of that
has to cost at each request: what a layout, an include, a macro or a translation comes to is known once the template,
the language and the static files are. So each template is pressed when it is compiled, once for each language: layouts
and includes are put in place, macros are written out where they are called, sentences are translated, and addresses of
static files are filled in. What is left for the request is long text with the few facts that differ.

A page shows exactly what it would show unpressed; what can't be pressed stays as it was written and works all the same.
"""

from core.web.pressing.press import Press
from core.web.pressing.writing import ESCAPING, HouseCode

__all__ = ["ESCAPING", "HouseCode", "Press"]
