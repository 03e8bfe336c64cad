"""Measure what is promised: `python -m benchmarks [name …] [--engines sqlite,postgresql] [--patients N]`."""

import argparse
import os
import sys
import time

from benchmarks import (
    clone,
    custom,
    duplicates,
    exporting,
    house,
    importing,
    lists,
    pages,
    platform,
    registering,
    rest,
    search,
    writers,
)
from benchmarks.figures import HEADING

GROUPS = {
    "platform": platform,
    "pages": pages,
    "lists": lists,
    "custom": custom,
    "registering": registering,
    "rest": rest,
    "writers": writers,
    "search": search,
    "duplicates": duplicates,
    "house": house,
    "importing": importing,
    "exporting": exporting,
    "clone": clone,
}
ENGINES = ("sqlite", "postgresql", "mariadb")


def main() -> int:
    """Measure the groups named, or all, and tell whether every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"one or more of: {', '.join(GROUPS)}")
    parser.add_argument("--engines", default=",".join(ENGINES), help="which databases, with commas between")
    parser.add_argument("--patients", type=int, default=None, help="how many patients, instead of the stated number")
    chosen = parser.parse_args()
    if strange := set(chosen.names) - GROUPS.keys():
        parser.error(f"there is no {', '.join(sorted(strange))}")
    engines = tuple(one for one in ENGINES if one in chosen.engines.split(","))
    missed = 0
    for name in chosen.names or GROUPS:
        group = GROUPS[name]
        started = time.monotonic()
        busy = f"{os.getloadavg()[0]:.1f} of {os.cpu_count()} processors busy with other work"
        print(f"\n{name} · {group.TITLE} · {busy}\n{HEADING}", flush=True)
        for figure in group.measure(engines, chosen.patients):
            print(figure.line(), flush=True)
            missed += not figure.is_kept
        print(f"  ({time.monotonic() - started:.0f} s)", flush=True)
    print(f"\n{missed} over their limit." if missed else "\nAll within their limits.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
