"""Serving pages and doing background work."""

import gc
import logging
import os
import signal
import sys
import threading
import time
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import click
from flask import Flask
from granian import Granian
from granian.constants import HTTPModes, Interfaces

from core.app import create_app
from core.cli.context import House, load_house, pass_house, plainly
from core.config import Config
from core.errors import Misuse
from core.jobs import Worker
from core.registry.quarantine import on_hang
from core.web.logs import set_up_logs

WITHOUT_WORKER = "MEDLEY_WITHOUT_WORKER"
RETIRE_AFTER_SECONDS = 30
OBJECTS_BETWEEN_LOOKS = 5000
log = logging.getLogger("medley.serve")


def application() -> Flask:
    """What each server process runs: the pages, and a worker beside them unless told otherwise."""
    house = load_house(os.environ.get("MEDLEY_CONFIG"), False)
    set_up_logs(house.config)
    app = create_app(house.config, house.sites)
    settle()
    if os.environ.get(WITHOUT_WORKER) != "1":
        worker = Worker(house.sites)
        worker.start()
    on_hang.append(retire_soon)
    return app


def settle() -> None:
    """Let the collector of garbage pass over what stays for good, and look for the rest less often.

    Code, models and routes make up most of what a server holds. Going through them again and again for nothing
    costs each page more than making it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_LOOKS, 20, 20)


def retire_soon(plugin: str) -> None:
    """End this process a little later: a plugin hangs in one of its threads, and a fresh process has all of them."""
    log.error("this process retires in %s seconds, because %s hangs in it", RETIRE_AFTER_SECONDS, plugin)

    def retire() -> None:
        time.sleep(RETIRE_AFTER_SECONDS)
        os._exit(1)

    threading.Thread(target=retire, name="retire", daemon=True).start()


@click.command("serve")
@click.option("--host", default=None, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=None, help="Port to listen on.")
@click.option("--workers", type=click.IntRange(1, 64), default=None, help="Processes.")
@click.option("--threads", type=click.IntRange(1, 64), default=None, help="Requests at once in each process.")
@click.option(
    "--tls-certificate", type=click.Path(exists=True), default=None, help="PEM file; with --tls-key serves https."
)
@click.option("--tls-key", type=click.Path(exists=True), default=None, help="PEM file of the certificate's key.")
@click.option("--without-worker", is_flag=True, help="Leave background work to `medley worker`.")
@pass_house
@plainly
def serve(house: House, /, without_worker: bool, **chosen: Any) -> None:
    """Serve all sites, with background work in the same processes unless --without-worker."""
    run_server(with_choices(house.config, chosen), house, without_worker)


def with_choices(config: Config, chosen: dict[str, Any]) -> Config:
    """The configuration with what the command line says."""
    names = {name: value for name, value in chosen.items() if value is not None}
    for name, value in names.items():
        section = "SERVER"
        os.environ[f"MEDLEY_{section}_{name.upper()}"] = str(value)
    return Config.load(Path(os.environ["MEDLEY_CONFIG"]) if os.environ.get("MEDLEY_CONFIG") else None, os.environ)


def run_server(config: Config, house: House, without_worker: bool = False) -> None:
    """Run the server until it is stopped."""
    refuse_public_demo(config, house)
    os.environ[WITHOUT_WORKER] = "1" if without_worker else "0"
    server = Granian(
        "core.cli.serving:application",
        address=config.host,
        port=config.port,
        interface=Interfaces.WSGI,
        workers=config.workers,
        blocking_threads=config.threads,
        backpressure=config.threads * 16,
        http=HTTPModes.auto,
        websockets=False,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=20,
        ssl_cert=Path(config.tls_certificate) if config.tls_certificate else None,
        ssl_key=Path(config.tls_key) if config.tls_key else None,
        factory=True,
    )
    server.serve()


def refuse_public_demo(config: Config, house: House) -> None:
    """The demo's accounts are known to everybody: it is served to this machine and private networks only."""
    demos = [site.name for site in house.sites if site.is_demo]
    try:
        address = ip_address(config.host)
    except ValueError:
        is_public = config.host not in {"localhost"}
    else:
        is_public = address.is_global or address.is_unspecified
    if demos and is_public:
        raise Misuse(
            f"the demo site {demos[0]} has accounts everybody knows and is not served on {config.host};"
            " listen on 127.0.0.1, or remove its file from the sites folder"
        )


@click.command("worker")
@click.option("--threads", type=click.IntRange(1, 32), default=2, show_default=True, help="Jobs at once.")
@pass_house
@plainly
def work(house: House, /, threads: int) -> None:
    """Do the background work of all sites until stopped."""
    set_up_logs(house.config)
    create_app(house.config, house.sites)
    settle()
    worker = Worker(house.sites, threads=threads)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    worker.start()
    click.echo("Working. Stop with Ctrl-C.", err=True)
    stopped.wait()
    worker.stop()
    sys.exit(0)


COMMANDS = (serve, work)
