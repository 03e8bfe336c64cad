"""Verifying the journal from the command line."""

import click

from core.cli.context import House, fail, pass_house, plainly, site_option
from core.storage.journal.positions import broken_rows, seal_all


@click.group("journal")
def journal_group() -> None:
    """Seal and verify the journal."""


@journal_group.command("verify")
@site_option
@pass_house
@plainly
def verify(house: House, /, site_name: str) -> None:
    """Look whether every sealed row still says what it said; names the positions that don't."""
    with house.at(site_name):
        seal_all()
        broken = broken_rows(limit=10_000_000)
    house.say(
        "The journal is whole." if not broken else f"Changed or missing at positions: {broken[:50]}", broken=broken
    )
    if broken:
        fail("", 1)


COMMANDS = (journal_group,)
