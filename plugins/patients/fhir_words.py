"""Words of FHIR that reading and writing share: names of ours for what it has no element for, and how JSON is read."""

from datetime import date
from typing import Any

from core.errors import Refused
from core.sites import current_site
from core.texts import _

CALLED = "called"
AREA, ESTIMATED, WAY = "urn:medley:address-area", "urn:medley:birth-estimated", "urn:medley:preferred-way"
UNIDENTIFIED, FLAG, RELATION = "urn:medley:unidentified", "urn:medley:warning", "urn:medley:relation"
# The name of a field of the hospital's own stands after it.
FACT = "urn:medley:fact:"
# A paper as this house writes it, among all the documents other systems have.
PAPER, PAPER_KIND = "urn:medley:paper", "urn:medley:paper-kind"
# hl7.org/fhir/R4/v3/Confidentiality
CONFIDENTIALITY, RESTRICTED = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "R"


def own_system() -> str:
    """What this hospital's record numbers are known by elsewhere."""
    return f"urn:medley:{current_site().name}:record-number"


def partial_date(written: str) -> tuple[date | None, str]:
    """A FHIR date, `1992`, `1992-03` or `1992-03-02`, and how much of it is known."""
    try:
        if len(written) == 4:
            return date(int(written), 1, 1), "year"
        if len(written) == 7:
            return date.fromisoformat(f"{written}-01"), "month"
        return (date.fromisoformat(written[:10]), "day") if written else (None, "day")
    except ValueError as unreadable:
        raise Refused(fields={"birthDate": _("%(date)s is not a date.", date=written[:40])}) from unreadable


def extension_of(holder: Any, url: str) -> Any:
    """The value of an extension under one of our names, None when there is none."""
    for one in dicts(holder, "extension"):
        if one.get("url") == url:
            return next((value for name, value in one.items() if name.startswith("value")), None)
    return None


def dicts(holder: Any, key: str) -> list[dict[str, Any]]:
    """The objects under a key that should hold a list of them."""
    found = holder.get(key) if isinstance(holder, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def text(holder: Any, key: str) -> str:
    """The text under a key, "" for anything else."""
    found = holder.get(key) if isinstance(holder, dict) else None
    return found if isinstance(found, str) else ""


def texts(holder: Any, key: str) -> list[str]:
    """The texts under a key that should hold a list of them."""
    found = holder.get(key) if isinstance(holder, dict) else None
    return [one for one in found if isinstance(one, str) and one] if isinstance(found, list) else []
