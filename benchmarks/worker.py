"""A worker in a process of its own that looks after every site of the installation named in the environment."""

import os
import sys

from benchmarks import house
from core.app import install_keys, install_plugins
from core.config import Config
from core.jobs import Worker
from core.sites import SiteDirectory

if __name__ == "__main__":
    config = Config.load(None, os.environ)
    install_plugins()
    install_keys(config)
    assert house.knock  # its job is known here
    sys.exit(0 if Worker(SiteDirectory(config)).run_forever() else 1)
