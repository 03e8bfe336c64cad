"""The files of a record: sent, looked at, saved, taken away."""

from functools import partial
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from core.actors import Actor
from core.errors import Refused
from core.resources.attachments import attach_file, attachments_of, disclose_file, file_of, may_attach, retire_file
from core.resources.declaring import Resource
from core.resources.writing import visible_record
from core.storage import receive
from core.texts import _
from core.web import MedleyBlueprint, current_actor, go, toast
from core.web.sending import SHOWN, sent_file


def add(blueprint: MedleyBlueprint, resource: Resource) -> None:
    """Where files are sent, and where they are fetched."""
    if "show" not in resource.doors:
        return
    path = f"/{resource.path}/<uid>/files" if resource.path else "/<uid>/files"
    permission = resource.acts.permission_to("edit") if resource.acts.edit is not None else ""

    def page(verb: str, asks: str) -> dict[str, Any]:
        return {"permission": asks, "endpoint": resource.page(verb)}

    blueprint.get(f"{path}/<file_uid>", **page("file", resource.may_view))(partial(fetch, resource))
    if permission:
        blueprint.post(path, **page("file_add", permission))(partial(send, resource))
        blueprint.post(f"{path}/<file_uid>/retire", **page("file_retire", permission))(partial(take_away, resource))


def attachments_panel(resource: Resource, record: Any, by: Actor) -> dict[str, Any]:
    """What `core/_attachments.html` shows of a record: its files, and where they are sent."""
    files = [
        {
            "name": one.name,
            "size": one.size,
            "at": one.created_at,
            "is_picture": one.media_type in SHOWN,
            "url": url_for(resource.endpoint("file"), uid=record.uid, file_uid=one.uid),
            "retire_url": url_for(resource.endpoint("file_retire"), uid=record.uid, file_uid=one.uid)
            if may_attach(resource, record, by)
            else "",
        }
        for one in attachments_of(record)
    ]
    add_url = url_for(resource.endpoint("file_add"), uid=record.uid) if may_attach(resource, record, by) else ""
    return {"files": files, "add_url": add_url}


def send(resource: Resource, uid: str) -> Response:
    """Keep a file with the record."""
    by = current_actor()
    record = visible_record(resource, uid, by)
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Refused(_("Choose a file."))
    upload = receive(sent.filename, sent.stream)  # type: ignore[arg-type]  # a file, to all intents
    attach_file(resource, record, upload, by=by)
    return toast(go(resource.endpoint("show"), uid=uid), _("The file is kept."))


def fetch(resource: Resource, uid: str, file_uid: str) -> Response:
    """A file: shown in its place when it is a picture, saved otherwise."""
    record = visible_record(resource, uid, current_actor())
    file = file_of(record, file_uid)
    disclose_file(resource, record)
    return sent_file(file.open(), file.name, file.media_type, file.size, is_shown=request.args.get("shown") == "y")


def take_away(resource: Resource, uid: str, file_uid: str) -> Response:
    """Take a file away from the record."""
    by = current_actor()
    record = visible_record(resource, uid, by)
    retire_file(resource, record, file_of(record, file_uid), by=by)
    return toast(go(resource.endpoint("show"), uid=uid), _("The file is taken away."))
