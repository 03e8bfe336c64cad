"""The site's own fields in a form its plugin wrote by hand: two lines of the view, one of the page.

    form = with_custom(RegistrationForm, PATIENTS, by, "create")()
    ...
    patient = write_with_custom(
        PATIENTS, "create", form, facts=form.details(), by=by, idempotency_key=form.key,
        write=lambda: register_patient(form.details(), by=by),
    )

and `{{ custom_fields(form) }}` from `core/_custom.html` where they belong.
"""

from collections.abc import Callable
from typing import Any

from core.actors import Actor
from core.acts import act
from core.errors import Words
from core.resources.catalogue import asked_here, facts_here, sections_here
from core.resources.custom.acting import Waiting, beside, refuse_unfit, refusing_taken, stored
from core.resources.custom.here import here
from core.resources.declaring import Resource
from core.resources.forms import as_asked, asked
from core.resources.writing import conflicts_in_words, values_of
from core.sites import current
from core.storage import Model
from core.texts import reader_locale
from core.web import MedleyForm


class CustomPart(MedleyForm):
    """What a form gains by `with_custom`."""

    custom_names: tuple[str, ...] = ()
    custom_of: Resource

    def custom_values(self) -> dict[str, Any]:
        """What was answered in the site's own fields."""
        facts: dict[str, Any] = facts_here(self.custom_of)
        return {name: facts[name].kind.answer(self[name]) for name in self.custom_names}

    def custom_groups(self) -> list[tuple[Words, list[tuple[str, int, bool]]]]:
        """Sections with the site's own fields: (title, [(name, span, must be filled)])."""
        facts = facts_here(self.custom_of)
        found = []
        for part in sections_here(self.custom_of, in_form=True):
            names = [(name, facts[name].span, facts[name].required) for name in part.facts if name in self.custom_names]
            found += [(part.title, names)] if names else []
        return found


def with_custom(form: type[MedleyForm], resource: Resource, by: Actor, verb: str = "edit") -> type[Any]:
    """The form with a field for each of the site's own that this actor is asked; made once for each revision."""
    kept: dict[Any, type[Any]] = current().state.keep("core.resources.parts", dict)
    own = here(resource).custom
    facts = {name: fact for name, fact in asked_here(resource, by, verb).items() if name in own}
    key = (form, resource.name, verb, tuple(facts), reader_locale())
    if key not in kept:
        fields: dict[str, Any] = {name: asked(fact) for name, fact in facts.items()}
        parts = {"custom_names": tuple(facts), "custom_of": resource}
        kept[key] = type(form.__name__, (CustomPart, form), {**fields, **parts})
    return kept[key]


def custom_data(resource: Resource, record: Any, by: Actor) -> dict[str, Any]:
    """What a record says in the site's own fields, as a form's `data` takes it."""
    names = tuple(name for name in asked_here(resource, by) if name in here(resource).custom)
    return as_asked(resource, values_of(resource, record, names))


def write_with_custom(
    resource: Resource,
    verb: str,
    form: Any,
    *,
    facts: Any,
    write: Callable[[], Model],
    by: Actor,
    record: Model | None = None,
    idempotency_key: str | None = None,
) -> Model:
    """Call the noun's own act with the site's own values beside it: all of it is stored, or nothing.

    `write` calls the act without the key; the key is bound here, to `facts` and the custom values together. A
    `Conflict` names the site's own fields by their titles, and only those the reader may know.
    """
    custom = form.custom_values()

    @act(f"{resource.plugin}.{verb}_{resource.noun}_on_its_page", permission=resource.acts.permission_to(verb))
    def on_its_page(facts: Any, custom: dict[str, Any], by: Actor) -> Model:
        """Write a record with fields of the site's own."""
        known = here(resource).custom
        refuse_unfit(resource, known, custom, record)
        with beside(Waiting(resource.model, record.uid if record is not None else "", known, custom)) as waiting:
            made = write()
        return stored(made, waiting)

    with conflicts_in_words(resource):
        return refusing_taken(custom, lambda: on_its_page(facts, custom, by=by, idempotency_key=idempotency_key))
