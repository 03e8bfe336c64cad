"""Invented staff for the demo hospital: those who sign in, and some more, with hours, licences and leave."""

from datetime import date, timedelta
from typing import Any

from core import clock
from core.actors import Actor
from core.places.models import Place
from core.resources.writing import create_record
from core.sites import current_site
from core.texts import _
from core.users.models import User
from core.workflow import move
from plugins.staff.models import Member
from plugins.staff.resources import LICENCE_NOUN, MEMBERS
from plugins.staff.services.hours import read_time
from plugins.staff.services.leave import ask_for_leave

# Account or "", name, profession, position, speciality, languages, first and last hour of a day's work.
PEOPLE = (
    ("farah", "Dr Farah Siddiqui", "doctor", "Consultant", "419192003", ["en", "sw"], "08:00", "16:00"),
    ("olu", "Olúwaṣeun Adéyẹmí", "nurse", "Ward sister", "", ["en", "yo"], "07:00", "15:00"),
    ("grace", "Grace Wanjiru", "desk", "Receptionist", "", ["en", "sw", "ki"], "07:30", "16:00"),
    ("rose", "Rose Achieng Odhiambo", "desk", "Records officer", "", ["en", "sw", "luo"], "08:00", "16:30"),
    ("minh", "Trần Quốc Minh", "pharmacist", "Chief pharmacist", "", ["en", "vi"], "08:00", "17:00"),
    ("lucia", "Lucía Fernández Ortiz", "laboratory", "Technician", "", ["en", "es"], "07:00", "15:30"),
    ("ingrid", "Ingrid Solberg", "office", "Administrator", "", ["en", "no"], "08:00", "16:00"),
    ("", "Dr Daniel Mutua Kioko", "doctor", "Registrar", "394609007", ["en", "sw"], "09:00", "17:00"),
    ("", "Dr Amina Hassan Noor", "doctor", "Consultant", "394585009", ["en", "so", "ar"], "08:00", "14:00"),
    ("", "Dr Priya Ramachandran", "doctor", "Consultant", "394537008", ["en", "hi"], "09:00", "17:00"),
    ("", "Dr Samuel Okello", "doctor", "Medical officer", "773568002", ["en", "luo"], "20:00", "08:00"),
    ("", "Fatuma Ali Bakari", "midwife", "Midwife", "", ["en", "sw"], "20:00", "07:00"),
    ("", "Джейн Шевченко", "nurse", "Nurse", "", ["en", "uk"], "15:00", "23:00"),
    ("", "Peter Njoroge Kamau", "therapist", "Physiotherapist", "", ["en", "ki"], "08:30", "16:30"),
    ("", "Li Wei", "imaging", "Radiographer", "", ["en", "zh"], "08:00", "16:00"),
)  # fmt: skip
# How many days from now a licence expires, for the people in turn.
EXPIRES = (400, 25, None, None, 5, 210, None, 55, 300, 700, -3, 90, 41, 365, 120)


def load_staff(by: Actor) -> str:
    """Fill the staff; the same people each time."""
    today = clock.today(current_site().zone)
    monday = today - timedelta(days=today.weekday())
    departments = list(Place.select().where(Place.kind == "department").order_by(Place.id))
    members = []
    for number, facts in enumerate(PEOPLE):
        place = departments[number % len(departments)] if departments else None
        member = hired(number, facts, place, monday, by)
        members.append(member)
        days = EXPIRES[number]
        if days is not None:
            licensed(member, number, today + timedelta(days=days), by)
    away(members, monday, by)
    return str(_("%(count)s people who work here", count=len(members)))


def hired(number: int, facts: tuple[Any, ...], place: Place | None, monday: date, by: Actor) -> Any:
    """One of the staff, with an account where they sign in, and hours on five days of the week."""
    account, name, profession, title, speciality, languages, begins, ends = facts
    user = User.get_or_none(User.sign_in_key == account) if account else None
    first = 1 + number % 3 if profession in ("doctor", "nurse", "midwife") else 1
    weekdays = sorted((first + day - 1) % 7 + 1 for day in range(5))
    hours = [
        {
            "weekday": str(day),
            "begins": read_time(begins),
            "ends": read_time(ends),
            "from_on": monday - timedelta(days=364),
        }
        for day in weekdays
    ]
    values = {
        "name": name, "profession": profession, "title": title, "specialities": [speciality] if speciality else [],
        "languages": languages, "place": place, "number": f"S-{1001 + number}", "user": user,
        "phone": f"+25470055{6000 + number:04d}", "from_on": monday - timedelta(days=364 + 50 * number), "hours": hours,
    }  # fmt: skip
    return create_record(MEMBERS, values, by)


def licensed(member: Member, number: int, expires_on: date, by: Actor) -> Any:
    """A licence to practise."""
    values = {
        "member": member, "kind": "licence", "name": str(_("Licence to practise")), "number": f"KE-{402 + number}",
        "issuer": str(_("The board of this demo")), "expires_on": expires_on, "is_needed": True,
    }  # fmt: skip
    return create_record(LICENCE_NOUN, values, by)


def away(members: list[Member], monday: date, by: Actor) -> None:
    """Leave in every state."""
    asked = (
        (0, "annual", 14, 18, ""), (1, "study", 8, 9, ""), (4, "annual", 21, 34, ""), (7, "sick", 1, 2, "approve"),
        (8, "annual", 3, 4, "approve"), (9, "parental", 40, 70, "approve"), (12, "annual", 10, 11, "refuse"),
        (14, "other", 5, 5, ""),
    )  # fmt: skip
    for number, kind, first, last, step in asked:
        values = {"member": members[number], "kind": kind, "from_on": monday + timedelta(days=first)}
        leave = ask_for_leave({**values, "until_on": monday + timedelta(days=last)}, by=by)
        if step:
            note = {"decision_note": str(_("Two others are away on those days."))} if step == "refuse" else {}
            move(leave, step, note, by=by)
