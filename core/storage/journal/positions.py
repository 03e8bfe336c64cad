"""Positions in commit order, for those who read the journal as a feed.

A row's id is given when it is written, not when it is committed: a reader going by id misses the row of
a slow act. The sealer gives each committed row a position and a leaf hash (RFC 6962, section 2.1) and
is the only one to do so, one at a time.
"""

import hashlib
from typing import Any

from core.storage.journal.models import JournalContent, JournalHead, JournalRow
from core.storage.journal.writer import ROW_COLUMNS, canonical, digest_of
from core.storage.transactions import atomic

AT_ONCE = 400


def seal(limit: int = AT_ONCE) -> int:
    """Give the next positions to rows committed since, and tell how many there were."""
    with atomic() as transaction:
        site = transaction.site
        database = site.database
        mark = database.param
        lock = "" if site.engine == "sqlite" else " FOR UPDATE"
        last = database.execute_sql(f"SELECT position FROM core_journal_head WHERE id = 1{lock}").fetchone()[0]  # noqa: S608
        columns = ", ".join(ROW_COLUMNS)
        rows = database.execute_sql(
            f"SELECT id, {columns} FROM core_journal WHERE position IS NULL ORDER BY id LIMIT {int(limit)}"  # noqa: S608
        ).fetchall()
        for offset, row in enumerate(rows, start=1):
            database.execute_sql(
                f"UPDATE core_journal SET position = {mark}, leaf = {mark} WHERE id = {mark}",  # noqa: S608  markers
                (last + offset, leaf_of(last + offset, row[1:]), row[0]),
            )
        if rows:
            database.execute_sql(
                f"UPDATE core_journal_head SET position = {mark} WHERE id = 1",  # noqa: S608  marker
                (last + len(rows),),
            )
        return len(rows)


def seal_all() -> int:
    """Seal until nothing committed is left without a position."""
    total = 0
    while sealed := seal():
        total += sealed
    return total


def leaf_of(position: int, values: Any) -> str:
    """The hash of one row at its position, over what the row says."""
    written = canonical({"position": position, **dict(zip(ROW_COLUMNS, map(str, values), strict=True))})
    return hashlib.sha256(b"\x00" + written.encode()).hexdigest()


def feed(after: int, limit: int = 500) -> list[JournalRow]:
    """The rows after a position, in commit order, sealing first what is not yet."""
    seal_all()
    query = JournalRow.select().where(JournalRow.position > after).order_by(JournalRow.position).limit(limit)
    return list(query)


def broken_rows(first: int = 1, limit: int = 10_000) -> list[int]:
    """Positions whose row, or what is kept of its content, no longer says what it said; missing ones too."""
    broken: list[int] = []
    last = min(JournalHead.get_by_id(1).position, first + limit - 1)
    for start in range(first, last + 1, AT_ONCE):
        broken += _broken_between(start, min(start + AT_ONCE - 1, last))
    return broken


def _broken_between(first: int, last: int) -> list[int]:
    columns = [JournalRow.position, JournalRow.leaf, *(JournalRow._meta.columns[name] for name in ROW_COLUMNS)]
    query = JournalRow.select(*columns).where(JournalRow.position.between(first, last)).order_by(JournalRow.position)
    found = JournalRow._meta.database.execute(query).fetchall()
    contents = JournalContent.select().where(JournalContent.entry_uid.in_([row[2] for row in found]))
    kept = {one.entry_uid: digest_of(one.salt, one.content) for one in contents}
    whole = {
        position
        for position, leaf, *values in found
        if leaf == leaf_of(position, values) and kept.get(values[0], values[-1]) == values[-1]
    }
    return [position for position in range(first, last + 1) if position not in whole]
