"""The nouns of the staff: people, their licences, their leave."""

from core.resources import (
    Acts,
    Choice,
    Email,
    Fact,
    Line,
    Lines,
    LongText,
    Phone,
    Relation,
    Resource,
    Section,
    Several,
    Sort,
    plain_acts,
)
from core.texts import _
from core.users.models import User
from plugins.staff.kinds import TimeOfDay
from plugins.staff.models import Leave, Licence, Member, Pattern, Post
from plugins.staff.permissions import DECIDE_LEAVE, LICENCES, MANAGE, SEE_LEAVE, VIEW
from plugins.staff.services.hours import WEEKDAYS
from plugins.staff.services.leave import ask_for_leave, change_leave
from plugins.staff.services.licences import start_warnings_anew
from plugins.staff.services.members import names_of_leave, set_key
from plugins.staff.wording import LANGUAGES, PROFESSIONS, SPECIALITIES
from plugins.staff.wording import LEAVE as KINDS_OF_LEAVE
from plugins.staff.wording import LICENCES as KINDS_OF_LICENCE
from plugins.staff.workflow import LEAVE as LEAVE_WORKFLOW

POSTS = Lines(
    "posts",
    _("Works at other places, too"),
    Post,
    "member",
    (
        Fact("place", _("Place"), required=True),
        Fact("role", _("As")),
        Fact("from_on", _("From")),
        Fact("until_on", _("Until")),
    ),
    one=_("Place"),
)
PATTERNS = Lines(
    "hours",
    _("Weekly hours"),
    Pattern,
    "member",
    (
        Fact("weekday", _("Day"), Choice(WEEKDAYS), required=True),
        Fact("begins", _("Begins"), TimeOfDay(), required=True),
        Fact("ends", _("Ends"), TimeOfDay(), required=True),
        Fact("place", _("Place")),
        Fact("from_on", _("Holds from"), required=True),
        Fact("until_on", _("Until")),
    ),
    one=_("Day of the week"),
)
MEMBERS = Resource(
    model=Member,
    title=_("Staff"),
    one=_("Member of staff"),
    icon="person-badge",
    facts=(
        Fact("name", _("Name"), required=True, help=_("As the person writes it.")),
        Fact("profession", _("Profession"), Choice(PROFESSIONS), required=True),
        Fact("title", _("Position"), help=_("As in “Senior registrar”.")),
        Fact("specialities", _("Specialities"), Several(SPECIALITIES)),
        Fact("languages", _("Languages"), Several(LANGUAGES)),
        Fact("place", _("Department or place")),
        Fact("number", _("Staff number")),
        Fact("user", _("Account"), Relation(User, "name", "core.view_users"), read="core.view_users"),
        Fact("email", _("E-mail"), Email()),
        Fact("phone", _("Phone"), Phone()),
        Fact("from_on", _("Works here from")),
        Fact("until_on", _("Until")),
    ),
    columns=("name", "profession", "title", "specialities", "place", "phone"),
    facets=("profession", "place"),
    sorts=(Sort("name", _("Name"), by="key"),),
    searched=("name", "number", "title"),
    sections=(
        Section(_("The person"), ("name", "profession", "title", "specialities", "languages", "number"), "person"),
        Section(_("Where and how to reach them"), ("place", "user", "email", "phone", "from_on", "until_on"), "reach"),
    ),
    lines=(PATTERNS, POSTS),
    acts=plain_acts(Member, MANAGE, lines=(PATTERNS, POSTS), before=set_key),
    identified_by=("number",),
    view=VIEW,
    about=_("Everybody who works here."),
    empty=_("Enter the first person, or bring a list in from a file."),
)
LICENCE_NOUN = Resource(
    model=Licence,
    title=_("Qualifications and licences"),
    one=_("Licence"),
    path="licences",
    icon="person-vcard",
    pages={"show": "licence"},
    facts=(
        Fact("name", _("What it is called"), required=True),
        Fact("member", _("Whose"), Relation(Member, "name", VIEW), required=True, once=True),
        Fact("kind", _("Kind"), Choice(KINDS_OF_LICENCE), default="licence", required=True),
        Fact("number", _("Number")),
        Fact("issuer", _("Issued by")),
        Fact("issued_on", _("Issued on")),
        Fact("expires_on", _("Expires on"), help=_("It holds to the end of this day.")),
        Fact("is_needed", _("Nobody works without it"), help=_("Once it has expired, its holder is not rostered.")),
        Fact("told_days", _("Last warning, days before"), is_asked=False),
    ),
    columns=("name", "member", "kind", "expires_on", "is_needed"),
    facets=("kind", "expires_on", "member"),
    sorts=(Sort("expires", _("Expires first"), by="expires_on"),),
    searched=("name", "number"),
    acts=plain_acts(Licence, LICENCES, before=start_warnings_anew),
    view=VIEW,
    about=_("Warned of 60, 30 and 7 days before they expire."),
)
LEAVE = Resource(
    model=Leave,
    title=_("Leave"),
    one=_("Leave"),
    path="leave",
    icon="calendar3",
    named_by="called",
    facts=(
        Fact("called", _("Leave"), Line(), load=names_of_leave, is_asked=False),
        Fact("member", _("Who"), Relation(Member, "name", VIEW), once=True, write=DECIDE_LEAVE),
        Fact("kind", _("Kind"), Choice(KINDS_OF_LEAVE), required=True, default="annual"),
        Fact("from_on", _("First day"), required=True),
        Fact("until_on", _("Last day"), required=True),
        Fact("begins", _("Only from"), TimeOfDay(), help=_("A time on the first day; empty means the whole day.")),
        Fact("ends", _("Only until"), TimeOfDay(), help=_("A time on the last day; empty means the whole day.")),
        Fact("reason", _("Reason"), LongText(), span=12),
        Fact("decision_note", _("Note on the decision"), is_asked=False),
    ),
    columns=("called", "state", "kind", "from_on", "until_on"),
    facets=("kind", "from_on", "member"),
    sorts=(Sort("first", _("First day"), by="from_on", falls=True),),
    sections=(
        Section(_("When"), ("called", "member", "kind", "from_on", "until_on", "begins", "ends", "reason"), "when"),
        Section(_("Decision"), ("state", "state_kind", "decision_note"), "decision"),
    ),
    acts=Acts(ask_for_leave, change_leave),
    workflow=LEAVE_WORKFLOW,
    view=SEE_LEAVE,
    may_import=MANAGE,
    about=_("Who is away when, and who still waits for an answer."),
)

RESOURCES = (MEMBERS, LICENCE_NOUN, LEAVE)
