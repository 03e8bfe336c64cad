"""Let the words of a search be blanked in the journal of reading, and nothing else of it ever change."""

from core.storage.migrations import Steps

FIXED = (
    "id", "at", "request_id", "actor_kind", "actor_uid", "on_behalf", "role", "door", "source", "kind", "subject_uid",
    "uids",
)  # fmt: skip


def up(migrator, db):
    """Put a narrower trigger in the place of the one that refused every change."""
    steps = Steps(migrator, db)
    quote = "`" if steps.engine == "mariadb" else '"'
    changed = " OR ".join(f"OLD.{quote}{name}{quote} <> NEW.{quote}{name}{quote}" for name in FIXED)
    condition = f"NEW.shown <> '' OR {changed}"
    steps.sql(sqlite="DROP TRIGGER IF EXISTS core_read_no_update")
    steps.sql(
        sqlite=f"CREATE TRIGGER IF NOT EXISTS core_read_only_blanks BEFORE UPDATE ON core_read WHEN {condition}"
        " BEGIN SELECT RAISE(ABORT, 'core_read is append-only'); END",
    )
    each = "CREATE OR REPLACE TRIGGER core_read_no_update BEFORE UPDATE ON core_read FOR EACH ROW"
    signal = "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'core_read is append-only'"
    steps.sql(postgresql=f"{each} WHEN ({condition}) EXECUTE FUNCTION core_read_no_update()")
    steps.sql(mariadb=f"{each} IF {condition} THEN {signal}; END IF")
