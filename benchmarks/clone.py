"""The first minutes: from a fresh clone to a demo hospital that answers, with packages in pip's cache."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator

from benchmarks.figures import Figure
from benchmarks.ground import ROOT, folder, wait_until_answered
from tests.servers import free_port

TITLE = "A fresh clone"


def measure(_engines: tuple[str, ...], _patients: int | None = None) -> Iterator[Figure]:
    """`make run` in a clone of what is committed."""
    with folder() as place:
        clone = place / "medley"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        port = free_port()
        ours = ("MEDLEY_", "PYTHONPATH")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        started = time.perf_counter()
        process = subprocess.Popen(
            ["make", "run", f"PORT={port}"], cwd=clone, env=environment, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            wait_until_answered(port, "/readyz", process, seconds=300)
            yield Figure("make run, from clone to serving the demo", time.perf_counter() - started, "s", 90)
        finally:
            with contextlib.suppress(ProcessLookupError):  # it ended by itself
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)
