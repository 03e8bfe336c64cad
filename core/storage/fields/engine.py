"""Which database engine a piece of DDL is being written for, read from Peewee's own context."""

from peewee import Context

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
MARIADB = "mariadb"


def engine_of(context: Context) -> str:
    """Name the engine behind an SQL context.

    The context is asked and not the model, so that frozen copies in migrations and fields handed
    to `add_column` get the right type whatever database they are used on: only MariaDB quotes
    with back-ticks, only SQLite marks parameters with `?`.
    """
    if context.state.quote == "``":
        return MARIADB
    return SQLITE if context.state.param == "?" else POSTGRESQL
