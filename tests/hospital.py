"""What tests stand on: a house with sites, a bare hospital on each engine, plugins for one test, work at once."""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from core.actors import Actor, system_actor
from core.acts import _acts
from core.app import install_plugins
from core.cli.scaffold import write_plugin
from core.errors import MedleyError
from core.hooks import plan_for, table
from core.registry import Found, Installed, catalogue
from core.registry.upgrading import upgrade
from core.sites import ConnectionBudget, Site, current_site, database_for
from core.storage import model as models
from core.testing.house import House, actor_of
from tests.servers import ENGINES, Servers, require

HOUSE = system_actor("test")
IS_SOAK = os.environ.get("MEDLEY_SOAK") == "1"
# `pytestmark` of the files that use `rounds`: `make soak` asks for the tests marked so.
SOAK = [pytest.mark.soak] if IS_SOAK else []
ROOT = Path(__file__).parents[1]


def rounds(everyday: int, full: int) -> int:
    """How often something is tried: a reduced count every day, the full figure of the promises in a soak."""
    return full if IS_SOAK else everyday


# A house: everything together, on SQLite.


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An installation in a folder of its own."""
    made = House(tmp_path / "house")
    yield made
    made.close()


@pytest.fixture
def site(house: House) -> Site:
    """A hospital of that house on SQLite, not entered yet."""
    return house.site()


@pytest.fixture
def as_person(house: House) -> Callable[..., Actor]:
    """What the door makes of somebody who holds these roles at a site."""

    def act_as(site: Site, *roles: str) -> Actor:
        user = house.person(site, f"Robin {len(roles)} {os.urandom(3).hex()}", *roles)
        with site.activate(door="test"):
            return actor_of(user)

    return act_as


# A hospital with the core's tables only, on every engine, made once for the tests of a file.


def bare_site(url: str, folder: Path, name: str = "harbour", connections: int = 30) -> Site:
    """A site as any process sees it; its tables may still be missing."""
    return Site(
        name=name, title=name.title(), hosts=(f"{name}.localhost",), database_url=url, folder=folder,
        secret=name.encode().ljust(32, b"."), database=database_for(url, ConnectionBudget(connections)),
    )  # fmt: skip


@pytest.fixture(scope="module", params=ENGINES)
def hospital(
    request: pytest.FixtureRequest, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A hospital on each engine in turn, not entered; the tests of a file share it."""
    require(request.param, servers)
    install_plugins()
    url = servers.url(request.param)
    made = bare_site(url, tmp_path_factory.mktemp("hospital"))
    upgrade(made)
    yield made
    made.database.budget.close_idle()
    servers.drop(url)


@pytest.fixture
def site_on(hospital: Site) -> Iterator[Site]:
    """That hospital, entered for the length of a test."""
    with hospital.activate(door="test"):
        yield hospital


# Plugins written for one test.


class Workshop:
    """Writes plugins, installs them in this process, and forgets them again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: list[str] = []

    def write(self, name: str, **files: str) -> Path:
        """The scaffold under this name, some of its files replaced; "" takes a file away. Returns the package."""
        write_plugin(name, self.folder, in_house=False)
        package = self.folder / f"medley-{name}" / f"medley_{name}"
        for file, text in files.items():
            path = package / f"{file}.py"
            if text:
                path.write_text(textwrap.dedent(text), "utf-8")
            else:
                path.unlink()
        return package

    def small(self, name: str, text: str = "", needs: str = "", **files: str) -> Path:
        """A plugin of one file: a manifest, with `needs` among its facts, and what is written here."""
        package = self.folder / f"medley-{name}" / f"medley_{name}"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(f'"""{name}."""\n', "utf-8")
        facts = f'name="{name}", title="{name}", ' + (needs if "version=" in needs else f'version="1.0", {needs}')
        head = f"from core.hooks import hookimpl\nfrom core.registry import Manifest\n\nmanifest = Manifest({facts})\n"
        (package / "plugin.py").write_text(head + textwrap.dedent(text), "utf-8")
        for file, written in files.items():
            (package / f"{file}.py").write_text(textwrap.dedent(written), "utf-8")
        return package

    def offer(self, name: str, as_name: str = "") -> None:
        """Put a plugin written here where an installed package would be, so that it is found under its entry point."""
        parent = self.folder / f"medley-{name}"
        facts = parent / f"medley_{name}-1.0.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: medley-{name}\nVersion: 1.0\n", "utf-8")
        (facts / "entry_points.txt").write_text(f"[medley.plugins]\n{as_name or name} = medley_{name}\n", "utf-8")
        if str(parent) not in sys.path:
            sys.path.insert(0, str(parent))
        self.made += [name, as_name] if as_name else [name]

    def install(self, name: str) -> Installed:
        """Register a plugin written here; errors come out."""
        parent = str(self.folder / f"medley-{name}")
        if parent not in sys.path:
            sys.path.insert(0, parent)
        self.made.append(name)
        return catalogue.add(Found(name, f"medley_{name}"))

    def module(self, name: str, part: str = "plugin") -> Any:
        """A module of an installed plugin."""
        return sys.modules[f"medley_{name}.{part}"]

    def forget(self) -> None:
        """Leave the process as it was."""
        for name in self.made:
            package = f"medley_{name}"
            catalogue.plugins.pop(name, None)
            catalogue.failures.pop(name, None)
            table.modules.pop(name, None)
            table._spec_modules[:] = [one for one in table._spec_modules if not is_of(package, one.__name__)]
            for hook in [spec.name for spec in table.specs.values() if spec.owner == name]:
                del table.specs[hook]
            for spec in [one for one in _acts.values() if is_of(package, one.module)]:
                del _acts[spec.name]
            for key in [key for key, one in models._models.items() if is_of(package, one.__module__)]:
                del models._models[key]
            for key in [key for key, one in models._tables.items() if is_of(package, one.__module__)]:
                del models._tables[key]
            for module in [one for one in sys.modules if is_of(package, one)]:
                del sys.modules[module]
            with contextlib.suppress(ValueError):
                sys.path.remove(str(self.folder / f"medley-{name}"))
        self.made.clear()
        plan_for.cache_clear()


def is_of(package: str, module: str) -> bool:
    """Whether a module lies in a package."""
    return f"{module}.".startswith(f"{package}.")


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    """Where plugins for one test are made."""
    made = Workshop(tmp_path / "workshop")
    yield made
    made.forget()


# Many at once.


def at_once(site: Site, number: int, work: Callable[[int], Any]) -> list[Any]:
    """The results, or errors, of work done by many threads at the same moment."""
    gate = threading.Barrier(number)
    results: list[Any] = [None] * number

    def run(index: int) -> None:
        gate.wait()
        with site.activate(door="test"):
            try:
                results[index] = work(index)
            except MedleyError as failure:
                results[index] = failure

    threads = [threading.Thread(target=run, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def in_processes(number: int, work: Callable[..., Any], *facts: Any) -> list[Any]:
    """What the same work comes to in as many processes: `work(url, folder, index, *facts)`."""
    site = current_site()
    site.database.close()
    with ProcessPoolExecutor(number, mp_context=get_context("spawn")) as pool:
        asked = [pool.submit(work, site.database_url, site.folder, index, *facts) for index in range(number)]
        return [one.result() for one in asked]


@contextlib.contextmanager
def process_of(module: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`python -m module` beside the test, killed at the end; its standard output can be read."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with ExitStack() as stack:
        child = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-m", module, *arguments], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
            )
        )
        stack.callback(child.wait)
        stack.callback(child.send_signal, signal.SIGKILL)
        yield child
