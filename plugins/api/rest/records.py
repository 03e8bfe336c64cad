"""One record at a time: read, enter, change, take out of use, and whatever else its noun offers."""

import re
from collections.abc import Mapping
from typing import Any

import orjson
from flask import g, request

from core.actors import Actor
from core.errors import NotFound
from core.resources import Action, Resource, action_for, actions_here, facts_here, readable
from core.resources.declaring import settled
from core.resources.disclosing import condition_words
from core.resources.finding import query_of, row_of
from core.resources.narrowing import Narrowing, first_sort
from core.resources.writing import (
    NO_SUCH_FACT,
    create_record,
    edit_record,
    restore_record,
    retire_record,
    run_action,
    visible_record,
)
from core.texts import _
from plugins.api.errors import Stale, Unfit, UnfitQuery, VersionMissing
from plugins.api.rest.listing import Wanted
from plugins.api.rest.nouns import RESTORE, RETIRE, address_of, require
from plugins.api.rest.shapes import answers_in, escaped, lines_json, row_json, values_in, writers_for
from plugins.api.services.answers import Kept

TAG = re.compile('"([0-9]{1,12})"')
LONGEST_REASON = 300


def read(resource: Resource, uid: str, by: Actor) -> Kept:
    """One record with its lines; raises `NotFound` for what is not there or not open to the reader."""
    strange = request.args.keys() - {"fields"}
    if strange or len(request.args.getlist("fields")) > 1:
        raise UnfitQuery(dict.fromkeys(strange or {"fields"}, _("There is no such parameter.")))
    fields = request.args.get("fields")
    kept = shown(resource, uid, by, names=None if fields is None else wanted_names(resource, by, fields))
    if not kept.body:
        raise NotFound
    return kept


def shown(resource: Resource, uid: str, by: Actor, status: int = 200, names: tuple[str, ...] | None = None) -> Kept:
    """The answer that shows a record; an empty one where it is not, or no more, open to whoever asks."""
    found = record_json(resource, uid, by, names)
    if found is None:
        return Kept(204 if status == 200 else status, "", {})
    return Kept(status, dumped(found).decode(), {"ETag": f'"{found["version"]}"'})


def record_json(resource: Resource, uid: str, by: Actor, names: tuple[str, ...] | None = None) -> dict[str, Any] | None:
    """A record as programs get it, or None when it is not open to them."""
    parts = [one for one in resource.lines if names is None or one.name in names]
    apart = {one.name for one in resource.lines}
    facts = tuple(readable(resource, by)) if names is None else tuple(name for name in names if name not in apart)
    query = query_of(resource, Narrowing(sort=first_sort(resource), with_retired=True), by)
    row = row_of(query, uid, facts, "api")
    if row is None:
        return None
    said = condition_words(resource, query.narrowing)
    found = row_json(row, writers_for(facts_here(resource), facts))
    for lines in parts:
        found[lines.name] = lines_json(lines, row, by, said)
    return found


def wanted_names(resource: Resource, by: Actor, fields: str) -> tuple[str, ...]:
    """The facts and lines asked for; raises `UnfitQuery`."""
    apart = {one.name for one in resource.lines}
    wanted = Wanted(resource, by)
    asked = fields.split(",")
    facts = [name for name in asked if name not in apart]
    lines = [name for name in asked if name in apart]
    names = wanted.names(facts) if facts or not lines else ()
    if wanted.wrong:
        raise UnfitQuery(wanted.wrong)
    return (*names, *lines)


# Changes. Each answers with the record as it is now.


def create(
    resource: Resource, body: Mapping[str, Any], by: Actor, key: str | None, confirmed: tuple[str, ...] = ()
) -> Kept:
    """Enter a record; `confirmed` are the questions about it that are answered with yes."""
    if resource.acts.create is None:
        raise NotFound
    require(by, resource.acts.permission_to("create"), f"{resource.name}.create")
    record = create_record(resource, values_in(resource, body, by, "create"), by, key, confirmed=confirmed)
    kept = shown(resource, record.uid, by, 201)
    body_there = kept.body or dumped({"uid": record.uid, "version": record.version}).decode()
    return Kept(201, body_there, {**kept.headers, "Location": address_of(resource, record.uid)})


