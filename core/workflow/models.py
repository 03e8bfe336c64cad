"""The definitions by which records move: each version that was ever in force at a site."""

from core.storage import BooleanField, IntegerField, JSONField, Model, TextField

SHIPPED, SITE = "shipped", "site"


class WorkflowDefinition(Model):
    """One version of a workflow at this site: what a plugin shipped, or the site's own.

    The newest is in force when it is the site's own; otherwise what is shipped is. Where it `takes_over`, records that
    are under way follow it as soon as it knows the state they are in; otherwise they go on by their own version.
    """

    workflow = TextField(max_length=80)
    number = IntegerField()
    origin = TextField(max_length=12, default=SHIPPED)
    takes_over = BooleanField(default=True)
    digest = TextField(max_length=64)
    content = JSONField()
    note = TextField(max_length=300, default="")

    class Meta:
        removal = "never"
        view = "core.manage_workflows"
        label = "Workflow"
        unseen = ("digest",)
        indexes = ((("workflow", "number"), True),)
