"""What happens with errands."""

from typing import Any

from medley_porters.models import Errand

from core.actors import Actor


def day_wanted(errand: Errand, _by: Actor) -> Any:
    """Until when it is wanted."""
    return errand.wanted_on


def is_own(errand: Errand, by: Actor) -> bool:
    """Whether whoever looks asked for it."""
    return bool(errand.created_by == by.uid)


def count_trip(errand: Errand, _by: Actor) -> None:
    """Count how often it went on."""
    errand.times_moved += 1
    errand.save()
