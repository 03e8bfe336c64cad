"""What a storekeeper does with equipment."""

from collections.abc import Mapping
from typing import Any

from medley_equipment.models import Device
from medley_equipment.permissions import MANAGE

from core.actors import Actor
from core.acts import act
from core.errors import Refused, Words
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


def why_no_repair(device: Device) -> Words:
    """Why a device can't be sent to repair, or nothing."""
    return _("It is being repaired already.") if device.state == "in_repair" else ""


def set_key(device: Device) -> None:
    """Bring the key of the list in step with the name."""
    device.key = normalise(device.name)
