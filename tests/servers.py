"""Private database servers for tests and benchmarks: started on demand, shared by test workers, gone at the end.

Nothing of the machine's own databases is used or touched: each run makes its servers in a temporary folder, as a
user who is not root, and a watchdog removes them even when the run itself is killed.
"""

import contextlib
import fcntl
import os
import pwd
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import psycopg
import pymysql
import pytest
from psycopg import sql

ENGINES = ("sqlite", "postgresql", "mariadb")

ROOT_VARIABLE = "MEDLEY_TEST_SERVERS"  # "owner's process id:folder", handed from the pytest controller to its workers
DURABLE_VARIABLE = "MEDLEY_TEST_DURABLE"  # when set, shared servers wait for the disk like a hospital's would
READY_WITHIN = 60.0
# Below the range Linux hands to outgoing connections, so that a stopped server's port is still free at its return.
PORTS = range(20000, 32000)


class ServerMissing(Exception):
    """A database server is not installed on this machine; the message names the Debian package."""


class ServerBroken(Exception):
    """A database server did not start or stop; the message carries the end of its log."""


class DatabaseServer:
    """One private server in one folder, which several test processes may use at once."""

    engine: ClassVar[str]
    package: ClassVar[str]
    program: ClassVar[str]
    accounts: ClassVar[tuple[str, ...]]
    stop_signal: ClassVar[signal.Signals]

    def __init__(self, folder: Path, durable: bool) -> None:
        self.folder = folder
        self.durable = durable
        self.child: subprocess.Popen[bytes] | None = None

    # What each engine says of itself.

    @classmethod
    def binaries(cls) -> list[Path]:
        """Return the folders, besides the search path, where Debian keeps this server's programs."""
        return []

    def initialise(self) -> None:
        """Make an empty data folder."""
        raise NotImplementedError

    def command(self) -> list[str]:
        """Return the command line that runs the server in the foreground."""
        raise NotImplementedError

    def admin(self) -> Any:
        """Connect as the server's administrator."""
        raise NotImplementedError

    def settle(self) -> None:
        """Create the account that the databases' URLs use; called once, on a new server."""
        raise NotImplementedError

    def create(self, name: str) -> str:
        """Create an empty database and return its URL."""
        raise NotImplementedError

    def drop(self, name: str) -> None:
        """Remove a database, cutting whoever is still connected."""
        raise NotImplementedError

    # What all have in common.

    @classmethod
    def find(cls, program: str) -> str:
        """Return the path of one of the server's programs."""
        for folder in cls.binaries():
            if (folder / program).exists():
                return str(folder / program)
        path = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
        if path is None:
            raise ServerMissing(f"{cls.engine} is not installed here: install Debian's package {cls.package}")
        return path

    @property
    def port(self) -> int:
        """The port on 127.0.0.1, the same from first start to last stop."""
        return int((self.folder / "port").read_text())

    def ensure_running(self) -> None:
        """Start the server unless it runs; the first of several processes does it and the others wait."""
        self.find(self.program)
        with locked(self.folder):
            if not self.running():
                self._start()

    def running(self) -> bool:
        """Tell whether the server's process lives."""
        pid = self._pid()
        return pid is not None and alive(pid, self.child)

    def stop(self, how: str) -> None:
        """Stop the server: `immediate` cuts every connection, `kill` gives it no chance to say goodbye."""
        with locked(self.folder):
            pid = self._pid()
            if pid is None or not self.running():
                return
            family = descendants(pid)
            os.kill(pid, signal.SIGKILL if how == "kill" else self.stop_signal)
            for process in family if how == "kill" else ():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            wait_until(lambda: not any(alive(process, self.child) for process in (pid, *family)), self._why_not)
            (self.folder / "pid").unlink()

    def _start(self) -> None:
        if not (self.folder / "ready").exists():
            self._prepare()
            self._launch()
            self.settle()
            (self.folder / "ready").touch()
        else:
            self._launch()

    def _prepare(self) -> None:
        shutil.rmtree(self.folder / "data", ignore_errors=True)
        (self.folder / "port").write_text(str(free_port()))
        if (account := self._account()) is not None:
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        self.initialise()

    def _launch(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while True:
            with (self.folder / "log").open("ab") as log:
                self.child = subprocess.Popen(
                    self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self._as_account()
                )
            (self.folder / "pid").write_text(str(self.child.pid))
            while self.child.poll() is None:
                with contextlib.suppress(psycopg.OperationalError, pymysql.err.OperationalError, OSError):
                    self.admin().close()
                    return
                if time.monotonic() > deadline:
                    raise ServerBroken(self._why_not())
                time.sleep(0.03)
            # Just after a kill, leftovers of the old server (shared memory, locks) may turn the new one away.
            if time.monotonic() > deadline or not (self.folder / "ready").exists():
                raise ServerBroken(self._why_not())
            time.sleep(0.1)

    def run(self, *command: str) -> None:
        """Run one of the server's own tools to its end, as the server's user."""
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **self._as_account()
        )
        if done.returncode:
            raise ServerBroken(f"{' '.join(command)}\n{done.stdout.decode(errors='replace')}")

    def _account(self) -> pwd.struct_passwd | None:
        """Return whom the server runs as when we are root, whom database servers refuse to serve."""
        if os.geteuid() != 0:
            return None
        for name in (*self.accounts, "nobody"):
            with contextlib.suppress(KeyError):
                return pwd.getpwnam(name)
        raise ServerBroken(f"{self.engine} does not run as root, and none of these users exists: {self.accounts}")

    def _as_account(self) -> dict[str, Any]:
        options: dict[str, Any] = {
            "cwd": self.folder,
            "env": {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "HOME": str(self.folder)},
            "start_new_session": True,  # so that Ctrl-C in the terminal reaches the tests, not the server
        }
        if (account := self._account()) is not None:
            options |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        return options

    def _pid(self) -> int | None:
        try:
            return int((self.folder / "pid").read_text())
        except FileNotFoundError:
            return None

    def _why_not(self) -> str:
        log = self.folder / "log"
        tail = log.read_text(errors="replace")[-2000:] if log.exists() else "no log"
        return f"{self.engine} in {self.folder}: {tail}"


