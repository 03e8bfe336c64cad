"""The erasure of a person: asked for by one, carried out by another, and proved without telling who it was."""

from core.storage import JSONField, Model, TextField, UTCDateTimeField

ASKED, DONE, REFUSED = "asked", "done", "refused"


class Erasure(Model):
    """One erasure. It names the record by uid alone; `certificate` counts what went and lists what the law keeps."""

    about_uid = TextField(max_length=36, index=True)
    state = TextField(max_length=10, default=ASKED)
    reason = TextField(max_length=300)
    certificate = JSONField(null=True)
    done_by = TextField(max_length=60, default="")
    done_at = UTCDateTimeField(null=True)

    class Meta:
        removal = "never"
        label = "Erasure"

    @property
    def subject_uid(self) -> str:
        """The person."""
        return str(self.about_uid)
