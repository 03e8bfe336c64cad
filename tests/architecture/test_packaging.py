"""What a hospital installs holds everything that the checkout has."""

import os
import runpy
from pathlib import Path
from typing import Any

import pytest
import setuptools
from packaging.requirements import Requirement

HOUSE = Path(__file__).parents[2]
NOT_SHIPPED = (".pyc", ".pyi", ".md", ".po", ".pot")


@pytest.fixture
def distribution(monkeypatch: pytest.MonkeyPatch) -> setuptools.Distribution:
    """What setup.py says, without building anything."""
    said: dict[str, Any] = {}
    monkeypatch.setattr(setuptools, "setup", lambda **words: said.update(words))
    monkeypatch.chdir(HOUSE)
    runpy.run_path("setup.py")
    return setuptools.Distribution({**said, "script_name": "setup.py"})


def test_every_file_of_core_and_plugins_is_packed(distribution: setuptools.Distribution) -> None:
    command: Any = distribution.get_command_obj("build_py")
    command.ensure_finalized()
    modules = [path for _, _, path in command.find_all_modules()]
    data = [f"{folder}/{name}" for _, folder, _, names in command.data_files for name in names]
    packed = {os.path.normpath(path) for path in (*modules, *data)}
    present = {
        path.relative_to(HOUSE).as_posix()
        for folder in ("core", "plugins")
        for path in (HOUSE / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix not in NOT_SHIPPED
    }
    assert sorted(present - packed) == []


def test_the_version_is_the_cores(distribution: setuptools.Distribution) -> None:
    assert f'"{distribution.get_version()}"' in (HOUSE / "core" / "__init__.py").read_text("utf-8")


def test_the_lock_pins_every_requirement_and_names_no_place(distribution: setuptools.Distribution) -> None:
    lock = (HOUSE / "requirements.lock").read_text("utf-8").lower().replace("_", "-")
    pinned = {line.partition("==")[0] for line in lock.splitlines() if "==" in line}
    wanted = [
        *distribution.install_requires,
        *(need for extra in distribution.extras_require.values() for need in extra),
    ]
    names = {Requirement(need).name.lower() for need in wanted}
    assert names - pinned == set()
    assert "://" not in lock
    assert "@" not in lock