class PostgreSQL(DatabaseServer):
    """A private PostgreSQL. The URLs' account owns its databases but is no superuser, as in a careful hospital."""

    engine = "postgresql"
    package = "postgresql"
    program = "postgres"
    accounts = ("medley-test", "postgres")
    stop_signal = signal.SIGQUIT

    @classmethod
    def binaries(cls) -> list[Path]:
        """Return Debian's folders, newest release first: they are not on the search path."""
        return sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: -int(folder.parent.name))

    def initialise(self) -> None:
        """Make a cluster in UTF-8 which trusts whoever reaches 127.0.0.1."""
        self.run(
            self.find("initdb"), "--pgdata", str(self.folder / "data"), "--username=postgres", "--auth=trust",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions",
        )  # fmt: skip

    def command(self) -> list[str]:
        """Return the command line; without durability only the wait for the disk is left out."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "300",
            "shared_buffers": "64MB",
            "fsync": "on" if self.durable else "off",
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return [self.find("postgres"), "-D", str(self.folder / "data"), "-p", str(self.port), *options]

    def admin(self) -> psycopg.Connection[Any]:
        """Connect as superuser."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", dbname="postgres", autocommit=True, connect_timeout=5
        )

    def settle(self) -> None:
        """Create the role `medley`."""
        with self.admin() as connection:
            connection.execute("CREATE ROLE medley LOGIN CREATEDB")

    def create(self, name: str) -> str:
        """Create a database owned by `medley`."""
        with self.admin() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER medley").format(sql.Identifier(name)))
        return f"postgresql://medley@127.0.0.1:{self.port}/{name}"

    def drop(self, name: str) -> None:
        """Drop a database, connected or not."""
        with self.admin() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


class MariaDB(DatabaseServer):
    """A private MariaDB. The URLs' account may do anything in databases called `medley_…` and nothing elsewhere."""

    engine = "mariadb"
    package = "mariadb-server"
    program = "mariadbd"
    accounts = ("medley-test", "mysql")
    stop_signal = signal.SIGTERM

    def initialise(self) -> None:
        """Make a data folder whose root needs no password on the server's own socket."""
        self.run(
            self.find("mariadb-install-db"), "--no-defaults", f"--datadir={self.folder / 'data'}", "--skip-test-db",
            f"--tmpdir={self.folder}", "--auth-root-authentication-method=normal", "--innodb-log-file-size=32M",
            "--innodb-flush-method=nosync",
        )  # fmt: skip

    def command(self) -> list[str]:
        """Return the command line; without durability only the wait for the disk is left out.

        The folder for temporary tables is its own: a server that starts clears it, whosever tables lie in it.
        """
        return [
            self.find("mariadbd"), "--no-defaults", f"--datadir={self.folder / 'data'}", f"--port={self.port}",
            f"--socket={self.folder / 'socket'}", f"--pid-file={self.folder / 'mariadbd.pid'}",
            f"--tmpdir={self.folder}", "--bind-address=127.0.0.1", "--skip-name-resolve", "--skip-log-bin",
            "--max-connections=300",
            "--character-set-server=utf8mb4", "--innodb-buffer-pool-size=128M", "--innodb-log-file-size=32M",
            "--innodb-fast-shutdown=2", f"--innodb-flush-method={'fsync' if self.durable else 'nosync'}",
        ]  # fmt: skip

    def admin(self) -> "pymysql.Connection[Any]":
        """Connect as root, through the socket."""
        return pymysql.connect(
            unix_socket=str(self.folder / "socket"), user="root", charset="utf8mb4", autocommit=True, connect_timeout=5
        )

    def settle(self) -> None:
        """Create the account `medley`."""
        self._execute(
            "CREATE USER medley@'127.0.0.1' IDENTIFIED BY 'medley'",
            "GRANT ALL PRIVILEGES ON `medley\\_%`.* TO medley@'127.0.0.1'",
        )

    def create(self, name: str) -> str:
        """Create a database for four-byte texts."""
        self._execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
        return f"mariadb://medley:medley@127.0.0.1:{self.port}/{name}"

    def drop(self, name: str) -> None:
        """Drop a database; connections to it are cut first, for an open transaction would block the drop."""
        with contextlib.closing(self.admin()) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT id FROM information_schema.processlist WHERE db = %s", (name,))
            for (connected,) in cursor.fetchall():
                with contextlib.suppress(pymysql.err.OperationalError):  # it left by itself
                    cursor.execute("KILL %s", (connected,))
        self._execute(f"DROP DATABASE IF EXISTS `{name}`")

    def _execute(self, *statements: str) -> None:
        with contextlib.closing(self.admin()) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


