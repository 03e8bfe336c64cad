"""Deployment settings: one TOML file, overruled by the environment, frozen, failing early with the key's name."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from core.errors import Misuse

# Where each setting lies in medley.toml: [section] key.
_PLACES = {
    "data_folder": ("data", "folder"),
    "host": ("server", "host"),
    "port": ("server", "port"),
    "workers": ("server", "workers"),
    "threads": ("server", "threads"),
    "trusted_proxies": ("server", "trusted_proxies"),
    "tls_certificate": ("server", "tls_certificate"),
    "tls_key": ("server", "tls_key"),
    "keys_file": ("keys", "file"),
    "idle_minutes": ("sessions", "idle_minutes"),
    "absolute_hours": ("sessions", "absolute_hours"),
    "locked_minutes": ("sessions", "locked_minutes"),
    "max_connections": ("database", "max_connections"),
    "log_level": ("log", "level"),
    "log_json": ("log", "json"),
}


@dataclass(frozen=True, slots=True)
class Config:
    """How this installation runs. Sites have their own files in `data_folder / "sites"`."""

    data_folder: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    threads: int = 4
    trusted_proxies: tuple[str, ...] = ()
    tls_certificate: str = ""
    tls_key: str = ""
    keys_file: Path = Path()
    idle_minutes: int = 15
    absolute_hours: int = 12
    locked_minutes: int = 240
    max_connections: int = 30
    log_level: str = "INFO"
    log_json: bool = True

    @classmethod
    def load(cls, path: Path | None = None, env: Mapping[str, str] | None = None) -> "Config":
        """Read `medley.toml` (when given) and `MEDLEY_*`; a value that does not fit raises, naming its key.

        `MEDLEY_SERVER_PORT=9000` overrules `[server] port`; `MEDLEY_KEYS_FILE_FILE=/run/x` reads the
        value from a file, as container secrets are handed over.
        """
        written = tomllib.loads(path.read_text("utf-8")) if path else {}
        refuse_unknown(written)
        values = {}
        for setting in fields(cls):
            section, key = _PLACES[setting.name]
            raw = from_environment(env or {}, section, key)
            if raw is None:
                raw = written.get(section, {}).get(key)
            if raw is not None:
                values[setting.name] = fitted(raw, setting.default, f"[{section}] {key}")
        return cls(**values).checked()

    def checked(self) -> "Config":
        """Refuse what can't work together."""
        if bool(self.tls_certificate) != bool(self.tls_key):
            raise Misuse("[server] tls_certificate and tls_key go together")
        for name in ("port", "workers", "threads", "idle_minutes", "absolute_hours", "max_connections"):
            if getattr(self, name) < 1:
                section, key = _PLACES[name]
                raise Misuse(f"[{section}] {key} must be at least 1")
        if self.locked_minutes < 0:
            raise Misuse("[sessions] locked_minutes must be at least 0")
        if self.max_connections < 2 * self.threads:  # a page that shows a person needs a second one, for the reads
            raise Misuse("[database] max_connections must be at least twice [server] threads")
        return self

    @property
    def keyring_path(self) -> Path:
        """The file of encryption keys; beside the data folder, never inside it, unless set otherwise."""
        if self.keys_file != Path():
            return self.keys_file
        return self.data_folder.with_name(self.data_folder.name + "-keys.toml")


def refuse_unknown(written: Mapping[str, Any]) -> None:
    """A misspelt key is an error at start-up, not a silent default."""
    known = set(_PLACES.values())
    for section, keys in written.items():
        for key in keys if isinstance(keys, dict) else [""]:
            if (section, key) not in known:
                raise Misuse(f"unknown setting [{section}] {key}")


def from_environment(env: Mapping[str, str], section: str, key: str) -> str | None:
    """`MEDLEY_<SECTION>_<KEY>`, or the content of the file named by `…_FILE`."""
    name = f"MEDLEY_{section}_{key}".upper()
    if name in env:
        return env[name]
    if f"{name}_FILE" in env:
        return Path(env[f"{name}_FILE"]).read_text("utf-8").strip()
    return None


def fitted(raw: Any, default: Any, where: str) -> Any:
    """Turn a written value into the type of its default."""
    try:
        if isinstance(default, bool):
            return raw if isinstance(raw, bool) else {"true": True, "false": False}[str(raw).lower()]
        if isinstance(default, tuple):
            return tuple(raw if isinstance(raw, list) else [part.strip() for part in str(raw).split(",") if part])
        return type(default)(raw)
    except (KeyError, TypeError, ValueError) as wrong:
        raise Misuse(f"{where}: {raw!r} is not a {type(default).__name__}") from wrong
