"""Sending a file that lies at the site: as it is, under its name, and never as a page of ours."""

from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import quote

from flask import Response

CHUNK = 256 * 1024
# Types a browser shows by itself without running anything that came with the file.
SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


def sent_file(stream: BinaryIO, name: str, media_type: str, size: int, is_shown: bool = False) -> Response:
    """A file to be saved; `is_shown` shows a picture in its place instead."""
    way = "inline" if is_shown and media_type in SHOWN else "attachment"
    answer = Response(parts(stream), mimetype=media_type)
    plain = "".join(sign for sign in name if sign.isascii() and sign.isprintable() and sign not in '"\\') or "file"
    answer.headers["Content-Disposition"] = f"{way}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    answer.headers["Content-Length"] = str(size)
    answer.call_on_close(stream.close)
    return answer


def parts(stream: BinaryIO) -> Iterator[bytes]:
    """The content, a piece at a time."""
    while part := stream.read(CHUNK):
        yield part
