"""Called while a page is put together."""

from typing import Any

from core.contributions import Contribution, NavItem, PaletteSource, Panel
from core.hooks import contribution


@contribution(NavItem)
def navigation() -> list[NavItem]:  # type: ignore[empty-body]
    """Lines for the navigation, one list for all people: each line names the permission that shows it.

    Called by `core.web.shell`, once for each revision of a site. May: a plugin that fails has no lines.

        @hookimpl()
        def navigation():
            return [NavItem(label=_("Patients"), endpoint="patients.index", icon="people",
                            group="patients", permission="patients.view")]
    """


@contribution(PaletteSource)
def palette_sources() -> list[PaletteSource]:  # type: ignore[empty-body]
    """Where Ctrl+K looks. Each source searches by the rights of the one who asks.

    Called by `core.screens.palette`. May: a plugin that fails is left out.

        @hookimpl()
        def palette_sources():
            return [PaletteSource(title=_("Patients"), permission="patients.view", search=find_for_palette)]
    """


@contribution(Panel)
def home_cards(by: Any) -> list[Panel]:  # type: ignore[empty-body]
    """Boxes for the first page after signing in.

    Called by `core.screens.home`. May: a card that fails is left out.

        @hookimpl()
        def home_cards(by):
            return [Panel(template="patients/panels/home.html", title=_("Patients"), permission="patients.view")]
    """


@contribution(Panel)
def record_panels(resource: Any, record: Any) -> list[Panel]:  # type: ignore[empty-body]
    """Boxes on the page of a record of any noun; `resource` says of which.

    Called by `core.resources` for the page of a record. May: a panel that fails becomes a small box.

        @hookimpl()
        def record_panels(resource, record):
            if resource.name == "equipment.device":
                return [Panel(template="stock/panels/parts.html", title=_("Spare parts"), permission="stock.view")]
            return []
    """


@contribution(Contribution)
def resources() -> list[Contribution]:  # type: ignore[empty-body]
    """The nouns a plugin declares, each a `core.resources.Resource`: how it is listed, shown, asked for and written.

    Called by `core.resources`, once for each revision of a site, for lists of nouns: the API, the palette, custom
    fields. Their pages are registered with the plugin's own, by `serve`. May: a plugin that fails is left out.

        @hookimpl()
        def resources():
            return RESOURCES
    """
