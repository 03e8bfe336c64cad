"""Serves an application the way `medley serve` does: `python -m benchmarks.server TARGET PORT WORKERS THREADS`."""

import sys

from granian import Granian
from granian.constants import HTTPModes, Interfaces

if __name__ == "__main__":
    target, port, workers, threads = sys.argv[1], *map(int, sys.argv[2:5])
    Granian(
        target, address="127.0.0.1", port=port, interface=Interfaces.WSGI, workers=workers, blocking_threads=threads,
        backpressure=threads * 16, http=HTTPModes.auto, websockets=False, log_access=False, log_enabled=False,
        factory=True,
    ).serve()  # fmt: skip
