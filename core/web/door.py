"""One door for every request: which hospital, who, which plugin, what permission.

It costs one statement: session, user, grants and revision come together, and what hangs on the revision is
remembered. A route of a plugin that is off is 404, as if it had never been written.
"""

import hmac
import ipaddress
import secrets
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from flask import Flask, Request, redirect, request, url_for
from werkzeug.wrappers import Response

from core.errors import Forbidden, NotFound, NotSignedIn, Refused, Unavailable
from core.registry import settle_faults
from core.roles import actor_for
from core.roles.rights import must_enrol
from core.sites import Activation, Site, SiteDirectory, current_site, is_active
from core.storage.journal.reads import flush_reads
from core.storage.journal.writer import note_refusal
from core.texts import _, reading
from core.users.door import DoorAnswer, load_door
from core.users.keys import load_key
from core.users.sessions import seen
from core.web.blueprint import OPEN, RouteSpec
from core.web.request import SESSION_COOKIE, VISIT_COOKIE, asked, cookie_name, facts_of_answer, set_cookie

WITHOUT_SITE = frozenset({"static", "healthz", "readyz", "version"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Where somebody who must set up a second factor, or change a password, may still go.
ALWAYS_REACHABLE = frozenset({"core.sign_out", "core.second_factor", "core.recovery_codes", "core.change_password"})
# A session that its owner's PIN may open again.
WAITING = frozenset({"locked", "idle"})
# Ends of a session that are worth a word at the next sign-in.
TOLD = frozenset({"idle", "expired", "ended"})


class Door:
    """Stands before every view of an application."""

    def __init__(self, app: Flask, directory: SiteDirectory, routes: Mapping[str, RouteSpec]) -> None:
        self.directory = directory
        self.routes = routes
        app.before_request(self.open)
        app.after_request(self.before_leaving)
        app.teardown_request(self.close)

    def open(self) -> Response | None:
        """Let a request in, send it to sign in, or refuse it."""
        request, facts = asked(), facts_of_answer()
        facts["request_id"] = secrets.token_hex(8)
        endpoint = request.endpoint
        if endpoint in WITHOUT_SITE:
            return None
        site = self.directory.by_host(request.host)
        if site is None or (site.is_demo and not is_near(request.remote_addr)):
            raise NotFound(_("No hospital is served under this address."))
        route = self.routes.get(endpoint or "")
        activation = enter(site, request, facts, route.door if route is not None else "web")
        answer = facts["door"] = who_asks(route, activation, request)
        if not answer.revision:
            raise Unavailable(_("This hospital is not set up yet. Run “medley upgrade”."))
        activation.know(answer.revision)
        activation.actor = actor_for(answer, activation.state)
        speak(site, answer, facts)
        if route is None:
            raise NotFound
        refuse_switched_off(route, activation)
        if route.keys is not None and not answer.is_signed_in:
            raise NotSignedIn(answer.why_not)
        if answer.key is not None:
            activation.source = f"{activation.source} {answer.key.hint}"
        elif request.method not in SAFE_METHODS:
            refuse_forged(site)
        if route.slides and answer.is_signed_in:
            seen(answer)
        return self.admit(route, activation, answer)

    @staticmethod
    def admit(route: RouteSpec, activation: Activation, answer: DoorAnswer) -> Response | None:
        """Check the permission; somebody not signed in is sent to do so first."""
        if route.permission == OPEN:
            return None
        if not answer.is_signed_in:
            if answer.why_not == "second_factor":
                return redirect(url_for("core.sign_in_code"))
            if wants_json():
                return Response(status=401)
            wanted = request.full_path.rstrip("?") if request.method == "GET" else None
            if answer.why_not in WAITING:
                return redirect(url_for("core.locked", next=wanted or None))
            why = answer.why_not if answer.why_not in TOLD else None
            target = url_for("core.sign_in", next=wanted if wanted and wanted != "/" else None, why=why)
            return redirect(target)
        first = to_do_first(answer, activation) if route.endpoint not in ALWAYS_REACHABLE else ""
        if first and route.keys is not None:
            raise NotSignedIn("unfinished", _("Sign in on a page and do what is asked there first."))
        if first:
            return redirect(url_for(first))
        try:
            activation.actor.require(route.permission)
        except Forbidden:
            note_refusal(route.endpoint, route.permission)
            raise
        return None

    @staticmethod
    def before_leaving(response: Response) -> Response:
        """Nothing leaves before it is written down who was shown whom."""
        facts = facts_of_answer()
        if "lease" in facts and is_active():
            flush_reads()
            if "visit" in facts:
                set_cookie(response, VISIT_COOKIE, facts["visit"], request.is_secure)
        return response

    @staticmethod
    def close(_failure: BaseException | None = None) -> None:
        """Leave the hospital: count faults, give the connection back."""
        facts = facts_of_answer()
        lease: AbstractContextManager[Activation] | None = facts.pop("lease", None)
        language: AbstractContextManager[None] | None = facts.pop("language", None)
        if language is not None:
            language.__exit__(None, None, None)
        if lease is not None:
            try:
                settle_faults()
            finally:
                lease.__exit__(None, None, None)


def who_asks(route: RouteSpec | None, activation: Activation, request: Request) -> DoorAnswer:
    """Who asks: whoever a key belongs to, where the route takes keys and one is shown, else who is signed in.

    Keys lie in a table of the plugin, so nobody looks there before the plugin is known to be on.
    """
    if route is None or route.keys is None or "Authorization" not in request.headers:
        return load_door(request.cookies.get(cookie_name(SESSION_COOKIE, request.is_secure)))
    plugin = route.endpoint.partition(".")[0]
    if not activation.site.knows_plugin(plugin):
        answer = load_door(None)
        if answer.revision:
            activation.know(answer.revision)
        if not activation.site.knows_plugin(plugin):
            return answer
    shown = request.authorization
    is_key = shown is not None and shown.type == "bearer"
    return load_key(route.keys, (shown.token if shown is not None and is_key else "") or "", request.remote_addr or "")


def to_do_first(answer: DoorAnswer, activation: Activation) -> str:
    """The page somebody must see before anything else opens, or ""."""
    if answer.must_change_password:
        return "core.change_password"
    return "core.second_factor" if must_enrol(answer, activation.state) else ""


def enter(site: Site, request: Request, facts: dict[str, Any], door: str = "web") -> Activation:
    """Serve this site until the request ends."""
    lease = site.activate(door=door, source=request.remote_addr or "", request_id=facts["request_id"])
    activation = lease.__enter__()
    facts["lease"] = lease
    return activation


def speak(site: Site, answer: DoorAnswer, facts: dict[str, Any]) -> None:
    """Translate for the reader: their own language, else the site's."""
    language = reading(answer.locale or site.locale)
    language.__enter__()
    facts["language"] = language


def refuse_switched_off(route: RouteSpec, activation: Activation) -> None:
    """A plugin that is off is not there; one that waits for its upgrade says so."""
    plugin = route.endpoint.partition(".")[0]
    if plugin == "core":
        return
    if plugin not in activation.state.enabled:
        raise NotFound
    if plugin in activation.state.waiting:
        raise Unavailable(_("This part of the hospital waits for its upgrade. The administrator can finish it."))


def wants_json() -> bool:
    """Whether a script asked, and not a person."""
    return request.accept_mimetypes.best == "application/json" or request.headers.get("X-CSRF-Token") is not None


def is_near(address: str | None) -> bool:
    """Whether a request comes from this machine or a private network; a demo serves no one else."""
    try:
        asking = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    mapped = asking.ipv4_mapped if isinstance(asking, ipaddress.IPv6Address) else None
    return (mapped or asking).is_private


def csrf_token() -> str:
    """The token of this visitor's forms: bound to the site's key and to the session, or to the visit before one."""
    facts = facts_of_answer()
    found: str | None = facts.get("csrf")
    if found is None:
        found = facts["csrf"] = new_csrf_token(facts)
    return found


def new_csrf_token(facts: dict[str, Any]) -> str:
    """Work the token out, once for each request."""
    request = asked()
    session = request.cookies.get(cookie_name(SESSION_COOKIE, request.is_secure))
    door: DoorAnswer | None = facts.get("door")
    if session is None or door is None or not door.is_signed_in:
        visit = facts.get("visit") or request.cookies.get(cookie_name(VISIT_COOKIE, request.is_secure))
        if visit is None:
            visit = facts["visit"] = secrets.token_urlsafe(24)
        session = f"visit:{visit}"
    return hmac.digest(current_site().derive("csrf"), session.encode(), "sha256").hex()


def refuse_forged(site: Site) -> None:
    """A form must carry the token of its session, and come from a page of this very host."""
    origin = request.headers.get("Origin")
    if origin is not None and origin != "null" and origin.split("://", 1)[-1] != request.host:
        raise Refused(_("This form was sent from another site, so nothing was done."))
    sent = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    if not hmac.compare_digest(sent.encode("utf-8", "replace"), csrf_token().encode()):
        raise FormTooOld


class FormTooOld(Refused):
    """The session a form belonged to is over."""

    def __init__(self) -> None:
        super().__init__(
            _("This page was open too long, or in another session. Go back, load it again and send it once more.")
        )


def request_facts() -> dict[str, Any]:
    """Name, value pairs of the form held back, for pages that send it again. Secrets are left out."""
    hidden = {"csrf_token", "password", "new_password", "repeat_password", "old_password", "code"}
    return {"fields": [(name, value) for name, value in request.form.items(multi=True) if name not in hidden]}
