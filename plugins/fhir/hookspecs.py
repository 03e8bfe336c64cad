"""What other plugins tell this door: which resources they can read."""

from typing import Any, Protocol, runtime_checkable

from core.actors import Actor
from core.contributions import Contribution
from core.hooks import contribution


@runtime_checkable
class Mapping(Protocol):
    """How one type of resource is read. A plugin that uses this door softly writes a record of its own with these.

    With a `profile` beside them it reads only those of its type that name it in `meta.profile`.
    """

    order: int
    key: str
    resource_type: str

    def read(self, resource: dict[str, Any], known_uid: str, by: Actor) -> tuple[str, ...]:
        """Store a resource; answers the uid of its record, "created", "updated" or "unchanged", and then in words each
        thing it says that can't be kept here. Those words are counted and shown, so they hold nothing personal.

        Called inside the act `fhir.import`, one resource at a time. `known_uid` is the record the same resource made
        at an earlier import, or "". Raises `Refused` for what can't be read; nothing of it is kept then.
        """
        ...


@contribution(Contribution)
def fhir_mappings() -> list[Contribution]:  # type: ignore[empty-body]
    """The resources a plugin reads, as records that keep the protocol `Mapping`.

    Called by `plugins.fhir.services.importing` at the beginning of an import. May: a plugin that fails is left out, and
    its resources are counted as not yet handled. Mark it `hookimpl(optional=True)` and name `fhir` in `uses`.

        @dataclass(frozen=True, slots=True, kw_only=True)
        class ObservationMapping(Contribution):
            resource_type: str = "Observation"

            def read(self, resource, known_uid, by):
                return record_observation(details_of(resource), by=by).uid, "created"

        @hookimpl(optional=True)
        def fhir_mappings():
            return [ObservationMapping()]
    """


@runtime_checkable
class Writing(Protocol):
    """How one type of resource is written out, for everybody it can be about."""

    order: int
    key: str
    resource_type: str

    def subject_of(self, named: str, by: Actor) -> str:
        """The uid of the person somebody names by number or uid, "" when this plugin keeps no register of people."""
        ...

    def write(self, subject_uid: str, by: Actor) -> list[dict[str, Any]]:
        """The resources about a person, each with its record's uid as `id`; `Mapping` reads them back."""
        ...


@contribution(Contribution)
def fhir_writings() -> list[Contribution]:  # type: ignore[empty-body]
    """The resources a plugin writes about a person, as records that keep the protocol `Writing`.

    Called by `plugins.fhir.services.exporting` for each person whose record is given out. May: a plugin that fails is
    left out, and the bundle says nothing of its resources. Mark it `hookimpl(optional=True)` and name `fhir` in `uses`.

        @dataclass(frozen=True, slots=True, kw_only=True)
        class ObservationWriting(Contribution):
            resource_type: str = "Observation"

            def subject_of(self, named, by):
                return ""

            def write(self, subject_uid, by):
                return [resource_of(one) for one in observations_of(subject_uid, by)]

        @hookimpl(optional=True)
        def fhir_writings():
            return [ObservationWriting()]
    """
