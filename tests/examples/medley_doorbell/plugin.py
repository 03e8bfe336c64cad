"""What the doorbell hears: an emergency, a switch, registrations (those missed while it was off included), merges."""

from medley_doorbell.services import BELL, both_rang, ring, rings_about

from core.contributions import Panel
from core.hooks import hookimpl
from core.registry import Manifest
from core.texts import _

manifest = Manifest(
    name="doorbell",
    title=_("Doorbell"),
    version="0.1.0",
    requires={"patients": ">=0.1"},
    uses={"staff": ">=0.1"},
    summary=_("A list of what somebody should look at."),
    asks=_("Reads who was registered. Writes its own list. Contacts nobody."),
)


@hookimpl()
def break_glass_opened(subject_uid, reason, until, by):
    """Somebody opened a record in an emergency."""
    ring(f"Emergency: {reason}", by=BELL)


@hookimpl()
def plugin_switched(name, is_on, by):
    """The house itself changed."""
    if name != manifest.name:
        ring(f"{name} is {'on' if is_on else 'off'}", by=BELL)


@hookimpl()
def record_panels(resource, record):
    """On the page of any record: what rang about it."""
    found = rings_about(record)
    facts = {"template": "doorbell/panels/rings.html", "title": _("Doorbell"), "context": {"rings": found}}
    return [Panel(**facts)] if found else []


@hookimpl(catch_up=True)
def patients_registered(patient, by):
    """Somebody new; told later for those registered while the doorbell was off."""
    ring("Registered", by=BELL, patient=patient)


@hookimpl()
def patients_merge_objections(survivor, merged, by):
    """Two who wait at the door at this moment are two people."""
    return [_("Both of them stand at the door.")] if both_rang(survivor, merged) else []


@hookimpl(catch_up=True)
def patients_merged(survivor, merged, by):
    """Two records became one; the rings of both are the survivor's by now."""
    ring("Joined", by=BELL, patient=survivor)


@hookimpl(catch_up=True)
def patients_unmerged(survivor, restored, by):
    """They are two again."""
    ring("Parted", by=BELL, patient=restored)


@hookimpl(catch_up=True, optional=True)
def staff_licence_expiring(licence, days, by):
    """Somebody's licence is about to expire."""
    ring(f"A licence expires within {days} days", by=BELL)


@hookimpl(catch_up=True)
def workflow_moved(record, workflow, transition, from_kind, to_kind, by):
    """Something went on its way; told later for what did while the doorbell was off."""
    ring(f"{workflow}: {to_kind}", by=BELL)
