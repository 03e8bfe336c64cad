"""What programs ask under /api/v1: every noun of the site, by the same acts and rights as its pages."""

import re
from collections.abc import Callable
from typing import Any

from flask import Response, g, request

from core.actors import Actor
from core.errors import NotFound, NotSignedIn
from core.resources import Resource
from core.settings import settings_of
from core.sites import current, is_active
from core.users.throttling import network_of
from core.web import current_actor, door_answer
from core.web.errors import answer_failure
from plugins.api.errors import BadKey, TooMany, WrongMethod
from plugins.api.rest import listing, records
from plugins.api.rest.bodies import body_of, refuse_deaf
from plugins.api.rest.describing import description
from plugins.api.rest.limits import Left, turnstile
from plugins.api.rest.nouns import address_of, may_read, noun_at, open_nouns, require
from plugins.api.rest.problems import on_failure
from plugins.api.rest.schemas import named
from plugins.api.services.answers import Kept, answered_once, question
from plugins.api.services.confirming import confirmed_words
from plugins.api.services.tokens import note_use
from plugins.api.views.pages import MACHINES, blueprint, for_programs

KEY = re.compile("[!-~]{1,200}")
JSON = "application/json"
Work = Callable[[dict[str, Any], str | None], Kept]


@for_programs("/openapi.json")
def openapi() -> Response:
    """Everything the reader may do here, as OpenAPI 3.1."""
    allow("GET")
    return answer(description(current_actor()))


@for_programs("/v1")
@for_programs("/v1/")
def nouns() -> Response:
    """Where everything is."""
    allow("GET")
    return answer({"nouns": addresses(current_actor()), "openapi": "/api/openapi.json"})


@for_programs("/v1/<plugin>/<noun>")
def noun(plugin: str, noun: str) -> Response:
    """A list, or a new record of it."""
    resource = g.noun = noun_at(plugin, noun)
    allow("GET", *(("POST",) if resource.acts.create is not None else ()))
    if request.method == "POST":
        by = current_actor()
        return once(lambda body, key: records.create(resource, body, by, key, said_yes_to()))
    may_view(resource)
    return answer(listing.listed(resource, request.args.to_dict(flat=False), current_actor()))


@for_programs("/v1/<plugin>/<noun>/search")
def search(plugin: str, noun: str) -> Response:
    """A list by free text, which stands in the body: an address is kept in too many places."""
    resource = g.noun = noun_at(plugin, noun)
    allow("POST")
    may_view(resource)
    return answer(listing.searched(resource, body_of(request), current_actor()))


@for_programs("/v1/<plugin>/<noun>/<uid>")
def record(plugin: str, noun: str, uid: str) -> Response:
    """One record: read it, change it, take it out of use."""
    resource = g.noun = noun_at(plugin, noun)
    acts = resource.acts
    can_change = ("PATCH",) if acts.edit is not None else ()
    allow("GET", *can_change, *(("DELETE",) if acts.retire is not None else ()))
    may_view(resource)
    by = current_actor()
    if request.method == "PATCH":
        return once(lambda body, key: records.change(resource, uid, body, by, key))
    if request.method == "DELETE":
        return once(lambda body, key: records.retire(resource, uid, body, by, key))
    return sent(records.read(resource, uid, by))


@for_programs("/v1/<plugin>/<noun>/<uid>/actions/<name>")
def action(plugin: str, noun: str, uid: str, name: str) -> Response:
    """Whatever else can be done with a record."""
    resource = g.noun = noun_at(plugin, noun)
    allow("POST")
    may_view(resource)
    by = current_actor()
    return once(lambda body, key: records.act(resource, uid, name, body, by, key))


@for_programs("/v1/<path:address>")
def nowhere(address: str) -> Response:
    """Nothing is here, said in the words of this door."""
    raise NotFound


def addresses(by: Actor) -> list[dict[str, str]]:
    """The nouns somebody may read."""
    return [
        {"name": one.name, "title": str(one.title), "address": address_of(one), "schema": named(one)}
        for one in open_nouns(by)
    ]


# What every request passes.


def allow(*methods: str) -> None:
    """Raise `WrongMethod` for what is not done here, `NotGiven` for a program that would not take the answer."""
    if request.method not in methods and not (request.method == "HEAD" and "GET" in methods):
        raise WrongMethod(methods)
    refuse_deaf(request)


def may_view(resource: Resource) -> None:
    """Raise `Forbidden` for those who may not see such records at all."""
    if not may_read(resource, current_actor()):
        require(current_actor(), resource.may_view, f"{resource.name}.view")


def once(work: Work) -> Response:
    """Do some work and answer; with an Idempotency-Key it is done once however often it is asked for."""
    body = g.body = body_of(request)
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return sent(work(body, None))
    if not KEY.fullmatch(key):
        raise BadKey
    asked = question(current_actor(), key, request.method, request.path, body)
    kept, is_repeated = answered_once(asked, lambda: work(body, asked.act_key))
    told = sent(kept)
    if is_repeated:
        told.headers["Idempotent-Replayed"] = "true"
    return told


def said_yes_to() -> tuple[str, ...]:
    """The questions this request says yes to; what it is about is kept for the answer, which may ask."""
    g.asked_about = (request.method, request.path, g.body)
    sent = request.headers.get("Confirmation", "")
    said = g.confirmed = confirmed_words(current_actor(), sent, *g.asked_about) if sent else ()
    return said


def answer(found: Any) -> Response:
    """An answer in JSON."""
    return Response(records.dumped(found), mimetype=JSON)


def sent(kept: Kept) -> Response:
    """An answer that may have been given before."""
    told = Response(kept.body, kept.status, kept.headers, mimetype=JSON)
    if not kept.body:
        del told.headers["Content-Type"]
    return told


@blueprint.before_request
def count() -> None:
    """Count the request, of the token or session and of the address; raises `TooMany`."""
    if request.endpoint not in MACHINES:
        return
    told = door_answer()
    note_use(told)
    whose = ("token", told.key.id) if told.key is not None else ("person", told.user_id)
    limit = settings_of("api").requests_a_minute
    refuse_over(turnstile.pass_through((current().site.name, *whose), "token", limit))
    refuse_over(from_here())


def from_here() -> Left:
    """Count the request of its address."""
    key = (current().site.name, "source", network_of(request.remote_addr or ""))
    return turnstile.pass_through(key, "source", settings_of("api").source_requests_a_minute)


def refuse_over(left: Left) -> None:
    """Raise `TooMany` for a request that is one too many; what is closest to its end is told with the answer."""
    told = g.get("left")
    if told is None or left.is_over:
        g.left = left
    if left.is_over:
        raise TooMany(left.seconds)


@blueprint.after_request
def tell(response: Response) -> Response:
    """Say what is left of the minute."""
    left = g.get("left")
    if left is not None:
        response.headers.update(left.headers)
    return response


@blueprint.errorhandler(Exception)
def fail(error: Exception) -> Any:
    """Answer what went wrong in the words of this door; pages for people have the house's own."""
    if request.endpoint not in MACHINES:
        return answer_failure(error)
    if isinstance(error, NotSignedIn) and is_active():
        left = g.left = from_here()
        return on_failure(TooMany(left.seconds) if left.is_over else error)
    return on_failure(error)
