"""`medley fields export|import NOUN`: what a hospital added to a noun, from one site to another."""

from pathlib import Path

import click

from core.cli.context import House, pass_house, plainly, site_option
from core.resources.catalogue import resources_here
from core.resources.custom.copying import bring_in, read, written


@click.group("fields")
def fields_group() -> None:
    """Take fields and arrangements of forms out, and bring them in at another site."""


def known(noun: str) -> str:
    """A noun of the site."""
    if noun not in resources_here():
        raise click.UsageError(f"this site has no {noun}; it has {', '.join(sorted(resources_here()))}")
    return noun


@fields_group.command("export")
@click.argument("noun")
@site_option
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file to write."
)
@pass_house
@plainly
def export(house: House, /, noun: str, site_name: str, output: Path) -> None:
    """Write the fields and the arrangement of NOUN (as in patients.patient) to a JSON file."""
    with house.at(site_name):
        text = written(known(noun))
    output.write_text(text, encoding="utf-8")
    house.say(f"{output}: {len(text.encode())} bytes", file=str(output))


@fields_group.command("import")
@click.argument("noun")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@site_option
@pass_house
@plainly
def bring(house: House, /, noun: str, path: Path, site_name: str) -> None:
    """Bring the fields and the arrangement in a JSON file in; all of it, or nothing where something does not fit."""
    with house.at(site_name):
        count = bring_in(known(noun), read(path.read_bytes()), by=house.by)
    house.say(f"{count} fields", fields=count)


COMMANDS = (fields_group,)
