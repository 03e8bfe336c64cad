"""What every test may ask for: private database servers (`tests/servers.py`) and a hospital (`tests/hospital.py`)."""

pytest_plugins = ["tests.servers", "tests.hospital"]
