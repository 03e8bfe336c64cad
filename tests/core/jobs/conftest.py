"""A furnished hospital on each engine, and workers in processes of their own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.jobs import Worker
from core.registry.state import load_state
from core.sites import Site
from tests.core.jobs.hospital import furnish, site_at

HOUSE = Path(__file__).parents[3]


@pytest.fixture
def ward(database_url: str, tmp_path: Path) -> Iterator[Site]:
    """A hospital with the plugin `ward`."""
    site = site_at(database_url, tmp_path / "ward")
    furnish(site)
    yield site
    site.database.budget.close_idle()
    Site.load_state = staticmethod(load_state)


@pytest.fixture
def work(ward: Site) -> Callable[[], int]:
    """Do in this thread what is ready, and tell how many jobs that were."""
    worker = Worker([ward], threads=2)

    def work() -> int:
        worker.go_round()
        total = 0
        while worker.work_once(worker.watches[ward.name]):
            total += 1
        return total

    return work


@pytest.fixture
def processes(ward: Site) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start workers in processes of their own; they are gone after the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(threads: int = 2) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.core.jobs.worker_process", ward.database_url, str(ward.folder)]
        started.append(subprocess.Popen([*command, str(threads)], cwd=HOUSE, env={**os.environ, "PYTHONPATH": "."}))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.wait()
