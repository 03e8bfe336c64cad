"""What an operator does on the command line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.cli.context import load_house
from core.cli.main import cli
from core.cli.serving import refuse_public_demo
from core.errors import Misuse


class Operator:
    """Somebody with a shell and a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            "MEDLEY_DATA_FOLDER": str(folder / "data"),
            "MEDLEY_KEYS_FILE": str(folder / "keys.toml"),
        }

    def types(self, *words: str) -> Result:
        """Run one command."""
        return CliRunner().invoke(cli, list(words), env=self.environment, prog_name="medley")


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(tmp_path)


@pytest.fixture
def harbour(operator: Operator) -> Operator:
    done = operator.types("site", "create", "harbour", "--profile", "clinic", "--country", "KE")
    assert done.exit_code == 0, done.output
    return operator


def test_a_site_is_made_with_its_plugins_and_a_secret_for_the_first_administrator(operator: Operator) -> None:
    done = operator.types("--json", "site", "create", "harbour", "--profile", "clinic")
    facts = json.loads(done.output)
    assert (facts["site"], facts["plugins"]) == ("harbour", ["patients", "fhir", "api"])
    assert len(facts["first_run_secret"]) > 30
    sites = json.loads(operator.types("--json", "site", "list").output)["sites"]
    assert [site["engine"] for site in sites] == ["sqlite"]
    assert operator.types("site", "check").exit_code == 0


def test_a_refusal_is_one_line_and_exit_code_1(harbour: Operator) -> None:
    again = harbour.types("site", "create", "harbour")
    assert again.exit_code == 1
    assert "Traceback" not in again.output
    assert harbour.types("site", "create", "Harbour!").exit_code == 1
    assert harbour.types("plugin", "enable", "nothing").exit_code == 1


def test_wrong_usage_is_exit_code_2(harbour: Operator) -> None:
    assert harbour.types("site", "paint").exit_code == 2
    assert harbour.types("serve", "--port", "many").exit_code == 2
    assert harbour.types("site", "create", "second").exit_code == 0
    assert harbour.types("plugin", "list").exit_code == 2, "which of two sites has to be said"


def test_plugins_are_listed_switched_and_checked(harbour: Operator) -> None:
    def states() -> dict[str, str]:
        plugins = json.loads(harbour.types("--json", "plugin", "list").output)["plugins"]
        return {one["name"]: one["state"] for one in plugins}

    assert states()["fhir"] == "on"
    assert harbour.types("plugin", "disable", "fhir").exit_code == 0
    assert states()["fhir"] == "off"
    assert harbour.types("plugin", "enable", "fhir").exit_code == 0
    assert states()["fhir"] == "on"
    assert harbour.types("plugin", "check").exit_code == 0


def test_a_backup_is_verified_and_brings_a_hospital_back(harbour: Operator) -> None:
    target = harbour.folder / "harbour.medley"
    assert harbour.types("user", "create", "ada", "--name", "Ada", "--role", "administrator").exit_code == 0
    assert harbour.types("backup", str(target)).exit_code == 0
    assert harbour.types("restore", str(target), "--verify").exit_code == 0
    assert harbour.types("restore", str(target)).exit_code == 1, "over data it has to be asked for"
    assert harbour.types("restore", str(target), "--replace").exit_code == 0
    spoilt = bytearray(target.read_bytes())
    spoilt[len(spoilt) // 2] ^= 1
    target.write_bytes(bytes(spoilt))
    assert harbour.types("restore", str(target), "--verify").exit_code == 1


def test_keys_rotate_and_a_lost_keyring_is_not_covered_up(harbour: Operator) -> None:
    assert harbour.types("keys", "rotate", "--at-once").exit_code == 0
    (harbour.folder / "keys.toml").unlink()
    lost = harbour.types("plugin", "list")
    assert lost.exit_code == 1
    assert not (harbour.folder / "keys.toml").exists()


def test_the_journal_is_verified(harbour: Operator) -> None:
    assert harbour.types("journal", "verify").exit_code == 0


def test_hooks_and_permissions_are_told(harbour: Operator) -> None:
    hooks = {one["name"] for one in json.loads(harbour.types("--json", "hooks").output)["hooks"]}
    assert {"navigation", "permissions", "patients_panels", "fhir_mappings"} <= hooks
    assert "| act | `core.add_place` |" in harbour.types("permissions").output


def test_a_new_plugin_is_written_and_never_written_over(operator: Operator, tmp_path: Path) -> None:
    assert operator.types("new-plugin", "greeting", "--folder", str(tmp_path)).exit_code == 0
    assert (tmp_path / "medley-greeting" / "medley_greeting" / "plugin.py").is_file()
    assert operator.types("new-plugin", "greeting", "--folder", str(tmp_path)).exit_code == 1
    assert operator.types("new-plugin", "Greeting", "--folder", str(tmp_path)).exit_code == 1


def test_an_upgrade_says_what_it_would_run_and_finds_nothing_the_second_time(harbour: Operator) -> None:
    assert "would run nothing" in harbour.types("upgrade", "--dry-run").output
    assert "ran nothing" in harbour.types("upgrade").output


def test_the_demo_is_made_with_its_people_and_refuses_a_public_address(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = operator.types("--json", "demo", "--no-serve")
    assert done.exit_code == 0, done.output
    assert "grace" in done.output
    for name, value in operator.environment.items():
        monkeypatch.setenv(name, value)
    for host in ("0.0.0.0", "::", "8.8.8.8", "hospital.example"):
        monkeypatch.setenv("MEDLEY_SERVER_HOST", host)
        house = load_house(None, False)
        with pytest.raises(Misuse):
            refuse_public_demo(house.config, house)
