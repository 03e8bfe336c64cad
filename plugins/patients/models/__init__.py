"""The tables of the register, by noun."""

from plugins.patients.models.duplicates import Likeness, ToldApart
from plugins.patients.models.erasing import Erasure
from plugins.patients.models.finding import IndexState, SearchToken, SpellingWord
from plugins.patients.models.merging import Merge, MergeMove
from plugins.patients.models.people import Count, Document, ReasonGiven, Relation
from plugins.patients.models.register import (
    PRECISIONS,
    SEVERITIES,
    SEXES,
    Address,
    ContactPerson,
    Flag,
    Identifier,
    IdentifierType,
    Patient,
    PatientName,
    Telecom,
)

__all__ = [
    "PRECISIONS",
    "SEVERITIES",
    "SEXES",
    "Address",
    "ContactPerson",
    "Count",
    "Document",
    "Erasure",
    "Flag",
    "Identifier",
    "IdentifierType",
    "IndexState",
    "Likeness",
    "Merge",
    "MergeMove",
    "Patient",
    "PatientName",
    "ReasonGiven",
    "Relation",
    "SearchToken",
    "SpellingWord",
    "Telecom",
    "ToldApart",
]
