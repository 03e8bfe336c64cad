"""The house keeps its laws, and each law catches the offence planted for it."""

from pathlib import Path

import pytest

from tests.architecture.gates import ALLOWED
from tests.architecture.laws import LARGEST, LAWS, ROOMS, type_of_law

HOUSE = Path(__file__).parents[2]
DOC = '"""Why."""\n'
BOOKED = "from core.workflow import State\nState('booked', 'Booked', 'planned')\n"

# By law: the file, the offending text, and the same put right (None where the name of the file is the offence).
# A `|` separates several files with the same text.
PLANTS: dict[str, list[tuple[str, str, str | None]]] = {
    "floors": [
        ("core/clock.py", "import core.sites", "import datetime"),
        ("core/storage/bulk.py", "from core import acts", "from core import clock, __version__"),
        ("core/sites/directory.py", "import core.storage.model", "import core.errors"),
        ("core/hooks.py", "from core.acts import act", "from core.contributions import NavItem"),
        ("core/registry/graph.py", "from core.settings import settings_of", "from core.hooks import collect"),
        ("core/places/models.py", "from core.users import User", "from core.storage import Model"),
        ("core/web/door.py", "from core.resources import Resource", "from core.jobs import enqueue"),
        ("core/web/door.py", "from core.app import create_app", "from core.web.slots import slot"),
        ("core/hookspecs/web.py", "from core.users import User", "if TYPE_CHECKING:\n    from core.users import User"),
        ("core/attic.py", "X = 1", ""),
    ],
    "core_entrance": [("core/__init__.py", "from core.app import create_app", '__version__ = "1.0"')],
    "frozen_migrations": [
        ("plugins/billing/migrations/0001_bills.py", "from plugins.billing.models import Bill", "import peewee"),
        ("core/migrations/0001_users.py", "from core.users import User", "from core.storage import migrations"),
    ],
    "open_imports": [
        ("core/cli.py", "def main():\n    import json", "import json"),
        ("core/cli.py", "try:\n    import orjson\nexcept ImportError:\n    pass", "import orjson"),
        ("core/web/door.py", "if TYPE_CHECKING:\n    import flask", "import flask"),
        ("plugins/api/hookspecs.py", "if True:\n    import flask", "if TYPE_CHECKING:\n    import flask"),
        ("core/cli.py", "from importlib import import_module as load\nload('x')", "from importlib import metadata"),
    ],
    "core_knows_no_plugin": [("core/cli.py", "from plugins.patients import api", "from plugin_kit import api")],
    "plugin_borders": [
        ("plugins/billing/services.py", "from plugins.patients.api import Bed", "from plugins.billing import models"),
        ("plugins/billing/services.py", "import plugins.patients.models", "import core.storage"),
        ("plugins/billing/services.py", "from plugins import patients", "from plugins import billing"),
    ],
    "plugin_direction": [
        ("plugins/billing/services.py", "import flask", "import dataclasses"),
        ("plugins/billing/services/issue.py", "from core.web import slots", "from core.storage import atomic"),
        ("plugins/billing/models.py", "from plugins.billing import services", "from core.storage import Model"),
        ("plugins/billing/services.py", "from plugins.billing.views import page", "import plugins.billing.models"),
        ("plugins/billing/views.py", "from plugins.billing.plugin import x", "from plugins.billing import forms"),
        ("plugins/billing/services.py", "from plugins.billing import api", "from plugins.billing import errors"),
    ],
    "plugin_doors": [
        ("plugins/billing/api.py", "__all__ = []\ndef bill():\n    ...", "from x import y\n__all__ = ['y']"),
        ("plugins/billing/api.py", "from x import y", "from x import y\n__all__ = ['y']"),
        ("plugins/billing/__init__.py", "import os", ""),
        ("plugins/__init__.py", "NAMES = []", ""),
    ],
    "privates": [
        ("plugins/billing/services.py", "from core.storage import _site", "from core.texts import _"),
        ("plugins/billing/services.py", "from core import acts\nacts._site", "from core import acts\nacts.site"),
        ("plugins/billing/services.py", "import core.storage._bulk", "self._own = 1"),
    ],
    "states": [
        ("plugins/wards/services.py", f"{BOOKED}one.state == 'booked'", f"{BOOKED}one.state_kind == 'planned'"),
        ("plugins/wards/views.py", f"{BOOKED}Visit.state.in_(['booked'])", f"{BOOKED}Visit.state.in_(['closed'])"),
        ("plugins/wards/jobs.py", f"{BOOKED}match one.state:\n    case 'booked':\n        pass", f"{BOOKED}one.state"),
        ("plugins/wards/api.py", f"{BOOKED}'booked' == one.state", f"{BOOKED}'booked' == one.name"),
    ],
    "sizes": [("plugins/billing/services.py", "x = 1\n" * (LARGEST + 1), "x = 1\n" * (LARGEST - 1))],
    "docstrings": [
        ("core/acts.py", "def act(): ...", "def _act(): ..."),
        ("core/acts.py", "class Act: ...", "class Act:\n    '''A deed.'''"),
        ("plugins/billing/plugin.py", "def x(): ...", "@hookimpl(trylast=True)\ndef x(): ..."),
    ],
    "names": [
        ("plugins/billing/utils.py", "", None),
        ("core/web/html_helpers.py", "", None),
        ("core/sites/directory.py", "class SiteManager: ...", "class SiteDirectory: ..."),
    ],
    "alone": [("core/__init__.py|core/clock.py", "import no_such_thing", "import json")],
    "peewee_atomic": [
        ("plugins/billing/services.py", "database.atomic()", "from core.storage import atomic\natomic()"),
        ("core/acts.py", "Model._meta.database.atomic('IMMEDIATE')", "from core import storage\nstorage.atomic()"),
    ],
    "bound_context": [("core/sites/directory.py", "database.bind_ctx([Patient])", "bind(Patient)")],
    "many_to_many": [
        ("core/storage/fields.py", "from peewee import ManyToManyField", "from peewee import ForeignKeyField"),
        ("plugins/wards/models.py", "peewee.ManyToManyField(Bed)", "ForeignKeyField(Bed)"),
    ],
    "cascades": [
        ("plugins/wards/models.py", "ForeignKeyField(Bed, on_delete='CASCADE')", "ForeignKeyField(Bed)"),
        ("plugins/wards/models.py", "ForeignKeyField(Bed, on_delete='set null')", "F(Bed, on_delete='RESTRICT')"),
    ],
    "clocks": [
        ("core/acts.py", "from datetime import datetime as dt\ndt.now()", "from core import clock\nclock.now()"),
        ("core/acts.py", "import datetime\ndatetime.datetime.utcnow()", "import datetime\ndatetime.timedelta(1)"),
        ("plugins/wards/services.py", "import time\ntime.time()", "import time\ntime.monotonic()"),
        ("plugins/wards/services.py", "from datetime import date\ndate.today()", "today()"),
    ],
    "evaluated": [
        ("core/acts.py", "eval(text)", "text.eval()"),
        ("core/acts.py", "exec(text)", "connection.exec(text)"),
        ("core/acts.py", "from pickle import loads", "from json import loads"),
        ("core/acts.py", "import yaml\nyaml.load(text)", "import yaml\nyaml.safe_load(text)"),
    ],
    "markup": [
        ("core/web/page.py", "from markupsafe import Markup as M\nM(name)", "import markupsafe\nmarkupsafe.Markup('')"),
        ("core/web/page.py", "Markup(f'<b>{name}</b>')", "Markup('<b>%s</b>') % name"),
        ("core/web/page.py", "Environment(autoescape=False)", "Environment(autoescape=True)"),
        ("core/web/templates/core/page.html", "{{ name | safe }}", "{{ name | upper }} safe"),
        ("plugins/wards/templates/wards/bed.html", "{% autoescape false %}", "{{ name }}"),
    ],
    "text_templates": [
        ("core/web/page.py", "flask.render_template_string(text)", "flask.render_template('core/page.html')"),
    ],
    "built_sql": [
        ("core/acts.py", "db.execute_sql(f'SELECT {name}')", "db.execute_sql(f'SELECT {db.param}', [name])"),
        ("core/acts.py", "cursor.execute('SELECT %s' % name)", "cursor.execute('SELECT %s', name)"),
        ("core/acts.py", "SQL('x = ' + name)", "SQL('x = ' '1')"),
        ("core/acts.py", "peewee.SQL('x = {}'.format(name))", "peewee.SQL('x = ?', name)"),
        ("core/acts.py", "def f(n):\n    q = f'DROP {n}'\n    db.execute(q)", "q = 'x'\ndb.execute(q)"),
        ("core/acts.py", "q = 'SELECT '\nq += name\ndb.execute(q)", "q = 'SELECT '\nq += '1'\ndb.execute(q)"),
        ("core/acts.py", "db.execute(f'SELECT {x}')", "def f(n):\n    q = f'DROP {quoted(n)}'\n    db.execute(q)"),
        ("core/acts.py", "db.execute(f'LIMIT {n}')", "n = ','.join(['a', 'b'])\ndb.execute(f'S {n} LIMIT {int(9)}')"),
        ("core/acts.py", "db.execute(f'V ({m})')", "m = ', '.join([db.param] * 6)\ndb.execute(f'V ({m})')"),
        ("core/acts.py", "db.execute(' '.join(words))", "W = ' '.join(['A', 'B'])\ndb.execute(W)"),
    ],
    "money_in_floats": [
        ("plugins/billing/services.py", "float(price)", "Decimal(price)"),
        ("plugins/stock/services.py", "import decimal\nx = decimal.Decimal\nrate = 0.1", "share = 0.1"),
        ("plugins/wards/models.py", "weight = peewee.FloatField()", "weight = QuantityField()"),
    ],
    "app_wide": [("plugins/wards/views.py", "wards.before_app_request(f)", "wards.before_request(f)")],
}  # fmt: skip

