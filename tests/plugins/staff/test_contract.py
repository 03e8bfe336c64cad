"""The staff keeps the contract every plugin keeps."""

from core.testing import PluginContract


class TestContract(PluginContract):
    """The contract's own checks."""

    plugin = "staff"
