"""What commands share: the configuration, the sites, and how they answer."""

import functools
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import click
import peewee

from core.actors import Actor, system_actor
from core.app import install_keys, install_plugins
from core.config import Config
from core.errors import MedleyError
from core.sites import Activation, Site, SiteDirectory
from core.storage.journal.reads import flush_reads
from core.users.policy import follow, policy_of

F = TypeVar("F", bound=Callable[..., Any])


@dataclass
class House:
    """The installation a command works on."""

    config: Config
    is_json: bool = False
    by: Actor = field(default_factory=lambda: system_actor("command line"))
    _directory: SiteDirectory | None = None

    def load(self) -> None:
        """Register the plugins; no key and no site is touched."""
        install_plugins()

    @property
    def sites(self) -> SiteDirectory:
        """Its sites; asking for them loads plugins and keys."""
        if self._directory is None:
            self.load()
            follow(policy_of(self.config))
            install_keys(self.config)
            self._directory = SiteDirectory(self.config)
        return self._directory

    def site(self, name: str = "") -> Site:
        """The site named, or the only one there is."""
        if name:
            return self.sites.get(name)
        known = self.sites.all()
        if len(known) != 1:
            names = ", ".join(site.name for site in known) or "none yet; make one with: medley site create NAME"
            raise click.UsageError(f"Say which site with --site. There is: {names}")
        return known[0]

    @contextmanager
    def at(self, name: str = "") -> Iterator[Activation]:
        """Work at a site as this command; what it was shown is journaled when the block ends."""
        with self.site(name).activate(door="cli", source=os.environ.get("USER", "")) as activation:
            activation.actor = self.by
            yield activation
            flush_reads()

    def say(self, words: str, **facts: Any) -> None:
        """Tell a person in words, or a program in JSON."""
        click.echo(json.dumps(facts, default=str, ensure_ascii=False) if self.is_json else words)


def load_house(config_path: str | None, is_json: bool) -> House:
    """The installation, from a TOML file and the environment."""
    path = Path(config_path) if config_path else None
    return House(Config.load(path, os.environ), is_json)


pass_house = click.make_pass_decorator(House)
site_option = click.option(
    "--site", "site_name", default="", metavar="NAME", help="Which site; not needed when there is one."
)


def fail(words: str, code: int = 1) -> None:
    """End with an error in one line."""
    click.echo(words, err=True)
    sys.exit(code)


def plainly(command: F) -> F:
    """Say what the house refuses in one line, without a trace."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except MedleyError as refusal:
            return fail(str(refusal))
        except peewee.PeeweeException as failure:
            return fail(f"The database refused: {type(failure).__name__}: {failure}")

    return run  # type: ignore[return-value]
