"""The pages that follow from the declarations, and the week of everybody."""

from datetime import date, timedelta
from typing import Any

from flask import request

from core import clock
from core.actors import Actor
from core.resources import serve
from core.resources.disclosing import people_of
from core.roles import ALL_ROWS, NO_ROWS, visible
from core.sites import current_site
from core.storage.journal.reads import disclosed
from core.web import MedleyBlueprint, current_actor, render, url_for
from core.web.filters import day as day_words
from plugins.staff.models import Member
from plugins.staff.permissions import VIEW
from plugins.staff.resources import RESOURCES
from plugins.staff.services.availability import availability, zone_at
from plugins.staff.services.hours import WEEKDAYS, Span

blueprint = MedleyBlueprint("staff", __name__)
DAYS, MOST = 7, 50


@blueprint.get("/week", permission=VIEW)
def week() -> str:
    """Who works when in one week, by what was agreed and granted."""
    by = current_actor()
    first = monday_asked_for(request.args.get("from", ""))
    people = shown_members(by)
    spans = availability(people, first, first + timedelta(days=DAYS - 1))
    days = [first + timedelta(days=number) for number in range(DAYS)]
    return render(
        "staff/week.html",
        days=[
            {"name": WEEKDAYS[str(one.isoweekday())], "date": day_words(one), "is_today": one == today()}
            for one in days
        ],
        people=[line_of(one, spans[one.uid], days) for one in people],
        before=url_for("staff.week", **{"from": (first - timedelta(days=DAYS)).isoformat()}),
        after=url_for("staff.week", **{"from": (first + timedelta(days=DAYS)).isoformat()}),
        now=url_for("staff.week"),
        is_now=first == monday_of(today()),
        most=MOST if len(people) == MOST else 0,
    )


def today() -> date:
    """The day at the hospital."""
    return clock.today(current_site().zone)


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def monday_asked_for(written: str) -> date:
    """The week an address asks for; this one where it can't be read or lies far away."""
    try:
        asked = monday_of(date.fromisoformat(written))
    except ValueError:
        return monday_of(today())
    return asked if abs((asked - today()).days) < 3650 else monday_of(today())


def shown_members(by: Actor) -> list[Member]:
    """The first people of the list this reader may see; who was shown is written down."""
    sight = visible(Member, by, VIEW)
    if sight is NO_ROWS:
        return []
    query = Member.select().where(Member.retired_at.is_null())
    found = list((query if sight is ALL_ROWS else query.where(sight)).order_by(Member.key, Member.id).limit(MOST))
    uids = [one.uid for one in found]
    for uid in people_of(Member, [one.id for one in found], uids):
        disclosed("list", [uid], "staff.member", subject_uid=uid)
    return found


def line_of(member: Member, spans: list[Span], days: list[date]) -> dict[str, Any]:
    """One person's week: the hours that begin on each day, in the time of their place."""
    known: dict[int | None, Any] = {}
    by_day: dict[date, list[str]] = {one: [] for one in days}
    for one in spans:
        zone = zone_at(known, one.place_id)
        starts, ends = one.starts_at.astimezone(zone), one.ends_at.astimezone(zone)
        by_day.setdefault(starts.date(), []).append(f"{starts:%H:%M}–{ends:%H:%M}")
    return {
        "name": member.name, "title": member.title, "url": url_for("staff.show", uid=member.uid),
        "cells": [by_day[one] for one in days],
    }  # fmt: skip


# Pages of one's own come first: their addresses are words, where the declared ones have a record's uid.
serve(blueprint, *RESOURCES)
