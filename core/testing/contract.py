"""The contract every plugin keeps, ours and vendors'. Inherit it, name the plugin, and its checks run.

    from core.testing import PluginContract

    class TestContract(PluginContract):
        plugin = "greeting"

The examination happens once, in a fresh interpreter in which nothing but the core, the plugin and what it requires
has been imported.
"""

import json
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import pytest

CHECKS = (
    "loads", "imports_alone", "keeps_one_name", "declares_what_it_uses", "migrations_match_models",
    "everything_has_a_permission", "templates_are_its_own", "has_no_app_wide_handlers", "pages_open",
    "off_means_gone_and_data_stays", "finds_persons",
)  # fmt: skip
SECONDS = 300


@lru_cache(maxsize=64)
def examine(plugin: str, paths: tuple[Path, ...] = ()) -> dict[str, list[str]]:
    """Examine a plugin in a fresh interpreter: complaints for each check, empty lists where all is well.

    `paths` are folders put in front of the import path, for plugins that are not installed.
    """
    folders = [str(path) for path in paths] + [path for path in sys.path if path]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(folders)}
    done = subprocess.run(
        [sys.executable, "-m", "core.testing.examination", plugin],
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    try:
        found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        return {"loads": [f"the examination ended with {done.returncode}: {done.stderr[-2000:]}"]}
    return found


class PluginContract:
    """Every check of the contract as a test."""

    plugin: ClassVar[str] = ""
    paths: ClassVar[tuple[Path, ...]] = ()

    @pytest.mark.parametrize("check", CHECKS)
    def test_the_plugin(self, check: str) -> None:
        """One check of the contract."""
        findings = examine(type(self).plugin, type(self).paths)
        waits_for = [name for name, found in findings.items() if found]
        if check not in findings and waits_for:
            pytest.skip(f"this waits for {', '.join(waits_for)}")
        complaints = findings.get(check, [f"{check} was not examined"])
        assert not complaints, "\n".join(complaints)
