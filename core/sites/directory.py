"""Which hospitals this installation serves: one small TOML file each, re-read when it changes."""

import logging
import os
import re
import secrets
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import tomli_w

from core import clock
from core.config import Config
from core.errors import Misuse, Refused
from core.sites.activation import Site
from core.sites.engines import ConnectionBudget, database_for, engine_of
from core.texts import _

log = logging.getLogger("medley.sites")
NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
LOOK_AGAIN_SECONDS = 5.0


class SiteDirectory:
    """The sites in `data_folder/sites/*.toml`, by name and by host."""

    def __init__(self, config: Config) -> None:
        self.folder = config.data_folder / "sites"
        self.config = config
        self.budget = ConnectionBudget(config.max_connections)
        self._sites: dict[str, Site] = {}
        self._stamps: dict[str, tuple[int, int]] = {}
        self._hosts: dict[str, Site] = {}
        self._looked_at = -LOOK_AGAIN_SECONDS
        self._lock = Lock()

    def get(self, name: str) -> Site:
        """The site of that name; `Refused` says which there are."""
        self.look()
        if name not in self._sites:
            known = ", ".join(sorted(self._sites)) or "–"
            raise Refused(_("There is no site %(name)s. Known: %(known)s.", name=name, known=known))
        return self._sites[name]

    def by_host(self, host: str) -> Site | None:
        """The site a request's host name chooses, or None; no database is touched."""
        self.look()
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        return self._hosts.get(name.lower().rstrip("."))

    def __iter__(self) -> Iterator[Site]:
        self.look()
        return iter(list(self._sites.values()))

    def all(self) -> list[Site]:
        """Every site, by name."""
        return sorted(self, key=lambda site: site.name)

    def look(self, at_once: bool = False) -> None:
        """Read files that changed, at most once in five seconds. A fault in one is raised when nothing is served
        yet; later it is logged, and what was served before is served on."""
        if not at_once and clock.monotonic() - self._looked_at < LOOK_AGAIN_SECONDS:
            return
        try:
            self._look()
        except (Misuse, OSError, tomllib.TOMLDecodeError) as unfit:
            if at_once or not self._sites:
                raise
            log.error("the folder of sites was left as it was: %s", unfit)

    def _look(self) -> None:
        with self._lock:
            self._looked_at = clock.monotonic()
            found: dict[str, tuple[int, int]] = {}
            for path in sorted(self.folder.glob("*.toml")) if self.folder.is_dir() else []:
                facts = path.stat()
                found[path.stem] = (facts.st_mtime_ns, facts.st_size)
            if found == self._stamps:
                return
            sites = {name: self._known_or_read(name, stamp) for name, stamp in found.items()}
            refuse_mixture(sites.values())
            for name, site in self._sites.items():
                if sites.get(name) is not site:
                    self.budget.close_idle(site.database)
            self._sites, self._stamps = sites, found
            self._hosts = {host: site for site in sites.values() for host in site.hosts}

    def _known_or_read(self, name: str, stamp: tuple[int, int]) -> Site:
        return self._sites[name] if self._stamps.get(name) == stamp else self.read(self.folder / f"{name}.toml")

    def read(self, path: Path) -> Site:
        """A site out of its file; a fault is named with the file and key."""
        facts = tomllib.loads(path.read_text("utf-8"))
        try:
            engine_of(facts["database"])
            return Site(
                name=path.stem,
                title=facts["title"],
                place=facts.get("place", ""),
                hosts=tuple(host.lower() for host in facts["hosts"]),
                database_url=facts["database"],
                folder=self.config.data_folder / path.stem,
                secret=bytes.fromhex(facts["secret"]),
                database=database_for(facts["database"], self.budget),
                zone=ZoneInfo(facts.get("zone", "UTC")),
                locale=facts.get("locale", "en"),
                currency=facts.get("currency", "USD"),
                country=facts.get("country", ""),
                is_demo=bool(facts.get("demo", False)),
            )
        except KeyError as missing:
            raise Misuse(f"{path.name}: the key {missing} is missing") from missing
        except (Misuse, ValueError, ZoneInfoNotFoundError) as wrong:
            raise Misuse(f"{path.name}: {wrong}") from wrong

    def create(self, name: str, database_url: str = "", **facts: Any) -> Site:
        """Write a new site's file with a fresh secret; its tables come with the first upgrade."""
        if not NAME.fullmatch(name):
            raise Refused(_("A site's name has small letters, digits and hyphens, and starts with a letter."))
        path = self.folder / f"{name}.toml"
        if path.exists():
            raise Refused(_("There is already a site %(name)s.", name=name))
        folder = self.config.data_folder / name
        folder.mkdir(parents=True, exist_ok=True)
        url = database_url or f"sqlite:///{(folder / 'medley.db').resolve()}"
        engine_of(url)
        written = {
            "title": facts.pop("title", "") or name.replace("-", " ").title(),
            "hosts": facts.pop("hosts", None) or [name, f"{name}.localhost"],
            "database": url,
            "secret": secrets.token_hex(32),
            **{key: value for key, value in facts.items() if value not in (None, "")},
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        write_private(path, written)
        try:
            self.look(at_once=True)
        except Misuse:
            path.unlink()
            raise
        return self._sites[name]


def refuse_mixture(sites: Iterable[Site]) -> None:
    """One engine for all, and each host name for one hospital only."""
    taken: dict[str, str] = {}
    engines: set[str] = set()
    for site in sites:
        engines.add(site.engine)
        for host in site.hosts:
            if taken.setdefault(host, site.name) != site.name:
                raise Misuse(f"{taken[host]} and {site.name} both have the host {host}")
    if len(engines) > 1:
        raise Misuse("all sites of one installation use one database engine")


def write_private(path: Path, facts: Mapping[str, Any]) -> None:
    """Write a file only its owner may read, whole or not at all."""
    draft = path.with_suffix(".tmp")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        tomli_w.dump(facts, stream)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)