def change(resource: Resource, uid: str, body: Mapping[str, Any], by: Actor, key: str | None) -> Kept:
    """Change the facts that were sent, of the version that was named."""
    if resource.acts.edit is None:
        raise NotFound
    require(by, resource.acts.permission_to("edit"), f"{resource.name}.edit")
    record = visible_record(resource, uid, by)
    version = version_seen(resource, uid)
    values = values_in(resource, body, by, "edit")
    if values:
        edit_record(resource, record, values, by, version, key)
    elif record.version != version:
        raise Stale
    return shown(resource, uid, by)


def retire(resource: Resource, uid: str, body: Mapping[str, Any], by: Actor, key: str | None) -> Kept:
    """Take a record out of use, with the reason."""
    if resource.acts.retire is None:
        raise NotFound
    require(by, resource.acts.permission_to("retire"), f"{resource.name}.retire")
    record = visible_record(resource, uid, by)
    version = version_seen(resource, uid)
    retire_record(resource, record, reason_in(body), by, version, key)
    return shown(resource, uid, by)


def restore(resource: Resource, uid: str, body: Mapping[str, Any], by: Actor, key: str | None) -> Kept:
    """Bring a record back into use."""
    if resource.acts.restore is None:
        raise NotFound
    require(by, resource.acts.permission_to("restore"), f"{resource.name}.restore")
    record = visible_record(resource, uid, by)
    answers_in((), body)
    refuse_other_version(resource, record, key)
    restore_record(resource, record, by, key)
    return shown(resource, uid, by)


def act(resource: Resource, uid: str, name: str, body: Mapping[str, Any], by: Actor, key: str | None) -> Kept:
    """Do one of the things a noun offers."""
    if name in (RETIRE, RESTORE):
        return (retire if name == RETIRE else restore)(resource, uid, body, by, key)
    offered: Action | None = next((one for one in actions_here(resource) if one.name == name), None)
    if offered is None:
        raise NotFound
    require(by, offered.asks_for, f"{resource.name}.{name}")
    record = visible_record(resource, uid, by)
    action = action_for(resource, record, name)
    require(by, action.asks_for, f"{resource.name}.{name}")
    values = answers_in([settled(fact, resource.model) for fact in action.facts], body)
    refuse_other_version(resource, record, key)
    run_action(action, record, values, by, key)
    return shown(resource, uid, by)


# What else a request says.


def version_seen(resource: Resource, uid: str) -> int:
    """The version named in If-Match; raises `VersionMissing` without one, `Stale` for what never was a version."""
    g.changing = (resource, uid)
    sent = request.headers.get("If-Match")
    if sent is None:
        raise VersionMissing
    found = TAG.fullmatch(sent.strip())
    if found is None:
        raise Stale
    return int(found[1])


def refuse_other_version(resource: Resource, record: Any, key: str | None) -> None:
    """Where a version is named though it need not be, it counts; a request sent again may find its own work."""
    if "If-Match" in request.headers and key is None and version_seen(resource, record.uid) != record.version:
        raise Stale


def reason_in(body: Mapping[str, Any]) -> str:
    """Why a record is taken out of use."""
    strange = {f"/{escaped(name)}": NO_SUCH_FACT for name in body if name != "reason"}
    if strange:
        raise Unfit(strange)
    reason = body.get("reason", "")
    if not isinstance(reason, str) or not reason.strip() or len(reason) > LONGEST_REASON or "\n" in reason:
        raise Unfit({"/reason": _("Say why, on one line of at most %(n)s letters.", n=LONGEST_REASON)})
    return reason


def dumped(found: Any) -> bytes:
    """JSON, quickly."""
    return orjson.dumps(found, option=orjson.OPT_UTC_Z)
