"""Which plugins are on at a site, and what went wrong with them."""

from core.storage import IntegerField, JSONField, Model, TextField, UTCDateTimeField

OFF, INSTALLING, ON = "off", "installing", "on"


class Plugin(Model):
    """One plugin known at this site; the row stays when the code is gone. `schema` is its last migration."""

    name = TextField(max_length=40, unique=True)
    state = TextField(max_length=12, default=OFF)
    code_version = TextField(max_length=40, default="")
    schema = TextField(max_length=100, default="")
    switched_at = UTCDateTimeField(null=True)
    switched_by = TextField(max_length=60, default="")
    faults = IntegerField(default=0)
    last_fault_at = UTCDateTimeField(null=True)
    last_fault = TextField(max_length=300, default="")
    quarantined_at = UTCDateTimeField(null=True)

    class Meta:
        removal = "never"
        label = "Plugin"


class Setting(Model):
    """One setting of a plugin as this site wants it; what is not written has its default."""

    plugin = TextField(max_length=40)
    name = TextField(max_length=60)
    value = JSONField()

    class Meta:
        removal = "delete"
        label = "Setting"
        indexes = ((("plugin", "name"), True),)
