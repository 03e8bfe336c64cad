"""What is shown beside: on a person's page, and on the first page after signing in."""

from datetime import timedelta
from functools import partial
from typing import Any

from core import clock
from core.actors import Actor
from core.contributions import Panel
from core.sites import current, current_site
from core.texts import _
from plugins.staff.models import Licence, Member
from plugins.staff.permissions import DECIDE_LEAVE, LICENCES, SEE_LEAVE, VIEW
from plugins.staff.services.leave import ahead_of, waiting_for_decision
from plugins.staff.services.licences import expiring, why_not_rostered
from plugins.staff.services.members import member_of

SOON = 60


def boxes_of(record: Any) -> list[Panel]:
    """On the page of a member of staff: whether they can be rostered, their licences, their leave."""
    if not isinstance(record, Member):
        return []
    today = clock.today(current_site().zone)
    by = current().actor
    licences = Licence.select().where(Licence.member == record, Licence.retired_at.is_null())
    found = [
        Panel(
            template="staff/panels/licences.html", title=_("Qualifications and licences"), permission=VIEW, order=10,
            context={
                "licences": [licence_line(one) for one in licences.order_by(Licence.expires_on, Licence.id)],
                "why_not": why_not_rostered(record, today), "member": record,
            },
        )
    ]  # fmt: skip
    own = member_of(by)
    if by.may(DECIDE_LEAVE) or (own is not None and own.id == record.id):
        found.append(
            Panel(
                template="staff/panels/leave.html", title=_("Leave ahead"), permission=SEE_LEAVE, order=20,
                context={"leave": ahead_of(record)},
            )
        )  # fmt: skip
    return found


def licence_line(licence: Licence) -> dict[str, Any]:
    """A licence with its sign: in force, expiring soon, expired."""
    today = clock.today(current_site().zone)
    if licence.expires_on is None:
        phase, words = "done", _("No end")
    elif licence.expires_on < today:
        phase, words = "missed", _("Expired")
    elif licence.expires_on <= today + timedelta(days=SOON):
        phase, words = "waiting", _("Expires soon")
    else:
        phase, words = "done", _("In force")
    return {"licence": licence, "phase": phase, "words": words}


def home_cards_for(by: Actor) -> list[Panel]:
    """Licences that expire, for who looks after them; requests that wait, for who decides."""
    found = []
    if by.may(LICENCES):
        lines = [licence_line(one) for one in expiring(limit=5)]
        lapsing = partial(Panel, template="staff/panels/expiring.html", title=_("Licences that expire"), order=60)
        found += [lapsing(context={"lines": lines}, permission=LICENCES)] if lines else []
    if by.may(DECIDE_LEAVE):
        leave = waiting_for_decision(5)
        waiting = partial(Panel, template="staff/panels/waiting.html", title=_("Leave to decide on"), order=55)
        found += [waiting(context={"leave": leave}, permission=DECIDE_LEAVE)] if leave else []
    return found
