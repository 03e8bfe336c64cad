"""The journal holds the version of a record as fixed as everything else a row says."""

from core.storage.migrations import Steps

FIXED = (
    "uid", "at", "request_id", "actor_kind", "actor_uid", "on_behalf", "role", "door", "source", "act", "outcome",
    "reason", "subject_uid", "plugin", "noun", "record_uid", "root_uid", "record_version", "change_kind", "digest",
)  # fmt: skip
# A row without a record has no version, so what is compared may be NULL.
DIFFERS = {
    "sqlite": 'OLD."{0}" IS NOT NEW."{0}"',
    "postgresql": 'OLD."{0}" IS DISTINCT FROM NEW."{0}"',
    "mariadb": "NOT (OLD.`{0}` <=> NEW.`{0}`)",
}


def up(migrator, db):
    """Make the trigger anew."""
    steps = Steps(migrator, db)
    changed = " OR ".join(DIFFERS[steps.engine].format(name) for name in FIXED)
    refused = f"OLD.position IS NOT NULL OR {changed}"
    steps.sql(sqlite="DROP TRIGGER IF EXISTS core_journal_no_update")
    steps.sql(
        sqlite=f"CREATE TRIGGER core_journal_no_update BEFORE UPDATE ON core_journal WHEN {refused}"
        " BEGIN SELECT RAISE(ABORT, 'core_journal is append-only'); END",
        postgresql="CREATE OR REPLACE TRIGGER core_journal_no_update BEFORE UPDATE ON core_journal FOR EACH ROW"
        f" WHEN ({refused}) EXECUTE FUNCTION core_journal_no_update()",
        mariadb="CREATE OR REPLACE TRIGGER core_journal_no_update BEFORE UPDATE ON core_journal FOR EACH ROW"  # noqa: S608  own names
        f" IF {refused} THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'core_journal is append-only'; END IF",
    )
