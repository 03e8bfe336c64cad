"""Three kinds of hooks, three verbs, and what happens to the act when a plugin fails in each."""

from collections.abc import Callable
from typing import Any

import pytest

from core.errors import Misuse, PluginFailed, Refused
from core.hooks import announce, ask, collect, current_plan, plan_for, table
from core.registry import Plugin, switch_off, switch_on
from core.registry.quarantine import count_faults
from core.sites import Site, current
from core.storage.journal.models import JournalRow
from core.storage.journal.writer import note
from tests.core.storage.clinic import Slip, do
from tests.hospital import HOUSE, Workshop

SPECS = """
    from core.contributions import NavItem
    from core.hooks import announcement, contribution, question

    @contribution(NavItem)
    def counter_cards(): ...

    @announcement()
    def counter_rang(text): ...

    @announcement(must=True)
    def counter_billed(text): ...

    @question()
    def counter_price_for(text): ...

    @question(unchecked="refuse")
    def counter_objections(text): ...
"""
CARD = 'NavItem(label="{label}", endpoint="x", icon="x", group="today", permission="x", order={order}, key="{key}")'
HEAD = """
import peewee

from core.contributions import NavItem
from core.errors import Refused
from core.sites import current
from tests.core.storage.clinic import Slip

tries = []

"""


@pytest.fixture
def counter(site: Site, workshop: Workshop) -> Callable[..., Site]:
    """A site where the plugin `counter` offers hooks; each text given is a plugin that listens."""

    def made(**listeners: str) -> Site:
        workshop.small("counter", hookspecs=SPECS)
        workshop.install("counter")
        for name, text in listeners.items():
            workshop.small(name, HEAD + text)
            workshop.install(name)
        with site.activate(door="test"):
            site.database.create_tables([Slip])
            for name in ("counter", *listeners):
                switch_on(name, by=HOUSE)
        return site

    return made


def slips() -> list[str]:
    return [slip.text for slip in Slip.select().order_by(Slip.id)]


def act_that(hook: str, text: str = "x") -> Any:
    def body() -> None:
        Slip.create(text="the act")
        getattr(announce, hook)(text=text)

    return do(body, by=HOUSE)


def labels() -> list[str]:
    return [card.label for card in collect.counter_cards()]


# ---- Contributions ----


def test_contributions_come_in_one_order_whoever_was_registered_first(counter: Callable[..., Site]):
    def cards(*facts: tuple[str, int, str]) -> str:
        made = ", ".join(CARD.format(label=label, order=order, key=key) for label, order, key in facts)
        return f"@hookimpl()\ndef counter_cards():\n    return [{made}]\n"

    site = counter(
        zebra=cards(("first", 10, ""), ("z", 50, "")),
        adder=cards(("b", 50, "b"), ("a", 50, "a"), ("last", 90, "")),
    )
    with site.activate():
        assert labels() == ["first", "a", "b", "z", "last"]


@pytest.mark.parametrize(
    "fault",
    [
        "raise ValueError('no')",
        "raise SystemExit(3)",
        "return [42]",
        "return 'text'",
        "return 42",
        f"return [{CARD.format(label='x', order=1, key='')}] * 5000",
        f"return [{CARD.format(label='x', order=repr('late'), key='')}]",
        "return counter_cards()",
        "yield from ({i} for i in iter(int, 1))",
        "while True:\n        yield None",
    ],
)
def test_a_plugin_whose_contribution_is_unfit_is_left_out_and_named(counter: Callable[..., Site], fault: str):
    site = counter(
        bad=f"@hookimpl()\ndef counter_cards():\n    {fault}\n",
        good=f"@hookimpl()\ndef counter_cards():\n    return [{CARD.format(label='good', order=50, key='')}]\n",
    )
    with site.activate() as activation:
        assert labels() == ["good"]
        assert [fault.plugin for fault in activation.faults] == ["bad"]


def test_a_contribution_asked_for_inside_an_act_cannot_spoil_it(counter: Callable[..., Site]):
    site = counter(
        bad="@hookimpl()\ndef counter_cards():\n    try:\n        list(Slip.raw('SELECT nonsense FROM nowhere'))\n"
        "    except Exception:\n        pass\n    return []\n"
    )
    with site.activate():
        do(lambda: (Slip.create(text="the act"), collect.counter_cards()), by=HOUSE)
        assert slips() == ["the act"]
        assert Plugin.get(Plugin.name == "bad").faults == 1


