"""What other plugins can hear from the staff."""

from typing import Any

from core.hooks import announcement


@announcement(catch_up=True)
def staff_licence_expiring(licence: Any, days: int, by: Any) -> None:
    """A licence expires within so many days: 60, 30 or 7, each told once; 0 is told when it has expired.

    Called by the nightly job inside the act that writes the warning down. May.

        @hookimpl(catch_up=True, optional=True)
        def staff_licence_expiring(licence, days, by):
            enqueue(write_to_them, licence.uid, by=by)
    """
