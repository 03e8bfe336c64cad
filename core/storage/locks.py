"""The write lock of an SQLite site: one writer at a time, in the order they came, over all processes.

SQLite's own busy timeout polls, and under load starves the unlucky for seconds. Here a writer first
queues inside its process, then at a file lock in which the kernel queues the processes: a process that
has just written must pass the gate behind those already waiting.
"""

import fcntl
import os
import threading
from collections import deque
from pathlib import Path
from typing import IO

from core.errors import Busy

WAIT_SECONDS = 10.0


class WriteLock:
    """A fair, blocking lock held by one thread of one process; `Busy` after ten seconds."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._queue: deque[threading.Event] = deque()
        self._guard = threading.Lock()
        self._held = False
        self._keeping = False
        self._files: tuple[IO[bytes], IO[bytes]] | None = None
        self._process = 0

    def acquire(self) -> None:
        """Wait for our turn; raises `Busy` when it does not come in time."""
        turn = threading.Event()
        with self._guard:
            self._open_files()
            free = not self._held and not self._queue and not self._keeping
            if free and self._take_at_once():
                self._held = True
                return
            self._queue.append(turn)
            if not self._held and not self._keeping:
                self._start_keeper()
        try:
            has_come = turn.wait(WAIT_SECONDS)
        except BaseException:  # an interrupt: nobody waits here any more, so the turn is passed on
            if not self._leave(turn):
                self.release()
            raise
        if not has_come and self._leave(turn):
            raise Busy

    def _leave(self, turn: threading.Event) -> bool:
        """Leave the queue; False when the turn has come meanwhile."""
        with self._guard:
            if turn.is_set():
                return False
            self._queue.remove(turn)
            return True

    def release(self) -> None:
        """Let the next writer in, be it in this process or another."""
        with self._guard:
            self._held = False
            self._unlock(1)
            if self._queue and not self._keeping:
                self._start_keeper()

    def _open_files(self) -> None:
        if self._process == os.getpid() and self._files is not None:
            return
        gate = self.path.with_suffix(".gate")
        self._files = (gate.open("ab"), self.path.open("ab"))
        self._process = os.getpid()
        self._held = self._keeping = False
        self._queue.clear()

    def _take_at_once(self) -> bool:
        """Both locks without waiting, when nobody else is there."""
        if not self._try(0):
            return False
        try:
            return self._try(1)
        finally:
            self._unlock(0)

    def _start_keeper(self) -> None:
        self._keeping = True
        threading.Thread(target=self._keep, name="write-lock", daemon=True).start()

    def _keep(self) -> None:
        """Block in the kernel's queue on behalf of this process, then hand the lock to the first waiter."""
        self._lock(0)
        self._lock(1)
        self._unlock(0)
        with self._guard:
            self._keeping = False
            if self._queue:
                self._held = True
                self._queue.popleft().set()
            else:
                self._unlock(1)

    def _try(self, which: int) -> bool:
        try:
            fcntl.flock(self._file(which), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _lock(self, which: int) -> None:
        fcntl.flock(self._file(which), fcntl.LOCK_EX)

    def _unlock(self, which: int) -> None:
        fcntl.flock(self._file(which), fcntl.LOCK_UN)

    def _file(self, which: int) -> IO[bytes]:
        if self._files is None:
            self._open_files()
        files = self._files
        if files is None:
            raise Busy
        return files[which]


_locks: dict[Path, WriteLock] = {}
_locks_guard = threading.Lock()


def write_lock_of(database_path: str) -> WriteLock:
    """The write lock beside an SQLite file; one object for each file in a process."""
    path = Path(database_path).resolve().with_suffix(".lock")
    with _locks_guard:
        if path not in _locks:
            path.parent.mkdir(parents=True, exist_ok=True)
            _locks[path] = WriteLock(path)
        return _locks[path]