# ---- Announcements ----


def test_a_listener_joins_the_act(counter: Callable[..., Site]):
    site = counter(ear="@hookimpl()\ndef counter_rang(text):\n    Slip.create(text=f'heard {text}')\n")
    with site.activate():
        act_that("counter_rang", "the bell")
        assert slips() == ["the act", "heard the bell"]


@pytest.mark.parametrize(
    "fault",
    [
        "raise ValueError('no')",
        "raise SystemExit(3)",
        "Slip.create(code='twice'); Slip.create(code='twice')",
        "try:\n        Slip.create(code='twice'); Slip.create(code='twice')\n    except Exception:\n        pass",
        "raise Refused('not with me')",
    ],
)
def test_what_a_listener_that_may_fail_did_is_taken_back_alone(counter: Callable[..., Site], fault: str):
    site = counter(
        bad=f"@hookimpl(order=10)\ndef counter_rang(text):\n    Slip.create(text='half done')\n    {fault}\n",
        good="@hookimpl(order=90)\ndef counter_rang(text):\n    Slip.create(text='good')\n",
    )
    with site.activate():
        act_that("counter_rang")
        assert slips() == ["the act", "good"]
        row = Plugin.get(Plugin.name == "bad")
        assert (row.faults, row.quarantined_at) == (1, None)
        written = JournalRow.select().where(JournalRow.noun == "slip").count()
        assert written == 2


def test_a_duty_that_fails_refuses_the_act_and_names_the_plugin(counter: Callable[..., Site]):
    site = counter(ledger="@hookimpl()\ndef counter_billed(text):\n    raise ValueError('full')\n")
    with site.activate():
        with pytest.raises(PluginFailed) as failed:
            act_that("counter_billed")
        assert failed.value.plugin == "ledger"
        assert "ledger" in str(failed.value)
        assert slips() == []
        assert Plugin.get(Plugin.name == "ledger").faults == 1


def test_a_refusal_by_a_duty_is_a_refusal_and_no_fault(counter: Callable[..., Site]):
    site = counter(ledger="@hookimpl()\ndef counter_billed(text):\n    raise Refused('the year is closed')\n")
    with site.activate():
        with pytest.raises(Refused, match="closed"):
            act_that("counter_billed")
        assert (slips(), Plugin.get(Plugin.name == "ledger").faults) == ([], 0)


def test_quarantine_silences_what_may_be_silent_and_never_a_duty(counter: Callable[..., Site]):
    listener = "@hookimpl()\ndef counter_{hook}(text):\n    Slip.create(text='{hook}')\n"
    site = counter(both=listener.format(hook="rang") + listener.format(hook="billed"))
    with site.activate():
        count_faults("both", 5, "always", by=HOUSE)
        act_that("counter_rang")
        act_that("counter_billed")
        assert slips() == ["the act", "the act", "billed"]


def test_a_deadlock_in_a_listener_is_not_the_listeners_fault(counter: Callable[..., Site]):
    site = counter(
        unlucky="@hookimpl()\ndef counter_rang(text):\n    tries.append(1)\n"
        "    failure = peewee.OperationalError(1213, 'Deadlock')\n    if len(tries) == 1:\n"
        "        current().transaction.statement_failed(failure)\n        raise failure\n"
        "    Slip.create(text='heard')\n"
    )
    with site.activate():
        act_that("counter_rang")
        assert slips() == ["the act", "heard"]
        assert Plugin.get(Plugin.name == "unlucky").faults == 0


def test_nothing_is_announced_outside_an_act(counter: Callable[..., Site]):
    with counter().activate(), pytest.raises(Misuse, match="inside an act"):
        announce.counter_rang(text="x")


# ---- Questions ----


def test_the_first_answer_and_all_objections(counter: Callable[..., Site]):
    site = counter(
        one="@hookimpl(order=10)\ndef counter_price_for(text):\n    return None\n\n"
        "@hookimpl()\ndef counter_objections(text):\n    return ['a', 'b']\n",
        two="@hookimpl(order=20)\ndef counter_price_for(text):\n    return 5\n\n"
        "@hookimpl()\ndef counter_objections(text):\n    return 'c'\n",
    )
    with site.activate():
        assert ask.counter_price_for(text="x").first == 5
        assert ask.counter_objections(text="x").answers == ["a", "b", "c"]