KINDS: dict[str, type[DatabaseServer]] = {"postgresql": PostgreSQL, "mariadb": MariaDB}


class Servers:
    """Fresh databases of every engine. A server is started the first time one of its databases is asked for."""

    def __init__(self, root: Path, owner: int, durable: bool = False, shared: bool = False) -> None:
        self.root = root
        self.owner = owner
        self.shared = shared
        self._servers = {engine: kind(root / engine, durable) for engine, kind in KINDS.items()}

    def url(self, engine: str) -> str:
        """Create an empty database and return its URL."""
        self._open()
        name = f"medley_{secrets.token_hex(6)}"
        if engine == "sqlite":
            folder = self.root / "sqlite" / name
            folder.mkdir(parents=True)
            return f"sqlite:///{folder / 'site.db'}"
        self._servers[engine].ensure_running()
        return self._servers[engine].create(name)

    def drop(self, url: str) -> None:
        """Remove a database that `url` handed out, whoever is still connected."""
        address = urlsplit(url)
        if address.scheme == "sqlite":
            shutil.rmtree(Path(address.path[1:]).parent, ignore_errors=True)
        else:
            self._servers[address.scheme].drop(address.path[1:])

    def restart(self, engine: str, how: str = "immediate") -> None:
        """Stop and start a server: `immediate` cuts connections at once, `kill` is kill -9 to all its processes."""
        self.stop(engine, how)
        self.start(engine)

    def stop(self, engine: str, how: str = "immediate") -> None:
        """Take a server away, as an outage would; its databases are back after `start`."""
        if how not in ("immediate", "kill"):
            raise ValueError(f"a server stops 'immediate' or by 'kill', not {how!r}")
        self._own(engine).stop(how)

    def start(self, engine: str) -> None:
        """Bring a server back on the same port with what it had committed."""
        server = self._own(engine)
        self._open()
        server.ensure_running()

    def available(self, engine: str) -> None:
        """Raise `ServerMissing` when the engine is not installed on this machine."""
        if engine != "sqlite":
            kind = KINDS[engine]
            kind.find(kind.program)

    def close(self) -> None:
        """Stop everything and remove every file."""
        remove(self.root)

    def _own(self, engine: str) -> DatabaseServer:
        if engine == "sqlite":
            raise ValueError("sqlite is a file: there is no server to stop or start")
        if self.shared:
            raise RuntimeError("other tests use this server at the same time: ask for the fixture `own_servers`")
        return self._servers[engine]

    def _open(self) -> None:
        if (self.root / "watched").exists():
            return
        self.root.mkdir(mode=0o755, exist_ok=True)
        self.root.chmod(0o755)  # whatever the umask: the servers' user has to pass
        with locked(self.root):
            if not (self.root / "watched").exists():
                for engine in KINDS:
                    (self.root / engine).mkdir(exist_ok=True)
                command = [sys.executable, "-I", "-S", "-c", WATCHDOG, str(self.owner), str(self.root)]
                subprocess.Popen(command, cwd="/", stdin=subprocess.DEVNULL, start_new_session=True)
                (self.root / "watched").touch()


@contextlib.contextmanager
def running_servers(durable: bool = True) -> Iterator[Servers]:
    """Hand out servers that belong to the caller alone, which may be stopped and killed; gone at the end."""
    owned = Servers(new_root(), os.getpid(), durable=durable)
    try:
        yield owned
    finally:
        owned.close()


