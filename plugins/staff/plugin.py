"""What the staff gives to the rest of the house."""

from core.contributions import DemoData, NavItem, Panel
from core.hooks import hookimpl
from core.registry import Manifest
from core.texts import _
from plugins.staff.boxes import boxes_of, home_cards_for
from plugins.staff.demo import load_staff
from plugins.staff.permissions import PERMISSIONS, SEE_LEAVE, VIEW
from plugins.staff.resources import RESOURCES
from plugins.staff.services.leave import narrowing_for

manifest = Manifest(
    name="staff",
    title=_("Staff"),
    version="0.1.0",
    summary=_("Who works here, with which licences, at what hours, and when somebody is away."),
    asks=_("Keeps the staff, their hours, licences and leave. Contacts nobody."),
    icon="person-badge",
)


@hookimpl()
def permissions():
    return PERMISSIONS


@hookimpl()
def navigation():
    return [
        NavItem(
            label=_("Who works when"), endpoint="staff.week", icon="calendar3", group="today", permission=VIEW, order=40
        ),
        NavItem(
            label=_("Leave"), endpoint="staff.leave", icon="calendar-check", group="today", permission=SEE_LEAVE,
            order=45,
        ),
        NavItem(
            label=_("Staff"), endpoint="staff.index", icon="person-badge", group="setup", permission=VIEW, order=15
        ),
        NavItem(
            label=_("Licences"), endpoint="staff.licences", icon="person-vcard", group="setup",
            permission="staff.manage_licences", order=16,
        ),
    ]  # fmt: skip


@hookimpl()
def resources():
    return RESOURCES


@hookimpl()
def record_panels(resource, record) -> list[Panel]:
    return boxes_of(record)


@hookimpl()
def home_cards(by) -> list[Panel]:
    return home_cards_for(by)


@hookimpl()
def visibility_narrowings(model, by):
    return narrowing_for(model, by)


@hookimpl()
def demo_data():
    return [DemoData(title=_("Staff"), load=load_staff, order=15)]
