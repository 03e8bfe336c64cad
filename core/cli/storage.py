"""Keys, backups, and bringing a hospital back from one."""

import time
from pathlib import Path

import click

from core.cli.context import House, pass_house, plainly, site_option
from core.storage import all_tables, keys
from core.storage.backup import backup, restore, verify
from core.storage.resealing import left_to_reseal, reseal


@click.group("keys")
def keys_group() -> None:
    """Look after the encryption keys. They are in no database and in no backup: keep a copy elsewhere."""


@keys_group.command("rotate")
@click.option("--at-once", is_flag=True, help="Do not wait until running servers know the new key; none is running.")
@site_option
@pass_house
@plainly
def rotate(house: House, /, at_once: bool, site_name: str) -> None:
    """Make a new key and encrypt everything with it, in chunks, while the hospital works."""
    sites = [house.site(site_name)] if site_name else house.sites.all()
    key_id = keys.installed_keyring().rotate()
    if not at_once:
        time.sleep(keys.LOOK_AGAIN_SECONDS + 1)
    resealed = 0
    for site in sites:
        with site.activate(door="cli"):
            there = set(site.database.get_tables())
            tables = [table for name, table in all_tables().items() if name in there]
            while left_to_reseal(tables):
                resealed += reseal(tables)
    words = f"{resealed} values are encrypted with the new key {key_id}. Older keys stay, for reading backups."
    house.say(words, key=key_id, resealed=resealed)


@click.command("backup")
@click.argument("target", type=click.Path(dir_okay=False))
@click.option("--plain", is_flag=True, help="Do not encrypt the archive; encrypted columns stay encrypted.")
@site_option
@pass_house
@plainly
def back_up(house: House, /, target: str, plain: bool, site_name: str) -> None:
    """Back up one site while it works: database, files, the record of reads, checksums of all."""
    manifest = backup(house.site(site_name), Path(target), encrypt=not plain)
    rows = sum(manifest.tables.values())
    house.say(
        f"{target}: {len(manifest.tables)} tables with {rows} rows, {len(manifest.members)} parts. "
        "Keep it apart from the keyring, and both apart from this machine.",
        target=target, rows=rows, tables=manifest.tables,
    )  # fmt: skip


@click.command("restore")
@click.argument("source", type=click.Path(exists=True, dir_okay=False))
@click.option("--verify", "only_verify", is_flag=True, help="Only read it from first to last byte and compare.")
@click.option("--replace", is_flag=True, help="Restore over the data the site has.")
@site_option
@pass_house
@plainly
def bring_back(house: House, /, source: str, only_verify: bool, replace: bool, site_name: str) -> None:
    """Restore a site from a backup, which is verified first. Stop the servers before."""
    site = house.site(site_name)
    manifest = verify(Path(source)) if only_verify else restore(Path(source), site, replace=replace)
    rows = sum(manifest.tables.values())
    words = "is whole" if only_verify else f"is back at {site.name}"
    house.say(f"{manifest.title} as of {manifest.started_at} {words}: {rows} rows.", site=site.name, rows=rows)


COMMANDS = (keys_group, back_up, bring_back)
