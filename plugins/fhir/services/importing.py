"""Bringing files of FHIR resources in: each resource is one act, so that one that fails takes no other with it.

An import can be broken off and begun again at any time: what was read is remembered by source and content, files
read to their end by their digest. The same again changes nothing; a resource that says something new changes
the record it made before.
"""

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import peewee

from core import clock
from core.actors import Actor
from core.acts import act
from core.errors import Busy, Doomed, MedleyError, Refused, Unavailable
from core.hooks import collect
from core.storage.transactions import lost_connection
from core.texts import _
from plugins.fhir.hookspecs import Mapping
from plugins.fhir.models import Entry, File
from plugins.fhir.permissions import IMPORT
from plugins.fhir.services.files import Opened, Resource, files_in, opened

log = logging.getLogger("medley.fhir")
Progress = Callable[[int, int, str], None]
# By the type of resource and the profile it must name, "" for any.
Mappings = dict[tuple[str, str], Mapping]
MOST_FAILURES = 1000
# What a plugin's reading may trip over in a file that only looks like FHIR.
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)


class Rehearsed(MedleyError):
    """A dry run came to its end; the transaction is taken back."""

    def __init__(self, outcome: str, left_out: Sequence[str]) -> None:
        self.outcome = outcome
        self.left_out = left_out
        super().__init__(_("This was a dry run."))


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be brought in: which file, which entry there, and why."""

    file: str
    position: int | None
    resource: str
    why: str


@dataclass(slots=True)
class Report:
    """What an import did, or would do."""

    is_dry_run: bool = False
    files: int = 0
    files_known: int = 0
    loose: int = 0
    entries: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    unhandled: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)

    def fail(self, file: Path, resource: Resource | None, why: Any) -> None:
        """Note what could not be brought in."""
        self.outcomes["failed"] += 1
        if len(self.failures) < MOST_FAILURES:
            name, position = (resource.name, resource.position) if resource else ("", None)
            self.failures.append(Failure(str(file), position, name, str(why)))

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "dry_run": self.is_dry_run, "files": self.files, "files_known": self.files_known, "loose": self.loose,
            "entries": self.entries,
            **{name: self.outcomes[name] for name in ("created", "updated", "unchanged", "failed")},
            "unhandled": dict(self.unhandled.most_common()),
            "left_out": dict(self.left_out.most_common()),
            "failures": [
                {"file": one.file, "position": one.position, "resource": one.resource, "why": one.why}
                for one in self.failures
            ],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choices:
    """How an import goes. `source` keeps apart systems that use the same ids for different people."""

    is_dry_run: bool = False
    source: str = ""
    takes_loose: bool = False


def import_files(path: Path, by: Actor, choices: Choices | None = None, progress: Progress | None = None) -> Report:
    """Read every FHIR file under a path and hand each resource to the plugin that knows its type.

    Resources that stand alone in a file, outside any bundle, are taken only when the choices say so. Types nobody
    handles yet are counted, and so is what there is no place for here. Raises `Refused` when there is no such path.
    """
    by.require(IMPORT)
    choices = choices or Choices()
    collected = [one for one in collect.fhir_mappings() if isinstance(one, Mapping)]
    mappings = {(one.resource_type, str(getattr(one, "profile", ""))): one for one in collected}
    report = Report(is_dry_run=choices.is_dry_run)
    paths = files_in(path)
    for done, file in enumerate(paths, start=1):
        import_file(file, mappings, choices, report, by)
        if progress is not None:
            progress(done, len(paths), file.name)
    return report


def import_file(file: Path, mappings: Mappings, choices: Choices, report: Report, by: Actor) -> None:
    """Read one file to its end."""
    report.files += 1
    try:
        found = opened(file)
    except Refused as refusal:
        report.fail(file, None, refusal.message)
        return
    if not found.is_bundle and not choices.takes_loose:
        report.loose += 1
        return
    report.entries += len(found.resources)
    fitting = [(one, mapping_for(one, mappings)) for one in found.resources]
    report.unhandled.update(one.type or "?" for one, mapping in fitting if mapping is None)
    handled = [(one, mapping) for one, mapping in fitting if mapping is not None]
    digest = file_digest(found, mappings, choices)
    if handled and File.select(File.id).where(File.digest == digest).exists():
        report.files_known += 1
        report.outcomes["unchanged"] += len(handled)
        return
    before = report.outcomes["failed"] + report.left_out.total()
    for resource, mapping in handled:
        import_resource(file, resource, mapping, choices, report, by)
    is_whole = report.outcomes["failed"] + report.left_out.total() == before
    if handled and is_whole and not choices.is_dry_run:
        finish_file(digest, len(handled), by=by)


def mapping_for(resource: Resource, mappings: Mappings) -> Mapping | None:
    """What reads a resource: whoever knows a profile it names, else whoever reads every resource of its type."""
    meta = resource.content.get("meta")
    named = meta.get("profile") if isinstance(meta, dict) else None
    profiles = [one for one in named if isinstance(one, str)] if isinstance(named, list) else []
    return next((mappings[found] for one in (*profiles, "") if (found := (resource.type, one)) in mappings), None)


def import_resource(
    file: Path, resource: Resource, mapping: Mapping, choices: Choices, report: Report, by: Actor
) -> None:
    """Bring one resource in, or note why not. A database that went away ends the import; the next one goes on."""
    try:
        outcome, *left_out = carried_in(resource, mapping, choices, by)
        report.outcomes[outcome] += 1
        report.left_out.update(f"{resource.type} {words}" for words in left_out)
    except (Busy, Unavailable):
        raise
    except MedleyError as refusal:
        report.fail(file, resource, " ".join(reasons(refusal)))
    except peewee.PeeweeException as refusal:
        if lost_connection(refusal):
            raise Unavailable from refusal
        report.fail(file, resource, _("The database refused it: %(why)s", why=type(refusal).__name__))
    except UNREADABLE as unreadable:
        log.warning("a %s could not be read: %s", resource.type, type(unreadable).__name__, exc_info=unreadable)
        report.fail(file, resource, _("It is not written as FHIR R4 says."))


def carried_in(resource: Resource, mapping: Mapping, choices: Choices, by: Actor) -> Sequence[str]:
    """What became of a resource, and what of it could not be kept; one that says what it said before is not touched."""
    key = source_key(resource, choices)
    digest = hashlib.sha256(orjson.dumps(resource.content, option=orjson.OPT_SORT_KEYS)).hexdigest()
    known = Entry.get_or_none(Entry.source_key == key)
    if known is not None and known.digest == digest:
        return ("unchanged",)
    try:
        found: Sequence[str] = import_entry(mapping, resource, Origin(key, digest), choices.is_dry_run, by=by)
    except Rehearsed as rehearsed:
        return rehearsed.outcome, *rehearsed.left_out
    return found


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a resource came from and what it held, as digests."""

    key: str
    digest: str


