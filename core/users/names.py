"""How a sign-in name is written and compared."""

import re
import unicodedata

from core.errors import Refused
from core.texts import _

SHAPE = re.compile(r"[^\s\x00-\x1f\x7f]+")
LONGEST = 150


def sign_in_key_of(name: str) -> str:
    """The form names are compared in: capitals, width and compositions of letters make no difference."""
    folded = unicodedata.normalize("NFKC", name[: 2 * LONGEST]).casefold()
    return unicodedata.normalize("NFKC", folded).strip().replace("\0", "")[:LONGEST]


def checked_sign_in(name: str) -> str:
    """A name somebody can type at the door; raises `Refused` for spaces, controls and great length."""
    name = unicodedata.normalize("NFC", name).strip()
    if not name:
        raise Refused(fields={"sign_in": _("Give a name to sign in with.")})
    if len(name) > LONGEST or len(unicodedata.normalize("NFKC", name).casefold()) > LONGEST:
        raise Refused(fields={"sign_in": _("Use at most %(most)s characters.", most=LONGEST)})
    if not SHAPE.fullmatch(name):
        raise Refused(fields={"sign_in": _("A sign-in name has no spaces.")})
    return name
