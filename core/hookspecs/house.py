"""Called when the house itself changes."""

from typing import Any

from core.contributions import DemoData
from core.hooks import announcement, contribution


@announcement()
def plugin_switched(name: str, is_on: bool, by: Any) -> None:
    """A plugin was switched on or off at this site.

    Called by `core.registry.switching` inside the act that switches. May.

        @hookimpl()
        def plugin_switched(name, is_on, by):
            ...
    """


@contribution(DemoData)
def demo_data() -> list[DemoData]:  # type: ignore[empty-body]
    """Parts of the demo hospital, filled in order. All of it is invented, and says so.

    Called by `medley demo`. May: a part that fails is reported and left out.

        @hookimpl()
        def demo_data():
            return [DemoData(title=_("Patients"), load=load_patients, order=20)]
    """
