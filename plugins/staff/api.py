"""What other plugins may use of the staff."""

from plugins.staff.models import Leave, Licence, Member
from plugins.staff.services.availability import availability
from plugins.staff.services.hours import Span
from plugins.staff.services.leave import ask_for_leave
from plugins.staff.services.licences import why_not_rostered
from plugins.staff.services.members import member_of

__all__ = [
    "Leave",
    "Licence",
    "Member",
    "Span",
    "ask_for_leave",
    "availability",
    "member_of",
    "why_not_rostered",
]