# A plugin that another may and may not lean on.
NEIGHBOUR = {
    "plugins/billing/plugin.py": 'manifest = Manifest(name="billing", requires={"wards": ">=1.0"})',
    "plugins/stock/plugin.py": 'manifest = Manifest(name="stock", requires=["billing>=1", Requires("patients")])',
}


def plant(root: Path, paths: str, text: str) -> None:
    """Write the same text into some files of a house that is otherwise empty."""
    for path in paths.split("|"):
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text if file.suffix == ".html" else DOC + text)


def offences(law: type_of_law, root: Path) -> list[str]:
    """List what a law finds, less what the written list lets stay."""
    return [found for found in law(root) if (law.__name__, found.partition(":")[0]) not in ALLOWED]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_house_keeps_the_law(law: type_of_law) -> None:
    assert offences(law, HOUSE) == []


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_law_catches_what_is_planted_for_it(law: type_of_law, tmp_path: Path) -> None:
    for number, (path, bad, good) in enumerate(PLANTS[law.__name__]):
        root = tmp_path / str(number)
        plant(root, path, bad)
        assert law(root), f"{bad!r} in {path} went through"
        assert {found.partition(":")[0] for found in law(root)} == set(path.split("|"))
        if good is not None:
            plant(root, path, good)
            healed = law(root)
            assert healed == [] or path == "core/attic.py", f"{good!r} in {path} was refused"


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_an_empty_house_breaks_no_law(law: type_of_law, tmp_path: Path) -> None:
    assert law(tmp_path) == []


