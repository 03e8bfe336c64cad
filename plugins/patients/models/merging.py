"""Two records found to be one person's: what was carried over, so that it can be carried back."""

from core.storage import ForeignKeyField, IntegerField, JSONField, Model, Table, TextField, UTCDateTimeField

MERGING, MERGED, UNMERGING, UNMERGED = "merging", "merged", "unmerging", "unmerged"


class Merge(Model):
    """One merge. It names both records by uid, not by key: it tells what happened, and no later merge moves that.

    `settled` is what the clerk chose, `kept` what that changed in the surviving record, `left` the rows that stay
    with the merged record because the surviving one has theirs already.
    """

    survivor_uid = TextField(max_length=36, index=True)
    merged_uid = TextField(max_length=36, index=True)
    state = TextField(max_length=12)
    reason = TextField(max_length=300)
    settled = JSONField()
    kept = JSONField()
    left = JSONField()
    moved = IntegerField(default=0)
    total = IntegerField(default=0)
    ended_at = UTCDateTimeField(null=True)
    undone_at = UTCDateTimeField(null=True)
    why_undone = TextField(max_length=300, default="")

    class Meta:
        removal = "never"
        label = "Merge"

    @property
    def subject_uid(self) -> str:
        """The person, by the record that survived."""
        return str(self.survivor_uid)


class MergeMove(Table):
    """A row that was carried over: where it is, and which columns' values tell it from others of the same person.

    `other_key` is that of the row it changed places with, when only one of the two could be carried.
    """

    merge = ForeignKeyField(Merge)
    table = TextField(max_length=64, column_name="in_table")
    column = TextField(max_length=64, column_name="in_column")
    kind = TextField(max_length=12)
    target = TextField(max_length=64)
    row_key = JSONField()
    other_key = JSONField(null=True)

    class Meta:
        table_name = "patients_merge_move"
        why = "each move is in the journal; this is the way back"