# The fixtures. pytest's controller names the folder, any worker starts what it needs, the controller clears up.


def pytest_configure(config: pytest.Config) -> None:
    """Name the run's folder before xdist starts its workers, which inherit the name."""
    if not hasattr(config, "workerinput") and ROOT_VARIABLE not in os.environ:
        os.environ[ROOT_VARIABLE] = f"{os.getpid()}:{new_root()}"


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the run's servers, after Ctrl-C too."""
    owner, _, root = os.environ.get(ROOT_VARIABLE, "").partition(":")
    if owner == str(os.getpid()):
        del os.environ[ROOT_VARIABLE]
        remove(Path(root))


@pytest.fixture(scope="session")
def servers() -> Servers:
    """Servers that all tests of the run share: ask for databases, leave the servers alone."""
    owner, _, root = os.environ[ROOT_VARIABLE].partition(":")
    return Servers(Path(root), int(owner), durable=DURABLE_VARIABLE in os.environ, shared=True)


@pytest.fixture(scope="session")
def own_servers() -> Iterator[Servers]:
    """Durable servers of this test process alone, for outages, restarts and kills."""
    with running_servers() as owned:
        yield owned


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, servers: Servers) -> str:
    """Each engine in turn; narrow it with `@pytest.mark.parametrize("engine", ENGINES[1:], indirect=True)`."""
    require(request.param, servers)
    return str(request.param)


@pytest.fixture
def database_url(engine: str, servers: Servers) -> Iterator[str]:
    """An empty database of the engine, dropped after the test."""
    url = servers.url(engine)
    yield url
    servers.drop(url)


def require(engine: str, servers: Servers) -> None:
    """Skip the test when its database is not installed; in CI that is a failure, for there nothing may be skipped."""
    try:
        servers.available(engine)
    except ServerMissing as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))


# Processes, ports and folders.


def new_root() -> Path:
    """Name a folder nobody has; its path is short, for a socket's path may have 107 characters only."""
    base = Path("/tmp") if os.access("/tmp", os.W_OK) else Path(tempfile.gettempdir())
    return base / f"medley-{os.getpid()}-{secrets.token_hex(3)}"


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one process at a time in."""
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def free_port() -> int:
    """Find a port on 127.0.0.1 that nobody listens on."""
    for port in random.sample(PORTS, 100):
        with socket.socket() as attempt, contextlib.suppress(OSError):
            attempt.bind(("127.0.0.1", port))
            return port
    raise ServerBroken("no free port on 127.0.0.1")


def alive(pid: int, child: "subprocess.Popen[bytes] | None" = None) -> bool:
    """Tell whether a process runs; one that ended and waits for its parent does not."""
    if child is not None and child.pid == pid:
        return child.poll() is None
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return False


def dead(pid: int) -> bool:
    """Tell whether a process is gone."""
    return not alive(pid)


def descendants(pid: int) -> list[int]:
    """List the processes that a server started."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [process for child in children for process in (int(child), *descendants(int(child)))]


def wait_until(condition: Callable[[], bool], why_not: Callable[[], str]) -> None:
    """Wait, at most a minute."""
    deadline = time.monotonic() + READY_WITHIN
    while not condition():
        if time.monotonic() > deadline:
            raise ServerBroken(why_not())
        time.sleep(0.02)


def remove(root: Path) -> None:
    """Kill every server of a folder and delete the folder."""
    for record in root.glob("*/pid"):
        pid = int(record.read_text())
        # PostgreSQL leaves at once by this signal too, and takes its children along.
        quickest = signal.SIGQUIT if record.parent.name == "postgresql" else signal.SIGKILL
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, quickest)
        wait_until(partial(dead, pid), lambda: f"a server of {root} does not end")
    shutil.rmtree(root, ignore_errors=True)
    (root.parent / f"{root.name}.lock").unlink(missing_ok=True)


# Runs beside the tests, imports nothing of ours, and does what `remove` does if the owner is gone without doing it.
WATCHDOG = """
import os, pathlib, shutil, signal, sys, time
owner, root = int(sys.argv[1]), pathlib.Path(sys.argv[2])
while root.exists():
    try:
        os.kill(owner, 0)
    except ProcessLookupError:
        break
    time.sleep(0.5)
time.sleep(1.0)
for record in root.glob("*/pid"):
    pid = int(record.read_text())
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
    family = children.read_text().split() if children.exists() else []
    for process in [pid, *map(int, family)]:
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            pass
for _ in range(20):
    shutil.rmtree(root, ignore_errors=True)
    if not root.exists():
        break
    time.sleep(0.2)
pathlib.Path(f"{root}.lock").unlink(missing_ok=True)
"""
