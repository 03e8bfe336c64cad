"""What tests stand on, ours and vendors': sites on any engine, people with roles, and the contract of plugins."""

from core.testing.contract import PluginContract, examine
from core.testing.house import House, Visitor, house_of

__all__ = ["House", "PluginContract", "Visitor", "examine", "house_of"]
