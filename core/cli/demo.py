"""A hospital to try: `medley demo` makes it, fills it with invented people, prints the sign-ins and serves it."""

import shutil
import time

import click

from core.cli.context import House, pass_house, plainly
from core.cli.serving import run_server, with_choices
from core.cli.sites import profile_plugins, set_up
from core.contributions import DemoData
from core.hooks import collect
from core.places import services as places
from core.places.models import Place
from core.places.services import PlaceDetails
from core.roles.grants import grant_role, role_named
from core.sites import Site
from core.users import accounts, credentials
from core.users.accounts import UserDetails
from core.users.models import User

NAME = "demo"
# Everybody may know it: it opens nothing but the demo site, which is never served on a public address.
PASSWORD = "harbour walk at dawn"
# Invented staff of several naming cultures: sign-in name, name as written, role.
STAFF = (
    ("ingrid", "Ingrid Solberg", "administrator"),
    ("farah", "Dr Farah Siddiqui", "doctor"),
    ("olu", "Olúwaṣeun Adéyẹmí", "nurse"),
    ("grace", "Grace Wanjiru", "receptionist"),
    ("rose", "Rose Achieng Odhiambo", "records_officer"),
    ("minh", "Trần Quốc Minh", "pharmacist"),
    ("lucia", "Lucía Fernández Ortiz", "lab_technician"),
    ("joseph", "Joseph Kiprotich", "cashier"),
    ("suharto", "Wulandari", "storekeeper"),
    ("yusuf", "يوسف الحسن", "auditor"),
)


@click.command("demo")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--no-serve", is_flag=True, help="Only make and fill it.")
@pass_house
@plainly
def demo(house: House, /, host: str, port: int, no_serve: bool) -> None:
    """Make a demo hospital on SQLite with invented people, print the sign-ins, and serve it."""
    known = {site.name for site in house.sites.all()}
    if NAME not in known:
        try:
            build(house)
        except BaseException:
            clear_away(house)
            raise
    print_sign_ins(house, host, port)
    if not no_serve:
        run_server(with_choices(house.config, {"host": host, "port": port}), house)


def build(house: House) -> None:
    """Tables, plugins, staff, then what each plugin brings for the demo."""
    began = time.monotonic()
    site = house.sites.create(
        NAME, title="Harbour Hospital", place="Mombasa", hosts=["localhost", "127.0.0.1", "[::1]"],
        zone="Africa/Nairobi", country="KE", currency="KES", demo=True,
    )  # fmt: skip
    click.echo("Making the demo hospital. Everybody in it is invented.", err=True)
    set_up(house, site, profile_plugins("demo"))
    with house.at(NAME):
        ward = furnish(house)
        for sign_in, name, role in STAFF:
            hire(house, sign_in, name, role, ward if role == "nurse" else None)
        for part in all_parts():
            click.echo(f"  {part.title}: {part.load(house.by)}", err=True)
    click.echo(f"  ready in {time.monotonic() - began:.0f} s", err=True)


def clear_away(house: House) -> None:
    """Leave nothing of a demo hospital that could not be finished; the next try begins anew."""
    house.sites.budget.close_idle()
    (house.sites.folder / f"{NAME}.toml").unlink(missing_ok=True)
    shutil.rmtree(house.config.data_folder / NAME, ignore_errors=True)


def all_parts() -> list[DemoData]:
    """What the plugins that are on bring along."""
    parts: list[DemoData] = collect.demo_data()
    return parts


def furnish(house: House) -> Place:
    """The places of the demo hospital; returns the ward its nurse looks after."""
    organisation = places.add_place(PlaceDetails(kind="organisation", name="Harbour Health"), by=house.by)
    hospital = places.add_place(
        PlaceDetails(kind="facility", name="Harbour Hospital"), by=house.by, parent=organisation
    )
    ward = places.add_place(PlaceDetails(kind="department", name="General medicine"), by=house.by, parent=hospital)
    places.add_place(PlaceDetails(kind="department", name="Maternity"), by=house.by, parent=hospital)
    places.add_place(PlaceDetails(kind="facility", name="Nyali Clinic"), by=house.by, parent=organisation)
    return ward


def hire(house: House, sign_in: str, name: str, role: str, place: Place | None) -> User:
    """One of the staff, with the password everybody knows."""
    user: User = accounts.create_user(UserDetails(sign_in=sign_in, name=name), by=house.by)
    credentials.set_password(user, PASSWORD, by=house.by, must_change=False)
    grant_role(user, role_named(role), by=house.by, place=place)
    return user


def print_sign_ins(house: House, host: str, port: int) -> None:
    """The sign-ins, one a line."""
    site: Site = house.site(NAME)
    lines = [f"  {sign_in:<12} {role:<16} {name}" for sign_in, name, role in STAFF]
    house.say(
        f"\n{site.title} is at http://{host}:{port} — everybody there is invented.\n"
        f"Sign in as any of these with the password: {PASSWORD}\n\n" + "\n".join(lines) + "\n",
        url=f"http://{host}:{port}", password=PASSWORD, people=[line[0] for line in STAFF],
    )  # fmt: skip


COMMANDS = (demo,)
