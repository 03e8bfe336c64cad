"""Style sheets, scripts and pictures under addresses that carry a hash of their content, kept by browsers for good."""

import hashlib
import mimetypes
from collections.abc import Iterable
from pathlib import Path

from flask import Flask, Response, send_file

from core.errors import Misuse, NotFound
from core.registry import Installed

YEAR = 365 * 24 * 60 * 60
CORE = Path(__file__).parent / "static"


class Assets:
    """The static files of the core and of every installed plugin, found once when the server starts."""

    def __init__(self, app: Flask, plugins: Iterable[Installed]) -> None:
        self.urls: dict[tuple[str, str], str] = {}
        self.files: dict[str, Path] = {}
        self.add("core", CORE)
        for plugin in plugins:
            self.add(plugin.name, plugin.folder / "static")
        app.add_url_rule("/static/<path:name>", "static", self.serve)

    def add(self, owner: str, folder: Path) -> None:
        """Take in the files of one folder."""
        for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
            if path.is_file():
                name = path.relative_to(folder).as_posix()
                digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
                address = f"{owner}/{digest}/{name}"
                self.files[address] = path
                self.urls[(owner, name)] = f"/static/{address}"

    def url(self, name: str, plugin: str = "core") -> str:
        """The address of a file; a missing one is a mistake in the template."""
        found = self.urls.get((plugin, name))
        if found is None:
            raise Misuse(f"there is no static file {name} of {plugin}")
        return found

    def serve(self, name: str) -> Response:
        """One file, by an address given out before."""
        path = self.files.get(name)
        if path is None:
            raise NotFound
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        response = send_file(path, mimetype=kind, conditional=True, max_age=YEAR, etag=False)
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        return response
