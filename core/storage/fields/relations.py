"""Pointers at records by id, for joins inside one database."""

from typing import Any

import peewee


class ForeignKeyField(peewee.ForeignKeyField):
    """A foreign key that refuses to lose or change rows by itself: deleting what is pointed at fails."""

    def __init__(self, model: Any, *args: Any, **options: Any) -> None:
        options.setdefault("backref", "+")
        super().__init__(model, *args, **options)
