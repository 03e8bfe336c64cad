"""`medley import fhir PATH` and `medley export fhir PATIENT`."""

import sys
import time
from pathlib import Path

import click
import orjson

from core.cli.context import House, pass_house, plainly, site_option
from plugins.fhir.services.exporting import bundle_of, left_out_of
from plugins.fhir.services.importing import Choices, Report, import_files

SHOWN_FAILURES = 20


@click.command("fhir")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@site_option
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option(
    "--source", default="", metavar="NAME", help="The system the files are from, where several use the same ids."
)
@click.option("--loose", is_flag=True, help="Take resources that stand alone in a file, outside any bundle, too.")
@click.option("--json", "is_json", is_flag=True, help="Answer in JSON.")
@pass_house
@plainly
def fhir(house: House, path: Path, site_name: str, dry_run: bool, source: str, loose: bool, is_json: bool) -> None:
    """Bring in FHIR R4 bundles from a file or a folder.

    Each resource comes in alone: one that fails is reported and the others go on. The same files again change
    nothing, so an import broken off is simply begun again. Ends with 1 when something could not be brought in.
    """
    began = time.monotonic()
    is_json = is_json or house.is_json
    house.is_json = is_json
    with house.at(site_name) as activation:
        choices = Choices(dry_run, source, loose)
        report = import_files(path, house.by, choices, None if is_json else tell_progress)
        seconds = time.monotonic() - began
        name = activation.site.name
    house.say("\n".join(lines_of(report, seconds)), site=name, seconds=round(seconds, 1), **report.as_json())
    if report.outcomes["failed"]:
        raise SystemExit(1)


def tell_progress(done: int, total: int, name: str) -> None:
    """A line that is written over itself on a terminal; every hundredth file elsewhere."""
    if sys.stderr.isatty():
        click.echo(f"\r{done} of {total} files  {name[:60]:60}", nl=done == total, err=True)
    elif done % 100 == 0 or done == total:
        click.echo(f"{done} of {total} files", err=True)


def lines_of(report: Report, seconds: float) -> list[str]:
    """What happened, for a person."""
    would = "would be " if report.is_dry_run else ""
    found = report.outcomes
    lines = [f"{report.files} files, {report.entries} entries in {seconds:.1f} s"]
    words = [f"{found[name]} {would}{name}" for name in ("created", "updated")]
    lines.append("  " + ", ".join([*words, f"{found['unchanged']} unchanged", f"{found['failed']} failed"]))
    if report.loose:
        lines.append(f"  {report.loose} files hold one resource outside a bundle and were left alone (see --loose)")
    if report.unhandled:
        types = ", ".join(f"{name} {count}" for name, count in report.unhandled.most_common())
        lines.append(f"  not yet handled: {types}")
    lines += [f"  not kept here: {words} ({count})" for words, count in report.left_out.most_common(SHOWN_FAILURES)]
    for failure in report.failures[:SHOWN_FAILURES]:
        where = f" entry {failure.position}, {failure.resource}" if failure.position is not None else ""
        lines.append(f"  ! {failure.file}{where}: {failure.why}")
    if len(report.failures) > SHOWN_FAILURES:
        lines.append(f"  … and {len(report.failures) - SHOWN_FAILURES} more; --json lists them")
    return lines


@click.command("fhir")
@click.argument("patient")
@site_option
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="A file; left out it is shown.")
@pass_house
@plainly
def give_out(house: House, patient: str, site_name: str, output: Path | None) -> None:
    """Write the record of a PATIENT, named by record number or uid, as a FHIR R4 Bundle.

    What is written is read back by `medley import fhir` to the same record.
    """
    with house.at(site_name):
        bundle = bundle_of(patient, house.by)
    written = orjson.dumps(bundle, option=orjson.OPT_INDENT_2)
    missing = left_out_of(bundle)
    lost = [f"  its content is not in it: {one}" for one in missing]
    if output is None:
        click.echo(written.decode())
        for line in lost:
            click.echo(line, err=True)
        return
    output.write_bytes(written)
    lines = [f"{len(bundle['entry'])} resources in {output}", *lost]
    house.say("\n".join(lines), file=str(output), resources=len(bundle["entry"]), left_out=missing)


COMMANDS = {"import": [fhir], "export": [give_out]}
