"""The migration makes the very tables the models of users, roles and places describe."""

from core.places import models as place_models
from core.roles import models as role_models
from core.sites import Site
from core.storage import all_tables
from core.storage.migrations import drift
from core.users import models as user_models

MODULES = {place_models.__name__, role_models.__name__, user_models.__name__}


def test_tables_and_models_agree(each_site: Site) -> None:
    models = [model for model in all_tables().values() if model.__module__ in MODULES]
    assert len(models) == 16
    assert drift(models) == []
