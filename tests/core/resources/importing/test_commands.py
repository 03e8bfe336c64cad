"""Lists as files from the command line."""

import pytest
from click.testing import CliRunner

from core.cli.main import cli


@pytest.fixture
def medley(store):
    """Runs commands on the house of the test."""
    facts = store.house.config
    environment = {"MEDLEY_DATA_FOLDER": str(facts.data_folder), "MEDLEY_KEYS_FILE": str(facts.keys_file)}

    def run(*words):
        return CliRunner().invoke(cli, list(words), env=environment, prog_name="medley")

    return run


def test_a_file_is_tried_brought_in_and_taken_out_again(store, medley, tmp_path):
    sent = tmp_path / "devices.csv"
    sent.write_text("Label,Serial number,Kind\nPump,P-1,pump\nBed,B-1,bedd\n", "utf-8")
    tried = medley("import", "equipment.device", str(sent), "--map", "Label=name", "--dry-run")
    assert tried.exit_code == 1
    assert "Would be: 1 created" in tried.output and "line 3: Kind 'bedd'" in tried.output
    done = medley("import", "equipment.device", str(sent), "--map", "Label=name")
    assert "1 created, 0 changed, 0 same, 1 wrong" in done.output
    target = tmp_path / "out.csv"
    answer = medley("export", "equipment.device", "-o", str(target), "--columns", "serial,name", "--where", "kind=pump")
    assert answer.exit_code == 0, answer.output
    assert target.read_text("utf-8").split() == ["Serial", "number,Name", "P-1,Pump"]


def test_what_a_site_does_not_have_is_said(store, medley, tmp_path):
    sent = tmp_path / "x.csv"
    sent.write_text("a\n1\n", "utf-8")
    assert "equipment.device" in medley("import", "equipment.ship", str(sent)).output
    assert "facets: kind" in medley("export", "equipment.device", "-o", str(sent), "--where", "note=x").output
    assert "fhir" in medley("import", "--help").output
