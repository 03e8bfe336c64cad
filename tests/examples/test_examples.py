"""The examples keep the contract and do what the documentation says they do."""

import os
import subprocess
import sys
from pathlib import Path

from core.testing import PluginContract

HERE = Path(__file__).parent


class TestDoorbell(PluginContract):
    """The doorbell keeps the contract."""

    plugin = "doorbell"
    paths = (HERE,)


class TestPorters(PluginContract):
    """The porters keep the contract."""

    plugin = "porters"
    paths = (HERE,)


class TestTrainees(PluginContract):
    """The trainees keep the contract."""

    plugin = "trainees"
    paths = (HERE,)


def test_the_examples_do_what_they_say_and_no_hook_is_without_a_user() -> None:
    folders = os.pathsep.join([str(HERE), *(path for path in sys.path if path)])
    done = subprocess.run(
        [sys.executable, str(HERE / "story_of_the_examples.py")],
        env={**os.environ, "PYTHONPATH": folders},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