def test_a_required_plugin_is_open_by_its_api_only(tmp_path: Path) -> None:
    (borders,) = (law for law in LAWS if law.__name__ == "plugin_borders")
    for path, text in NEIGHBOUR.items():
        plant(tmp_path, path, text)
    plant(tmp_path, "plugins/billing/services.py", "from plugins.wards.api import Bed\nfrom plugins.wards import api")
    plant(tmp_path, "plugins/stock/services.py", "from plugins.patients import api\nimport plugins.billing.api")
    assert borders(tmp_path) == []
    plant(tmp_path, "plugins/billing/services.py", "from plugins.wards.models import Bed\nimport plugins.stock.api")
    assert [found.partition(": ")[2] for found in borders(tmp_path)] == [
        "billing imports plugins.wards.models.Bed: only plugins.wards.api is open",
        "billing imports stock without requiring it in its manifest",
    ]


def test_a_plugin_with_a_workflow_compares_no_state_at_all(tmp_path: Path) -> None:
    (law,) = (law for law in LAWS if law.__name__ == "states")
    plant(tmp_path, "plugins/wards/services.py", "from plugins.wards.models import BOOKED\none.state == BOOKED")
    assert law(tmp_path) == []
    plant(tmp_path, "plugins/wards/workflow.py", "one.state == 'booked'")
    assert [found.partition(":")[0] for found in law(tmp_path)] == ["plugins/wards/services.py"]


def test_a_name_assigned_elsewhere_does_not_hide_a_built_statement(tmp_path: Path) -> None:
    (built,) = (law for law in LAWS if law.__name__ == "built_sql")
    plant(tmp_path, "core/acts.py", "def f(n):\n    q = '1'\n    if n:\n        q = '2' + n\n    return db.execute(q)")
    assert len(built(tmp_path)) == 1


@pytest.mark.parametrize(("law", "path"), sorted(ALLOWED), ids="/".join)
def test_an_exception_is_still_needed(law: str, path: str) -> None:
    (found,) = (candidate for candidate in LAWS if candidate.__name__ == law)
    assert [line for line in found(HOUSE) if line.startswith(f"{path}:")], "take it off the list"


def test_the_floors_are_those_of_the_plan() -> None:
    assert {room for room, (floor, _) in ROOMS.items() if floor == 3} == {"contributions", "hookspecs", "hooks", "acts"}
    assert ROOMS["contributions"] < ROOMS["hooks"] < ROOMS["hookspecs"]
    assert ROOMS["errors"] < ROOMS["sites"] < ROOMS["storage"] < ROOMS["web"] < ROOMS["app"]
