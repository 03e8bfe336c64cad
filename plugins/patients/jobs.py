"""The register's jobs: each is declared beside the act that needs it, and gathered here for the house."""

from plugins.patients.services.counting import count_all
from plugins.patients.services.merging.acts import carry_on, sweep_merges
from plugins.patients.services.reindexing import check_index, reindex
from plugins.patients.services.telling import go_through

__all__ = ["carry_on", "check_index", "count_all", "go_through", "reindex", "sweep_merges"]
