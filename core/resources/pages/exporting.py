"""The page a list is taken out from: which columns, what kind of file; large ones are fetched when they are ready."""

from functools import partial
from typing import Any

from flask import Response as FlaskResponse
from flask import request, url_for
from werkzeug.wrappers import Response

from core.errors import NotFound, Refused
from core.jobs import job_progress
from core.resources.catalogue import readable
from core.resources.declaring import Resource
from core.resources.exporting.services import (
    ask_for_export,
    begin_export,
    drop_preset,
    export_of,
    preset_of,
    presets_for,
    save_preset,
)
from core.resources.exporting.taking_out import (
    UID,
    Order,
    count_until,
    is_small,
    order_of,
    permission_to_export,
    pieces,
    xlsx_bytes,
)
from core.resources.files import CSV_TYPE
from core.resources.finding import EXACT_UNTIL, query_of
from core.resources.narrowing import Narrowing, narrowing_of
from core.resources.pages.addresses import list_url
from core.resources.pages.viewing import sent_list
from core.storage.files import passing_file
from core.storage.journal.writer import note
from core.texts import _
from core.web import MedleyBlueprint, current_actor, go, render, streamed, toast
from core.web.filters import number
from core.web.sending import sent_file

SHAPES = (
    ("xlsx", _("Excel"), _("For reading and counting on.")),
    ("csv", _("CSV"), _("For other programs.")),
    ("excel_csv", _("CSV for Excel"), _("Marked, so that Excel reads every letter right.")),
)


def add(blueprint: MedleyBlueprint, resource: Resource) -> None:
    """The page, where it is sent, and where a file is fetched."""
    if not {"list", "export"} <= resource.doors:
        return
    path = f"/{resource.path}" if resource.path else ""

    def page(verb: str) -> dict[str, Any]:
        return {"permission": permission_to_export(resource), "endpoint": resource.page(verb)}

    blueprint.get(f"{path}/export", **page("export"))(partial(ask, resource))
    blueprint.post(f"{path}/export", **page("export_send"))(partial(send, resource))
    blueprint.post(f"{path}/export/presets/<preset_uid>/drop", **page("export_drop"))(partial(drop, resource))
    blueprint.get(f"{path}/export/<export_uid>", **page("export_show"))(partial(show, resource))
    blueprint.get(f"{path}/export/<export_uid>/file", **page("export_file"))(partial(fetch, resource))


def ask(resource: Resource) -> str:
    """Which columns, and what kind of file."""
    by = current_actor()
    by.require(resource.may_view)
    narrowing = narrowing_of(resource, request.args, by)
    preset = preset_of(resource, request.args.get("preset", ""), by)
    chosen = list(preset.columns) if preset is not None else list(narrowing.columns)
    return asking(resource, narrowing, chosen, preset)


def asking(resource: Resource, narrowing: Narrowing, chosen: list[str], preset: Any, complaint: Any = None) -> str:
    """The page, with what was chosen."""
    by = current_actor()
    known = readable(resource, by)
    ordered = [name for name in chosen if name in known] + [name for name in known if name not in chosen]
    found = count_until(query_of(resource, narrowing, by), EXACT_UNTIL + 1)
    presets = [
        {
            "label": one.title, "current": preset is not None and one.uid == preset.uid, "uid": one.uid,
            "url": list_url(resource, narrowing, by, "export", preset=one.uid),
        }
        for one in presets_for(resource, by)
    ]  # fmt: skip
    return render(
        "core/resource_export.html",
        resource=resource,
        count=number(min(found, EXACT_UNTIL)) + ("+" if found > EXACT_UNTIL else ""),
        state=list_url(resource, narrowing, by).partition("?")[2],
        back=list_url(resource, narrowing, by),
        columns=[
            *((name, known[name].label, name in chosen) for name in ordered),
            *((one.name, one.title, one.name in chosen) for one in resource.lines),
        ],
        with_uid=UID in chosen,
        shapes=SHAPES,
        presets=presets,
        preset=preset,
        complaint=complaint,
    )


def send(resource: Resource) -> Any:
    """Send the file at once when it is small, and let it be written when it is not."""
    by = current_actor()
    narrowing = sent_list(resource)
    columns = request.form.getlist("column")[:200]
    if request.form.get("keep") == "y":
        preset = save_preset(
            resource, request.form.get("title", ""), columns, request.form.get("is_shared") == "y", by=by
        )
        return toast(go_to(list_url(resource, narrowing, by, "export", preset=preset.uid)), _("The columns are kept."))
    if not columns:
        words = _("Choose at least one column.")
        return asking(resource, narrowing, [], None, words), Refused.status
    order = order_of(resource, narrowing, columns, request.form.get("file_format", ""), by)
    if not is_small(order):
        export = ask_for_export(order, by=by)
        return go(resource.endpoint("export_show"), export_uid=export.uid)
    begin_export(order, by=by)
    return named(at_once(order), order)


def go_to(url: str) -> Response:
    """Send the reader on to an address of the house."""
    return FlaskResponse(status=303, headers={"Location": url})


def at_once(order: Order) -> Response:
    """The file as the answer."""
    if order.media_type == CSV_TYPE:
        return streamed(pieces(order), CSV_TYPE)
    return FlaskResponse(xlsx_bytes(order), mimetype=order.media_type)


def named(response: Response, order: Order) -> Response:
    """The same with its name, for saving."""
    response.headers["Content-Disposition"] = f'attachment; filename="{order.file_name}"'
    return response


def drop(resource: Resource, preset_uid: str) -> Response:
    """Take kept columns away."""
    by = current_actor()
    preset = preset_of(resource, preset_uid, by)
    if preset is None:
        raise NotFound
    drop_preset(preset, by=by)
    return toast(go(resource.endpoint("export")), _("The columns are taken away."))


def show(resource: Resource, export_uid: str) -> str:
    """How far a large export is, and where its file is fetched."""
    by = current_actor()
    export = export_of(resource, export_uid, by)
    line = job_progress(export.job_uid, by) if not export.file_uid else None
    file = passing_file(export.file_uid, by.uid) if export.file_uid else None
    return render(
        "core/resource_export_show.html",
        resource=resource,
        export=export,
        line=line,
        file=file,
        back=url_for(resource.endpoint("list")),
    )


def fetch(resource: Resource, export_uid: str) -> Response:
    """The file, for whoever asked for it, as long as they may take the list out."""
    by = current_actor()
    by.require(resource.may_view)
    export = export_of(resource, export_uid, by)
    file = passing_file(export.file_uid, by.uid)
    note("core.fetch_export", reason=f"{resource.name} {export.uid}", by=by)
    return sent_file(file.open(), file.name, file.media_type, file.size)
