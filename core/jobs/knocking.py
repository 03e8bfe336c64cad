"""Asking a PostgreSQL site one question over a connection opened for it alone.

A process may hold thirty connections and serve two hundred databases, so most rounds begin with a new
connection. Through the pool that costs a millisecond of work each time, and pushes out a connection a
request might have used; libpq alone does it in a third.
"""

import select
from typing import Any

import peewee

from core import clock
from core.errors import Unavailable
from core.sites import Site

SECONDS = 3.0
LEFT_OUT = ("prefer_psycopg3", "isolation_level")


def ask_alone(site: Site, question: str) -> tuple[str | None, ...] | None:
    """The first row of the answer, as texts; raises `Unavailable` when it does not come within seconds."""
    driver: Any = peewee.psycopg  # type: ignore[attr-defined]
    pq = driver.pq
    deadline = clock.monotonic() + SECONDS
    connection = pq.PGconn.connect_start(address_of(site))
    try:
        connect(connection, pq, deadline)
        connection.nonblocking = 1
        connection.send_query(question.encode())
        while connection.flush():
            wait(connection, deadline, writes=True)
        while connection.is_busy():
            wait(connection, deadline)
            connection.consume_input()
        result = connection.get_result()
        if result is None or result.status != pq.ExecStatus.TUPLES_OK:
            raise Unavailable
        return first_row(result)
    except driver.Error as away:
        raise Unavailable from away
    finally:
        connection.finish()


def address_of(site: Site) -> bytes:
    """Where the database is, as libpq reads it."""
    options = {name: value for name, value in site.database.connect_params.items() if name not in LEFT_OUT}
    driver: Any = peewee.psycopg  # type: ignore[attr-defined]
    written: str = driver.conninfo.make_conninfo(dbname=site.database.database, **options)
    return written.encode()


def connect(connection: Any, pq: Any, deadline: float) -> None:
    """Drive libpq until the connection stands."""
    while True:
        status = connection.connect_poll()
        if status == pq.PollingStatus.OK:
            return
        if status == pq.PollingStatus.FAILED:
            raise Unavailable
        wait(connection, deadline, writes=status == pq.PollingStatus.WRITING)


def wait(connection: Any, deadline: float, writes: bool = False) -> None:
    """Until the server has something to say, or can be spoken to."""
    poll = select.poll()
    poll.register(connection.socket, select.POLLOUT if writes else select.POLLIN)
    if not poll.poll(max(0.0, deadline - clock.monotonic()) * 1000):
        raise Unavailable


def first_row(result: Any) -> tuple[str | None, ...] | None:
    """The values of the first row."""
    if not result.ntuples:
        return None
    values = (result.get_value(0, column) for column in range(result.nfields))
    return tuple(value.decode() if value is not None else None for value in values)
