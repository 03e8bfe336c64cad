"""Plugins from the command line, and what can be extended."""

import inspect
from typing import Any

import click

from core.app import permission_matrix
from core.cli.context import House, fail, pass_house, plainly, site_option
from core.hooks import Spec, table
from core.registry import catalogue, plugin_rows, state_word, switch_off, switch_on


@click.group("plugin")
def plugin_group() -> None:
    """List, check and switch plugins."""


@plugin_group.command("list")
@site_option
@pass_house
@plainly
def list_plugins(house: House, /, site_name: str) -> None:
    """Every plugin known at a site: installed, on, off, set aside, or without its code."""
    with house.at(site_name) as activation:
        known = plugin_rows()
        rows = [
            {
                "name": name,
                "version": catalogue.plugins[name].manifest.version if name in catalogue.plugins else "",
                "state": state_word(name, activation.state, known.get(name)),
                "error": known[name].last_fault if name in known and known[name].quarantined_at else "",
            }
            for name in sorted({*catalogue.plugins, *known})
        ]
    rows += [
        {"name": name, "version": "", "state": "failed to load", "error": failure.reason}
        for name, failure in sorted(catalogue.failures.items())
    ]
    house.say(
        "\n".join(f"{r['name']:<20} {r['version']:<10} {r['state']:<14} {r['error']}" for r in rows), plugins=rows
    )


@plugin_group.command("enable")
@click.argument("name")
@site_option
@pass_house
@plainly
def enable(house: House, /, name: str, site_name: str) -> None:
    """Switch a plugin on, with all it requires."""
    with house.at(site_name):
        switch_on(name, by=house.by)
    house.say(f"{name} is on.", name=name, state="on")


@plugin_group.command("disable")
@click.argument("name")
@site_option
@pass_house
@plainly
def disable(house: House, /, name: str, site_name: str) -> None:
    """Switch a plugin off; its data stays."""
    with house.at(site_name):
        switch_off(name, by=house.by)
    house.say(f"{name} is off. Its data stays.", name=name, state="off")


@plugin_group.command("check")
@click.argument("name", required=False, default="")
@pass_house
@plainly
def check(house: House, /, name: str) -> None:
    """Say why a plugin, or any of them, can't be switched on."""
    house.load()
    known = [name] if name else sorted({*catalogue.plugins, *catalogue.failures})
    found = {one: [str(words) for words in catalogue.obstacles(one)] for one in known}
    house.say("\n".join(f"{one}: {'; '.join(words) or 'fine'}" for one, words in found.items()), plugins=found)
    if any(found.values()):
        fail("", 1)


@click.command("hooks")
@click.option("--markdown", is_flag=True, help="Write docs/hooks.md.")
@pass_house
@plainly
def hooks(house: House, /, markdown: bool) -> None:
    """Every hook, with who implements it."""
    house.load()
    if markdown:
        click.echo(hooks_page(), nl=False)
        return
    rows: list[dict[str, Any]] = [
        {
            "name": spec.name,
            "kind": spec.kind,
            "owner": spec.owner,
            "must": spec.must,
            "implementers": table.implementers(spec.name),
        }
        for spec in in_order()
    ]
    lines = [
        f"{row['name']:<28} {row['kind']:<13} {row['owner']:<10} {', '.join(row['implementers']) or '-'}"
        for row in rows
    ]
    house.say("\n".join(lines), hooks=rows)


def in_order() -> list[Spec]:
    """The core's hooks first, then those of plugins by name."""
    return sorted(table.specs.values(), key=lambda one: (one.owner != "core", one.owner, one.name))


@click.command("permissions")
@pass_house
@plainly
def permissions(house: House, /) -> None:
    """The matrix of everything guarded against every shipped role, as docs/permissions.md."""
    house.load()
    click.echo(permissions_page(), nl=False)


def permissions_page() -> str:
    """The permission matrix with its heading."""
    head = "Made by `medley permissions` out of the code; a test keeps it so. Sites edit their own roles."
    return f"# Permissions\n\n{head}\n\n{permission_matrix()}"


def hooks_page() -> str:
    """The hook reference, out of the specs themselves."""
    lines = ["# Hooks", "", "Made by `medley hooks --markdown` out of the code; a test keeps it so.", ""]
    owner = ""
    for spec in in_order():
        if spec.owner != owner:
            owner = spec.owner
            lines += [f"## {owner}", ""]
        duty = "must" if spec.must else "may"
        lines += [f"### `{spec.name}{inspect.signature(spec.function)}`", "", f"{spec.kind.capitalize()}, {duty}.", ""]
        lines += inspect.cleandoc(spec.function.__doc__ or "").splitlines()
        heard = ", ".join(f"`{name}`" for name in table.implementers(spec.name)) or "nobody yet"
        lines += ["", f"Implemented by {heard}.", ""]
    return "\n".join(lines)


COMMANDS = (plugin_group, hooks, permissions)