def test_who_could_not_answer_is_named_and_written_down(counter: Callable[..., Site]):
    site = counter(dumb="@hookimpl()\ndef counter_price_for(text):\n    raise ValueError\n")
    with site.activate():
        answers = ask.counter_price_for(text="x")
        assert (bool(answers), answers.unchecked) == (False, ("dumb",))
        assert (
            JournalRow.select().where(JournalRow.outcome == "not checked", JournalRow.reason.contains("dumb")).count()
            == 1
        )


def test_where_the_spec_says_so_what_was_not_checked_is_refused(counter: Callable[..., Site]):
    site = counter(dumb="@hookimpl()\ndef counter_objections(text):\n    raise SystemExit\n")
    with site.activate(), pytest.raises(Refused, match="dumb"):
        ask.counter_objections(text="x")


def test_who_could_not_answer_stays_written_down_when_the_act_is_refused_for_it(counter: Callable[..., Site]):
    site = counter(dumb="@hookimpl()\ndef counter_objections(text):\n    raise ValueError\n")
    with site.activate():
        with pytest.raises(Refused, match="dumb"):
            do(lambda: (note("core.sign_in", reason="taken back"), ask.counter_objections(text="x")), by=HOUSE)
        rows = JournalRow.select().where(JournalRow.outcome == "not checked")
        assert [(row.act, row.reason, row.actor_uid) for row in rows] == [
            ("core.ask", "counter_objections: dumb", HOUSE.uid)
        ]
        assert not JournalRow.select().where(JournalRow.reason == "taken back").exists()


def test_a_plugin_set_aside_is_not_taken_for_a_yes(counter: Callable[..., Site]):
    site = counter(aside="@hookimpl()\ndef counter_objections(text):\n    return []\n")
    with site.activate():
        assert not ask.counter_objections(text="x")
        count_faults("aside", 9, "often", by=HOUSE)
        with pytest.raises(Refused, match="aside"):
            ask.counter_objections(text="x")


# ---- The table of hooks ----


def test_a_hook_is_called_by_its_own_verb(counter: Callable[..., Site]):
    with counter().activate():
        for verb, hook in ((collect, "counter_rang"), (announce, "counter_cards"), (ask, "counter_nothing")):
            with pytest.raises(Misuse):
                getattr(verb, hook)


def test_an_implementation_of_no_hook_is_refused_unless_it_may_be_absent(
    counter: Callable[..., Site], workshop: Workshop
):
    counter()
    workshop.small("lost", "@hookimpl()\ndef nowhere_rang(text):\n    ...\n")
    with pytest.raises(Misuse, match="nowhere_rang"):
        workshop.install("lost")
    workshop.small("modest", "@hookimpl(optional=True)\ndef nowhere_rang(text):\n    ...\n")
    assert workshop.install("modest")


def test_an_implementation_that_asks_for_unknown_facts_is_refused(counter: Callable[..., Site], workshop: Workshop):
    counter()
    workshop.small("greedy", "@hookimpl()\ndef counter_rang(text, secret):\n    ...\n")
    with pytest.raises(Misuse, match="secret"):
        workshop.install("greedy")


def test_a_plugins_hooks_carry_its_name_and_are_declared_once(workshop: Workshop):
    workshop.small(
        "pirate", hookspecs="from core.hooks import announcement\n@announcement()\ndef patients_moved(): ...\n"
    )
    with pytest.raises(Misuse, match="pirate_"):
        workshop.install("pirate")


def test_a_site_hears_only_what_is_on_there(counter: Callable[..., Site]):
    site = counter(ear="@hookimpl()\ndef counter_rang(text):\n    Slip.create(text='heard')\n")
    with site.activate():
        spec = table.specs["counter_rang"]
        assert [one.plugin for one in current_plan().of(spec)] == ["ear"]
        switch_off("ear", by=HOUSE)
        current().forget_state()
        assert current_plan().of(spec) == ()
        assert plan_for(frozenset({"ear", "counter"})).of(spec) != ()
