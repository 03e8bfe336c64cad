"""What records go through: each version of each workflow that was ever in force at the site."""

from core.storage.fields import BooleanField, IntegerField, JSONField, TextField
from core.storage.migrations import FrozenRecord, Steps


class WorkflowDefinition(FrozenRecord):
    """One version of a workflow."""

    workflow = TextField(max_length=80)
    number = IntegerField()
    origin = TextField(max_length=12)
    takes_over = BooleanField()
    digest = TextField(max_length=64)
    content = JSONField()
    note = TextField(max_length=300)

    class Meta:
        table_name = "core_workflow_definition"
        indexes = ((("workflow", "number"), True),)


def up(migrator, db):
    """Make the table."""
    Steps(migrator, db).create_tables(WorkflowDefinition)
