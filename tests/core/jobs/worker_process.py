"""A worker in a process of its own, to be killed, paused and stopped: `python -m … URL FOLDER [threads]`."""

import sys
from pathlib import Path

from core.jobs import Worker
from tests.core.jobs.hospital import site_at

if __name__ == "__main__":
    worker = Worker([site_at(sys.argv[1], Path(sys.argv[2]))], threads=int((*sys.argv[3:], "2")[0]))
    sys.exit(0 if worker.run_forever() else 1)