@act("fhir.import", permission=IMPORT)
def import_entry(mapping: Mapping, resource: Resource, origin: Origin, is_dry_run: bool, by: Actor) -> Sequence[str]:
    """Read one resource, and remember which record it became. One that was not kept whole is read again next time."""
    known = Entry.get_or_none(Entry.source_key == origin.key)
    uid, outcome, *left_out = mapping.read(resource.content, known.record_uid if known else "", by)
    if is_dry_run:
        raise Rehearsed(outcome, left_out)
    entry = known or Entry(source_key=origin.key, resource_type=resource.type)
    entry.digest = "" if left_out else origin.digest
    entry.record_uid = uid
    entry.read_at = clock.now()
    entry.save()
    return outcome, *left_out


@act("fhir.finish_file", permission=IMPORT)
def finish_file(digest: str, count: int, by: Actor) -> None:
    """Remember that a file was read to its end."""
    if not File.select(File.id).where(File.digest == digest).exists():
        File.create(digest=digest, counts=str(count), read_at=clock.now())


def source_key(resource: Resource, choices: Choices) -> str:
    """What is the same for the same resource of the same source: its own address on a server, else type and id."""
    is_address = resource.address.startswith(("http://", "https://"))
    identity = resource.content.get("id") or resource.address
    if not isinstance(identity, str) or not identity:
        # Nameless: its content is all there is to know it by.
        identity = hashlib.sha256(orjson.dumps(resource.content, option=orjson.OPT_SORT_KEYS)).hexdigest()
    name = resource.address if is_address else f"{resource.type}/{identity}"
    return hashlib.sha256(f"{choices.source}\n{name}".encode("utf-8", "surrogatepass")).hexdigest()


def file_digest(found: Opened, mappings: Mappings, choices: Choices) -> str:
    """A file as read with what can be read today: when more types are handled it is read again."""
    handled = ",".join(sorted(f"{kind}|{profile}" if profile else kind for kind, profile in mappings))
    return hashlib.sha256(f"{choices.source}\n{handled}\n{found.digest}".encode()).hexdigest()


def reasons(refusal: MedleyError) -> Iterator[str]:
    """What a refusal says, with the fields it names."""
    fields: dict[str, Any] = getattr(refusal, "fields", {})
    if isinstance(refusal, Doomed):
        yield str(_("The database refused it."))
        return
    yield from (f"{name}: {words}" for name, words in fields.items())
    if not fields:
        yield str(refusal.message)
