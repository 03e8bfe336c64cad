"""What every test may ask for: private database servers (`tests/servers.py`)."""

pytest_plugins = ["tests.servers"]
