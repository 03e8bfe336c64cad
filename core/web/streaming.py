"""Answers sent piece by piece: each piece is made at the hospital that was asked, on whichever thread sends it."""

from collections.abc import Iterator

from flask import Response

from core.sites import current
from core.storage.journal.reads import flush_reads
from core.texts import reader_locale, reading


def streamed(pieces: Iterator[str], mimetype: str) -> Response:
    """An answer out of pieces that are made one after the other while it is sent.

    The request is over by then, so a piece knows the site, the actor and the language, and nothing else of it. A
    query's rows do not outlive a piece: ask for a page of them in each.
    """
    return Response(resumed(pieces), mimetype=mimetype)


def resumed(pieces: Iterator[str]) -> Iterator[str]:
    """The same pieces, each made back at the site; who was shown whom is written down before it leaves."""
    asked, locale = current(), reader_locale()

    def make_pieces() -> Iterator[str]:
        while True:
            with asked.site.activate(asked.door, asked.source, asked.request_id) as activation, reading(locale):
                activation.actor = asked.actor
                piece = next(pieces, None)
                flush_reads()
            if piece is None:
                return
            yield piece

    return make_pieces()


__all__ = ["streamed"]
