"""Giving a person's record out as one FHIR R4 Bundle, put together from what each plugin writes."""

from typing import Any

from core import clock
from core.actors import Actor
from core.errors import NotFound
from core.hooks import collect
from core.storage.journal.reads import disclosed
from plugins.fhir.hookspecs import Writing
from plugins.fhir.permissions import EXPORT


def bundle_of(named: str, by: Actor) -> dict[str, Any]:
    """The Bundle of one person, named by record number or uid; the disclosure is journaled.

    Raises `NotFound` when no plugin knows the person.
    """
    by.require(EXPORT)
    writings = [one for one in collect.fhir_writings() if isinstance(one, Writing)]
    subject = next(filter(None, (writing.subject_of(named, by) for writing in writings)), "")
    if not subject:
        raise NotFound
    resources = [resource for writing in writings for resource in writing.write(subject, by)]
    disclosed("export", [subject], "fhir", subject_uid=subject)
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": clock.now().isoformat(timespec="seconds"),
        "entry": [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources],
    }


def left_out_of(part: Any) -> list[str]:
    """The files a bundle names and does not hold, being too large or lost: by their titles."""
    if isinstance(part, list):
        return [title for one in part for title in left_out_of(one)]
    if not isinstance(part, dict):
        return []
    own = [str(part.get("title", ""))] if "_data" in part else []
    return own + [title for one in part.values() for title in left_out_of(one)]
