"""`medley workflow list|show|export|check|activate`: what records go through at a site."""

import json
from pathlib import Path
from typing import Any

import click

from core.cli.context import House, fail, pass_house, plainly, site_option
from core.errors import Refused
from core.texts import _
from core.workflow import back_to_shipped, change_workflow, in_force, versions_of, workflow_named, workflows_here
from core.workflow.checking import complaints
from core.workflow.contents import read_content
from core.workflow.editing import drifted, left_behind


@click.group("workflow")
def workflow_group() -> None:
    """See, take out, check and put in force what records go through."""


@workflow_group.command("list")
@site_option
@pass_house
@plainly
def list_workflows(house: House, /, site_name: str) -> None:
    """Every workflow of the plugins that are on, with the version in force."""
    with house.at(site_name):
        rows = []
        for name, workflow in workflows_here().items():
            now = in_force(workflow)
            rows.append({"name": name, "title": str(workflow.title), "version": now.number, "origin": now.origin})
    house.say(
        "\n".join(f"{r['name']:<30} {r['version']:>4}  {r['origin']:<8} {r['title']}" for r in rows), workflows=rows
    )


@workflow_group.command("show")
@click.argument("name")
@site_option
@pass_house
@plainly
def show(house: House, /, name: str, site_name: str) -> None:
    """The states and transitions of NAME (as in staff.leave) that are in force."""
    with house.at(site_name):
        workflow = workflow_named(name)
        now = in_force(workflow)
        versions = sorted({*versions_of(workflow), now.number})
        lines = [f"{name}, version {now.number} ({now.origin}); versions: {', '.join(map(str, versions))}"]
        lines += [
            f"  {one.name:<20} {one.kind:<14} {now.phase_of(one.name):<8} {now.fhir_of(one.name):<14} {one.title}"
            for one in now.states.values()
        ]
        lines += [
            f"  {', '.join(one.start)} → {one.to}: {one.name} ({one.permission})"
            + (f" when {one.condition}" if one.condition else "")
            for one in now.transitions.values()
        ]
        content = dict(now.content)
    house.say("\n".join(lines), name=name, version=now.number, origin=now.origin, versions=versions, **content)


@workflow_group.command("export")
@click.argument("name")
@site_option
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file to write."
)
@pass_house
@plainly
def export(house: House, /, name: str, site_name: str, output: Path) -> None:
    """Write the definition of NAME that is in force to a JSON file."""
    with house.at(site_name):
        text = json.dumps(dict(in_force(workflow_named(name)).content), indent=2, ensure_ascii=False)
    output.write_text(text + "\n", encoding="utf-8")
    house.say(f"{output}: {len(text.encode())} bytes", file=str(output))


@workflow_group.command("check")
@click.argument("name", required=False, default="")
@click.argument("path", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@site_option
@pass_house
@plainly
def check(house: House, /, name: str, path: Path | None, site_name: str) -> None:
    """Say what is wrong with a definition in a file, or with the ones in force; ends with 1 where something is."""
    found: dict[str, list[str]] = {}
    with house.at(site_name):
        for one in [name] if name else sorted(workflows_here()):
            workflow = workflow_named(one)
            content = read_file(path) if path is not None else dict(in_force(workflow).content)
            found[one] = [str(words) for words in complaints(workflow, content)]
            behind = left_behind(workflow, content) if not found[one] else {}
            notes = [f"{count} records in {state} go on by their own version" for state, count in behind.items()]
            if path is None and drifted(workflow):
                notes.append("the plugin ships something else than this site's own version")
            click.echo(f"{one}: {'; '.join([*found[one], *notes]) or 'fine'}", err=house.is_json)
    if house.is_json:
        house.say("", workflows=found)
    if any(found.values()):
        fail("", 1)


@workflow_group.command("activate")
@click.argument("name")
@click.argument("path", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@site_option
@click.option("--shipped", is_flag=True, help="Put in force again what the plugin ships.")
@click.option("--new-only", is_flag=True, help="Records under way keep the version they have.")
@click.option("--note", default="", help="Why, for the list of versions.")
@pass_house
@plainly
def activate(
    house: House, /, name: str, path: Path | None, site_name: str, shipped: bool, new_only: bool, note: str
) -> None:
    """Put the definition of NAME in a JSON file in force, once it holds."""
    if (path is None) is not shipped:
        raise click.UsageError("Say a file, or --shipped.")
    with house.at(site_name):
        if path is None:
            back_to_shipped(name, by=house.by)
        else:
            change_workflow(name, read_file(path), by=house.by, note=note, takes_over=not new_only)
        number = in_force(workflow_named(name)).number
    house.say(f"{name}: version {number} is in force.", name=name, version=number)


def read_file(path: Path) -> dict[str, Any]:
    """A definition out of a file; raises `Refused` for what is none."""
    try:
        given = json.loads(path.read_bytes())
    except ValueError as unreadable:
        raise Refused(_("%(file)s is no JSON: %(why)s", file=path.name, why=str(unreadable))) from unreadable
    return read_content(given)


COMMANDS = (workflow_group,)
