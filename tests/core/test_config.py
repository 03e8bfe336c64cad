"""Deployment settings fail early, with the key's name."""

from pathlib import Path

import pytest

from core.config import Config
from core.errors import Misuse


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "medley.toml"
    path.write_text(text, "utf-8")
    return path


def test_what_is_not_said_has_its_default():
    assert Config.load() == Config()
    assert Config().keyring_path == Path("data-keys.toml")


def test_the_file_is_overruled_by_the_environment(tmp_path: Path):
    path = written(
        tmp_path, '[server]\nport = 9000\nthreads = 8\ntrusted_proxies = ["10.0.0.0/8"]\n[log]\njson = false'
    )
    config = Config.load(path, {"MEDLEY_SERVER_PORT": "9001", "MEDLEY_LOG_JSON": "true"})
    assert (config.port, config.threads, config.trusted_proxies, config.log_json) == (9001, 8, ("10.0.0.0/8",), True)


def test_a_value_can_be_handed_over_in_a_file(tmp_path: Path):
    (tmp_path / "secret").write_text("/run/keys.toml\n")
    config = Config.load(None, {"MEDLEY_KEYS_FILE_FILE": str(tmp_path / "secret")})
    assert config.keyring_path == Path("/run/keys.toml")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[server]\nprot = 1", "[server] prot"),
        ("[sever]\nport = 1", "[sever] port"),
        ("port = 1", "port"),
        ("[server]\nport = 'many'", "[server] port"),
        ("[server]\nport = 0", "[server] port"),
        ("[server]\nthreads = -1", "[server] threads"),
        ("[log]\njson = 'perhaps'", "[log] json"),
        ("[server]\ntls_key = 'k'", "tls_certificate and tls_key"),
        ("[database]\nmax_connections = 0", "[database] max_connections"),
        ("[server]\nthreads = 16", "[database] max_connections"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, text: str, named: str):
    with pytest.raises(Misuse) as wrong:
        Config.load(written(tmp_path, text))
    assert named in str(wrong.value)


def test_a_list_in_the_environment_is_written_with_commas():
    assert Config.load(None, {"MEDLEY_SERVER_TRUSTED_PROXIES": "127.0.0.1, ::1"}).trusted_proxies == (
        "127.0.0.1",
        "::1",
    )


def test_settings_do_not_change_while_the_house_runs():
    with pytest.raises(AttributeError):
        Config().port = 1  # type: ignore[misc]
