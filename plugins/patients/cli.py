"""`medley export person NUMBER`."""

from pathlib import Path

import click

from core.cli.context import House, pass_house, plainly, site_option
from core.errors import NotFound
from plugins.patients.services.giving import give_data, pack
from plugins.patients.services.numbered import numbered


@click.command("person")
@click.argument("number")
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The archive.")
@click.option("--reason", required=True, help="Who asked for it, and how you know them.")
@site_option
@pass_house
@plainly
def person(house: House, number: str, output: Path, reason: str, site_name: str) -> None:
    """Write everything that is kept about the person of a record NUMBER into an archive, to be given to them."""
    # It has its name only when the journal says who was shown.
    part = output.with_name(f"{output.name}.part")
    try:
        with house.at(site_name):
            patient = numbered(number, house.by)
            if patient is None:
                raise NotFound
            give_data(patient, reason, by=house.by)
            with part.open("wb") as into:
                counted = pack(patient, house.by, into)
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)
    house.say(f"{sum(counted.values())} rows of {len(counted)} tables in {output}", file=str(output), tables=counted)


COMMANDS = {"export": [person]}
