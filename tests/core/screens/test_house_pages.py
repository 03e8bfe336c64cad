"""Plugins, settings, jobs, the journal, emergencies and the first page."""

import re
from datetime import timedelta

import pytest

from core import clock
from core.acts import act
from core.jobs import Job, enqueue
from core.registry import Plugin, catalogue, settle_faults, switch_on
from core.registry.loader import Failure
from core.registry.quarantine import count_faults
from core.roles.models import BreakGlass
from core.screens.switching import switch_plugin_on
from core.settings import settings_of
from core.storage.journal.models import JournalRow
from core.testing.house import HOUSE, actor_of
from tests.core.screens.forms import send


@act("core.open_for_a_test", permission="core.manage_users")
def emergency(user, by, uid="00000000-0000-7000-8000-000000000001"):
    """An emergency of somebody."""
    now = clock.now()
    facts = {"user": user, "subject_model": "patients.patient", "subject_uid": uid, "reason": "Unconscious on arrival"}
    return BreakGlass.create(**facts, from_at=now, until_at=now + timedelta(hours=4))


@pytest.fixture
def switched(asking, hospital):
    """The hospital with the asking plugin on."""
    with hospital.site.activate(door="cli"):
        switch_on(asking, by=HOUSE)
    return hospital


def test_a_switch_says_what_follows_before_anything_happens(asking, hospital, admin):
    assert admin.get("/asking/").status_code == 404
    page = admin.get("/plugins/asking").text
    assert "If Asking is turned on at Harbour" in page
    assert "One page appears" in page
    assert admin.get("/asking/").status_code == 404
    admin.post("/plugins/asking/on")
    assert admin.get("/asking/").text == "Asked by Ada Admin"
    assert (
        "Every record stays" in admin.get("/plugins/asking").text
        or "keeps no records yet" in admin.get("/plugins/asking").text
    )
    admin.post("/plugins/asking/off")
    assert admin.get("/asking/").status_code == 404


def test_a_line_of_the_menu_without_its_page_is_left_out_and_counted(switched, admin):
    page = admin.get("/")
    assert page.status_code == 200
    assert ">Asking</span>" in page.text
    assert "Nowhere" not in page.text
    with switched.site.activate(door="cli"):
        settle_faults()
        assert Plugin.get(Plugin.name == "asking").faults >= 1


def test_a_card_of_a_plugin_stands_on_the_first_page(switched, admin):
    assert "A card from asking" in admin.get("/").text


def test_a_plugin_set_aside_is_named_with_its_error_and_heard_again_by_one_click(switched, admin):
    with switched.site.activate(door="cli"):
        count_faults("asking", 5, "ZeroDivisionError in home_cards", by=HOUSE)
    page = admin.get("/plugins?show=needs").text
    assert "Set aside" in page
    assert "ZeroDivisionError in home_cards" in page
    assert "Asking is set aside after failing" in admin.get("/").text
    admin.get("/plugins")
    assert admin.post("/plugins/asking/try-again").status_code == 303
    assert (
        "Nothing needs you" in admin.get("/plugins?show=needs").text
        or "Could not be loaded" in admin.get("/plugins?show=needs").text
    )


def test_a_plugin_that_could_not_be_loaded_is_named_with_the_reason(hospital, admin, monkeypatch):
    monkeypatch.setitem(catalogue.failures, "imaging", Failure("imaging", "ImportError: no Study", "plugin.py:3"))
    page = admin.get("/plugins").text
    assert "ImportError: no Study (plugin.py:3)" in page
    assert admin.get("/plugins/nothing").status_code == 404


def test_settings_are_kept_with_who_set_them_and_checked(switched, admin):
    page = admin.get("/settings/asking").text
    assert "As it comes" in page
    refused = admin.post("/settings/asking", {"greeting": "x" * 50, "chairs": "0"})
    assert (refused.status_code, 'id="greeting-error"' in refused.text, 'id="chairs-error"' in refused.text) == (
        422,
        True,
        True,
    )
    assert admin.post("/settings/asking", {"greeting": "Karibu", "chairs": "7"}).status_code == 303
    page = admin.get("/settings/asking").text
    assert "Karibu" in page
    assert "Ada Admin, Today" in page
    with switched.site.activate(door="cli"):
        assert (settings_of("asking").greeting, settings_of("asking").chairs) == ("Karibu", 7)


def test_two_who_change_the_same_settings_are_told_of_each_other(switched, admin):
    admin.get("/settings/asking")
    admin.post("/settings/asking", {"greeting": "One", "chairs": "1", "version": "0"})
    clash = admin.post("/settings/asking", {"greeting": "Two", "chairs": "1", "version": "0"})
    assert (clash.status_code, "Ada Admin changed this" in clash.text) == (409, True)


def test_a_job_shows_how_far_it_is_and_is_stopped_and_run_again(hospital, admin):
    with hospital.site.activate(door="cli"):
        job = enqueue(switch_plugin_on, "asking", by=actor_of(hospital.admin))
        Job.update(done=3, total=9, words="Three of nine").where(Job.id == job.id).execute()
    assert "Waiting" in admin.get("/jobs").text
    progress = admin.get(f"/jobs/{job.uid}/progress", headers={"Accept": "application/json"}).json
    assert (progress["done"], progress["total"], progress["finished"]) == (3, 9, False)
    admin.get(f"/jobs/{job.uid}")
    admin.post(f"/jobs/{job.uid}/cancel")
    assert "Cancelled" in admin.get(f"/jobs/{job.uid}").text
    admin.post(f"/jobs/{job.uid}/rerun")
    assert admin.get(f"/jobs/{job.uid}/progress").json["finished"] is False
    assert "core.clear_keys" in admin.get("/jobs/schedules").text


