"""An import carried on by a command that waits for it, and not by a job."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from core.storage import atomic
from core.storage.transactions import Transaction


class ByHand:
    """Steps without a job: the cursor lives as long as the command does."""

    def __init__(self, act: str, tell: Callable[[int, int | None], None] | None = None) -> None:
        self.act = act
        self.cursor: Any = None
        self.tell = tell

    @contextmanager
    def step(self) -> Iterator[Transaction]:
        """A transaction under the name of the act; the cursor goes back with it."""
        before = self.cursor
        try:
            with atomic() as transaction:
                transaction.act = self.act
                yield transaction
        except BaseException:
            self.cursor = before
            raise

    def progress(self, done: int, total: int | None = None, words: Any = "") -> None:
        """Tell whoever waits."""
        if self.tell is not None:
            self.tell(done, total)
