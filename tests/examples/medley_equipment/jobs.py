"""What is done each night."""

from medley_equipment.services import due_devices, mark_due

from core.jobs import Run, daily, job


@job("equipment.look_for_due", system="equipment", schedule=daily("05:00"))
def look_for_due(run: Run) -> None:
    """Mark the devices that are due to be looked after."""
    for device in due_devices():
        mark_due(device, by=run.actor, idempotency_key=run.key(device.uid))
