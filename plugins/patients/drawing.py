"""Draws the first page of a PDF. Run as a process of its own: a PDF on its standard input, a JPEG on its output.

It imports nothing of the house, knows no database, and ends when it takes too long or too much memory.
"""

import io
import resource
import sys

import pypdfium2

EDGE = 1200
SECONDS, BYTES = 10, 1024 * 1024 * 1024


def drawn(content: bytes) -> bytes:
    """The first page, its longer side `EDGE` pixels."""
    page = pypdfium2.PdfDocument(content)[0]
    picture = page.render(scale=EDGE / max(*page.get_size(), 1.0)).to_pil().convert("RGB")
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=80)
    return written.getvalue()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    sys.stdout.buffer.write(drawn(sys.stdin.buffer.read()))
