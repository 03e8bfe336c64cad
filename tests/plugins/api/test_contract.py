"""The door for programs keeps the contract every plugin keeps."""

from core.testing import PluginContract


class TestContract(PluginContract):
    """The contract's own checks."""

    plugin = "api"
