"""Indexes for what the list of patients is ordered and narrowed by."""

from core.storage.migrations import Steps


def up(migrator, db):
    """Add them."""
    steps = Steps(migrator, db)
    for column in ("words", "sex", "born_on", "is_deceased"):
        steps.add_index("patients_patient", (column, "id"))
