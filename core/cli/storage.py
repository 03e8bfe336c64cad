"""Keys, backups and what comes back from them."""

import click

from core.cli.context import House, pass_house, plainly, site_option
from core.storage import all_models, keys
from core.storage.resealing import reseal


@click.group("keys")
def keys_group() -> None:
    """Look after the encryption keys. They are in no database and in no backup: keep a copy elsewhere."""


@keys_group.command("rotate")
@site_option
@pass_house
@plainly
def rotate(house: House, site_name: str) -> None:
    """Make a new key and encrypt everything with it, in chunks, while the hospital works."""
    sites = [house.site(site_name)] if site_name else house.sites.all()
    key_id = keys.installed_keyring().rotate()
    for site in sites:
        with site.activate(door="cli") as activation:
            activation.actor = house.by
            keys.reseal(all_models(), by=house.by)
    house.say(f"Everything is encrypted with the key {key_id} now. Older keys stay for reading.", key=key_id)


COMMANDS = (keys_group,)
