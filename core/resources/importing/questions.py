"""What an act asks about rows of an import, and what is said to it: for all of them, or for one."""

from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from peewee import fn

from core.actors import Actor
from core.acts import act
from core.errors import NotFound, Refused
from core.resources.importing.jobs import opened
from core.resources.importing.models import ANSWERS, Import, ImportProblem
from core.resources.importing.services import refuse_at_work, refuse_ended
from core.storage.journal.writer import note
from core.texts import _
from core.users.permissions import SIGN_IN


@dataclass(frozen=True, slots=True)
class Question:
    """Something an act asks before it enters some of the rows: what, about how many, what was said, and the first."""

    asks: str
    words: str
    count: int
    answers: dict[str, int]
    rows: list[dict[str, Any]]


def questions_of(found: Import, most: int = 50) -> list[Question]:
    """What was asked about rows, with some of the rows, and what was said to it so far."""
    own = ImportProblem.import_id == found.id
    asked: Any = (
        ImportProblem.select(ImportProblem.asks, fn.MIN(ImportProblem.words), fn.COUNT(ImportProblem.id))
        .where(own, ImportProblem.asks != "")
        .group_by(ImportProblem.asks)
        .order_by(ImportProblem.asks)
        .tuples()
    )
    return [
        Question(asks, words, count, answers_to(found, asks), rows_asked(found, asks, most))
        for asks, words, count in asked
    ]


def answers_to(found: Import, asks: str) -> dict[str, int]:
    """How many rows were answered how; "" counts those that were not."""
    same = (ImportProblem.import_id == found.id) & (ImportProblem.asks == asks)
    answer = fn.COALESCE(ImportProblem.answer, "")
    rows: Any = ImportProblem.select(answer, fn.COUNT(ImportProblem.id)).where(same).group_by(answer).tuples()
    return dict(rows)


def rows_asked(found: Import, asks: str, most: int) -> list[dict[str, Any]]:
    """The first rows a question is about, as they stand in the file."""
    same = (ImportProblem.import_id == found.id) & (ImportProblem.asks == asks)
    lines: Any = ImportProblem.select(ImportProblem.line_number, ImportProblem.answer).where(same)
    answers = dict(lines.order_by(ImportProblem.line_number).limit(most).tuples())
    if not answers:
        return []
    last, rows = max(answers), []
    with opened(found) as sheet:
        for row in takewhile(lambda one: one.number <= last, sheet.rows()):
            if row.number in answers:
                rows.append({"line": row.number, "cells": row.cells, "answer": answers[row.number] or ""})
    return rows


@act("core.answer_import_question", permission=SIGN_IN)
def answer_question(found: Import, asks: str, choice: str, by: Actor, line: int | None = None) -> int:
    """Say of the rows a question is about, or of one, that they come in, are passed over, or stay left out.

    `choice` is one of `ANSWERS`, or "" for those that stay among the rows to download. How many rows it was.
    """
    refuse_at_work(found)
    refuse_ended(found)
    if choice not in (*ANSWERS, ""):
        raise Refused(fields={"choice": _("Choose one of the list.")})
    due = (ImportProblem.import_id == found.id) & (ImportProblem.asks == asks) & (ImportProblem.asks != "")
    if line is not None:
        due &= ImportProblem.line_number == line
    count = int(ImportProblem.update(answer=choice or None).where(due).execute())
    if not count:
        raise NotFound
    note(
        "core.answer_import_question", reason=f"{found.noun} {found.uid}", by=by, content={asks: choice, "rows": count}
    )
    return count
