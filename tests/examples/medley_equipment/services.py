"""What a storekeeper does with equipment."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from medley_equipment.models import Device, Service
from medley_equipment.permissions import MANAGE
from peewee import JOIN, fn

from core import clock
from core.actors import Actor
from core.acts import act
from core.errors import Refused, Words
from core.places.models import Place
from core.settings import settings_of
from core.sites import current_site
from core.storage.search import normalise
from core.texts import _


@act("equipment.send_to_repair", permission=MANAGE)
def send_to_repair(device: Device, values: Mapping[str, Any], by: Actor) -> Device:
    """Send a device to be repaired."""
    if device.state == "scrapped":
        raise Refused(_("A scrapped device is not repaired."))
    device.state = "in_repair"
    device.save()
    return device


@act("equipment.mark_due", permission=MANAGE)
def mark_due(device: Device, by: Actor) -> Device:
    """Note that a device is due to be looked after."""
    device.state = "due"
    device.save()
    return device


def due_devices() -> list[Device]:
    """Devices in use whose last service, or purchase, lies longer back than the hospital allows."""
    every = timedelta(days=settings_of("equipment").service_every_days)
    limit = clock.today(current_site().zone) - every
    last = fn.COALESCE(fn.MAX(Service.done_on), Device.bought_on)
    return list(
        Device.select(Device)
        .join(Service, JOIN.LEFT_OUTER)
        .where(Device.state == "in_use", Device.retired_at.is_null())
        .group_by(Device.id)
        .having(last < limit)
        .order_by(Device.id)
    )


def devices_at(place: Place | None) -> list[Device]:
    """The devices that stand at a place."""
    if place is None:
        return []
    here = (Device.place == place) & (Device.state != "scrapped") & Device.retired_at.is_null()
    return list(Device.select().where(here).order_by(Device.key).limit(20))


def why_no_repair(device: Device) -> Words:
    """Why a device can't be sent to repair, or nothing."""
    return _("It is being repaired already.") if device.state == "in_repair" else ""


def set_key(device: Device) -> None:
    """Bring the key of the list in step with the name."""
    device.key = normalise(device.name)
