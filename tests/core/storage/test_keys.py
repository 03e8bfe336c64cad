"""Keys stay in their own file; with them everything opens, without them nothing."""

import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import peewee
import pytest

from core.errors import Misuse
from core.sites import Site
from core.storage import fields, keys
from core.storage.keys import Keyring, KeyringUnfit, SealBroken
from core.storage.model import Table
from core.storage.resealing import left_to_reseal, reseal
from tests.core.storage.sites import site_at


class Secret(Table):
    uid = fields.UidField(unique=True, default=fields.new_uid)
    number = fields.EncryptedField(searchable=True, null=True)
    flag = fields.EncryptedField(null=True)

    class Meta:
        plugin = "lot"
        why = "a test"


@pytest.fixture
def keyring(tmp_path: Path) -> Iterator[Keyring]:
    made = Keyring.create(tmp_path / "keys.toml")
    keys.install(made)
    yield made
    keys.install(None)


@pytest.fixture
def site(database_url: str, tmp_path: Path, keyring: Keyring) -> Iterator[Site]:
    made = site_at(database_url, tmp_path)
    with made.activate():
        peewee.SchemaManager(Secret, made.database).create_all()
        yield made
    made.database.budget.close_idle()


def test_a_new_keyring_is_for_its_owner_only_and_never_written_over(keyring: Keyring) -> None:
    assert keyring.path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        Keyring.create(keyring.path)
    assert Keyring.ensure(keyring.path).keys == keyring.keys
    assert list(keyring.path.parent.glob("keys.toml*")) == [keyring.path]
    assert str(base64.b64encode(keyring.keys[keyring.current])) not in repr(keyring)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_keyring_others_can_read_is_refused(keyring: Keyring, mode: int) -> None:
    keyring.path.chmod(mode)
    with pytest.raises(KeyringUnfit, match="chmod 600"):
        Keyring.load(keyring.path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"current = 'a'",
        b"current = 'b'\n[keys]\na = 'AAAA'",
        b"current = 'a'\n[keys]\na = 'AAAA'",
        b"current = 'a'\n[keys]\na = '???'",
        b"\xff\xfe",
        b"keys = 5\ncurrent = 'a'",
    ],
)
def test_a_damaged_keyring_is_refused(keyring: Keyring, content: bytes) -> None:
    keyring.path.write_bytes(content)
    with pytest.raises(KeyringUnfit):
        Keyring.load(keyring.path)


def test_a_missing_keyring_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyringUnfit, match="missing"):
        Keyring.ensure(tmp_path / "none.toml", is_first_start=False)
    with pytest.raises(KeyringUnfit, match="missing"):
        Keyring.load(tmp_path / "none.toml")
    keys.install(None)
    with pytest.raises(Misuse):
        keys.installed_keyring()


def test_processes_that_start_at_once_agree_on_one_keyring(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: Keyring.ensure(path).keys, range(16)))
    assert all(one == found[0] for one in found)


def test_every_changed_bit_and_every_moved_value_is_noticed(keyring: Keyring) -> None:
    site_keys = keyring.for_site("ward")
    sealed = site_keys.seal(b"positive", b"a.b|1")
    assert site_keys.open(sealed, b"a.b|1") == b"positive"
    head, _, body = sealed.rpartition(":")
    raw = base64.b64decode(body)
    for bit in range(len(raw) * 8):
        flipped = bytearray(raw)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBroken):
            site_keys.open(f"{head}:{base64.b64encode(flipped).decode()}", b"a.b|1")
    for other in (keyring.for_site("other").open, lambda text, _: site_keys.open(text, b"a.b|2")):
        with pytest.raises(SealBroken):
            other(sealed, b"a.b|1")
    for nonsense in ("", "plain", "v1:", "v1:none:AAAA", "v2" + sealed[2:], sealed[:-4], sealed + "AAAA"):
        with pytest.raises(SealBroken):
            site_keys.open(nonsense, b"a.b|1")


def test_a_site_under_a_new_name_opens_what_the_old_one_sealed(keyring: Keyring) -> None:
    sealed = keyring.for_site("old").seal(b"x", b"")
    keyring.alias("new", "old")
    assert Keyring.load(keyring.path).for_site("new").open(sealed, b"") == b"x"


def test_a_rotation_reaches_every_row_and_may_be_stopped_on_the_way(site: Site, keyring: Keyring) -> None:
    for number in range(25):
        Secret.create(number=f"n{number}", flag="yes" if number % 2 else None)
    first = keyring.current
    second = keyring.rotate()
    assert Secret.get(Secret.number.matches("n3")).flag == "yes"
    Secret.create(number="new")
    assert left_to_reseal([Secret]) == 25

    told: list[int] = []

    def stop_after_two(table: str, reached: int) -> None:
        told.append(reached)
        if len(told) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reseal([Secret], stop_after_two, chunk=10)
    assert left_to_reseal([Secret]) == 5
    assert reseal([Secret], chunk=10) == 5 + 2
    assert left_to_reseal([Secret]) == 0
    keyring.retire(first)
    assert [(row.number, row.flag) for row in Secret.select().order_by(Secret.id)][3] == ("n3", "yes")
    assert Secret.get(Secret.number.matches("n24")).flag is None
    stored = [value for row in Secret.select(Secret.number).tuples() for value in row]
    assert all(value.startswith(f"v1:{second}:") for value in stored)
    with pytest.raises(Misuse):
        keyring.retire(second)


def test_a_key_made_by_another_process_is_found(site: Site, keyring: Keyring) -> None:
    other = Keyring.load(keyring.path)
    other.rotate()
    record = Secret(number="old")
    record._dirty.clear()
    field = Secret.number
    sealed = other.for_site(site.name).seal(b"fresh", field.bound_to(record))
    assert field.open(sealed, record) == "fresh"
