"""Looking whether a database keeps what it acknowledges: the settings the promises rest on."""

from core.sites import current_site

# What each engine must answer for an acknowledged act to survive a crash.
POSTGRESQL = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
MARIADB = {"innodb_flush_log_at_trx_commit": "1", "innodb_doublewrite": "1"}
SQLITE = {"synchronous": 2, "foreign_keys": 1, "journal_mode": "wal"}


def unsafe_settings() -> list[str]:
    """The settings of this site's database that weaken durability or integrity, one line each."""
    site = current_site()
    database = site.database
    if site.engine == "sqlite":
        asked = {name: database.execute_sql(f"PRAGMA {name}").fetchone()[0] for name in SQLITE}
        wanted: dict[str, object] = dict(SQLITE)
    elif site.engine == "postgresql":
        asked = {name: database.execute_sql(f"SHOW {name}").fetchone()[0] for name in POSTGRESQL}
        wanted = dict(POSTGRESQL)
    else:
        rows = database.execute_sql("SHOW GLOBAL VARIABLES LIKE %s", ("innodb_%",)).fetchall()
        found = dict(rows)
        asked = {name: str(found.get(name)).replace("ON", "1") for name in MARIADB}
        wanted = dict(MARIADB)
    return [f"{name} is {asked[name]}, and should be {wanted[name]}" for name in wanted if asked[name] != wanted[name]]
