"""Giving a noun its pages: they are added to its plugin's own blueprint, behind the same door as every other page."""

from core.resources.declaring import Resource, refuse_unfit
from core.resources.pages import PAGES
from core.resources.words import find_by_words
from core.web import MedleyBlueprint


def serve(blueprint: MedleyBlueprint, *resources: Resource) -> None:
    """Add the pages of these nouns to a blueprint; raises `Misuse` for a declaration that could not be served."""
    for resource in resources:
        refuse_unfit(resource)
        find_by_words(resource)
        for add in PAGES:
            add(blueprint, resource)
