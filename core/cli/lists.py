"""`medley export NOUN` and `medley import NOUN FILE`: lists as files, without a browser."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from core.app import install_plugins
from core.cli.context import House, pass_house, plainly, site_option
from core.registry import catalogue
from core.resources.catalogue import resource_named, resources_here
from core.resources.exporting.services import begin_export
from core.resources.exporting.taking_out import order_of, written
from core.resources.files import FORMATS
from core.resources.importing.hand import ByHand
from core.resources.importing.jobs import carry
from core.resources.importing.models import Import
from core.resources.importing.rows import MODES
from core.resources.importing.services import problem_counts, problems_of, send_file, set_columns
from core.resources.narrowing import narrowed
from core.storage.files import store_of_site

SHOWN = 20


def pairs_of(written_pairs: tuple[str, ...]) -> dict[str, str]:
    """`left=right`, each once."""
    found = {}
    for pair in written_pairs:
        left, sign, right = pair.partition("=")
        if not sign:
            raise click.UsageError(f"{pair!r} is not written as NAME=VALUE")
        found[left] = right
    return found


def export_of(noun: str) -> click.Command:
    """`medley export NOUN`."""

    @click.command(noun, help=f"Take the list of {noun} out as a file. The journal says so.")
    @site_option
    @click.option(
        "--output", "-o", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file to write."
    )
    @click.option("--format", "file_format", type=click.Choice(list(FORMATS)), default="csv", help="What kind of file.")
    @click.option("--columns", default="", metavar="A,B", help="Which facts; all of them when none are named.")
    @click.option(
        "--where", multiple=True, metavar="FACT=VALUE", help="Only rows that fit, as in the address of the list."
    )
    @click.option("--sort", default="", help="The order of the list; -NAME for the other way round.")
    @pass_house
    @plainly
    def run(
        house: House, site_name: str, output: Path, file_format: str, columns: str, where: tuple[str, ...], sort: str
    ) -> None:
        with house.at(site_name):
            resource = resource_named(noun)
            every = ["uid", *resource.by_name, *(one.name for one in resource.lines)]
            chosen = [name for name in columns.split(",") if name] or every
            narrowing = narrowed(resource, {"facets": pairs_of(where), "sort": sort}, house.by)
            if set(narrowing.facets) != set(pairs_of(where)):
                facets = ", ".join(resource.facets) or "none"
                raise click.UsageError(f"{noun} can't be narrowed so; its facets: {facets}")
            order = order_of(resource, narrowing, chosen, file_format, house.by)
            begin_export(order, by=house.by)
            content = written(order)
            with store_of_site().open(content.sha256) as source, output.open("wb") as target:
                shutil.copyfileobj(source, target)
        house.say(f"{output}: {content.size} bytes", file=str(output), bytes=content.size)

    return run


class ListGroup(click.Group):
    """What can be brought in or taken out: the nouns of a site, and what plugins add under the group's name."""

    def __init__(self, *args: Any, noun_command: Callable[[str], click.Command], **facts: Any) -> None:
        super().__init__(*args, **facts)
        self.noun_command = noun_command

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """A command of a plugin, or that of a noun, whose name has a point in it."""
        found = super().get_command(ctx, name) or self.from_plugins().get(name)
        return found or (self.noun_command(name) if "." in name else None)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands of plugins; nouns are those of the site."""
        return sorted({*super().list_commands(ctx), *self.from_plugins()})

    def from_plugins(self) -> dict[str, click.Command]:
        """What plugins add to it."""
        install_plugins()
        found: dict[str, click.Command] = {}
        for plugin in catalogue.in_order():
            commands = (plugin.part("cli", "COMMANDS") or {}).get(self.name, ())
            found |= {str(command.name): command for command in commands}
        return found


def import_of(noun: str) -> click.Command:
    """`medley import NOUN FILE`."""

    @click.command(noun, help=f"Bring {noun} in from a CSV or XLSX file; ends with 1 when rows were left out.")
    @click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @site_option
    @click.option("--mode", type=click.Choice(MODES), default=None, help="Add, change, or both.")
    @click.option(
        "--map", "mapped", multiple=True, metavar="HEAD=FACT", help="What a column is, where its name differs."
    )
    @click.option("--empty-clears", is_flag=True, help="An empty cell clears what is there.")
    @click.option("--confirm", "confirmed", multiple=True, metavar="NAME", help="Answer yes to a question about rows.")
    @click.option("--dry-run", is_flag=True, help="Only say what would happen.")
    @pass_house
    @plainly
    def run(
        house: House,
        path: Path,
        site_name: str,
        mode: str | None,
        mapped: tuple[str, ...],
        empty_clears: bool,
        confirmed: tuple[str, ...],
        dry_run: bool,
    ) -> None:
        with house.at(site_name):
            if noun not in resources_here():
                raise click.UsageError(f"this site has no {noun}; it has {', '.join(sorted(resources_here()))}")
            resource = resource_named(noun)
            with path.open("rb") as stream:
                found = send_file(resource, path.name, stream, house.by)
            if strange := set(confirmed) - set(resource.acts.confirms):
                asked = ", ".join(resource.acts.confirms) or "nothing"
                raise click.UsageError(f"{noun} does not ask {', '.join(sorted(strange))}; it asks {asked}")
            mapping = {**found.mapping, **pairs_of(mapped)}
            set_columns(found, resource, mapping, mode or found.mode, empty_clears, by=house.by)
            steps = ByHand("core.test_import" if dry_run else "core.run_import", None if house.is_json else tell)
            carry(Import.get_by_id(found.id), steps, house.by, dry_run, confirmed)
            tell_result(house, Import.get_by_id(found.id), dry_run)

    return run


def tell(done: int, total: int | None) -> None:
    """A line that is written over itself on a terminal."""
    if sys.stderr.isatty():
        click.echo(f"\r{done} of {total}", nl=done == total, err=True)


def tell_result(house: House, found: Import, dry_run: bool) -> None:
    """What happened, or would."""
    counts: dict[str, Any] = {name: found.counts.get(name, 0) for name in ("created", "changed", "same", "wrong")}
    problems = problems_of(found, most=SHOWN)
    told = [f"{one.line_number}: {one.head} {one.content!r}: {one.words} {one.fix}".rstrip() for one in problems]
    lines = [("Would be: " if dry_run else "") + ", ".join(f"{count} {name}" for name, count in counts.items())]
    lines += [f"  ! line {line}" for line in told]
    if problem_counts(found)["open"] > SHOWN:
        lines.append("  … and more; look at the import in the browser, or mend these first")
    house.say("\n".join(lines), dry_run=dry_run, uid=found.uid, **counts, errors=told)
    if counts["wrong"]:
        raise SystemExit(1)


bring_in = ListGroup(
    "import",
    noun_command=import_of,
    help="Bring lists in: `medley import NOUN FILE`, where NOUN is as in `patients.patient`.",
)
take_out = ListGroup(
    "export",
    noun_command=export_of,
    help="Take lists out: `medley export NOUN -o FILE`, where NOUN is as in `patients.patient`.",
)

COMMANDS = (take_out, bring_in)
