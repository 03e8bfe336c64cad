"""Accounts from the command line, for when nobody can sign in."""

import click

from core.cli.context import House, pass_house, plainly, site_option
from core.roles.grants import grant_role, role_named
from core.users import accounts, credentials, first_run
from core.users.accounts import UserDetails


@click.group("user")
def user_group() -> None:
    """Make accounts."""


@user_group.command("create")
@click.argument("sign_in")
@click.option("--name", required=True, help="The person's name as they write it.")
@click.option("--role", "roles", multiple=True, help="A role they hold everywhere; may be given more than once.")
@site_option
@pass_house
@plainly
def create(house: House, /, sign_in: str, name: str, roles: tuple[str, ...], site_name: str) -> None:
    """Open an account, and print the link by which the person chooses a password, once."""
    with house.at(site_name) as activation:
        user = accounts.create_user(UserDetails(sign_in=sign_in, name=name), by=house.by)
        for role in roles:
            grant_role(user, role_named(role), by=house.by)
        secret = credentials.invite(user, by=house.by)
        host = activation.site.hosts[0]
    house.say(
        f"{name} can choose a password at {host}/invitation with this secret, once: {secret}",
        user=user.uid,
        secret=secret,
    )


@user_group.command("first-run")
@site_option
@pass_house
@plainly
def make_first_run(house: House, /, site_name: str) -> None:
    """Print a new secret for the first administrator of a site nobody has an account at."""
    with house.at(site_name):
        secret = first_run.make_first_run_secret(by=house.by)
    house.say(f"Enter this at /first-run, once: {secret}", first_run_secret=secret)


COMMANDS = (user_group,)
