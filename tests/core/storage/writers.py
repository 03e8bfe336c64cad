"""Writers in processes of their own: `python -m tests.core.storage.writers write URL FOLDER TAG` writes until killed.

It prints a line when an act begins, and one when it was acknowledged. Functions for pools of processes lie here too,
for a spawned process imports what it runs.
"""

import sys
import time
from pathlib import Path
from threading import Thread

from core.storage.locks import write_lock_of
from tests.core.storage.clinic import write_bill, write_slip
from tests.hospital import HOUSE, bare_site


def write_for_a_while(url: str, folder: Path, index: int, threads: int, each: int) -> list[float]:
    """How long each act took, of several threads writing in this process."""
    site = bare_site(url, folder)
    waits: list[float] = []

    def write(thread: int) -> None:
        with site.activate(door="test"):
            for number in range(each):
                began = time.monotonic()
                write_slip(f"{index} {thread} {number}", by=HOUSE)
                waits.append(time.monotonic() - began)

    workers = [Thread(target=write, args=(thread,)) for thread in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return waits


def write_bills(url: str, folder: str, tag: str, threads: int = 2) -> None:
    """Acts of several rows, each told once it is acknowledged, until this process is killed."""
    site = bare_site(url, Path(folder))

    def write(thread: int) -> None:
        number = 0
        with site.activate(door="test"):
            while True:
                name = f"{tag}-{thread}-{number}"
                sys.stdout.write(f"begin {name}\n")
                sys.stdout.flush()
                write_bill(name, 3, by=HOUSE)
                sys.stdout.write(f"done {name}\n")
                sys.stdout.flush()
                number += 1

    for thread in range(threads):
        Thread(target=write, args=(thread,), daemon=True).start()
    time.sleep(600)


def hold_lock(path: str) -> None:
    """Take the write lock of a database, say so, and keep it."""
    write_lock_of(path).acquire()
    sys.stdout.write("held\n")
    sys.stdout.flush()
    time.sleep(600)


if __name__ == "__main__":
    if sys.argv[1] == "hold":
        hold_lock(sys.argv[2])
    else:
        write_bills(sys.argv[2], sys.argv[3], sys.argv[4])
