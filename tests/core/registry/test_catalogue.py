"""Which plugins there are: found, checked, or left out and named, never fatal."""

from pathlib import Path

import pytest

from core.app import install_plugins
from core.errors import Misuse
from core.registry import catalogue
from core.registry.loader import find_plugins
from core.registry.manifest import Manifest, fits
from tests.hospital import Workshop


@pytest.fixture(autouse=True)
def installed() -> None:
    """The core and the house's own plugins are there."""
    install_plugins()


def loaded(workshop: Workshop, *names: str) -> dict[str, str]:
    """Offer plugins as packages, load, and tell why those left out were."""
    for name in names:
        workshop.offer(name)
    catalogue.load()
    return {name: catalogue.failures[name].reason for name in names if name in catalogue.failures}


def test_plugins_of_the_house_and_of_vendors_are_found(workshop: Workshop):
    workshop.small("vendor")
    assert loaded(workshop, "vendor") == {}
    found = {one.name: one.package for one in find_plugins()}
    assert found["vendor"] == "medley_vendor"
    for path in Path("plugins").glob("*/plugin.py"):
        assert found[path.parent.name] == f"plugins.{path.parent.name}"
    assert catalogue.get("vendor") is not None


@pytest.mark.parametrize(
    "fault",
    ["import nothing_of_that_name", "1 / 0", "raise SystemExit", "def (", "manifest = None",
     "class Odd(BaseException): ...\nraise Odd"],
)  # fmt: skip
def test_a_plugin_that_cannot_be_imported_is_named_and_left_out(workshop: Workshop, fault: str):
    workshop.small("broken", fault)
    workshop.small("healthy")
    why = loaded(workshop, "broken", "healthy")
    assert list(why) == ["broken"]
    assert catalogue.get("broken") is None
    assert catalogue.get("healthy") is not None
    assert "broken" in str(catalogue.obstacles("broken")[0])


def test_a_plugin_made_for_another_platform_is_left_out(workshop: Workshop):
    workshop.small("future", needs='platform=">=99"')
    assert "platform" in loaded(workshop, "future")["future"]


ONE_NAME = {
    "a blueprint": {"views": 'from core.web import MedleyBlueprint\nblueprint = MedleyBlueprint("other", __name__)\n'},
    "a URL prefix": {
        "views": "from core.web import MedleyBlueprint\n"
        'blueprint = MedleyBlueprint("named", __name__, url_prefix="/x")\n'
    },
    "a plain blueprint": {
        "views": 'from flask import Blueprint\nblueprint = Blueprint("named", __name__, url_prefix="/named")\n'
    },
    "a table": {
        "models": "from core.storage import Model, TextField\n\n\nclass Thing(Model):\n    text = TextField()\n\n"
        '    class Meta:\n        table_name = "other_thing"\n'
    },
    "a permission": {
        "permissions": "from core.contributions import Permission\n"
        'PERMISSIONS = (Permission(name="other.view", label="x"),)\n'
    },
}


@pytest.mark.parametrize("spelling", sorted(ONE_NAME))
def test_a_plugin_has_one_name_in_every_spelling(workshop: Workshop, spelling: str):
    workshop.small("named", **ONE_NAME[spelling])
    with pytest.raises(Misuse, match="named"):
        workshop.install("named")
    assert catalogue.get("named") is None


def test_a_plugin_is_offered_under_its_own_name(workshop: Workshop):
    workshop.small("mine")
    workshop.offer("mine", as_name="yours")
    catalogue.load()
    assert "mine" in catalogue.failures["yours"].reason


def test_templates_lie_under_the_plugins_name(workshop: Workshop):
    package = workshop.small("named")
    (package / "templates" / "patients").mkdir(parents=True)
    with pytest.raises(Misuse, match="templates/named"):
        workshop.install("named")


@pytest.mark.parametrize("name", ["core", "Plugin", "a", "9lives", "with-hyphen", "static", "x" * 41])
def test_a_name_is_small_letters_and_no_word_of_the_house(name: str):
    with pytest.raises(Misuse):
        Manifest(name=name, title="x", version="1")


@pytest.mark.parametrize(
    "facts", [{"version": "one"}, {"version": "1", "platform": "new"}, {"version": "1", "requires": {"a": "?"}}]
)
def test_a_manifest_that_cannot_be_read_is_refused(facts: dict[str, object]):
    with pytest.raises(Misuse):
        Manifest(name="thing", title="x", **facts)  # type: ignore[arg-type]


def test_a_pre_release_lies_in_its_range():
    assert fits("0.2.0.dev1", ">=0.1,<1")
    assert not fits("1.0", ">=0.1,<1")


def test_what_a_plugin_needs_comes_first_and_through_others(workshop: Workshop):
    workshop.small("bottom")
    workshop.small("middle", needs='requires={"bottom": ">=1"}')
    workshop.small("top", needs='requires={"middle": ">=1"}')
    assert loaded(workshop, "top", "middle", "bottom") == {}
    assert catalogue.needs("top") == ["bottom", "middle"]
    assert catalogue.needed_by("bottom") == ["middle", "top"]
    order = [plugin.name for plugin in catalogue.in_order()]
    assert order.index("bottom") < order.index("middle") < order.index("top")


def test_plugins_that_need_each_other_are_left_out_and_the_house_stands(workshop: Workshop):
    workshop.small("chicken", needs='requires={"egg": ">=1"}')
    workshop.small("egg", needs='requires={"chicken": ">=1"}')
    workshop.small("farmer")
    why = loaded(workshop, "chicken", "egg", "farmer")
    assert set(why) == {"chicken", "egg"}
    assert "circle" in why["egg"]
    assert "farmer" in [plugin.name for plugin in catalogue.in_order()]


def test_obstacles_are_said_one_sentence_each(workshop: Workshop):
    workshop.small("old", needs='version="0.5"')
    workshop.small("wants", needs='requires={"old": ">=1", "absent": ">=1"}')
    loaded(workshop, "old", "wants")
    assert [str(one) for one in catalogue.obstacles("wants")] == [
        "wants needs absent, which is not installed.",
        "wants needs old >=1, and 0.5 is installed.",
    ]
    assert [str(one) for one in catalogue.obstacles("nowhere")] == ["nowhere is not installed."]
    assert catalogue.obstacles("old") == []
