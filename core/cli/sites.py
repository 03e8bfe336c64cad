"""Making sites, checking them, and bringing their tables up to the code."""

import sys
import tomllib
from pathlib import Path
from typing import Any

import click

from core.cli.context import House, fail, pass_house, plainly
from core.errors import Misuse
from core.registry import switch_on
from core.registry.upgrading import upgrade
from core.resources.indexing import ask_for_words
from core.roles.defaults import ship_roles
from core.sites import Site
from core.storage.checks import unsafe_settings
from core.users import first_run

# In a checkout they lie in config/; an installed package has them under its prefix.
PROFILES = (Path(__file__).parents[2] / "config" / "profiles", Path(sys.prefix) / "share" / "medley" / "profiles")


@click.group("site")
def site_group() -> None:
    """Make, list and check sites. A site is one hospital."""


@site_group.command("create")
@click.argument("name")
@click.option(
    "--database", default="", metavar="URL", help="sqlite, postgresql or mariadb URL; an SQLite file by default."
)
@click.option("--profile", default="minimal", show_default=True, help="Which plugins it starts with.")
@click.option("--title", default="", help="The hospital's name.")
@click.option(
    "--host", "hosts", multiple=True, help="A host name under which it is served; may be given more than once."
)
@click.option("--zone", default="UTC", show_default=True, help="Its time zone.")
@click.option("--locale", default="en", show_default=True, help="Its language.")
@click.option("--country", default="", help="ISO 3166 code, for phone numbers.")
@click.option("--currency", default="USD", show_default=True, help="ISO 4217 code.")
@pass_house
@plainly
def create(house: House, /, name: str, database: str, profile: str, hosts: tuple[str, ...], **facts: str) -> None:
    """Make a site with its tables, and print the secret by which the first administrator signs in."""
    plugins = profile_plugins(profile)
    site = house.sites.create(name, database, hosts=list(hosts), **facts)
    set_up(house, site, plugins)
    with site.activate(door="cli"):
        secret = first_run.make_first_run_secret(by=house.by)
    house.say(
        f"Site {name} is ready, with: {', '.join(plugins) or 'no plugins'}.\n"
        f"Open /first-run there within {first_run.HOURS} hours and enter this secret, once:\n\n    {secret}\n",
        site=name, plugins=plugins, first_run_secret=secret,
    )  # fmt: skip


def set_up(house: House, site: Site, plugins: list[str]) -> None:
    """Tables, shipped roles and the plugins a site starts with."""
    upgrade(site)
    with site.activate(door="cli"):
        ship_roles(by=house.by)
        for plugin in plugins:
            switch_on(plugin, by=house.by)


def profile_plugins(profile: str) -> list[str]:
    """The plugins a profile starts with, from `config/profiles`."""
    known = {path.stem: path for folder in reversed(PROFILES) for path in folder.glob("*.toml")}
    if profile not in known:
        raise Misuse(f"there is no profile {profile}; there are: {', '.join(sorted(known))}")
    facts: dict[str, Any] = tomllib.loads(known[profile].read_text("utf-8"))
    return list(facts["plugins"])


@site_group.command("list")
@pass_house
@plainly
def list_sites(house: House, /) -> None:
    """Name the sites of this installation."""
    rows: list[dict[str, Any]] = [
        {"name": site.name, "title": site.title, "hosts": list(site.hosts), "engine": site.engine, "demo": site.is_demo}
        for site in house.sites.all()
    ]
    words = "\n".join(
        f"{row['name']:<20} {row['engine']:<12} {row['title']} ({', '.join(row['hosts'])})" for row in rows
    )
    house.say(words or "No site yet. Make one with: medley site create NAME", sites=rows)


@site_group.command("check")
@click.argument("name", required=False, default="")
@pass_house
@plainly
def check(house: House, /, name: str) -> None:
    """Look whether sites can be served as promised: tables, durability, plugins."""
    findings: dict[str, list[str]] = {}
    for site in [house.sites.get(name)] if name else house.sites.all():
        findings[site.name] = check_site(site)
    words = "\n".join(
        f"{site}: {'fine' if not found else ''}" + "".join(f"\n  - {one}" for one in found)
        for site, found in findings.items()
    )
    house.say(words or "No site yet.", findings=findings)
    if any(findings.values()):
        fail("", 1)


def check_site(site: Site) -> list[str]:
    """What is wrong with a site, one line each."""
    waiting = [
        f"{script.room}/{script.name} is still to be run: medley upgrade" for script in upgrade(site, dry_run=True)
    ]
    with site.activate(door="cli"):
        return waiting + unsafe_settings()


@click.command("upgrade")
@click.option("--site", "site_name", default="", help="Only this site.")
@click.option("--after", is_flag=True, help="Also run contracting migrations; no old code may be serving any more.")
@click.option("--dry-run", is_flag=True, help="Only say what would be run.")
@pass_house
@plainly
def upgrade_sites(house: House, /, site_name: str, after: bool, dry_run: bool) -> None:
    """Bring the tables of all sites up to the installed code; safe to run before the restart, and again."""
    done: dict[str, list[str]] = {}
    for site in [house.sites.get(site_name)] if site_name else house.sites.all():
        scripts = upgrade(site, "after" if after else "before", dry_run)
        done[site.name] = [f"{script.room}/{script.name}" for script in scripts]
        if not dry_run:
            with site.activate(door="cli"):
                ship_roles(by=house.by)
                if scripts:
                    ask_for_words(by=house.by)
    verb = "would run" if dry_run else "ran"
    words = "\n".join(f"{name}: {verb} {', '.join(scripts) or 'nothing'}" for name, scripts in done.items())
    house.say(words or "No site yet.", dry_run=dry_run, scripts=done)


COMMANDS = (site_group, upgrade_sites)