def test_one_sees_ones_own_job_and_no_other(hospital, nurse):
    with hospital.site.activate(door="cli"):
        own = enqueue(switch_plugin_on, "asking", by=actor_of(hospital.nurse))
        other = enqueue(switch_plugin_on, "other", by=actor_of(hospital.admin))
    assert nurse.get(f"/jobs/{own.uid}").status_code == 200
    assert nurse.get(f"/jobs/{other.uid}").status_code == 404


def test_looking_into_the_journal_is_a_row_of_the_journal(hospital, admin):
    answer = send(admin, "/journal", actor=hospital.nurse.sign_in, subject=hospital.admin.sign_in, act="core.sign_in")
    assert answer.location == f"/journal?actor={hospital.nurse.uid}&subject={hospital.admin.uid}&act=core.sign_in"
    admin.get(answer.location)
    with hospital.site.activate(door="cli"):
        row = JournalRow.select().where(JournalRow.act == "core.search_journal").order_by(JournalRow.id.desc()).get()
    assert (row.actor_uid, row.subject_uid) == (hospital.admin.uid, hospital.admin.uid)


def test_a_name_nobody_has_is_an_error_beside_its_field(admin):
    answer = send(admin, "/journal", actor="nobody", subject="0042-1187")
    assert (answer.status_code, 'id="actor-error"' in answer.text) == (422, True)


def test_a_row_of_the_journal_shows_before_and_after(hospital, admin):
    path = f"/people/{hospital.nurse.uid}/edit"
    admin.get(path)
    admin.post(path, {"name": "Nora Newname", "sign_in": hospital.nurse.sign_in, "kind": "person"})
    listed = admin.get(f"/journal?act=core.edit_user&subject={hospital.nurse.uid}").text
    link = re.search(r'href="(/journal/[0-9a-f-]{36})"', listed).group(1)
    page = admin.get(link).text
    assert "Nora Nurse" in page
    assert "Nora Newname" in page


def test_the_journal_is_paged_by_id(hospital, admin):
    for _time in range(51):
        admin.get("/journal/reads")
    page = admin.get("/journal?act=core.search_reads")
    older = re.search(r'rel="next" href="([^"]+)"', page.text).group(1).replace("&amp;", "&")
    assert "before=" in older
    assert admin.get(older).status_code == 200


def test_the_history_of_a_record_is_open_to_those_who_may_see_it(hospital, admin, nurse):
    path = f"/history/core/user/{hospital.nurse.uid}"
    assert "Entered" in admin.get(path).text
    assert nurse.get(path).status_code == 404
    assert admin.get(f"/history/gone/thing/{hospital.nurse.uid}").status_code == 200
    assert nurse.get(f"/history/gone/thing/{hospital.nurse.uid}").status_code == 404


def test_an_emergency_going_on_is_always_in_sight_and_ends_by_a_click(hospital, nurse):
    with hospital.site.activate(door="cli"):
        opened = emergency(hospital.nurse, by=HOUSE)
    assert "Emergency access is open" in nurse.get("/me").text
    nurse.post(f"/break-glass/{opened.uid}/end")
    assert "Emergency access is open" not in nurse.get("/me").text


def test_an_emergency_is_signed_off_by_somebody_else(hospital, admin):
    with hospital.site.activate(door="cli"):
        opened = emergency(hospital.nurse, by=HOUSE)
        own = emergency(hospital.admin, by=HOUSE)
    assert "2 emergency accesses to review" in admin.get("/").text
    assert "Unconscious on arrival" in admin.get("/emergencies").text
    admin.get(f"/emergencies/{opened.uid}")
    assert admin.post(f"/emergencies/{opened.uid}", {"remark": ""}).status_code == 422
    assert admin.post(f"/emergencies/{opened.uid}", {"remark": "Rightly so"}).location == "/emergencies"
    assert "Somebody else has to review this" in admin.get(f"/emergencies/{own.uid}").text
    assert admin.post(f"/emergencies/{own.uid}", {"remark": "Me"}).status_code == 422
    assert "Nora Nurse" in admin.get("/emergencies?reviewed=1").text


def test_nobody_breaks_the_glass_before_an_account_or_nothing(hospital, nurse):
    for path in (
        f"/break-glass/core/user/{hospital.admin.uid}",
        "/break-glass/a/b/00000000-0000-7000-8000-000000000001",
    ):
        assert nurse.get(path).status_code == 404


def test_pages_are_found_without_scripts(admin):
    admin.get("/find")
    assert 'href="/journal"' in admin.post("/find", {"q": "jour"}).text


def test_what_is_closed_names_the_permission_and_whom_to_ask(nurse):
    page = nurse.get("/plugins").text
    assert "Switch plugins on and off" in page
    assert "Ada Admin" in page
