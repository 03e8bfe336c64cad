"""The first page of a PDF as a picture, so that a paper is seen on its page, on a phone too.

A file somebody sent in is read by a process of its own, which has nothing to lose: `plugins.patients.drawing`.
"""

import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore

from core.errors import NotFound
from core.storage import StoredFile

DRAWING = Path(__file__).parent.parent / "drawing.py"
SECONDS = 15
PDF = "application/pdf"
# So many are drawn at once; whoever comes meanwhile waits a little.
_drawing = BoundedSemaphore(2)


def first_page(file: StoredFile) -> bytes:
    """The first page of a PDF as a JPEG. Raises `NotFound` for other files, and for one that can't be drawn."""
    if file.media_type != PDF or not _drawing.acquire(timeout=SECONDS):
        raise NotFound
    try:
        with file.open() as stream:
            command = [sys.executable, "-I", str(DRAWING)]
            run = subprocess.run(command, input=stream.read(), capture_output=True, timeout=SECONDS, env={})
    except subprocess.TimeoutExpired as slow:
        raise NotFound from slow
    finally:
        _drawing.release()
    if run.returncode or not run.stdout:
        raise NotFound
    return run.stdout
