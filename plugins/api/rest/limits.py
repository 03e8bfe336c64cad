"""How many requests are heard in a minute, of each token and of each address, and what programs are told of it.

Counted in the memory of each process: a count in the database would cost each request a write. With several processes a
program may so get through up to as many times more; the figure protects the hospital, it is no tariff.
"""

import math
import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from core import clock

WINDOW = 60.0
MOST_KNOWN = 20_000


@dataclass(slots=True)
class Count:
    """Requests since a moment."""

    since: float
    heard: int = 0


@dataclass(frozen=True, slots=True)
class Left:
    """What a program may still ask in this minute."""

    policy: str
    limit: int
    left: int
    seconds: int
    is_over: bool

    @property
    def headers(self) -> dict[str, str]:
        """As the IETF's draft on rate limit headers has it."""
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.limit};w={int(WINDOW)}',
            "RateLimit": f'"{self.policy}";r={self.left};t={self.seconds}',
        }


class Turnstile:
    """Counts by key; the keys used longest ago are forgotten when there are too many."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._counts: OrderedDict[Hashable, Count] = OrderedDict()

    def pass_through(self, key: Hashable, policy: str, limit: int) -> Left:
        """Count one request, and say what is left; the caller refuses one that is over."""
        now = clock.monotonic()
        with self._guard:
            count = self._counts.pop(key, None)
            if count is None or now >= count.since + WINDOW:
                count = Count(now)
            self._counts[key] = count
            if len(self._counts) > MOST_KNOWN:
                self._counts.popitem(last=False)
            count.heard += 1
            seconds = max(1, math.ceil(count.since + WINDOW - now))
            return Left(policy, limit, max(0, limit - count.heard), seconds, count.heard > limit)

    def forget(self) -> None:
        """Begin anew."""
        with self._guard:
            self._counts.clear()


turnstile = Turnstile()
