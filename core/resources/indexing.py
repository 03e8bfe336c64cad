"""Bringing the words of records in step that were written before their noun was found by words."""

from typing import Any

from core.actors import Actor
from core.errors import NotFound
from core.jobs import Run, daily, enqueue, job
from core.resources.catalogue import resources_here
from core.resources.declaring import Resource
from core.resources.models import SearchToken
from core.resources.words import Found, store_words, tokens_of

AT_ONCE = 200


def unindexed(resource: Resource) -> Any:
    """The condition that a record has no words kept, though it has some."""
    model = resource.model
    having = SearchToken.select(SearchToken.owner_id).where(SearchToken.noun == resource.name)
    return model.id.not_in(having)


@job("core.look_for_unindexed", system="words", schedule=daily("03:20"))
def look_for_unindexed(run: Run) -> None:
    """Let the words of each noun be kept where a record has none: after an upgrade, or a plugin that is on again."""
    for resource in resources_here().values():
        if resource.searched and resource.model.select().where(unindexed(resource)).limit(1).exists():
            enqueue(index_words, resource.name, by=run.actor, unique_key=resource.name)


@job("core.index_words", system="words", heavy=True)
def index_words(run: Run, noun: str) -> None:
    """Keep the words of all records of one noun, a few hundred in each step."""
    resource = resources_here().get(noun)
    if resource is None or not resource.searched:
        raise NotFound
    model: Any = resource.model
    own = [resource.by_name[name].column for name in resource.searched]
    total = model.select().count()
    done = 0
    last = int(run.cursor or 0)
    while True:
        with run.step():
            records = list(model.select().where(model.id > last).order_by(model.id).limit(AT_ONCE))
            for record in records:
                store_words([Found(resource.name, record.id, tokens_of(record, own), False)])
            if records:
                last = run.cursor = records[-1].id
            done += len(records)
        run.progress(min(done, total), total)
        if len(records) < AT_ONCE:
            return


def ask_for_words(by: Actor) -> None:
    """Let it be looked soon whether words are missing."""
    enqueue(look_for_unindexed, by=by, unique_key="words")
