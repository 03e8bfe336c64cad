"""Declarations as such."""

from core.screens.nouns import GRANTS, PEOPLE, PLACES, RESOURCES, ROLES
from plugins.patients.resources import PATIENTS


def test_each_noun_is_itself_and_no_other():
    nouns = (*RESOURCES, PATIENTS)
    assert len(set(nouns)) == len(nouns)
    assert PEOPLE != ROLES != GRANTS != PLACES
    assert len({noun.name for noun in nouns}) == len(nouns)


def test_lists_of_different_nouns_never_share_a_statement(store):
    admin = store.visitor("administrator")
    for _twice in range(2):
        for path, there, elsewhere in (
            ("/people", "storekeeper person", "Storekeeper</bdi></a>"),
            ("/roles", "Storekeeper", "storekeeper person"),
            ("/grants", "storekeeper person", "Nothing here yet"),
            ("/equipment/", "Nothing here yet", "storekeeper person"),
        ):
            page = admin.get(path).text
            body = page.partition("<main")[2].partition("</main>")[0]
            assert there in body and elsewhere not in body, path
