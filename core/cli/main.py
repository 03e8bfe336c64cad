"""The command itself, with the groups of the core and those plugins add."""

from typing import Any

import click

from core import __version__
from core.app import install_plugins
from core.cli import demo, fields, journal, lists, people, plugins, scaffold, serving, sites, storage, texts, workflow
from core.cli.context import load_house
from core.registry import catalogue


class MedleyGroup(click.Group):
    """Knows the commands of plugins once they are needed."""

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """A command of the core, else one a plugin adds."""
        return super().get_command(ctx, name) or self.from_plugins().get(name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands by name."""
        return sorted({*super().list_commands(ctx), *self.from_plugins()})

    @staticmethod
    def from_plugins() -> dict[str, click.Command]:
        """Groups named in `COMMANDS` of a plugin's `cli.py`; two plugins may add to one group."""
        install_plugins()
        groups: dict[str, click.Group] = {}
        for plugin in catalogue.in_order():
            for name, commands in (plugin.part("cli", "COMMANDS") or {}).items():
                group = groups.setdefault(name, click.Group(name, help=f"Commands of plugins: {name}."))
                for command in commands:
                    group.add_command(command)
        return dict(groups)


@click.group(cls=MedleyGroup)
@click.option(
    "--config", "config_path", envvar="MEDLEY_CONFIG", type=click.Path(exists=True, dir_okay=False), help="medley.toml"
)
@click.option("--json", "is_json", is_flag=True, help="Answer in JSON.")
@click.version_option(__version__, prog_name="medley")
@click.pass_context
def cli(ctx: click.Context, config_path: str | None, is_json: bool) -> None:
    """Run and look after a Medley installation."""
    ctx.obj = load_house(config_path, is_json)


for module in (sites, plugins, people, storage, serving, demo, scaffold, journal, lists, fields, texts, workflow):
    for command in module.COMMANDS:
        cli.add_command(command)


def main(arguments: list[str] | None = None) -> Any:
    """The entry point of the console script."""
    return cli(args=arguments, prog_name="medley")
