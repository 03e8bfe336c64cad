"""One declaration, many doors: a noun is declared once, and lists, forms, files, the API and the palette follow."""

from core.resources.catalogue import facts_here, readable, resource_named, resource_of, resources_here, writable
from core.resources.declaring import Action, Acts, Fact, Lines, Resource, Section, Sort
from core.resources.kinds import (
    Choice,
    Day,
    Decimals,
    Email,
    Kind,
    Line,
    LongText,
    Moment,
    MoneyAmount,
    Phone,
    Quantity,
    Relation,
    Several,
    Unreadable,
    Whole,
    YesNo,
)
from core.resources.plain import plain_acts
from core.resources.serving import serve

__all__ = [
    "Action",
    "Acts",
    "Choice",
    "Day",
    "Decimals",
    "Email",
    "Fact",
    "Kind",
    "Line",
    "Lines",
    "LongText",
    "Moment",
    "MoneyAmount",
    "Phone",
    "Quantity",
    "Relation",
    "Resource",
    "Section",
    "Several",
    "Sort",
    "Unreadable",
    "Whole",
    "YesNo",
    "facts_here",
    "plain_acts",
    "readable",
    "resource_named",
    "resource_of",
    "resources_here",
    "serve",
    "writable",
]
